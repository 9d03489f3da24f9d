"""What is watched: expressions and paths, and their values at a position."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from laban.replay.breakpoints import Breakpoint
from laban.replay.expression import Expression, Undefined, compile_expression
from laban.replay.pointer import MISSING, parse_pointer
from laban.replay.scope import STATE_NAMES, Scope, plain
from laban.replay.timeline import Timeline
from laban.tui.refusal import Refusal
from laban.tui.state.preview import preview
from laban.tui.values import BreakpointRow

SLOW = 0.1  # seconds; what takes longer is worked out when it is asked for only
_SHOWN = 200  # characters of a value
_UNDEFINED = "undefined"


class Watch:
    """An expression whose value is shown, and how long it took the last time."""

    def __init__(self, expression: Expression, enabled: bool = True) -> None:
        self.expression = expression
        self.enabled = enabled
        self.took = 0.0

    @property
    def text(self) -> str:
        return self.expression.text


class Watches:
    """The expressions that are watched, in the order they were added."""

    def __init__(self) -> None:
        self.all: list[Watch] = []

    def add(self, text: str) -> str:
        """Watch an expression and say so. Raises ExpressionError."""
        expression = compile_expression(text)
        if any(watch.text == expression.text for watch in self.all):
            raise Refusal(f"{expression.text} is watched already.")
        self.all.append(Watch(expression))
        return f"watching {expression.text}"

    def remove(self, index: int) -> str:
        """Watch it no more and say so."""
        return f"no longer watched: {self.all.pop(index).text}"

    def toggle(self, index: int) -> str:
        """Stop working it out, or do so again, and say so."""
        watch = self.all[index]
        watch.enabled = not watch.enabled
        return f"watch {'on' if watch.enabled else 'off'}: {watch.text}"

    def since(self, index: int, timeline: Timeline, position: int) -> int:
        """Return since which position an expression over the state has had its value."""
        watch = self.all[index]
        if not watch.expression.names <= STATE_NAMES:
            raise Refusal(f"{watch.text} reads the event, so it changes with every one.")
        scope = Scope(timeline, position)
        watch.expression.holds(scope)
        if scope.reads.everything or scope.before_reads.everything:
            raise Refusal(f"{watch.text} reads all of the state, which any event may change.")
        return scope.last_change()

    def again(self, index: int) -> bool:
        """Let one that takes long be worked out once more; tell whether it does."""
        watch = self.all[index]
        slow, watch.took = watch.took > SLOW, 0.0
        return slow

    def rows(self, timeline: Timeline, position: int) -> list[BreakpointRow]:
        """Return a row for each, with its value after the event at *position* and before it."""
        return [self._row(watch, timeline, position) for watch in self.all]

    def _row(self, watch: Watch, timeline: Timeline, position: int) -> BreakpointRow:
        if not watch.enabled:
            return BreakpointRow(watch.text, enabled=False, stops=False)
        if watch.took > SLOW:
            return BreakpointRow(watch.text, stops=False, value="takes long: enter works it out")
        started = monotonic()
        now = _value(watch.expression, timeline, position)
        before = _value(watch.expression, timeline, position - 1) if position else now
        watch.took = monotonic() - started
        was = _UNDEFINED if before.startswith(f"{_UNDEFINED}: ") else before
        return BreakpointRow(watch.text, stops=False, value=now, before=was * (before != now))


def path_row(breakpoint: Breakpoint, timeline: Timeline, position: int) -> BreakpointRow:
    """Return the row of a watched path: a breakpoint on its writes, and its value."""
    tokens = parse_pointer(breakpoint.target)
    now = _peek(timeline, tokens, position)
    before = _peek(timeline, tokens, position - 1) if position else now
    return BreakpointRow(
        breakpoint.text.removeprefix("write "),
        breakpoint.hits,
        breakpoint.enabled,
        value=now,
        before=before * (before != now),
    )


def _value(expression: Expression, timeline: Timeline, position: int) -> str:
    try:
        return preview(plain(expression.evaluate(Scope(timeline, position))), _SHOWN)
    except Undefined as reason:
        return f"{_UNDEFINED}: {str(reason).removeprefix('Undefined: ')}"


def _peek(timeline: Timeline, tokens: Sequence[str], position: int) -> str:
    value = timeline.peek(tokens, position) if tokens else MISSING  # of all: too much
    return "nothing" if value is MISSING else preview(value, _SHOWN)
