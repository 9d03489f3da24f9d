"""
Minimising: the least part of a log that still shows a failure.

A causal slice first: what the failure rests on, if that alone shows it. Then delta debugging
over causally closed sets: what is taken away takes along all that rests on it, so no event of a
set that is tested lacks its cause or what it had read. In the end no event can go any more.
"""

from .answer import MEANINGS, MINIMAL, STOPPED, UNRESOLVED, Minimised
from .failures import VIOLATIONS, Failure, first_finding, first_mismatch
from .minimiser import Minimiser, minimise
from .outcomes import Outcomes
from .part import made_anew, moved, part
from .past import Past
from .starting import focus_of

__all__ = [
    "MEANINGS",
    "MINIMAL",
    "STOPPED",
    "UNRESOLVED",
    "VIOLATIONS",
    "Failure",
    "Minimised",
    "Minimiser",
    "Outcomes",
    "Past",
    "first_finding",
    "first_mismatch",
    "focus_of",
    "made_anew",
    "minimise",
    "moved",
    "part",
]
