"""Why: chains of causes, what was read and whether it was stale, and the tree of both."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.fixtures import DEMOS
from laban.replay.choreography import Choreography, decisions
from laban.replay.explain import INCOMPLETE, MISORDERED, RECORDED, causes, origin, why
from laban.replay.explain.drawing import drawing
from laban.replay.explain.reads import reads_of
from laban.replay.explain.tree import Branch, Trunk, tree
from laban.replay.pointer import MISSING, UnknownPointerError
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog

from .logs import recorded

IDS = [f"e{n}" for n in range(12)]


@st.composite
def tangled_logs(draw: st.DrawFn) -> list[NewEvent]:
    """Events that name any cause: earlier, later, themselves, none that there is, one of two."""
    events: list[NewEvent] = []
    for id in draw(st.lists(st.sampled_from(IDS[:10]), max_size=10)):
        source = draw(st.sampled_from(["a", "b", "laban"]))
        if any((e.id, e.source) == (id, source) for e in events):
            continue
        versions = st.integers(-1, 14) | st.sampled_from(IDS)
        pointers = st.sampled_from(["/s/x", "/s/y", "/t/x", "/s", "/s/x/p", "", "odd"])
        reads = draw(st.dictionaries(pointers, versions, max_size=3))
        events.append(
            NewEvent(
                stream=draw(st.sampled_from("st")),
                type="t",
                id=id,
                source=source,
                causation_id=draw(st.none() | st.sampled_from(IDS)),
                data=draw(
                    st.dictionaries(st.sampled_from("xy"), st.integers(0, 2) | st.just({"p": 1}))
                ),
                metadata={"reads": reads} if reads else {},
            )
        )
    return events


@given(tangled_logs())
def test_a_chain_ends_at_a_root_without_a_recorded_cause_or_says_that_it_does_not(
    events: list[NewEvent],
) -> None:
    timeline = Timeline.open(recorded(events))
    ids = {event.id for event in events}

    for position in range(1, len(events) + 1):
        chain, guarantee = causes(timeline, position)
        assert chain[0].position == position
        assert len({event.position for event in chain}) == len(chain)
        for effect, cause in pairwise(chain):
            assert effect.causation_id == cause.id
        ordered = all(effect.position > cause.position for effect, cause in pairwise(chain))
        if guarantee in (RECORDED, MISORDERED):
            assert chain[-1].causation_id is None
            assert ordered == (guarantee == RECORDED)
        else:
            assert guarantee == INCOMPLETE
            assert chain[-1].causation_id not in ids - {event.id for event in chain}
    timeline.close()


@given(tangled_logs())
def test_a_read_is_stale_where_somebody_else_wrote_since(events: list[NewEvent]) -> None:
    timeline = Timeline.open(recorded(events))

    for event in timeline.log.read():
        for read in reads_of(timeline, event):
            assert (read.verdict, read.newer and read.newer.position) == _judged(
                events, event.position, read.pointer, read.version
            ), read
            if read.position is not None and read.verdict != "unknown":
                assert read.value == timeline.peek(read.pointer[1:].split("/"), read.position)
    timeline.close()


def _judged(events: list[NewEvent], at: int, pointer: str, version: Any) -> tuple[str, int | None]:
    """The verdict by the plainest reading: look at every write between."""
    reader, tokens = events[at - 1], pointer.split("/")[1:]
    if isinstance(version, str):
        named = [n for n, event in enumerate(events, start=1) if event.id == version]
        earlier = [n for n in named if n < at]
        version = earlier[-1] if earlier else (named[0] if named else None)
    if version is None or not 0 <= version <= len(events) or not tokens:
        return "unknown", None
    if version >= at:
        return "future", None
    unit = (reader.source, reader.causation_id or reader.id)
    missed = [
        n
        for n in range(version + 1, at)
        if (e := events[n - 1]).stream == tokens[0]
        and (e.source, e.causation_id or e.id) != unit
        and (tokens[1] in e.data if len(tokens) > 1 else e.data or not _begun(events, n, e.stream))
    ]
    if len(tokens) > 2 and missed and _part(events, missed[-1]) == _part(events, version):
        return "current", None
    return ("stale", missed[-1]) if missed else ("current", None)


def _begun(events: list[NewEvent], before: int, stream: str) -> bool:
    return any(event.stream == stream for event in events[: before - 1])


def _part(events: list[NewEvent], at: int) -> Any:
    value = next(
        (e.data["x"] for e in reversed(events[:at]) if e.stream == "s" and "x" in e.data), 0
    )
    return value.get("p") if isinstance(value, dict) else MISSING


@given(tangled_logs())
def test_a_tree_holds_every_event_once_and_follows_every_read(events: list[NewEvent]) -> None:
    timeline = Timeline.open(recorded(events))

    for position in range(1, len(events) + 1):
        grown = tree(timeline, position)
        assert grown.trunk.steps[0].event.position == position
        chain = [e.position for e in causes(timeline, position)[0]]
        told = [p for p in _positions(grown.trunk) if p in chain]
        assert len(told) == len(set(told))
        followed = set(_positions(grown.trunk))
        for branch in _branches(grown.trunk):
            if branch.trunk is not None:
                assert branch.trunk.steps[0].event.position == branch.read.written
            elif branch.cut == "seen":
                assert branch.read.written in followed
            else:
                assert branch.read.written is None
        assert grown.cut == 0
        assert grown.nodes == len([*_steps(grown.trunk)])
        for line in drawing(grown):
            assert "\n" not in line
    timeline.close()


def _steps(trunk: Trunk) -> list[int]:
    return [
        *(step.event.position for step in trunk.steps),
        *(
            p
            for branch in _branches(trunk, deep=False)
            if branch.trunk
            for p in _steps(branch.trunk)
        ),
    ]


def _positions(trunk: Trunk) -> list[int]:
    """Every event of the tree, the engine's decisions, which belong to the step before, too."""
    here = [p for s in trunk.steps for p in {s.event.position, *(o.position for o in s.by)}]
    inner = [b.trunk for b in _branches(trunk, deep=False) if b.trunk]
    return [*here, *(position for one in inner for position in _positions(one))]


def _branches(trunk: Trunk, *, deep: bool = True) -> list[Branch]:
    here = [branch for branches in trunk.branches for branch in branches]
    inner = [b.trunk for b in here if b.trunk] if deep else []
    return [*here, *(branch for one in inner for branch in _branches(one))]


def readers(count: int) -> Timeline:
    """Each event has read what the one before wrote, and names no cause."""
    return Timeline.open(
        recorded(
            [
                NewEvent(
                    stream="s",
                    type="t",
                    source=f"{n}",
                    data={f"f{n}": n},
                    metadata={"reads": {f"/s/f{n - 1}": n}} if n else {},
                )
                for n in range(count)
            ]
        )
    )


@pytest.mark.parametrize(("depth", "nodes"), [(5, 1_000), (1_000, 6)])
def test_a_tree_stops_at_its_bounds_and_counts_what_it_did_not_follow(
    depth: int, nodes: int
) -> None:
    grown = tree(readers(50), 50, depth=depth, nodes=nodes)

    assert (grown.nodes, grown.cut) == (6, 1)


@pytest.mark.parametrize("name", DEMOS)
def test_every_chain_of_a_choreography_ends_outside_of_it(name: str) -> None:
    log = MemoryLog()
    DEMOS[name].record(log)
    timeline = Timeline.open(log)

    for position in range(1, min(timeline.head, 400) + 1):
        chain, guarantee = causes(timeline, position)
        assert guarantee == RECORDED
        assert chain[-1].causation_id is None
        assert not chain[-1].stream.startswith("$")


def test_a_timer_leads_on_to_the_decision_that_set_it() -> None:
    log = MemoryLog()
    DEMOS["travel"].record(log)
    timeline = Timeline.open(log)

    answer = why(timeline, "/trip-2/hotel", timeline.head)

    types = [step.event.type for step in answer.steps]
    assert types[:3] == ["hotel_cancelled", "timer.fired", "action.failed"]
    assert types[-1] == "trip_wanted"
    assert answer.steps[1].by[0].reason == "nobody answers the telephone"
    assert answer.guarantee == RECORDED


def test_the_planted_stale_read_of_the_credit_demo_is_told_with_both_events() -> None:
    log = MemoryLog()
    DEMOS["credit"].record(log)
    timeline = Timeline.open(log)

    answer = why(timeline, "/applicant-04/approved", timeline.head)

    stale = [(s.event.type, r) for s in answer.steps for r in s.reads if r.verdict == "stale"]
    assert [(type, r.pointer, r.value, r.written) for type, r in stale] == [
        ("risk_rated", "/applicant-04/score", 565, 59)
    ]
    newer = stale[0][1].newer
    assert newer is not None
    assert (newer.position, newer.value, newer.type) == (117, 689, "score_corrected")
    assert [o.rule for o in answer.steps[0].by] == ["risk_rated→decide"]


def test_what_one_reaction_wrote_itself_does_not_make_its_reads_stale() -> None:
    reads = {"/s/x": 1}
    timeline = Timeline.open(
        recorded(
            [
                NewEvent(stream="s", type="t", source="a", data={"x": 1}, id="first"),
                *(
                    NewEvent(
                        stream="s",
                        type="t",
                        source="b",
                        data={"x": n},
                        causation_id="first",
                        metadata={"reads": reads},
                    )
                    for n in (2, 3)
                ),
            ]
        )
    )

    assert [r.verdict for r in reads_of(timeline, timeline.log.get(3))] == ["current"]


def test_with_a_choreography_the_reducer_that_made_the_value_is_named() -> None:
    shop = Choreography("shop")

    @shop.reducer("paid")
    def paid(order: dict[str, Any], event: Any) -> dict[str, Any]:
        return {**order, "status": "paid", "by": event.data["card"]}

    timeline = Timeline.open(
        recorded(
            [
                NewEvent(stream="o", type="placed", data={"status": "new", "item": "lamp"}),
                NewEvent(stream="o", type="paid", data={"card": "visa"}),
                NewEvent(stream="o", type="paid", data={"card": "amex"}),
            ]
        ),
        choreography=shop,
    )

    status = why(timeline, "/o/status", 3)
    assert (status.value, status.position) == ("paid", 2)
    assert status.reducer.startswith("test_with_a_choreography")
    assert why(timeline, "/o/by", 3).value == "amex"
    assert why(timeline, "/o/item", 3).reducer == "default"
    with pytest.raises(UnknownPointerError):
        why(timeline, "/o/nothing", 3)


def test_a_drawing_takes_no_name_for_syntax_and_marks_what_was_not_seen() -> None:
    evil = 'x"]; click e1 href "javascript:1"'
    timeline = Timeline.open(
        recorded(
            [
                NewEvent(stream=evil, type=evil, source="a", data={"f": 1}),
                NewEvent(stream=evil, type=evil, source="b", data={"f": evil}),
                NewEvent(
                    stream="s", type="t", source="c", metadata={"reads": {f"/{evil}/f": 1}}, data={}
                ),
            ]
        )
    )

    lines = list(drawing(tree(timeline, 3)))

    assert lines[0] == "flowchart TD"
    assert not any(evil in line or json.dumps(evil) in line for line in lines)
    assert any(line.startswith("    e2 -.-x|not seen| e3") for line in lines)
    assert lines[-1].endswith("stroke:red")


def test_the_names_of_the_engine_are_those_of_the_engine() -> None:
    assert (origin.ENGINE, origin.CLOCK) == (decisions.ENGINE, decisions.CLOCK)
    assert (origin.ACTIONS, origin.SEQUENCES) == (decisions.ACTIONS, decisions.SEQUENCES)
    assert origin.TIMERS == decisions.TIMERS
