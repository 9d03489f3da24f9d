"""What counts in a comparison, and what does not."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.replay.compare import Mask, MaskError, compare, profile
from laban.replay.pointer import MISSING
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject
from laban.store.memory import MemoryLog

STRICT = profile("strict")


def timeline(*events: NewEvent) -> Timeline:
    log = MemoryLog()
    log.append(*events)
    return Timeline.open(log)


def said(data: dict[str, Any], stream: str = "waltz", **rest: Any) -> NewEvent:
    return NewEvent(stream=stream, type="said", data=data, **rest)


def differing(a: NewEvent, b: NewEvent, mask: Mask | None = None) -> list[tuple[str, Any, Any]]:
    answer = compare(timeline(a), timeline(b), mask=mask)
    return [(d.pointer, d.a, d.b) for root in answer.roots for d in root.differences]


def test_ids_times_positions_and_measures_never_count() -> None:
    a = said({"n": 1}, time_ns=1, metadata={"duration_ms": 3, "reads": {"/x/y": 1}, "tokens": 5})
    b = said({"n": 1}, time_ns=2, metadata={"traceparent": "00-1", "cost": 0.2})

    assert compare(timeline(a), timeline(b)).identical


def test_type_source_correlation_data_and_other_metadata_count() -> None:
    a = said({"n": 1}, source="here", correlation_id="c-1", metadata={"seed": 1})

    assert differing(a, said({"n": 2}, source="here", correlation_id="c-1", metadata={"seed": 1}))
    assert differing(a, said({"n": 1}, source="there", correlation_id="c-1", metadata={"seed": 1}))
    assert differing(a, said({"n": 1}, source="here", correlation_id="c-2", metadata={"seed": 1}))
    assert differing(a, said({"n": 1}, source="here", correlation_id="c-1", metadata={"seed": 2}))


@pytest.mark.parametrize(
    ("a", "b"),
    [("1", "1.0"), ("1", "true"), ("0", "null"), ('"1"', "1"), ("[]", "{}"), ("1e999", "1e998")],
)
def test_values_that_are_not_the_same_json_differ(a: str, b: str) -> None:
    found = compare(
        timeline(said(JsonObject(f'{{"n": {a}}}'))),  # type: ignore[arg-type]
        timeline(said(JsonObject(f'{{"n": {b}}}'))),  # type: ignore[arg-type]
    )

    assert not found.identical


def test_a_missing_correlation_is_not_an_empty_one() -> None:
    assert differing(said({}), said({}, correlation_id="")) == [("/correlation_id", None, "")]


def test_no_text_runs_into_the_next_one() -> None:
    a = said({}, source="b\0c", correlation_id="d")
    b = said({}, source="b", correlation_id="c\0d")

    assert [pointer for pointer, _, _ in differing(a, b)] == ["/source", "/correlation_id"]


@pytest.mark.parametrize(
    "text",
    ['{"n": 1, "m": 12345678901234567890123}', '{"m":12345678901234567890123,  "n":1}'],
)
def test_the_order_of_names_and_spaces_do_not_count_and_big_numbers_do(text: str) -> None:
    a = said(JsonObject('{"m": 12345678901234567890123, "n": 1}'))  # type: ignore[arg-type]
    other = said(JsonObject('{"m": 12345678901234567890124, "n": 1}'))  # type: ignore[arg-type]

    assert differing(a, said(JsonObject(text))) == []  # type: ignore[arg-type]
    assert [pointer for pointer, _, _ in differing(a, other)] == ["/data/m"]


def test_a_value_that_is_only_on_one_side_is_told_from_null() -> None:
    assert differing(said({"n": None}), said({})) == [("/data/n", None, MISSING)]
    assert differing(said({"n": [1]}), said({"n": [1, 2]})) == [("/data/n/1", MISSING, 2)]


@pytest.mark.parametrize(
    ("pointer", "a", "b"),
    [
        ("/data/seed", {"seed": 1}, {"seed": 2}),
        ("/data/seed", {"seed": 1}, {}),
        ("/data/items/*/at", {"items": [{"at": 1}, {}]}, {"items": [{"at": 2}, {"at": 3}]}),
        ("/data/**/at", {"at": 1, "x": [{"y": {"at": 1}}]}, {"x": [{"y": {"at": 2}}]}),
        ("/data/list/1", {"list": [1, 2, 3]}, {"list": [1, 9, 3]}),
        ("/data/*", {"a": 1}, {"b": 2}),
        ("/data", {"a": 1}, {"b": 2}),
    ],
)
def test_what_is_ignored_does_not_count(pointer: str, a: Any, b: Any) -> None:
    mask = profile("default")

    assert differing(said(a), said(b), mask)
    assert differing(said(a), said(b), mask.ignoring([pointer])) == []
    assert differing(said({"kept": 1}), said({"kept": 2}), mask.ignoring(["/data/a"]))


def test_source_and_correlation_can_be_ignored() -> None:
    mask = profile("default").ignoring(["/source", "/correlation_id"])

    assert differing(said({}, source="a", correlation_id="x"), said({}, source="b"), mask) == []


@pytest.mark.parametrize("pointer", ["/seed", "/time", "", "/source/x"])
def test_what_cannot_be_ignored_is_refused(pointer: str) -> None:
    with pytest.raises(MaskError):
        profile("default").ignoring([pointer])


def test_an_unknown_profile_is_told_the_nearest_one() -> None:
    with pytest.raises(MaskError, match="Did you mean 'strict'"):
        profile("strikt")


RANDOM_IDS = {
    "uuid": lambda: str(uuid4()),
    "digits": lambda: uuid4().hex,
    "call": lambda: f"call_{uuid4().hex[:24]}",
    "inside": lambda: f"run/{uuid4()}/1",
    "ulid": lambda: "01J9ZQ4Y0B7Q8M2K5T3V6W1X" + f"{uuid4().int % 100:02}",
}


@pytest.mark.parametrize("make", RANDOM_IDS.values(), ids=RANDOM_IDS)
def test_random_ids_in_values_and_names_do_not_count(make: Any) -> None:
    a, b = make(), make()

    assert differing(said({"id": a, a: [a]}), said({"id": b, b: [b]})) == []
    assert a == b or differing(said({"id": a}), said({"id": b}), STRICT)


@pytest.mark.parametrize("digits", [16, 40, 64, 128])
def test_checksums_count(digits: int) -> None:
    a, b = ("a1" * digits)[:digits], ("b2" * digits)[:digits]

    assert differing(said({"sum": a}), said({"sum": b})) == [("/data/sum", a, b)]


def test_a_reference_to_another_of_the_ids_that_came_up_before_is_found() -> None:
    def run(wanted: int) -> Timeline:
        ids = [str(uuid4()) for _ in range(3)]
        events = [said({"item": id}) for id in ids]
        return timeline(*events, said({"bought": ids[wanted]}))

    assert compare(run(1), run(1)).identical
    answer = compare(run(1), run(2))

    (root,) = answer.roots
    assert (root.kind, root.stream_position) == ("other ids", 3)
    assert [each.pointer for each in root.differences] == ["/data/bought"]


def test_an_id_is_known_from_the_stream_of_a_cause_and_from_the_cause_itself() -> None:
    def run(wanted: int, by: str) -> Timeline:
        ids = [str(uuid4()) for _ in range(2)]
        events = [said({"item": id}, id=str(uuid4())) for id in ids]
        named = {"data": ids[wanted], "id": events[wanted].id}[by]
        later = said({"bought": named}, stream="other", causation_id=events[1].id)
        return timeline(*events, later)

    for by in ("data", "id"):
        assert compare(run(0, by), run(0, by)).identical
        (root,) = compare(run(0, by), run(1, by)).roots
        assert [each.pointer for each in root.differences] == ["/data/bought"]


@given(st.text(max_size=60))
def test_any_text_is_the_same_as_itself_and_differs_from_another(text: str) -> None:
    assert differing(said({"text": text}), said({"text": text})) == []
    assert differing(said({"text": text}), said({"text": text + "."}))


def test_ids_that_count_events_are_compared_by_which_events_they_mean() -> None:
    def run(order: str, wanted: str) -> Timeline:
        """Three questions, numbered as they come, and an answer to one of them."""
        ids = {name: f"msg-{number}" for number, name in enumerate(order)}
        asked = [said({"text": name}, stream=name, id=ids[name]) for name in order]
        metadata = {"seen": [ids[wanted]]}
        reply = said({"to": {"id": ids[wanted]}}, stream="replies", metadata=metadata)
        return timeline(*asked, reply)

    same = compare(run("abc", "b"), run("bca", "b"))
    other = compare(run("abc", "b"), run("bca", "a"))

    assert same.identical
    assert same.notes == [
        "ids of events, compared by which events they mean: /data/to/id, /metadata/seen/*"
    ]
    assert [(each.pointer, each.a, each.b) for each in other.roots[0].differences] == [
        ("/data/to/id", "b@0", "a@0"),
        ("/metadata/seen/0", "b@0", "a@0"),
    ]
