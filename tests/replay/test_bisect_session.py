"""The log of a bisection: what it says, it can be made from again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.replay.bisect import BadSessionError, ContradictionError, Session, Verdict

words = st.lists(st.text(max_size=5) | st.just("first\nsecond 'line'"), max_size=3)


@given(
    told=st.lists(
        st.tuples(st.integers(0, 50), st.sampled_from(Verdict), st.text(), st.booleans())
    ),
    command=words,
)
def test_a_session_is_the_replay_of_its_own_log(
    told: list[tuple[int, Verdict, str, bool]], command: list[str]
) -> None:
    session = Session("id", 0, 50, tuple(command))
    for answer in told:
        try:
            session.tell(*answer)
        except ContradictionError:
            continue

    again = Session.replayed(session.text(), "id", 50)

    assert (again.first, again.last, again.command) == (0, 50, session.command)
    assert again.answers == session.answers
    assert again.disagreed == session.disagreed
    assert again.narrowing.candidates == session.narrowing.candidates
    assert again.narrowing.next() == session.narrowing.next()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no line `start @GOOD @BAD`"),
        ("good @3", "Line 1 of the bisect log: `start @GOOD @BAD` comes first"),
        ("start @0 @10\nbetter @3", "Line 2 of the bisect log: 'better @3': write good, bad or"),
        ("start @0 @10\ngood @11", "'@11' is no position from @0 to @10"),
        ("start @0 @10\ngood x", "'x' is no position"),
        ("start @0 @10\nbad @3\n\ngood @4", "Line 4 .*@4 cannot be good: @3 was bad"),
        ("start @4 @4", "@4 is not past @4"),
        ("log other\nstart @0 @1", "it is of log other, and this is id"),
        ("start @0 @1\nrun [", "Line 2 of the bisect log: Expecting value"),
    ],
)
def test_a_log_that_makes_no_sense_is_refused_with_its_line(text: str, reason: str) -> None:
    with pytest.raises(BadSessionError, match=reason):
        Session.replayed(text, "id", 10)


def test_a_log_may_be_edited_by_hand() -> None:
    session = Session.replayed("start 0 10  # all of it\n\n# hm\nbad @5\nskip @2\n", "id", 10)

    assert list(session.narrowing.candidates) == [1, 2, 3, 4, 5]
    assert session.said(5) is Verdict.BAD
    assert session.said(4) is None


def test_a_refused_answer_leaves_no_trace() -> None:
    session = Session("id", 0, 10)
    session.tell(5, Verdict.BAD)

    with pytest.raises(ContradictionError):
        session.tell(7, Verdict.GOOD)

    assert session.said(7) is None
    assert "@7" not in session.text()
