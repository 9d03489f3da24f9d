"""What is remembered of a log: where the user left it, and what they had set."""

from __future__ import annotations

import os
import re
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from laban.store.errors import LabanError
from laban.store.log import EventLog

FORMAT = 1  # files of any other format are left alone
_NAME = re.compile(r"[\w-]{1,100}", re.ASCII)


class KeptError(LabanError):
    """What was kept of a log cannot be used."""


class KeptBreakpoint(Struct, frozen=True):
    """A breakpoint as its line, how often it was met, and where it stopped last (0: nowhere)."""

    text: str
    hits: int = 0
    stop: int = 0


class KeptWatch(Struct, frozen=True):
    """A watched expression."""

    text: str
    enabled: bool = True


class Kept(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One log's file."""

    log: str  # its identity
    format: int
    position: int = 0
    selected: str = ""  # pointer of the row of the state
    breakpoints: list[KeptBreakpoint] = []
    watches: list[KeptWatch] = []
    marks: dict[str, int] = {}
    pins: list[str] = []  # pointers
    filter: str = ""


class Keeper:
    """Reads and writes what is kept of one log; nothing where it has no identity or no folder."""

    def __init__(self, folder: Path | None, log: EventLog) -> None:
        self.identity = log.identity
        known = folder is not None and self.identity
        self.file = folder / f"{_file_name(self.identity)}.json" if folder and known else None
        self._last: Kept | None = None

    def read(self) -> Kept | None:
        """Return what is kept, None when nothing is. Raises KeptError."""
        try:
            text = self.file.read_bytes() if self.file else b""
            if not text:
                return None
            kept = self._last = msgspec.json.decode(text, type=Kept)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._error(error.strerror or str(error)) from None
        except (msgspec.MsgspecError, RecursionError):
            raise self._error("it is damaged") from None
        if kept.format != FORMAT:
            raise self._error(f"it has format {kept.format}, not {FORMAT}")
        if kept.log != self.identity:
            raise self._error("it is another log's")
        return kept

    def write(self, kept: Kept) -> None:
        """Keep this, unless it is kept already; silently not where that cannot be written."""
        if self.file is None or kept == self._last:
            return
        fresh = self.file.with_suffix(f".{os.getpid()}")
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_bytes(msgspec.json.encode(kept))
            fresh.replace(self.file)
        except OSError:
            return
        self._last = kept

    def _error(self, why: str) -> KeptError:
        return KeptError(f"What was kept of this log is not used: {why} ({self.file}).")


def _file_name(identity: str) -> str:
    return identity if _NAME.fullmatch(identity) else sha256(identity.encode()).hexdigest()
