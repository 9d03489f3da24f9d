"""LangGraph beside Laban: one history, the same questions, the same answers, in one run."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from importlib.util import find_spec
from itertools import groupby, islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

from laban.replay.bisect import first_edge
from laban.replay.expression import compile_expression
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.importers import import_source
from laban.store.sqlite import SqliteLog

from .figures import Report, core_seconds, each_ms, percentile

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.graph.state import CompiledStateGraph

    Graph = CompiledStateGraph[Any, Any, Any, Any]

STEPS = 5_000
CHANNELS = [f"channel_{number:02}" for number in range(49)]  # and `step`, the fiftieth
NOTE = "what was found out in this step, as a sentence or two of plain text, some 100 bytes long"
SEEKS = 500
ROUNDS = 3
THREAD = "run"


class Peers(NamedTuple):
    """The same history, as LangGraph recorded it and as Laban imported it."""

    app: Graph
    saver: Any
    timeline: Timeline
    places: Sequence[tuple[RunnableConfig, int]]  # each checkpoint, and its event's position


def measure(folder: Path, report: Report) -> None:
    """Run a graph in *folder*, import its checkpoints, and ask both for the same."""
    if find_spec("langgraph") is None or find_spec("langgraph.checkpoint.sqlite") is None:
        return
    folder.mkdir()
    report.section(f"LangGraph on the same history: {STEPS:,} steps, {len(CHANNELS) + 1} channels")
    database = folder / "checkpoints.sqlite"
    with closing(sqlite3.connect(database, check_same_thread=False)) as connection:
        app = run(connection)
        with closing(SqliteLog.create(folder / "imported.laban")) as log:
            import_source([database], log)
            with closing(Timeline.open(log, folder / "imported.laban.cache")) as timeline:
                peers = Peers(app, app.checkpointer, timeline, _places(app, timeline))
                _measure_seek(peers, report)
                _measure_scan(peers, report)
                _measure_history(peers, report)
                _measure_search(peers, report)
                recorded = _record(timeline, folder / "recorded.laban")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        _measure_bytes(database, folder / "imported.laban", recorded, report)


def run(connection: sqlite3.Connection) -> Graph:
    """Run a graph of one node, which writes to one channel after the other."""
    from langgraph.checkpoint.sqlite import SqliteSaver
    from langgraph.graph import END, START, StateGraph
    from typing_extensions import TypedDict

    def work(state: dict[str, Any]) -> dict[str, Any]:
        step = state["step"] + 1
        return {"step": step, CHANNELS[step % len(CHANNELS)]: _found(step)}

    channels: dict[str, Any] = {"step": int, **dict.fromkeys(CHANNELS, dict)}
    graph: Any = StateGraph(TypedDict("Channels", channels, total=False))  # type: ignore[operator]
    graph.add_node("work", work)
    graph.add_edge(START, "work")
    graph.add_conditional_edges("work", lambda state: "work" if state["step"] < STEPS else END)
    app: Graph = graph.compile(checkpointer=SqliteSaver(connection))
    begin = {"step": 0, **{channel: _found(0) for channel in CHANNELS}}
    app.invoke(begin, {**_thread(), "recursion_limit": STEPS + 10})
    return app


def _found(step: int) -> dict[str, Any]:
    return {"step": step, "note": NOTE}


def _thread() -> RunnableConfig:
    return {"configurable": {"thread_id": THREAD}}


def _places(app: Any, timeline: Timeline) -> list[tuple[RunnableConfig, int]]:
    places = []
    for saved in app.checkpointer.list(_thread()):
        (event,) = timeline.log.find(f"{THREAD}/{_id(saved.config)}")
        places.append((saved.config, event.position))
    return places


def _id(config: RunnableConfig) -> str:
    return str(config["configurable"]["checkpoint_id"])


def _channels(state: dict[str, Any] | None) -> dict[str, Any]:
    """Return what both tell of a state; Laban tells LangGraph's own channels besides."""
    return {name: value for name, value in (state or {}).items() if name in ("step", *CHANNELS)}


def _measure_seek(peers: Peers, report: Report) -> None:
    """The whole state at a checkpoint: what LangGraph keeps ready, and does fastest."""
    timeline, places = peers.timeline, Random(1).choices(peers.places, k=SEEKS)

    def theirs(place: tuple[RunnableConfig, int]) -> dict[str, Any]:
        return dict(peers.app.get_state(place[0]).values)

    def ours(place: tuple[RunnableConfig, int]) -> dict[str, Any] | None:
        return timeline.stream_at(THREAD, place[1])

    for place in places:
        assert _channels(ours(place)) == _channels(theirs(place))
    saver = percentile(each_ms(lambda p: peers.saver.get_tuple(p[0]), places), 0.5)
    _ratio(
        report, "the state at a step, median", 1,
        percentile(each_ms(theirs, places), 0.5), percentile(each_ms(ours, places), 0.5),
        f"get_state; its saver alone {saver:.2f} ms",
    )  # fmt: skip


def _measure_scan(peers: Peers, report: Report) -> None:
    """Every state that there ever was, one at a time, and a look at each."""
    _compare_states(peers)

    def theirs() -> list[int]:
        states = peers.app.get_state_history(_thread())
        return [state.values["step"] for state in states if state.values]

    def ours() -> list[int]:
        return [state["step"] for _, state in peers.timeline.states(THREAD) if "step" in state]

    assert _changes(ours()) == _changes(reversed(theirs()))
    saver = _fastest(lambda: list(peers.saver.list(_thread())))
    yardstick = f"get_state_history; its saver alone {saver:,.0f} ms"
    _ratio(report, "every state in turn", 100, _fastest(theirs), _fastest(ours), yardstick)


def _compare_states(peers: Peers) -> None:
    writes = list(peers.timeline.history(f"/{THREAD}"))
    positions = [write.position for write in writes]
    states = peers.app.get_state_history(_thread())
    for (_, position), state in zip(peers.places, states, strict=True):
        write = writes[bisect_right(positions, position) - 1]
        assert _channels(write.value) == _channels(state.values)


def _measure_history(peers: Peers, report: Report) -> None:
    """Every value that one channel ever had."""

    def theirs() -> list[Any]:
        states = peers.app.get_state_history(_thread())
        return [state.values["channel_07"] for state in states if state.values]

    def ours() -> list[Any]:
        return [write.value for write in peers.timeline.history(f"/{THREAD}/channel_07")]

    assert _changes(ours()) == _changes(reversed(theirs()))
    yardstick = "get_state_history, every state"
    _ratio(report, "the history of a value", 100, _fastest(theirs), _fastest(ours), yardstick)


def _changes(values: Iterable[Any]) -> list[Any]:
    """Return *values* with one for several in a row: not both have a state at the same places."""
    return [value for value, _ in groupby(values)]


def _measure_search(peers: Peers, report: Report) -> None:
    """The first state of which something holds, that may hold and not hold again and again."""
    wanted = compile_expression(f"state[{THREAD!r}]['channel_07']['step'] % 1000 > 700")

    def theirs() -> str:
        first = ""
        for state in peers.app.get_state_history(_thread()):  # the newest comes first
            if state.values and state.values["channel_07"]["step"] % 1000 > 700:
                first = _id(state.config)
        return first

    def ours() -> str:
        event = first_edge(peers.timeline, wanted).event
        return event.id if event else ""

    assert ours().startswith(f"{THREAD}/{theirs()}")
    yardstick = "get_state_history, every state"
    _ratio(report, "the first state that matches", 100, _fastest(theirs), _fastest(ours), yardstick)


def _record(timeline: Timeline, path: Path) -> Path:
    """Record the steps as Laban would: an event a step, with what the step wrote."""
    with closing(SqliteLog.create(path)) as log:
        events = _steps(timeline)
        while batch := list(islice(events, 1_000)):
            log.append(*batch)
        Timeline.open(log, path.with_name(f"{path.name}.cache")).close()
    return path


def _steps(timeline: Timeline) -> Iterator[NewEvent]:
    cause: str | None = None
    for event in timeline.log.read():
        if written := _channels(event.data.parsed):
            step = NewEvent(
                stream=THREAD, type="step", source=event.source, time_ns=event.time_ns,
                correlation_id=THREAD, causation_id=cause, data=written,
            )  # fmt: skip
            cause = step.id
            yield step


def _measure_bytes(database: Path, imported: Path, recorded: Path, report: Report) -> None:
    theirs = database.stat().st_size / STEPS
    for name, log in (("imported", imported), ("recorded by Laban", recorded)):
        index = log.with_name(f"{log.name}.cache") / "index.sqlite"
        parts = [file.stat().st_size / STEPS for file in (log, index)]
        ratio = theirs / sum(parts)
        report.figure(
            f"bytes a step, {name}", f"1/{ratio:.1f}", "<= 1/20", ratio >= 20,
            f"LangGraph {theirs:,.0f}, log {parts[0]:,.0f} + index {parts[1]:,.0f}",
        )  # fmt: skip


def _ratio(
    report: Report, name: str, goal: float, theirs_ms: float, ours_ms: float, what: str
) -> None:
    ratio = theirs_ms / ours_ms
    report.figure(
        name, f"{ratio:,.1f} x faster", f">= {goal:g} x", ratio >= goal,
        f"{ours_ms:.2f} ms; LangGraph {theirs_ms:,.2f} ms: {what}",
    )  # fmt: skip


def _fastest(work: Callable[[], Any]) -> float:
    """Return ms of one core in the fastest round: what else runs on the machine counts least."""
    return 1000 * min(core_seconds(work) for _ in range(ROUNDS))
