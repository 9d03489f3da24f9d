"""Breakpoints: their text, and runs to the nearest, against stepping event by event."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from laban.replay.breakpoints import (
    BadBreakpointError,
    Breakpoint,
    Stop,
    Writes,
    parse_breakpoint,
    run,
)
from laban.replay.builder import CancelledError
from laban.replay.expression import ExpressionError, compile_expression
from laban.replay.pointer import MISSING, BadPointerError, look_up, parse_pointer
from laban.replay.timeline import Timeline, same
from laban.store.errors import LabanError
from laban.store.event import NewEvent, envelope
from tests.effort import tries

from .logs import fold, recorded

CONDITIONS = ["data['x'] == 1", "position % 2 == 0", "state['a'].get('y', 0) > 0"]
STATE = ["state['a']['x'] == 1", "len(state) == 2"]
PATHS = ["/a/x", "/a/y", "/b c/x", "/a", "/b c", "/", "/a/x/p", "/a/x/p/q", "/nowhere/x"]


@st.composite
def event_logs(draw: st.DrawFn) -> list[NewEvent]:
    values = st.integers(0, 2) | st.sampled_from([{"p": 1}, {"p": {"q": 1}}, {"p": {"q": 2}}])
    return draw(
        st.lists(
            st.builds(
                NewEvent,
                stream=st.sampled_from(["a", "b c"]),
                type=st.sampled_from(["set", "in", 'say "hi"']),
                source=st.sampled_from(["one", "two-2"]),
                correlation_id=st.sampled_from([None, "k", "l m"]),
                data=st.dictionaries(st.sampled_from("xy"), values, max_size=2),
            ),
            max_size=12,
        )
    )


conditions = st.none() | st.sampled_from(CONDITIONS)
breakpoints = st.builds(
    lambda named, condition, ignore, once, enabled: Breakpoint(
        named[0], named[1], None if named[0] == "when" else condition, ignore, once, enabled
    ),
    st.one_of(
        st.tuples(st.just("when"), st.sampled_from(CONDITIONS + STATE)),
        st.tuples(st.just("type"), st.sampled_from(["set", "in", 'say "hi"', "none"])),
        st.tuples(st.just("source"), st.sampled_from(["one", "two-2"])),
        st.tuples(st.just("stream"), st.sampled_from(["a", "b c", "z"])),
        st.tuples(st.just("correlation"), st.sampled_from(["k", "l m"])),
        st.tuples(st.just("at"), st.integers(0, 3).map("@{}".format)),
        st.tuples(st.just("write"), st.sampled_from(PATHS)),
    ),
    conditions,
    st.integers(0, 2),
    st.booleans(),
    st.sampled_from([True, True, False]),
)


def stepped(
    events: list[NewEvent], breakpoints: list[Breakpoint], start: int, backward: bool
) -> Stop:
    """The same run by looking at every event on the way."""
    log, now = recorded(events), list[Breakpoint | None](breakpoints)
    way = range(start - 1, -1, -1) if backward else range(start + 1, len(events) + 1)
    for position in way:
        by = []
        for index, each in enumerate(breakpoints):
            current = now[index]
            assert current is not None
            if not each.enabled or not meets(events, log, each, position):
                continue
            now[index] = replace(current, hits=current.hits + 1, ignore=max(current.ignore - 1, 0))
            if current.ignore == 0:
                by.append(index)
        if by:
            gone = [None if i in by and breakpoints[i].once else each for i, each in enumerate(now)]
            return Stop(position, by, gone)
    return Stop(None, [], now)


def meets(events: list[NewEvent], log: Any, each: Breakpoint, position: int) -> bool:
    if each.kind == "at":
        here = each.target == f"@{position}"
    elif position == 0:
        return False
    elif each.kind == "write":
        here = writes(events, parse_pointer(each.target), position)
    elif each.kind == "when":
        return holds(events, log, each.target, position) and not (
            compile_expression(each.target).names <= {"state"}
            and holds(events, log, each.target, position - 1)
        )
    else:
        key = "correlation_id" if each.kind == "correlation" else each.kind
        here = getattr(events[position - 1], key) == each.target
    if each.condition is None:
        return here
    return here and position > 0 and holds(events, log, each.condition, position)


def holds(events: list[NewEvent], log: Any, text: str, position: int) -> bool:
    scope: dict[str, Any] = {"state": fold(events[:position])}
    if position:
        scope |= envelope(log.get(position))
    return compile_expression(text).holds(scope) is True


def writes(events: list[NewEvent], tokens: tuple[str, ...], position: int) -> bool:
    event = events[position - 1]
    if not tokens:
        return bool(event.data)
    if event.stream != tokens[0]:
        return False
    if len(tokens) == 1:
        begins = all(e.stream != event.stream for e in events[: position - 1])
        return begins or bool(event.data)
    if tokens[1] not in event.data:
        return False
    before = look_up(fold(events[: position - 1]), tokens)
    return len(tokens) == 2 or not same(before, look_up(fold(events[:position]), tokens))


@given(
    events=event_logs(),
    wanted=st.lists(breakpoints, max_size=4),
    start=st.integers(0, 12),
    backward=st.booleans(),
)
@settings(max_examples=tries(150))
def test_a_run_stops_where_stepping_would(
    events: list[NewEvent], wanted: list[Breakpoint], start: int, backward: bool
) -> None:
    start = min(start, len(events))
    wanted = [each for each in wanted if each.kind != "at" or int(each.target[1:]) <= len(events)]
    timeline = Timeline.open(recorded(events))

    found = run(timeline, wanted, start, backward=backward)

    assert found == stepped(events, wanted, start, backward)
    timeline.close()


names = st.text(min_size=1).filter(lambda text: "\x00" not in text)


@given(
    kind=st.sampled_from(["type", "source", "stream", "correlation", "at"]),
    target=names | st.sampled_from(["in(source)", "-source", "if", "once", "not-here", '"', "a b"]),
    condition=conditions,
    ignore=st.integers(0, 1000),
    flags=st.tuples(st.booleans(), st.booleans()),
)
@settings(max_examples=tries(150))
def test_what_is_written_is_parsed_back_the_same(
    kind: Any, target: str, condition: str | None, ignore: int, flags: tuple[bool, bool]
) -> None:
    given = Breakpoint(kind, target, condition, ignore, *flags)

    parsed = parse_breakpoint(given.text)

    assert parsed == given
    assert "\n" not in given.text


@given(tokens=st.lists(st.text(), min_size=1, max_size=3), condition=conditions)
def test_a_path_is_written_and_parsed_back_the_same(
    tokens: list[str], condition: str | None
) -> None:
    pointer = "".join("/" + t.replace("~", "~0").replace("/", "~1") for t in tokens)
    given = Breakpoint("write", pointer, condition)

    assert parse_breakpoint(given.text) == given


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("type order_failed if data['x'] > 3 ignore 2 once", "type order_failed if data['x'] > 3"),
        ("write /order-17/status", "write /order-17/status"),
        ("  data['n']  >  3   off ", "data['n']  >  3"),
        ("type == 'once'", "type == 'once'"),
        ("type in ('a', 'b') ignore 3", "type in ('a', 'b')"),
        ("write /", "write /"),
        ("at order-17@52 once", "at order-17@52"),
        ("stream 'x' if True", "stream \"'x'\" if True"),
    ],
)
def test_the_one_line_form(text: str, place: str) -> None:
    assert parse_breakpoint(text).place == place


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("type", BadBreakpointError, "What type"),
        ("", ExpressionError, "."),
        ("type a b", BadBreakpointError, "'b' follows type a"),
        ('type "a', BadBreakpointError, "no closing quote"),
        ("write order", BadPointerError, "begin with a slash"),
        ("type a if nonsense(", ExpressionError, "nonsense"),
        ("frobnicate", ExpressionError, "frobnicate"),
    ],
)
def test_what_is_no_breakpoint_is_refused(text: str, error: type[LabanError], said: str) -> None:
    with pytest.raises(error, match=said):
        parse_breakpoint(text)


def test_an_expression_looks_no_farther_than_to_where_another_stops() -> None:
    timeline = Timeline.open(
        recorded([NewEvent(stream="s", type=f"t{n}", data={"n": n}) for n in range(5_000)])
    )
    looked: list[int] = []

    stop = run(
        timeline,
        [parse_breakpoint("data['n'] == 4_999"), parse_breakpoint("type t100")],
        0,
        progress=lambda done, _: looked.append(done),
    )

    assert (stop.position, stop.by) == (101, [1])
    assert max(looked) <= 101


def test_a_run_can_be_cancelled() -> None:
    timeline = Timeline.open(
        recorded([NewEvent(stream="s", type="t", data={"n": n}) for n in range(2_000)])
    )

    for text in ("data['n'] < 0", "type t if data['n'] < 0"):
        with pytest.raises(CancelledError):
            run(timeline, [parse_breakpoint(text)], 0, cancelled=lambda: True)


def test_writes_of_a_part_are_found_in_both_directions() -> None:
    values: list[Any] = [{"p": 1}, {"p": 1, "q": 2}, {"q": 2}, {"p": 1}]
    timeline = Timeline.open(
        recorded([NewEvent(stream="s", type="t", data={"f": value}) for value in values])
    )
    part = Writes(timeline, ("s", "f", "p"))

    assert [part.find(start, 4) for start in range(4)] == [1, 3, 3, 4]
    assert [part.find(start, 1) for start in (4, 3, 2)] == [3, 1, 1]
    assert timeline.peek(("s", "f", "p"), 3) is MISSING


def test_types_are_found_whatever_batches_the_index_was_built_in() -> None:
    log = recorded([])
    timeline = Timeline.open(log)
    for n in range(40):
        log.append(NewEvent(stream="s", type=f"t{n * n % 7}", data={}))
        if n % 3 == 0:
            timeline.refresh()
    timeline.refresh()
    types = [event.type for event in log.read()]

    for type in {*types, "none"}:
        places = [n for n, each in enumerate(types, start=1) if each == type]
        for start in range(42):
            after = timeline.index.next_marked("type", type, start)
            before = timeline.index.previous_marked("type", type, start)
            assert after == next((n for n in places if n > start), None)
            assert before == next((n for n in reversed(places) if n < start), None)
