"""Which node a task ran, and which checkpoint took in what it wrote."""

from __future__ import annotations

import re
from typing import NamedTuple
from uuid import UUID, uuid5

from laban.store.jsontext import Json

from .langgraph_rows import NO_TASK, Checkpoint, Task

_ROOT = r"(?:~~\d{10})?"  # writes that were kept back until the run's end
_PULL = re.compile(_ROOT + r"~__pregel_pull, (.+)", re.DOTALL)
_SEND = re.compile(_ROOT + r"~__pregel_push, (\d{10})(?:, .*)?", re.DOTALL)
_INSIDE = re.compile(r"~__pregel_pull, ([^,]+),")
_SENDS = "__pregel_tasks"
_UPDATE = "~__interrupt__"
_NO_NODES = ("__input__", "__interrupt__", "__snapshot_bumps__")


class Node(NamedTuple):
    """The name of a node, and whether the database says so."""

    name: str
    is_recorded: bool


INPUT = Node("__input__", True)
UNKNOWN = Node("langgraph", False)


def node_of(task: Task, parent: Checkpoint, child: Checkpoint | None = None) -> Node:
    """Return the node that *task* ran from *parent*; *child*, which it led to, helps to guess."""
    if task.id == NO_TASK or task.id == _input_id(parent):
        return INPUT
    if match := _PULL.fullmatch(task.path):
        return Node(match[1], True)
    if match := _SEND.fullmatch(task.path):
        sent = sends(parent)
        if (index := int(match[1])) < len(sent):
            return Node(sent[index], True)
    if match := _INSIDE.search(task.path):
        return Node(match[1], False)
    return _guess(task, parent, child) if child else UNKNOWN


def sends(checkpoint: Checkpoint) -> list[str]:
    """Return the nodes that Send objects call from *checkpoint*, in order."""
    waiting = checkpoint.part("channel_values").get(_SENDS)
    if isinstance(waiting, list):
        return [_target(send) for send in waiting]
    if checkpoint.parent is None:
        return []
    writes = (write for task in checkpoint.parent.tasks for write in task.writes)
    return [_target(write.value) for write in writes if write.channel == _SENDS]  # before 1.0


def _target(send: Json) -> str:
    match send:
        case {"args": [str(node), *_]} | {"kwargs": {"node": str(node)}}:
            return node
        case _:
            return UNKNOWN.name


def _guess(task: Task, parent: Checkpoint, child: Checkpoint) -> Node:
    """Return the one node that can have been: the only one that ran, or that named a channel."""
    before, after = parent.part("versions_seen"), child.part("versions_seen")
    ran = [n for n in after if n not in _NO_NODES and after[n] != before.get(n)]
    if not ran and isinstance(writes := child.metadata.get("writes"), dict):
        ran = list(writes)
    named = [node for node in ran if node in task.channels]
    for nodes in (named, ran):
        if len(nodes) == 1:
            return Node(nodes[0], False)
    return UNKNOWN


def led_to(task: Task, parent: Checkpoint, child: Checkpoint) -> bool:
    """Tell whether what *task* wrote after *parent* went into *child*."""
    if not task.writes:
        return False
    if task.path.startswith(_UPDATE) or task.id in _update_ids(parent):
        return child.origin == "update"
    if task.id == _input_id(parent):
        return child.origin == "input"
    if child.origin in ("input", "fork"):
        return False
    if not task.path:
        return _took_in(task, parent, child)
    if child.origin == "update":  # one that clears the tasks takes in those that had finished
        node = node_of(task, parent).name
        return child.part("versions_seen").get(node) != parent.part("versions_seen").get(node)
    return True


def _took_in(task: Task, parent: Checkpoint, child: Checkpoint) -> bool:
    before, after = parent.part("channel_versions"), child.part("channel_versions")
    return all(after[ch] != before.get(ch) for ch in task.channels if ch in after)


def _input_id(parent: Checkpoint) -> str | None:
    return _derived_id(parent, "__input__")


def _update_ids(parent: Checkpoint) -> set[str | None]:
    return {_derived_id(parent, name) for name in ("__interrupt__", "__interrupt__:1")}


def _derived_id(parent: Checkpoint, name: str) -> str | None:
    try:
        return str(uuid5(UUID(parent.id), name))
    except ValueError:
        return None
