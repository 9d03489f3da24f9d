"""What an expression may be refused for, and what may keep it from having a value."""

from __future__ import annotations

from laban.store.errors import LabanError

_AROUND = 40  # characters shown before and after the marked place


class ExpressionError(LabanError):
    """
    The text is no expression. The message is one line and marks the place.

    `problem` is the message without the place; `column` and `end_column` bound the place in
    the text: characters, from 0, the end not included.
    """

    def __init__(self, text: str, problem: str, column: int = 0, end_column: int = 0) -> None:
        super().__init__(f"Bad expression: {marked(text, column, end_column)}: {problem}")
        self.problem = problem
        self.column = column
        self.end_column = end_column


class Undefined(LabanError):
    """The expression has no value for these events and this state; `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Undefined: {reason}")
        self.reason = reason


def marked(text: str, start: int, end: int) -> str:
    """Return the part of *text* around *start* … *end*, on one line, that place as `>>>x<<<`."""
    before, place, after = text[:start].lstrip(), text[start:end], text[end:].rstrip()
    if len(before) > _AROUND:
        before = "…" + before[-_AROUND:]
    if len(place) > 2 * _AROUND:
        place = f"{place[:_AROUND]}…{place[-_AROUND:]}"
    if len(after) > _AROUND:
        after = after[:_AROUND] + "…"
    return printable(f"{before}>>>{place}<<<{after}")


def printable(text: str) -> str:
    """Return *text* with a space for every character that has no shape of its own."""
    return "".join(char if char.isprintable() else " " for char in text)
