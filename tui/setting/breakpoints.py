"""The breakpoints of a session: what `c` and `C` run to."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from laban.replay.breakpoints import Breakpoint, Stop, parse_breakpoint
from laban.store.errors import LabanError
from laban.tui.refusal import Refusal


class NoBreakpointError(LabanError):
    """There is no breakpoint to run to, or to delete."""

    def __init__(self) -> None:
        super().__init__("No breakpoint is set: b sets one.")


class Breakpoints:
    """Breakpoints in the order they were set, and positions where they stopped."""

    def __init__(self) -> None:
        self.all: list[Breakpoint] = []
        self._stops: dict[str, set[int]] = {}  # by place
        self._last: dict[str, int] = {}  # the stop that was made last, by place

    def add(self, text: str) -> Breakpoint:
        """
        Set a breakpoint; one at the same place takes its counts and flags over.

        Raises BadBreakpointError, BadPointerError and ExpressionError.
        """
        new = parse_breakpoint(text)
        for index, known in enumerate(self.all):
            if known.place == new.place:
                self.all[index] = replace(new, hits=known.hits)
                return new
        self.all.append(new)
        return new

    def remove(self, index: int) -> str:
        """Delete a breakpoint and say so. Raises NoBreakpointError."""
        gone = self.all.pop(self._checked(index))
        self._stops.pop(gone.place, None)
        self._last.pop(gone.place, None)
        return f"breakpoint deleted: {gone.text}"

    def toggle(self, index: int) -> str:
        """Turn a breakpoint off, or on again, and say so. Raises NoBreakpointError."""
        old = self.all[self._checked(index)]
        new = self.all[index] = replace(old, enabled=not old.enabled)
        return f"breakpoint {'on' if new.enabled else 'off'}: {new.place}"

    def armed(self) -> list[Breakpoint]:
        """Return what to run to. Raises NoBreakpointError."""
        if not self.all:
            raise NoBreakpointError
        return list(self.all)

    def take_in(self, armed: Sequence[Breakpoint], stop: Stop) -> None:
        """Take in how a run to *armed* ended; what was deleted or set meanwhile stays so."""
        after = dict(zip((each.place for each in armed), stop.breakpoints, strict=True))
        if stop.position is not None:
            for index in stop.by:
                self._stops.setdefault(armed[index].place, set()).add(stop.position)
                self._last[armed[index].place] = stop.position
        kept = [self._after(each, after.get(each.place, each)) for each in self.all]
        self.all = [each for each in kept if each is not None]

    def _after(self, now: Breakpoint, then: Breakpoint | None) -> Breakpoint | None:
        return then and replace(now, ignore=then.ignore, hits=then.hits)

    def positions(self) -> list[int]:
        """Return the positions where a breakpoint stopped a run, in order."""
        return sorted(set().union(*self._stops.values()))

    def last_stop(self, index: int) -> int:
        """Return where a breakpoint stopped a run last. Raises Refusal."""
        place = self.all[index].place
        if place not in self._last:
            raise Refusal(f"{place} has stopped no run yet: c runs to it.")
        return self._last[place]

    def kept(self) -> list[tuple[str, int, int]]:
        """Return each as its line, how often it was met, and where it stopped last, 0: nowhere."""
        return [(each.text, each.hits, self._last.get(each.place, 0)) for each in self.all]

    def restore(self, text: str, hits: int, stop: int) -> None:
        """Set a breakpoint as it was kept. Raises as `add` does."""
        place = self.add(text).place
        self.all[-1] = replace(self.all[-1], hits=hits)
        if stop:
            self._last[place], self._stops[place] = stop, {stop}

    def _checked(self, index: int) -> int:
        if not 0 <= index < len(self.all):
            raise NoBreakpointError
        return index
