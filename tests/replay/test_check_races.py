"""Races: by recorded reads for certain, else as possible, and never more than is known."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from laban.fixtures import credit
from laban.replay.check import Flaw, check
from laban.replay.check.races import races, scan, source
from laban.replay.check.races.history import History
from laban.replay.check.races.reads import early, outdated
from laban.replay.check.races.scan import Scanner
from laban.replay.check.races.source import LONG, batches
from laban.replay.choreography import Choreography
from laban.store.event import Event, NewEvent
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog
from tests.effort import tries

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
    for batch in batches(log, log.head()):
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


class Told(Struct, frozen=True):
    """One event of a generated log; its reaction is a source and the number of a cause."""

    source: str
    cause: int
    writes: frozenset[str]
    reads: dict[str, int]  # by field, "" for all of them: as of which position

    @property
    def reaction(self) -> tuple[str, int]:
        return self.source, self.cause


told = st.builds(
    Told,
    source=st.sampled_from(["ann", "bob"]),
    cause=st.integers(1, 2),
    writes=st.frozensets(st.sampled_from("xy"), max_size=2),
    reads=st.dictionaries(st.sampled_from(["x", "y", ""]), st.integers(0, 9), max_size=2),
)


@settings(max_examples=tries(150))
@given(st.lists(told, max_size=9), st.booleans())
def test_stale_early_and_lost_are_those_of_a_plain_search(steps: list[Told], by_id: bool) -> None:
    log = MemoryLog()
    for position, step in enumerate(steps, 1):
        reads = {f"/s/{field}".rstrip("/"): seen for field, seen in step.reads.items()}
        named = {p: str(v) if by_id and 0 < v <= len(steps) else v for p, v in reads.items()}
        log.append(
            NewEvent(
                stream="s", type="t", source=step.source, id=str(position),
                data=dict.fromkeys(sorted(step.writes), position),
                causation_id=f"cause-{step.cause}", metadata={"reads": named},
            )
        )  # fmt: skip

    history = looked_at(log)
    answer = [*outdated(history), *early(history)]

    assert {(r.position, r.kind, r.pointer) for r in answer} == plainly(steps)


def plainly(steps: list[Told]) -> set[tuple[int, str, str]]:
    """Return the position, kind and path of each, by looking at every event for each read."""
    first: dict[tuple[tuple[str, int], str, str], int] = {}
    for position, step in enumerate(steps, 1):
        for name, seen in step.reads.items():
            pointer = f"/s/{name}".rstrip("/")
            for field in "xy" if name == "" else name:
                writes = [p for p, s in enumerate(steps[:position], 1) if field in s.writes]
                others = [p for p in writes if steps[p - 1].reaction != step.reaction]
                newest = others[-1] if others else 0
                where, kind = position, "stale read"
                if seen >= position:
                    kind = "future read"
                elif newest <= seen:
                    continue
                elif writes[-1] > newest:
                    where, kind = writes[-1], "lost update"
                key = (step.reaction, pointer, kind)
                first[key] = min(where, first.get(key, where))
    return {
        (position, kind, pointer)
        for (reaction, pointer, kind), position in first.items()
        if kind != "stale read" or (reaction, pointer, "lost update") not in first
    }


def test_a_log_in_a_file_has_the_same_races_as_one_in_memory(tmp_path: Path) -> None:
    memory = MemoryLog()
    credit.record(memory)
    file = SqliteLog.create(tmp_path / "credit.laban")
    file.append(*(without_position(event) for event in memory.read()))

    assert len(races(memory)) == 16
    assert races(file) == races(memory)
    file.close()


ODD: tuple[dict[str, Any], ...] = (
    {"reads": {"/s/x": 1, '/s/ä\0\n"': "id \U0001f375"}},
    {"reads": {"/s/x": None, "/s/y": 1.5, "/s/z": True}},
    {"reads": None},
    {"reads": [1]},
    {"note": '"reads"'},
    {"reads": {"/s/x": 1}, "note": "x" * LONG},
    {"reads": {"/s/x": None}, "note": "\0" * LONG},
    {"reads": {"/s/x": 2**70}},
    {},
)


@given(st.lists(st.sampled_from(ODD), min_size=1, max_size=4), st.integers(1, 3))
def test_a_scan_is_given_the_same_by_a_file_as_by_a_log_in_memory(
    said: list[dict[str, Any]], size: int
) -> None:
    memory = MemoryLog()
    for number, metadata in enumerate(said):
        memory.append(
            NewEvent(
                stream=f'"s\0,{number % 2}\n', type="t\\", source="ä\U0001f375", id=f"{number}\x7f",
                causation_id="[0\x1f" if number % 2 else None, data={}, metadata=metadata,
            )
        )  # fmt: skip

    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr(source, "BATCH", size)
        file = SqliteLog.create(Path(folder) / "odd.laban")
        file.append(*map(without_position, memory.read()))
        assert list(batches(file, file.head())) == list(batches(memory, memory.head()))
        file.close()


def without_position(event: Event) -> NewEvent:
    return NewEvent(**{name: getattr(event, name) for name in NewEvent.__struct_fields__})


def test_the_worst_race_comes_first_and_the_planted_one_among_its_like() -> None:
    log = MemoryLog()
    credit.record(log)
    again = {"reads": {"/stock/tea": log.head() + 1}}
    log.append(
        wrote("keeper", 9, id="a"),
        wrote("ann", 9, id="b"),
        NewEvent(stream="x", type="y", source="bob", data={}, id="c", metadata=again),
        NewEvent(stream="desk", type="asked", id="q", data={}),
        wrote("cy", 1, id="d", cause="q"),
        wrote("dan", 2, id="e", cause="q"),
    )

    found = races(log)

    assert [flaw.rank for flaw in found] == list(range(1, 19))
    assert (found[0].kind, found[0].position) == ("stale read", 266)
    assert "/applicant-04/score" in found[0].detail
    assert found[16].position == log.head() - 3  # ann wrote what it said before
    assert found[17].certainty == "possible"
    assert all(flaw.downstream > 0 for flaw in found[:16])


@pytest.mark.parametrize("ages", [0, 1, 9])
def test_a_cause_and_a_version_that_were_long_ago_are_looked_up(
    monkeypatch: pytest.MonkeyPatch, ages: int
) -> None:
    monkeypatch.setattr(scan, "REMEMBERED", 1)
    monkeypatch.setattr(scan, "AGES", ages)
    monkeypatch.setattr(source, "BATCH", 1)
    asked = NewEvent(stream="desk", type="asked", id="q", source="desk", data={})
    noise = [NewEvent(stream="n", type="n", data={}) for _ in range(3)]

    (possible,) = found(
        asked, *noise, wrote("ann", 8, id="a", cause="q"), wrote("bob", 7, id="b", cause="q")
    )
    (stale,) = found(
        wrote("ann", 8, id="a"), *noise, wrote("bob", 7, id="b"), *noise,
        NewEvent(stream="x", type="y", data={}, metadata={"reads": {"/stock/tea": "a"}}),
    )  # fmt: skip

    assert "in reaction to @1" in possible.detail
    assert "as of @1 for y: bob had written it at @5" in stale.detail
