"""The logs that can be opened, as rows: those open now, those opened last, and the demos."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from laban.replay.glance import Glance

from .values import LogRow


def open_rows(titles: Sequence[str], places: Sequence[str]) -> Iterator[LogRow]:
    """Yield the logs that are open, their *titles* and where the user is in each."""
    for number, (title, place) in enumerate(zip(titles, places, strict=True)):
        yield LogRow(title, str(number), "open", about=place)


def recent_rows(paths: Sequence[Path], glances: Mapping[Path, Glance | str]) -> Iterator[LogRow]:
    """Yield the logs opened last, with what is known of them by now, or what is wrong."""
    for path in paths:
        known = glances.get(path)
        row = LogRow(_short(path), str(path), "recent")
        if isinstance(known, str):
            yield LogRow(row.name, row.target, row.kind, about=known)
        elif known:
            about = (known.events, known.agents, known.errors)
            yield LogRow(row.name, row.target, row.kind, *about)
        else:
            yield row


def demo_rows(demos: Mapping[str, str]) -> Iterator[LogRow]:
    """Yield the demos, by name with what they are about."""
    for name, about in demos.items():
        yield LogRow(name, name, "demo", about=about)


def matching_rows(groups: Mapping[str, Sequence[LogRow]], typed: str) -> list[LogRow]:
    """
    Return the rows of each group that *typed* occurs in, under the group's heading.

    What is the path of a file stands before them all.
    """
    rows = list(_as_path(typed))
    for heading, members in groups.items():
        found = [row for row in members if typed.lower() in f"{row.name} {row.about}".lower()]
        rows += [LogRow(heading), *found] if found else []
    if not rows:
        rows.append(LogRow(f"No log is named like {typed!r}, and it is no file.", kind="note"))
    return rows


def _as_path(typed: str) -> Iterator[LogRow]:
    path = Path(typed.strip().strip("'\"")).expanduser()
    try:
        if typed.strip() and path.is_file():
            yield LogRow("this file")
            yield LogRow(_short(path), str(path), "path")
    except OSError:  # a name that no file can have
        return


def _short(path: Path) -> str:
    """Return a path as its user would write it."""
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
