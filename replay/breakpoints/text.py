"""Breakpoints as one line of text, parsed and written back the same."""

from __future__ import annotations

import json
import re
from typing import Literal, get_args

from msgspec import Struct

from laban.replay.expression import ExpressionError, compile_expression
from laban.replay.pointer import format_pointer, parse_pointer
from laban.store.errors import LabanError

Kind = Literal["when", "type", "source", "stream", "correlation", "at", "write"]
NAMED = tuple(kind for kind in get_args(Kind) if kind != "when")

_SUFFIX = re.compile(r"(.*\S)\s+(?:(once)|(off)|ignore\s+([0-9]{1,9}))", re.DOTALL)
_PLAIN = re.compile(r"[\w/@#+][\w.:/@#%+→-]*")  # what needs no quotes
_KEYWORD = re.compile(r"(?:if|and|or|in|is|not|once|off|ignore)\b")
_EXAMPLE = "type order_failed if data['n'] > 3 ignore 2 once"


class BadBreakpointError(LabanError):
    """The text is no breakpoint."""


class Breakpoint(Struct, frozen=True):
    """
    What to stop at.

    `when`: where an expression holds; one over the state alone, where it turns true. `type`,
    `source`, `stream`, `correlation`: events of that name. `at`: an address. `write`: events
    that write a path, or a part of it.
    """

    kind: Kind
    target: str
    condition: str | None = None  # an expression that has to hold, too
    ignore: int = 0  # so many times are passed over
    once: bool = False  # it goes when it has stopped a run
    enabled: bool = True
    hits: int = 0  # how often it was met, those passed over included

    @property
    def place(self) -> str:
        """What it stops at, without how often: `type order_failed if data['n'] > 3`."""
        named = self.target if self.kind == "when" else f"{self.kind} {_quoted(self.target)}"
        return f"{named} if {self.condition}" if self.condition else named

    @property
    def text(self) -> str:
        """The line that it is parsed from; hits are left out."""
        ignore = f" ignore {self.ignore}" if self.ignore else ""
        once, off = " once" * self.once, " off" * (not self.enabled)
        return f"{self.place}{ignore}{once}{off}"


def parse_breakpoint(text: str) -> Breakpoint:
    """
    Return the breakpoint that a line of *text* is.

    Raises BadBreakpointError, BadPointerError, or ExpressionError, which marks the place.
    """
    place, ignore, once, enabled = " ".join(text.splitlines()).strip(), 0, False, True
    while suffix := _SUFFIX.fullmatch(place):
        place, is_once, is_off, times = suffix.groups()
        once, enabled = once or bool(is_once), enabled and not is_off
        ignore = int(times) if times else ignore
    kind, target, condition = _parsed(place)
    return Breakpoint(kind, target, condition, ignore, once, enabled)


def _parsed(place: str) -> tuple[Kind, str, str | None]:
    kind = next((kind for kind in NAMED if re.match(rf"{kind}(?:\s|$)", place)), None)
    if place == kind:
        raise BadBreakpointError(f"What {kind}? Name it, as in {_EXAMPLE}.")
    try:
        compile_expression(place)
    except ExpressionError:
        if kind is None:
            raise
    else:
        return "when", place, None
    target, rest = _target(place[len(kind) :].strip())
    if kind == "write":
        target = format_pointer(parse_pointer(target)) or "/"
    if not rest:
        return kind, target, None
    if not re.match(r"if\s+\S", rest):
        raise BadBreakpointError(f"{rest!r} follows {kind} {target}: write it as in {_EXAMPLE}.")
    condition = rest[2:].strip()
    compile_expression(condition)
    return kind, target, condition


def _target(text: str) -> tuple[str, str]:
    """Return the name that *text* begins with, and the rest."""
    if text.startswith('"'):
        try:
            target, end = json.JSONDecoder().raw_decode(text)
        except ValueError:
            raise BadBreakpointError(f"{text} has no closing quote.") from None
    else:
        target = text.split(None, 1)[0]
        end = len(target)
    return target, text[end:].strip()


def _quoted(name: str) -> str:
    if _PLAIN.fullmatch(name) and not _KEYWORD.match(name):
        return name
    return json.dumps(name, ensure_ascii=not name.isprintable())
