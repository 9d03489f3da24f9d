"""The prompt takes one statement after another and outlives all of them."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from laban.analysis.console import MORE, PROMPT, is_complete, repl
from laban.analysis.session import Session

from .test_session import BOMB


class Person:
    """Types lines, and keeps what is asked and shown."""

    def __init__(self, *lines: str | type[BaseException]) -> None:
        self.lines = list(lines)
        self.prompts: list[str] = []
        self.shown: list[str] = []
        self.errors: list[str] = []

    def read(self, prompt: str) -> str:
        self.prompts.append(prompt)
        line = self.lines.pop(0) if self.lines else EOFError
        if isinstance(line, str):
            return line
        raise line

    def use(self, session: Session) -> int:
        return repl(
            session, read=self.read, write=self.shown.append, complain=self.errors.append, width=80
        )


def test_a_statement_ends_with_a_semicolon_and_may_take_lines(session: Session) -> None:
    person = Person("SELECT count(*) AS n", "  FROM events;", "SELECT 'a;", "b' AS t;")

    failed = person.use(session)

    assert failed == 0
    assert person.prompts == [PROMPT, MORE, PROMPT, MORE, PROMPT]
    assert person.shown == ["n\n─\n3\n(1 row)", "t\n─────\na;\\nb\n(1 row)", ""]


def test_the_prompt_goes_on_after_an_error(session: Session) -> None:
    person = Person("FROM nowhere;", "DROP TABLE events;", ".nothing", "SELECT 1 AS a;")

    failed = person.use(session)

    assert failed == 3
    assert [error.split(":")[0] for error in person.errors] == [
        "Catalog Error",
        "DROP is not possible here",
        "There is no .nothing",
    ]
    assert person.shown[0].startswith("a\n")


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (".tables", "state_history"),
        (".schema", "stream_position"),
        (".schema", "a JSON Pointer"),
        (".help", ".quit"),
    ],
)
def test_the_commands_show_what_there_is(session: Session, command: str, text: str) -> None:
    person = Person(command)

    person.use(session)

    assert text in person.shown[0]


@pytest.mark.parametrize("ending", [".quit", ".exit", EOFError])
def test_the_prompt_can_be_left(session: Session, ending: str | type[BaseException]) -> None:
    person = Person(ending, "SELECT 1;")

    assert person.use(session) == 0
    assert person.lines == ["SELECT 1;"]


def test_ctrl_c_drops_what_was_typed(session: Session) -> None:
    person = Person("SELECT", KeyboardInterrupt, "SELECT 2 AS b;")

    assert person.use(session) == 0
    assert person.prompts[:3] == [PROMPT, MORE, PROMPT]
    assert person.shown[1] == "b\n─\n2\n(1 row)"


def test_ctrl_c_ends_a_query_and_the_prompt_goes_on(session: Session) -> None:
    person = Person("SELECT 1 AS a;", f"{BOMB};", "SELECT 2 AS b;")
    read, write = person.read, person.shown.append

    def then_interrupt(prompt: str) -> str:
        line = read(prompt)
        if line.startswith(BOMB):
            threading.Timer(0.7, os.kill, (os.getpid(), signal.SIGINT)).start()
        return line

    failed = repl(session, read=then_interrupt, write=write, complain=person.errors.append)

    assert failed == 1
    assert person.errors == ["The query was ended by Ctrl-C."]
    assert person.shown[-2] == "b\n─\n2\n(1 row)"


def test_nothing_typed_is_nothing_asked(session: Session) -> None:
    person = Person("", "  ", ";", "-- remark;")

    assert person.use(session) == 0
    assert person.shown == [""]


COMPLETE: dict[str, bool] = {
    "SELECT 1;": True,
    "SELECT 1; ": True,
    "SELECT 1": False,
    "SELECT ';": False,
    "SELECT ';';": True,
    "SELECT 'it''s;": False,
    'SELECT 1 AS "a;"': False,
    'SELECT 1 AS "a;";': True,
    "SELECT 1; -- remark": True,
    "SELECT 1 -- remark;": False,
    "SELECT 1 /* ; */": False,
    "SELECT 1 /* ;": False,
    "SELECT 1 /* ' */;": True,
    "SELECT $$ ; ": False,
    "SELECT $$ ' $$;": True,
    "SELECT $a$ $$ $a$;": True,
    "SELECT '--';": True,
}


@pytest.mark.parametrize("text", COMPLETE)
def test_a_semicolon_counts_outside_of_strings_and_comments(text: str) -> None:
    assert is_complete(text) is COMPLETE[text]
