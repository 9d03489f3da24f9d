"""Other programs' SQLite databases, read without leaving a trace."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_WAL_VERSION = 2  # byte 18 of the header: the file is written through a write-ahead log


@contextmanager
def open_readonly(path: Path) -> Iterator[sqlite3.Connection]:
    """
    Open the SQLite database at *path* for reading, also while its program writes to it.

    Where SQLite may not make the files that it needs beside it, a copy is read.
    Raises sqlite3.DatabaseError.
    """
    try:
        connection = _connect(path, _mode(path))
    except sqlite3.OperationalError:
        with (
            TemporaryDirectory(prefix="laban-") as folder,
            closing(_connect(_copied(path, Path(folder)), "mode=rw")) as connection,
        ):
            yield connection
        return
    with closing(connection):
        yield connection


def tables(connection: sqlite3.Connection) -> set[str]:
    """Return the names of the tables."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in rows}


def columns(connection: sqlite3.Connection, table: str) -> set[str]:
    """Return the names of the columns of *table*."""
    return {row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')}


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None
    )
    connection.text_factory = lambda raw: raw.decode("utf-8", "backslashreplace")
    try:
        connection.execute("BEGIN")  # one view of it, whatever others write meanwhile
        tables(connection)
    except UnicodeDecodeError as error:  # SQLite quotes what it found in its own error
        connection.close()
        raise sqlite3.DatabaseError("malformed database schema") from error
    except BaseException:
        connection.close()
        raise
    return connection


def _mode(path: Path) -> str:
    """Return the open mode; nobody writes to a file in WAL mode that has no log beside it."""
    with path.open("rb") as file:
        header = file.read(20)
    logged = header[18:19] == bytes([_WAL_VERSION])
    return "immutable=1" if logged and not _beside(path, "-wal").exists() else "mode=ro"


def _copied(path: Path, folder: Path) -> Path:
    for suffix in ("", "-wal", "-journal"):
        if _beside(path, suffix).exists():
            shutil.copyfile(_beside(path, suffix), folder / f"copy{suffix}")
    return folder / "copy"


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
