"""Databases of LangGraph to import."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .langgraph_desk import Desk

RECORDED = Path(__file__).parents[2] / "fixtures" / "langgraph_small.sqlite"


@pytest.fixture
def desk(database: Path) -> Iterator[Desk]:
    from .langgraph_desk import Desk  # here, for not every test waits for LangGraph

    desk = Desk(database)
    yield desk
    desk.connection.close()


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A copy of the recorded run: LangGraph writes to what it reads."""
    return Path(shutil.copy(RECORDED, tmp_path / "recorded.sqlite"))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "desk.sqlite"
