"""The rows of a comparison: the roots in full, then all events side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, overload

from laban.replay.compare import Aligned, Compared, Difference, Divergence, Row
from laban.replay.compare.telling import KINDS, state_changes
from laban.replay.pointer import MISSING
from laban.replay.timeline import Timeline
from laban.store.event import Event
from laban.store.terminal import counted
from laban.tui.pages import Pages
from laban.tui.state.preview import preview, summary

from .values import Cell, CompareKind, CompareRow, Sign

SHOWN = 20  # parts of a root that differ
_LONG = 400  # characters of a value

Timelines = tuple[Timeline, Timeline]


class CompareRows(Sequence[CompareRow]):
    """All rows; those of events are made when they are looked at."""

    def __init__(self, answer: Compared, aligned: Aligned, timelines: Timelines) -> None:
        self._first: list[CompareRow] = []
        self.stops: list[int] = []  # the rows where a root begins
        for root in answer.roots:
            self.stops.append(len(self._first))
            self._first += _root_rows(root)
        if (more := answer.root_count - len(answer.roots)) > 0:
            told = f"… and {counted(more, 'root')} more: ] goes on to them"
            self._first.append(CompareRow(CompareKind.NOTE, label=told))
        self._first.append(CompareRow(CompareKind.HEADING, label=_heading(answer)))
        self.offset = len(self._first)  # the row of the first event
        self._rest = Pages(len(aligned), _Fetch(aligned, timelines))

    def __len__(self) -> int:
        return self.offset + len(self._rest)

    @overload
    def __getitem__(self, index: int) -> CompareRow: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[CompareRow]: ...

    def __getitem__(self, index: int | slice) -> CompareRow | Sequence[CompareRow]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        return self._first[index] if index < self.offset else self._rest[index - self.offset]


class _Fetch:
    """Reads the events of rows."""

    def __init__(self, aligned: Aligned, timelines: Timelines) -> None:
        self._aligned = aligned
        self._logs = tuple(timeline.log for timeline in timelines)

    def __call__(self, start: int, stop: int) -> list[CompareRow]:
        return [self._row(self._aligned.row(index)) for index in range(start, stop)]

    def _row(self, row: Row) -> CompareRow:
        a, b = (
            log.get(at) if at else None for log, at in zip(self._logs, (row.a, row.b), strict=True)
        )
        differs = row.how in ("root", "changed") and a is not None and b is not None
        found = self._aligned.differences(a, b) if differs and a and b else []
        return _pair(a, b, row.how in ("root", "changed"), found, row.how in ("changed", "after"))


def _heading(answer: Compared) -> str:
    after = "; ↓ comes after a root" if answer.downstream else ""
    return f"all events, in the order of A{after}"


def _root_rows(root: Divergence) -> Iterator[CompareRow]:
    pair = _pair(root.a, root.b, True, [], False)
    at = (pair.a, pair.b)
    yield pair
    if kind := _KINDS.get(root.kind):
        yield CompareRow(CompareKind.NOTE, label=kind, a=at[0], b=at[1])
    for each in root.differences[:SHOWN]:
        yield _part(each.pointer, each.a, each.b, at)
    yield from _more(len(root.differences), "part")
    if fields := state_changes(root):
        label = f"state of {root.stream} after it"
        yield CompareRow(CompareKind.NOTE, label=label, a=at[0], b=at[1])
        for name, a, b in islice(fields, SHOWN):
            yield _part(name, a, b, at)
        yield from _more(len(fields), "field")
    if (cause := root.cause) is not None:
        label = f"after @{cause.position} {cause.type} {_address(cause)}, which both have"
        yield CompareRow(CompareKind.NOTE, label=label, a=cause.position)


_KINDS = {kind: f"it {said}" for kind, said in KINDS.items() if kind != "changed"}


def _more(count: int, noun: str) -> Iterator[CompareRow]:
    if count > SHOWN:
        yield CompareRow(CompareKind.NOTE, label=f"… and {counted(count - SHOWN, noun)} more")


def _part(pointer: str, a: Any, b: Any, at: tuple[int, int]) -> CompareRow:
    left, right = (Cell(text=_value(value)) for value in (a, b))
    return CompareRow(CompareKind.PART, Sign.NONE, left, right, label=pointer, a=at[0], b=at[1])


def _pair(
    a: Event | None, b: Event | None, differs: bool, found: list[Difference], downstream: bool
) -> CompareRow:
    """Return two events as a row; the first part in which they differ stands for their data."""
    if a is None or b is None:
        sign = Sign.ONLY_B if a is None else Sign.ONLY_A
    else:
        sign = Sign.DIFFERS if differs else Sign.SAME
    part = found[0] if found else None
    return CompareRow(
        CompareKind.PAIR,
        sign,
        None if a is None else _cell(a, part and part.a, part),
        None if b is None else _cell(b, part and part.b, part),
        label=part.pointer if part else "",
        more=max(len(found) - 1, 0),
        downstream=downstream,
        a=a.position if a else 0,
        b=b.position if b else 0,
    )


def _cell(event: Event, value: Any, part: Difference | None) -> Cell:
    text = summary(event.data.parsed, _LONG // 2) if part is None else _value(value)
    return Cell(event.position, event.type, _address(event), event.source, text)


def _address(event: Event) -> str:
    return f"{event.stream}@{event.stream_position}"


def _value(value: Any) -> str:
    return "nothing" if value is MISSING else preview(value, _LONG)
