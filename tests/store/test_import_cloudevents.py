"""What the import of CloudEvents promises."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.store.importers import ImportReport, import_source
from laban.store.importers.lines import CHUNK
from laban.store.memory import MemoryLog


def imported(content: bytes) -> tuple[MemoryLog, ImportReport]:
    log = MemoryLog()
    with TemporaryDirectory() as folder:
        path = Path(folder, "events.json")
        path.write_bytes(content)
        return log, import_source([path], log)


def cloud(id: object = "1", **attributes: object) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": id,
        "source": "/desk",
        "type": "org.example.asked",
        **attributes,
    }


def one(id: object = "1", **attributes: object) -> bytes:
    return json.dumps({**cloud(**attributes), "id": id}).encode()


def test_every_attribute_arrives() -> None:
    content = one(
        subject="waltz",
        time="2026-11-21T09:30:00.123456789Z",
        datacontenttype="application/json",
        dataschema="https://example.org/asked",
        correlationid="c1",
        causationid="0",
        traceparent="00-ab-cd-01",
        sampledrate=3,
        data={"a": 1},
    )

    log, report = imported(content)

    event = log.get(1)
    assert (event.stream, event.type, event.id) == ("waltz", "org.example.asked", "1")
    assert (event.source, event.time_ns) == ("/desk", 1_795_253_400_123_456_789)
    assert (event.correlation_id, event.causation_id) == ("c1", "0")
    assert event.data.text == '{"a": 1}'
    assert event.metadata.parsed == {
        "datacontenttype": "application/json",
        "dataschema": "https://example.org/asked",
        "traceparent": "00-ab-cd-01",
        "sampledrate": 3,
    }
    assert (report.format, report.level, report.findings) == ("cloudevents", "re-executable", [])


def test_without_a_subject_the_stream_is_the_source() -> None:
    log, _ = imported(one())

    assert (log.get(1).stream, log.get(1).data.text) == ("/desk", "{}")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (b'"data":[1, 2.50]', '{"value":[1, 2.50]}'),
        (b'"data":"<xml/>"', '{"value":"<xml/>"}'),
        (b'"data":0.10', '{"value":0.10}'),
        (b'"data_base64":"AAE="', '{"data_base64":"AAE="}'),
    ],
)
def test_data_that_is_no_object_is_wrapped_and_said(given: bytes, kept: str) -> None:
    log, report = imported(one()[:-1] + b"," + given + b"}")

    assert log.get(1).data.text == kept
    assert [(f.kind, f.count) for f in report.findings] == [("wrapped", 1)]


def test_an_extension_named_like_an_instruction_to_laban_is_none() -> None:
    log, _ = imported(one(removes="status", reads="x", tokens=5))

    assert log.get(1).metadata == {"tokens": 5, "extra": {"removes": "status", "reads": "x"}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (one(id=None), "id must be given"),
        (one(specversion="0.3"), "CloudEvents 0.3"),
        (one(type=""), "type must not be empty"),
        (one(source=7), "source must be text"),
        (one(subject={}), "subject must be text"),
        (one(time="noon"), "no RFC 3339 time"),
        (one(data={}, data_base64="AA=="), "not be given both"),
        (b'{"specversion":"1.0","id":"x",}', "not JSON"),
        (b'{"specversion":"1.0","id":"x"} []', "not JSON"),
    ],
)
def test_what_is_no_cloud_event_is_a_finding(content: bytes, reason: str) -> None:
    log, _ = imported(one(id="before") + b"\n" + content + b"\n" + one(id="after"))

    (finding,) = log.findings()
    assert (finding.kind, finding.line, finding.raw) == ("malformed", 2, content.decode())
    assert reason in finding.detail
    assert [event.id for event in log.read()] == ["before", "after"]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_batch_gives_the_events_that_lines_give(indent: int | None) -> None:
    events = [cloud(str(n), data={"n": n, "text": 'a ]}" \\ b'}) for n in range(5)]

    batch, report = imported(json.dumps(events, indent=indent).encode())
    lines, _ = imported("\n".join(map(json.dumps, events)).encode())

    assert [(e.id, e.data) for e in batch.read()] == [(e.id, e.data) for e in lines.read()]
    assert (report.events, report.findings) == (5, [])


def test_a_malformed_element_does_not_hide_the_next_one() -> None:
    content = b"[\n" + b",\n".join(
        [
            one(id="1"),
            b'{"specversion": "1.0", "id": oops}',
            b'{"specversion": "1.0", "list": [}',
            b"17",
            b'"text, with { inside"',
            b"[" + one(id="nested") + b"]",
            one(id="2"),
        ]
    )

    log, _ = imported(content + b"\n] and more")

    assert [event.id for event in log.read()] == ["1", "2"]
    found = [(finding.line, finding.raw) for finding in log.findings()]
    assert [line for line, _ in found] == [3, 4, 5, 6, 7, 9]
    assert found[-1] == (9, "and more")


def test_a_batch_cut_short_gives_what_is_whole_and_says_so() -> None:
    whole = json.dumps([cloud(str(n)) for n in range(3)]).encode()

    inside, _ = imported(whole[:-20])
    between, _ = imported(whole[: whole.rindex(b"{")])

    for log in (inside, between):
        assert [event.id for event in log.read()] == ["0", "1"]
        assert any("cut short" in finding.detail for finding in log.findings())


def test_a_batch_larger_than_what_is_held_in_memory_is_read_whole() -> None:
    events = [cloud(str(n), data={"text": "x" * (CHUNK // 3), "n": n}) for n in range(9)]
    events.append(cloud("large", data={"text": '\\"]}' * CHUNK}))

    log, report = imported(json.dumps(events).encode())

    assert [event.data.parsed for event in log.read()] == [event["data"] for event in events]
    assert report.findings == []


@given(
    data=st.lists(
        st.dictionaries(
            st.text(max_size=5),
            st.text(max_size=9) | st.lists(st.integers() | st.none(), max_size=3),
            max_size=3,
        ),
        max_size=5,
    ),
    indent=st.sampled_from([None, 0, 3]),
)
def test_any_batch_is_read_back_as_it_was_written(
    data: list[dict[str, object]], indent: int | None
) -> None:
    events = [cloud(str(n), data=each) for n, each in enumerate(data)]

    log, report = imported(json.dumps([cloud("first"), *events], indent=indent).encode())

    assert [event.data.parsed for event in log.read(2)] == data
    assert report.findings == []
