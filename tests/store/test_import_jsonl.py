"""What the import of JSON Lines promises."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.store.errors import LabanError
from laban.store.event import NewEvent, event_line
from laban.store.finding import Finding
from laban.store.importers import ImportReport, import_source
from laban.store.importers.lines import LONGEST
from laban.store.memory import MemoryLog


def imported(content: bytes, *, log: MemoryLog | None = None) -> tuple[MemoryLog, ImportReport]:
    """Return a log that *content* was imported into, from a file of fixed name."""
    log = MemoryLog() if log is None else log
    with TemporaryDirectory() as folder:
        path = Path(folder, "log.jsonl")
        path.write_bytes(content)
        return log, import_source([path], log, format="jsonl")


def only_finding(content: bytes) -> Finding:
    log, _ = imported(content)
    assert log.head() == 0
    (finding,) = log.findings()
    return finding


def line(**names: object) -> bytes:
    return json.dumps({"stream": "waltz", "type": "Asked", **names}).encode()


def test_every_name_of_the_envelope_arrives() -> None:
    content = line(
        id="e1",
        source="lead",
        time="2026-11-21T09:30:00.5+01:00",
        correlation_id="c",
        causation_id="e0",
        data={"a": 1},
        metadata={"tokens": 3},
    )

    log, report = imported(content)

    event = log.get(1)
    assert (event.stream, event.type, event.id, event.source) == ("waltz", "Asked", "e1", "lead")
    assert event.time_ns == 1_795_249_800_500_000_000
    assert (event.correlation_id, event.causation_id) == ("c", "e0")
    assert (event.data.text, event.metadata.text) == ('{"a": 1}', '{"tokens": 3}')
    assert report == ImportReport(
        format="jsonl",
        events=1,
        duplicates=0,
        streams=1,
        sources=1,
        level="re-executable",
        findings=[],
    )


def test_null_means_not_given() -> None:
    names = ("source", "time", "correlation_id", "causation_id", "data", "metadata")

    log, _ = imported(line(id="e1", **dict.fromkeys(names)))

    event = log.get(1)
    assert (event.source, event.time_ns, event.correlation_id) == ("unknown", None, None)
    assert (event.data.text, event.metadata.text) == ("{}", "{}")


def test_what_a_log_writes_it_reads_back_as_the_same_events() -> None:
    first = MemoryLog()
    first.append(
        NewEvent(stream="é|1", type="T", data={"n": 10**30, "x": [None, 1.5]}, time_ns=5),
        NewEvent(stream="b", type="T", data={}, source="s", metadata={"removes": ["n"]}),
    )
    lines = "\n".join(map(event_line, first.read())).encode()

    second, report = imported(lines)

    assert list(map(event_line, second.read())) == lines.decode().split("\n")
    assert report.findings == []


def test_numbers_spaces_and_the_order_of_keys_stay_as_they_were_written() -> None:
    text = '{ "b":1.10 , "a":123456789012345678901234567890,"b2":1E+2, "u":"\\u00e9é" }'

    log, _ = imported(b'{"stream":"s","type":"t","id":"1","data":' + text.encode() + b"}")

    assert log.get(1).data.text == text


def test_names_outside_the_envelope_are_kept_and_said() -> None:
    content = (
        b'{"stream":"s","type":"t","id":"1","level":1.10,"metadata":{"tokens": 2},"span":{"a":[]}}'
    )

    log, report = imported(content)

    assert log.get(1).metadata.text == '{"tokens": 2,"extra":{"level":1.10,"span":{"a":[]}}}'
    assert [(f.kind, f.count) for f in report.findings] == [("extra", 2)]


def test_an_extra_field_of_the_source_is_not_overwritten() -> None:
    log, _ = imported(line(id="1", metadata={"extra": 1}, more=2))

    assert log.get(1).metadata == {"extra": 1, "extra_": {"more": 2}}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"{", "not JSON"),
        (line(id="1")[:-1], "not JSON (Input data was truncated)"),
        (line() + b" and more", "trailing"),
        (b"[1]", "Expected object, got array"),
        (b'"text"', "Expected object"),
        (b"null", "Expected object"),
        (b"{}", "stream"),
        (b'{"stream":"s"}', "type"),
        (line(stream=""), "must not be empty"),
        (line(id=""), "must not be empty"),
        (line(id=7), "$.id"),
        (line(type=None), "$.type"),
        (line(time="yesterday"), "no RFC 3339 time"),
        (line(time=12), "$.time"),
        (line(time="9999-01-01T00:00:00Z"), "1678 to 2262"),
        (line(time="2026-13-01T00:00:00Z"), "month"),
        (line(data=[]), "data must be a JSON object"),
        (line(data="text"), "data must be a JSON object"),
        (line(metadata=3), "metadata must be a JSON object"),
        (b'{"stream":"s","type":"t","data":{"a":NaN}}', "not JSON"),
        (b'{"stream":"s","type":"t","data":{"a":-Infinity}}', "not JSON"),
        (b'{"stream":"s","type":"t","data":{"a":"\\ud800 alone"}}', "half a character, \\ud800"),
        (b'{"stream":"s","type":"t","data":{"a":"\\ud800"}}', "half a character, \\ud800"),
        (b'{"stream":"\\udc00","type":"t"}', "half a character, \\udc00"),
        (b'{"stream":"s","type":"t","data":{"a":"\xff"}}', "not UTF-8"),
        (b'{"stream":"s","type":"t","data":{"a":"\xed\xa0\x80"}}', "not UTF-8"),
        (b'{"stream":"\xff","type":"t"}', "not UTF-8"),
        (b'{"stream":"s","type":"t","data":{"a":"\x00"}}', "not JSON"),
        (b"\x00" * 5000, "not JSON"),
        (b'{"stream":"s","type":"t","data":' + b'{"a":' * 300 + b"1" + b"}" * 301, "256 levels"),
        (b'{"stream":"s","type":"t","data":' + b"[" * 3_000_000, "256 levels"),
        (b'{"stream":"s","type":"t","data":{"n":' + b"9" * 5000 + b"}}", "4,300 digits"),
        (b'{"stream":"s","type":"t","nested":' + b"[" * 200 + b"]" * 199 + b"}", "not JSON"),
        (b"\x1f\x8b\x08\x00 a compressed file", "not JSON"),
    ],
)
def test_a_line_that_is_no_event_is_a_finding_with_its_line_reason_and_text(
    content: bytes, reason: str
) -> None:
    finding = only_finding(b"\n" + content)

    assert (finding.kind, finding.origin, finding.line) == ("malformed", "log.jsonl", 2)
    assert reason in finding.detail
    assert finding.raw == content.decode("utf-8", "backslashreplace")


def test_deep_nesting_inside_a_text_is_no_nesting() -> None:
    log, report = imported(line(id="1", data={"code": "[" * 600 + '"{' * 600}))

    assert (log.head(), report.findings) == (1, [])


def test_a_long_row_of_digits_inside_a_text_is_no_number() -> None:
    log, _ = imported(line(id="1", data={"pi": "1" * 5000, "x": 2}))

    assert log.get(1).data["x"] == 2


def test_nesting_up_to_the_limit_can_be_looked_into() -> None:
    depth = 255
    data = b'{"a":' * (depth - 1) + b"{}" + b"}" * (depth - 1)

    log, _ = imported(b'{"stream":"s","type":"t","data":' + data + b"}")

    assert log.get(1).data["a"] is not None


def test_a_line_of_ten_megabytes_is_an_event_like_any_other() -> None:
    big = "x" * 10_000_000

    log, _ = imported(line(id="0") + b"\n" + line(id="1", data={"big": big}) + b"\n" + line(id="2"))

    assert [len(event.data.text) for event in log.read()] == [2, 10_000_010 + 1, 2]


def test_a_line_too_long_to_hold_is_cut_in_its_finding_and_the_next_one_is_read() -> None:
    monster = b'{"stream":"s","type":"t","data":{"a":"' + b"x" * (LONGEST + 10) + b'"}}'

    log, _ = imported(monster + b"\n" + line(id="after"))

    (finding,) = log.findings()
    assert "longer than 64 MiB" in finding.detail
    assert finding.raw is not None
    assert monster.decode().startswith(finding.raw)
    assert [event.id for event in log.read()] == ["after"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_byte_order_mark_line_ends_and_blank_lines_are_no_findings(end: bytes) -> None:
    content = b"\xef\xbb\xbf" + end.join([line(id="1"), b"", b"  \t", line(id="2"), b""])

    log, report = imported(content)

    assert [event.id for event in log.read()] == ["1", "2"]
    assert report.findings == []


def test_a_last_line_cut_short_costs_only_itself() -> None:
    log, report = imported(line(id="1") + b"\n" + line(id="2")[:-9])

    assert [event.id for event in log.read()] == ["1"]
    assert report.level == "comparable"


def test_events_without_an_id_get_the_same_one_at_each_import() -> None:
    content = line() + b"\n" + line() + b"\r\n" + line(id="own")

    log, first = imported(content)
    _, again = imported(content.replace(b"\r\n", b"\n"), log=log)

    assert (first.events, again.events, again.duplicates) == (3, 0, 3)
    assert len({event.id for event in log.read()}) == 3
    assert [(f.kind, f.count) for f in first.findings] == [("inferred", 2)]
    assert len(log.findings()) == 1


def test_importing_again_adds_no_event_and_no_finding() -> None:
    content = line(id="1") + b"\n{\n" + line(id="2", more=1)

    log, _ = imported(content)
    before = log.findings()
    _, again = imported(content, log=log)

    assert (log.head(), again.events, again.duplicates) == (2, 0, 2)
    assert log.findings() == before


def test_the_same_id_with_other_content_costs_only_that_line() -> None:
    lines = [line(id=f"e{n}", data={"n": n}) for n in range(30)]
    lines.insert(17, line(id="e3", data={"n": "other"}))

    log, report = imported(b"\n".join(lines))

    assert log.head() == 30
    assert [(f.kind, f.count) for f in report.findings] == [("conflict", 1)]
    (finding,) = log.findings()
    assert (finding.line, finding.raw) == (18, lines[17].decode())
    assert "@4" in finding.detail


_numbers = st.sampled_from(["0", "-1", "1.10", "1e5", "-0.0", "9" * 40, "1E-7", "0.1000"])
_texts = st.text(max_size=8).map(json.dumps)
_spaces = st.sampled_from(["", " ", "\t", "  "])


def _join(parts: list[str], space: str) -> str:
    return f",{space}".join(parts)


_values: st.SearchStrategy[str] = st.recursive(
    _numbers | _texts | st.sampled_from(["null", "true", "false"]),
    lambda inner: (
        st.builds(lambda items, s: f"[{s}{_join(items, s)}]", st.lists(inner), _spaces)
        | st.builds(
            lambda items, s: "{" + _join([f"{k}{s}:{v}" for k, v in items], s) + s + "}",
            st.lists(st.tuples(_texts, inner), max_size=4),
            _spaces,
        )
    ),
    max_leaves=8,
)
_objects = st.builds(
    lambda items, s: "{" + _join([f"{k}:{s}{v}" for k, v in items], s) + "}",
    st.lists(st.tuples(_texts, _values), max_size=5),
    _spaces,
)
_good = _objects.map(lambda data: ("good", data.encode()))
_bad = (
    st.binary(min_size=1, max_size=40).map(lambda raw: raw.replace(b"\n", b"?"))
    | _objects.map(lambda data: f'{{"stream":"s","type":"t","data":{data}'.encode())
    | _objects.map(lambda data: f'{{"stream":1,"type":"t","data":{data}}}'.encode())
    | _values.map(str.encode)
).map(lambda raw: ("bad", raw))


@given(lines=st.lists(_good | _bad, max_size=12), end=st.sampled_from([b"\n", b"\r\n"]))
def test_each_line_that_is_not_blank_is_one_event_or_one_finding_and_no_text_changes(
    lines: list[tuple[str, bytes]], end: bytes
) -> None:
    raws = [
        b'{"id":"%d","stream":"s","type":"t", "data" : %s }' % (number, raw)
        if kind == "good"
        else raw
        for number, (kind, raw) in enumerate(lines, 1)
    ]

    log, _ = imported(b'{"id":"0","stream":"s","type":"t"}\n' + end.join(raws))

    events = {int(event.id): event.data.text.encode() for event in log.read(2)}
    assert events == {n: raw for n, (kind, raw) in enumerate(lines, 1) if kind == "good"}
    found = [finding.line for finding in log.findings()]
    assert found == [
        n + 1 for n, (kind, raw) in enumerate(lines, 1) if kind == "bad" and raw.strip()
    ]


def test_an_unknown_format_is_refused_by_name() -> None:
    with pytest.raises(LabanError, match="No format is named 'csv': choose one of jsonl"):
        import_source(["x"], MemoryLog(), format="csv")
