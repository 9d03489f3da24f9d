"""At a terminal each answer names the command that comes next; programs see nothing of it."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from laban.cli.advice import word

from .test_process import on_terminal

WRONG = "type == 'decision_made' and data['approved'] != (state[stream]['score'] >= 640)"

STEPS = [
    (["why", "credit.laban", "/applicant-04/approved"], "laban check credit.laban"),
    (["check", "credit.laban"], "laban open credit.laban --at @266"),
    (
        ["bisect", "credit.laban", "--where", WRONG],
        f'laban minimize credit.laban --where "{WRONG}" -o least.laban',
    ),
    (["compare", "credit.laban", "other.laban"], "laban open other.laban --at @266"),
]


@pytest.fixture
def logs(folder: Path) -> Path:
    """A log, and another one in which @266 says something else."""
    on_terminal(
        folder, "fork", "credit.laban", "--at", "@266", "--set", '/data/rating="low"',
        "-o", "other.laban",
    )  # fmt: skip
    return folder


@pytest.mark.parametrize(("args", "step"), STEPS, ids=[args[0] for args, _ in STEPS])
def test_the_next_command_is_named_whole(logs: Path, args: list[str], step: str) -> None:
    _, shown = on_terminal(logs, *args)

    assert shown.splitlines()[-1] == f"Next: {step}"


@pytest.mark.parametrize("args", [args for args, _ in STEPS], ids=[args[0] for args, _ in STEPS])
def test_with_json_nothing_comes_after_the_answer(logs: Path, args: list[str]) -> None:
    _, shown = on_terminal(logs, *args, "--json")

    assert "Next: " not in shown


@pytest.mark.parametrize(
    "text", ["a.laban", "", "it's.laban", "two words", 'a "b"', "$HOME `x`", "a != b", "!x", "a\nb"]
)
def test_a_word_is_one_word_of_a_shell(text: str) -> None:
    assert shlex.split(word(text)) == [text]


def test_names_with_spaces_can_be_copied_from_the_step_after_a_fork(folder: Path) -> None:
    args = ("fork", "credit.laban", "--at", "@266", "--drop", "-o", "what if.laban")

    assert on_terminal(folder, *args)[1].endswith('laban compare credit.laban "what if.laban"\n')
