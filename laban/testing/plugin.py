"""The pytest plugin `laban`. It imports nothing of laban until a test asks for a fixture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from laban.store.memory import MemoryLog

    from .inputs import AnyLog


@pytest.fixture
def laban_log(request: pytest.FixtureRequest) -> Callable[..., MemoryLog]:
    """
    Load events into a log in memory, which a test may add to.

    `laban_log("orders.jsonl")` reads a .jsonl or .laban file beside the test file,
    `laban_log([{"stream": "order-17", "type": "placed", "data": {}}])` takes the events
    themselves, and `laban_log()` begins with none.
    """

    def load(log: AnyLog = ()) -> MemoryLog:
        __tracebackhide__ = True
        from .inputs import in_memory

        return in_memory(request.path.parent / log if isinstance(log, (str, Path)) else log)

    return load
