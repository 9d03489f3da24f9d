"""The numbers that names have in the index."""

from __future__ import annotations

from itertools import islice
from typing import Generic, TypeVar

from .index import Index

Name = TypeVar("Name", bound=str | tuple[str, ...])

KEPT = 1_000_000  # names of a table in memory, some 200 MB; others are looked up


class Numbers(Generic[Name]):
    """
    Numbers the names of a table of the index: 1, 2, 3, … in the order in which they come.

    Opening an index reads none of them, and of very many only the newest stay in memory.
    """

    def __init__(self, index: Index, table: str, columns: str = "name") -> None:
        self.known: dict[Name, int] = {}  # for looking at in a loop, before `of`
        self.fresh: list[tuple[int | str, ...]] = []  # rows to add to the table
        self._index = index
        where = " AND ".join(f"{column} = ?" for column in columns.split())
        self._find = f"SELECT id FROM {table} WHERE {where}"
        self._count = int(index.one(f"SELECT coalesce(max(id), 0) FROM {table}")[0])
        self._all = self._count == 0  # whether all names are known

    def of(self, name: Name, *row: int | str) -> int:
        """Return the number of *name*; a new one is to be added with the rest of its *row*."""
        number = self.known.get(name)
        if number is None and not self._all:
            found = self._index.one(self._find, (name,) if isinstance(name, str) else name)
            number = None if found is None else int(found[0])
        if number is None:
            self._count += 1
            number = self._count
            self.fresh.append((number, *row))
        self.known[name] = number
        return number

    def added(self) -> None:
        """Take note that the table has the fresh ones now."""
        self.fresh.clear()
        if len(self.known) > KEPT:
            self.known = dict(islice(self.known.items(), KEPT // 2, None))
            self._all = False
