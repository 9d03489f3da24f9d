"""Values as rows that are made when they are looked at: a million paths cost a screenful."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from laban.replay.pointer import MISSING, format_pointer, look_up, parse_pointer
from laban.tui.pages import Joined, Lazy
from laban.tui.values import RowKind, StateRow

from .preview import preview, size

_OPEN_DEPTH = 2  # objects and arrays down to here are open by themselves …
_OPEN_SIZE = 12  # … when they hold no more than this …
_WIDE = 100  # … and what they stand in no more than that


class Folds:
    """Which objects and arrays the user folded or unfolded; the others go by their size."""

    def __init__(self) -> None:
        self._chosen: dict[str, bool] = {}

    def is_open(self, pointer: str, *, by_itself: bool = False) -> bool:
        """Tell whether the rows inside the value at *pointer* are shown."""
        return self._chosen.get(pointer, by_itself)

    def choose(self, pointer: str, open: bool) -> None:
        """Keep the value at *pointer* unfolded, or folded."""
        self._chosen[pointer] = open

    def opened_in(self, pointer: str) -> Iterator[str]:
        """Yield the names right inside *pointer* that the user unfolded."""
        for path, open in self._chosen.items():
            if open and path.rpartition("/")[0] == pointer:
                yield parse_pointer(path)[-1]


class Branch(Lazy[StateRow]):
    """
    What an object or array holds, a row each; what is inside of those that are open as well.

    Only what stands beside few others is looked at to know how many rows there are.
    """

    def __init__(self, pointer: str, value: Any, depth: int, folds: Folds) -> None:
        self._pointer, self._value, self._depth = pointer, value, depth
        self._names = list(value) if isinstance(value, Mapping) else range(len(value))
        open = self._open_few(folds) if len(self._names) <= _WIDE else self._open_of_many(folds)
        self._inside = {
            index: Branch(self._path(index), value[self._names[index]], depth + 1, folds)
            for index in open
        }
        self._indexes = list(self._inside)
        self._rows = [0, *accumulate(map(len, self._inside.values()))]  # inside those before
        self._starts = [1 + i + rows for i, rows in zip(self._indexes, self._rows, strict=False)]

    def __len__(self) -> int:
        return len(self._names) + self._rows[-1]

    def make(self, index: int) -> StateRow:
        before = bisect_right(self._starts, index) - 1
        if before < 0:
            return self._row(index)
        inside = index - self._starts[before]
        branch = self._inside[self._indexes[before]]
        if inside < len(branch):
            return branch[inside]
        return self._row(self._indexes[before] + 1 + inside - len(branch))

    def find(self, tokens: Sequence[str]) -> tuple[int, int]:
        """Return the row of the path *tokens*, or of the nearest around it, and its tokens."""
        index = self._index_of(tokens[0]) if tokens else None
        if index is None:
            return -1, 0
        row = index + self._rows[bisect_left(self._indexes, index)]
        branch = self._inside.get(index)
        further, named = branch.find(tokens[1:]) if branch is not None else (-1, 0)
        return row + 1 + further, 1 + named

    def _open_few(self, folds: Folds) -> list[int]:
        """Return the indexes of what is open, all of them looked at."""
        items = self._value.values() if isinstance(self._value, Mapping) else self._value
        return [
            index
            for index, item in enumerate(items)
            if _unfolds(item)
            and folds.is_open(
                self._path(index),
                by_itself=self._depth <= _OPEN_DEPTH and len(item) <= _OPEN_SIZE,
            )
        ]

    def _open_of_many(self, folds: Folds) -> list[int]:
        """Return the indexes of what the user unfolded."""
        indexes = map(self._index_of, folds.opened_in(self._pointer))
        return sorted(i for i in indexes if i is not None and _unfolds(self._value[self._names[i]]))

    def _index_of(self, token: str) -> int | None:
        if look_up(self._value, (token,)) is MISSING:
            return None
        return self._names.index(token) if isinstance(self._names, list) else int(token)

    def _path(self, index: int) -> str:
        return self._pointer + format_pointer((str(self._names[index]),))

    def _row(self, index: int) -> StateRow:
        name, pointer, depth = str(self._names[index]), self._path(index), self._depth
        item = self._value[self._names[index]]
        if not _unfolds(item):
            return StateRow(name, pointer=pointer, depth=depth, value=preview(item))
        open = index in self._inside
        text = size(item) if open else f"{size(item)} {preview(item)}"
        return StateRow(name, pointer=pointer, depth=depth, value=text, open=open)


class StreamTree(Joined[StateRow]):
    """A stream's state as rows, under its name; parts that are folded left out."""

    def __init__(self, stream: str, state: Mapping[str, Any], folds: Folds, note: str = "") -> None:
        pointer = format_pointer((stream,))
        self._stream = stream
        self._fields = Branch(pointer, state, 0, folds)
        nothing = [] if state else [StateRow("no fields", RowKind.NOTE)]
        heading = StateRow(stream, RowKind.HEADING, pointer, value=note, open=True)
        super().__init__([[heading, *nothing], self._fields])

    def find(self, tokens: Sequence[str]) -> tuple[int, int]:
        """Return the row of the path *tokens*, or of the nearest around it, and its tokens."""
        if tokens[:1] != (self._stream,):
            return -1, 0
        row, named = self._fields.find(tokens[1:])
        return 1 + row, 1 + named


def _unfolds(value: Any) -> bool:
    return bool(value) and isinstance(value, (dict, list))
