"""What a check found, as rows: the kinds in the order of the worst of each, and one in full."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, islice
from textwrap import wrap
from typing import overload

from laban.replay.check import Flaw, check
from laban.store.errors import LabanError
from laban.store.event import Event
from laban.store.log import EventLog
from laban.tui.jobs import Job
from laban.tui.values import DetailRow, RowKind

from .values import FindingRow

_MENTIONED = re.compile(r"@(\d+)")
_MOST = 100  # events that are listed with a finding
_ROLES = {"ww": ("wrote", "wrote"), "wr": ("wrote", "read"), "rw": ("read", "missed")}
CHECKED = (
    "races: stale, dirty and early reads, lost updates, skew, no order",
    "contracts: what events must be like",
    "lines of a source that were not taken in",
    "requests without an answer, timeouts, dead letters, failed undoing",
    "sequences and sagas that never completed",
    "loops of events that cause each other",
)
BY_RULES = "types without a rule, rules that never fired, cycles"


def find_flaws(log: EventLog, place: str, job: Job) -> list[Flaw]:
    """Return what is wrong in *log*, by the choreography at *place* when one is named."""
    rules = None
    if place:
        from laban.replay.choreography.loading import load_choreography

        rules = load_choreography(place)
    return check(log, rules, progress=job.progress, cancelled=job.cancelled)


class Findings(Sequence[FindingRow]):
    """Rows for *flaws*, in the order of the check, grouped by kind; groups can be folded."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        self.groups: dict[str, list[Flaw]] = {}
        for flaw in flaws:
            self.groups.setdefault(flaw.kind, []).append(flaw)
        self._kinds = list(self.groups)
        self._folded: set[str] = set()
        self._lay_out()

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, index: int) -> FindingRow: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[FindingRow]: ...

    def __getitem__(self, index: int | slice) -> FindingRow | Sequence[FindingRow]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        kind, number = self._place(index)
        flaws = self.groups[kind]
        if number < 0:
            note = "  a note" if flaws[0].is_note else ""
            return FindingRow(kind + note, len(flaws), open=kind not in self._folded)
        flaw = flaws[number]
        rule = "" if flaw.rule is None else f"{flaw.rule}: "
        return FindingRow(
            rule + flaw.detail,
            position=flaw.position,
            certain=flaw.certainty == "certain",
            note=flaw.is_note,
        )

    def flaw(self, index: int) -> Flaw | None:
        """Return the flaw in a row, None for a heading."""
        if not len(self):
            return None
        kind, number = self._place(index)
        return self.groups[kind][number] if number >= 0 else None

    def fold(self, index: int) -> int:
        """Fold or unfold the group of a row; return the row of its heading."""
        kind, number = self._place(index)
        self._folded ^= {kind}
        self._lay_out()
        return index - number - 1

    def neighbour(self, index: int, by: int) -> int | None:
        """Return the row of the next finding, or of the one before."""
        index += by
        while 0 <= index < len(self) and self.flaw(index) is None:
            index += by
        return index if 0 <= index < len(self) else None

    def _lay_out(self) -> None:
        sizes = [1 + len(flaws) * (kind not in self._folded) for kind, flaws in self.groups.items()]
        self._starts = list(accumulate(sizes, initial=0))

    def _place(self, index: int) -> tuple[str, int]:
        """Return the kind of a row and its number in the group, -1 for the heading."""
        group = bisect_right(self._starts, index) - 1
        return self._kinds[group], index - self._starts[group] - 1


def summary(flaws: Sequence[Flaw]) -> str:
    """Say how many findings and notes there are."""
    notes = sum(flaw.is_note for flaw in flaws)
    found = len(flaws) - notes
    also = f", {notes:,} note{'s' * (notes != 1)}" if notes else ""
    return f"{found:,} finding{'s' * (found != 1)}{also}"


def flaw_rows(log: EventLog, flaw: Flaw, width: int) -> list[DetailRow]:
    """Return all that is known of *flaw*, its text in lines of *width*."""
    kind = flaw.kind
    if flaw.certainty == "possible" and not kind.startswith("possible"):
        kind += " (possible)"
    rule = [] if flaw.rule is None else [DetailRow("rule", flaw.rule)]
    led = f"its events led to {flaw.downstream:,} more"
    return [
        DetailRow(kind, kind=RowKind.HEADING),
        *(DetailRow(line, kind=RowKind.TEXT) for line in wrap(flaw.detail, width)),
        *rule,
        *_events(log, flaw),
        *([DetailRow(led, kind=RowKind.NOTE)] if flaw.downstream else []),
    ]


def events_of(flaw: Flaw) -> list[tuple[int, str, str]]:
    """
    Return the events of *flaw*: position, what it did, and with which path.

    The one that shows the flaw comes first, then the other one of a race.
    """
    found: dict[int, tuple[str, str]] = {}
    for edge in flaw.edges:
        first, then = _ROLES[edge.kind]
        found.setdefault(edge.first, (first, edge.pointer))
        found.setdefault(edge.then, (then, edge.pointer))
    for edge in flaw.edges:
        found.setdefault(edge.version, ("saw" if edge.kind == "rw" else "wrote", edge.pointer))
    for mention in _MENTIONED.finditer(flaw.detail):
        found.setdefault(int(mention[1]), ("", ""))
    if flaw.position is not None:
        found.setdefault(flaw.position, ("", ""))
    found.pop(0, None)  # before any event
    order = sorted(found, key=lambda position: position != flaw.position)
    return [(position, *found[position]) for position in order]


def _events(log: EventLog, flaw: Flaw) -> Iterator[DetailRow]:
    for position, role, pointer in islice(events_of(flaw), _MOST):
        try:
            event: Event = log.get(position)
        except LabanError:  # a number in a text that is no position
            continue
        touched = pointer or event.stream
        text = f"@{position} {event.type}  by {event.source}  {touched}"
        yield DetailRow(role or "event", text, target=position)


def clean_rows(head: int, place: str) -> list[DetailRow]:
    """Say what was checked when nothing was found."""
    return [
        DetailRow(f"Nothing was found in {head:,} event{'s' * (head != 1)}.", kind=RowKind.HEADING),
        DetailRow("Checked:", kind=RowKind.NOTE),
        *(DetailRow(f"  ✓ {each}", kind=RowKind.TEXT) for each in CHECKED),
        DetailRow(f"  ✓ {BY_RULES}", kind=RowKind.TEXT)
        if place
        else DetailRow(f"  - {BY_RULES}: c names a choreography", kind=RowKind.NOTE),
    ]
