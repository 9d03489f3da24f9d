"""
Laban: replay, inspect and query the event logs of multi-agent systems.

The names below are the ones most programs need; each is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .replay.timeline import Timeline
    from .store import open_log
    from .store.errors import LabanError
    from .store.event import Event, NewEvent
    from .store.memory import MemoryLog
    from .store.sqlite import SqliteLog

__version__ = "0.1.0"
__all__ = [
    "Event",
    "LabanError",
    "MemoryLog",
    "NewEvent",
    "SqliteLog",
    "Timeline",
    "__version__",
    "open_log",
]

_HOMES = {
    "Event": ".store.event",
    "LabanError": ".store.errors",
    "MemoryLog": ".store.memory",
    "NewEvent": ".store.event",
    "SqliteLog": ".store.sqlite",
    "Timeline": ".replay.timeline",
    "open_log": ".store",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'laban' has no attribute {name!r}")
    return getattr(import_module(home, __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
