"""The queries that were asked, from one time to the next."""

from __future__ import annotations

import json
import os
from pathlib import Path

from laban.tui.refusal import Refusal

_MOST = 200  # queries that are kept
_FILE = "queries.json"


class History:
    """The queries so far, the last one last, and the one that is shown."""

    def __init__(self, folder: Path | None) -> None:
        self._file = None if folder is None else folder / _FILE
        self._asked: list[str] | None = None  # None: not read yet
        self._back = 0  # how many queries back the shown one is; 0: it was not asked yet
        self._typed = ""  # what was typed before queries were brought back

    @property
    def asked(self) -> list[str]:
        """The queries so far."""
        if self._asked is None:
            self._asked = self._read()
        return self._asked

    def add(self, sql: str) -> None:
        """Take in that *sql*, which is shown, was asked."""
        if self.asked[-1:] != [sql]:
            self.asked.append(sql)
            del self.asked[:-_MOST]
            self._write()
        self._back = 1

    def turn(self, shown: str, by: int) -> str:
        """Return the query before the *shown* one, or after it; past the last, what was typed."""
        if not self._back or shown.strip() != self.asked[-self._back]:
            self._back, self._typed = 0, shown
        if not 0 <= self._back - by <= len(self.asked):
            raise Refusal(f"There is no {'earlier' if by < 0 else 'later'} query.")
        self._back -= by
        return self.asked[-self._back] if self._back else self._typed

    def _read(self) -> list[str]:
        try:
            kept = json.loads(self._file.read_bytes()) if self._file else []
        except (OSError, ValueError, RecursionError):  # none yet, or somebody changed it
            return []
        return [each for each in kept if isinstance(each, str)] if isinstance(kept, list) else []

    def _write(self) -> None:
        """Keep the queries; silently not where that cannot be written."""
        if self._file is None:
            return
        fresh = self._file.with_suffix(f".{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(json.dumps(self.asked), encoding="utf-8")
            fresh.replace(self._file)
        except OSError:
            return
