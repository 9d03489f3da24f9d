"""The state at any position as the reducers of a choreography make it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.replay import builder
from laban.replay.builder import CancelledError
from laban.replay.choreography import Choreography, folding
from laban.replay.choreography.decisions import is_decision
from laban.replay.choreography.engine import Engine
from laban.replay.choreography.folding import refused_in
from laban.replay.pointer import MISSING, format_pointer, same
from laban.replay.runtime import Runtime
from laban.replay.runtime.reader import Reader
from laban.replay.timeline import Timeline
from laban.store.event import Event, NewEvent
from laban.store.log import EventLog
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog

from .logs import FIELDS, STREAMS, values

SECOND = 10**9


def added(state: dict[str, Any], event: Any) -> dict[str, Any]:
    return {**state, "count": state.get("count", 0) + 1, **event.data}


def cleared(state: dict[str, Any], event: Any) -> dict[str, Any]:
    return {field: value for field, value in state.items() if field not in event.data}


def changed(state: dict[str, Any], event: Any) -> dict[str, Any]:
    for field in list(state):
        if isinstance(state[field], list):
            state[field].append(len(state[field]))
    state["in place"] = True
    event.data.parsed["x"] = "changed, too"
    return state


def failing(state: dict[str, Any], event: Any) -> dict[str, Any]:
    state["half"] = "done"
    return state if event.data["x"] else None  # type: ignore[return-value]


REDUCERS = {"added": added, "cleared": cleared, "changed": changed, "failing": failing}


def choreography() -> Choreography:
    made = Choreography("made")
    for event_type, reducer in REDUCERS.items():
        made.reducer(event_type)(reducer)
    return made


new_events = st.builds(
    NewEvent,
    stream=st.sampled_from(STREAMS),
    type=st.sampled_from(["set", *REDUCERS]),
    data=st.dictionaries(st.sampled_from(FIELDS), values, max_size=3),
    metadata=st.sampled_from([{}, {}, {"removes": ["x", "count"]}]),
)
logs = st.lists(new_events, max_size=14)


def recorded(events: Sequence[NewEvent], log: EventLog | None = None) -> EventLog:
    log = log or MemoryLog()
    log.append(*events)
    return log


def folded(events: Sequence[NewEvent]) -> dict[str, Any]:
    """The state after *events*, by the plainest reading of the reducers above."""
    state: dict[str, dict[str, Any]] = {}
    for event in events:
        before = state.setdefault(event.stream, {})
        data, removes = json.loads(event.data.text), event.metadata.parsed.get("removes", [])
        match event.type:
            case "set":
                after = {k: v for k, v in before.items() if k not in removes} | data
            case "added":
                after = before | {"count": before.get("count", 0)} | data
                if "count" not in data:
                    after["count"] += 1
            case "cleared":
                after = {k: v for k, v in before.items() if k not in data}
            case "changed":
                after = {
                    k: [*v, len(v)] if isinstance(v, list) else v for k, v in before.items()
                } | {"in place": True}
            case _:
                after = before | {"half": "done"} if data.get("x") else before
        state[event.stream] = after
    return state


def assert_equal(timeline: Timeline, events: Sequence[NewEvent]) -> None:
    for position in range(len(events) + 1):
        expected = folded(events[:position])
        assert same(timeline.at(position), expected)
        for stream in STREAMS:
            assert same(timeline.stream_at(stream, position), expected.get(stream))


@given(events=logs)
def test_seeking_equals_folding_with_the_reducers_at_every_position(events: list[NewEvent]) -> None:
    timeline = Timeline.open(recorded(events), choreography=choreography())

    assert_equal(timeline, events)
    timeline.close()


@given(events=logs)
def test_a_reducer_writes_what_is_different_after_it_and_nothing_else(
    events: list[NewEvent],
) -> None:
    timeline = Timeline.open(recorded(events), choreography=choreography())

    for position, event in enumerate(events, start=1):
        before, after = (folded(events[:p]).get(event.stream, {}) for p in (position - 1, position))
        changes = {change.pointer: change.after for change in timeline.changes(position)}
        if event.type != "set":
            assert len(changes) == sum(
                not same(before.get(field, MISSING), after.get(field, MISSING))
                for field in {**before, **after}
            )
    timeline.close()


@given(events=logs, cuts=st.lists(st.integers(0, 14), max_size=3), kept=st.integers(0, 2))
def test_an_index_that_grew_by_and_by_remembering_little_equals_a_rebuilt_one(
    events: list[NewEvent], cuts: list[int], kept: int
) -> None:
    log = MemoryLog()
    grown = Timeline.open(log, choreography=choreography())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folding, "KEPT", kept)
        patch.setattr(builder, "BATCH", 2)
        for start, stop in zip([0, *sorted(cuts)], [*sorted(cuts), len(events)], strict=True):
            log.append(*events[start:stop])
            grown.refresh()

    rebuilt = Timeline.open(log, choreography=choreography())
    for table in ("writes", "streams", "fields", "stamp"):
        query = f"SELECT * FROM {table} ORDER BY 1"
        assert grown.index.all(query) == rebuilt.index.all(query)
    assert_equal(grown, events)
    grown.close()
    rebuilt.close()


def strict() -> Choreography:
    """Refuses, too: by contract, by source and as duplicates."""
    made = choreography()
    made.contract("added", {"not": {"required": ["y"]}})
    made.allow("one", "set", "added", "cleared", "failing", "changed")
    made.allow("two", "set", "added")
    made.deduplicate("set", keys=("x",), window_seconds=3)
    made.state_transition(
        event_type="set", condition="len(state) > 0", action="look", target_capability="desk"
    )
    made.capability("desk")
    return made


refusable = st.builds(
    NewEvent,
    stream=st.sampled_from(STREAMS),
    type=st.sampled_from(["set", "set", *REDUCERS]),
    source=st.sampled_from(["one", "two", "three"]),
    data=st.dictionaries(st.sampled_from(FIELDS), st.integers(0, 2), max_size=2),
    time_ns=st.none() | st.integers(0, 9).map(lambda s: s * SECOND),
)


@given(events=st.lists(refusable, max_size=20), cut=st.integers(0, 20))
def test_what_the_engine_does_not_take_in_writes_nothing_wherever_the_fold_goes_on(
    events: list[NewEvent], cut: int
) -> None:
    log = recorded(events[:cut])
    rules = strict()
    timeline = Timeline.open(log, choreography=rules)
    recorded(events[cut:], log)
    timeline.refresh()

    engine = Engine(rules.plan)
    for event in log.read():
        engine.step(event)
        for stream in STREAMS:
            known = engine.history.state.get(stream, {})
            assert same(timeline.stream_at(stream, event.position) or {}, known)
    timeline.close()


@given(events=logs)
def test_agents_read_what_the_timeline_says_then_and_from_where(events: list[NewEvent]) -> None:
    log, rules = MemoryLog(), choreography()
    engine, reader = Engine(rules.plan), Reader(log, rules.reducers)
    timeline = Timeline.open(log, choreography=rules)

    for event in events:
        (position,) = log.append(event)
        log.append(*engine.step(log.get(position)))
        head = timeline.refresh()
        for stream, field in product(STREAMS, FIELDS):
            pointer = format_pointer((stream, field))
            value, read_at = reader.read(pointer)
            written = timeline.last_write(pointer, head)
            now = timeline.peek((stream, field), head)
            assert same(value, None if now is MISSING else now)
            assert read_at == (written.position if written else 0)
    timeline.close()


def test_what_an_agent_read_live_is_the_state_where_it_says_so() -> None:
    rules, log = choreography(), MemoryLog()
    rules.capability("desk")
    rules.pattern(event_type="added", action="look", target_capability="desk")
    seen: list[tuple[int, Any]] = []

    @rules.agent("desk")
    async def look(ctx: Any) -> None:
        value = ctx.read("/a/count")
        seen.append((ctx.reads["/a/count"], value))

    async def live() -> None:
        async with Runtime(rules, log) as runtime:
            for number in range(5):
                await runtime.publish(NewEvent(stream="a", type="added", data={"x": number}))
            await runtime.quiet()

    asyncio.run(live())

    timeline = Timeline.open(log, choreography=rules)
    assert len(seen) == 5
    for position, value in seen:
        assert timeline.value("/a/count", position) == value
        assert log.get(position).type == "added"
    timeline.close()


def test_refused_events_are_counted_and_the_first_is_told() -> None:
    log = recorded(
        [
            NewEvent(stream="a", type="set", data={"x": 1}),
            NewEvent(stream="a", type="failing", data={}),
            NewEvent(stream="a", type="failing", data={"x": 0}),
        ]
    )
    timeline = Timeline.open(log, choreography=choreography())

    refused = refused_in(timeline.index.stamp())

    assert refused is not None
    assert (refused.count, refused.position, refused.reason) == (2, 2, "KeyError: 'x'")
    assert timeline.at(3) == {"a": {"x": 1}}
    timeline.close()


def test_a_number_without_end_is_refused_not_written() -> None:
    made = Choreography("endless")
    made.reducer("grown")(lambda state, _: {**state, "x": 10**5000})
    log = recorded([NewEvent(stream="a", type="grown", data={})])
    timeline = Timeline.open(log, choreography=made)

    assert timeline.at(1) == {"a": {}}
    timeline.close()


def on_disk(folder: Path, events: Sequence[NewEvent]) -> SqliteLog:
    log = SqliteLog.create(folder / "x.laban")
    log.append(*events)
    return log


def with_reducer(name: str) -> Choreography:
    made = Choreography("one")
    made.reducer("set")({"added": added, "cleared": cleared}[name])
    return made


def indexes(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.sqlite"))


def test_both_indexes_stay_warm_and_another_reducer_makes_another_one(tmp_path: Path) -> None:
    log, cache = on_disk(tmp_path, [NewEvent(stream="a", type="set", data={"x": 1})]), tmp_path
    built: list[tuple[int, int]] = []

    def opened(rules: Choreography | None) -> Any:
        timeline = Timeline.open(
            log, cache, choreography=rules, progress=lambda *how_far: built.append(how_far)
        )
        try:
            return timeline.at(1)
        finally:
            timeline.close()

    states = [opened(rules) for rules in (None, with_reducer("added"), with_reducer("cleared"))]
    again = [opened(rules) for rules in (None, with_reducer("added"), with_reducer("cleared"))]

    assert states == again == [{"a": {"x": 1}}, {"a": {"x": 1, "count": 1}}, {"a": {}}]
    assert len(built) == 3
    assert len(indexes(cache)) == 3
    log.close()


def test_rules_that_do_not_fold_leave_the_index_as_it_is(tmp_path: Path) -> None:
    log = on_disk(tmp_path, [NewEvent(stream="a", type="set", data={"x": 1})])
    more = with_reducer("added")
    more.capability("desk")
    more.pattern(event_type="set", action="look", target_capability="desk")

    for rules in (with_reducer("added"), more):
        Timeline.open(log, tmp_path, choreography=rules).close()

    assert len(indexes(tmp_path)) == 1
    log.close()


def test_only_the_last_few_of_many_rules_keep_their_index(tmp_path: Path) -> None:
    log = on_disk(tmp_path, [NewEvent(stream="a", type="set", data={"x": 1})])
    Timeline.open(log, tmp_path).close()

    for limit in range(builder.CHOREOGRAPHED + 3):
        rules = with_reducer("added")
        rules.contract("set", {"maxProperties": limit})
        Timeline.open(log, tmp_path, choreography=rules).close()

    assert len(indexes(tmp_path)) == builder.CHOREOGRAPHED + 1
    assert "index.sqlite" in indexes(tmp_path)
    log.close()


def test_a_cancelled_build_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [NewEvent(stream=f"s{n % 7}", type="added", data={"x": n}) for n in range(50)]
    log = on_disk(tmp_path, events)
    monkeypatch.setattr(builder, "BATCH", 10)
    seen: list[int] = []

    with pytest.raises(CancelledError):
        Timeline.open(
            log,
            tmp_path,
            choreography=choreography(),
            progress=lambda done, _: seen.append(done),
            cancelled=lambda: len(seen) == 3,
        )
    timeline = Timeline.open(
        log, tmp_path, choreography=choreography(), progress=lambda done, _: seen.append(done)
    )

    assert seen == [10, 20, 30, 40, 50]
    assert {s: v["count"] for s, v in timeline.at(50).items()} == {
        "s0": 8, **{f"s{n}": 7 for n in range(1, 7)}
    }  # fmt: skip
    timeline.close()
    log.close()


def test_the_streams_of_the_engine_are_as_recorded() -> None:
    def never(_: dict[str, Any], event: Event) -> dict[str, Any]:
        raise AssertionError(event)

    made = Choreography("shop")
    made.reducer("circuit.opened")(never)
    decision = NewEvent(
        stream="$circuits", type="circuit.opened", source="laban", data={"desk": {"status": "open"}}
    )
    timeline = Timeline.open(recorded([decision]), choreography=made)

    assert is_decision(decision)
    assert timeline.at(1) == {"$circuits": {"desk": {"status": "open"}}}
    timeline.close()
