"""Taking in what a log records while others read its timeline."""

from __future__ import annotations

from .builder import Builder, Overtaken
from .index import Index
from .timeline import Timeline

BATCH = 1_000  # events taken in at a time: who shares the processor hardly notices


class Following:
    """
    Brings a timeline up to date, a batch of events at a time, in a thread of its own.

    It writes through a connection of its own, so no reader waits for it; only an index in
    memory has just the one.
    """

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline
        path = timeline.index.path
        self._index = Index(path) if path else timeline.index
        self._builder = Builder(self._index, timeline.log)

    def catch_up(self) -> bool:
        """Take in the next events, if there are any, and move the timeline's head; tell whether."""
        timeline = self._timeline
        last = min(timeline.log.head(), timeline.head + BATCH)
        if last <= timeline.head:
            return False
        try:
            if self._index.covered() != timeline.head:
                raise Overtaken
            self._builder.add(list(timeline.log.read(timeline.head + 1, last)))
            timeline.head = last
        except Overtaken:  # another process was faster; its names have numbers now
            self._builder = Builder(self._index, timeline.log)
            timeline.head = self._builder.begins
        return True

    def close(self) -> None:
        """Give back the connection; the timeline stays open."""
        if self._index is not self._timeline.index:
            self._index.close()
