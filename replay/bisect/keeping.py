"""Where the answers of a bisection under way are kept: a text file in the log's cache folder."""

from __future__ import annotations

import os
from pathlib import Path

from laban.replay.timeline import Timeline

from .session import BadSessionError, Session


class Kept:
    """
    The session of one log, in a file that is replaced as a whole with each answer.

    *log* is what the commands call it; without a *folder* nothing is kept.
    """

    def __init__(self, log: str, folder: Path | None) -> None:
        self.log = log
        self._file = folder / "bisect.log" if folder else None

    def session(self, timeline: Timeline) -> Session | None:
        """Return what is kept, None when nothing is. Raises BadSessionError."""
        if self._file is None or not self._file.exists():
            return None
        try:
            text = self._file.read_text(encoding="utf-8", errors="surrogateescape")
            return Session.replayed(text, timeline.log.identity, timeline.head)
        except BadSessionError as error:
            raise BadSessionError(f"{error} `laban bisect {self.log} reset` forgets it.") from None

    def keep(self, session: Session) -> None:
        """Keep *session* in place of what was kept. Raises OSError."""
        if self._file is None:
            return
        fresh = self._file.with_name(f"bisect.{os.getpid()}")
        fresh.write_text(session.text(), encoding="utf-8", errors="surrogateescape")
        fresh.replace(self._file)

    def forget(self) -> bool:
        """Delete what is kept, and tell whether there was something."""
        if self._file is None or not self._file.exists():
            return False
        self._file.unlink(missing_ok=True)
        return True

    @property
    def possible(self) -> bool:
        """Whether there is a folder to keep answers in."""
        return self._file is not None
