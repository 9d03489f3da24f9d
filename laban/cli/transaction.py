"""The events of one business transaction."""

from __future__ import annotations

from itertools import islice

from laban.store.errors import LabanError, did_you_mean
from laban.store.event import Event
from laban.store.log import EventLog

LOOKED_AT = 10_000  # events, for a correlation that was meant


class UnknownCorrelationError(LabanError):
    """No event belongs to this business transaction."""


def transaction(log: EventLog, correlation: str) -> list[Event]:
    """Return the events of a correlation; a stream without correlations is one by itself."""
    own = [e for e in log.read_stream(correlation) if e.correlation_id is None]
    events = sorted([*own, *log.correlated(correlation)], key=lambda e: e.position)
    if not events:
        known = dict.fromkeys(e.correlation_id or e.stream for e in islice(log.read(), LOOKED_AT))
        near = did_you_mean(correlation, known)
        raise UnknownCorrelationError(f"No event has the correlation {correlation!r}.{near}")
    return events
