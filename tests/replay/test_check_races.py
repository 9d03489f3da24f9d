"""Races: by recorded reads for certain, else as possible, and never more than is known."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from laban.replay.check import Flaw, check
from laban.replay.check.races.history import History
from laban.replay.check.races.reads import outdated
from laban.replay.check.races.scan import Scanner
from laban.replay.check.races.source import rows
from laban.replay.choreography import Choreography
from laban.store.event import Event, NewEvent
from laban.store.memory import MemoryLog

from .acted import Stage


def wrote(
    source: str, value: int, *, id: str, cause: str | None = None, **metadata: Any
) -> NewEvent:
    """An event by which *source* writes /stock/tea."""
    return NewEvent(
        stream="stock", type="counted", source=source, id=id, data={"tea": value},
        causation_id=cause, metadata=metadata,
    )  # fmt: skip


def looked_at(log: MemoryLog) -> History:
    """What the rows of a log show to be worth a closer look."""
    scanner = Scanner(log)
    for batch in rows(log, log.head()):
        scanner.take_in(batch)
    return History(log, log.head(), {}, scanner.found)


def found(*events: NewEvent) -> list[Flaw]:
    log = MemoryLog()
    log.append(*events)
    return check(log)


def test_two_writers_on_one_version_are_a_lost_update_at_the_second() -> None:
    (flaw,) = found(
        wrote("keeper", 9, id="a"),
        wrote("ann", 8, id="b", reads={"/stock/tea": 1}),
        wrote("bob", 8, id="c", reads={"/stock/tea": 1}),
    )

    assert (flaw.kind, flaw.position, flaw.certainty) == ("lost update", 3, "certain")
    assert "ann had written it at @2" in flaw.detail


def test_a_read_of_an_older_version_is_stale_whether_named_by_position_or_by_id() -> None:
    for version in (1, "a"):
        (flaw,) = found(
            wrote("keeper", 9, id="a"),
            wrote("ann", 8, id="b"),
            NewEvent(stream="x", type="y", data={}, metadata={"reads": {"/stock/tea": version}}),
        )

        assert (flaw.kind, flaw.position) == ("stale read", 3)


def test_a_read_of_the_newest_version_is_no_race_whatever_else_was_recorded_since() -> None:
    other = NewEvent(stream="noise", type="rang", source="bell", data={"tea": 1})
    for version in (1, 2, "a"):
        assert (
            found(
                wrote("keeper", 9, id="a"),
                other,
                wrote("ann", 8, id="b", reads={"/stock/tea": version}),
            )
            == []
        )


def test_reading_what_was_not_there_yet_is_fresh_until_somebody_writes_it() -> None:
    assert found(wrote("ann", 1, id="a", reads={"/stock/tea": 0})) == []
    (flaw,) = found(wrote("keeper", 9, id="a"), wrote("ann", 1, id="b", reads={"/stock/tea": 0}))
    assert flaw.kind == "lost update"


def test_a_read_inside_a_value_and_one_of_a_whole_stream_see_its_writes() -> None:
    for pointer in ("/stock/tea/green", "/stock"):
        flaws = found(
            wrote("keeper", 9, id="a"),
            wrote("ann", 8, id="b"),
            NewEvent(stream="x", type="y", data={}, metadata={"reads": {pointer: 1}}),
        )
        assert [flaw.kind for flaw in flaws] == ["stale read"]


def test_a_read_from_the_future_is_certain_and_one_of_an_unknown_event_is_possible() -> None:
    (later,) = found(wrote("ann", 1, id="a", reads={"/stock/tea": 7}))
    (unknown,) = found(wrote("ann", 1, id="a", reads={"/stock/tea": "lost"}))

    assert (later.kind, later.certainty) == ("future read", "certain")
    assert (unknown.kind, unknown.certainty) == ("future read", "possible")


def test_without_reads_a_write_that_may_not_have_seen_another_is_possible_and_no_more() -> None:
    asked = NewEvent(stream="desk", type="asked", id="q", source="desk", data={})
    flaws = found(asked, wrote("ann", 8, id="a", cause="q"), wrote("bob", 7, id="b", cause="q"))

    assert [(f.kind, f.position, f.certainty) for f in flaws] == [("possible race", 3, "possible")]


def test_fields_that_one_event_may_have_overwritten_unseen_are_one_possible_race() -> None:
    def restored(source: str, id: str, value: int) -> NewEvent:
        data = {"tea": value, "cake": value, "milk": 0}
        return NewEvent(
            stream="stock", type="set", source=source, id=id, data=data, causation_id="q"
        )

    asked = NewEvent(stream="desk", type="asked", id="q", source="desk", data={})
    (flaw,) = found(asked, restored("ann", "a", 1), restored("bob", "b", 2))

    assert "bob wrote /stock/tea in reaction to @1" in flaw.detail
    assert flaw.detail.endswith(" (as 1 more of its fields)")


def test_what_was_caused_by_the_other_write_or_by_something_after_it_is_no_race() -> None:
    asked = NewEvent(stream="desk", type="asked", id="q", source="desk", data={})
    later = NewEvent(stream="desk", type="asked", id="r", source="desk", data={})

    assert (
        found(asked, wrote("ann", 8, id="a", cause="q"), wrote("bob", 7, id="b", cause="a")) == []
    )
    assert (
        found(asked, wrote("ann", 8, id="a", cause="q"), later, wrote("bob", 7, id="b", cause="r"))
        == []
    )


def test_of_writes_without_a_cause_nothing_is_known_and_nothing_said() -> None:
    assert found(wrote("ann", 8, id="a"), wrote("bob", 7, id="b")) == []


def test_an_agents_own_events_are_no_race_and_a_race_is_told_once_for_all_it_says() -> None:
    shop = Choreography("shop")
    shop.capability("stock")
    shop.pattern(event_type="ordered", action="reserve", target_capability="stock")
    stage = Stage(shop)
    stage.say("ordered")
    reads = {"/order-1/left": stage.log.head()}
    stage.answer("reserve", publish={"taken": {"left": 8}, "noted": {"left": 8}}, reads=reads)

    assert check(stage.log) == []

    stage.say("ordered", data={"left": 5})
    reads = {"/order-1/left": stage.log.head()}
    stage.say("corrected", data={"left": 4})
    stage.answer("reserve", publish={"taken": {"left": 3}, "noted": {"left": 3}}, reads=reads)

    assert [flaw.kind for flaw in check(stage.log)] == ["lost update"]


def test_writes_are_those_of_the_reducers_where_some_are_declared() -> None:
    shop = Choreography("shop")

    @shop.reducer("sold")
    def sold(stock: dict[str, Any], event: Event) -> dict[str, Any]:
        return {**stock, "tea": stock.get("tea", 0) - event.data["n"]}

    log = MemoryLog()
    log.append(
        wrote("keeper", 9, id="a"),
        NewEvent(stream="stock", type="sold", source="ann", data={"n": 1}),
        NewEvent(stream="x", type="y", data={}, metadata={"reads": {"/stock/tea": 1}}),
        NewEvent(stream="x", type="y", data={}, metadata={"reads": {"/stock/n": 0}}),
    )

    races = [f for f in check(log, shop) if f.kind == "stale read"]

    assert [flaw.position for flaw in races] == [3]


steps = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob"]), st.sampled_from("xy"),
        st.none() | st.tuples(st.sampled_from("xy"), st.integers(0, 9)),
    ),
    max_size=9,
)  # fmt: skip


@given(steps)
def test_stale_reads_and_lost_updates_are_those_of_a_plain_search(
    steps: list[tuple[str, str, tuple[str, int] | None]],
) -> None:
    events, expected = [], []
    for position, (source, field, read) in enumerate(steps, 1):
        reads = {}
        if read is not None and read[1] < position:
            reads = {f"/s/{read[0]}": read[1]}
            newer = [p for p, (_, f, _) in enumerate(steps[: position - 1], 1) if f == read[0]]
            if newer and newer[-1] > read[1]:
                expected.append((position, "lost update" if field == read[0] else "stale read"))
        events.append(
            NewEvent(
                stream="s", type="t", source=source, id=str(position), data={field: position},
                metadata={"reads": reads} if reads else {},
            )
        )  # fmt: skip

    log = MemoryLog()
    log.append(*events)
    assert [(race.position, race.kind) for race in outdated(looked_at(log))] == expected
