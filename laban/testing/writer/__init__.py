"""Tests written from a log: what fails now as a file that pytest runs."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from laban.replay.choreography.loading import load_choreography
from laban.replay.rehearsal import unplaced
from laban.replay.timeline import Timeline
from laban.store.errors import UnwritableError
from laban.store.event import Event, NewEvent

from .claims import Claim, named_apart
from .page import line, page
from .slices import LARGEST, TooManyEventsError, causal_slice, freed, looks_beyond

INLINE = 8  # events; more are put into a file beside the test
_POSITION = re.compile(r"@\d+|#\S+")


class Written(Struct, frozen=True, kw_only=True):
    """A test file."""

    path: Path
    events_path: Path | None  # None: the events are in the test file
    tests: list[str]
    events: int
    failures: list[str]  # how the tests fail now; empty: they pass


class Writer:
    """
    Writes tests of what a log should have shown.

    *rules* names the choreography that makes the decisions anew, as "FILE" or "FILE:NAME".
    """

    def __init__(self, timeline: Timeline, name: str, rules: str | None = None) -> None:
        self._timeline, self._name, self._target = timeline, name, rules
        self._rules = None if rules is None else load_choreography(rules)

    def write(
        self, claims: Sequence[Claim], output: Path, *, whole: bool = False, force: bool = False
    ) -> Written:
        """
        Write a test for each of *claims* to *output*: a .py file, or a folder to name one in.

        It holds the events that the claims need, or with *whole* all of them. Raises
        UnwritableError where something else is there, unless *force*, and TooManyEventsError.
        """
        claims = named_apart(claims)
        events = self._whole(claims) if whole else self._needed(claims)
        path = output if output.suffix == ".py" else output / f"test_{claims[0].name}.py"
        beside = path.with_suffix(".jsonl")
        texts = {path: self._page(claims, events, path, inline=len(events) <= INLINE)}
        if beside.name in texts[path]:
            texts[beside] = "".join(f"{line(event)}\n" for event in events)
        _write(texts, force=force)
        return Written(
            path=path,
            events_path=beside if beside in texts else None,
            tests=[f"test_{claim.name}" for claim in claims],
            events=len(events),
            failures=self._failures(claims, events),
        )

    def _needed(self, claims: Sequence[Claim]) -> list[NewEvent]:
        """Return a slice of the log if the claims fail alike on it, else all there is."""
        few = max(claim.stop for claim in claims) <= LARGEST
        if few and self._rules is not None and looks_beyond(self._rules.plan):
            return self._whole(claims)
        found: dict[int, Event] = {}
        for claim in claims:
            if claim.focus is None:
                return self._whole(claims)
            slice = causal_slice(self._timeline, claim.focus, claim.stop)
            found.update((event.position, event) for event in slice)
        events = freed(found[position] for position in sorted(found))
        if not few:  # too many to compare with
            return events
        whole = self._whole(claims)
        alike = self._told(claims, events) == self._told(claims, whole)
        return events if alike else whole

    def _whole(self, claims: Sequence[Claim]) -> list[NewEvent]:
        stop = max(claim.stop for claim in claims)
        if stop > LARGEST:
            raise TooManyEventsError
        return [unplaced(event) for event in self._timeline.log.read(1, stop)]

    def _failures(self, claims: Sequence[Claim], events: Sequence[NewEvent]) -> list[str]:
        told = [claim.failure(events, self._rules) for claim in claims]
        return [failure for failure in told if failure is not None]

    def _told(self, claims: Sequence[Claim], events: Sequence[NewEvent]) -> list[str]:
        """Return the failures without positions, which differ in a slice."""
        return [_POSITION.sub("@", failure) for failure in self._failures(claims, events)]

    def _page(
        self, claims: Sequence[Claim], events: Sequence[NewEvent], path: Path, *, inline: bool
    ) -> str:
        rules = None if self._target is None else _seen_from(path.parent, self._target)
        try:
            file = None if inline else path.with_suffix(".jsonl").name
            about = self._about(claims, len(events))
            text = page(claims, events, about=about, rules=rules, file=file)
            ast.parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            if not inline:
                raise
            return self._page(claims, events, path, inline=False)  # no Python can say all of it
        return text

    def _about(self, claims: Sequence[Claim], count: int) -> str:
        head = self._timeline.head
        some = "all" if count == head else f"{count:,} of the {head:,}"
        where = [f"@{claim.focus}" for claim in claims if claim.focus is not None]
        led = f": what led to {' and '.join(where)}" if where and count != head else ""
        lines = [
            f"Written by `laban export --to pytest` from {some} events of {self._name}{led}.",
            "",
        ]
        if self._rules is None:
            lines.append(
                "The events are checked as they were recorded: once the agents are mended, put "
                "newly recorded ones in their place."
            )
        else:
            lines.append(
                "The choreography makes its decisions anew. Agents do not run: what they answered "
                "stands while they are asked for the same."
            )
        return "\n".join(lines)


def _seen_from(folder: Path, target: str) -> str:
    """Return "FILE:NAME" for a FILE that is named as it is from *folder*."""
    file, colon, name = target.rpartition(":")
    if not colon or Path(target).exists():
        file, colon, name = target, "", ""
    return Path(os.path.relpath(file, folder)).as_posix() + colon + name


def _write(texts: Mapping[Path, str], *, force: bool) -> None:
    """Write files, all or none. One that is there and says the same is left as it is."""
    for path, text in texts.items():
        if path.exists() and not force and path.read_bytes() != text.encode():
            raise UnwritableError(
                f"{path} is there already: --force writes over it, -o NAME.py makes another."
            )
    fresh = {path: path.with_name(f".{path.name}.{os.getpid()}") for path in texts}
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            fresh[path].write_text(text, encoding="utf-8", newline="\n")
        for path in texts:
            fresh[path].replace(path)
    finally:
        for path in fresh.values():
            path.unlink(missing_ok=True)
