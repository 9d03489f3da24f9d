"""Files that commands write: there once all is written, and until then as they were."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from laban.store.errors import UnwritableError

STDOUT = "-"


@contextmanager
def written(output: str) -> Iterator[IO[str]]:
    """
    Open *output* to be written; `-` is standard output, a device is written to as it is.

    What goes wrong in between leaves a file that was there as it was, and none that was not.
    Raises UnwritableError.
    """
    if output == STDOUT:
        yield sys.stdout
        return
    try:
        with _fresh(Path(output)) as file:
            yield file
    except OSError as error:
        reason = error.strerror or error
        raise UnwritableError(
            f"{output} cannot be written ({reason}): choose a folder you may write to."
        ) from error


@contextmanager
def _fresh(path: Path) -> Iterator[IO[str]]:
    """Open a file that takes the place of *path* in the end."""
    if path.exists() and not path.is_file():  # a device or a pipe
        with path.open("w", encoding="utf-8") as file:
            yield file
        return
    path = Path(os.path.realpath(path))  # what a link names is replaced, not the link
    fresh = path.with_name(f".laban-{os.getpid()}.tmp")
    try:
        with fresh.open("x", encoding="utf-8") as file:
            if path.exists():
                fresh.chmod(path.stat().st_mode & 0o777)
            yield file
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
