"""The mirror holds what the log and the index hold, whatever became of it before."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laban.analysis.mirror import MirrorBusyError
from laban.analysis.source import StaleIndexError
from laban.replay.pointer import format_pointer
from laban.store.event import Event, NewEvent
from laban.store.jsontext import JsonObject
from tests.effort import tries

from .logfiles import DELICATE, ROOT, cache_of, event, mirror_of, record, rows, source_of

FOREVER = 9223372036854775807
FIELDS = ["x", "y", "z/~ '"]
TEXTS = ["1.10", "12345678901234567890123", "null", '{"b":1, "a":[2]}', "1E400", '"é😀"']

EVENTS = """SELECT position, stream, stream_position, id, type, source, epoch_ns(time),
    correlation_id, causation_id, data, metadata, epoch_ns(recorded_at) FROM events"""


def json_objects() -> st.SearchStrategy[str]:
    """Return texts of JSON objects, spaces, order and digits as nobody would write them."""
    members = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(TEXTS), max_size=3)
    return members.map(
        lambda fields: "{" + " ,".join(f"{json.dumps(k)}: {v}" for k, v in fields.items()) + "}"
    )


def metadata(removed: list[str]) -> JsonObject:
    return JsonObject(json.dumps({"removes": removed}) if removed else "{}")


new_events = st.builds(
    NewEvent,
    stream=st.sampled_from(["a", "b/c", "d~e"]),
    type=st.sampled_from(["set", "été"]),
    source=st.sampled_from(["one", "two"]),
    time_ns=st.none() | st.integers(-(2**62), 2**62),
    correlation_id=st.none() | st.sampled_from(["", "k"]),
    causation_id=st.none() | st.just("cause"),
    data=json_objects().map(JsonObject),
    metadata=st.lists(st.sampled_from(FIELDS), max_size=2).map(metadata),
)
logs = st.lists(new_events, min_size=1, max_size=12)


def as_rows(events: list[Event]) -> list[tuple[Any, ...]]:
    return [
        (
            *(e.position, e.stream, e.stream_position, e.id, e.type, e.source, e.time_ns),
            *(e.correlation_id, e.causation_id, e.data.text, e.metadata.text, e.recorded_at_ns),
        )
        for e in events
    ]


def fold(events: list[Event]) -> dict[str, str]:
    """Return path -> JSON after *events*, by the plainest reading of the default reducer."""
    state: dict[str, str] = {}
    for e in events:
        for field in json.loads(e.metadata.text).get("removes", []):
            state.pop(format_pointer((e.stream, field)), None)
        exact = json.loads(e.data.text, parse_int=str, parse_float=str)
        for field, value in exact.items():
            state[format_pointer((e.stream, field))] = json.dumps(value)
    return state


def exact(value: str) -> str:
    return json.dumps(json.loads(value, parse_int=str, parse_float=str))


@given(events=logs)
@settings(max_examples=tries(20))
def test_the_events_are_those_of_the_log_to_the_letter(events: list[NewEvent]) -> None:
    with TemporaryDirectory() as folder:
        recorded = record(Path(folder) / "x.laban", events)

        with mirror_of(Path(folder) / "x.laban") as mirror:
            assert rows(mirror, EVENTS) == as_rows(recorded)


@given(events=logs)
@settings(max_examples=tries(20))
def test_the_state_at_every_position_equals_a_fold(events: list[NewEvent]) -> None:
    with TemporaryDirectory() as folder:
        recorded = record(Path(folder) / "x.laban", events)

        with mirror_of(Path(folder) / "x.laban") as mirror:
            for p in range(len(recorded) + 1):
                state = dict(rows(mirror, f"FROM state_at({p})"))
                assert {path: exact(text) for path, text in state.items()} == fold(recorded[:p])


@given(first=logs, more=st.lists(logs, max_size=3))
@settings(max_examples=tries(10))
def test_a_mirror_that_grew_equals_one_made_at_once(
    first: list[NewEvent], more: list[list[NewEvent]]
) -> None:
    everything = "SELECT * FROM state_history ORDER BY ALL"
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.laban"
        for part in [first, *more]:
            record(path, part)
            with mirror_of(path) as mirror:
                grown = rows(mirror, EVENTS), rows(mirror, everything)

        (cache_of(path) / "mirror.duckdb").unlink()

        with mirror_of(path) as mirror:
            assert grown == (rows(mirror, EVENTS), rows(mirror, everything))


def test_big_integers_digits_and_the_order_of_keys_survive(tmp_path: Path) -> None:
    record(tmp_path / "x.laban", [event(data=DELICATE)])

    with mirror_of(tmp_path / "x.laban") as mirror:
        assert rows(mirror, "SELECT data FROM events") == [(DELICATE,)]
        assert rows(mirror, "SELECT field, value FROM state_history") == [
            ("z", "1.10"),
            ("a", "123456789012345678901234567890"),
            ("t", '"\\u00e9\\n"'),
            ("n", "null"),
            ("o", '{"y":[ ]}'),
        ]


def test_a_column_may_begin_with_thousands_of_nulls(tmp_path: Path) -> None:
    late = event(correlation_id="late", time_ns=5)
    record(tmp_path / "x.laban", [event() for _ in range(3000)] + [late])

    with mirror_of(tmp_path / "x.laban") as mirror:
        found = rows(mirror, "SELECT epoch_ns(time), correlation_id FROM events WHERE time NOTNULL")

    assert found == [(5, "late")]


def test_the_history_says_from_where_to_where_a_value_held(tmp_path: Path) -> None:
    removal = event(metadata={"removes": ["x"]})
    record(tmp_path / "x.laban", [event(data={"x": 1}), event(), event(data={"x": 2}), removal])

    with mirror_of(tmp_path / "x.laban") as mirror:
        history = rows(mirror, "FROM state_history")

    assert history == [
        (1, "order-1", "x", "/order-1/x", "1", 1, 3),
        (3, "order-1", "x", "/order-1/x", "2", 3, 4),
        (4, "order-1", "x", "/order-1/x", None, 4, FOREVER),
    ]


def test_an_empty_log_has_an_empty_mirror(tmp_path: Path) -> None:
    record(tmp_path / "x.laban", [])

    with mirror_of(tmp_path / "x.laban") as mirror:
        assert rows(mirror, "SELECT count(*) FROM events") == [(0,)]
        assert rows(mirror, "FROM state_at(0)") == []


def test_a_mirror_is_read_again_as_it_is_when_nothing_was_added(tmp_path: Path) -> None:
    record(tmp_path / "x.laban", [event(data={"x": 1})])
    with mirror_of(tmp_path / "x.laban"):
        pass
    file = cache_of(tmp_path / "x.laban") / "mirror.duckdb"
    before = file.stat().st_mtime_ns

    with mirror_of(tmp_path / "x.laban") as mirror:
        assert rows(mirror, "SELECT value FROM state_history") == [("1",)]

    assert file.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE cache.stamp SET value = 'another' WHERE key = 'identity'",
        "UPDATE cache.stamp SET value = 'abcd' WHERE key = 'hash'",
        "UPDATE cache.stamp SET value = '9' WHERE key = 'position'",
        "UPDATE cache.stamp SET value = '0' WHERE key = 'schema'",
        "UPDATE cache.stamp SET value = 'other/2' WHERE key = 'fingerprint'",
        "DROP TABLE cache.stamp",
        "DROP SCHEMA cache CASCADE",
        "DELETE FROM cache.stamp",
        'DROP TABLE events; CREATE VIEW events AS SELECT 1 AS a; CREATE TABLE "o""k" (a INT);'
        " DELETE FROM cache.stamp",
    ],
)
def test_a_mirror_that_does_not_fit_is_made_anew(tmp_path: Path, change: str) -> None:
    recorded = record(tmp_path / "x.laban", [event(data={"x": 1}), event(data={"x": 2})])
    with mirror_of(tmp_path / "x.laban"):
        pass
    with duckdb.connect(str(cache_of(tmp_path / "x.laban") / "mirror.duckdb")) as mirror:
        mirror.execute("UPDATE events SET type = 'forged'").complete()
        mirror.execute(change).complete()

    with mirror_of(tmp_path / "x.laban") as mirror:
        assert rows(mirror, EVENTS) == as_rows(recorded)
        assert rows(mirror, "SELECT valid_to FROM state_history") == [(2,), (FOREVER,)]
        assert rows(mirror, "SELECT name FROM (SHOW TABLES)") == [("events",), ("state_history",)]


@pytest.mark.parametrize("content", [b"", b"no database", None], ids=["empty", "text", "cut"])
def test_a_damaged_mirror_is_made_anew(tmp_path: Path, content: bytes | None) -> None:
    recorded = record(tmp_path / "x.laban", [event(data={"x": 1})])
    with mirror_of(tmp_path / "x.laban"):
        pass
    file = cache_of(tmp_path / "x.laban") / "mirror.duckdb"
    file.write_bytes(file.read_bytes()[:5000] if content is None else content)

    with mirror_of(tmp_path / "x.laban") as mirror:
        assert rows(mirror, EVENTS) == as_rows(recorded)


def test_an_index_of_another_log_is_refused(tmp_path: Path) -> None:
    record(tmp_path / "x.laban", [event()])
    record(tmp_path / "y.laban", [event()])
    index = cache_of(tmp_path / "x.laban") / "index.sqlite"
    index.write_bytes((cache_of(tmp_path / "y.laban") / "index.sqlite").read_bytes())

    with (
        pytest.raises(StaleIndexError, match="run the command again"),
        source_of(tmp_path / "x.laban") as source,
    ):
        source.stamp()


HOLD = """
import duckdb, sys, time
mirror = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "ro")
print("held", flush=True)
time.sleep(float(sys.argv[3]))
"""


def holder(path: Path, how: str, seconds: float) -> subprocess.Popen[str]:
    """Start a process that has the mirror open for some seconds."""
    file = str(cache_of(path) / "mirror.duckdb")
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, file, how, str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_mirror_that_another_process_writes_is_waited_for(tmp_path: Path) -> None:
    record(tmp_path / "x.laban", [event()])
    with (
        holder(tmp_path / "x.laban", "rw", 0.3),
        mirror_of(tmp_path / "x.laban", patience=30) as mirror,
    ):
        assert rows(mirror, "SELECT count(*) FROM events") == [(1,)]


def test_a_mirror_that_stays_in_use_is_given_up_with_one_line(tmp_path: Path) -> None:
    record(tmp_path / "x.laban", [event()])
    with holder(tmp_path / "x.laban", "rw", 60) as process:
        with (
            pytest.raises(MirrorBusyError, match=r"mirror\.duckdb is in use by another process"),
            mirror_of(tmp_path / "x.laban", patience=0.2),
        ):
            pass
        process.kill()


def test_a_mirror_that_is_up_to_date_is_read_beside_other_readers(tmp_path: Path) -> None:
    record(tmp_path / "x.laban", [event()])
    with mirror_of(tmp_path / "x.laban"):
        pass
    with holder(tmp_path / "x.laban", "ro", 60) as process:
        with mirror_of(tmp_path / "x.laban", patience=0) as mirror:
            assert rows(mirror, "SELECT count(*) FROM events") == [(1,)]
        process.kill()


BUILD = """
import sys, time
from pathlib import Path
from tests.analysis.logfiles import mirror_of

def progress(done, total):
    print(done, flush=True)
    time.sleep(0.2)

with mirror_of(Path(sys.argv[1]), progress=progress):
    pass
"""


def test_a_mirror_whose_making_was_killed_is_made_by_the_next(tmp_path: Path) -> None:
    recorded = record(tmp_path / "x.laban", [event(data={"x": n}) for n in range(50)])
    with subprocess.Popen(
        [sys.executable, "-c", BUILD, str(tmp_path / "x.laban")],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "25\n"  # the events are in, the states are not
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL

    with mirror_of(tmp_path / "x.laban") as mirror:
        assert rows(mirror, EVENTS) == as_rows(recorded)
        assert rows(mirror, "SELECT count(*) FROM state_history") == [(50,)]


def test_progress_counts_the_events_twice_through_and_ends_at_all_of_them(tmp_path: Path) -> None:
    record(tmp_path / "x.laban", [event(data={"x": 1}) for _ in range(10)])
    calls: list[tuple[int, int]] = []

    with mirror_of(tmp_path / "x.laban", progress=lambda *call: calls.append(call)):
        pass

    assert calls == [(5, 10), (10, 10)]
