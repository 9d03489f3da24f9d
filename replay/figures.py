"""Lengths of time, rates and shares as short texts for people."""

from __future__ import annotations

_DAY, _HOUR, _MINUTE = 86_400, 3_600, 60


def span(seconds: float | None) -> str:
    """Return a length of time in at most eight cells: 12 ms, 3.4 s, 5m 20s, 3h 02m, 12d 3h."""
    if seconds is None:
        return "-"
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms" if seconds else "0 s"
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE:.0f}m {seconds % _MINUTE // 1:02.0f}s"
    if seconds < _DAY:
        return f"{seconds // _HOUR:.0f}h {seconds % _HOUR // _MINUTE:02.0f}m"
    return f"{seconds // _DAY:,.0f}d {seconds % _DAY // _HOUR:.0f}h"


def rate(a_second: float) -> str:
    """Return how often something happens, in the unit that suits it: 2.5 a minute."""
    if a_second >= 1:
        return f"{a_second:,.1f} a second"
    if a_second * _MINUTE >= 1:
        return f"{a_second * _MINUTE:.1f} a minute"
    if a_second * _HOUR >= 1:
        return f"{a_second * _HOUR:.1f} an hour"
    return f"{a_second * _DAY:.1f} a day"


def percent(share: float | None) -> str:
    """Return a share of one as 12.5 %."""
    return "-" if share is None else f"{100 * share:.1f} %"
