"""What assertions take, and the one clear line on what they do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from laban.replay.rehearsal import unplaced
from laban.store.errors import LabanError
from laban.store.event import event_line
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog
from laban.testing import (
    assert_never,
    assert_replays,
    assert_state,
)
from laban.testing.inputs import recorded

from .told import ORDER, shop


def test_a_log_may_be_a_path_to_either_kind_of_file_a_log_or_events(tmp_path: Path) -> None:
    file = SqliteLog.create(tmp_path / "a.laban")
    memory = MemoryLog()
    for log in (file, memory):
        log.append(*map(unplaced, recorded(ORDER).read()))
    (tmp_path / "a.jsonl").write_text("".join(f"{event_line(e)}\n" for e in memory.read()))
    file.close()

    for given in (tmp_path / "a.laban", str(tmp_path / "a.jsonl"), memory, list(memory.read())):
        assert_state(given, "/order-17/status", "paid")


def test_files_in_a_folder_that_is_read_only_are_only_read(tmp_path: Path) -> None:
    file = SqliteLog.create(tmp_path / "a.laban")
    file.append(*map(unplaced, recorded(ORDER).read()))
    file.close()
    before = sorted(path.name for path in tmp_path.iterdir())
    (tmp_path / "a.laban").chmod(0o444)
    tmp_path.chmod(0o555)

    try:
        assert_state(tmp_path / "a.laban", "/order-17/status", "paid", choreography=shop())
        assert sorted(path.name for path in tmp_path.iterdir()) == before
    finally:
        tmp_path.chmod(0o755)


@pytest.mark.parametrize(
    ("log", "told"),
    [
        ("gone.jsonl", "There is no file gone.jsonl: check the name."),
        ("bad.jsonl", "bad.jsonl, line 2: .*: mend the line or drop it."),
        ([{"stream": "s"}], "Event 1 lacks stream or type: it takes causation_id, .*"),
        ([{"stream": "s", "type": "t", "when": 1}], "Event 1 has 'when': it takes .*"),
        (["{}"], "Event 1 is '{}': give dicts or NewEvents."),
        ([{"stream": "s", "type": "t", "data": [1]}], "Event 1: data and metadata are JSON obj.*"),
        ([{"stream": "s", "type": "t", "time": "soon"}], "Event 1: .*soon.*"),
        ([{"stream": 7, "type": "t"}], "Event 1: stream is 7, and no text."),
    ],
)  # fmt: skip
def test_a_wrong_log_is_one_clear_line(
    log: Any, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.jsonl").write_text('{"stream": "s", "type": "t", "id": "1"}\n{"stream":\n')

    with pytest.raises(LabanError, match=f"^{told}$"):
        assert_state(log, "/s", {})


def test_a_tuple_is_a_list_and_what_is_no_json_is_one_clear_line() -> None:
    assert_state([{"stream": "s", "type": "t", "data": {"x": [1, 2]}}], "/s/x", (1, 2))
    with pytest.raises(LabanError, match=r"^A state holds JSON, and set is none \(.*\): give "):
        assert_state(ORDER, "/order-17/status", {"paid"})


def test_wrong_pointers_expressions_addresses_and_choreographies_are_one_clear_line() -> None:
    with pytest.raises(LabanError, match="is no JSON Pointer"):
        assert_state(ORDER, "order-17/status", "paid")
    with pytest.raises(LabanError, match="There is no event @9"):
        assert_state(ORDER, "/order-17/status", "paid", at=9)
    with pytest.raises(LabanError, match=r"There is no file rules\.py"):
        assert_replays(ORDER, "rules.py")
    with pytest.raises(LabanError) as caught:
        assert_never(ORDER, "data[")
    assert "\n" not in str(caught.value)
