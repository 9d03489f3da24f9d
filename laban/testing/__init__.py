"""
Assertions over logs, for pytest or any other runner: what fails is told with its cause.

    from laban.testing import assert_state

    def test_a_paid_order_is_shipped():
        assert_state("orders.jsonl", "/order-17/status", "shipped", choreography="shop.py")

A log is a path, an EventLog, or a list of events. Each name is imported when it is first used,
so that the plugin costs a test run that does not use it next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from laban.replay.pointer import MISSING

    from .assertions import (
        assert_decision,
        assert_never,
        assert_no_divergence,
        assert_replays,
        assert_state,
    )
    from .replaying import replayed

__all__ = [
    "MISSING",
    "assert_decision",
    "assert_never",
    "assert_no_divergence",
    "assert_replays",
    "assert_state",
    "replayed",
]

_HOMES = {
    "MISSING": "laban.replay.pointer",
    "assert_decision": ".assertions",
    "assert_never": ".assertions",
    "assert_no_divergence": ".assertions",
    "assert_replays": ".assertions",
    "assert_state": ".assertions",
    "replayed": ".replaying",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'laban.testing' has no attribute {name!r}")
    return getattr(import_module(home, __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
