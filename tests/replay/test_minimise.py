"""Minimised logs against a brute-force oracle, and expressions over parts against bisect."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laban.replay.bisect import first_edge
from laban.replay.choreography import Choreography
from laban.replay.expression import compile_expression
from laban.replay.minimise import (
    MINIMAL,
    STOPPED,
    UNRESOLVED,
    Minimised,
    Minimiser,
    Outcomes,
    Past,
    made_anew,
    minimise,
    part,
)
from laban.replay.minimise.fold import WhereTest
from laban.replay.timeline import Timeline
from laban.store.event import Event, NewEvent
from laban.store.jsontext import JsonObject
from laban.store.log import EventLog
from tests.effort import tries

from .logs import recorded

MOST = 9  # events of a random log: all its sets can be tried

Outcome = bool | None


@st.composite
def causal_logs(draw: st.DrawFn) -> list[NewEvent]:
    """Events that name any event as their cause, and any as read, by id or by position."""
    size = draw(st.integers(1, MOST))
    names = st.sampled_from([f"e{n}" for n in range(size)])
    versions = names | st.integers(-1, size + 2) | st.booleans()
    return [
        NewEvent(
            stream=draw(st.sampled_from(["a", "b"])),
            type=draw(st.sampled_from(["set", "cleared"])),
            id=f"e{n}",
            source=draw(st.sampled_from(["one", "two"])),
            causation_id=draw(st.none() | names | st.just("unknown")),
            correlation_id=draw(st.none() | st.sampled_from(["c", "d"])),
            data=draw(st.dictionaries(st.sampled_from("xy"), st.integers(0, 2), max_size=2)),
            metadata=draw(
                st.just({})
                | st.fixed_dictionaries({"reads": st.dictionaries(st.just("/a/x"), versions)})
                | st.fixed_dictionaries({"causes": st.lists(names, max_size=3) | st.just("e0")})
            ),
        )
        for n in range(size)
    ]


def parents_of(events: Sequence[NewEvent]) -> dict[str, set[str]]:
    """What each event rests on, by the plainest reading: ids are unique here."""
    place = {event.id: number for number, event in enumerate(events, 1)}
    found: dict[str, set[str]] = {}
    for number, event in enumerate(events, 1):
        metadata = json.loads(event.metadata.text)
        causes = metadata.get("causes")
        named = [event.causation_id, *metadata.get("reads", {}).values()]
        named += causes if isinstance(causes, list) else []
        numbers = [n if type(n) is int else place.get(n, 0) for n in named if n is not True]
        found[event.id] = {events[n - 1].id for n in numbers if 0 < n < number}
    return found


def descendants(id: str, parents: dict[str, set[str]]) -> set[str]:
    found = {id}
    while more := {e for e, above in parents.items() if above & found} - found:
        found |= more
    return found


def ids(log: EventLog) -> frozenset[str]:
    return frozenset(event.id for event in log.read())


def ids_at(kept: Sequence[int], events: Sequence[NewEvent]) -> set[str]:
    return {events[position - 1].id for position in kept}


class Oracle:
    """A test that answers by the set of events alone, and remembers what it was asked."""

    def __init__(self, answer: Callable[[frozenset[str]], Outcome]) -> None:
        self.answer = answer
        self.asked: list[frozenset[str]] = []

    def __call__(self, log: EventLog) -> Outcome:
        self.asked.append(ids(log))
        return self.answer(ids(log))


def by_chance(seed: int, whole: frozenset[str]) -> Callable[[frozenset[str]], Outcome]:
    """Any outcome for any set, always the same; the whole log shows the failure."""

    def answer(found: frozenset[str]) -> Outcome:
        chance = random.Random(f"{seed} {sorted(found)}")
        return found == whole or chance.choice([True, False, False, None])

    return answer


def check_minimal(
    answer: Minimised, events: list[NewEvent], oracle: Callable[[frozenset[str]], Outcome]
) -> None:
    """Assert that no event can go with its descendants, by trying each."""
    parents, kept = parents_of(events), ids_at(answer.kept, events)
    tries = [oracle(frozenset(kept - descendants(id, parents))) for id in kept]
    assert oracle(frozenset(kept)) is True
    assert True not in tries
    assert answer.dropped == len(events) - len(kept)
    assert answer.unresolved == tries.count(None)
    assert answer.guarantee == (UNRESOLVED if None in tries else MINIMAL)


@given(events=causal_logs(), seed=st.integers(0, 2**32), focus=st.sets(st.integers(1, MOST)))
def test_a_minimised_log_is_1_minimal_whatever_the_test_says(
    events: list[NewEvent], seed: int, focus: set[int]
) -> None:
    whole = frozenset(event.id for event in events)
    oracle = Oracle(by_chance(seed, whole))

    answer = minimise(recorded(events), oracle, {p for p in focus if p <= len(events)})

    assert answer is not None
    check_minimal(answer, events, oracle.answer)


@given(events=causal_logs(), seed=st.integers(0, 2**32), focus=st.sets(st.integers(1, MOST)))
def test_every_set_that_is_tested_is_causally_closed_and_tested_once(
    events: list[NewEvent], seed: int, focus: set[int]
) -> None:
    parents, whole = parents_of(events), frozenset(event.id for event in events)
    oracle = Oracle(by_chance(seed, whole))

    answer = minimise(recorded(events), oracle, {p for p in focus if p <= len(events)})

    assert answer is not None
    assert all(parents[id] <= asked for asked in oracle.asked for id in asked)
    assert len(set(oracle.asked[1:])) == len(oracle.asked[1:]) == answer.probes
    assert answer.replayed == sum(map(len, oracle.asked[1:]))


@given(events=causal_logs(), data=st.data())
def test_a_monotone_failure_is_minimised_to_the_one_least_set(
    events: list[NewEvent], data: st.DataObject
) -> None:
    needed = data.draw(st.sets(st.sampled_from([event.id for event in events])))
    parents = parents_of(events)
    closure = {e for e in parents if descendants(e, parents) & needed}

    answer = minimise(recorded(events), lambda log: needed <= ids(log))

    assert answer is not None
    assert ids_at(answer.kept, events) == closure
    assert answer.guarantee == MINIMAL


EXPRESSIONS = [
    "state['a']['x'] == 2",
    "state.get('a', {}).get('x', 0) + state.get('b', {}).get('y', 0) == 3",
    "len(state) == 2 and 'y' not in state['a']",
    "before['a']['x'] != state['a']['x']",
    "len(before) < len(state) and data.get('x') == 1",
    "data.get('x') == 1 and type == 'cleared'",
    "event_count == 3 and stream == 'a'",
    "source_event_count > 2",
    "position == 4",
    "metadata['reads']['/a/x'] == 1",
    "any(e['type'] == 'cleared' for e in recent_events) and position > 2",
    "len(correlated_events) == 2 and event['stream_position'] == 1",
    "not state",
    "data['nothing']",
    "before == {} and state['b']['x'] > 0",
]


def counting_rules() -> Choreography:
    """Rules whose state hangs on all that came before in its stream."""
    rules = Choreography("counting")

    @rules.reducer("set")
    def counted(state: dict[str, Any], event: Event) -> dict[str, Any]:
        return {**state, "x": state.get("x", 0) + 1, "y": event.data["y"]}

    return rules


@given(
    text=st.sampled_from(EXPRESSIONS),
    rules=st.sampled_from([None, counting_rules()]),
    events=causal_logs(),
    chosen=st.sets(st.integers(1, MOST)),
)
@settings(max_examples=tries(75))
def test_an_expression_over_a_part_says_what_bisect_says_of_it_as_a_log(
    text: str, rules: Choreography | None, events: list[NewEvent], chosen: set[int]
) -> None:
    expression, past = compile_expression(text), Past.whole(recorded(events))
    kept = past.closed(p for p in chosen if p <= len(events))

    timeline = Timeline.open(part(past, kept), choreography=rules)

    found = first_edge(timeline, expression).found

    assert WhereTest(expression, past, rules)(kept) == found


@given(text=st.sampled_from(EXPRESSIONS), events=causal_logs())
def test_an_expression_is_minimised_as_a_function_that_bisects_would_be(
    text: str, events: list[NewEvent]
) -> None:
    expression = compile_expression(text)

    answer = minimise(recorded(events), expression)

    if answer is None:
        assert not first_edge(Timeline.open(recorded(events)), expression).found
        return
    past = Past.whole(recorded(events))
    place = {event.id: number for number, event in enumerate(events, 1)}

    def oracle(found: frozenset[str]) -> Outcome:
        log = part(past, sorted(place[id] for id in found))
        return first_edge(Timeline.open(log), expression).found

    check_minimal(answer, events, oracle)


@given(events=causal_logs(), chosen=st.sets(st.integers(1, MOST)))
def test_what_was_read_and_what_was_the_cause_is_the_same_event_in_a_part(
    events: list[NewEvent], chosen: set[int]
) -> None:
    past = Past.whole(recorded(events))
    kept = past.closed(p for p in chosen if p <= len(events))

    log = part(past, kept)

    parents = parents_of(list(log.read()))
    assert all(parents[event.id] == parents_of(events)[event.id] for event in log.read())
    assert [event.data for event in log.read()] == [events[p - 1].data for p in kept]


def test_the_rest_of_the_metadata_stays_to_the_letter_where_a_position_is_moved() -> None:
    metadata = '{"cost":1.10, "reads": {"/b/x": 2}, "n":  12345678901234567890123}'
    events = [NewEvent(stream=name, type="t", id=name, data={"x": 1}) for name in "ab"]
    events.append(NewEvent(stream="c", type="t", id="c", data={}, metadata=JsonObject(metadata)))
    past = Past.whole(recorded(events))

    (_, moved) = part(past, [2, 3]).read()

    assert moved.metadata.text == '{"cost":1.10,"reads":{"/b/x":1},"n":12345678901234567890123}'


def test_an_id_of_two_sources_means_the_nearest_event_before() -> None:
    events = [
        NewEvent(stream="s", type="t", id="x", source="one", data={}),
        NewEvent(stream="s", type="t", id="x", source="two", data={}),
        NewEvent(stream="s", type="t", id="y", causation_id="x", data={}),
    ]

    whole, sliced = Past.whole(recorded(events)), Past.of(recorded(events), [3])

    assert whole.parents(3) == sliced.parents(3) == (2,)
    assert sliced.positions == [2, 3]


def test_a_log_that_does_not_show_it_is_not_minimised() -> None:
    log = recorded([NewEvent(stream="s", type="t", data={})])

    assert minimise(log, lambda _: False) is None
    assert minimise(log, lambda _: None) is None
    assert minimise(log, compile_expression("state['s']['x']")) is None


def test_what_is_true_before_the_first_event_needs_none() -> None:
    log = recorded([NewEvent(stream="s", type="t", data={})])

    answer = minimise(log, compile_expression("not state"))

    assert answer is not None
    assert (answer.kept, answer.dropped, answer.guarantee) == ([], 1, MINIMAL)


def counting(count: int) -> list[NewEvent]:
    return [NewEvent(stream="s", type="t", id=f"e{n}", data={"n": n}) for n in range(count)]


def test_what_is_stopped_keeps_the_best_and_goes_on_with_what_it_knows() -> None:
    log, wanted = recorded(counting(60)), {"e7", "e30", "e55"}
    oracle = Oracle(lambda found: wanted <= found)
    outcomes = Outcomes("key")

    stopped = Minimiser(log, oracle, outcomes=outcomes, cancelled=lambda: len(outcomes) == 9).run()
    asked = len(oracle.asked)
    done = Minimiser(log, oracle, outcomes=outcomes).run()

    assert (stopped.guarantee, stopped.probes, asked) == (STOPPED, 9, 9)
    assert 3 < len(stopped.kept) < 60
    assert oracle.answer(frozenset(f"e{p - 1}" for p in stopped.kept))
    assert (done.guarantee, done.kept) == (MINIMAL, [8, 31, 56])
    assert len(set(oracle.asked)) == len(oracle.asked) == done.probes


def test_a_test_that_raises_leaves_the_best_so_far() -> None:
    def test(log: EventLog) -> bool:
        if log.head() == 8:
            raise KeyboardInterrupt
        return "e7" in ids(log)

    minimiser = Minimiser(recorded(counting(60)), test)
    with pytest.raises(KeyboardInterrupt):
        minimiser.run()

    assert minimiser.answer().guarantee == STOPPED
    assert minimiser.answer().kept == list(range(1, 16))


@given(events=causal_logs(), focus=st.sets(st.integers(1, MOST)))
def test_a_slice_is_what_the_focus_rests_on_and_nothing_else(
    events: list[NewEvent], focus: set[int]
) -> None:
    log, focus = recorded(events), {p for p in focus if p <= len(events)}
    parents = parents_of(events)
    wanted = ids_at(sorted(focus), events)

    slice, whole = Past.of(log, focus), Past.whole(log)

    assert slice.positions == whole.closed(focus)
    assert ids_at(slice.positions, events) == {
        id for id in parents if descendants(id, parents) & wanted
    }
    assert all(slice.parents(p) == whole.parents(p) for p in slice.positions)


@given(events=causal_logs(), chosen=st.lists(st.sets(st.integers(1, MOST)), max_size=8))
def test_an_expression_says_the_same_of_a_set_whatever_it_was_asked_before(
    events: list[NewEvent], chosen: list[set[int]]
) -> None:
    past = Past.whole(recorded(events))
    sets = [past.closed(p for p in each if p <= len(events)) for each in chosen]
    for text in EXPRESSIONS:
        expression = compile_expression(text)
        asked_all = WhereTest(expression, past)

        answers = [asked_all(kept) for kept in sets]

        assert answers == [WhereTest(expression, past)(kept) for kept in sets]


def test_outcomes_are_of_use_for_the_same_log_and_test_alone(tmp_path: Path) -> None:
    file, log = tmp_path / "new.laban.progress", recorded(counting(3))
    key = Outcomes.key_of(log, "a test")
    outcomes = Outcomes(key)
    outcomes[[1, 2]], outcomes[[1]], outcomes[[]] = True, None, False
    outcomes.save(file)
    log.append(NewEvent(stream="s", type="t", data={}))

    again = Outcomes.load(file, key)

    assert again is not None
    assert (again[[1, 2]], again[[1]], again[[]], len(again)) == (True, None, False, 3)
    assert not again.knows([2])
    assert Outcomes.load(file, Outcomes.key_of(log, "a test")) is None
    assert Outcomes.load(tmp_path / "nothing", key) is None
    file.write_text('{"key": 1')
    assert Outcomes.load(file, key) is None


def test_what_the_rules_make_of_a_part_names_what_was_read_by_its_id() -> None:
    rules = Choreography("shop")
    rules.capability("till")
    rules.pattern(event_type="ordered", action="charge", target_capability="till")
    events = [
        NewEvent(stream="o", type="ordered", id="first", data={}),
        NewEvent(stream="o", type="ordered", id="second", data={"x": 1}),
        NewEvent(stream="p", type="seen", id="third", data={}, metadata={"reads": {"/o/x": 2}}),
    ]

    made = list(made_anew(recorded(events), rules.plan).read())

    assert [event.type for event in made].count("action.requested") == 2
    assert made[-1].metadata["reads"] == {"/o/x": "second"}
