"""
A fork in which the agents stand in is the run that there would have been.

The oracle is the demo itself, recorded in a world that was another one from the start: its
agents do the same whenever they are asked the same.
"""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest

from laban.fixtures import DEMOS, hybrid, orders, travel
from laban.replay.compare import compare
from laban.replay.fork import Set
from laban.replay.recompute import recompute
from laban.replay.timeline import Timeline
from laban.store.memory import MemoryLog

from .forks import forked

NAMES = ("customer", "item", "quantity", "order_value", "card_declines", "card_from", "ship_to")
ORDERS = [
    (3, {"ship_to": "BG"}), (4, {"quantity": 1}), (0, {"order_value": 2000}),
    (1, {"card_declines": 9}), (6, {"card_declines": 0}), (1, {"quantity": 6}),
    (2, {"item": "lamp"}),
]  # fmt: skip
TRIPS = [
    (1, {"card_limit": 4000}), (2, {"calls_that_the_hotel_misses": 1}), (0, {"price": 9000})
]  # fmt: skip
CLAIMS = [
    (number, change)
    for number in range(4)
    for change in (
        {"amount": 100},
        {"amount": 3000},
        {"damage_is_real": False},
        {"police_need_minutes": 5},
        {"police_need_minutes": 200},
    )
]
CASES = [
    *(("orders", orders, "ORDERS", "order_received", *each) for each in ORDERS),
    *(("travel", travel, "TRIPS", "trip_wanted", *each) for each in TRIPS),
    *(("hybrid", hybrid, "CLAIMS", "claim_filed", *each) for each in CLAIMS),
]


def recorded(name: str) -> MemoryLog:
    log = MemoryLog()
    DEMOS[name].record(log)
    return log


def changed(row: Any, change: dict[str, Any]) -> Any:
    """Return a row of a demo's world with *change* in it."""
    if isinstance(row, dict):
        return {**row, **change}
    return tuple(change.get(name, value) for name, value in zip(NAMES, row, strict=True))


@pytest.mark.parametrize(("name", "module", "attribute", "type", "number", "change"), CASES)
def test_the_agents_make_of_an_edit_what_they_would_have_made_of_such_a_world(
    name: str, module: ModuleType, attribute: str, type: str, number: int, change: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    original = recorded(name)
    stream = f"{attribute.lower()[:-1]}-{number + 1}"
    (event,) = [e for e in original.read_stream(stream) if e.type == type]
    world = list(getattr(module, attribute))
    world[number] = changed(world[number], change)
    monkeypatch.setattr(module, attribute, tuple(world))
    truth = recorded(name)

    data = json.dumps({**event.data.parsed, **change})
    choreography = DEMOS[name].choreography
    fork, answer = forked(
        original, event.position, Set("/data", data), choreography=choreography, stand_in="agents"
    )

    compared = compare(Timeline.open(truth), Timeline.open(fork))
    assert (compared.identical, compared.events_b) == (True, truth.head())
    assert answer.used > answer.unneeded  # most is taken from the record
    assert choreography is not None
    assert recompute(fork, choreography).mismatched == 0
