"""What the import of LangGraph's checkpoints promises, told by LangGraph itself."""

from __future__ import annotations

import operator
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypedDict
from uuid import UUID

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, Send, interrupt

from laban.replay.reducer import reduce
from laban.store.errors import LabanError
from laban.store.event import Event
from laban.store.importers import import_source
from laban.store.log import EventLog
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog

RECORDED = Path(__file__).parents[2] / "fixtures" / "langgraph_small.sqlite"


class Ticket(TypedDict, total=False):
    messages: Annotated[list[AnyMessage], add_messages]
    facts: Annotated[list[Any], operator.add]
    draft: str
    approved: bool
    due: datetime
    key: UUID
    tags: set[str]
    odd: Any


class Research(TypedDict, total=False):
    messages: Annotated[list[AnyMessage], add_messages]
    facts: Annotated[list[Any], operator.add]
    depth: int


class Desk:
    """A graph with a subgraph, a fan-out, an interrupt and a node that fails at first."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, check_same_thread=False)
        self.failures = 1
        deep = StateGraph(Research)
        deep.add_node("dig", lambda s: {"depth": s.get("depth", 0) + 1, "facts": ["dug"]})
        deep.add_edge(START, "dig")
        deep.add_edge("dig", END)
        research = StateGraph(Research)
        research.add_node("search", lambda _: {"messages": [AIMessage("found", id="ai-1")]})
        research.add_node("deep", deep.compile())
        research.add_edge(START, "search")
        research.add_edge("search", "deep")
        graph = StateGraph(Ticket)
        graph.add_node("intake", self.intake)
        graph.add_node("research", research.compile())
        graph.add_node("check", lambda s: {"facts": [s]})
        graph.add_node("write", self.write)
        graph.add_node("approve", lambda s: {"approved": interrupt({"draft": s["draft"]})})
        graph.add_edge(START, "intake")
        graph.add_edge("intake", "research")
        graph.add_conditional_edges("research", lambda _: [Send("check", n) for n in range(3)])
        graph.add_edge("check", "write")
        graph.add_edge("write", "approve")
        self.app = graph.compile(checkpointer=SqliteSaver(self.connection))

    def intake(self, state: Ticket) -> Ticket:
        assert "due" not in state
        return {
            "due": datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
            "key": UUID(int=7),
            "tags": {"new", "urgent", "blue"},
            "odd": {1: b"\x00\xff", "$type": "not.A.Tag", "ratio": float("inf"), "n": None},
        }

    def write(self, state: Ticket) -> Ticket:
        if self.failures:
            self.failures -= 1
            raise RuntimeError("the pen broke")
        return {"draft": f"{len(state['facts'])} facts"}

    def config(self, thread: str) -> Any:
        return {"configurable": {"thread_id": thread}}

    def start(self, thread: str) -> None:
        question = {"messages": [HumanMessage("why?", id="h-1")]}
        try:
            self.app.invoke(question, self.config(thread))  # type: ignore[call-overload]
        except RuntimeError:
            self.app.invoke(None, self.config(thread))

    def answer(self, thread: str) -> None:
        self.app.invoke(Command(resume=True), self.config(thread))

    def fork(self, thread: str) -> None:
        """Go back to before the draft, change the facts and run again, up to the interrupt."""
        states = self.app.get_state_history(self.config(thread))
        before = next(state for state in states if state.next == ("write",))
        forked = self.app.update_state(before.config, {"facts": ["edited"]}, as_node="check")
        self.app.invoke(None, forked)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "desk.sqlite")
    yield desk
    desk.connection.close()


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A copy of the recorded run: LangGraph writes to what it reads."""
    return Path(shutil.copy(RECORDED, tmp_path / "recorded.sqlite"))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "desk.sqlite"


def inert(value: Any) -> Any:
    """What *value*, a live object, must look like in a log. Knows nothing of the importer."""
    name = f"{type(value).__module__}.{type(value).__name__}"
    match value:
        case HumanMessage() | AIMessage():
            return {"$type": name, "kwargs": inert(value.model_dump())}
        case Send():
            return {"$type": name, "args": [value.node, inert(value.arg)]}
        case set():
            return {"$type": name, "arg": sorted(map(inert, value))}
        case datetime():
            return {"$type": name, "arg": value.isoformat(), "method": "fromisoformat"}
        case UUID():
            return {"$type": name, "arg": value.hex}
        case bytes():
            return {"$bytes": "AP8="}
        case float() if value == float("inf"):
            return {"$float": "inf"}
        case dict() if "$type" in value:
            return {"$map": [[key, inert(item)] for key, item in value.items()]}
        case dict():
            return {key: inert(item) for key, item in value.items()}
        case list() | tuple():
            return [inert(item) for item in value]
        case _:
            return value


def saved_states(path: Path) -> dict[tuple[str, str], list[tuple[str, Any]]]:
    """The id and the state of each checkpoint of each thread and namespace, as LangGraph reads."""
    states: dict[tuple[str, str], list[tuple[str, Any]]] = {}
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        saver = SqliteSaver(connection)
        for found in saver.list(None):
            names = found.config["configurable"]
            key = (names["thread_id"], names["checkpoint_ns"])
            values = inert(found.checkpoint["channel_values"])
            states.setdefault(key, []).append((names["checkpoint_id"], values))
    return states


def folded_states(log: EventLog, stream: str) -> dict[str, Any]:
    """The state of *stream* at the event of each checkpoint, by the checkpoint's id."""
    state: dict[str, Any] = {}
    states = {}
    for event in log.read_stream(stream):
        state = reduce(state, event)
        if event.type in CHECKPOINTS:
            states[event.metadata["native"]["checkpoint_id"]] = state
    return states


CHECKPOINTS = ("langgraph.checkpoint", "langgraph.input", "langgraph.update", "langgraph.fork")


def assert_same_states(log: EventLog, path: Path) -> None:
    saved = saved_states(path)
    assert saved
    for (thread, namespace), states in saved.items():
        stream = f"{thread}|{namespace}" if namespace else thread
        assert folded_states(log, stream) == dict(states)


def of_type(log: EventLog, type: str) -> list[Event]:
    return [event for event in log.read() if event.type == f"langgraph.{type}"]


def test_the_states_of_the_recorded_run_fold_back_exactly(recorded: Path) -> None:
    log = MemoryLog()

    report = import_source([recorded], log)

    assert_same_states(log, recorded)
    assert (report.format, report.level, report.streams) == ("langgraph", "comparable", 5)
    assert len([event for event in log.read() if event.type in CHECKPOINTS]) == 116
    assert {event.source for event in log.read()} == {
        *("planner", "worker", "reviewer", "scribe"),
        *("__start__", "__input__", "langgraph"),
    }
    assert "not-recorded" in {finding.kind for finding in report.findings}


def test_the_states_of_subgraphs_forks_interrupts_and_crashes_fold_back_exactly(
    desk: Desk, database: Path
) -> None:
    desk.start("one")
    desk.answer("one")
    desk.fork("one")
    desk.start("two")
    log = MemoryLog()

    import_source([database], log)

    assert_same_states(log, database)
    assert len({event.stream for event in log.read()}) == 6  # two threads, two subgraphs each


def test_a_value_is_written_by_the_event_of_its_author(desk: Desk, database: Path) -> None:
    desk.start("one")
    log = MemoryLog()

    import_source([database], log)

    writers = {
        field: event.source
        for event in log.read_stream("one")
        if event.type == "langgraph.task"
        for field in event.data
    }
    assert writers["draft"] == "write"
    assert writers["due"] == "intake"
    assert writers["messages"] == "research"


def test_a_value_that_several_tasks_wrote_names_them_all(desk: Desk, database: Path) -> None:
    desk.start("one")
    log = MemoryLog()

    import_source([database], log)

    (event,) = [e for e in log.read_stream("one") if "facts" in e.metadata.get("writers", ())]
    writers = [log.find(id)[0] for id in event.metadata["writers"]["facts"]]
    assert [writer.source for writer in writers] == ["check"] * 3
    assert [writer.metadata["writes"][0]["value"] for writer in writers] == [[0], [1], [2]]
    assert event.data["facts"] == ["dug", 0, 1, 2]
    assert event.metadata["causes"] == [writer.id for writer in writers]


def test_every_event_follows_its_cause(desk: Desk, database: Path) -> None:
    desk.start("one")
    desk.answer("one")
    desk.fork("one")
    log = MemoryLog()

    import_source([database], log)

    rootless = []
    for event in log.read():
        if event.causation_id is None:
            rootless.append(event)
        else:
            (cause,) = log.find(event.causation_id)
            assert cause.position < event.position
            assert event.metadata["causation_kind"] in ("native", "inferred")
    assert [event.type for event in rootless] == ["langgraph.input"]


def test_a_subgraph_begins_because_of_its_callers_checkpoint(desk: Desk, database: Path) -> None:
    desk.start("one")
    log = MemoryLog()

    import_source([database], log)

    inner = next(e for e in log.read() if e.stream.startswith("one|research"))
    deepest = next(e for e in log.read() if e.stream.count("|") == 2)
    for event, outer in ((inner, "one"), (deepest, inner.stream)):
        assert event.causation_id is not None
        assert log.find(event.causation_id)[0].stream == outer
        assert event.correlation_id == "one"


def test_errors_interrupts_and_resumes_are_events_that_change_no_state(
    desk: Desk, database: Path
) -> None:
    desk.start("one")
    desk.answer("one")
    log = MemoryLog()

    import_source([database], log)

    (error,), (stop,), (resume,) = (of_type(log, t) for t in ("error", "interrupt", "resume"))
    assert (error.source, error.metadata["error"]) == ("write", "RuntimeError('the pen broke')")
    assert stop.source == "approve"
    assert stop.metadata["interrupt"][0]["kwargs"]["value"] == {"draft": "4 facts"}
    assert resume.metadata["resume"] == [True]
    assert resume.causation_id == stop.id
    (approval,) = [e for e in log.read() if "approved" in e.data and e.type == "langgraph.task"]
    assert approval.causation_id == resume.id
    assert [e.data.text for e in (error, stop, resume)] == ["{}"] * 3


def test_native_ids_and_times_are_kept(desk: Desk, database: Path) -> None:
    desk.start("one")
    log = MemoryLog()

    import_source([database], log)

    for event in log.read():
        native = event.metadata["native"]
        assert native["thread_id"] == "one"
        assert (event.time_ns is None) == (event.type in ("langgraph.error", "langgraph.interrupt"))
        if event.type == "langgraph.task":
            assert native["task_id"] in event.id
            assert event.source in (*native["task_path"].split(", "), "check")


def test_importing_again_adds_nothing(desk: Desk, database: Path) -> None:
    desk.start("one")
    log = MemoryLog()

    first = import_source([database], log)
    findings = log.findings()
    again = import_source([database], log)

    assert (again.events, again.duplicates) == (0, first.events)
    assert (again.streams, again.sources) == (first.streams, first.sources)
    assert log.findings() == findings


def test_a_database_that_grew_adds_only_what_is_new(
    desk: Desk, database: Path, tmp_path: Path
) -> None:
    log = SqliteLog.create(tmp_path / "grown.laban")
    steps: list[Callable[[str], None]] = [desk.start, desk.answer, desk.fork, desk.answer]
    for step in steps:
        before = [event.id for event in log.read()]
        step("one")

        report = import_source([database], log)

        assert [event.id for event in log.read()][: len(before)] == before
        assert report.events == log.head() - len(before) > 0
        assert "conflict" not in {finding.kind for finding in report.findings}
        assert_same_states(log, database)
    log.close()


def test_an_import_in_steps_gives_the_events_of_one_at_the_end(desk: Desk, database: Path) -> None:
    steps, at_once = MemoryLog(), MemoryLog()

    for step in (desk.start, desk.answer, desk.fork):
        step("one")
        import_source([database], steps)
    import_source([database], at_once)

    assert {event.id: event.data.text for event in at_once.read()} == {
        event.id: event.data.text for event in steps.read() if event.type != "langgraph.pending"
    }


def test_what_a_crash_left_unfinished_is_not_lost(desk: Desk, database: Path) -> None:
    class Half(TypedDict, total=False):
        a: int
        b: int

    def fails(state: Half) -> Half:
        raise RuntimeError(f"no: {state}")

    graph = StateGraph(Half)
    graph.add_node("a", lambda _: {"a": 1})
    graph.add_node("b", fails)
    graph.add_edge(START, "a")
    graph.add_edge(START, "b")
    app = graph.compile(checkpointer=SqliteSaver(desk.connection))
    with pytest.raises(RuntimeError):
        app.invoke({"a": 0}, desk.config("half"))
    log = MemoryLog()

    report = import_source([database], log)

    (left,) = of_type(log, "pending")
    assert left.source == "a"
    assert left.metadata["writes"] == [{"channel": "a", "value": 1}]
    assert "pending" in {finding.kind for finding in report.findings}
    assert_same_states(log, database)


def test_a_database_is_read_while_its_program_has_it_open(desk: Desk, database: Path) -> None:
    desk.start("one")
    assert database.with_name("desk.sqlite-wal").stat().st_size > 0
    log = MemoryLog()

    import_source([database], log)

    assert_same_states(log, database)


def test_a_database_copied_with_its_write_ahead_log_is_read_whole(
    desk: Desk, database: Path, tmp_path: Path
) -> None:
    desk.start("one")
    (tmp_path / "copy").mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(f"{database}{suffix}", tmp_path / "copy" / f"db{suffix}")
    log = MemoryLog()

    import_source([tmp_path / "copy"], log)

    assert_same_states(log, database)


def test_reading_leaves_no_trace(recorded: Path) -> None:
    with closing(sqlite3.connect(recorded)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
    content = recorded.read_bytes()

    import_source([recorded], MemoryLog())

    assert list(recorded.parent.iterdir()) == [recorded]
    assert recorded.read_bytes() == content


def test_a_database_of_old_without_task_paths_still_names_most_authors(recorded: Path) -> None:
    log = MemoryLog()
    with closing(sqlite3.connect(recorded)) as connection:
        connection.execute("ALTER TABLE writes DROP COLUMN task_path")

    import_source([recorded], log)

    assert_same_states(log, recorded)
    sources = {e.source for e in log.read() if e.type == "langgraph.task"}
    assert {"planner", "reviewer", "scribe"} <= sources
    guessed = [e for e in log.read() if e.source == "planner"]
    assert {e.metadata["source_kind"] for e in guessed} == {"inferred"}


def test_a_damaged_checkpoint_costs_only_itself(recorded: Path) -> None:
    states = saved_states(recorded)
    with closing(sqlite3.connect(recorded)) as connection, connection:
        connection.execute("UPDATE checkpoints SET checkpoint = x'c1c1' WHERE rowid = 50")
        connection.execute("UPDATE checkpoints SET type = 'pickle' WHERE rowid = 60")
        connection.execute("UPDATE writes SET value = x'c1' WHERE rowid = 9")
    log = MemoryLog()

    report = import_source([recorded], log)

    wrong = [
        (thread, id)
        for (thread, _), saved in states.items()
        for id, values in saved
        if folded_states(log, thread)[id] != values
    ]
    assert [thread for thread, _ in wrong] == ["charlie", "charlie"]
    assert {"damaged", "opaque"} <= {finding.kind for finding in report.findings}


@pytest.mark.parametrize("percent", [10, 50, 99])
def test_a_database_cut_short_is_one_clear_error(percent: int, tmp_path: Path) -> None:
    whole = RECORDED.read_bytes()
    (tmp_path / "db").write_bytes(whole[: len(whole) * percent // 100])

    with pytest.raises(LabanError, match=r"damaged .* recover it first, e\.g\. `sqlite3 .*`\.$"):
        import_source([tmp_path / "db"], MemoryLog())


@pytest.mark.parametrize("seed", range(12))
def test_no_damage_is_more_than_findings_or_one_clear_error(seed: int, tmp_path: Path) -> None:
    luck = random.Random(seed)
    content = bytearray(RECORDED.read_bytes())
    for _ in range(10):
        content[luck.randrange(4096, len(content))] = luck.randrange(256)
    page = luck.randrange(1, len(content) // 4096) * 4096
    content[page : page + 4096] = bytes(4096)
    (tmp_path / "db").write_bytes(content)
    log = MemoryLog()

    try:
        first = import_source([tmp_path / "db"], log)
    except LabanError:
        return
    again = import_source([tmp_path / "db"], log)

    assert first.events == log.head()
    assert again.events == 0
    assert first.level == "comparable"


def test_a_database_with_no_checkpoints_gives_no_events(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db", check_same_thread=False)) as connection:
        SqliteSaver(connection).setup()

    report = import_source([tmp_path / "db"], MemoryLog())

    assert (report.events, report.level) == (0, "view-only")
