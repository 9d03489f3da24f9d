"""What every log promises, wherever it is stored."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from laban.store.errors import (
    ConflictError,
    DuplicateIdError,
    InvalidEventError,
    UnknownPositionError,
)
from laban.store.event import NewEvent
from laban.store.finding import Finding
from laban.store.integrity import GENESIS, chain_hash
from laban.store.jsontext import JsonObject
from laban.store.log import NO_STREAM, EventLog
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventLog]:
    made: EventLog = (
        MemoryLog() if request.param == "memory" else SqliteLog.create(tmp_path / "x.laban")
    )
    yield made
    made.close()


def asked(stream: str = "waltz", id: str | None = None, **fields: object) -> NewEvent:
    return NewEvent(
        stream=stream, type="asked", source="tester", data=fields, id=id or str(uuid4())
    )


def test_positions_count_up_without_gaps_over_all_streams(log: EventLog) -> None:
    first = log.append(asked("waltz"), asked("tango"), asked("waltz"))
    second = log.append(asked("tango"))

    assert [*first, *second] == [1, 2, 3, 4]
    assert [event.position for event in log.read()] == [1, 2, 3, 4]
    assert log.head() == 4


def test_stream_positions_count_up_from_zero_in_each_stream(log: EventLog) -> None:
    log.append(asked("waltz"), asked("tango"), asked("waltz"))
    log.append(asked("waltz"))

    assert [e.stream_position for e in log.read_stream("waltz")] == [0, 1, 2]
    assert [e.stream_position for e in log.read_stream("tango")] == [0]
    assert log.length("waltz") == 3
    assert log.length("foxtrot") == 0


def test_an_event_comes_back_as_it_was_offered(log: EventLog) -> None:
    offered = NewEvent(
        stream="wält/z~",
        type="asked",
        id="é-1",
        source="tester",
        data=JsonObject('{"z": 1.10, "a" : 12345678901234567890123, "z2": null}'),
        metadata=JsonObject('{ "reads": {"/a/b": 3} }'),
        time_ns=1_795_000_000_123_456_789,
        correlation_id="c",
        causation_id="d",
    )

    log.append(offered)

    event = log.get(1)
    assert event.data.text == offered.data.text
    assert event.metadata.text == offered.metadata.text
    assert (event.stream, event.type, event.id, event.source) == (
        (offered.stream, offered.type, offered.id, offered.source)
    )
    assert (event.time_ns, event.correlation_id, event.causation_id) == (
        (offered.time_ns, offered.correlation_id, offered.causation_id)
    )


def test_the_slower_of_two_writers_is_refused_and_leaves_no_trace(log: EventLog) -> None:
    log.append(asked(), expected=NO_STREAM)

    with pytest.raises(ConflictError, match="holds 1 events, not the 0 you saw"):
        log.append(asked(), expected=NO_STREAM)

    assert [event.stream_position for event in log.read()] == [0]


def test_an_exact_expected_length_is_accepted(log: EventLog) -> None:
    log.append(asked(), asked(), expected=NO_STREAM)

    assert list(log.append(asked(), expected=2)) == [3]


def test_an_expected_length_is_for_one_stream(log: EventLog) -> None:
    with pytest.raises(InvalidEventError, match="one stream"):
        log.append(asked("waltz"), asked("tango"), expected=NO_STREAM)

    assert log.head() == 0


def test_recording_the_same_event_again_gives_its_first_position(log: EventLog) -> None:
    log.append(asked(id="a", n=1), asked(id="b", n=2))

    again = log.append(asked(id="b", n=2), asked(id="c", n=3), asked(id="a", n=1))

    assert list(again) == [2, 3, 1]
    assert log.head() == 3


def test_a_retry_of_a_whole_append_succeeds_although_the_stream_has_grown(log: EventLog) -> None:
    log.append(asked(id="a"), expected=NO_STREAM)

    assert list(log.append(asked(id="a"), expected=NO_STREAM)) == [1]


def test_the_same_event_twice_in_one_batch_is_recorded_once(log: EventLog) -> None:
    assert list(log.append(asked(id="a"), asked(id="a"), asked(id="b"))) == [1, 1, 2]
    assert log.head() == 2


def test_an_id_with_other_content_is_refused_with_the_whole_batch(log: EventLog) -> None:
    log.append(asked(id="a", n=1))

    with pytest.raises(DuplicateIdError, match="recorded id 'a' at @1 with other content"):
        log.append(asked(id="z"), asked(id="a", n=2))

    assert log.head() == 1
    assert log.length("waltz") == 1


def test_two_sources_may_use_the_same_id(log: EventLog) -> None:
    log.append(
        NewEvent(stream="s", type="t", id="a", source="x", data={}),
        NewEvent(stream="s", type="t", id="a", source="y", data={}),
    )

    assert [event.source for event in log.find("a")] == ["x", "y"]


@pytest.mark.parametrize("name", ["stream", "type", "id", "source"])
def test_an_event_without_a_name_is_refused(log: EventLog, name: str) -> None:
    sound = NewEvent(stream="s", type="t", id="i", source="x", data={})

    with pytest.raises(InvalidEventError, match="must not be empty"):
        log.append(asked(), replace(sound, **{name: ""}))

    assert log.head() == 0


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "null", '{"a": NaN}', '{"a": 1} 2', r'{"a": "\\ud800}'],
)
def test_what_is_no_json_object_is_refused_before_it_is_there_for_ever(
    log: EventLog, text: str
) -> None:
    sound = NewEvent(stream="s", type="t", data={})

    with pytest.raises(InvalidEventError, match="must be JSON objects"):
        log.append(asked(), replace(sound, data=JsonObject(text)))
    with pytest.raises(InvalidEventError, match="must be JSON objects"):
        log.append(asked(), replace(sound, metadata=JsonObject(text)))

    assert log.head() == 0


@pytest.mark.parametrize("text", [r'{"a": "\ud800"}', '{"a": "\ud800"}', r'{"\ude00": "\\"}'])
def test_half_a_character_is_refused_and_named(log: EventLog, text: str) -> None:
    sound = NewEvent(stream="s", type="t", data={})

    for half in (replace(sound, data=JsonObject(text)), replace(sound, metadata=JsonObject(text))):
        with pytest.raises(
            InvalidEventError, match=r"holds half a character, \\ud[8e]00: there is"
        ):
            log.append(asked(), half)

    assert log.head() == 0


def test_a_name_that_has_no_utf8_is_refused_with_the_whole_batch(log: EventLog) -> None:
    with pytest.raises(InvalidEventError, match="half a character"):
        log.append(asked(), asked("\ud800"))

    assert log.head() == 0


def test_effects_and_correlated_events_are_found_in_order(log: EventLog) -> None:
    log.append(
        NewEvent(stream="s", type="t", id="a", data={}, correlation_id="c"),
        NewEvent(stream="s", type="t", id="b", data={}, causation_id="a"),
        NewEvent(stream="r", type="t", id="c", data={}, causation_id="a", correlation_id="c"),
    )

    assert [event.id for event in log.caused_by("a")] == ["b", "c"]
    assert [event.id for event in log.correlated("c")] == ["a", "c"]
    assert list(log.caused_by("b")) == []
    assert list(log.correlated(None)) == []
    assert log.count_caused_by("a") == 2
    assert [event.id for event in log.caused_by("a", limit=1)] == ["b"]
    assert [event.id for event in log.caused_by("a", after=2, limit=5)] == ["c"]
    assert [event.id for event in log.correlated("c", after=1)] == ["c"]


def test_reading_a_range_includes_both_ends(log: EventLog) -> None:
    log.append(*(asked(n=n) for n in range(6)))

    assert [event.position for event in log.read(2, 4)] == [2, 3, 4]
    assert [event.position for event in log.read(5)] == [5, 6]
    assert [event.position for event in log.read(-3, 2)] == [1, 2]
    assert [event.position for event in log.read(7)] == []
    assert [event.stream_position for event in log.read_stream("waltz", 4, 9)] == [4, 5]


@pytest.mark.parametrize("position", [0, -1, 2])
def test_a_position_that_is_not_there_says_where_the_log_ends(log: EventLog, position: int) -> None:
    log.append(asked())

    with pytest.raises(UnknownPositionError, match="ends at @1"):
        log.get(position)


def test_each_hash_covers_the_event_and_the_hash_before_it(log: EventLog) -> None:
    log.append(asked(n=1), asked(n=2))

    first, second = log.read()
    assert first.hash == chain_hash(GENESIS, 1, first, first.recorded_at_ns)
    assert second.hash == chain_hash(first.hash, 2, second, second.recorded_at_ns)
    assert second.hash != chain_hash(first.hash, 2, asked(n=3), second.recorded_at_ns)


def test_a_subscription_yields_what_is_there_and_then_what_comes(log: EventLog) -> None:
    log.append(asked(n=1), asked(n=2))
    subscription = log.subscribe(after=1, timeout=10)

    assert next(subscription).position == 2
    thread = threading.Thread(target=lambda: log.append(asked(n=3), asked(n=4)))
    thread.start()
    assert [next(subscription).position, next(subscription).position] == [3, 4]

    thread.join()
    subscription.close()  # type: ignore[attr-defined]


def test_a_subscription_ends_when_nothing_comes_for_its_timeout(log: EventLog) -> None:
    log.append(asked())

    assert [event.position for event in log.subscribe(timeout=0.05)] == [1]


def test_a_finding_is_kept_once(log: EventLog) -> None:
    bad = Finding(kind="malformed", detail="no object", origin="a.jsonl", line=3, raw="[1]")
    worse = Finding(kind="malformed", detail="no object", origin="a.jsonl", line=4, raw="[1]")

    log.note(bad, worse)
    log.note(bad)

    assert list(log.findings()) == [bad, worse]


def test_many_writers_at_once_leave_no_gap_and_lose_nothing(log: EventLog) -> None:
    def write(name: str) -> None:
        for n in range(20):
            log.append(asked(name, n=n), asked("shared", by=name, n=n))

    threads = [threading.Thread(target=write, args=(f"writer-{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    events = list(log.read())
    assert [event.position for event in events] == list(range(1, 161))
    assert [e.stream_position for e in log.read_stream("shared")] == list(range(80))
    assert [e.data["n"] for e in log.read_stream("writer-2")] == list(range(20))


batches = st.lists(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 12)), max_size=5), max_size=6
)


@given(batches=batches)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_log_answers_as_the_one_in_memory(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[str, int]]]
) -> None:
    reference = MemoryLog()
    log = SqliteLog.create(tmp_path_factory.mktemp("log") / "x.laban")

    for batch in batches:
        events = [asked(stream, id=str(n % 9), n=n) for stream, n in batch]
        assert _outcome(log, events) == _outcome(reference, events)

    assert [_facts(e) for e in log.read()] == [_facts(e) for e in reference.read()]
    log.close()


def _outcome(log: EventLog, events: list[NewEvent]) -> object:
    try:
        return list(log.append(*events))
    except DuplicateIdError as error:
        return str(error)


def _facts(event: NewEvent) -> object:
    return [
        getattr(event, name) for name in ("position", "stream", "stream_position", "id", "data")
    ]


def test_what_is_kept_about_a_log_is_its_identity_and_what_was_described(log: EventLog) -> None:
    log.describe("forked_from", "an older one")
    log.describe("forked_from", "another one")

    about = log.about()

    assert about["identity"] == log.identity
    assert about["forked_from"] == "another one"
