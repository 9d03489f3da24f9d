"""Where the command keeps what can be rebuilt (caches) and what is remembered (recent logs)."""

from __future__ import annotations

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

from laban.store.jsontext import to_json

RECENT_COUNT = 20


def cache_folder(log: Path) -> Path | None:
    """
    Return the folder for the caches of *log*, made if needed.

    It stands beside the log, or in the user's cache folder where that is read-only;
    None when neither can be written.
    """
    beside = log.with_name(f"{log.name}.cache")
    return _writable(beside) or _writable(user_cache() / f"{log.stem}-{_stamp(log)}.laban.cache")


def user_cache() -> Path:
    """Return the user's cache folder for laban, which may not exist yet."""
    from platformdirs import user_cache_path

    return user_cache_path("laban", appauthor=False)


def config_folder() -> Path:
    """Return the folder of the user's settings and keys, which may not exist."""
    from platformdirs import user_config_path

    return user_config_path("laban", appauthor=False)


def state_folder() -> Path:
    """Return the folder of what is remembered for the user, which may not exist yet."""
    from platformdirs import user_state_path

    return user_state_path("laban", appauthor=False)


def imported_path(source: Path) -> Path:
    """Return where the log imported from the foreign *source* is kept: always the same."""
    return user_cache() / "imported" / f"{source.stem or source.name}-{_stamp(source)}.laban"


def remove_log(log: Path) -> None:
    """Delete a log that can be made again, and all that was kept beside it."""
    for name in (log.name, f"{log.name}-wal", f"{log.name}-shm"):
        log.with_name(name).unlink(missing_ok=True)
    shutil.rmtree(log.with_name(f"{log.name}.cache"), ignore_errors=True)


def recent_logs() -> list[Path]:
    """Return the logs opened last that still exist, the newest first."""
    try:
        names = json.loads(_recent_file().read_text(encoding="utf-8"))
        return [path for path in map(Path, names) if path.is_file()]
    except (OSError, ValueError, TypeError):  # a list of names, if nobody changed it
        return []


def remember(log: Path) -> None:
    """Put *log* at the head of the recent logs; silently not where that cannot be written."""
    log = log.resolve()
    names = [str(log), *(str(other) for other in recent_logs() if other != log)]
    file = _recent_file()
    fresh = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(to_json(names[:RECENT_COUNT]), encoding="utf-8")
        fresh.replace(file)
    except OSError:
        return


def _recent_file() -> Path:
    return state_folder() / "recent.json"


def _writable(folder: Path) -> Path | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def _stamp(path: Path) -> str:
    return sha256(os.fsencode(path.resolve())).hexdigest()[:12]
