"""Widgets take values in and send messages out: they know no log, no timeline, no session."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import laban.tui

TUI = Path(str(laban.tui.__file__)).parent
WIDGETS = sorted(TUI.glob("widgets/*.py"))
_PACKAGES = ("bisect", "check", "compare", "events", "guide", "setting", "sql", "state", "stats")
PLAIN = sorted(
    [TUI / f"{name}.py" for name in ("jobs", "opening", "pages", "refusal", "session", "values")]
    + [path for name in _PACKAGES for path in TUI.glob(f"{name}/*.py")]
)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


@pytest.mark.parametrize("path", WIDGETS, ids=lambda path: path.stem)
def test_a_widget_knows_values_only(path: Path) -> None:
    known = {name.removeprefix("laban.tui.") for name in imports(path) if "laban" in name}

    others = {name for name in known if not name.endswith("values")}
    assert others <= {"actions", "looks.cells", "looks.theme"}


@pytest.mark.parametrize("path", PLAIN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_screens_show_is_made_without_a_terminal(path: Path) -> None:
    assert not [name for name in imports(path) if name.startswith(("textual", "rich"))]


def test_importing_the_debugger_loads_no_screen_until_it_runs() -> None:
    code = "import sys, laban.tui; sys.exit('textual' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
