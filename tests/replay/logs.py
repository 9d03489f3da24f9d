"""Generated logs, and a fold of their own to compare the machine with."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject
from laban.store.memory import MemoryLog

STREAMS = ["a", "b/c", "d~e"]
FIELDS = ["x", "y", "z/~"]

values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([1.0, "", "é"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("pq"), inner),
    max_leaves=4,
)


@st.composite
def new_events(draw: st.DrawFn) -> NewEvent:
    data = draw(st.dictionaries(st.sampled_from(FIELDS), values, max_size=3))
    removes = draw(st.lists(st.sampled_from(FIELDS), max_size=2))
    return NewEvent(
        stream=draw(st.sampled_from(STREAMS)),
        type=draw(st.sampled_from(["set", "cleared", "payment_failed"])),
        source=draw(st.sampled_from(["one", "two"])),
        data=JsonObject(json.dumps(data)),
        metadata=JsonObject(json.dumps({"removes": removes} if removes else {})),
        time_ns=draw(st.none() | st.integers(0, 10)),
    )


logs = st.lists(new_events(), max_size=14)


# Few paths and few values: the same ones are written, left alone and written again.
busy_logs = st.lists(
    st.builds(
        NewEvent,
        stream=st.sampled_from(["a", "a", "b/c"]),
        type=st.sampled_from(["set", "payment_failed"]),
        source=st.sampled_from(["one", "two"]),
        data=st.dictionaries(st.sampled_from("xy"), st.integers(0, 2), max_size=1),
    ),
    max_size=14,
)


def recorded(events: list[NewEvent]) -> MemoryLog:
    log = MemoryLog()
    log.append(*events)
    return log


def fold(events: list[NewEvent]) -> dict[str, dict[str, Any]]:
    """The state after *events*, by the plainest reading of the default reducer."""
    state: dict[str, dict[str, Any]] = {}
    for event in events:
        fields = state.setdefault(event.stream, {})
        for name in json.loads(event.metadata.text).get("removes", []):
            fields.pop(name, None)
        fields.update(json.loads(event.data.text))
    return state
