"""The documents say what is so: their examples run, their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

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
