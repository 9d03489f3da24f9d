"""A graph of LangGraph to import: what it can do, done once."""

from __future__ import annotations

import operator
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypedDict
from uuid import UUID

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, Send, interrupt


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
