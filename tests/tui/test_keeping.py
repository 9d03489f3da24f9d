"""What is remembered of a log from one time to the next."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from laban.replay.timeline import Timeline
from laban.store.memory import MemoryLog
from laban.tui.desk import Desk
from laban.tui.session import Session
from laban.tui.setting.keeping import FORMAT, Keeper, Kept
from laban.tui.setting.remembering import Memory
from tests.tui.driver import Shown, press, shop_log

SET = ("b", "type StockCounted", "enter", "c", "a", "len(state)", "enter", "m", "k", "2", "j", "p")


def press_kept(folder: Path, log: MemoryLog, *keys: str, at: int | None = None) -> Shown:
    return press(*keys, log=log, at=at, desk=Desk(kept=folder))


def test_a_log_opens_where_it_was_left_with_all_that_was_set(tmp_path: Path) -> None:
    log = shop_log()
    press_kept(tmp_path, log, *SET, "1", "&", "depot", "enter", "n", at=3)

    again = press_kept(tmp_path, log)

    assert again.position == 8
    assert again.status == "back at @8, where you left"
    assert again.line("● type StockCounted  met 1 time")
    assert again.line("w1 len(state)  3")
    assert again.line("pinned")
    assert again.line("filter the text 'depot': 3 of 10")
    assert press_kept(tmp_path, log, "'", "k").position == 8


def test_an_address_goes_before_what_was_kept_and_lists_all_events(tmp_path: Path) -> None:
    log = shop_log()
    press_kept(tmp_path, log, "&", "depot", "enter", "a", "len(state)", "enter", at=3)

    again = press_kept(tmp_path, log, at=5)

    assert again.position == 5
    assert "filter" not in again.text
    assert again.line("w1 len(state)  3")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"{", "it is damaged"),
        (b"\xff\xfe", "it is damaged"),
        (b"[" * 100_000, "it is damaged"),
        (b'{"log": "?", "format": 1}', "it is another log's"),
        (b'{"log": "?", "format": 99}', "it has format 99, not 1"),
        (b'{"log": "?", "format": 1, "marks": {"a": "x"}}', "it is damaged"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_of_and_left_out(
    tmp_path: Path, text: bytes, why: str
) -> None:
    log = shop_log()
    (tmp_path / f"{log.identity}.json").write_bytes(text)

    session = Session(log, Timeline.open(log))
    said = Memory(session).begin(tmp_path, go=True)

    assert session.position == 0
    assert said.startswith(f"What was kept of this log is not used: {why}")


def test_what_does_not_fit_the_log_any_more_is_left_out(tmp_path: Path) -> None:
    log = shop_log()
    kept = {
        "log": log.identity,
        "format": FORMAT,
        "position": 99,
        "selected": "no pointer",
        "breakpoints": [{"text": "typ == 1"}, {"text": "at @99", "stop": 99}],
        "watches": [{"text": "1 +"}, {"text": "position"}],
        "marks": {"a": 99},
        "pins": ["no pointer", "/stock/apples"],
        "filter": "(((",
    }
    (tmp_path / f"{log.identity}.json").write_bytes(msgspec.json.encode(kept))

    shown = press_kept(tmp_path, log, "n", "n", "n", "'", "a")

    assert shown.position == 3
    assert shown.line("w1 position  3 (was 2)")
    assert shown.line("/stock/apples  12")


def test_a_log_without_a_folder_keeps_nothing_and_one_that_cannot_be_written_says_nothing(
    tmp_path: Path,
) -> None:
    kept = Kept(log="x", format=FORMAT)
    log = MemoryLog()
    (tmp_path / "file").touch()

    for folder in (None, tmp_path / "file"):
        keeper = Keeper(folder, log)
        keeper.write(kept)
        assert keeper.file is None or not keeper.file.exists()

    log.identity = "../../odd name"
    Keeper(tmp_path / "kept", log).write(kept)
    [only] = (tmp_path / "kept").iterdir()
    assert only.suffix == ".json"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "kept"]
