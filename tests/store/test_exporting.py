"""What is exported can be imported: the same events again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laban.fixtures import credit
from laban.store.event import Event, NewEvent, envelope
from laban.store.exporting import cloudevents_lines, jsonl_lines
from laban.store.importers import import_source
from laban.store.jsontext import JsonObject
from laban.store.memory import MemoryLog

Write = Callable[[Iterable[Event]], Iterator[str]]
FORMATS = [jsonl_lines, cloudevents_lines]

ODD = [
    NewEvent(
        stream="s/1", type="t", id="a", source="ü 1", time_ns=1_234_567_890_123_456_789,
        correlation_id="c", causation_id="b",
        data=JsonObject('{"n": 12345678901234567890, "x": 1.10, "é": null, "a": {"b": []}}'),
        metadata=JsonObject('{"reads": {"/a~1b/c": 1}, "removes": ["y"], "cost": 1.10}'),
    ),
    NewEvent(stream="s", type="t", id="b", data=JsonObject('{"value": 5}')),
    NewEvent(stream="s", type="t", id="c", data=JsonObject('{"data_base64": "eA=="}')),
    NewEvent(stream="s", type="t", id="d", data={}, metadata={"extra": {"q": 1}, "native": "n"}),
]  # fmt: skip


def recorded(events: list[NewEvent]) -> MemoryLog:
    log = MemoryLog()
    log.append(*events)
    return log


def again(first: MemoryLog, write: Write, folder: Path) -> tuple[MemoryLog, MemoryLog]:
    """Return a log, and the log that comes of its export."""
    second = MemoryLog()
    file = folder / "events.jsonl"
    file.write_text("".join(f"{line}\n" for line in write(first.read())), encoding="utf-8")
    import_source([file], second)
    return first, second


def same(a: MemoryLog, b: MemoryLog) -> None:
    assert [envelope(event) for event in a.read()] == [envelope(event) for event in b.read()]
    assert [event.data.text for event in a.read()] == [event.data.text for event in b.read()]
    assert [event.metadata.text for event in a.read()] == [e.metadata.text for e in b.read()]
    assert list(b.findings()) == []


@pytest.mark.parametrize("write", FORMATS)
def test_an_exported_log_is_imported_as_the_same_log(write: Write, tmp_path: Path) -> None:
    same(*again(recorded(ODD), write, tmp_path))
    demo = MemoryLog()
    credit.record(demo)
    same(*again(demo, write, tmp_path))


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
events = st.builds(
    NewEvent,
    stream=texts,
    type=texts,
    source=texts,
    time_ns=st.none() | st.integers(-(2**62), 2**62),
    correlation_id=st.none() | texts,
    causation_id=st.none() | texts,
    data=st.dictionaries(texts, st.none() | st.integers() | texts, max_size=2),
    metadata=st.dictionaries(texts, st.none() | st.integers() | texts, max_size=2),
)


@pytest.mark.parametrize("write", FORMATS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=st.lists(events, min_size=1, max_size=4, unique_by=lambda event: event.id))
def test_any_log_is_imported_as_the_same_log(
    write: Write, tmp_path: Path, events: list[NewEvent]
) -> None:
    same(*again(recorded(events), write, tmp_path))
