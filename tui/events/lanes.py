"""Events as rows of a sequence diagram: each in the lane of its source, with where it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from laban.replay.builder import is_failure
from laban.replay.sources import first_sources, order_of
from laban.replay.timeline import Timeline
from laban.store.event import Event
from laban.tui.pages import Pages
from laban.tui.values import LaneRow, Mark, elapsed

MOST = 32  # lanes that a screen can hold


class Lanes:
    """The rows of a log, a position each, 0 included; fetched when looked at."""

    def __init__(self, timeline: Timeline, head: int, start_ns: Callable[[], int | None]) -> None:
        self._timeline, self._start_ns = timeline, start_ns
        self._orders: dict[str, int] = {}
        self.rows: Pages[LaneRow] = Pages(head + 1, self._fetch)

    def first(self) -> list[tuple[int, str]]:
        """Return the lanes that begin first, with their order, as many as fit a screen."""
        return first_sources(self._timeline, MOST)

    def _fetch(self, start: int, stop: int) -> list[LaneRow]:
        rows = [LaneRow(0)] if start == 0 else []
        return rows + list(self._rows(list(self._timeline.log.read(max(start, 1), stop - 1))))

    def _rows(self, events: Sequence[Event]) -> Iterator[LaneRow]:
        begin = self._start_ns()
        before: dict[str, Event] = {}  # by id
        for event in events:
            cause = self._cause(event, before)
            before[event.id] = event
            yield LaneRow(
                event.position,
                elapsed(event.time_ns, begin, brief=True),
                event.source,
                self._order(event.source),
                event.type,
                spent(event),
                event.stream,
                Mark.ERROR if is_failure(event.type) else Mark.NONE,
                cause.position if cause else None,
                cause.source if cause else "",
                self._order(cause.source) if cause else 0,
            )

    def _cause(self, event: Event, before: dict[str, Event]) -> Event | None:
        """Return the cause of *event*: the nearest one of that id ahead of it."""
        if event.causation_id is None:
            return None
        return before.get(event.causation_id) or self._timeline.cause(event.position)

    def _order(self, source: str) -> int:
        if source not in self._orders:
            self._orders[source] = order_of(self._timeline, source)
        return self._orders[source]


def spent(event: Event) -> str:
    """Return what *event* says that it took: 12ms 340tok $0.0021."""
    if not any(f'"{name}"' in event.metadata.text for name in ("duration_ms", "tokens", "cost")):
        return ""
    parts = (
        _said(event.metadata.get("duration_ms"), _time),
        _said(event.metadata.get("tokens"), lambda number: f"{number:,.0f}tok"),
        _said(event.metadata.get("cost"), lambda number: f"${number:.4g}"),
    )
    return " ".join(part for part in parts if part)


def _said(value: Any, write: Callable[[float], str]) -> str:
    """Return a number as text, "" for what is none or cannot be meant."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return write(value) if is_number and 0 < value < 1e15 else ""


def _time(ms: float) -> str:
    return f"{ms:.3g}ms" if ms < 1_000 else f"{ms / 1_000:,.1f}s"
