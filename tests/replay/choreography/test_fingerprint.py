"""A fingerprint changes with what a choreography does, and with nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from msgspec import defstruct

from laban.replay.choreography import Choreography, Retry
from laban.replay.choreography.fingerprint import fingerprint
from laban.replay.choreography.loading import load_choreography
from laban.replay.choreography.rules import Pattern, Rule

DESK = """
    import math

    from laban.replay.choreography import Choreography

    desk = Choreography("desk")
    FEES = {"EUR": 2}

    def total(data):
        return sum(item for item in data["items"] if item not in {1, 2}) + math.floor(FEES["EUR"])

    def again(depth):
        return again(depth - 1) if depth else None

    @desk.reducer("booked")
    def booked(state, event):
        kinds = {"gold", "silver", "bronze"}
        return {**state, "total": total(event.data), "kind": event.data["kind"] in kinds}
"""


def of(folder: Path, text: str) -> str:
    file = folder / "desk.py"
    file.write_text(dedent(text))
    return load_choreography(str(file)).plan.fingerprint


def test_options_at_their_default_are_no_part_of_it_so_that_new_ones_leave_old_logs_alone() -> None:
    old = Pattern(event_type="asked", action="answer", target_capability="desk")
    newer: Any = defstruct("Pattern", [("colour", str, "red")], bases=(Pattern,), kw_only=True)
    kinds: dict[str, Rule] = {
        colour: newer(event_type="asked", action="answer", target_capability="desk", colour=colour)
        for colour in ("red", "blue")
    }

    assert fingerprint([kinds["red"]], {}) == fingerprint([old], {})
    assert fingerprint([kinds["blue"]], {}) != fingerprint([old], {})


def test_a_rule_within_a_rule_counts_though_all_its_options_are_the_default() -> None:
    with_retry, without = Choreography("shop"), Choreography("shop")
    with_retry.capability("till", retry=Retry())
    without.capability("till")

    assert with_retry.plan.fingerprint != without.plan.fingerprint


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"silver"', '"iron"'),
        ('"total": total', '"sum": total'),
        ("item not in {1, 2}", "item not in {1, 3}"),
        ("sum(item for", "max(item for"),
        ('{"EUR": 2}', '{"EUR": 3}'),
    ],
)
def test_it_changes_with_the_code_of_a_reducer_and_of_what_that_calls_beside_it(
    tmp_path: Path, before: str, after: str
) -> None:
    assert of(tmp_path, DESK) != of(tmp_path, DESK.replace(before, after))


def test_what_no_reducer_uses_and_where_it_stands_is_no_part_of_it(tmp_path: Path) -> None:
    moved = DESK.replace("FEES =", "# what we take\n    UNUSED = 1\n    FEES =")
    (elsewhere := tmp_path / "elsewhere").mkdir()

    assert of(elsewhere, moved) == of(tmp_path, DESK)


def test_every_process_finds_the_same(tmp_path: Path) -> None:
    here = of(tmp_path, DESK)
    script = (
        "from laban.replay.choreography.loading import load_choreography as load;"
        f"print(load({str(tmp_path / 'desk.py')!r}).plan.fingerprint)"
    )

    for seed in ("1", "2"):
        there = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed},
        )  # fmt: skip
        assert there.stdout.strip() == here
