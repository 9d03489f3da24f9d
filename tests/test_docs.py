"""The documents say what is so: their examples run, their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from laban.cli.commands import COMMANDS

from .examples import DOCUMENTS, ROOT, examples, run
from .keys import documented_table, key_table


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
    assert documented_table() == key_table(), "`make docs` writes it anew"


def test_every_command_is_documented_and_every_documented_one_exists() -> None:
    reference = (ROOT / "docs" / "command-line.md").read_text()
    readme = (ROOT / "README.md").read_text()

    sections = re.findall(r"^### (\S+)$", reference, re.MULTILINE)
    listed = re.findall(r"^\| `laban (\w+)", readme, re.MULTILINE)

    assert sections == listed == list(COMMANDS)
    assert all(f"$ laban {name} --help\n" in reference for name in COMMANDS)
