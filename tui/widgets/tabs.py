"""The title of a pane as tabs: names side by side, one of them in use; a click picks one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from rich.cells import cell_len

Target = TypeVar("Target")
_BETWEEN = " │ "
_START = 3  # cells of the border before its title


@dataclass(frozen=True, slots=True)
class Tab(Generic[Target]):
    """A name in a title, and what it stands for."""

    name: str
    target: Target
    is_here: bool


def title_of(tabs: Sequence[Tab[Target]]) -> str:
    """Return the title as Textual's markup, the tab in use in bold where there are others."""
    return _BETWEEN.join(
        f"[b]{tab.name}[/b]" if tab.is_here else f"[dim]{tab.name}[/dim]" for tab in tabs
    )


def width_of(tabs: Sequence[Tab[Target]]) -> int:
    """Return the cells that the title takes in its border."""
    return 2 * _START + sum(cell_len(tab.name) for tab in tabs) + len(_BETWEEN) * (len(tabs) - 1)


def tab_at(tabs: Sequence[Tab[Target]], x: int) -> Target | None:
    """Return what the tab at cell *x* of the pane stands for."""
    start = _START
    for tab in tabs:
        end = start + cell_len(tab.name)
        if start <= x < end:
            return tab.target
        start = end + len(_BETWEEN)
    return None
