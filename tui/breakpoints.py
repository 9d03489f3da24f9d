"""Breakpoints: expressions that `c` and `C` run to."""

from __future__ import annotations

from dataclasses import dataclass, field

from laban.replay.expression import Expression, compile_expression
from laban.store.errors import LabanError

from .values import BreakpointRow


class NoBreakpointError(LabanError):
    """There is no breakpoint to run to, or to delete."""

    def __init__(self) -> None:
        super().__init__("No breakpoint is set: b sets one.")


@dataclass
class Breakpoint:
    """An expression, and positions where it was found to hold."""

    expression: Expression
    found: set[int] = field(default_factory=set)  # not all there are


class Breakpoints:
    """The breakpoints of a session, in the order they were set."""

    def __init__(self) -> None:
        self._all: list[Breakpoint] = []

    def add(self, text: str) -> int:
        """Set a breakpoint where *text* holds and return its index. Raises ExpressionError."""
        expression = compile_expression(text)
        for index, known in enumerate(self._all):
            if known.expression.text == expression.text:
                return index
        self._all.append(Breakpoint(expression))
        return len(self._all) - 1

    def remove(self, index: int) -> str:
        """Delete a breakpoint and return its text. Raises NoBreakpointError."""
        if not 0 <= index < len(self._all):
            raise NoBreakpointError
        return self._all.pop(index).expression.text

    def expressions(self) -> list[Expression]:
        """Return what to search for. Raises NoBreakpointError."""
        if not self._all:
            raise NoBreakpointError
        return [each.expression for each in self._all]

    def hit(self, text: str, position: int) -> None:
        """Note that the breakpoint with this *text* holds at *position*."""
        for each in self._all:
            if each.expression.text == text:
                each.found.add(position)

    def positions(self) -> list[int]:
        """Return the positions where a breakpoint is known to hold, in order."""
        return sorted({position for each in self._all for position in each.found})

    def rows(self) -> list[BreakpointRow]:
        """Return the breakpoints as rows."""
        return [BreakpointRow(each.expression.text, len(each.found)) for each in self._all]
