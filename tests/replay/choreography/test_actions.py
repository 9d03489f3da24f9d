"""What becomes of a requested action: agents, answers, retries, limits, circuits, fallbacks."""

from __future__ import annotations

from typing import Any

import pytest

from laban.replay.choreography import Breaker, Choreography, RateLimit, Retry
from laban.store.clock import SECOND

from .desk import NOON, Desk, asked, only, types


def till(**options: Any) -> Desk:
    """A desk where every `ordered` asks for `pay`."""
    choreography = Choreography("shop")
    choreography.capability("till", **options)
    choreography.capability("cash", agents=("jar",), retry=Retry(attempts=2))
    choreography.pattern(event_type="ordered", action="pay", target_capability="till")
    return Desk(choreography)


def agents(desk: Desk, correlations: str) -> list[str]:
    """Return the agents that one order after the other goes to."""
    return [
        only(desk.happens("ordered", correlation=correlation), "action.requested")["agent"]
        for correlation in correlations
    ]


def test_round_robin_takes_agents_in_turn() -> None:
    assert agents(till(agents=("a", "b", "c")), "11111") == ["a", "b", "c", "a", "b"]


def test_sticky_gives_a_correlation_to_the_agent_that_had_it_before() -> None:
    desk = till(agents=("a", "b"), balance="sticky")

    assert agents(desk, "121321") == ["a", "b", "a", "a", "b", "a"]


def test_least_busy_goes_to_the_agent_with_the_fewest_open_requests() -> None:
    desk = till(agents=("a", "b"), balance="least_busy")
    before = agents(desk, "1234")  # a: 1 and 3, b: 2 and 4
    desk.completed(desk.awaited[3])
    desk.failed(desk.awaited[1])

    after = agents(desk, "567")

    assert before == ["a", "b", "a", "b"]
    assert after == ["b", "b", "a"]


def test_a_capability_without_agents_is_its_own_agent() -> None:
    assert agents(till(), "1") == ["till"]


def test_a_completed_action_is_over_and_a_second_answer_says_nothing() -> None:
    desk = till()
    desk.happens("ordered")
    (request,) = desk.awaited

    first = desk.completed(request)
    second = desk.failed(request, attempt=1)

    assert (first, second) == ([], [])
    assert desk.engine.actions.open == {}


def test_an_answer_to_another_attempt_is_ignored() -> None:
    desk = till(timeout_seconds=5, retry=Retry(attempts=2, base_seconds=1))
    desk.happens("ordered")
    (request,) = desk.awaited
    desk.wait(6)  # the first attempt timed out, the second is under way

    late = desk.failed(request, attempt=1)

    assert late == []
    assert desk.engine.actions.awaits(request, 2)


def test_an_answer_that_came_while_it_waits_to_be_retried_is_ignored() -> None:
    desk = till(timeout_seconds=5, retry=Retry(attempts=2, base_seconds=10))
    desk.happens("ordered")
    (request,) = desk.awaited
    desk.wait(5)

    late = desk.completed(request, attempt=1)

    assert late == []
    assert asked(desk.wait(10)) == ["pay"]


@pytest.mark.parametrize("answer", ["done", {}, {"attempt": 2}, {"attempt": [1]}, None])
@pytest.mark.parametrize("known", [True, False])
def test_an_unknown_or_malformed_answer_is_ignored(answer: object, known: bool) -> None:
    desk = till()
    desk.happens("ordered")
    id = desk.awaited[0] if known else "nobody"

    ignored = desk.happens("action.completed", {id: answer}, stream="$actions", source="till")

    assert ignored == []
    assert len(desk.awaited) == 1


def test_waits_grow_by_the_factor_up_to_the_longest_and_the_last_failure_is_a_dead_letter() -> None:
    desk = till(retry=Retry(attempts=4, base_seconds=1, factor=3, max_seconds=5))
    desk.happens("ordered")
    (request,) = desk.awaited

    waits = []
    for _ in range(3):
        retried = only(desk.failed(request), "action.retried")
        waits.append(retried["wait_seconds"])
        assert desk.wait(waits[-1] - 0.001) == []
        assert asked(desk.wait(0.001)) == ["pay"]
    last = desk.failed(request, reason="broke")

    assert waits == [1, 3, 5]
    letter = {"action": "pay", "capability": "till", "reason": "broke"}
    assert only(last, "action.dead_lettered") == letter
    assert desk.engine.actions.open == {}


def test_jitter_varies_a_wait_by_at_most_its_share_and_is_the_same_when_recomputed() -> None:
    jitters = []
    for _ in range(2):
        desk = till(retry=Retry(attempts=2, base_seconds=10, jitter=0.5))
        for _ in range(30):
            desk.happens("ordered")
        retried = [only(desk.failed(request), "action.retried") for request in desk.awaited]
        jitters.append([about["jitter_seconds"] for about in retried])
        for about in retried:
            assert about["due_ns"] == NOON + round((10 + about["jitter_seconds"]) * SECOND)

    assert jitters[0] == jitters[1]
    assert 0 <= min(jitters[0]) < 1.5 < 3.5 < max(jitters[0]) <= 5


def test_retries_without_a_wait_end_too() -> None:
    limit = RateLimit(requests=1, per_seconds=60)
    desk = till(retry=Retry(attempts=3, base_seconds=0), rate_limit=limit)
    desk.happens("ordered")

    decisions = desk.happens("ordered") + desk.wait(0)

    assert types(decisions)[1:] == [
        "action.rate_limited", "action.retried",
        "action.rate_limited", "action.retried",
        "action.rate_limited", "action.dead_lettered",
    ]  # fmt: skip


def test_a_wait_of_thousands_of_attempts_is_the_longest() -> None:
    assert Retry(attempts=5000, factor=10, max_seconds=60).wait_seconds(4000) == 60


@pytest.mark.parametrize("where", ["pattern", "capability"])
def test_an_action_that_is_not_answered_in_time_fails(where: str) -> None:
    choreography = Choreography("shop")
    own, general = (5.0, 100.0) if where == "pattern" else (None, 5.0)
    choreography.capability("till", timeout_seconds=general)
    choreography.pattern(
        event_type="ordered", action="pay", target_capability="till", timeout_seconds=own
    )
    desk = Desk(choreography)
    requested = only(desk.happens("ordered"), "action.requested")

    waited = desk.wait(4.999)
    late = desk.wait(0.001)

    assert requested["deadline_ns"] == NOON + 5 * SECOND
    assert waited == []
    assert types(late) == ["action.timed_out", "action.dead_lettered"]


def test_an_action_that_is_answered_in_time_has_no_timer_left() -> None:
    desk = till(timeout_seconds=5)
    desk.happens("ordered")
    desk.completed(desk.awaited[0])

    assert desk.engine.timers.next() is None


def test_a_rate_limit_admits_so_many_in_any_window() -> None:
    desk = till(rate_limit=RateLimit(requests=2, per_seconds=10))

    outcomes = []
    for _ in range(8):
        outcomes.append(types(desk.happens("ordered"))[1])
        desk.wait(3)

    taken, refused = "action.requested", "action.rate_limited"
    assert outcomes == [taken, taken, refused, refused, taken, taken, refused, refused]


def test_what_failed_for_good_is_handed_to_the_fallback_with_attempts_counted_on() -> None:
    desk = till(fallback="cash", retry=Retry(attempts=2, base_seconds=1))
    desk.happens("ordered")
    (request,) = desk.awaited
    desk.failed(request)
    desk.wait(1)

    fallen = desk.failed(request, reason="no network")
    stale = [desk.failed(request, attempt=number) for number in (1, 2)]
    again = desk.failed(request, attempt=3)
    desk.wait(1)
    done = desk.completed(request, attempt=4)

    assert types(fallen) == ["action.fell_back", "action.requested"]
    assert only(fallen, "action.fell_back")["reason"] == "no network"
    assert only(fallen, "action.requested")["agent"] == "jar"
    assert stale == [[], []]
    assert types(again) == ["action.retried"]
    assert done == []
    assert desk.engine.actions.open == {}


def test_a_circuit_opens_fails_fast_probes_and_closes() -> None:
    desk = till(breaker=Breaker(failure_threshold=2, reset_seconds=10, success_threshold=2))

    def order() -> list[str]:
        return types(desk.happens("ordered"))[1:]

    history = [order(), types(desk.failed(desk.awaited[0]))]
    history += [order(), types(desk.failed(desk.awaited[0]))]
    desk.wait(9.999)
    history.append(order())
    desk.wait(0.001)
    history.append(order())
    history.append(order())  # while the probe is under way
    history.append(types(desk.completed(desk.awaited[0])))
    history.append(order())
    history.append(types(desk.completed(desk.awaited[0])))
    history.append(order())

    refused = ["action.rejected", "action.dead_lettered"]
    assert history == [
        ["action.requested"],
        ["action.dead_lettered"],
        ["action.requested"],
        ["circuit.opened", "action.dead_lettered"],
        refused,
        ["circuit.half_opened", "action.requested"],
        refused,
        [],
        ["action.requested"],
        ["circuit.closed"],
        ["action.requested"],
    ]


def test_a_failed_probe_opens_the_circuit_again_for_its_whole_time() -> None:
    desk = till(breaker=Breaker(failure_threshold=1, reset_seconds=10))
    desk.happens("ordered")
    desk.failed(desk.awaited[0])
    desk.wait(10)
    desk.happens("ordered")

    reopened = desk.failed(desk.awaited[0])
    desk.wait(9)

    assert types(reopened)[0] == "circuit.opened"
    assert types(desk.happens("ordered"))[1] == "action.rejected"


def test_answers_to_what_was_admitted_before_the_circuit_opened_do_not_count() -> None:
    desk = till(breaker=Breaker(failure_threshold=1, reset_seconds=10))
    for _ in range(3):
        desk.happens("ordered")
    first, second, third = desk.awaited
    desk.failed(first)

    succeeded = desk.completed(second)
    desk.wait(10)
    desk.happens("ordered")
    failed = desk.failed(third)

    assert succeeded == []
    assert types(failed) == ["action.dead_lettered"]
    assert desk.engine.actions.circuits["till"].state == "half_open"
