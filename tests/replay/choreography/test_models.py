"""Each machine against a small model of its own, through whatever hypothesis does to both."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from laban.replay.choreography import Breaker, Choreography, Retry, SagaStep
from laban.store.clock import SECOND
from tests.effort import tries

from .desk import Desk, asked, types

PAUSES = st.sampled_from([0.0, 1.0, 1.5, 2.0, 4.0, 5.0, 7.0])
STEPS = settings(max_examples=tries(40), stateful_step_count=30)


def seconds(desk: Desk) -> float:
    return desk.now_ns / SECOND


class SequenceModel(RuleBasedStateMachine):
    """A sequence is what a scan over all events of its correlation finds."""

    EVENTS = ("a", "b", "a", "c")
    INTERVAL = 2.0

    @initialize(limited=st.booleans())
    def begin(self, limited: bool) -> None:
        self.interval = self.INTERVAL if limited else None
        choreography = Choreography("model")
        choreography.capability("clerk")
        choreography.sequence(
            sequence_id="s",
            events=self.EVENTS,
            max_interval=self.interval,
            action="act",
            target_capability="clerk",
        )
        self.desk = Desk(choreography)
        self.past: dict[str, list[tuple[float, str]]] = {"x": [], "y": []}
        self.decided = {"advanced": 0, "completed": 0, "timed_out": 0}

    @rule(type=st.sampled_from("abc"), correlation=st.sampled_from("xy"))
    def happens(self, type: str, correlation: str) -> None:
        self.past[correlation].append((seconds(self.desk), type))
        self.count(types(self.desk.happens(type, correlation=correlation)))

    @rule(pause=PAUSES)
    def time_passes(self, pause: float) -> None:
        self.count(types(self.desk.wait(pause)))

    def count(self, decisions: list[str]) -> None:
        for kind in self.decided:
            self.decided[kind] += decisions.count(f"sequence.{kind}")
        scans = [self.scan(past) for past in self.past.values()]
        assert self.decided == {kind: sum(scan[kind] for scan in scans) for kind in self.decided}

    def scan(self, past: list[tuple[float, str]]) -> dict[str, int]:
        found = dict.fromkeys(self.decided, 0)
        done, last = 0, 0.0
        for time, type in [*past, (seconds(self.desk), "nothing")]:
            if done and self.interval is not None and time - last > self.interval:
                found["timed_out"] += 1
                done = 0
            if type == self.EVENTS[done]:
                done, last = done + 1, time
                found["advanced" if done < len(self.EVENTS) else "completed"] += 1
                done %= len(self.EVENTS)
        return found


class BreakerModel(RuleBasedStateMachine):
    """A breaker is what the answers to the requests that count say of it."""

    FAILURES, RESET, SUCCESSES = 2, 5.0, 2

    def __init__(self) -> None:
        super().__init__()
        choreography = Choreography("model")
        rule = Breaker(
            failure_threshold=self.FAILURES,
            reset_seconds=self.RESET,
            success_threshold=self.SUCCESSES,
        )
        choreography.capability("clerk", breaker=rule)
        choreography.pattern(event_type="asked", action="act", target_capability="clerk")
        self.desk = Desk(choreography)
        self.opened: float | None = None  # when; None: it is closed
        self.answers: list[bool] = []  # that count: since it closed, or of its probes
        self.probe: str | None = None

    @rule()
    def ask(self) -> None:
        before = set(self.desk.awaited)
        decisions = types(self.desk.happens("asked"))
        sent = set(self.desk.awaited) - before

        expected = ["pattern.matched", "action.requested"]
        if self.opened is not None:
            trying = bool(self.answers) or self.probe is not None
            if self.probe is not None or seconds(self.desk) < self.opened + self.RESET:
                assert decisions[1:] == ["action.rejected", "action.dead_lettered"]
                assert not sent
                return
            (self.probe,) = sent
            expected[1:1] = [] if trying else ["circuit.half_opened"]
        assert decisions == expected

    @precondition(lambda self: self.desk.awaited)
    @rule(which=st.integers(0), success=st.booleans())
    def answer(self, which: int, success: bool) -> None:
        request = self.desk.awaited[which % len(self.desk.awaited)]
        answer = self.desk.completed if success else self.desk.failed
        decisions = [t for t in types(answer(request)) if t.startswith("circuit")]

        assert decisions == self.expected(request, success)

    def expected(self, request: str, success: bool) -> list[str]:
        if self.opened is None:
            self.answers.append(success)
            if self.answers[-self.FAILURES :] != [False] * self.FAILURES:
                return []
        elif request != self.probe:
            return []
        elif success:
            self.probe = None
            self.answers.append(success)
            if len(self.answers) < self.SUCCESSES:
                return []
            self.opened, self.answers = None, []
            return ["circuit.closed"]
        self.opened, self.answers, self.probe = seconds(self.desk), [], None
        return ["circuit.opened"]

    @rule(pause=PAUSES)
    def time_passes(self, pause: float) -> None:
        assert self.desk.wait(pause) == []


class SagaModel(RuleBasedStateMachine):
    """A saga is a list of actions to do and a stack of actions to undo."""

    @initialize(undoable=st.lists(st.booleans(), min_size=1, max_size=4))
    def begin(self, undoable: list[bool]) -> None:
        choreography = Choreography("model")
        choreography.capability("clerk")
        steps = tuple(
            SagaStep(execute=f"do{n}", compensate=f"undo{n}" if can else None,
                     target_capability="clerk")
            for n, can in enumerate(undoable)
        )  # fmt: skip
        choreography.saga(saga_id="saga", start_event="asked", steps=steps)
        self.steps, self.desk = steps, Desk(choreography)
        self.runs: dict[str, dict[str, Any]] = {}  # by the request that is awaited
        self.number = 0

    @rule()
    def ask(self) -> None:
        decisions = self.desk.happens("asked")
        run = {"do": list(self.steps), "undo": [], "back": False, "lost": False}

        assert types(decisions)[0] == "saga.started"
        self.follow(run, decisions[1:])

    @precondition(lambda self: self.runs)
    @rule(which=st.integers(0), success=st.booleans())
    def answer(self, which: int, success: bool) -> None:
        request = sorted(self.runs)[which % len(self.runs)]
        run = self.runs.pop(request)
        decisions = self.desk.completed(request) if success else self.desk.failed(request)

        if not success:
            assert types(decisions)[0] == "action.dead_lettered"
            decisions = decisions[1:]
        if run["back"]:
            run["lost"] |= not success
            kind = "saga.step_compensated" if success else "saga.compensation_failed"
        else:
            kind = "saga.step_completed" if success else "saga.step_failed"
            done = run["do"].pop(0)
            run["back"] = not success
            run["undo"] += [done.compensate] if success and done.compensate else []
        assert types(decisions)[0] == kind
        self.follow(run, decisions[1:])

    def follow(self, run: dict[str, Any], decisions: list[Any]) -> None:
        if run["back"] and run["undo"]:
            expected = run["undo"].pop()
        elif not run["back"] and run["do"]:
            expected = run["do"][0].execute
        else:
            end = "failed" if run["lost"] else "compensated" if run["back"] else "completed"
            assert types(decisions) == [f"saga.{end}"]
            return
        assert asked(decisions) == [expected]
        assert types(decisions) == ["action.requested"]
        (request,) = decisions[0].data
        self.runs[request] = run


class RetryModel(RuleBasedStateMachine):
    """A request is its number of attempts, and either awaited or due to be tried again."""

    ATTEMPTS, LONGEST, DEADLINE = 3, 3.0, 4.0

    def __init__(self) -> None:
        super().__init__()
        choreography = Choreography("model")
        retry = Retry(attempts=self.ATTEMPTS, base_seconds=2, factor=2, max_seconds=self.LONGEST)
        choreography.capability("clerk", retry=retry, timeout_seconds=self.DEADLINE)
        choreography.pattern(event_type="asked", action="act", target_capability="clerk")
        self.desk = Desk(choreography)
        self.open: dict[str, tuple[int, bool, float]] = {}  # attempt, awaited, when that ends

    @rule()
    def ask(self) -> None:
        (request,) = self.desk.happens("asked")[-1].data
        self.open[request] = (1, True, seconds(self.desk) + self.DEADLINE)
        self.agree()

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0), success=st.booleans(), attempt=st.integers(1, 3))
    def answer(self, which: int, success: bool, attempt: int) -> None:
        request = sorted(self.open)[which % len(self.open)]
        awaited = self.open[request][:2] == (attempt, True)
        answer = self.desk.completed if success else self.desk.failed
        decisions = types(answer(request, attempt))

        if awaited and success:
            del self.open[request]
        elif awaited:
            self.fail(request, seconds(self.desk))
        assert bool(decisions) == (awaited and not success)
        self.agree()

    @rule(pause=PAUSES)
    def time_passes(self, pause: float) -> None:
        end = seconds(self.desk) + pause
        self.desk.wait(pause)

        while due := [(at, request) for request, (_, _, at) in self.open.items() if at <= end]:
            at, request = min(due)
            attempt, awaited, _ = self.open[request]
            if awaited:
                self.fail(request, at)
            else:
                self.open[request] = (attempt + 1, True, at + self.DEADLINE)
        self.agree()

    def fail(self, request: str, at: float) -> None:
        attempt = self.open.pop(request)[0]
        if attempt < self.ATTEMPTS:
            self.open[request] = (attempt, False, at + {1: 2.0, 2: 3.0}[attempt])

    def agree(self) -> None:
        actual = self.desk.engine.actions.open
        assert {id: (r.attempt, r.sent) for id, r in actual.items()} == {
            id: (attempt, awaited) for id, (attempt, awaited, _) in self.open.items()
        }


class DeduplicationModel(RuleBasedStateMachine):
    """Of all that was accepted, something of the same content was within the window."""

    WINDOW = 4.0

    def __init__(self) -> None:
        super().__init__()
        choreography = Choreography("model")
        choreography.capability("clerk")
        choreography.deduplicate("asked", keys=("a", "b"), window_seconds=self.WINDOW)
        choreography.pattern(event_type="asked", action="act", target_capability="clerk")
        self.desk = Desk(choreography)
        self.accepted: list[tuple[float, dict[str, Any]]] = []

    @rule(data=st.fixed_dictionaries({}, optional={k: st.sampled_from([0, "0"]) for k in "abc"}))
    def happens(self, data: dict[str, Any]) -> None:
        now = seconds(self.desk)
        known = any(
            now - time <= self.WINDOW and all(then.get(k) == data.get(k) for k in "ab")
            for time, then in self.accepted
        )
        self.accepted += [] if known else [(now, data)]
        decisions = types(self.desk.happens("asked", data))

        assert decisions[0] == ("event.deduplicated" if known else "pattern.matched")

    @rule(pause=PAUSES)
    def time_passes(self, pause: float) -> None:
        assert self.desk.wait(pause) == []


TestSequence = SequenceModel.TestCase
TestBreaker = BreakerModel.TestCase
TestSaga = SagaModel.TestCase
TestRetry = RetryModel.TestCase
TestDeduplication = DeduplicationModel.TestCase
for case in (TestSequence, TestBreaker, TestSaga, TestRetry, TestDeduplication):
    case.settings = STEPS
del case
