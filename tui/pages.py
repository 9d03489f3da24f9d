"""A long sequence of which only the pages that are looked at are fetched."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import TypeVar, overload

Item = TypeVar("Item")

PAGE = 64  # items
KEPT = 32  # pages, the ones used last


class Pages(Sequence[Item]):
    """A sequence of *length* items; `fetch(start, stop)` returns items start … stop - 1."""

    def __init__(self, length: int, fetch: Callable[[int, int], Sequence[Item]]) -> None:
        self._length = length
        self._fetch = fetch
        self._pages: OrderedDict[int, Sequence[Item]] = OrderedDict()

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...

    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(self._length))]
        if index < 0:
            index += self._length
        if not 0 <= index < self._length:
            raise IndexError(f"There is no item {index} among {self._length}.")
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
