"""A look at a file before it is opened as a log: errors here are clearer than SQLite's."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from .datastore import database_uri, errors_told
from .errors import NotALogError
from .schema import APPLICATION_ID, FORMAT

_MAGIC = b"SQLite format 3\0"


def is_log(path: Path) -> bool:
    """Tell whether *path* looks like a log of laban's, sound or damaged, of any version."""
    header = _header(path)
    return header.startswith(_MAGIC) and _number(header, 68) == APPLICATION_ID


def probe(path: Path) -> str:
    """
    Return the SQLite open mode for the log at *path*: read-write, or as far as it may be read.

    Raises NotALogError when there is no log there, or none that this version can read.
    """
    if path.is_dir():
        raise NotALogError(f"{path} is a folder, not a log: name a file in it.")
    if not path.exists():
        raise NotALogError(
            f"There is no file {path}: check the name, or make one by `laban import`."
        )
    header = _header(path)
    if not header:
        raise NotALogError(
            f"{path} is empty (0 bytes): a log begins with a header, so make it again."
        )
    if not header.startswith(_MAGIC):
        raise NotALogError(
            f"{path} is no laban log: `laban import {path} -o NAME.laban` reads other formats."
        )
    _check_size(path, header)
    _check_version(path, header)
    return _mode(path)


def _check_size(path: Path, header: bytes) -> None:
    page_size, pages = int.from_bytes(header[16:18], "big"), _number(header, 28)
    expected = pages * (65536 if page_size == 1 else page_size)
    if (size := path.stat().st_size) < expected and not _wal(path).exists():
        raise NotALogError(
            f"{path} is cut short: {size:,} bytes of {expected:,}; copy it again from its source."
        )


def _check_version(path: Path, header: bytes) -> None:
    if _wal(path).exists():  # the header in the file may be older than the log
        header = _current_header(path)
    if _number(header, 68) != APPLICATION_ID:
        raise NotALogError(
            f"{path} is a SQLite database but no laban log: "
            f"`laban import {path} -o NAME.laban` reads those of LangGraph."
        )
    if (version := _number(header, 60)) > FORMAT:
        raise NotALogError(
            f"{path} has format {version}, newer than the {FORMAT} known here: upgrade laban."
        )


def _mode(path: Path) -> str:
    if os.access(path, os.W_OK) and os.access(path.parent, os.W_OK):
        return "mode=rw"
    return "mode=ro" if _wal(path).exists() else "immutable=1"


def _header(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(100)
    except OSError as error:
        raise NotALogError(f"{path} cannot be read ({error.strerror}): check its name.") from error


def _current_header(path: Path) -> bytes:
    """Return a header with the version numbers as they are with the write-ahead log applied."""
    uri = database_uri(path, "mode=ro")
    with errors_told(path), closing(sqlite3.connect(uri, uri=True)) as connection:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
    numbers = {60: version, 68: application}
    header = bytearray(100)
    for offset, number in numbers.items():
        header[offset : offset + 4] = number.to_bytes(4, "big")
    return bytes(header)


def _number(header: bytes, offset: int) -> int:
    return int.from_bytes(header[offset : offset + 4], "big")


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")
