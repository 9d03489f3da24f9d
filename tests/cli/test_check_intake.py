"""`laban check` shows what an import or a run kept beside a log."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Laban = Callable[..., Result]
GOOD = '{"stream": "a", "type": "b", "id": "1"}\n'


@pytest.fixture
def taken(laban: Laban, folder: Path) -> Callable[[str], str]:
    """Import text as `some.jsonl`, and return the log's name."""

    def take(text: str) -> str:
        (folder / "some.jsonl").write_text(text)
        assert laban("import", "some.jsonl", "-o", "new.laban").exit_code == 0
        return "new.laban"

    return take


def test_a_line_that_was_lost_is_a_finding(laban: Laban, taken: Callable[[str], str]) -> None:
    result = laban("check", taken(GOOD + "{cut\n"))

    assert result.exit_code == 1
    assert result.stdout.strip().startswith("not taken in: some.jsonl, line 2: malformed: not JSON")
    assert result.stderr == "1 finding: not taken in 1.\n"


def test_what_was_only_inferred_is_a_note(laban: Laban, taken: Callable[[str], str]) -> None:
    result = laban("check", taken('{"stream": "a", "type": "b"}\n'))

    assert result.exit_code == 0
    assert "note: taken in otherwise: some.jsonl: inferred: Events without an id" in result.stdout


def test_many_lines_of_a_file_are_counted_and_json_lists_them(
    laban: Laban, taken: Callable[[str], str]
) -> None:
    log = taken(GOOD + "".join(f"{{{number}\n" for number in range(1000)))

    lines = laban("check", log).stdout.splitlines()
    findings = json.loads(laban("check", log, "--json").stdout)["findings"]

    assert len(lines) == 4
    assert lines[-1].strip() == "… and 997 more malformed in some.jsonl: --json lists all"
    assert len(findings) == 1000
    assert findings[7]["kept"]["origin"] == "some.jsonl"
    assert (findings[7]["kept"]["line"], findings[7]["kept"]["raw"]) == (9, "{7")
