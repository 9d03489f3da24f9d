"""A comparison as lines for people."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from laban.store.terminal import fit, safe

from .output import counted, paint
from .render import event_text, value_text

if TYPE_CHECKING:
    from laban.replay.compare import Compared, Difference, Divergence

Starts = tuple[int | None, int | None]  # of both logs, ns since the epoch

SHOWN = 10  # roots, and parts of each that differ


def lines(answer: Compared, starts: Starts, width: int | None) -> Iterator[str]:
    """Yield what a comparison found, cut to *width* terminal cells when that is given."""
    from laban.replay.compare.telling import headline, notes

    yield headline(answer)
    for root in answer.roots[:SHOWN]:
        yield ""
        for line in _root(root, starts):
            yield fit(line, width)
    if answer.root_count > SHOWN:
        yield f"\n… and {counted(answer.root_count - SHOWN, 'root')} more: --json shows 100"
    yield ""
    yield answer.guarantee
    for note in notes(answer):
        yield from wrap(safe(note), width or len(note), subsequent_indent="  ")


def _root(root: Divergence, starts: Starts) -> Iterator[str]:
    from laban.replay.compare.telling import state_changes, title

    yield safe(title(root))
    for label, event, start_ns in (("A", root.a, starts[0]), ("B", root.b, starts[1])):
        if event is not None:
            yield f"  {label}  {event_text(event, start_ns)}"
    for difference in root.differences[:SHOWN]:
        yield from _two(difference.pointer, difference.a, difference.b)
    if len(root.differences) > SHOWN:
        yield f"    … and {len(root.differences) - SHOWN:,} more differences"
    fields = [] if root.differences else state_changes(root)  # else it is told already
    if fields:
        yield f"  state of {safe(root.stream)} after it"
    for name, a, b in fields[:SHOWN]:
        yield from _two(name, a, b)
    if root.cause is not None:
        yield f"  after  {event_text(root.cause, starts[0])}"


def _two(label: str, a: Any, b: Any) -> Iterator[str]:
    yield f"    {safe(label)}"
    yield paint(f"      A  {shown(a)}", "red")
    yield paint(f"      B  {shown(b)}", "green")


def shown(value: Any) -> str:
    """Return a value, or that there is none, on one line."""
    from laban.replay.pointer import MISSING

    return "nothing" if value is MISSING else value_text(value)


def difference_fields(each: Difference) -> dict[str, Any]:
    """Return a difference for --json; its kind tells a null from nothing."""
    from laban.replay.pointer import MISSING

    kind = "added" if each.a is MISSING else "removed" if each.b is MISSING else "changed"
    a, b = (None if value is MISSING else value for value in (each.a, each.b))
    return {"pointer": each.pointer, "kind": kind, "a": a, "b": b}
