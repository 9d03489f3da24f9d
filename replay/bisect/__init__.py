"""
Bisecting: where a test changes its answer, over positions, groups of events, or whole runs.

Two machines, kept apart. An expression over the state can change its answer only where
something that it read was written, so its edges are found exactly, through the write index.
Whatever else tests positions, a command or a person, is asked as seldom as possible:
`Narrowing` halves what is left, and goes around what cannot be tested.
"""

from .answer import (
    EDGE,
    ENDS_ASSUMED,
    FIRST,
    FLAKY,
    LAST,
    MONOTONE_ASSUMED,
    Bisection,
    Edge,
    Interval,
)
from .each import GROUPS, Each, FirstIn, each
from .narrowing import ContradictionError, Narrowing, Verdict, narrow, wrong_end
from .runs import RunAnswer, halve_runs, scan_runs
from .session import BadSessionError, Session
from .where import assume_monotone, edges, first_edge, last_good

__all__ = [
    "EDGE",
    "ENDS_ASSUMED",
    "FIRST",
    "FLAKY",
    "GROUPS",
    "LAST",
    "MONOTONE_ASSUMED",
    "BadSessionError",
    "Bisection",
    "ContradictionError",
    "Each",
    "Edge",
    "FirstIn",
    "Interval",
    "Narrowing",
    "RunAnswer",
    "Session",
    "Verdict",
    "assume_monotone",
    "each",
    "edges",
    "first_edge",
    "halve_runs",
    "last_good",
    "narrow",
    "scan_runs",
    "wrong_end",
]
