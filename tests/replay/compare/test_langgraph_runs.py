"""Two runs of one LangGraph graph: the step that answered otherwise, and nothing else."""

from __future__ import annotations

import operator
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, TypedDict
from uuid import uuid4

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Send
from msgspec.structs import replace

from laban.replay.compare import compare
from laban.replay.rehearsal import unplaced
from laban.replay.timeline import Timeline
from laban.store.importers import import_source
from laban.store.jsontext import JsonObject
from laban.store.memory import MemoryLog

ROUNDS = 3


class Claim(TypedDict, total=False):
    messages: Annotated[list[AnyMessage], add_messages]
    facts: Annotated[list[str], operator.add]
    round: int
    verdict: str


def run(path: Path, threads: Iterable[str], changed: tuple[str, int] | None = None) -> Timeline:
    """Run the graph once for each thread; in *changed*, the judge answers otherwise in a round."""
    thread = ""

    def ask(state: Claim) -> Claim:
        return {"round": state.get("round", 0) + 1, "messages": [AIMessage("hm", id=str(uuid4()))]}

    def look(state: Claim) -> Claim:
        return {"facts": [f"fact {state}"]}

    def judge(state: Claim) -> Claim:
        seen = len(state["facts"])
        verdict = "no" if (thread, state["round"]) == changed else "perhaps"
        call = {"name": "check", "args": {"seen": seen}, "id": f"call_{uuid4().hex}"}
        return {"verdict": verdict, "messages": [AIMessage(verdict, tool_calls=[call])]}

    graph = StateGraph(Claim)
    graph.add_node("ask", ask)
    graph.add_node("look", look)
    graph.add_node("judge", judge)
    graph.add_edge(START, "ask")
    graph.add_conditional_edges("ask", lambda s: [Send("look", s["round"]), Send("look", "both")])
    graph.add_edge("look", "judge")
    graph.add_conditional_edges("judge", lambda s: "ask" if s["round"] < ROUNDS else END)
    with closing(sqlite3.connect(path, check_same_thread=False)) as connection:
        app = graph.compile(checkpointer=SqliteSaver(connection))
        for thread in threads:
            question: Any = {"messages": [HumanMessage(f"is this covered? {len(thread)}")]}
            app.invoke(question, {"configurable": {"thread_id": thread}})
    log = MemoryLog()
    import_source([path], log)
    return Timeline.open(log)


def random_names() -> list[str]:
    return [str(uuid4()) for _ in range(3)]


def test_two_equal_runs_show_no_divergence(tmp_path: Path) -> None:
    first = run(tmp_path / "a.sqlite", ["one", "three", "eleven"])
    second = run(tmp_path / "b.sqlite", ["three", "eleven", "one"])

    answer = compare(first, second)

    assert answer.identical, answer.roots
    assert answer.events_a == answer.events_b > 30


def test_the_changed_answer_is_the_only_root_and_the_other_threads_are_equal(
    tmp_path: Path,
) -> None:
    first = run(tmp_path / "a.sqlite", ["one", "three", "eleven"])
    second = run(tmp_path / "b.sqlite", ["three", "eleven", "one"], changed=("three", 2))

    answer = compare(first, second)

    assert (answer.root_count, answer.streams) == (1, 1)
    (root,) = answer.roots
    assert root.a is not None
    assert root.b is not None
    assert (root.stream, root.a.source, root.a.type) == ("three", "judge", "langgraph.task")
    assert root.differences[0].pointer == "/data/verdict"
    assert (root.differences[0].a, root.differences[0].b) == ("perhaps", "no")
    later = [e for e in first.log.read_stream("three") if e.position > root.a.position]
    assert answer.downstream == len(later) > 5
    assert answer.changed > 1  # its checkpoint, and the messages of the rounds after it


@pytest.mark.parametrize("changed", [0, 1, 2, 3])
def test_threads_with_random_names_are_told_apart_by_what_happened_in_them(
    tmp_path: Path, changed: int
) -> None:
    names, others = random_names(), random_names()
    first = run(tmp_path / "a.sqlite", names)
    second = run(tmp_path / "b.sqlite", others, changed=(others[1], changed))

    answer = compare(first, second)

    assert answer.root_count == answer.streams == (1 if changed else 0)
    assert all(root.differences[0].pointer == "/data/verdict" for root in answer.roots)
    assert all(root.b and root.b.stream == others[1] for root in answer.roots)


def test_a_message_saved_before_it_had_its_id_equals_one_saved_after(tmp_path: Path) -> None:
    first = run(tmp_path / "a.sqlite", ["one"])
    saved_early = [unplaced(event) for event in first.log.read()]
    question = re.sub(r'"id":(null|"[^"]*")', f'"id":"{uuid4()}"', saved_early[0].data.text)
    later = MemoryLog()
    later.append(replace(saved_early[0], data=JsonObject(question)), *saved_early[1:])

    answer = compare(first, Timeline.open(later))

    assert answer.identical, answer.roots
