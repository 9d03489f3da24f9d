"""What the SQLite log promises beside the contract: its file, other processes, bad files."""

from __future__ import annotations

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from laban.store import open_log
from laban.store.errors import NotALogError, UnwritableError
from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject
from laban.store.sqlite import SqliteLog

WRITER = """
import sys
from laban.store import open_log
from laban.store.event import NewEvent
log = open_log(sys.argv[1])
for n in range(int(sys.argv[3])):
    positions = log.append(*(
        NewEvent(stream=sys.argv[2], type="t", data={"n": n, "part": part}) for part in range(3)
    ))
    print(positions[0], flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "dance.laban"


@pytest.fixture
def log(path: Path) -> Iterator[SqliteLog]:
    made = SqliteLog.create(path)
    yield made
    made.close()


def step(n: int = 0, stream: str = "waltz") -> NewEvent:
    return NewEvent(stream=stream, type="stepped", source="dancer", data={"n": n})


def writer(path: Path, stream: str, batches: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), stream, str(batches)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_log_is_durable_and_lets_readers_and_a_writer_work_at_once(log: SqliteLog) -> None:
    with log.recorder.datastore.transaction(commit=False) as c:
        c.execute("PRAGMA journal_mode")
        journal = c.fetchone()[0]
        c.execute("PRAGMA synchronous")
        synchronous = c.fetchone()[0]

    assert (journal, synchronous) == ("wal", 2)  # 2 is FULL


def test_what_is_absent_is_null_and_what_is_empty_is_not(log: SqliteLog) -> None:
    log.append(step())
    log.append(
        NewEvent(
            stream="waltz", type="stepped", data={}, time_ns=0, correlation_id="", causation_id="0"
        )
    )

    with log.recorder.datastore.transaction(commit=False) as c:
        c.execute("SELECT time, correlation_id, causation_id, typeof(hash) FROM records")
        rows = [tuple(row) for row in c.fetchall()]

    assert rows == [(None, None, None, "blob"), (0, "", "0", "blob")]


def test_a_closed_log_is_one_file(log: SqliteLog, path: Path) -> None:
    log.append(step())
    list(log.subscribe(timeout=0.01))
    log.close()

    assert [file.name for file in path.parent.iterdir()] == ["dance.laban"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET type = 'x'",
        "DELETE FROM records",
        "UPDATE records SET position = 9 WHERE position = 1",
    ],
)
def test_a_recorded_event_can_neither_be_changed_nor_deleted(
    log: SqliteLog, path: Path, statement: str
) -> None:
    log.append(step(1), step(2))
    before = [event.hash for event in log.read()]

    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="an event never changes"):
        connection.execute(statement)
    connection.close()

    assert [event.hash for event in log.read()] == before


def test_processes_that_append_at_once_leave_no_gap_and_no_torn_batch(
    log: SqliteLog, path: Path
) -> None:
    writers = [writer(path, f"writer-{n}", 40) for n in range(3)]

    assert [process.wait(60) for process in writers] == [0, 0, 0]
    for process in writers:
        assert process.stdout is not None
        process.stdout.close()
    events = list(log.read())
    assert [event.position for event in events] == list(range(1, 361))
    for first in range(0, 360, 3):
        assert len({(e.stream, e.data["n"]) for e in events[first : first + 3]}) == 1


def test_a_subscription_sees_what_another_process_commits(log: SqliteLog, path: Path) -> None:
    subscription = log.subscribe(timeout=30)
    process = writer(path, "elsewhere", 2)

    seen = [next(subscription).stream for _ in range(6)]

    assert seen == ["elsewhere"] * 6
    process.wait(30)
    assert process.stdout is not None
    process.stdout.close()
    subscription.close()  # type: ignore[attr-defined]


def test_a_killed_writer_loses_nothing_it_was_told_is_recorded(log: SqliteLog, path: Path) -> None:
    process = writer(path, "doomed", 100_000)
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(20)]

    process.send_signal(signal.SIGKILL)
    process.wait(30)
    acknowledged += [int(line) for line in process.stdout if line.strip().isdigit()]
    process.stdout.close()

    assert log.head() >= acknowledged[-1] + 2
    assert log.head() % 3 == 0
    assert [event.position for event in log.read()] == list(range(1, log.head() + 1))


def test_people_find_readable_tables_and_views(log: SqliteLog, path: Path) -> None:
    when = 1_795_000_000_123_456_789
    log.append(NewEvent(stream="s", type="t", data=JsonObject('{"a": 1.10}'), time_ns=when))
    log.append(step())

    command = [sys.executable, "-m", "sqlite_utils"]
    rows = json.loads(
        subprocess.check_output(
            [*command, "query", str(path), "SELECT position, stream, time, data FROM events"]
        )
    )
    streams = json.loads(subprocess.check_output([*command, "rows", str(path), "streams"]))

    assert rows[0] == {
        "position": 1,
        "stream": "s",
        "time": "2026-11-18T11:06:40.123456789Z",
        "data": '{"a": 1.10}',
    }
    assert [row["stream"] for row in streams] == ["s", "waltz"]


def bad_file(name: str, folder: Path) -> Path:
    path = folder / f"{name}.laban"
    if name == "missing":
        return path
    if name == "folder":
        path.mkdir()
    elif name == "empty":
        path.touch()
    elif name == "text":
        path.write_text("no log at all, but longer than a header " * 10)
    else:
        SqliteLog.create(path).close()
        connection = sqlite3.connect(path, isolation_level=None)
        if name == "newer":
            connection.execute("PRAGMA user_version = 99")
        elif name == "foreign":
            connection.execute("PRAGMA application_id = 7")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        if name == "truncated":
            path.write_bytes(path.read_bytes()[:-20_000])
        if name == "scrambled":
            content = bytearray(path.read_bytes())
            content[100:400] = b"\xff" * 300
            path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing", "There is no file"),
        ("folder", "is a folder, not a log"),
        ("empty", r"is empty \(0 bytes\)"),
        ("text", "is no laban log: `laban import"),
        ("foreign", "is a SQLite database but no laban log"),
        ("newer", "has format 99, newer than the 1 known here: upgrade"),
        ("truncated", "is cut short"),
        ("scrambled", "is damaged"),
    ],
)
def test_what_is_no_sound_log_is_refused_in_one_line(tmp_path: Path, name: str, says: str) -> None:
    path = bad_file(name, tmp_path)

    with pytest.raises(NotALogError, match=says) as caught:
        open_log(path)

    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("log")
def test_a_log_that_is_being_written_tells_its_version_too(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA user_version = 99")  # stays in the -wal file: log is open

    with pytest.raises(NotALogError, match="has format 99"):
        open_log(path)

    connection.close()


def test_a_log_cannot_be_made_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(UnwritableError, match="choose a folder you may write to"):
        SqliteLog.create(tmp_path / "file" / "x.laban")


def test_a_full_disk_is_not_taken_for_a_damaged_log(log: SqliteLog) -> None:
    log.append(step(1))
    with log.recorder.datastore.transaction(commit=False) as c:
        c.execute("PRAGMA max_page_count = 20")  # SQLite's own way to fill a disk

    with pytest.raises(UnwritableError, match="the disk is full: make room, and try again"):
        log.append(NewEvent(stream="dance", type="step", data={"text": "x" * 1_000_000}))

    assert [event.data["n"] for event in log.read()] == [1]


def test_a_log_is_never_made_over_a_file(path: Path) -> None:
    path.write_text("precious")

    with pytest.raises(UnwritableError, match="exists already"):
        SqliteLog.create(path)

    assert path.read_text() == "precious"


def test_a_copy_in_a_read_only_place_can_be_read_and_not_appended_to(
    log: SqliteLog, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(step(1))
    log.close()
    monkeypatch.setattr("os.access", lambda *_: False)  # the tests may run as root

    copy = SqliteLog.open(path)

    assert [event.data["n"] for event in copy.read()] == [1]
    with pytest.raises(UnwritableError, match="may only be read"):
        copy.append(step(2))
    copy.close()
    assert [file.name for file in path.parent.iterdir()] == ["dance.laban"]


def test_a_copied_log_keeps_its_identity_and_two_logs_have_two(log: SqliteLog, path: Path) -> None:
    log.append(step())
    log.close()
    copy = shutil.copy(path, path.with_name("copy.laban"))

    first, second = open_log(path), open_log(copy)
    other = SqliteLog.create(path.with_name("other.laban"))

    assert first.identity == second.identity != other.identity
    for each in (first, second, other):
        each.close()


def test_every_hot_query_uses_an_index(log: SqliteLog) -> None:
    queries = [
        "SELECT * FROM records WHERE position BETWEEN 3 AND 9 ORDER BY position",
        "SELECT * FROM records WHERE stream = 's' AND stream_position BETWEEN 1 AND 2"
        " ORDER BY stream_position",
        "SELECT * FROM records WHERE id = 'x' ORDER BY position",
        "SELECT * FROM records WHERE causation_id = 'x' ORDER BY position",
        "SELECT * FROM records WHERE correlation_id = 'x' ORDER BY position",
        "SELECT max(stream_position) FROM records WHERE stream = 's'",
        "SELECT * FROM stored_events WHERE rowid > 7 ORDER BY rowid LIMIT 10",
    ]
    with log.recorder.datastore.transaction(commit=False) as c:
        for query in queries:
            c.execute(f"EXPLAIN QUERY PLAN {query}")
            plan = [row["detail"] for row in c.fetchall()]
            assert not any(line.startswith("SCAN") for line in plan), (query, plan)


def test_waiting_writers_wait_instead_of_failing(log: SqliteLog, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    process = writer(path, "patient", 1)
    time.sleep(0.5)

    other.execute("COMMIT")

    assert process.wait(30) == 0
    assert process.stdout is not None
    process.stdout.close()
    other.close()
    assert log.length("patient") == 3


def test_a_log_that_is_being_made_is_nowhere_until_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new.laban"

    with SqliteLog.making(path) as log:
        log.append(NewEvent(stream="s", type="t", data={}))
        assert not path.exists()

    assert [file.name for file in tmp_path.iterdir()] == ["new.laban"]
    assert SqliteLog.open(path).head() == 1


def test_nothing_is_left_of_a_log_that_could_not_be_filled(tmp_path: Path) -> None:
    def fill(log: SqliteLog) -> None:
        log.append(NewEvent(stream="s", type="t", data={}))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), SqliteLog.making(tmp_path / "new.laban") as log:
        fill(log)

    assert list(tmp_path.iterdir()) == []
