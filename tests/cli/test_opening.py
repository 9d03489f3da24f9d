"""What opening a log for a command makes of trouble with its index."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from laban.cli.opening import CacheError, open_timeline


def trouble(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("interrupted")
    error.sqlite_errorcode = code
    return error


def test_ctrl_c_while_sqlite_works_is_an_interruption_not_a_broken_cache(folder: Path) -> None:
    """An exception in a callback of SQLite is swallowed; SQLite says only `interrupted`."""
    with pytest.raises(KeyboardInterrupt), open_timeline(str(folder / "credit.laban")):
        raise trouble(sqlite3.SQLITE_INTERRUPT)

    with pytest.raises(CacheError), open_timeline(str(folder / "credit.laban")):
        raise trouble(sqlite3.SQLITE_CORRUPT)
