"""The rows of a LangGraph checkpoint database: checkpoints, and the writes of their tasks."""

from __future__ import annotations

import sqlite3
from array import array
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from laban.store.clock import parse_time
from laban.store.jsontext import Json, to_json

from .database import columns
from .langgraph_decode import decode
from .source import SourceError

ERROR, INTERRUPT, RESUME = "__error__", "__interrupt__", "__resume__"
NO_TASK = "00000000-0000-0000-0000-000000000000"  # the task id of what the caller wrote
_RECENT = 16  # checkpoints kept in memory, each with its whole state
_CHECKPOINT = "thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, metadata"
_NAMED = "thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?"
_NEEDED = {"thread_id", "checkpoint_ns", "checkpoint_id", "parent_checkpoint_id", "checkpoint"}


class Write(NamedTuple):
    """One value that a task wrote to a channel."""

    channel: str
    kind: str | None
    blob: bytes | None

    @property
    def value(self) -> Json:
        return decode(self.kind, self.blob)


@dataclass(frozen=True, slots=True)
class Task:
    """A node's run in one superstep."""

    id: str
    path: str  # "" in databases of old
    writes: list[Write]  # to channels
    signals: list[Write]  # errors, interrupts, resumes

    @property
    def channels(self) -> list[str]:
        return list(dict.fromkeys(write.channel for write in self.writes))


def stream_name(thread: str, namespace: str) -> str:
    """Return the thread; for a subgraph, whose namespace is not empty, `thread|namespace`."""
    return f"{thread or '-'}|{namespace}" if namespace else thread or "-"


class Checkpoint:
    """A checkpoint; its state is read and decoded when it is asked for."""

    def __init__(self, database: Checkpoints, row: tuple[Any, ...]) -> None:
        self._database = database
        rowid, thread, namespace, id, parent_id, metadata = row
        self.rowid = int(rowid)
        self.thread, self.namespace, self.id = str(thread), str(namespace), str(id)
        self.parent_id = None if parent_id is None else str(parent_id)
        found = decode(None, metadata)
        self.metadata: dict[str, Json] = found if isinstance(found, dict) else {}

    @property
    def key(self) -> tuple[str, str, str]:
        return self.thread, self.namespace, self.id

    @property
    def stream(self) -> str:
        return stream_name(self.thread, self.namespace)

    @property
    def event_id(self) -> str:
        return f"{self.stream}/{self.id}"

    @property
    def origin(self) -> str:
        """How it came about: "input", "loop", "update" or "fork"."""
        return str(self.metadata.get("source") or "loop")

    @property
    def parent(self) -> Checkpoint | None:
        return self._database.find(self.thread, self.namespace, self.parent_id)

    @property
    def before(self) -> tuple[str, str] | None:
        """The namespace and id of the parent, for a subgraph's first checkpoint of its caller's."""
        if self.parent_id:
            return self.namespace, self.parent_id
        outer = self.namespace.rpartition("|")[0]
        parents = self.metadata.get("parents")
        if self.namespace and isinstance(parents, dict) and isinstance(parents.get(outer), str):
            return outer, str(parents[outer])
        return None

    @property
    def predecessor(self) -> Checkpoint | None:
        """The checkpoint that `before` names."""
        return self._database.find(self.thread, *self.before) if self.before else None

    @cached_property
    def body(self) -> dict[str, Json]:
        found = self._database.body(self.rowid)
        return found if isinstance(found, dict) else {}

    @property
    def is_sound(self) -> bool:
        return isinstance(self.body.get("channel_values"), dict)

    @cached_property
    def texts(self) -> dict[str, str]:
        """The state: the JSON text of each channel's value."""
        return {channel: to_json(value) for channel, value in self.part("channel_values").items()}

    @cached_property
    def tasks(self) -> list[Task]:
        """The tasks that ran from here, in the order in which LangGraph applies their writes."""
        return self._database.tasks(self)

    @property
    def time_ns(self) -> int | None:
        try:
            return parse_time(str(self.body.get("ts")))
        except ValueError:
            return None

    def part(self, name: str) -> dict[str, Json]:
        """Return a part of the checkpoint: "channel_values", "versions_seen", …"""
        found = self.body.get(name)
        return found if isinstance(found, dict) else {}


class Checkpoints:
    """The checkpoints of a database."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        if missing := _NEEDED - columns(connection, "checkpoints"):
            raise SourceError(
                f"The table checkpoints has no {', '.join(sorted(missing))}: it is of a LangGraph "
                "before 0.2; open it once with a newer one, which brings it up to date."
            )
        has_path = "task_path" in columns(connection, "writes")
        self._path = "task_path" if has_path else "''"
        self.damage: str | None = None  # why some rows may be missing
        self._recent: OrderedDict[tuple[str, str, str], Checkpoint] = OrderedDict()

    def rowids(self) -> array[int]:
        """
        Return the row ids, oldest first: a row's id is given when it is written.

        Where the index is damaged the table is asked; what neither can tell is `damage`.
        """
        found: set[int] = set()
        for hint in ("", "NOT INDEXED"):
            try:
                for (rowid,) in self._connection.execute(f"SELECT rowid FROM checkpoints {hint}"):
                    found.add(rowid)
            except sqlite3.DatabaseError as error:
                self.damage = str(error)
            else:
                self.damage = None
                break
        return array("q", sorted(found))

    def checkpoint(self, rowid: int) -> Checkpoint:
        """Return the checkpoint in a row."""
        sql = f"SELECT rowid, {_CHECKPOINT} FROM checkpoints WHERE rowid = ?"
        return self._keep(Checkpoint(self, self._row(sql, rowid)))

    def find(self, thread: str, namespace: str, id: str | None) -> Checkpoint | None:
        """Return a checkpoint by its name, None when it is not there."""
        if id is None:
            return None
        key = (thread, namespace, id)
        if key in self._recent:
            self._recent.move_to_end(key)
            return self._recent[key]
        rows = self._rows(f"SELECT rowid, {_CHECKPOINT} FROM checkpoints WHERE {_NAMED}", *key)
        return self._keep(Checkpoint(self, rows[0])) if rows else None

    def _keep(self, checkpoint: Checkpoint) -> Checkpoint:
        key = checkpoint.key
        if (kept := self._recent.get(key)) is not None:
            return kept
        self._recent[key] = checkpoint
        if len(self._recent) > _RECENT:
            self._recent.popitem(last=False)
        return checkpoint

    def body(self, rowid: int) -> Json:
        """Return the decoded checkpoint itself."""
        return decode(*self._row("SELECT type, checkpoint FROM checkpoints WHERE rowid = ?", rowid))

    def tasks(self, checkpoint: Checkpoint) -> list[Task]:
        """Return the tasks whose writes hang on *checkpoint*."""
        rows = self._rows(
            f"SELECT task_id, {self._path}, channel, type, value FROM writes"
            f" WHERE {_NAMED} ORDER BY task_id, idx",
            *(checkpoint.thread, checkpoint.namespace, checkpoint.id),
        )
        tasks: dict[str, Task] = {}
        for id, path, channel, kind, blob in rows:
            id, path, channel = str(id), str(path or ""), str(channel)
            is_signal = channel in (ERROR, INTERRUPT, RESUME)
            if id not in tasks or (not is_signal and not tasks[id].writes):
                # An update may reuse the id of a task that had stopped: its own path counts.
                tasks[id] = Task(id, path, [], tasks[id].signals if id in tasks else [])
            (tasks[id].signals if is_signal else tasks[id].writes).append(
                Write(channel, kind, blob)
            )
        return sorted(tasks.values(), key=lambda task: (task.path, task.id))

    def _row(self, sql: str, *parameters: Any) -> tuple[Any, ...]:
        for row in self._rows(sql, *parameters):
            return row
        raise sqlite3.DatabaseError("its row is in the index, not in the table")

    def _rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self._connection.execute(sql, parameters).fetchall()
