"""Golden screens."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from textual._compositor import Compositor

from tests.tui.driver import Shown

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def golden() -> Callable[[str, Shown | str], None]:
    """
    Compare a screen with the one kept in golden/NAME.txt.

    LABAN_GOLDEN=write keeps what is shown now; look at it before you commit it.
    """

    def golden(name: str, shown: Shown | str) -> None:
        text = shown if isinstance(shown, str) else shown.text
        path = GOLDEN / f"{name}.txt"
        if os.environ.get("LABAN_GOLDEN") == "write":
            path.write_text(text + "\n")
        assert path.exists(), f"{path} is missing: LABAN_GOLDEN=write keeps what is shown now."
        assert text + "\n" == path.read_text()

    return golden


@pytest.fixture
def unpainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Paint nothing but what `grid` looks at: half of the time of a test that looks often."""

    def render_update(compositor: Compositor, **_: object) -> None:
        compositor._dirty_regions.clear()

    monkeypatch.setattr(Compositor, "render_update", render_update)
