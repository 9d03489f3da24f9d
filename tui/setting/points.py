"""What the user has set, as one list: watches first, then breakpoints."""

from __future__ import annotations

from dataclasses import replace

from laban.replay.breakpoints import Breakpoint
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError
from laban.tui.values import BreakpointRow

from .breakpoints import Breakpoints
from .watches import Watches, path_row


class NothingSetError(LabanError):
    """There is no watch and no breakpoint to choose, to delete or to turn off."""

    def __init__(self) -> None:
        super().__init__("Nothing is set here: a watches, b sets a breakpoint.")


class SetPoints:
    """Watched expressions and paths, then the other breakpoints, by the row they stand in."""

    def __init__(self) -> None:
        self.watches = Watches()
        self.breakpoints = Breakpoints()

    def watch_path(self, pointer: str) -> str:
        """Show the value of a path, stop at its writes, and say so."""
        new = self.breakpoints.add(Breakpoint("write", pointer).text)
        return f"watching: {new.text}; c and C run to its writes"

    def rows(self, timeline: Timeline, position: int) -> list[BreakpointRow]:
        """Return a row for each, watches with their numbers and values at *position*."""
        paths, others = self._breakpoints()
        points = self.breakpoints.all
        rows = self.watches.rows(timeline, position)
        rows += [path_row(points[index], timeline, position) for index in paths]
        named = [replace(row, name=f"w{number}") for number, row in enumerate(rows, start=1)]
        return named + [
            BreakpointRow(point.text, point.hits, point.enabled)
            for point in (points[index] for index in others)
        ]

    def remove(self, row: int) -> str:
        """Delete what stands in *row* and say so."""
        watch, index = self._at(row)
        return self.watches.remove(index) if watch else self.breakpoints.remove(index)

    def toggle(self, row: int) -> str:
        """Turn what stands in *row* off, or on again, and say so."""
        watch, index = self._at(row)
        return self.watches.toggle(index) if watch else self.breakpoints.toggle(index)

    def work_out(self, row: int) -> bool:
        """Let a watch be worked out once more that was left because it takes long."""
        watch, index = self._at(row)
        return watch and self.watches.again(index)

    def place(self, row: int, timeline: Timeline, position: int) -> tuple[str, int | None]:
        """
        Return where *row* leads: the path whose last write it is about, or a position.

        A watched expression leads to where it got its value, a breakpoint to its last stop.
        """
        watch, index = self._at(row)
        if watch:
            return "", self.watches.since(index, timeline, position)
        point = self.breakpoints.all[index]
        if point.kind == "write":
            return point.target, None
        return "", self.breakpoints.last_stop(index)

    def _at(self, row: int) -> tuple[bool, int]:
        """Return whether a watched expression stands in *row*, and which or which breakpoint."""
        if 0 <= row < len(self.watches.all):
            return True, row
        paths, others = self._breakpoints()
        found = [*paths, *others][row - len(self.watches.all) :][:1]
        if row < 0 or not found:
            raise NothingSetError
        return False, found[0]

    def _breakpoints(self) -> tuple[list[int], list[int]]:
        """Return the indexes of the breakpoints on writes, and of the others."""
        points = list(enumerate(self.breakpoints.all))
        paths = [index for index, point in points if point.kind == "write"]
        return paths, [index for index, point in points if point.kind != "write"]
