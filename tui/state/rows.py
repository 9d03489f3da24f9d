"""Changes as rows: what a write did inside a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from laban.replay.pointer import MISSING, format_pointer
from laban.replay.timeline import same
from laban.tui.values import Mark, RowKind, StateRow

from .preview import preview

MOST_CHANGES = 500  # rows shown for one event; a count tells of the others


def change_rows(
    changes: Sequence[tuple[str, Any, Any]], stream_pointer: str
) -> tuple[list[StateRow], dict[Mark, int]]:
    """
    Return rows for *changes*, (pointer, before, after) each, and how many there are of each mark.

    A value that was replaced whole shows only its parts that differ. Paths inside
    *stream_pointer* are shown without it.
    """
    rows: list[StateRow] = []
    rewritten: list[str] = []
    counts = dict.fromkeys((Mark.CHANGED, Mark.ADDED, Mark.REMOVED), 0)
    for pointer, before, after in changes:
        if same(before, after):
            rewritten.append(_label(pointer, stream_pointer))
        for path, old, new in parts_changed(pointer, before, after):
            mark = mark_of(old, new)
            counts[mark] += 1
            if len(rows) < MOST_CHANGES:
                rows.append(_change_row(path, old, new, mark, stream_pointer))
    if (hidden := sum(counts.values()) - MOST_CHANGES) > 0:
        rows.append(StateRow(f"… and {hidden:,} more changes", RowKind.NOTE))
    if rewritten:
        names = ", ".join(rewritten[:MOST_CHANGES])
        rows.append(StateRow(f"written again, the same: {names}", RowKind.NOTE))
    return rows, counts


def parts_changed(pointer: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield (pointer, before, after) of the least parts in which two JSON values differ."""
    if isinstance(before, Mapping) and isinstance(after, Mapping) and before and after:
        for name in [*before, *(name for name in after if name not in before)]:
            path = pointer + format_pointer((name,))
            yield from parts_changed(path, before.get(name, MISSING), after.get(name, MISSING))
    elif isinstance(before, list) and isinstance(after, list) and before and after:
        for index in range(max(len(before), len(after))):
            old = before[index] if index < len(before) else MISSING
            new = after[index] if index < len(after) else MISSING
            yield from parts_changed(f"{pointer}/{index}", old, new)
    elif not same(before, after):
        yield pointer, before, after


def mark_of(before: Any, after: Any) -> Mark:
    """Return what became of a value that is another now."""
    if before is MISSING:
        return Mark.ADDED
    return Mark.REMOVED if after is MISSING else Mark.CHANGED


def _change_row(pointer: str, before: Any, after: Any, mark: Mark, stream_pointer: str) -> StateRow:
    return StateRow(
        _label(pointer, stream_pointer),
        RowKind.CHANGE,
        pointer,
        value="" if after is MISSING else preview(after),
        before="" if before is MISSING else preview(before),
        mark=mark,
    )


def _label(pointer: str, stream_pointer: str) -> str:
    inside = pointer.startswith(stream_pointer + "/")
    return pointer[len(stream_pointer) + 1 :] if inside else pointer
