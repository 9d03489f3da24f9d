"""The functions that a choreography takes: whether they can be called as they will be."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction, signature
from typing import Any

from .rules import ChoreographyError


def check_name(name: object, decorator: str, what: str) -> None:
    """Raise ChoreographyError for a decorator that was given no name, but the function."""
    if not isinstance(name, str):
        raise ChoreographyError(
            f"@{decorator} needs the name of its {what}: write @….{decorator}('NAME')."
        )


def check_agent(capability: object, function: Callable[..., Any]) -> None:
    """Raise ChoreographyError unless *function* can be an agent."""
    _check_call(function, f"The agent of {capability!r}", "ctx")
    if not _is_async(function):
        raise ChoreographyError(
            f"The agent of {capability!r} is no async function: write `async def`, and "
            "`await asyncio.to_thread(…)` around what blocks."
        )


def check_reducer(event_type: object, function: Callable[..., Any]) -> None:
    """Raise ChoreographyError unless *function* can be a reducer."""
    _check_call(function, f"The reducer of {event_type!r}", "state", "event")
    if _is_async(function):
        raise ChoreographyError(
            f"The reducer of {event_type!r} is async: write `def`, it may wait for nothing."
        )


def _check_call(function: Callable[..., Any], who: str, *arguments: str) -> None:
    wanted = f"is called as f({', '.join(arguments)})"
    if not callable(function):
        raise ChoreographyError(f"{who} {wanted}, and {function!r} is no function.")
    try:
        signature(function).bind(*arguments)
    except TypeError as error:
        raise ChoreographyError(f"{who} {wanted}: {error}.") from None
    except ValueError:
        pass  # something built in, that does not say what it takes


def _is_async(function: Callable[..., Any]) -> bool:
    return iscoroutinefunction(function) or iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - an object with an async __call__
    )
