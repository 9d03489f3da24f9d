"""What the debugger looks like, cell by cell."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from laban.store.memory import MemoryLog
from tests.tui.driver import Shown, press

Golden = Callable[[str, Shown], None]
Size = tuple[int, int]
SMALL, LARGE = (80, 24), (120, 36)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
def test_an_event_with_its_changes_cause_effects_and_stale_reads(
    golden: Golden, size: Size
) -> None:
    shown = press(at=9, size=size)

    golden(f"parcel-{size[0]}x{size[1]}", shown)


@pytest.mark.parametrize(("pane", "at"), [("2", 6), ("3", 6), ("4", 9)])
def test_a_small_screen_shows_one_pane_and_names_the_others(
    golden: Golden, pane: str, at: int
) -> None:
    shown = press("b", "enter", pane, at=at, size=SMALL)

    golden(f"pane-{pane}-80x24", shown)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x36"])
def test_an_empty_log_says_what_to_do(golden: Golden, size: Size) -> None:
    shown = press(size=size, log=MemoryLog())

    golden(f"empty-{size[0]}x{size[1]}", shown)


def test_a_bad_answer_stays_in_the_prompt_to_be_mended(golden: Golden) -> None:
    shown = press("/", "total >> 3", "enter", at=2, size=SMALL)

    golden("bad-expression-80x24", shown)


def test_a_long_refusal_is_read_to_its_end(golden: Golden) -> None:
    shown = press("/", "totl == 3", "enter", at=2, size=(60, 20))

    golden("long-refusal-60x20", shown)


@pytest.mark.parametrize("size", [SMALL, LARGE, (200, 50)], ids=["80x24", "120x36", "200x50"])
def test_help_lists_what_was_searched_for(golden: Golden, size: Size) -> None:
    shown = press("?", "break", size=size)

    golden(f"help-{size[0]}x{size[1]}", shown)


def test_a_zoomed_pane_has_the_large_screen(golden: Golden) -> None:
    shown = press("2", "z", at=4, size=LARGE)

    golden("zoom-120x36", shown)


def test_a_tiny_screen_shows_where_it_is_and_what_is_there(golden: Golden) -> None:
    shown = press(at=9, size=(40, 10))

    golden("parcel-40x10", shown)


@pytest.mark.parametrize("size", [SMALL, LARGE, (200, 50)], ids=["80x24", "120x36", "200x50"])
def test_every_line_fits_the_screen(size: Size) -> None:
    shown = press(at=9, size=size)

    lines = shown.text.splitlines()
    assert len(lines) == size[1]
    assert max(map(len, lines)) <= size[0]
    assert lines[-1].endswith("q quit")
