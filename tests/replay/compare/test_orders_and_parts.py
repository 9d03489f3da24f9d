"""Other orders than the causal one, parts of logs, alignment, and the noise of a baseline."""

from __future__ import annotations

from typing import Any

import pytest

from laban.fixtures import DEMOS
from laban.replay.compare import BaselineError, EmptyPartError, Order, Part, compare
from laban.replay.compare.roots import CIRCULAR
from laban.replay.timeline import Timeline
from laban.store.errors import UnknownStreamError
from laban.store.event import Event, NewEvent
from laban.store.memory import MemoryLog


def timeline(*events: NewEvent) -> Timeline:
    log = MemoryLog()
    log.append(*events)
    return Timeline.open(log)


def said(stream: str, value: Any, **rest: Any) -> NewEvent:
    return NewEvent(stream=stream, type=rest.pop("type", "said"), data={"value": value}, **rest)


def spoken(text: str) -> Timeline:
    """A run with an event for each word: `a1 b2` says 1 in stream a, then 2 in stream b."""
    return timeline(*(said(word[0], word[1:]) for word in text.split()))


def told(a: str, b: str, order: Order = "causal") -> list[tuple[str, str | None, str | None]]:
    answer = compare(spoken(a), spoken(b), order=order)
    return [(root.kind, word(root.a), word(root.b)) for root in answer.roots]


def word(event: Event | None) -> str | None:
    return None if event is None else f"{event.stream}{event.data['value']}"


def test_what_was_put_in_left_out_or_changed_is_told_apart() -> None:
    assert told("a1 a2 a3", "a1 a2 a3") == []
    assert told("a1 a2 a3", "a1 a9 a3") == [("changed", "a2", "a9")]
    assert told("a1 a2 a3", "a1 a3") == [("only in A", "a2", None)]
    assert told("a1 a3 a4", "a1 a2 a3 a4") == [("only in B", None, "a2")]
    assert told("a1 a2", "a1 a2 a3") == [("only in B", None, "a3")]
    assert told("a1", "a1 b1 b2") == [("only in B", None, "b1")]
    assert told("a1 b1", "a1") == [("only in A", "b1", None)]


def test_an_empty_log_is_the_same_as_another_and_lacks_all_events_of_any_other() -> None:
    assert told("", "") == []
    assert told("a1 a2", "") == [("only in A", "a1", None)]


def test_downstream_counts_what_follows_and_tells_what_changed() -> None:
    answer = compare(spoken("a1 a2 a3 a4 a5 b1"), spoken("a1 a9 a3 a8 a5 b1"))

    assert (answer.root_count, answer.downstream, answer.changed) == (1, 3, 1)
    assert list(answer.later()) == [(4, 4)]


def test_what_one_side_does_not_have_downstream_has_no_position() -> None:
    answer = compare(spoken("a1 a2 a3"), spoken("a9 a2 a3 a4"))

    assert list(answer.later()) == [(None, 4)]


def test_two_streams_that_part_on_their_own_have_a_root_each() -> None:
    assert told("a1 b1", "b2 a2") == [("changed", "a1", "a2"), ("changed", "b1", "b2")]


def test_an_event_that_is_in_another_stream_is_told_once() -> None:
    answer = compare(spoken("a1 a2 a3 b1"), spoken("a1 a3 b1 b2"))

    (root,) = answer.roots
    assert (root.kind, answer.downstream, answer.changed) == ("moved", 1, 0)
    assert [(each.pointer, each.a, each.b) for each in root.differences] == [("/stream", "a", "b")]


def test_interleaving_counts_in_global_order_only() -> None:
    assert told("a1 b1 a2", "b1 a1 a2", "causal") == []
    assert told("a1 b1 a2", "b1 a1 a2", "stream") == []
    assert len(told("a1 b1 a2", "b1 a1 a2", "global")) == 1
    assert told("a1 b1 a2 b2", "a1 b1 a3 b2", "global") == [("changed", "a2", "a3")]
    assert told("a1 b1 a2 b2", "a1 a2 b2", "global") == [("only in A", "b1", None)]


@pytest.mark.parametrize(("order", "roots"), [("causal", 1), ("stream", 2), ("global", 1)])
def test_in_stream_order_causes_are_left_aside(order: Order, roots: int) -> None:
    def run(first: int, second: int) -> Timeline:
        return timeline(said("a", first, id="x"), said("b", second, causation_id="x"))

    assert compare(run(1, 1), run(2, 2), order=order).root_count == roots


def test_another_cause_is_a_root_of_its_own() -> None:
    def run(cause: str) -> Timeline:
        causes = (said("a", 1, id="x"), said("b", 1, id="y"))
        return timeline(*causes, said("c", 1, causation_id=cause))

    (root,) = compare(run("x"), run("y")).roots

    assert (root.kind, root.stream, root.differences) == ("other cause", "c", [])
    assert root.cause is not None
    assert root.cause.id == "x"


def test_what_had_read_a_changed_value_is_downstream_of_it() -> None:
    def run(value: int) -> Timeline:
        metadata = {"reads": {"/a/value": 1}}
        return timeline(said("a", value), said("b", value + 1, metadata=metadata))

    answer = compare(run(1), run(2))

    assert [root.stream for root in answer.roots] == ["a"]
    assert (answer.downstream, answer.changed) == (1, 1)


def test_events_that_claim_to_cause_one_another_have_a_root_all_the_same() -> None:
    a = timeline(said("x", 1, id="i"), said("y", 1, id="j", causation_id="i"))
    b = timeline(said("y", 2, id="j"), said("x", 2, id="i", causation_id="j"))

    answer = compare(a, b)

    assert [root.stream for root in answer.roots] == ["x"]  # the first in A
    assert answer.notes == [CIRCULAR]


def test_the_state_of_both_sides_and_the_last_common_event_are_given() -> None:
    (changed,) = compare(spoken("a1 a2 a3"), spoken("a1 a9 a3")).roots
    (missing,) = compare(spoken("a1 a2"), spoken("a1")).roots

    assert (changed.state_a, changed.state_b) == ({"value": "2"}, {"value": "9"})
    assert changed.cause is not None
    assert changed.cause.position == 1
    assert (missing.state_a, missing.state_b) == ({"value": "2"}, {"value": "1"})


def test_long_streams_without_anything_in_common_are_compared_in_a_moment() -> None:
    answer = compare(
        timeline(*(said("a", n) for n in range(6_000))),
        timeline(*(said("a", -n - 1) for n in range(5_000))),
    )

    assert answer.notes == []
    assert (answer.root_count, answer.downstream, answer.changed) == (1, 5_999, 5_999)


@pytest.fixture(scope="module")
def credit() -> Timeline:
    log = MemoryLog()
    DEMOS["credit"].record(log)
    return Timeline.open(log)


def test_two_transactions_of_one_log_are_compared_whatever_they_are_called(
    credit: Timeline,
) -> None:
    a, b = (Part(credit, correlation=f"credit-000{n}") for n in (4, 5))

    answer = compare(a, b)

    assert [root.a and root.a.type for root in answer.roots] == ["application_received"]
    assert [each.pointer for each in answer.roots[0].differences] == ["/data/name", "/data/amount"]
    assert answer.changed < answer.downstream // 2
    assert compare(a, a).identical


def test_two_streams_and_two_ranges_of_one_log_are_compared() -> None:
    run = spoken("a1 b1 a2 b2 c1 c1 c2 c3")

    assert compare(Part(run, stream="a"), Part(run, stream="b")).identical
    assert compare(Part(run, 1, 2), Part(run, 1, 2)).identical
    answer = compare(Part(run, 5, 5), Part(run, 6, 7))
    assert [(root.a, root.b and root.b.position) for root in answer.roots] == [(None, 7)]


def test_a_part_without_events_is_refused() -> None:
    run = spoken("a1")

    with pytest.raises(EmptyPartError, match="No event of correlation 'x' lies between"):
        compare(Part(run, correlation="x"), Part(run))
    with pytest.raises(UnknownStreamError):
        compare(Part(run, stream="x"), Part(run))


def noisy(value: int, noise: int) -> Timeline:
    return timeline(
        said("a", 1, metadata={"host": f"h-{noise}"}),
        said("a", {"at": noise, "list": [{"took": noise}], "kept": value}),
        *(said("beats", n) for n in range(noise)),
        said("b", value),
    )


def test_what_differs_between_two_equal_runs_is_left_out() -> None:
    baseline = (noisy(1, 3), noisy(1, 5))

    same = compare(noisy(1, 3), noisy(1, 7), baseline=baseline)
    other = compare(noisy(1, 3), noisy(2, 7), baseline=baseline)

    assert same.identical
    assert sorted(same.masked) == ["/data/value/at", "/data/value/list/*/took", "/metadata/host"]
    assert same.masked_streams == ["beats"]
    assert [(r.stream, [d.pointer for d in r.differences]) for r in other.roots] == [
        ("a", ["/data/value/kept"]),
        ("b", ["/data/value"]),
    ]


def test_a_baseline_that_has_nothing_in_common_with_the_run_is_refused() -> None:
    with pytest.raises(BaselineError, match="2 of 2 streams differ between A and its baseline"):
        compare(spoken("a1 b1"), spoken("a1 b1"), baseline=(spoken("a1 b1"), spoken("c1 d1")))


@pytest.mark.parametrize("order", ["causal", "stream", "global"])
def test_without_noise_a_baseline_leaves_nothing_out(order: Order) -> None:
    answer = compare(noisy(1, 0), noisy(2, 0), order=order, baseline=(noisy(1, 0), noisy(1, 0)))

    assert (answer.masked, answer.masked_streams) == ([], [])
    assert answer.roots[0].stream == "a"
