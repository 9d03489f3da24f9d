"""What is remembered of each correlation: bounded, and by events alone."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

KEPT = 10_000  # correlations that are remembered: those that were active last
UNTIMED = 100_000  # sequences without max_interval that may be under way at once

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Latest(OrderedDict[K, V], Generic[K, V]):
    """The entries that were set last, at most *size*: setting one more forgets the oldest."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self.size:
            self.popitem(last=False)
