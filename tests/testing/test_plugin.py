"""The plugin: light, and at home in any folder, in several processes, and where nothing is."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

from .conftest import ROOT, Run, failures

TEST = """
from laban.testing import assert_state


def test_paid(laban_log):
    assert_state(laban_log("orders.jsonl"), "/order-17/status", "paid")


def test_inline(laban_log):
    log = laban_log([{"stream": "s", "type": "t", "data": {"x": 1}}])
    assert_state(log, "/s/x", 1)


def test_empty(laban_log):
    assert laban_log().head() == 0


def test_wrong(laban_log):
    assert_state(laban_log("orders.jsonl"), "/order-17/status", "sent")


def test_lost(laban_log):
    laban_log("gone.jsonl")
"""


def modules_loaded_by(code: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys; print(*sys.modules)"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return set(done.stdout.split())


def written(folder: Path) -> Path:
    folder.mkdir()
    (folder / "test_orders.py").write_text(TEST)
    (folder / "orders.jsonl").write_text(
        '{"stream": "order-17", "type": "paid", "id": "e1", "data": {"status": "paid"}}\n'
    )
    return folder


def test_the_plugin_is_declared_and_loads_nothing_but_itself() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    name = project["entry-points"]["pytest11"]["laban"]

    loaded = modules_loaded_by(f"import pytest, {name}") - modules_loaded_by("import pytest")

    assert import_module(name).laban_log
    assert {each for each in loaded if each.partition(".")[0] not in sys.stdlib_module_names} == {
        "laban", "laban.testing", "laban.testing.plugin"
    }  # fmt: skip


def test_logs_are_found_beside_the_test_from_any_folder_and_in_several_processes(
    tmp_path: Path, run_pytest: Run
) -> None:
    folder = written(tmp_path / "orders")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    alone = run_pytest(str(folder), cwd=elsewhere)
    shared = run_pytest("-p", "xdist", "-n", "2", str(folder), cwd=elsewhere)

    for done in (alone, shared):
        assert "3 passed" in done.stdout
        assert "2 failed" in done.stdout
        assert 'AssertionError: /order-17/status is "paid", expected "sent".' in done.stdout


def test_tests_in_a_folder_that_is_read_only_write_nothing_there(
    tmp_path: Path, run_pytest: Run
) -> None:
    folder = written(tmp_path / "orders")
    before = sorted(folder.iterdir())
    folder.chmod(0o555)

    try:
        done = run_pytest("-p", "no:cacheprovider", str(folder), "-k", "paid")
        assert done.returncode == 0, done.stdout
        assert [path for path in sorted(folder.iterdir()) if path.name != "__pycache__"] == before
    finally:
        folder.chmod(0o755)


def test_a_failure_shows_the_test_and_what_is_wrong_and_no_line_of_ours(
    tmp_path: Path, run_pytest: Run
) -> None:
    folder = written(tmp_path / "orders")

    shown = run_pytest("-p", "no:cacheprovider", str(folder), "-k", "wrong or lost").stdout

    assert failures(shown) == [
        'AssertionError: /order-17/status is "paid", expected "sent".',
        "",
        '@1  unknown  paid  {"status": "paid"}',
        "laban.store.importers.source.SourceError: There is no file "
        f"{folder / 'gone.jsonl'}: check the name.",
    ]
    assert "def find" not in shown
    assert max(map(len, shown.splitlines()[:12])) <= 80


GRAPH = """
from typing import TypedDict

from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph

from laban.testing import assert_never


class State(TypedDict):
    budget: int


def spend(state):
    return {"budget": state["budget"] - 60}


def test_the_budget_holds(tmp_path):
    graph = StateGraph(State).add_node("spend", spend).add_node("again", spend)
    graph.add_edge(START, "spend").add_edge("spend", "again").add_edge("again", END)
    with SqliteSaver.from_conn_string(str(tmp_path / "run.sqlite")) as saver:
        thread = {"configurable": {"thread_id": "alpha"}}
        graph.compile(checkpointer=saver).invoke({"budget": 100}, thread)
    assert_never(tmp_path / "run.sqlite", "state['alpha']['budget'] < 0")
"""


def test_agents_of_another_framework_are_run_by_a_test_that_looks_at_what_they_recorded(
    tmp_path: Path, run_pytest: Run
) -> None:
    (tmp_path / "test_graph.py").write_text(GRAPH)

    shown = run_pytest("test_graph.py").stdout

    told = failures(shown)
    assert told[0].endswith("langgraph.task this holds, and never should:"), shown
    assert told[3].endswith('again  langgraph.task  {"budget":-20}')
    assert told[5].endswith('spend  langgraph.task  {"budget":40,"branch:to:again":null}')
