"""What can be edited, what an edit leaves as it was, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from laban.fixtures import DEMOS
from laban.replay.choreography import Choreography
from laban.replay.fork import Drop, Edit, ForkError, Insert, Move, Set, fork
from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject
from laban.store.memory import MemoryLog

from .forks import forked, lines, said, types

DECISION = NewEvent(stream="s", type="t", source="laban", data={})


@pytest.fixture(scope="module")
def credit() -> MemoryLog:
    log = MemoryLog()
    DEMOS["credit"].record(log)
    return log


def test_a_set_keeps_every_other_text_of_the_event() -> None:
    data = '{"big": 12345678901234567890123, "price": 1.10, "in": {"a": [1.0, 2.50], "b": null}}'
    log = MemoryLog()
    log.append(NewEvent(stream="s", type="t", id="e1", data={}))
    log.append(NewEvent(stream="s", type="t", id="e2", data={}))
    log.append(NewEvent(stream="s", type="t", id="e3", data=JsonObject(data)))

    into, _ = forked(log, 3, Set("/data/in/a/1", '"x y"'))

    expected = '{"big":12345678901234567890123,"price":1.10,"in":{"a":[1.0,"x y"],"b":null}}'
    assert into.get(3).data.text == expected


def test_an_edited_event_says_so_under_an_id_of_its_own_that_its_effects_name() -> None:
    log = said({"data": {"n": 1}}, {"causation_id": "e1"}, {"metadata": {"reads": {"/s/n": "e1"}}})

    into, answer = forked(log, 1, Set("/data/n", "2"), Set("/type", '"u"'))

    edited, effect, reader = into.read()
    assert (edited.type, edited.data.parsed) == ("u", {"n": 2})
    assert edited.id.startswith("e1~")
    assert edited.metadata["fork"] == {"edited": {"/data/n": 1, "/type": "t"}, "id": "e1"}
    assert effect.causation_id == edited.id
    assert reader.metadata["reads"] == {"/s/n": edited.id}
    assert (answer.same, answer.new, answer.gone) == (2, 1, 1)


def test_setting_what_is_there_already_changes_nothing() -> None:
    log = said({"data": {"n": 1}})

    into, answer = forked(log, 1, Set("/data/n", "1"))

    assert (lines(into), answer.new) == (lines(log), 0)


def test_a_dropped_event_leaves_its_effects_unless_they_are_to_go() -> None:
    log = said({}, {"causation_id": "e1"}, {"causation_id": "e2"}, {"data": {"n": 4}})

    with_them, left = forked(log, 1, Drop())
    without, gone = forked(log, 1, Drop(), with_effects=True)

    assert [event.id for event in with_them.read()] == ["e2", "e3", "e4"]
    assert [event.id for event in without.read()] == ["e4"]
    assert (left.fell_away, gone.fell_away) == (2, 2)


@pytest.mark.parametrize("rules", [None, Choreography("idle")])
def test_what_another_source_led_to_under_the_id_of_a_dropped_event_stays(
    rules: Choreography | None,
) -> None:
    log = said(
        {"id": "x", "source": "one"},
        {"id": "of one", "causation_id": "x"},
        {"id": "x", "source": "two"},
        {"id": "of two", "causation_id": "x"},
    )

    first, told = forked(log, 1, Drop(), choreography=rules, with_effects=True)
    second, _ = forked(log, 3, Drop(), choreography=rules, with_effects=True)

    assert [event.id for event in first.read()] == ["x", "of two"]
    assert [event.id for event in second.read()] == ["x", "of one"]
    assert told.fell_away == 1


@pytest.mark.parametrize("rules", [None, Choreography("idle")])
def test_what_came_before_a_dropped_event_stays_whatever_it_names_as_its_cause(
    rules: Choreography | None,
) -> None:
    log = said({"id": "early", "causation_id": "late"}, {"id": "late"})

    fork, _ = forked(log, 2, Drop(), choreography=rules, with_effects=True)

    assert [event.id for event in fork.read()] == ["early"]


def test_reads_name_the_positions_of_the_fork() -> None:
    reads = {"reads": {"/s/n": 2, "/s": 3, "/never": 0}}
    log = said({}, {"data": {"n": 1}}, {}, {"metadata": reads})

    into, _ = forked(log, 1, Drop())

    assert into.get(3).metadata["reads"] == {"/s/n": 1, "/s": 2, "/never": 0}


def test_events_are_inserted_right_after_a_position_and_get_its_time() -> None:
    log = said({"time_ns": 5}, {"time_ns": 9}, {"time_ns": 7})
    new = NewEvent(stream="s", type="new", id="n1", data={})

    after, _ = forked(log, 2, Insert((new,)))
    first, _ = forked(log, 0, Insert((new,)))

    assert types(after) == ["t", "t", "new", "t"]
    assert (after.get(3).time_ns, after.get(3).metadata["fork"]) == (9, {"inserted": True})
    assert (types(first), first.get(1).time_ns) == (["new", "t", "t", "t"], None)


def test_an_event_is_moved_to_before_another_and_never_runs_ahead_of_its_place() -> None:
    log = said({"time_ns": 5}, {"time_ns": 6}, {"time_ns": 7, "type": "late"}, {"time_ns": 8})

    earlier, _ = forked(log, 3, Move(2))
    later, _ = forked(log, 1, Move(4))

    assert [(e.id, e.time_ns) for e in earlier.read()] == [
        ("e1", 5), ("e3", 5), ("e2", 6), ("e4", 8)
    ]  # fmt: skip
    assert earlier.get(2).metadata["fork"]["moved_from"] == 3
    assert [e.id for e in later.read()] == ["e2", "e3", "e1", "e4"]


def test_a_fork_keeps_what_it_was_forked_from(credit: MemoryLog) -> None:
    into, answer = forked(
        credit, 266, Set("/data/rating", '"medium"'),
        choreography=DEMOS["credit"].choreography, stand_in="nearest",
    )  # fmt: skip

    about = into.about()
    assert json.loads(about["forked_from"]) == {
        "identity": credit.identity, "position": 266, "head": credit.head()
    }  # fmt: skip
    assert json.loads(about["edits"]) == answer.edits
    assert json.loads(about["choreography"])["fingerprint"] == answer.fingerprint


@pytest.mark.parametrize(
    ("at", "edits", "message"),
    [
        (266, [Set("/data/ratin", "1")], "@266: /data has no 'ratin'. Did you mean 'rating'?"),
        (266, [Set("/rating", "1")], "'/rating' does not begin at the event"),
        (266, [Set("/data/rating", "medium")], "no JSON value for /data/rating: a text needs"),
        (266, [Set("/data", "[]")], "/data is a JSON object"),
        (266, [Set("/time", '"noon"')], "/time is null or as in"),
        (266, [Set("/type", '""')], "/type is a text that is not empty"),
        (266, [Set("/type/x", "1")], "/type has no parts"),
        (266, [Set("/source", '"laban"')], "'laban' is the source of decisions"),
        (266, [Set("/stream", '"$actions"')], "the engine's stream"),
        (266, [Drop(), Set("/data/rating", "1")], "dropped cannot be set or moved"),
        (266, [Move(1), Move(2)], "one place only"),
        (266, [Move(0)], "no event @0 to go before"),
        (268, [Drop()], "@268 is a decision, pattern.matched: .* on @266"),
        (0, [Drop()], "@0 is before the first event"),
        (9999, [Drop()], "no event @9999: the log ends at @2583"),
        (
            5,
            [Insert((NewEvent(stream="s", type="t", source="laban", data={}),))],
            "engine's source",
        ),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused_in_a_line(
    credit: MemoryLog, at: int, edits: Sequence[Edit], message: str
) -> None:
    into = MemoryLog()

    with pytest.raises(ForkError, match=message) as caught:
        fork(credit, at, edits, into)

    assert "\n" not in str(caught.value)
    assert into.head() == 0


def test_an_event_of_the_log_is_not_inserted_again(credit: MemoryLog) -> None:
    with pytest.raises(ForkError, match=r"'credit-0001' of 'intake' is in the log: @2"):
        forked(credit, 5, Insert((credit.get(2),)))


def test_what_the_clock_said_is_not_edited() -> None:
    log = said({"stream": "$timers", "source": "clock", "type": "timer.fired"})

    with pytest.raises(ForkError, match="what the clock said"):
        forked(log, 1, Drop())


def test_a_log_that_holds_something_is_no_place_for_a_fork(credit: MemoryLog) -> None:
    with pytest.raises(ForkError, match="new, empty log"):
        fork(credit, 0, [], said({}))
