"""The metrics of a choreography, from the events and decisions of its log alone."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from laban.store.clock import SECOND
from laban.store.collector import collector_paused
from laban.store.event import Event
from laban.store.log import EventLog

from .builder import CancelledError, Progress
from .choreography.decisions import CIRCUITS, is_decision
from .choreography.engine import unreadable
from .lives import Ended, Lives, rule_of

_TOO_MUCH = 1e18  # tokens or cost of one event: nobody meant that
POLL = 1_000  # events between two looks at *cancelled*
_MATCHES = (
    "pattern.matched", "transition.matched", "threshold.reached", "sequence.completed",
    "saga.started",
)  # fmt: skip
_STATES = {"circuit.opened": "open", "circuit.half_opened": "half_open", "circuit.closed": "closed"}


class RuleStats(Struct):
    """How often a rule fired, and what came of the actions that it asked for; a saga's: steps."""

    triggers: int = 0
    successes: int = 0  # requests that were carried out
    failures: int = 0  # requests that were given up
    mean_seconds: float | None = None  # from the request to the answer that ended it
    p95_seconds: float | None = None


class SequenceStats(Struct):
    """How often a sequence began, and how it ended."""

    active: int = 0
    completed: int = 0
    timed_out: int = 0
    completion_rate: float | None = None  # of those that are over


class SagaStats(Struct):
    """How often a saga began, and how it ended."""

    active: int = 0
    completed: int = 0
    compensated: int = 0
    failed: int = 0  # something could not be undone


class Spending(Struct):
    """What a source spent."""

    tokens: int = 0
    cost: float = 0.0


class Correlations(Struct):
    """The business transactions, by how long they took from the first event to the last."""

    count: int = 0
    active: int = 0  # an action, a sequence or a saga of it is open
    mean_seconds: float | None = None
    longest_seconds: float | None = None
    longest: str | None = None  # which one


class Memory(Struct):
    """What an engine has to keep in mind: actions, sequences and sagas that are open."""

    open: int = 0
    most_open: int = 0
    resident_bytes: int | None = None  # of this process, at most so far


class Stats(Struct, kw_only=True):
    """The metrics of one log. Seconds are of event time."""

    events: int = 0
    decisions: int = 0  # events that the engine made
    seconds: float = 0.0  # from the first event to the last
    events_per_second: float | None = None
    types: dict[str, int] = field(default_factory=dict)  # the most frequent first
    rates: dict[str, float] = field(default_factory=dict)  # events a second, by type
    sources: dict[str, int] = field(default_factory=dict)
    rules: dict[str, RuleStats] = field(default_factory=dict)
    correlations: Correlations = field(default_factory=Correlations)
    sequences: dict[str, SequenceStats] = field(default_factory=dict)
    circuits: dict[str, dict[str, float]] = field(default_factory=dict)  # seconds by state
    sagas: dict[str, SagaStats] = field(default_factory=dict)
    spending: dict[str, Spending] = field(default_factory=dict)  # by source
    memory: Memory = field(default_factory=Memory)


@collector_paused()
def measure(
    log: EventLog,
    *,
    progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Stats:
    """
    Return the metrics of *log*, in one pass.

    Memory is bounded by the correlations and by eight bytes an answered request. Raises
    CancelledError when *cancelled* returns True.
    """
    meter, head = _Meter(), log.head()
    for event in log.read(1, head):
        meter.take_in(event)
        if event.position % POLL == 0:
            if cancelled is not None and cancelled():
                raise CancelledError(f"Cancelled after {event.position:,} of {head:,} events.")
            if progress is not None:
                progress(event.position, head)
    return meter.finish()


class _Meter:
    def __init__(self) -> None:
        self.stats = Stats()
        self._types: Counter[str] = Counter()
        self._sources: Counter[str] = Counter()
        self._spans: dict[str, list[int]] = {}  # first and last time, by correlation
        self._responses: dict[str, array[float]] = {}  # seconds, by rule
        self._circuits: dict[str, tuple[str, int]] = {}  # state and since when
        self._lives = Lives()
        self._first_ns: int | None = None
        self._now_ns = 0

    def take_in(self, event: Event) -> None:
        self.stats.events += 1
        self._types[event.type] += 1
        self._sources[event.source] += 1
        if event.time_ns is not None:
            self._take_time(event, event.time_ns)
        if unreadable(event) is not None:
            return
        self._spend(event)
        if is_decision(event):
            self.stats.decisions += 1
            self._decided(event)
        if event.stream[0] == "$":
            for ended in self._lives.take_in(event):
                self._ended(ended, event)

    def finish(self) -> Stats:
        stats, lives = self.stats, self._lives
        stats.types, stats.sources = (
            dict(self._types.most_common()),
            dict(self._sources.most_common()),
        )
        if self._first_ns is not None:
            stats.seconds = (self._now_ns - self._first_ns) / SECOND
            if stats.seconds:
                stats.events_per_second = stats.events / stats.seconds
                stats.rates = {t: count / stats.seconds for t, count in stats.types.items()}
        for life in lives.open.values():
            if life.kind == "sequence":
                self._of_sequence(life.rule).active += 1
            elif life.kind == "saga":
                self._of_saga(life.rule).active += 1
        for capability, (state, since) in self._circuits.items():
            self._stood(capability, state, since, self._now_ns)
        for rule, seconds in self._responses.items():
            of = self._of_rule(rule)
            of.mean_seconds, of.p95_seconds = sum(seconds) / len(seconds), percentile(seconds, 95)
        for sequence in stats.sequences.values():
            over = sequence.completed + sequence.timed_out
            sequence.completion_rate = sequence.completed / over if over else None
        stats.rules = dict(sorted(stats.rules.items(), key=lambda item: -item[1].triggers))
        stats.correlations = self._correlations()
        stats.memory = Memory(len(lives.open), lives.most, _resident_bytes())
        return stats

    def _take_time(self, event: Event, time_ns: int) -> None:
        if self._first_ns is None:
            self._first_ns = self._now_ns = time_ns
        self._first_ns = min(self._first_ns, time_ns)
        self._now_ns = max(self._now_ns, time_ns)
        if event.correlation_id is not None:
            span = self._spans.setdefault(event.correlation_id, [time_ns, time_ns])
            span[0], span[1] = min(span[0], time_ns), max(span[1], time_ns)

    def _spend(self, event: Event) -> None:
        text = event.metadata.text
        if '"tokens"' in text or '"cost"' in text:
            tokens = int(_number(event.metadata.get("tokens")))
            cost = _number(event.metadata.get("cost"))
            if tokens or cost:
                of = self.stats.spending.setdefault(event.source, Spending())
                of.tokens += tokens
                of.cost += cost

    def _decided(self, event: Event) -> None:
        if event.type in _MATCHES:
            self._of_rule(rule_of(event)).triggers += 1
        elif event.stream == CIRCUITS and event.type in _STATES:
            for capability in event.data:
                state, since = self._circuits.get(capability, ("closed", self._first_ns or 0))
                self._stood(capability, state, since, self._now_ns)
                self._circuits[capability] = (_STATES[event.type], self._now_ns)

    def _stood(self, capability: str, state: str, since_ns: int, until_ns: int) -> None:
        spent = self.stats.circuits.setdefault(
            capability, {"closed": 0.0, "open": 0.0, "half_open": 0.0}
        )
        spent[state] += (until_ns - since_ns) / SECOND

    def _ended(self, ended: Ended, event: Event) -> None:
        life, how = ended.life, ended.how
        if life.kind == "sequence":
            of_sequence = self._of_sequence(life.rule)
            of_sequence.completed += how == "completed"
            of_sequence.timed_out += how == "timed out"
        elif life.kind == "saga":
            of_saga = self._of_saga(life.rule)
            of_saga.completed += how == "completed"
            of_saga.compensated += how == "compensated"
            of_saga.failed += how == "failed"
        else:
            of_rule = self._of_rule(life.rule)
            of_rule.successes += how == "completed"
            of_rule.failures += how == "failed"
            if how == "completed" and life.since_ns is not None and event.time_ns is not None:
                seconds = (event.time_ns - life.since_ns) / SECOND
                self._responses.setdefault(life.rule, array("d")).append(seconds)

    def _of_rule(self, rule: str) -> RuleStats:
        return self.stats.rules.setdefault(rule, RuleStats())

    def _of_sequence(self, rule: str) -> SequenceStats:
        return self.stats.sequences.setdefault(rule, SequenceStats())

    def _of_saga(self, rule: str) -> SagaStats:
        return self.stats.sagas.setdefault(rule, SagaStats())

    def _correlations(self) -> Correlations:
        if not self._spans:
            return Correlations()
        seconds = {name: (last - first) / SECOND for name, (first, last) in self._spans.items()}
        longest = max(seconds, key=lambda name: seconds[name])
        return Correlations(
            count=len(seconds),
            active=len({life.correlation for life in self._lives.open.values()}),
            mean_seconds=sum(seconds.values()) / len(seconds),
            longest_seconds=seconds[longest],
            longest=longest,
        )


def percentile(values: array[float], percent: int) -> float:
    """Return the least of *values* that so many percent of them do not exceed."""
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


def _number(value: Any) -> float:
    """Return a finite number as it is, 0 for anything else."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if is_number and abs(value) < _TOO_MUCH else 0


def _resident_bytes() -> int | None:
    """Return how much memory this process had at most, None where the system does not tell."""
    try:
        import resource
        import sys
    except ImportError:  # Windows
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
