"""Long sequences of which only the items that are looked at are made, or fetched."""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import TypeVar, overload

Item = TypeVar("Item")

PAGE = 32  # items
KEPT = 64  # pages, the ones used last


class Lazy(Sequence[Item]):
    """A sequence that makes an item when it is looked at. A subclass has a length, and `make`."""

    def make(self, index: int) -> Item:
        """Return item *index*, 0 up to the length."""
        raise NotImplementedError

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...

    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        if isinstance(index, slice):
            return [self.make(each) for each in range(*index.indices(len(self)))]
        if index < 0:
            index += len(self)
        if not 0 <= index < len(self):
            raise IndexError(f"There is no item {index} among {len(self)}.")
        return self.make(index)


class Joined(Lazy[Item]):
    """Sequences one after the other, as one."""

    def __init__(self, parts: Iterable[Sequence[Item]]) -> None:
        self.parts = [part for part in parts if part]
        self.starts = [0, *accumulate(map(len, self.parts))]  # of each part, and the end

    def __len__(self) -> int:
        return self.starts[-1]

    def make(self, index: int) -> Item:
        part = bisect_right(self.starts, index) - 1
        return self.parts[part][index - self.starts[part]]


class Pages(Lazy[Item]):
    """A sequence of *length* items; `fetch(start, stop)` returns items start … stop - 1."""

    def __init__(self, length: int, fetch: Callable[[int, int], Sequence[Item]]) -> None:
        self._length = length
        self._fetch = fetch
        self._pages: OrderedDict[int, Sequence[Item]] = OrderedDict()

    def __len__(self) -> int:
        return self._length

    def make(self, index: int) -> Item:
        number, inside = divmod(index, PAGE)
        return self._page(number)[inside]

    def grow(self, length: int) -> None:
        """Hold that there are *length* items now; what was fetched of the earlier ones stays."""
        self._pages.pop(self._length // PAGE, None)  # it was not full
        self._length = length

    def clear(self) -> None:
        """Fetch everything anew when it is looked at."""
        self._pages.clear()

    def _page(self, number: int) -> Sequence[Item]:
        page = self._pages.get(number)
        if page is None:
            start = number * PAGE
            page = self._pages[number] = self._fetch(start, min(start + PAGE, self._length))
            if len(self._pages) > KEPT:
                self._pages.popitem(last=False)
        self._pages.move_to_end(number)
        return page
