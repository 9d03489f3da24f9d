"""Cycles of transactions: found if, and only if, no order of them explains what was read."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import Struct

from laban.replay.check import Flaw, check
from laban.replay.check.races import races
from laban.replay.check.races.cycles import components
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog
from tests.effort import tries

CYCLES = {"write skew", "read skew", "dirty read", "circular read", "interleaved writes"}


def said(source: str, cause: str, reads: dict[str, Any] | None = None, **data: Any) -> NewEvent:
    """An event by which *source*, in reaction to *cause*, writes fields of the ward's rota."""
    metadata = {} if reads is None else {"reads": reads}
    return NewEvent(
        stream="rota", type="changed", source=source, causation_id=cause, data=data,
        metadata=metadata,
    )  # fmt: skip


def found(*events: NewEvent) -> list[Flaw]:
    log = MemoryLog()
    log.append(*events)
    return races(log)


def test_two_doctors_who_each_saw_the_other_on_call_and_left_are_a_write_skew() -> None:
    both = {"/rota/ann": 1, "/rota/bob": 1}
    (flaw,) = found(
        said("desk", "c0", ann="on call", bob="on call"),
        said("ann", "c1", both, ann="off"),
        said("bob", "c2", both, bob="off"),
    )

    assert (flaw.kind, flaw.position, flaw.certainty) == ("write skew", 3, "certain")
    assert [(e.kind, e.pointer, e.first, e.then, e.version) for e in flaw.edges] == [
        ("rw", "/rota/ann", 3, 2, 1),
        ("rw", "/rota/bob", 2, 3, 1),
    ]
    assert "(G2)" in flaw.detail
    assert "bob at @3 had read /rota/ann as of @1, before ann wrote it at @2" in flaw.detail


def test_a_stale_read_that_another_order_explains_is_a_stale_read_and_no_skew() -> None:
    kinds = [
        flaw.kind
        for flaw in found(
            said("desk", "c0", ann="on call"),
            said("ann", "c1", {}, ann="off"),
            said("bob", "c2", {"/rota/ann": 1}, bob="off"),
        )
    ]

    assert kinds == ["stale read"]


def test_a_write_skew_of_three_is_one_cycle() -> None:
    (flaw,) = found(
        said("ann", "a", {"/rota/b": 0}, a=1),
        said("bob", "b", {"/rota/c": 0}, b=1),
        said("cy", "c", {"/rota/a": 0}, c=1),
    )

    assert flaw.kind == "write skew"
    assert len(flaw.edges) == 3


def test_to_see_one_half_of_what_another_did_and_to_miss_the_other_is_a_read_skew() -> None:
    (flaw,) = found(
        said("ann", "a", {}, x=1),
        said("bob", "b", {"/rota/x": 1, "/rota/y": 0}, seen=True),
        said("ann", "a", {}, y=1),
    )

    assert flaw.kind == "read skew"
    assert "(G-single)" in flaw.detail


def test_to_see_what_was_overwritten_in_the_same_transaction_is_a_dirty_read() -> None:
    (flaw,) = found(
        said("ann", "a", {}, x=1),
        said("bob", "b", {"/rota/x": 1}, seen=True),
        said("ann", "a", {}, x=2),
    )

    assert flaw.kind == "dirty read"
    assert "(G1b)" in flaw.detail


def test_what_an_agent_says_after_it_has_read_the_answer_is_another_transaction() -> None:
    assert (
        found(
            said("ann", "a", {}, question=1),
            said("bob", "b", {"/rota/question": 1}, answer=1),
            said("ann", "a", {"/rota/answer": 2}, question=2),
        )
        == []
    )


def test_writes_in_turns_without_any_reads_are_no_cycle() -> None:
    assert found(said("ann", "a", x=1), said("bob", "b", x=2), said("ann", "a", x=3)) == []


def test_what_two_transactions_wrote_in_opposite_orders_is_interleaved() -> None:
    (flaw,) = found(
        said("ann", "a", {}, x=1), said("bob", "b", {}, x=2, y=2), said("ann", "a", {}, y=1)
    )

    assert flaw.kind == "interleaved writes"


def test_what_an_action_wrote_that_failed_in_the_end_is_a_dirty_read() -> None:
    log = MemoryLog()
    log.append(
        said("ann", "asked", {}, x=1),
        said("bob", "b", {"/rota/x": 1}, seen=True),
        NewEvent(
            stream="$actions", type="action.failed", source="ann", causation_id="asked", data={}
        ),
    )

    (flaw,) = [flaw for flaw in check(log) if flaw.kind == "dirty read"]

    assert flaw.position == 2
    assert "in an action that failed at @3" in flaw.detail


class Told(Struct, frozen=True):
    """One event of a generated history."""

    who: int  # the transaction
    writes: frozenset[str]
    reads: dict[str, int]  # by field, "" for all of them: as of which position


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    turns = draw(st.lists(st.integers(0, 4), max_size=9))
    events = []
    for position, who in enumerate(turns, 1):
        first = turns.index(who) + 1
        version = st.integers(0, first - 1) | st.integers(position, 10)
        events.append(
            Told(
                who,
                draw(st.frozensets(st.sampled_from("xyz"), max_size=2)),
                draw(st.dictionaries(st.sampled_from(["x", "y", "z", ""]), version, max_size=2)),
            )
        )
    return events


SKEW = [
    Told(0, frozenset("x"), {"y": 0}),
    Told(1, frozenset("y"), {"x": 0}),
]


@example(SKEW)
@settings(max_examples=tries(150))
@given(histories())
def test_a_history_has_cycles_or_lost_updates_just_when_no_order_explains_it(
    history: list[Told],
) -> None:
    events = [
        said(
            f"agent-{told.who}", f"cause-{told.who}",
            {f"/rota/{field}".rstrip("/"): seen for field, seen in told.reads.items()},
            **dict.fromkeys(told.writes, position),
        )
        for position, told in enumerate(history, 1)
    ]  # fmt: skip

    kinds = {flaw.kind for flaw in found(*events)}

    assert bool(kinds & (CYCLES | {"lost update"})) == (not explained(history))


def explained(history: list[Told]) -> bool:
    """Tell whether some order of whole transactions has the same versions, and the same reads."""
    versions: dict[str, list[tuple[int, int]]] = {}  # by field: position, transaction
    for position, told in enumerate(history, 1):
        for field in told.writes:
            versions.setdefault(field, []).append((position, told.who))
    people = sorted({told.who for told in history})
    return any(fits(order, history, versions) for order in permutations(people))


def fits(
    order: tuple[int, ...], history: list[Told], versions: dict[str, list[tuple[int, int]]]
) -> bool:
    now: dict[str, list[tuple[int, int]]] = {field: [] for field in versions}
    for who in order:
        own = [(p, told) for p, told in enumerate(history, 1) if told.who == who]
        for _, told in own:
            for name, seen in told.reads.items():
                for field in versions if name == "" else {name} & versions.keys():
                    known = [version for version in versions[field] if version[0] <= seen]
                    if known and known[-1][1] == who:
                        continue  # its own
                    if known[-1:] != now[field][-1:]:
                        return False
        for position, told in own:
            for field in told.writes:
                now[field].append((position, who))
    return now == versions


edges = st.dictionaries(st.integers(0, 7), st.sets(st.integers(0, 7)), max_size=8)


@given(edges)
def test_components_are_the_nodes_that_reach_one_another(edges: dict[int, set[int]]) -> None:
    reach = {node: {node} for node in range(8)}
    for _ in range(8):
        for node in reach:
            for known in list(reach[node]):
                reach[node] |= edges.get(known, set())
    expected = {frozenset(other for other in reach[node] if node in reach[other]) for node in reach}

    answer = {frozenset(c) for c in components(range(8), lambda node: edges.get(node, ()))}

    assert answer == {component for component in expected if len(component) > 1}


@pytest.mark.parametrize("length", [50_000])
def test_a_cycle_may_be_longer_than_pythons_stack_is_deep(length: int) -> None:
    (component,) = components([0], lambda node: [(node + 1) % length])

    assert len(component) == length
