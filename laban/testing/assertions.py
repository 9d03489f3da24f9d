"""Assertions whose failure is the first thing that is wrong, and what led to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from laban.replay.compare import Mask, profile
from laban.replay.compare.comparing import Order
from laban.replay.compare.mask import fitting
from laban.replay.expression import compile_expression
from laban.replay.pointer import parse_pointer
from laban.replay.recompute import recompute

from . import failures
from .frames import assertion
from .inputs import AnyChoreography, AnyLog, UnusableLogError, json_value, loaded
from .scene import compared, scene
from .states import first_match


@assertion
def assert_state(
    log: AnyLog,
    pointer: str,
    expected: Any,
    at: str | int | None = None,
    *,
    choreography: AnyChoreography | None = None,
) -> list[str]:
    """
    Assert that the state at *pointer* is *expected*, MISSING for nothing there.

    *at* is an address in the log as it was recorded; without it, the end. With a choreography
    the log is first made anew by its rules (see `replayed`), and its reducers make the state.
    """
    tokens, wanted = parse_pointer(pointer), json_value(expected)
    with scene(log, choreography, at) as found:
        return failures.state(found, tokens, wanted)


@assertion
def assert_never(
    log: AnyLog, expression: str, *, choreography: AnyChoreography | None = None
) -> list[str]:
    """
    Assert that *expression* holds after no event, as `laban bisect --where` looks for it.

    With a choreography the log is first made anew by its rules (see `replayed`).
    """
    test = compile_expression(expression)
    with scene(log, choreography) as found:
        return failures.match(found, test, first_match(found, test))


@assertion
def assert_decision(
    log: AnyLog,
    decision: str,
    on: str | int | None = None,
    *,
    choreography: AnyChoreography,
) -> list[str]:
    """
    Assert that *choreography* decides *decision*: an action to ask for, or a decision's type.

    *on* is the address of the event that it has to be decided on; without it, any will do.
    """
    with scene(log, choreography) as found:
        return failures.decision(found, decision, None if on is None else found.resolve(on))


@assertion
def assert_replays(log: AnyLog, choreography: AnyChoreography) -> list[str]:
    """
    Assert that *choreography* makes every decision of *log* as it is recorded there.

    Raises UnusableLogError where none is recorded.
    """
    rules = loaded(choreography)
    with scene(log) as found:
        answer = recompute(found.log, rules)
        if not answer.decisions:
            raise UnusableLogError(
                "The log holds no decision that could be compared: assert_decision needs none."
            )
        return failures.mismatches(found, answer)


@assertion
def assert_no_divergence(
    a: AnyLog,
    b: AnyLog,
    *,
    order: Order = "causal",
    mask: str | Mask | None = None,
    ignore: Iterable[str] = (),
) -> list[str]:
    """
    Assert that two runs say the same, as `laban compare` compares them.

    *order* is causal (streams may interleave in any way), stream or global; *mask* is a profile
    of what does not count, by default the one that fits, and *ignore* adds pointers to it that
    begin at the event, such as /data/seed.
    """
    with scene(a) as ours, scene(b) as theirs:
        chosen = profile(mask) if isinstance(mask, str) else mask or fitting(ours.log, theirs.log)
        return failures.divergence(
            ours, theirs, compared(ours.log, theirs.log, order, chosen.ignoring(ignore))
        )
