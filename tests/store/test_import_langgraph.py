"""What the import of LangGraph's checkpoints promises, told by LangGraph itself."""

from __future__ import annotations

from pathlib import Path

from laban.store.importers import import_source
from laban.store.memory import MemoryLog

from .langgraph_desk import Desk
from .langgraph_states import (
    CHECKPOINTS,
    assert_same_states,
    of_type,
)


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
