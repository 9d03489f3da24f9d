"""Feeding a running choreography with events: a file, or standard input as it comes."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from laban.store.errors import DuplicateIdError, InvalidEventError
from laban.store.finding import Finding
from laban.store.importers import SourceError
from laban.store.importers.array import begins_array
from laban.store.importers.jsonl import read_json_array, read_jsonl
from laban.store.importers.source import Batch, SourceFile

if TYPE_CHECKING:
    from laban.replay.runtime import Runtime
    from laban.store.event import NewEvent

STDIN = "-"
CHUNK = 1 << 16  # bytes read at a time
GROUP = 100  # events published at a time
_KINDS = {  # what is given instead of text, by how it begins
    b"\x1f\x8b": "it is compressed; give it unpacked, as in --events <(zcat FILE).",
    b"\xff\xfe": "it is UTF-16; give it in UTF-8, as in --events <(iconv -f UTF-16 FILE).",
    b"\xfe\xff": "it is UTF-16; give it in UTF-8, as in --events <(iconv -f UTF-16 FILE).",
}
_CONTENT = ("source", "stream", "type", "data", "correlation_id", "causation_id", "metadata")
POLL_SECONDS = 0.05  # how often a file that is followed is looked at


def _is_readable(path: Path) -> bool:
    """Tell whether *path* is a file, or a pipe such as the shell's <(…)."""
    return path.is_file() or path.is_fifo()


class Feed:
    """Publishes the events of a source. It can be fed again: what is recorded already stays."""

    def __init__(self, source: str, *, follow: bool) -> None:
        if source != STDIN and not _is_readable(Path(source)):
            raise SourceError(f"There is no file {source}: check the name, or give - for stdin.")
        self._file = os.dup(0) if source == STDIN else os.open(source, os.O_RDONLY)
        self._named, self._kind = source, ""
        self._follow = follow and source != STDIN
        # A line without an id gets one of its place; a pipe is another one each time.
        passing = source == STDIN or not Path(source).is_file()
        label = f"stdin-{uuid4().hex[:8]}" if passing else Path(source).name
        self._source = SourceFile(Path(source), label, 0)
        self.published = 0  # newly recorded
        self._sound = 0  # events, recorded now or earlier
        self.refused = 0  # lines that hold no event that can be recorded
        self.first_refused = ""  # why, and where

    async def into(self, runtime: Runtime) -> None:
        """
        Publish every event until the source ends; what is no event becomes a finding.

        Raises SourceError when there was something, and no event.
        """
        queue: asyncio.Queue[Batch | BaseException | None] = asyncio.Queue(4)
        loop = asyncio.get_running_loop()

        def read() -> None:
            last: BaseException | None = None
            try:
                for batch in self._batches():
                    asyncio.run_coroutine_threadsafe(queue.put(batch), loop).result()
            except BaseException as error:
                last = error
            os.close(self._file)
            if not loop.is_closed():
                asyncio.run_coroutine_threadsafe(queue.put(last), loop)

        # No executor: reading standard input cannot be ended, and must not hold the exit up.
        threading.Thread(target=read, name="laban-feed", daemon=True).start()
        while (batch := await queue.get()) is not None:
            if isinstance(batch, BaseException):
                raise batch
            await self._publish(runtime, batch)
        self._check()

    async def _publish(self, runtime: Runtime, batch: Batch) -> None:
        self._note(runtime, *batch.findings)
        self._sound += len(batch.events)
        for start in range(0, len(batch.events), GROUP):
            head = runtime.log.head()
            events = [e for e in batch.events[start : start + GROUP] if not _known(runtime, e)]
            try:
                positions = list(await runtime.publish(*events)) if events else []
            except (DuplicateIdError, InvalidEventError):
                positions = [p for e in events for p in await self._publish_one(runtime, e)]
            self.published += sum(position > head for position in positions)

    async def _publish_one(self, runtime: Runtime, event: NewEvent) -> list[int]:
        if _known(runtime, event):  # by a line a little earlier
            return []
        try:
            return list(await runtime.publish(event))
        except (DuplicateIdError, InvalidEventError) as error:
            self._sound -= 1
            self._note(
                runtime,
                Finding(
                    kind="conflict",
                    detail=str(error),
                    origin=self._source.label,
                    raw=event.data.text,
                ),
            )
            return []

    def _note(self, runtime: Runtime, *findings: Finding) -> None:
        if findings:
            refused = [f for f in findings if f.kind in ("malformed", "conflict")]
            self.refused += len(refused)
            if refused and not self.first_refused:
                line = f"line {refused[0].line}: " if refused[0].line else ""
                self.first_refused = f"{line}{refused[0].detail}"
            runtime.log.note(*findings)

    def _batches(self) -> Iterator[Batch]:
        """Yield the events of each piece of the source, as soon as their lines are complete."""
        chunk = self._begin()
        if begins_array(chunk):
            yield from read_json_array(_Rest(self._file, chunk), self._source)
            return
        line, rest = 1, b""
        while chunk:
            whole, newline, unfinished = chunk.rpartition(b"\n")
            if newline:
                text, rest = rest + whole, unfinished
                yield from read_jsonl(BytesIO(text), self._source, line)
                line += text.count(b"\n") + 1
            else:
                rest += chunk
            chunk = self._read()
        yield from read_jsonl(BytesIO(rest), self._source, line)

    def _begin(self) -> bytes:
        """Return how the source begins: enough to tell an array from lines."""
        head = b""
        while head.strip() in (b"", b"[") and (chunk := self._read()):
            head += chunk
        self._kind = next((kind for magic, kind in _KINDS.items() if head.startswith(magic)), "")
        return head

    def _read(self) -> bytes:
        while not (chunk := os.read(self._file, CHUNK)) and self._follow:
            time.sleep(POLL_SECONDS)
        return chunk

    def _check(self) -> None:
        """Raise SourceError when all that came was refused."""
        if self.refused and not self._sound:
            name = "standard input" if self._named == STDIN else self._named
            raise SourceError(
                f"Nothing in {name} is an event ({self.first_refused}): "
                f"{self._kind or 'give JSON Lines, each line with a stream and a type.'}"
            )


class _Rest:
    """A file of which the beginning was read already."""

    def __init__(self, file: int, begun: bytes) -> None:
        self._file, self._begun = file, begun

    def read(self, size: int) -> bytes:
        begun, self._begun = self._begun, b""
        return begun or os.read(self._file, size)


def _known(runtime: Runtime, event: NewEvent) -> bool:
    """Tell whether an event that gets its time here was recorded already, with the same content."""
    return event.time_ns is None and any(
        all(getattr(recorded, part) == getattr(event, part) for part in _CONTENT)
        for recorded in runtime.log.find(event.id)
    )
