"""Work that may take a while: how far it is, and a way to end it."""

from __future__ import annotations


class Job:
    """Work under way. Any thread may look at it or cancel it."""

    def __init__(self, total: int = 0) -> None:
        self.passed = 0  # of the total, so far
        self.total = total  # 0: not known yet, the work will tell
        self._given = total
        self._cancelled = False

    def cancel(self) -> None:
        """Ask the work to end; it does within a few milliseconds."""
        self._cancelled = True

    def cancelled(self) -> bool:
        """Tell whether someone asked the work to end."""
        return self._cancelled

    def progress(self, passed: int, total: int) -> None:
        """Take in how far the work is; with another total, another part of it has begun."""
        if not self._given and total != self.total:
            self.passed, self.total = 0, total
        self.passed = max(self.passed, passed)
