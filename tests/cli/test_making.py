"""How logs come to be: import, the import of a foreign log that is opened, and the demo."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from laban.cli.folders import cache_folder, imported_path, recent_logs, remember, user_cache
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog

Laban = Callable[..., Result]


@pytest.fixture(autouse=True)
def _own_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def ids(path: Path) -> list[str]:
    log = SqliteLog.open(path)
    try:
        return [event.id for event in log.read()]
    finally:
        log.close()


def identity(path: Path) -> str:
    log = SqliteLog.open(path)
    try:
        return log.identity
    finally:
        log.close()


def test_import_says_what_came_in_and_what_did_not(laban: Laban, folder: Path) -> None:
    bad = "".join(f"{{ line {n}\n" for n in range(5))
    (folder / "some.jsonl").write_text('{"stream":"a","type":"b","id":"1"}\n' + bad)

    result = laban("import", "some.jsonl", "-o", "new.laban")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "1 event of 1 stream from 1 source imported into new.laban (jsonl)"
    assert lines[1].startswith("comparable: ")
    assert lines[2] == "malformed: 5"
    assert [line.split(":")[0] for line in lines[3:6]] == [
        f"  some.jsonl, line {number}" for number in (2, 3, 4)
    ]
    assert lines[6:] == [
        "  … and 2 more",
        "All of them are kept: `laban check new.laban` lists them.",
    ]


def test_importing_again_changes_nothing_and_says_so(laban: Laban) -> None:
    laban("import", "events.jsonl", "-o", "new.laban")

    again = laban("import", "events.jsonl", "-o", "new.laban")

    assert again.exit_code == 0
    assert again.stdout.startswith("0 events")
    assert "2,583 were there already" in again.stdout


def test_findings_of_earlier_imports_are_not_shown_for_this_one(laban: Laban, folder: Path) -> None:
    (folder / "old.jsonl").write_text("{old\n" + '{"stream":"a","type":"b","id":"1"}\n')
    (folder / "new.jsonl").write_text('{"stream":"a","type":"b","id":"2"}\n' + "{new\n")
    laban("import", "old.jsonl", "-o", "new.laban")

    shown = laban("import", "new.jsonl", "-o", "new.laban").stdout

    assert "new.jsonl, line 2" in shown
    assert "old.jsonl" not in shown


def test_an_import_without_a_single_event_is_status_1(laban: Laban, folder: Path) -> None:
    (folder / "bad.jsonl").write_text("{bad\n")

    assert laban("import", "bad.jsonl", "-o", "n.laban", "--format", "jsonl").exit_code == 1


def test_a_foreign_log_is_imported_into_the_users_cache_before_it_is_opened(
    laban: Laban, folder: Path
) -> None:
    result = laban("open", "events.jsonl")

    kept = imported_path(Path("events.jsonl"))
    assert kept.is_relative_to(folder / "cache")
    assert f"events.jsonl is no laban log: importing it into {kept} first." in result.stderr
    assert ids(kept) == ids(folder / "credit.laban")
    assert result.stderr.splitlines()[-1].startswith("laban: The debugger needs a terminal")
    assert result.exit_code == 2


def test_a_foreign_log_that_did_not_change_is_not_imported_again(laban: Laban) -> None:
    laban("open", "events.jsonl")

    again = laban("open", "events.jsonl")

    assert "has not changed since it was imported" in again.stderr


def test_a_foreign_log_that_grew_is_imported_on(laban: Laban, folder: Path) -> None:
    laban("open", "events.jsonl")
    kept = imported_path(Path("events.jsonl"))
    before = identity(kept)
    with (folder / "events.jsonl").open("a") as source:
        source.write('{"stream":"late","type":"added","id":"late-1"}\n')

    result = laban("open", "events.jsonl")

    assert "1 event of" in result.stderr
    assert ids(kept)[-1] == "late-1"
    assert identity(kept) == before


def test_a_foreign_log_that_changed_otherwise_is_imported_anew(laban: Laban, folder: Path) -> None:
    laban("open", "events.jsonl")
    (folder / "events.jsonl").write_text('{"stream":"other","type":"begun","id":"other-1"}\n')

    laban("open", "events.jsonl")

    assert ids(imported_path(Path("events.jsonl"))) == ["other-1"]


def test_what_is_in_no_known_format_leaves_nothing_in_the_cache(laban: Laban, folder: Path) -> None:
    (folder / "diary.txt").write_text("Dear diary,\n")

    result = laban("open", "diary.txt")

    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert not imported_path(Path("diary.txt")).exists()


def test_the_demo_tells_its_story_and_the_commands_it_names_work(laban: Laban) -> None:
    told = laban("demo", "-o", "my demo.laban", "--no-open")

    assert told.exit_code == 0
    assert told.stderr == ""
    commands = [line.strip() for line in told.stdout.splitlines() if line.startswith("  laban ")]
    assert len(commands) >= 4
    for line in commands:
        _, name, *args = shlex.split(line)
        result = laban(name, *args)
        if name == "open":
            assert "needs a terminal" in result.stderr
        else:
            assert result.exit_code == 0, result.stderr
            assert result.stdout


def test_the_demo_is_kept_and_recorded_again_when_it_is_damaged(laban: Laban) -> None:
    first = json.loads(laban("demo", "--json").stdout)
    again = json.loads(laban("demo", "--json").stdout)
    kept = Path(first["log"])
    kept.write_bytes(b"damaged")
    repaired = json.loads(laban("demo", "--json").stdout)

    assert kept.is_relative_to(user_cache())
    assert first == again == repaired
    assert (first["events"], first["position"]) == (2583, 276)


def test_a_cached_demo_that_holds_something_else_is_recorded_anew(laban: Laban) -> None:
    kept = Path(json.loads(laban("demo", "--json").stdout)["log"])
    log = SqliteLog.open(kept)
    log.append(NewEvent(stream="x", type="y", data={}))
    log.close()

    assert json.loads(laban("demo", "--json").stdout)["events"] == 2583


def test_open_alone_lists_recent_logs_and_demos(laban: Laban, folder: Path) -> None:
    remember(folder / "credit.laban")

    result = laban("open")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"laban open {shlex.quote(str(folder / 'credit.laban'))}",
        *(f"laban demo {name}" for name in ("credit", "orders", "travel", "breaker", "hybrid")),
    ]


def test_recent_logs_are_the_newest_first_each_once_and_only_those_there(folder: Path) -> None:
    for name in ("a", "b", "a", "gone"):
        (folder / name).touch()
        remember(folder / name)
    (folder / "gone").unlink()

    assert recent_logs() == [folder / "a", folder / "b"]


def test_a_damaged_list_of_recent_logs_is_begun_anew(folder: Path) -> None:
    remember(folder / "credit.laban")
    [file] = (folder / "state").rglob("recent.json")
    for text in ("{", "[1]", "7", '{"a": 1}', '[{"a": 1}]', '["\\u0000"]'):
        file.write_text(text)
        assert recent_logs() == []
    remember(folder / "credit.laban")
    assert recent_logs() == [folder / "credit.laban"]


def test_a_cache_is_kept_beside_the_log_or_in_the_users_folder_or_nowhere(
    laban: Laban, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = folder / "credit.laban"
    assert cache_folder(log) == folder / "credit.laban.cache"

    (folder / "credit.laban.cache").rmdir()
    (folder / "credit.laban.cache").write_text("in the way")
    in_users = cache_folder(log)
    assert in_users is not None
    assert in_users.is_relative_to(folder / "cache")

    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "events.jsonl"))
    assert cache_folder(log) is None
    result = laban("state", "credit.laban", "/applicant-04/score")
    assert result.stdout == "689\n"
    assert "its index is made in memory" in result.stderr
