"""The breakpoints of a session: what `c` and `C` run to."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from laban.replay.breakpoints import Breakpoint, Stop, parse_breakpoint
from laban.store.errors import LabanError

from .values import BreakpointRow


class NoBreakpointError(LabanError):
    """There is no breakpoint to run to, or to delete."""

    def __init__(self) -> None:
        super().__init__("No breakpoint is set: b sets one.")


class Breakpoints:
    """Breakpoints in the order they were set, and positions where they stopped."""

    def __init__(self) -> None:
        self._all: list[Breakpoint] = []
        self._stops: dict[str, set[int]] = {}  # by place

    def add(self, text: str) -> Breakpoint:
        """
        Set a breakpoint; one at the same place takes its counts and flags over.

        Raises BadBreakpointError, BadPointerError and ExpressionError.
        """
        new = parse_breakpoint(text)
        for index, known in enumerate(self._all):
            if known.place == new.place:
                self._all[index] = replace(new, hits=known.hits)
                return new
        self._all.append(new)
        return new

    def remove(self, index: int) -> str:
        """Delete a breakpoint and say so. Raises NoBreakpointError."""
        gone = self._all.pop(self._checked(index))
        self._stops.pop(gone.place, None)
        return f"breakpoint deleted: {gone.text}"

    def toggle(self, index: int) -> str:
        """Turn a breakpoint off, or on again, and say so. Raises NoBreakpointError."""
        old = self._all[self._checked(index)]
        new = self._all[index] = replace(old, enabled=not old.enabled)
        return f"breakpoint {'on' if new.enabled else 'off'}: {new.place}"

    def armed(self) -> list[Breakpoint]:
        """Return what to run to. Raises NoBreakpointError."""
        if not self._all:
            raise NoBreakpointError
        return list(self._all)

    def take_in(self, armed: Sequence[Breakpoint], stop: Stop) -> None:
        """Take in how a run to *armed* ended; what was deleted or set meanwhile stays so."""
        after = dict(zip((each.place for each in armed), stop.breakpoints, strict=True))
        if stop.position is not None:
            for index in stop.by:
                self._stops.setdefault(armed[index].place, set()).add(stop.position)
        kept = [self._after(each, after.get(each.place, each)) for each in self._all]
        self._all = [each for each in kept if each is not None]

    def _after(self, now: Breakpoint, then: Breakpoint | None) -> Breakpoint | None:
        return then and replace(now, ignore=then.ignore, hits=then.hits)

    def positions(self) -> list[int]:
        """Return the positions where a breakpoint stopped a run, in order."""
        return sorted(set().union(*self._stops.values()))

    def rows(self) -> list[BreakpointRow]:
        """Return the breakpoints as rows."""
        return [BreakpointRow(each.text, each.hits, each.enabled) for each in self._all]

    def _checked(self, index: int) -> int:
        if not 0 <= index < len(self._all):
            raise NoBreakpointError
        return index
