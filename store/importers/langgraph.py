"""LangGraph: its SQLite checkpoints, as events that fold back to the same states."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import msgspec

from laban.store.event import NewEvent
from laban.store.finding import Finding
from laban.store.log import EventLog

from .database import open_readonly
from .langgraph_events import Digests, digest, pending, signals_of, superstep, task_id
from .langgraph_nodes import led_to
from .langgraph_rows import Checkpoint, Checkpoints, Task
from .source import BATCH_BYTES, BATCH_EVENTS, Batch, SourceError, SourceFile

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])

_DETAILS = {
    "not-recorded": "LangGraph records neither reducers nor what a node read: states are exact, "
    "the authors of combined values are named, stale reads cannot be told.",
    "opaque": "Pickled, encrypted or unknown values are kept as base64 and never loaded.",
    "inferred": "Some nodes or causes are not recorded: see metadata.source_kind and "
    "metadata.causation_kind of the events.",
    "pending": "Tasks wrote what no checkpoint had taken in at the time of the import.",
    "dangling": "Checkpoints name a parent that is not in the database any more.",
    "delta": "Some channels are stored as differences: their values are in the database, and "
    "so in the state, only where LangGraph took a snapshot.",
}


def read_langgraph(source: SourceFile, log: EventLog) -> Iterator[Batch]:
    """
    Yield what the checkpoint database *source* holds that is not in *log* yet.

    In the order in which it was written, parents first. Raises SourceError for a database
    that cannot be read at all; a checkpoint that cannot be read is a finding.
    """
    try:
        with open_readonly(source.path) as connection:
            yield from _Reading(Checkpoints(connection), source, log).batches()
    except sqlite3.DatabaseError as error:
        raise SourceError(
            f"{source.path} is no sound SQLite database ({error}): recover it first, "
            f"e.g. `sqlite3 {source.path} .recover | sqlite3 NEW`."
        ) from error


class _Reading:
    """One pass over a database."""

    def __init__(self, database: Checkpoints, source: SourceFile, log: EventLog) -> None:
        self._database = database
        self._source = source
        self._log = log
        self._is_log_new = log.head() == 0
        self._states: dict[str, Digests] = {}  # of each stream
        self._seen: set[int] = set()  # rows
        self._continued: set[int] = set()  # rows of checkpoints that a loop went on from
        self._waiting: dict[tuple[str, str, str], set[str]] = {}  # tasks that led nowhere yet
        self._batch = Batch()

    def batches(self) -> Iterator[Batch]:
        self._note("not-recorded")
        size = 0
        rowids = self._database.rowids()
        if self._database.damage:
            detail = f"some checkpoints may be missing: {self._database.damage}"
            self._add(Finding(kind="damaged", detail=detail, origin=self._source.label))
        for number, rowid in enumerate(rowids, 1):
            begun = len(self._batch.events)
            self._take_with_parents(rowid)
            size += sum(len(event.data.text) for event in self._batch.events[begun:])
            self._batch.done = self._source.size * number // len(rowids)
            if len(self._batch.events) >= BATCH_EVENTS or size >= BATCH_BYTES:
                yield self._batch
                self._batch, size = Batch(), 0
        self._take_pending()
        self._batch.done = self._source.size
        yield self._batch

    def _take_with_parents(self, rowid: int) -> None:
        """
        Take a checkpoint in; before it those that it follows from and a later row holds.

        LangGraph saves in the background: a subgraph's may come before its caller's.
        """
        line: list[Checkpoint] = []
        try:
            checkpoint: Checkpoint | None = self._database.checkpoint(rowid)
            while checkpoint and checkpoint.rowid not in self._seen:
                self._seen.add(checkpoint.rowid)
                line.append(checkpoint)
                checkpoint = checkpoint.predecessor
            while line:
                self._take(line.pop())
        except sqlite3.DatabaseError as error:
            self._seen.add(rowid)
            name = f"checkpoint {line[-1].id}" if line else f"checkpoint in row {rowid}"
            self._add(Finding(kind="damaged", detail=f"{name}: {error}", origin=self._source.label))

    def _take(self, child: Checkpoint) -> None:
        parent = child.parent
        tasks = [task for task in parent.tasks if led_to(task, parent, child)] if parent else []
        if not self._take_known(child, tasks):
            is_first = parent is None or parent.rowid not in self._continued
            state = self._state(child.stream)
            self._extend(superstep(child, tasks, state, is_first=is_first))
            self._note_gaps(child)
        if parent:
            if child.origin == "loop":
                self._continued.add(parent.rowid)
            self._waiting.get(parent.key, set()).difference_update(task.id for task in tasks)
        self._extend(event for _, event in signals_of(child))
        if writing := {task.id for task in child.tasks if task.writes}:
            self._waiting[child.key] = writing

    def _take_known(self, child: Checkpoint, tasks: list[Task]) -> bool:
        """
        Tell whether *child* is recorded already, and count its events then.

        It is not compared: what it changed depends on what its stream held at that time.
        """
        if self._is_log_new or not (known := self._log.find(child.event_id)):
            return False
        for task in tasks:
            known = [*self._log.find(task_id(child, task)), *known]
        self._batch.known += known
        return True

    def _take_pending(self) -> None:
        for key, ids in self._waiting.items():
            if not ids or (parent := self._database.find(*key)) is None:
                continue
            for task in parent.tasks:
                if task.id in ids:
                    self._extend([pending(parent, task)])
                    self._note("pending")

    def _state(self, stream: str) -> Digests:
        """Return the state of *stream*, as the log has it when this pass first comes to it."""
        if stream not in self._states:
            state: Digests = {}
            for event in () if self._is_log_new else self._log.read_stream(stream):
                removes = event.metadata.get("removes", ())
                for field in removes:
                    state.pop(field, None)
                for field, raw in _fields.decode(event.data.text).items():
                    state[field] = digest(str(raw, "utf-8"))
            self._states[stream] = state
        return self._states[stream]

    def _extend(self, events: Iterator[NewEvent] | list[NewEvent]) -> None:
        for event in events:
            self._batch.events.append(event)
            if any(tag in event.data.text or tag in event.metadata.text for tag in _OPAQUE):
                self._note("opaque")
            if '_kind":"inferred"' in event.metadata.text:
                self._note("inferred")

    def _note_gaps(self, child: Checkpoint) -> None:
        if child.parent_id and child.parent is None:
            self._note("dangling")
        if not child.is_sound:
            detail = (
                f"The state of checkpoint {child.id} cannot be read: its event changes nothing."
            )
            self._add(Finding(kind="damaged", detail=detail, origin=self._source.label))
        if any('{"$type":"langgraph.DeltaSnapshot"' in text for text in child.texts.values()):
            self._note("delta")

    def _note(self, kind: str) -> None:
        self._add(Finding(kind=kind, detail=_DETAILS[kind], origin=self._source.label))

    def _add(self, finding: Finding) -> None:
        self._batch.findings[finding] += 1


_OPAQUE = ('"$pickle":', '"$opaque":')
