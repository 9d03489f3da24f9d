"""How much the tests try: enough for every change, and with `make soak` many times as much."""

from __future__ import annotations

import os

# How many there are of each kind; a test that is dear takes a part of them.
SIMULATIONS = int(os.environ.get("LABAN_SIMULATIONS", "2000"))
COMPARISONS = int(os.environ.get("LABAN_COMPARISONS", "10"))
LARGE = "LABAN_COMPARISONS" in os.environ
_TIMES = int(os.environ.get("LABAN_TRIES", "1"))


def tries(count: int) -> int:
    """Return how many examples a test makes up where *count* are enough for every change."""
    return count * _TIMES
