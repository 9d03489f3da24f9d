"""
Comparing two logs: where they part, whatever the order in which their streams interleave.

    answer = compare(Timeline.open(log), Timeline.open(other))
"""

from __future__ import annotations

from .aligned import Aligned, Row
from .answer import Compared, Difference, Divergence
from .comparing import Order, compare, side_by_side
from .mask import PROFILES, Mask, MaskError, fitting, profile
from .noise import BaselineError
from .part import EmptyPartError, Part

__all__ = [
    "PROFILES",
    "Aligned",
    "BaselineError",
    "Compared",
    "Difference",
    "Divergence",
    "EmptyPartError",
    "Mask",
    "MaskError",
    "Order",
    "Part",
    "Row",
    "compare",
    "fitting",
    "profile",
    "side_by_side",
]
