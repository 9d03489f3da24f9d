"""What a comparison found, in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from laban.replay.pointer import MISSING
from laban.replay.timeline import same
from laban.store.terminal import counted

from .answer import Compared, Divergence

NAMED = 10  # pointers and streams of the noise
KINDS = {
    "changed": "differs",
    "other cause": "has another cause",
    "moved": "is in another stream",
    "other ids": "names other events or ids",
}


def notes(answer: Compared) -> Iterator[str]:
    """Yield what a person should know about the answer."""
    if answer.mask != "default":
        yield f"mask: {answer.mask}"
    if answer.masked or answer.masked_streams:
        noise = [*answer.masked, *(f"stream {name}" for name in answer.masked_streams)]
        more = f", and {len(noise) - NAMED:,} more" if len(noise) > NAMED else ""
        yield f"noise in the baseline: {', '.join(noise[:NAMED])}{more}"
    yield from answer.notes


def headline(answer: Compared) -> str:
    """Return the result in a sentence."""
    if answer.identical:
        return f"no difference: {counted(answer.events_a, 'event')} in A, {answer.events_b:,} in B"
    where = "" if answer.order == "global" else f" in {counted(answer.streams, 'stream')}"
    after = f"{counted(answer.downstream, 'event')} downstream{where}, {answer.changed:,} changed"
    return f"{counted(answer.root_count, 'root')}; {after}"


def title(root: Divergence) -> str:
    """Return where a root is, and what is the matter with it."""
    return f"{root.stream}@{root.stream_position} {KINDS.get(root.kind, f'is {root.kind}')}"


def state_changes(root: Divergence) -> list[tuple[str, Any, Any]]:
    """Return the fields of the stream's state that differ after a root: name, in A, in B."""
    if root.stream[:1] == "$":
        return []  # a state that all transactions share says nothing of this one
    a, b = root.state_a or {}, root.state_b or {}
    names = [*a, *(name for name in b if name not in a)]
    fields = [(name, a.get(name, MISSING), b.get(name, MISSING)) for name in names]
    return [(name, x, y) for name, x, y in fields if not same(x, y)]
