"""Logs of other tools: imported into the user's cache folder before they are opened."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from laban.store.jsontext import to_json
from laban.store.probe import is_log

from .folders import imported_path, remove_log
from .importing import import_into, summary
from .output import hint

# What the source's files were when it was imported, by suffix: bytes, mtime in ns, SHA-256.
Stamp = dict[str, tuple[int, int, str]]

_SUFFIXES = ("", "-wal")  # SQLite keeps what is new in a file beside the database
_CHUNK = 1 << 20


def as_log(source: Path, progress: Callable[[int, int], None] | None = None) -> Path:
    """
    Return *source* when it is a log of laban's, else the log that its events were put into.

    A source that only grew since is imported on, one that changed otherwise anew. *progress*
    gets (bytes done, bytes in all). Raises SourceError for what is in no known format.
    """
    from laban.store.importers import detect

    if not source.is_file() or source.stat().st_size == 0 or is_log(source):
        return source  # opening it says what is wrong, if something is
    detect(source)
    path = imported_path(source)
    stamp = _read(path.with_suffix(".json"))
    if path.exists() and _is_unchanged(source, stamp):
        hint(f"{source} has not changed since it was imported into {path}.")
        return path
    if not _only_grew(source, stamp):
        remove_log(path)
    hint(f"{source} is no laban log: importing it into {path} first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    stamp = _look(source)  # before it is read: what comes meanwhile is imported next time
    report, findings = import_into(path, [str(source)], progress=progress)
    for line in summary(report, findings, path):
        hint(line)
    path.with_suffix(".json").write_text(to_json(stamp), encoding="utf-8")
    return path


def _files(source: Path) -> dict[str, Path]:
    files = {suffix: source.with_name(source.name + suffix) for suffix in _SUFFIXES}
    return {suffix: file for suffix, file in files.items() if file.exists()}


def _look(source: Path) -> Stamp:
    stamp: Stamp = {}
    for suffix, file in _files(source).items():
        size, modified = file.stat().st_size, file.stat().st_mtime_ns
        stamp[suffix] = (size, modified, _digest(file, size))
    return stamp


def _is_unchanged(source: Path, stamp: Stamp) -> bool:
    now = {k: (file.stat().st_size, file.stat().st_mtime_ns) for k, file in _files(source).items()}
    return now == {suffix: (size, modified) for suffix, (size, modified, _) in stamp.items()}


def _only_grew(source: Path, stamp: Stamp) -> bool:
    """Tell whether the source begins with all that was imported."""
    files = _files(source)
    return bool(stamp) and all(
        suffix in files and _digest(files[suffix], size) == digest
        for suffix, (size, _, digest) in stamp.items()
    )


def _digest(file: Path, size: int) -> str:
    """Return the SHA-256 of the first *size* bytes."""
    digest = sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(min(_CHUNK, size)):
            digest.update(chunk)
            size -= len(chunk)
    return digest.hexdigest()


def _read(path: Path) -> Stamp:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {k: (int(size), int(time), str(digest)) for k, (size, time, digest) in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
