"""What a choreography declares. Every rule is a value: two equal rules are the same rule."""

from __future__ import annotations

from typing import Any, Literal, Self, TypeVar

from msgspec import Struct, ValidationError, convert, to_builtins
from msgspec.structs import replace

from laban.store.errors import LabanError, did_you_mean

from .wording import in_words

Balance = Literal["round_robin", "least_busy", "sticky"]
CHOICES = "round_robin, least_busy or sticky"  # no other option takes but some values


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something declared; seconds are of event time."""


class Reaction(Rule, frozen=True, kw_only=True, dict=True):
    """A rule that requests actions."""

    registered_by: str | None = None  # a source that is allowed to; None: the choreography itself

    @property
    def own_name(self) -> str:
        """The name that its options make."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """What decisions, figures and findings know it by: in a plan no other rule's name."""
        return str(vars(self).get("called", self.own_name))

    def renamed(self, name: str) -> Self:
        """Return the same rule under another name, which is no option of it."""
        rule = replace(self)
        vars(rule)["called"] = name
        return rule


class Pattern(Reaction, frozen=True, kw_only=True):
    """When an event of a type meets a condition, a capability is asked for an action."""

    event_type: str
    action: str
    target_capability: str
    condition: str = "True"
    priority: int = 5  # higher goes first; equal ones in the order of declaration
    correlation_keys: tuple[str, ...] = ()  # fields of `data`, for events without a correlation
    timeout_seconds: float | None = None  # until the action counts as failed

    @property
    def own_name(self) -> str:
        return f"{self.event_type}→{self.action}"


class Sequence(Reaction, frozen=True, kw_only=True):
    """Events of these types, in this order, within one correlation."""

    sequence_id: str
    events: tuple[str, ...]
    action: str
    target_capability: str
    max_interval: float | None = None  # seconds between two of the events

    @property
    def own_name(self) -> str:
        return self.sequence_id


class TemporalSequence(Reaction, frozen=True, kw_only=True):
    """After a trigger, events of all these types, in any order, within a time."""

    sequence_id: str
    trigger_event: str
    required_events: tuple[str, ...]
    time_window: float  # seconds from the trigger
    action: str
    target_capability: str

    @property
    def own_name(self) -> str:
        return self.sequence_id


class ThresholdPattern(Reaction, frozen=True, kw_only=True):
    """So many events of a type within a time, whatever their correlation."""

    event_type: str
    threshold: int
    time_window: float  # seconds that end at the event
    action: str
    target_capability: str

    @property
    def own_name(self) -> str:
        return f"{self.threshold}×{self.event_type}→{self.action}"


class StateTransition(Reaction, frozen=True, kw_only=True):
    """An event of a type after which a condition over the state holds that did not before."""

    event_type: str
    condition: str
    action: str
    target_capability: str

    @property
    def own_name(self) -> str:
        return f"{self.event_type}⇒{self.action}"


class SagaStep(Rule, frozen=True, kw_only=True):
    """One step of a saga, and how it is undone."""

    execute: str  # an action
    target_capability: str
    compensate: str | None = None  # an action; None: there is nothing to undo


class Saga(Reaction, frozen=True, kw_only=True):
    """Steps in order; when one fails for good, the finished ones are undone in reverse order."""

    saga_id: str
    start_event: str
    steps: tuple[SagaStep, ...]
    condition: str = "True"

    @property
    def own_name(self) -> str:
        return self.saga_id


class Breaker(Rule, frozen=True, kw_only=True):
    """When a capability is given a rest."""

    failure_threshold: int = 5  # failures in a row that open the circuit
    reset_seconds: float = 30.0  # how long it stays open before one probe is let through
    success_threshold: int = 1  # successful probes in a row that close it


class Retry(Rule, frozen=True, kw_only=True):
    """How often, and after how long, a failed action is tried again."""

    attempts: int = 3  # in all, the first one included
    base_seconds: float = 1.0
    factor: float = 2.0  # each wait is this many times the one before
    max_seconds: float = 60.0
    jitter: float = 0.0  # 0..1: the share of the wait that varies, derived from the request's id

    def wait_seconds(self, tries: int) -> float:
        """Return how long to wait after so many failed tries, before jitter."""
        wait = self.base_seconds
        for _ in range(tries - 1):  # a power would differ in its last digit between machines
            if wait >= self.max_seconds or self.factor == 1:
                break
            wait *= self.factor
        return min(wait, self.max_seconds)


class RateLimit(Rule, frozen=True, kw_only=True):
    """How many requests a capability takes in a time; more fail, and may be retried."""

    requests: int
    per_seconds: float


class Capability(Rule, frozen=True, kw_only=True):
    """What agents can do, and how they are protected."""

    name: str
    agents: tuple[str, ...] = ()  # none: the capability itself is the one agent
    outside: bool = False  # its agents work in other processes, and follow the log
    balance: Balance = "round_robin"
    breaker: Breaker | None = None
    retry: Retry | None = None
    timeout_seconds: float | None = None
    rate_limit: RateLimit | None = None
    fallback: str | None = None  # the capability that is asked when this one failed for good


class Contract(Rule, frozen=True, kw_only=True):
    """What the data of an event type looks like: JSON Schema."""

    event_type: str
    schema: dict[str, Any]


class Deduplication(Rule, frozen=True, kw_only=True):
    """Events of a type whose fields say the same within a time are one event."""

    event_type: str
    keys: tuple[str, ...]  # fields of `data`
    window_seconds: float


class Authorisation(Rule, frozen=True, kw_only=True):
    """What a source may do. Once one is declared, no other source may publish anything."""

    source: str
    event_types: tuple[str, ...] = ()  # that it may publish
    patterns: tuple[str, ...] = ()  # event types that the rules it registers may react to


class ChoreographyError(LabanError):
    """A choreography that cannot be run. Nothing of it was registered."""

    def __init__(self, problem: str, rule: Rule | None = None) -> None:
        super().__init__(problem)
        self.rule = rule  # that is wrong


R = TypeVar("R", bound=Rule)


def checked(kind: type[R], options: dict[str, Any]) -> R:
    """Return the rule that *options* describe. Raises ChoreographyError for any other option."""
    what = kind.__name__
    for option in options:
        if option not in kind.__struct_fields__:
            near = did_you_mean(option, kind.__struct_fields__)
            raise ChoreographyError(f"A {what} has no option {option!r}.{near}")
    try:
        return convert(to_builtins(options), kind)  # rules within are checked too, 1 becomes 1.0
    except (ValidationError, TypeError) as error:
        raise ChoreographyError(
            f"A {what} cannot be declared so: {in_words(error, 'it', CHOICES)}."
        ) from error
