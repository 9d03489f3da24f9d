"""How screens carry out actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """How a screen carries out an action, and, when it cannot now, why not."""

    run: Callable[[], None]
    why_not: Callable[[], str] = lambda: ""  # cheap: the help asks for all of them


Commands = dict[str, Command]  # by the id of the action
