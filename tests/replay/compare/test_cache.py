"""The hashes kept beside a log: they grow with it, and are never trusted where they do not fit."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laban.replay.builder import CancelledError
from laban.replay.compare import Mask, compare, hashing, ids, profile
from laban.replay.compare import cache as caching
from laban.replay.compare import worker as working
from laban.replay.compare.cache import chains_of
from laban.replay.compare.chains import Chains
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog
from tests.effort import tries

MASK = profile("default")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog.create(tmp_path / "log.laban")
    log.append(*events(Random(1), 40))
    yield log
    log.close()


def events(random: Random, count: int) -> list[NewEvent]:
    """Events of few streams, with random ids that they name and are caused by."""
    made: list[NewEvent] = []
    for _ in range(count):
        before = random.choice(made) if made else None
        data = {"seen": before and before.id, "token": random.choice([str(uuid4()), "none"])}
        stream = random.choice(["a", "b", "$actions"])
        made.append(
            NewEvent(
                stream=stream,
                type="said",
                id=str(uuid4()),
                data={k: v for k, v in data.items() if v},
                correlation_id=random.choice(["x", "y"]),
                causation_id=before.id if before and random.random() < 0.8 else None,
            )
        )
    return made


def rows(chains: Chains) -> list[object]:
    return [chains.row(number) for number in range(1, len(chains) + 1)]


def lanes(chains: Chains) -> list[object]:
    return [(*lane.key, lane.count, lane.last, lane.end) for lane in chains.lanes]


def kept(folder: Path, mask: Mask = MASK) -> Path:
    return folder / "compare" / mask.fingerprint


@settings(max_examples=tries(30))
@given(cuts=st.lists(st.integers(1, 40), max_size=4), seed=st.integers(0, 9))
def test_hashes_that_grew_in_steps_are_those_made_at_once(cuts: list[int], seed: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        log = SqliteLog.create(Path(name) / "log.laban")
        log.append(*events(Random(seed), 40))
        whole = chains_of(log, 40, None, MASK)

        for head in sorted(cuts):
            chains_of(log, head, Path(name), MASK)
        grown = chains_of(log, 40, Path(name), MASK)

        assert rows(grown) == rows(whole)
        assert lanes(grown) == lanes(whole)
        log.close()


def test_ids_that_are_forgotten_are_read_again(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = chains_of(log, 40, None, MASK)
    monkeypatch.setattr(ids, "KEPT", 1)
    monkeypatch.setattr(hashing, "RECENT", 2)

    assert rows(chains_of(log, 40, None, MASK)) == rows(whole)


def test_a_second_comparison_reads_what_the_first_one_kept(log: SqliteLog, tmp_path: Path) -> None:
    chains_of(log, 40, tmp_path, MASK)
    (file,) = kept(tmp_path).glob("rows-*")
    before = file.stat().st_mtime_ns

    again = chains_of(log, 40, tmp_path, MASK)

    assert len(again) == 40
    assert file.stat().st_mtime_ns == before
    assert rows(again) == rows(chains_of(log, 40, None, MASK))


@pytest.mark.parametrize("name", ["lanes", "rows"])
@pytest.mark.parametrize("damage", [b"", b"garbage"])
def test_damaged_hashes_are_made_anew(
    log: SqliteLog, tmp_path: Path, name: str, damage: bytes
) -> None:
    chains_of(log, 40, tmp_path, MASK)
    (file,) = kept(tmp_path).glob(f"{name}*")
    file.write_bytes(damage)

    found = chains_of(log, 40, tmp_path, MASK)

    assert rows(found) == rows(chains_of(log, 40, None, MASK))


def test_the_hashes_of_another_log_are_not_taken(log: SqliteLog, tmp_path: Path) -> None:
    other = SqliteLog.create(tmp_path / "other.laban")
    other.append(*events(Random(2), 40))
    chains_of(other, 40, tmp_path, MASK)

    found = chains_of(log, 40, tmp_path, MASK)

    assert rows(found) == rows(chains_of(log, 40, None, MASK))
    other.close()


def test_a_shorter_part_is_told_while_longer_hashes_are_kept(
    log: SqliteLog, tmp_path: Path
) -> None:
    chains_of(log, 40, tmp_path, MASK)

    assert rows(chains_of(log, 20, tmp_path, MASK)) == rows(chains_of(log, 20, None, MASK))
    assert len(chains_of(log, 40, tmp_path, MASK)) == 40


def test_what_was_done_before_a_cancellation_is_kept(
    log: SqliteLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "BATCH", 10)

    with pytest.raises(CancelledError, match="10 of 40 events; they are kept"):
        chains_of(log, 40, tmp_path, MASK, cancelled=lambda: True)

    starts: list[int] = []
    found = chains_of(log, 40, tmp_path, MASK, progress=lambda done, _: starts.append(done))
    assert starts == [20, 30, 40]
    assert rows(found) == rows(chains_of(log, 40, None, MASK))


def test_the_hashes_for_the_masks_used_last_are_kept(log: SqliteLog, tmp_path: Path) -> None:
    masks = [MASK.ignoring([f"/data/{n}"]) for n in range(caching.KEPT + 2)]

    for mask in masks:
        chains_of(log, 40, tmp_path, mask)

    folders = {path.name for path in (tmp_path / "compare").iterdir() if path.is_dir()}
    assert folders == {mask.fingerprint for mask in masks[-caching.KEPT :]}


def test_several_processes_may_compare_at_once(log: SqliteLog, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from laban.store.sqlite import SqliteLog;"
        "from laban.replay.compare.cache import chains_of;"
        "from laban.replay.compare import profile;"
        "log = SqliteLog.open(sys.argv[1]);"
        "print(len(chains_of(log, 40, Path(sys.argv[2]), profile('default'))))"
    )
    command = [sys.executable, "-c", code, str(log.path), str(tmp_path)]

    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    printed = [process.communicate()[0] for process in started]

    assert printed == ["40\n"] * 3
    assert rows(chains_of(log, 40, tmp_path, MASK)) == rows(chains_of(log, 40, None, MASK))


def test_a_second_log_is_hashed_by_another_process(
    log: SqliteLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working, "WORTH", 1)
    other = SqliteLog.create(tmp_path / "other.laban")
    other.append(*events(Random(1), 40))
    a = Timeline.open(log, tmp_path / "a")
    b = Timeline.open(other, tmp_path / "b")
    with working.helped([(log, 40, tmp_path / "a"), (other, 40, tmp_path / "b")], MASK):
        pass  # which waits for it

    assert caching.missing(other, 40, tmp_path / "b", MASK) == 0
    assert rows(chains_of(other, 40, tmp_path / "b", MASK)) == rows(
        chains_of(other, 40, None, MASK)
    )
    shutil.rmtree(tmp_path / "b" / "compare")
    assert compare(a, b).events_b == 40
    for each in (a, b, other):
        each.close()
