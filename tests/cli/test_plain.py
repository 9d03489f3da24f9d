"""Answers for screen readers: one fact a line, in words."""

from __future__ import annotations

from laban.cli.plain import told_state
from tests.cli.conftest import Laban


def test_an_event_is_a_sentence(laban: Laban) -> None:
    said = laban("log", "credit.laban", "--from", "@276", "--limit", "1", "--plain").stdout

    assert said == (
        "position 276, 3m55.495s after the first event, decision says decision_made, "
        "event 7 of applicant-04: approved is false\n"
    )


def test_each_value_of_the_state_is_a_line_that_names_its_path(laban: Laban) -> None:
    part = laban("state", "credit.laban", "/applicant-04", "--at", "@276", "--plain").stdout
    whole = laban("state", "credit.laban", "--at", "@276", "--plain").stdout

    assert "/applicant-04/name is Priya Silva\n/applicant-04/amount is 24500\n" in part
    assert part in whole
    assert whole.startswith("the state at position 276\n")


def test_a_text_that_reads_like_a_number_or_like_nothing_has_quotes() -> None:
    told = [
        *told_state("/s", {"a": "7", "b": "", "c": "null", "d": 7, "e": None, "f": [], "g": "x"})
    ]

    assert told == [
        '/s/a is "7"',
        '/s/b is ""',
        '/s/c is "null"',
        "/s/d is 7",
        "/s/e is null",
        "/s/f is []",
        "/s/g is x",
    ]


def test_why_tells_the_stale_read_first_then_each_cause(laban: Laban) -> None:
    lines = laban("why", "credit.laban", "/applicant-04/approved", "--plain").stdout.splitlines()

    assert lines[0] == "/applicant-04/approved is false"
    assert lines[1] == (
        "stale: position 266 read /applicant-04/score as of position 59: 565; "
        "it was 689 since position 117, by credit-score"
    )
    assert lines[2].startswith("written by position 276, ")
    assert [line.split(",")[0] for line in lines if line.startswith("caused by")] == [
        f"caused by position {position}" for position in (266, 260, 223, 72, 59, 55)
    ]
    assert lines[-1] == "guarantee: recorded"


def test_one_answer_has_one_form(laban: Laban) -> None:
    for command in (["log"], ["state"], ["why", "/applicant-04/approved"]):
        result = laban(command[0], "credit.laban", *command[1:], "--plain", "--json")

        assert result.exit_code == 2
        assert "--plain" in result.stderr
