"""What a test said of which set of events: no set is tested twice, also not by a later run."""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

from laban.store.jsontext import to_json
from laban.store.log import EventLog


class Outcomes:
    """
    Outcomes by set of positions, True where it shows the failure, None where nobody can say.

    `key` names the log, as far as it went, and the test: outcomes are of no use for others.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self._known: dict[str, bool | None] = {}

    @staticmethod
    def key_of(log: EventLog, test: str) -> str:
        """Return what outcomes of *test* on parts of *log* are kept under."""
        head = log.head()
        return f"{log.identity} {log.get(head).hash.hex() if head else ''} {test}"

    def __len__(self) -> int:
        return len(self._known)

    def knows(self, kept: Sequence[int]) -> bool:
        """Tell whether *kept* was tested."""
        return _digest(kept) in self._known

    def __getitem__(self, kept: Sequence[int]) -> bool | None:
        return self._known[_digest(kept)]

    def __setitem__(self, kept: Sequence[int], outcome: bool | None) -> None:
        self._known[_digest(kept)] = outcome

    @classmethod
    def load(cls, file: Path, key: str) -> Outcomes | None:
        """Return what *file* holds under *key*, None where it holds another's or nothing."""
        try:
            kept = json.loads(file.read_text(encoding="utf-8"))
            if kept["key"] != key:
                return None
            found = cls(key)
            found._known = dict(kept["outcomes"])
        except (OSError, ValueError, TypeError, KeyError):  # worth no more than none
            return None
        return found

    def save(self, file: Path) -> None:
        """Put all into *file*, in place of what was there. Raises OSError."""
        fresh = file.with_name(f"{file.name}.{os.getpid()}")
        text = to_json({"key": self.key, "outcomes": self._known})
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)


def _digest(kept: Sequence[int]) -> str:
    return blake2b(array("q", kept).tobytes(), digest_size=12).hexdigest()
