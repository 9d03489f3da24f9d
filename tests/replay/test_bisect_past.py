"""Expressions over what came before an event, tested in one pass."""

from __future__ import annotations

from collections import Counter

import pytest

from laban.replay.bisect import edges, truth
from laban.replay.expression import compile_expression
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent

from .logs import recorded


@pytest.mark.parametrize("first", [0, 1, 17])
@pytest.mark.parametrize("kept", [1, 5, 1_000])
def test_correlated_events_are_those_up_to_each_event(
    monkeypatch: pytest.MonkeyPatch, first: int, kept: int
) -> None:
    monkeypatch.setattr(truth, "KEPT", kept)
    names = [None if n % 5 == 4 else f"c{n * n % 7}" for n in range(60)]
    events = [NewEvent(stream="s", type="t", data={}, correlation_id=name) for name in names]
    expression = compile_expression("len(correlated_events) % 2 == 1")

    found = edges(Timeline.open(recorded(events)), expression, first=first)

    seen: Counter[str | None] = Counter()
    odd = {0: False}
    for position, name in enumerate(names, 1):
        seen[name] += name is not None
        odd[position] = seen[name] % 2 == 1
    turns = [p for p in range(first + 1, 61) if odd[p] != odd[p - 1]]
    assert [edge.position for edge in found.edges] == turns
