"""The states that LangGraph saved, and those that an imported log folds to."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.types import Send

from laban.replay.reducer import reduce
from laban.store.event import Event
from laban.store.log import EventLog


def inert(value: Any) -> Any:
    """What *value*, a live object, must look like in a log. Knows nothing of the importer."""
    name = f"{type(value).__module__}.{type(value).__name__}"
    match value:
        case HumanMessage() | AIMessage():
            return {"$type": name, "kwargs": inert(value.model_dump())}
        case Send():
            return {"$type": name, "args": [value.node, inert(value.arg)]}
        case set():
            return {"$type": name, "arg": sorted(map(inert, value))}
        case datetime():
            return {"$type": name, "arg": value.isoformat(), "method": "fromisoformat"}
        case UUID():
            return {"$type": name, "arg": value.hex}
        case bytes():
            return {"$bytes": "AP8="}
        case float() if value == float("inf"):
            return {"$float": "inf"}
        case dict() if "$type" in value:
            return {"$map": [[key, inert(item)] for key, item in value.items()]}
        case dict():
            return {key: inert(item) for key, item in value.items()}
        case list() | tuple():
            return [inert(item) for item in value]
        case _:
            return value


def saved_states(path: Path) -> dict[tuple[str, str], list[tuple[str, Any]]]:
    """The id and the state of each checkpoint of each thread and namespace, as LangGraph reads."""
    states: dict[tuple[str, str], list[tuple[str, Any]]] = {}
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        saver = SqliteSaver(connection)
        for found in saver.list(None):
            names = found.config["configurable"]
            key = (names["thread_id"], names["checkpoint_ns"])
            values = inert(found.checkpoint["channel_values"])
            states.setdefault(key, []).append((names["checkpoint_id"], values))
    return states


def folded_states(log: EventLog, stream: str) -> dict[str, Any]:
    """The state of *stream* at the event of each checkpoint, by the checkpoint's id."""
    state: dict[str, Any] = {}
    states = {}
    for event in log.read_stream(stream):
        state = reduce(state, event)
        if event.type in CHECKPOINTS:
            states[event.metadata["native"]["checkpoint_id"]] = state
    return states


CHECKPOINTS = ("langgraph.checkpoint", "langgraph.input", "langgraph.update", "langgraph.fork")


def assert_same_states(log: EventLog, path: Path) -> None:
    saved = saved_states(path)
    assert saved
    for (thread, namespace), states in saved.items():
        stream = f"{thread}|{namespace}" if namespace else thread
        assert folded_states(log, stream) == dict(states)


def of_type(log: EventLog, type: str) -> list[Event]:
    return [event for event in log.read() if event.type == f"langgraph.{type}"]
