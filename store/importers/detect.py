"""Which format a file has, told from what is in it."""

from __future__ import annotations

import os
import sqlite3
from io import BufferedReader, FileIO
from pathlib import Path

import msgspec

from laban.store.probe import is_log

from .database import open_readonly, tables
from .lines import BOM
from .source import FORMATS, SourceError

_SQLITE = b"SQLite format 3\0"
_HEAD = 1 << 20  # bytes looked at
_TELLING = (b"specversion", b"stream", b"type")


def detect(path: str | os.PathLike[str]) -> str:
    """
    Return "laban" for a log of laban's, else "jsonl", "cloudevents" or "langgraph".

    Raises SourceError for a folder and for what is none of these.
    """
    path = Path(path)
    if path.is_dir():
        raise SourceError(
            f"{path} is a folder: `laban import {path} -o NAME.laban` reads every file in it."
        )
    if not path.exists():
        raise SourceError(f"There is no file {path}: check the name.")
    with open_source(path) as file:
        return "laban" if path.is_file() and is_log(path) else sniff(path, file)


def open_source(path: Path) -> BufferedReader:
    """Open a file or a pipe, to be looked at by `peek` first. Raises SourceError."""
    try:
        file: BufferedReader = BufferedReader(FileIO(path), _HEAD)
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}): check its rights.") from error
    head = file.peek(_HEAD)
    if len(head) < _HEAD and not head.removeprefix(BOM).strip():
        file.close()
        raise SourceError(f"{path} is empty: there are no events to import.")
    return file


def sniff(path: Path, file: BufferedReader) -> str:
    """Return the format of the open *file*, which stays where it is. Raises SourceError."""
    head = file.peek(_HEAD)
    format = _of_database(path) if head.startswith(_SQLITE) else _of_text(head.removeprefix(BOM))
    if format is None:
        raise SourceError(
            f"{path} is in no known format ({', '.join(FORMATS)}): "
            "convert it to JSON Lines with the names stream, type and data, or name its --format."
        )
    return format


def _of_database(path: Path) -> str | None:
    if is_log(path):
        raise SourceError(f"{path} is a log of laban's already: open it by `laban open {path}`.")
    try:
        with open_readonly(path) as connection:
            found = tables(connection)
    except sqlite3.DatabaseError as error:
        raise SourceError(
            f"{path} is a damaged SQLite database ({error}): "
            f"recover it first, e.g. `sqlite3 {path} .recover | sqlite3 NEW`."
        ) from error
    return "langgraph" if {"checkpoints", "writes"} <= found else None


def _of_text(head: bytes) -> str | None:
    """Return the format that the first telling line has; one that the head cuts tells too."""
    text = head.lstrip()
    if text.startswith(b"["):
        return _of_names({name for name in _TELLING if b'"%b"' % name in text})
    for line in text.split(b"\n"):
        if format := _of_line(line):
            return format
    if text.startswith(b"{") and len(head) >= _HEAD and b"\n" not in text:
        return _of_names({name for name in _TELLING if b'"%b"' % name in text})
    return None


def _of_line(line: bytes) -> str | None:
    try:
        names = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return _of_names({name.encode() for name in names})


def _of_names(names: set[bytes]) -> str | None:
    if b"specversion" in names:
        return "cloudevents"
    return "jsonl" if {b"stream", b"type"} <= names else None
