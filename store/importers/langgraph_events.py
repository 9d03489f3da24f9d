"""
What a LangGraph checkpoint becomes: an event for each task that led to it, then its own.

Folded by the default reducer, the stream of a thread holds exactly the checkpoint's channel
values after the checkpoint's event. A channel that one task alone wrote is assigned by that
task's event, so that its author is known; the others, which reducers combine, by the
checkpoint's event, whose `metadata.writers` names their authors.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator

from laban.store.event import NewEvent
from laban.store.jsontext import EMPTY, Json, JsonObject, to_json

from .langgraph_nodes import INPUT, Node, node_of
from .langgraph_rows import ERROR, INTERRUPT, NO_TASK, RESUME, Checkpoint, Task, stream_name

Digests = dict[str, bytes]  # of the JSON text of each channel's value

_TYPES = {"input": "langgraph.input", "update": "langgraph.update", "fork": "langgraph.fork"}
_SIGNALS = {ERROR: "error", INTERRUPT: "interrupt", RESUME: "resume"}
_Metadata = dict[str, Json]


def digest(text: str) -> bytes:
    """Return what stands for a JSON text when two are compared."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def task_id(child: Checkpoint, task: Task) -> str:
    """Return the id of the event of a task that led to *child*."""
    return f"{child.event_id}/{task.id}"


def superstep(
    child: Checkpoint, tasks: list[Task], state: Digests, *, is_first: bool = True
) -> Iterator[NewEvent]:
    """
    Yield the events of *tasks* and of *child*, the checkpoint that they led to.

    *state* is that of the stream, and is brought up to date. *is_first* is false when other
    tasks had led from the same parent to another checkpoint before.
    """
    writers = _writers(child, tasks)
    parent = child.parent
    for task in tasks if parent else ():
        assert parent is not None
        texts = {
            channel: child.texts[channel]
            for channel in task.channels
            if channel in child.texts and len(writers[channel]) == 1
        }
        state.update((channel, digest(text)) for channel, text in texts.items())
        yield _task_event(child, parent, task, texts, is_first=is_first)
    yield _checkpoint_event(child, tasks, writers, state)


def _writers(child: Checkpoint, tasks: list[Task]) -> dict[str, list[str]]:
    """Return the event ids of the tasks that wrote to each channel."""
    writers: dict[str, list[str]] = defaultdict(list)
    for task in tasks:
        for channel in task.channels:
            writers[channel].append(task_id(child, task))
    return writers


def _task_event(
    child: Checkpoint, parent: Checkpoint, task: Task, texts: dict[str, str], *, is_first: bool
) -> NewEvent:
    node = node_of(task, parent, child)
    resumed = [event.id for kind, event in signals_of(parent, task) if kind == RESUME]
    metadata: _Metadata = {
        "native": _native(parent, task),
        "causation_kind": "inferred" if resumed or not is_first else "native",
        **({} if node.is_recorded else {"source_kind": "inferred"}),
        "writes": _writes(task),
    }
    return NewEvent(
        stream=child.stream,
        type="langgraph.task",
        id=task_id(child, task),
        source=node.name,
        time_ns=child.time_ns,
        correlation_id=child.thread,
        causation_id=resumed[-1] if resumed else parent.event_id,
        data=_object(texts),
        metadata=JsonObject(to_json(metadata)),
    )


def _checkpoint_event(
    child: Checkpoint, tasks: list[Task], writers: dict[str, list[str]], state: Digests
) -> NewEvent:
    texts, removed = _changes(child, state)
    causes: list[Json] = [task_id(child, task) for task in tasks]
    cause = task_id(child, tasks[-1]) if tasks else _before_id(child)
    authors: _Metadata = {ch: list(ids) for ch, ids in writers.items() if ch in texts}
    metadata: _Metadata = {
        "native": _native(child),
        **({"causation_kind": "inferred" if len(tasks) > 1 else "native"} if cause else {}),
        "checkpoint": child.metadata,
        **({"causes": causes} if len(causes) > 1 else {}),
        **({"writers": authors} if authors else {}),
        **({"removes": list(removed)} if removed else {}),
        **({} if child.is_sound else {"unreadable": True}),
    }
    return NewEvent(
        stream=child.stream,
        type=_TYPES.get(child.origin, "langgraph.checkpoint"),
        id=child.event_id,
        source=INPUT.name if child.origin == "input" else "langgraph",
        time_ns=child.time_ns,
        correlation_id=child.thread,
        causation_id=cause,
        data=_object(texts),
        metadata=JsonObject(to_json(metadata)),
    )


def _changes(child: Checkpoint, state: Digests) -> tuple[dict[str, str], list[str]]:
    """Return what is left to assign and to remove for *state* to become that of *child*."""
    if not child.is_sound:
        return {}, []
    digests = {channel: digest(text) for channel, text in child.texts.items()}
    changed = {ch: child.texts[ch] for ch, new in digests.items() if state.get(ch) != new}
    removed = [channel for channel in state if channel not in digests]
    state.clear()
    state.update(digests)
    return changed, removed


def _before_id(child: Checkpoint) -> str | None:
    if child.before is None:
        return None
    namespace, id = child.before
    return f"{stream_name(child.thread, namespace)}/{id}"


def signals_of(parent: Checkpoint, task: Task | None = None) -> list[tuple[str, NewEvent]]:
    """
    Return the errors, interrupts and resumes of *task*, or of all tasks, run from *parent*.

    They say nothing of the state. LangGraph keeps the last of each kind and overwrites it, so
    an id holds a digest of the content: a later one is another event.
    """
    found: list[tuple[str, NewEvent]] = []
    is_resumed = any(
        signal.channel == RESUME
        for each in parent.tasks
        if each.id != NO_TASK
        for signal in each.signals
    )
    for each in [task] if task else parent.tasks:
        interrupt: str | None = None
        for signal in sorted(each.signals, key=lambda s: list(_SIGNALS).index(s.channel)):
            if each.id == NO_TASK and is_resumed:
                continue  # the task tells it again, with the values that it took
            cause = interrupt if signal.channel == RESUME else None
            event = _signal(parent, each, signal.channel, signal.value, cause)
            interrupt = event.id if signal.channel == INTERRUPT else interrupt
            found.append((signal.channel, event))
    return found


def _signal(
    parent: Checkpoint, task: Task, channel: str, value: Json, interrupt: str | None
) -> NewEvent:
    node = INPUT if channel == RESUME else node_of(task, parent)
    metadata: _Metadata = {
        "native": _native(parent, task),
        "causation_kind": "inferred" if interrupt else "native",
        _SIGNALS[channel]: value,
    }
    return _aside(parent, task, node, _SIGNALS[channel], metadata, interrupt)


def pending(parent: Checkpoint, task: Task) -> NewEvent:
    """Return the event of a task whose writes no checkpoint has taken in, so far."""
    metadata: _Metadata = {
        "native": _native(parent, task),
        "causation_kind": "native",
        "writes": _writes(task),
    }
    return _aside(parent, task, node_of(task, parent), "pending", metadata, None)


def _aside(
    parent: Checkpoint, task: Task, node: Node, name: str, metadata: _Metadata, cause: str | None
) -> NewEvent:
    """Return an event that changes no state; when it happened is not recorded."""
    text = to_json(metadata)
    content = digest(f"{node.name} {cause} {text}").hex()[:12]
    return NewEvent(
        stream=parent.stream,
        type=f"langgraph.{name}",
        id=f"{parent.event_id}/{task.id}/{name}-{content}",
        source=node.name,
        correlation_id=parent.thread,
        causation_id=cause or parent.event_id,
        data=EMPTY,
        metadata=JsonObject(text),
    )


def _native(checkpoint: Checkpoint, task: Task | None = None) -> _Metadata:
    """Return the key of the native row: of a checkpoint, or of the writes that hang on it."""
    native: _Metadata = {
        "thread_id": checkpoint.thread,
        "checkpoint_ns": checkpoint.namespace,
        "checkpoint_id": checkpoint.id,
    }
    return native if task is None else {**native, "task_id": task.id, "task_path": task.path}


def _writes(task: Task) -> list[Json]:
    return [{"channel": write.channel, "value": write.value} for write in task.writes]


def _object(texts: dict[str, str]) -> JsonObject:
    return JsonObject("{" + ",".join(f"{to_json(ch)}:{text}" for ch, text in texts.items()) + "}")
