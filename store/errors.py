"""Every error that laban raises on purpose: what was found, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class LabanError(Exception):
    """Catch this to catch every error laban raises on purpose. Its text is one line."""


class ConflictError(LabanError):
    """Another writer appended to the stream first."""

    def __init__(self, stream: str, *, expected: int, actual: int) -> None:
        super().__init__(
            f"Stream {stream!r} holds {actual} events, not the {expected} you saw: "
            "read it again, decide again, append again."
        )


class DuplicateIdError(LabanError):
    """An id was used a second time by its source, for something else."""

    def __init__(self, source: str, id: str, position: int) -> None:
        super().__init__(
            f"Source {source!r} recorded id {id!r} at @{position} with other content: "
            "an event never changes, so give the new fact an id of its own."
        )


class InvalidEventError(LabanError):
    """What was offered is no event."""


class NotALogError(LabanError):
    """The file or address does not hold a log that this version of laban can read."""


class UnwritableError(LabanError):
    """Nothing can be recorded there, or not now."""


class UnknownStreamError(LabanError):
    """No stream has this name."""

    def __init__(self, stream: str, known: Iterable[str]) -> None:
        super().__init__(f"No stream is named {stream!r}.{did_you_mean(stream, known)}")


class UnknownPositionError(LabanError):
    """The log has no such position."""

    def __init__(self, position: int, head: int) -> None:
        super().__init__(
            f"There is no event @{position}: the log ends at @{head}; "
            f"give a position from 0 (before the first event) to {head}."
        )


def did_you_mean(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return `" Did you mean 'x'?"` for the nearest of *known*, or *otherwise*."""
    near = get_close_matches(word, known, n=1)
    return f" Did you mean {near[0]!r}?" if near else otherwise
