"""Why something was not observed: the rule that leads there, and what stood in its way."""

from __future__ import annotations

import re
from itertools import product

import pytest

from laban.fixtures import DEMOS
from laban.replay.absence import Absence, UnknownCorrelationError, UnknownTypeError, absence, leaves
from laban.replay.absence.conditions import unmet
from laban.replay.choreography import ActionFailed, Choreography, Context, Retry
from laban.replay.expression import compile_expression
from laban.replay.simulation import Simulation
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog

from .logs import recorded


def demo(name: str, *, rules: bool = False) -> Timeline:
    log = MemoryLog()
    DEMOS[name].record(log)
    return Timeline.open(log, choreography=DEMOS[name].choreography if rules else None)


def asked(timeline: Timeline, what: str, correlation: str | None, at: int | None = None) -> Absence:
    return absence(timeline, what, correlation, timeline.head if at is None else at)


def stopped(answer: Absence) -> tuple[str | None, str, int | None]:
    """Where it stopped: the rule, what stood in the way, and the position."""
    assert answer.decisive is not None
    assert answer.decisive_way is not None
    return answer.decisive_way.lead.rule, answer.decisive.kind, answer.decisive.position


def test_a_cancelled_order_was_not_shipped_because_its_retries_were_used_up() -> None:
    answer = asked(demo("orders", rules=True), "shipping_complete", "order-3")

    assert stopped(answer) == ("payment_failed→retry_payment", "condition", 62)
    assert answer.decisive is not None
    part = answer.decisive.parts[0]
    assert (part.text, part.values) == (
        "data.get('retry_count', 0) < 3",
        [("data.get('retry_count', 0)", 3)],
    )
    assert (answer.observed, answer.guarantee) == (None, "not-observed")


def test_a_path_is_traced_by_the_types_that_write_it_elsewhere() -> None:
    answer = asked(demo("orders"), "/order-3/tracking_number", None)

    assert answer.types == ["shipping_complete"]
    assert stopped(answer)[0] == "payment_failed→retry_payment"


def test_a_shortage_is_published_instead_and_its_supplier_has_not_answered_yet() -> None:
    answer = asked(demo("orders"), "inventory_confirmed", "order-5", at=200)

    ways = {way.lead.rule: way.found for way in answer.absent[0].ways}
    assert [(f.kind, f.detail) for f in ways["order_received→check_inventory"]] == [
        (
            "answered",
            "inventory_management completed it @93, and published inventory_shortage @92 instead",
        )
    ]
    assert stopped(answer) == ("inventory_shortage→notify_suppliers", "waiting", 96)


def test_a_broken_contract_is_named_with_what_it_broke() -> None:
    answer = asked(demo("orders"), "shipping_complete", "order-9")

    assert stopped(answer) == ("order_received→check_inventory", "refused", 173)
    assert answer.decisive is not None
    assert answer.decisive.more == ["/quantity: 0 is less than the minimum of 1"]


def test_a_trip_was_not_paid_because_the_card_was_declined() -> None:
    answer = asked(demo("travel", rules=True), "trip_paid", "trip-2")

    assert stopped(answer) == ("book_trip", "failed", 44)
    assert answer.decisive is not None
    assert answer.decisive.detail == "it was given up @44: the card is declined"


def test_a_saga_that_went_no_further_says_at_which_step() -> None:
    answer = asked(demo("travel", rules=True), "trip_paid", "trip-2", at=32)

    assert stopped(answer) == ("book_trip", "waiting", 32)
    assert answer.decisive is not None
    assert answer.decisive.detail.startswith("it got to the step book_hotel: hotel was asked @31")


def test_nothing_was_undone_in_a_saga_that_succeeded() -> None:
    answer = asked(demo("travel", rules=True), "hotel_cancelled", "trip-1")

    assert stopped(answer)[:2] == ("book_trip", "over")


def test_an_open_circuit_and_its_fallback_are_told() -> None:
    answer = asked(demo("breaker"), "way_found", "parcel-10")

    assert stopped(answer)[:2] == ("parcel_loaded→find_way", "answered")
    assert answer.decisive is not None
    assert answer.decisive.detail.endswith("published way_guessed @76 instead")
    assert answer.decisive.more == [
        "@72 rejected: the circuit of directions is open since @64",
        "@73 handed on to estimates: circuit open",
    ]


def test_a_stream_stands_for_its_correlation() -> None:
    answer = asked(demo("credit"), "offer_accepted", "applicant-04")

    assert answer.correlation == "credit-0004"
    assert stopped(answer)[0] == "decision_made→price"


def test_what_was_observed_after_all_is_said_with_its_position() -> None:
    answer = asked(demo("orders"), "order_cancelled", "order-3")

    assert (answer.observed, answer.absent) == (68, [])


def test_a_part_that_a_written_field_never_had_was_not_observed() -> None:
    events = [
        NewEvent(stream=name, type="sent", correlation_id=name, data={"parcel": parcel})
        for name, parcel in (("order-1", {"weight": 2, "code": "x"}), ("order-2", {"weight": 3}))
    ]
    timeline = Timeline.open(recorded(events))

    assert asked(timeline, "/order-2/parcel/code", None).observed is None
    assert asked(timeline, "/order-2/parcel/weight", None).observed == 2


def test_names_that_nobody_knows_are_refused_with_the_nearest() -> None:
    timeline = demo("orders")

    with pytest.raises(UnknownTypeError, match="Did you mean 'shipping_complete'"):
        asked(timeline, "shiping_complete", "order-3")
    with pytest.raises(UnknownCorrelationError, match="Did you mean 'order-3'"):
        asked(timeline, "shipping_complete", "ordr-3")
    with pytest.raises(UnknownCorrelationError, match="--correlation"):
        asked(timeline, "shipping_complete", None)


# Hand-made: one rule of each kind, what it waits for, and what does not come.


def made(rules: Choreography, *events: tuple[float, str, str], seconds: float = 50) -> Timeline:
    """A simulated log of events from outside: (seconds, type, correlation)."""

    async def work(ctx: Context) -> None:
        await ctx.sleep(0.1)
        if ctx.event.data.get("fails"):
            raise ActionFailed("it broke")
        ctx.publish("done", {"done": True})

    rules.capability("worker", retry=Retry(attempts=2, base_seconds=100))
    rules.agent("worker")(work)
    log = MemoryLog()
    world = Simulation(rules, log)
    for after, type, correlation in events:
        about = {"n": len(type), "fails": correlation == "bad"}
        world.publish(after, type, about, stream=correlation, correlation_id=correlation)
    world.run(seconds)
    return Timeline.open(log, choreography=rules)


def test_a_sequence_says_what_came_and_what_it_still_waits_for() -> None:
    rules = Choreography("r")
    rules.sequence(
        sequence_id="three", events=("a", "b", "c"), action="go", target_capability="worker"
    )
    timeline = made(
        rules, (0, "a", "x"), (1, "b", "x"), (2, "c", "x"), (0, "a", "y"), (1, "b", "y")
    )

    answer = asked(timeline, "done", "y")

    assert stopped(answer)[:2] == ("three", "incomplete")
    assert answer.decisive is not None
    assert answer.decisive.detail.endswith("came; c was not observed")
    nested = answer.decisive.absent[0]
    assert (nested.type, nested.ways[0].lead.rule, nested.ways[0].lead.source) == (
        "c", None, "outside",
    )  # fmt: skip


def test_a_sequence_whose_time_was_over_says_when() -> None:
    rules = Choreography("r")
    rules.sequence(
        sequence_id="two", events=("a", "b"), max_interval=5.0, action="go",
        target_capability="worker",
    )  # fmt: skip
    timeline = made(rules, (0, "a", "x"), (1, "b", "x"), (0, "a", "y"), (20, "b", "y"))

    answer = asked(timeline, "done", "y")

    assert stopped(answer)[:2] == ("two", "over")


def test_events_in_the_wrong_order_are_told_as_such() -> None:
    rules = Choreography("r")
    rules.sequence(sequence_id="two", events=("a", "b"), action="go", target_capability="worker")
    timeline = made(rules, (0, "a", "x"), (1, "b", "x"), (0, "b", "y"), (1, "a", "y"))

    answer = asked(timeline, "done", "y")

    assert answer.decisive is not None
    assert answer.decisive.detail.endswith("came; b came, but not after it")


def test_a_temporal_sequence_names_all_that_is_missing() -> None:
    rules = Choreography("r")
    rules.temporal_sequence(
        sequence_id="all", trigger_event="a", required_events=("b", "c", "d"), time_window=9.0,
        action="go", target_capability="worker",
    )  # fmt: skip
    ready = [(0.0, "a", "x"), (1.0, "b", "x"), (2.0, "c", "x"), (3.0, "d", "x")]
    timeline = made(rules, *ready, (4, "a", "y"), (5, "c", "y"))

    answer = asked(timeline, "done", "y")

    assert stopped(answer)[:2] == ("all", "over")
    assert answer.decisive is not None
    assert [absent.type for absent in answer.decisive.absent] == ["b", "d"]


def test_what_came_too_late_for_a_temporal_sequence_is_told_as_late() -> None:
    answer = asked(demo("hybrid", rules=True), "claim_approved", "claim-4")

    assert stopped(answer) == ("findings", "over", 151)
    assert answer.decisive is not None
    assert answer.decisive.detail.endswith("its time was over @151, before report_checked @152")


def test_a_saga_without_its_rules_does_not_pretend_to_know() -> None:
    answer = asked(demo("travel"), "car_returned", "trip-1")

    assert stopped(answer)[:2] == ("book_trip", "undecided")


@pytest.mark.parametrize("name", DEMOS)
@pytest.mark.parametrize("rules", [False, True])
def test_every_absence_of_every_demo_has_something_that_stood_in_the_way(
    name: str, rules: bool
) -> None:
    timeline = demo(name, rules=rules)
    told = [e for e in timeline.log.read() if not e.stream.startswith("$")]
    correlations = sorted({e.correlation_id or e.stream for e in told})[:5]

    for correlation, type in product(correlations, {event.type for event in told}):
        answer = asked(timeline, type, correlation)
        here = [e.position for e in told if (e.correlation_id or e.stream) == correlation
                and e.type == type]  # fmt: skip
        assert answer.observed == (here[-1] if here else None)
        assert (answer.decisive is None) == bool(here)
        for _, found in (pair for one in answer.absent for pair in leaves(one)):
            assert found.position is None or 0 < found.position <= timeline.head


def test_a_threshold_counts_what_came_in_its_window() -> None:
    rules = Choreography("r")
    rules.threshold_pattern(
        event_type="a", threshold=3, time_window=5.0, action="go", target_capability="worker"
    )
    timeline = made(
        rules, (0, "a", "x"), (1, "a", "x"), (2, "a", "x"), (20, "a", "y"), (21, "a", "y")
    )

    answer = asked(timeline, "done", "y")

    assert answer.decisive is not None
    assert answer.decisive.detail.startswith("2 a came within 5 s")


def test_a_transition_that_had_held_before_did_not_turn_true() -> None:
    rules = Choreography("r")
    rules.state_transition(
        event_type="a", condition="state[stream].get('n') == 1", action="go",
        target_capability="worker",
    )  # fmt: skip
    timeline = made(rules, (0, "a", "x"))
    log = timeline.log
    log.append(
        *(NewEvent(stream="y", type=t, data={"n": 1}, correlation_id="y") for t in ("b", "a"))
    )
    timeline.refresh()

    answer = asked(timeline, "done", "y")

    assert stopped(answer)[:2] == ("a⇒go", "condition")
    assert answer.decisive is not None
    assert "had held before" in answer.decisive.detail


def test_a_condition_over_the_past_is_evaluated_where_the_engine_would() -> None:
    rules = Choreography("r")
    rules.pattern(
        event_type="a", condition="len(correlated_events) >= 3 and state[stream]['n'] == 1",
        action="go", target_capability="worker",
    )  # fmt: skip
    timeline = made(
        rules, (0, "a", "x"), (1, "a", "x"), (2, "a", "x"), (0, "a", "y"), (1, "a", "y")
    )

    answer = asked(timeline, "done", "y")

    assert answer.decisive is not None
    assert [(part.text, part.values) for part in answer.decisive.parts] == [
        ("len(correlated_events) >= 3", [("len(correlated_events)", 2)])
    ]


@pytest.mark.parametrize(("seconds", "kind"), [(50, "waiting"), (1_000, "failed")])
def test_a_failed_request_waits_to_be_tried_again_or_is_given_up(seconds: float, kind: str) -> None:
    rules = Choreography("r")
    rules.pattern(event_type="a", action="go", target_capability="worker")
    timeline = made(rules, (0, "a", "x"), (0, "a", "bad"), seconds=seconds)

    answer = asked(timeline, "done", "bad")

    assert stopped(answer)[:2] == ("a→go", kind)
    assert answer.decisive is not None
    assert answer.decisive.detail.endswith(": it broke")


def test_a_duplicate_and_a_source_that_may_not_speak_are_told() -> None:
    rules = Choreography("r")
    rules.pattern(event_type="a", action="go", target_capability="worker")
    rules.deduplicate("a", keys=("n",), window_seconds=1e6)
    timeline = made(rules, (0, "a", "x"), (1, "a", "y"))
    strict = Choreography("s")
    strict.pattern(event_type="a", action="go", target_capability="worker")
    strict.allow("worker", "done")

    assert stopped(asked(timeline, "done", "y"))[1] == "duplicate"
    assert stopped(asked(made(strict, (0, "a", "y")), "done", "y"))[:2] == (
        "a→go", "refused",
    )  # fmt: skip


def test_rules_that_recorded_nothing_are_not_said_to_have_failed() -> None:
    rules = Choreography("r")
    rules.capability("worker")
    rules.pattern(
        event_type="a", condition="data['n'] > 1", action="go", target_capability="worker"
    )
    rules.allow("worker", "done")
    events = [
        NewEvent(stream="y", type="a", data={"n": n}, correlation_id="y", source="worker")
        for n in (1, 2)
    ]

    answer = asked(Timeline.open(recorded(events), choreography=rules), "done", "y")

    assert [found.kind for found in answer.absent[0].ways[0].found] == ["condition", "undecided"]
    assert answer.absent[0].ways[0].lead.seen == 0


def test_types_that_lead_to_one_another_end_the_telling() -> None:
    events = [
        NewEvent(stream="x", type="ab"[n % 2], id=f"{n}", data={}, correlation_id="x",
                 causation_id=f"{n - 1}" if n else "5")
        for n in range(6)
    ]  # fmt: skip
    events.append(NewEvent(stream="y", type="c", data={}, correlation_id="y"))

    answer = asked(Timeline.open(recorded(events)), "a", "y")

    nested = answer.absent[0].ways[0].found[0].absent[0]
    assert nested.type == "b"
    assert nested.ways[0].found[0].absent[0].again


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a > 1 and b > 1", ["b > 1"]),
        ("a > 5 or b > 5", ["a > 5", "b > 5"]),
        ("not (a > 1 and b > 0)", ["a > 1", "b > 0"]),
        ("not (a > 1 or b > 1)", ["a > 1"]),
        ("a > 1 and missing['x'] == 1 and b > 1", ["missing['x'] == 1"]),
        ("flag", ["flag"]),
        ("any(n > a for n in many)", ["any(n > a for n in many)"]),
        ("b if flag else flag", ["b if flag else flag"]),
    ],
)
def test_the_parts_that_decided_against_a_condition_are_named(text: str, parts: list[str]) -> None:
    names = {"a": 2, "b": 1, "flag": False, "many": [1, 2], "missing": {}}
    renamed = {"a": "data['a']", "b": "data['b']", "flag": "data['flag']", "many": "data['many']",
               "missing": "data['missing']"}  # fmt: skip

    def written(one: str) -> str:
        for name, full in renamed.items():
            one = re.sub(rf"\b{name}\b(?!')", full, one)
        return one

    found = unmet(compile_expression(written(text)), {"data": names})

    assert [part.text for part in found] == [written(part) for part in parts]
