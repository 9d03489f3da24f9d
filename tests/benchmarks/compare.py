"""Comparing two runs: the log, and the same events interleaved otherwise, one of them changed."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from random import Random

from laban.replay.compare import compare
from laban.replay.timeline import Timeline
from laban.store.event import Event, NewEvent
from laban.store.sqlite import SqliteLog

from .figures import Report, seconds

WINDOW = 50_000  # events that change places with one another
FIELDS = NewEvent.__struct_fields__


def measure(log: Path, folder: Path, report: Report) -> None:
    """Record the events of *log* in another order in *folder*, and compare both."""
    folder.mkdir()
    with closing(SqliteLog.open(log)) as first, closing(SqliteLog.create(folder / "b")) as second:
        edit = first.head() // 2
        for batch in _shuffled(first, edit):
            second.append(*batch)
        a = Timeline.open(first, log.with_name(f"{log.name}.cache"))
        b = Timeline.open(second, folder / "b.cache")
        with closing(a), closing(b):
            _measure(a, b, edit, report)
    shutil.rmtree(folder)


def _measure(a: Timeline, b: Timeline, edit: int, report: Report) -> None:
    events = a.head + b.head
    report.section(f"Two runs of {a.head:,} events, one interleaved otherwise, one event changed")
    cold = seconds(lambda: compare(a, b))
    answers = []
    warm = min(seconds(lambda: answers.append(compare(a, b))) for _ in range(3))
    for answer in answers:
        assert [root.a and root.a.position for root in answer.roots] == [edit]
    report.rate("compare, cold, events of both", events / cold, 100_000)
    report.at_most("compare, warm", 1000 * warm, 1000)


def _shuffled(log: SqliteLog, edit: int) -> Iterator[Sequence[NewEvent]]:
    """Yield all events; in each window, streams keep their order and the rest is chance."""
    random, events = Random(1), log.read()
    while window := list(islice(events, WINDOW)):
        streams: defaultdict[str, list[Event]] = defaultdict(list)
        for event in reversed(window):
            streams[event.stream].append(event)
        turns = [event.stream for event in window]
        random.shuffle(turns)
        yield [_as_new(streams[stream].pop(), edit) for stream in turns]


def _as_new(event: Event, edit: int) -> NewEvent:
    fields = {name: getattr(event, name) for name in FIELDS}
    if event.position == edit:
        fields["data"] = {**event.data, "revision": -1}
    return NewEvent(**fields)
