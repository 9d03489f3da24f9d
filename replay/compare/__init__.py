"""
Comparing two logs: where they part, whatever the order in which their streams interleave.

    answer = compare(Timeline.open(log), Timeline.open(other))
"""

from __future__ import annotations

from .answer import Compared, Difference, Divergence
from .comparing import Order, compare
from .mask import PROFILES, Mask, MaskError, fitting, profile
from .noise import BaselineError
from .part import EmptyPartError, Part

__all__ = [
    "PROFILES",
    "BaselineError",
    "Compared",
    "Difference",
    "Divergence",
    "EmptyPartError",
    "Mask",
    "MaskError",
    "Order",
    "Part",
    "compare",
    "fitting",
    "profile",
]
