"""What a written test claims: an assertion, and the event that breaks it in the log at hand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from inspect import unwrap
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from laban import testing
from laban.replay.choreography import Choreography
from laban.replay.expression import compile_expression
from laban.replay.pointer import MISSING, parse_pointer
from laban.replay.search import Search
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError, UnknownStreamError
from laban.store.jsontext import to_json
from laban.testing.inputs import AnyLog

LONGEST_NAME = 60  # characters


class NothingToTestError(LabanError):
    """The log does not show what a test is wanted for."""


class Claim(Struct, frozen=True, kw_only=True):
    """An assertion over a log, called `function(LOG, *values, **options, choreography=…)`."""

    function: str  # a name in laban.testing
    name: str  # of the test, without test_
    values: tuple[Any, ...] = ()
    options: dict[str, Any] = {}
    focus: int | None = None  # the position of the event that is to be explained; None: all are
    stop: int  # the last position that matters

    def failure(self, log: AnyLog, rules: Choreography | None) -> str | None:
        """Return how *log* breaks the claim, None when it does not."""
        named = {} if rules is None else {"choreography": rules}
        find = unwrap(getattr(testing, self.function))  # what is told is not cut, then
        return "\n".join(find(log, *self.values, **self.options, **named)) or None


def state_claim(timeline: Timeline, pointer: str, expected: Any, stop: int) -> Claim:
    """Claim that *pointer* is *expected* at *stop*. Raises UnknownStreamError."""
    write = timeline.last_write(pointer, stop)
    stream = [*parse_pointer(pointer), ""][0]
    focus = write.position if write else timeline.last_write_of(stream, None, stop)
    if focus is None:
        raise UnknownStreamError(stream, timeline.similar_streams(stream))
    text = "nothing" if expected is MISSING else to_json(expected)
    said = "as expected" if isinstance(expected, (dict, list)) else text
    return Claim(
        function="assert_state",
        name=slug(pointer, "is", said),
        values=(pointer, expected),
        focus=focus,
        stop=stop,
    )


def never_claim(timeline: Timeline, expression: str, stop: int) -> Claim:
    """Claim that *expression* never holds. Raises NothingToTestError where it does not, now."""
    match = Search(timeline, compile_expression(expression)).first()
    if not match.position or match.position > stop:
        raise NothingToTestError(
            f"{expression} is never true up to @{stop}: there is nothing to test."
        )
    event = timeline.log.get(match.position)
    return Claim(
        function="assert_never",
        name=slug("no wrong", event.type, "in", event.stream),
        values=(expression,),
        focus=match.position,
        stop=match.position,
    )


def decision_claim(timeline: Timeline, decision: str, on: int) -> Claim:
    """Claim that *decision* is made on the event at *on*."""
    event = timeline.log.get(on)
    return Claim(
        function="assert_decision",
        name=slug(event.type, "leads to", decision, "in", event.stream),
        values=(decision,),
        options={"on": f"#{event.id}"},
        focus=on,
        stop=on,
    )


def replay_claim(what: str, stop: int, focus: int | None = None) -> Claim:
    """Claim that all decisions are made as they are recorded, or those around *focus*."""
    name = slug(what, "decides as recorded")
    return Claim(function="assert_replays", name=name, focus=focus, stop=stop)


def named_apart(claims: Sequence[Claim]) -> list[Claim]:
    """Return *claims* with a number after each name that was there before."""
    found: dict[str, Claim] = {}
    for claim in claims:
        names = (claim.name, *(f"{claim.name}_{n}" for n in range(2, len(claims) + 1)))
        name = next(name for name in names if name not in found)
        found[name] = replace(claim, name=name)
    return list(found.values())


def slug(*parts: str) -> str:
    """Return *parts* as part of a Python name."""
    words = re.sub(r"[^0-9a-z]+", "_", " ".join(parts).lower())
    return words[:LONGEST_NAME].strip("_")
