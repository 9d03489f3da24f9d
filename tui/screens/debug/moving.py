"""The keys that go from the current position to another."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from laban.tui.screens.screen import Command, Commands

if TYPE_CHECKING:
    from .screen import DebugScreen

_ADDRESSES = "@1205  order-17@52  #event-id  +12.4s  50%  head  /stream/path"
_EXPRESSIONS = "no cover   type == 'Failed'   data['amount'] > 1000"


def moving(screen: DebugScreen) -> Commands:
    """Return the commands that move *screen*'s session."""
    session, searcher = screen.session, screen.searcher

    def address(answer: str) -> None:
        if answer:
            screen.go(lambda: session.address(answer))

    def find(answer: str) -> None:
        session.find(answer)
        screen.worker.cancel()
        searcher.find(backward=False)

    moves: dict[str, Callable[[], str]] = {
        "next": lambda: session.step(1),
        "previous": lambda: session.step(-1),
        "next_in_stream": lambda: session.along_stream(1),
        "previous_in_stream": lambda: session.along_stream(-1),
        "cause": session.cause,
        "effect": session.effect,
        "first": lambda: session.end(last=False),
        "last": lambda: session.end(last=True),
        "undo": session.undo,
        "redo": session.redo,
    }
    return {id: Command(partial(screen.go, move)) for id, move in moves.items()} | {
        "address": Command(lambda: screen.ask("go to", _ADDRESSES, address)),
        "find": Command(lambda: screen.ask("find", _EXPRESSIONS, find)),
        "find_next": Command(lambda: searcher.find(backward=False)),
        "find_previous": Command(lambda: searcher.find(backward=True)),
    }
