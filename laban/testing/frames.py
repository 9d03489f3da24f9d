"""Failures that show the test and nothing of what ran below it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from laban.store.errors import LabanError
from laban.store.terminal import fit

__unittest = True  # unittest leaves these frames out, as pytest does those that hide themselves

WIDTH = 72  # columns; pytest puts up to eight more before each line

P = ParamSpec("P")
T = TypeVar("T")


def clear(function: Callable[P, T]) -> Callable[P, T]:
    """Let an error that is raised on purpose end at the caller: its one line says it all."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        __tracebackhide__ = True
        try:
            return function(*args, **kwargs)
        except LabanError as error:
            raise error.with_traceback(None) from None

    return run


def assertion(find: Callable[P, list[str]]) -> Callable[P, None]:
    """
    Make an assertion of a function that returns what is wrong, line by line, or nothing.

    No line but the first is wider than a terminal of 80 columns shows.
    """
    find = clear(find)

    @wraps(find)
    def check(*args: P.args, **kwargs: P.kwargs) -> None:
        __tracebackhide__ = True
        if wrong := find(*args, **kwargs):
            head, *more = wrong
            raise AssertionError("\n".join([head, *(fit(line, WIDTH) for line in more)]))

    return check
