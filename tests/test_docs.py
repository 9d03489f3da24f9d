"""The documents say what is so: their examples run, their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from laban.cli.commands import COMMANDS
from laban.tui.actions import ACTIONS, LIST_KEYS, Action

from .examples import DOCUMENTS, ROOT, examples, run


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_example_prints_what_the_document_says(document: Path, tmp_path: Path) -> None:
    for example in examples(document):
        printed = run(example, tmp_path)

        place = f"{document.relative_to(ROOT)}:{example.line}"
        assert example.matches(printed), f"{place}: {example.command}\nprints\n{printed}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_of_the_project(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#:]+)[^):]*\)", document.read_text())

    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_the_keys_of_the_debugger_are_the_documented_ones() -> None:
    rows = "\n".join(_key_row(action) for action in ACTIONS + LIST_KEYS)

    table = f"| keys | do |\n|---|---|\n{rows}\n"

    assert table in (ROOT / "docs" / "debugger.md").read_text(), f"it should hold\n{table}"


def _key_row(action: Action) -> str:
    keys = " ".join(f"`{key}`" for key in action.key_text.split())
    return f"| {keys} | {action.help} |"


def test_every_command_is_documented_and_every_documented_one_exists() -> None:
    reference = (ROOT / "docs" / "command-line.md").read_text()
    readme = (ROOT / "README.md").read_text()

    sections = re.findall(r"^### (\S+)$", reference, re.MULTILINE)
    listed = re.findall(r"^\| `laban (\w+)", readme, re.MULTILINE)

    assert sections == listed == list(COMMANDS)
    assert all(f"$ laban {name} --help\n" in reference for name in COMMANDS)
