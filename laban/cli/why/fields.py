"""The answers of `laban why` as JSON."""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins

from laban.replay.explain import Why
from laban.replay.explain.reads import Read
from laban.replay.explain.story import Step
from laban.replay.explain.tree import Branch, Tree, Trunk
from laban.replay.pointer import MISSING


def fields(answer: Why, tree: Tree | None) -> dict[str, Any]:
    """Return an answer; events are left as they are."""
    given = {
        "pointer": answer.pointer,
        "value": _json(answer.value),
        "removed": answer.value is MISSING,  # tells a null from nothing
        "position": answer.position,
        "event": answer.event,
        "chain": answer.chain,
        "guarantee": answer.guarantee,
        "reducer": answer.reducer,
        "steps": [_step(step) for step in answer.steps],
        "stale": _stale(answer.steps),
    }
    if tree is not None:
        given["tree"] = {**_trunk(tree.trunk), "events": tree.nodes, "cut": tree.cut}
    return given


def _stale(steps: list[Step]) -> list[int]:
    """Return the positions of the events that rest on a stale read."""
    return [
        step.event.position for step in steps if any(read.verdict == "stale" for read in step.reads)
    ]


def _step(step: Step) -> dict[str, Any]:
    return {
        "position": step.event.position,
        "by": to_builtins(step.by),
        "reads": [_read(read) for read in step.reads],
        "also": step.also,
    }


def _read(read: Read) -> dict[str, Any]:
    newer = read.newer
    return {
        "pointer": read.pointer,
        "version": read.version,
        "position": read.position,
        "value": _json(read.value),
        "written": read.written,
        "verdict": read.verdict,
        "newer": newer
        and {
            "position": newer.position,
            "value": _json(newer.value),
            "source": newer.source,
            "type": newer.type,
        },
    }


def _trunk(trunk: Trunk) -> dict[str, Any]:
    steps = zip(trunk.steps, trunk.branches, strict=True)
    return {
        "steps": [
            {
                "position": step.event.position,
                "event": step.event,
                "by": to_builtins(step.by),
                "reads": [_branch(branch) for branch in branches],
                "also": step.also,
            }
            for step, branches in steps
        ],
        "guarantee": trunk.guarantee,
        "joins": trunk.joins,
    }


def _branch(branch: Branch) -> dict[str, Any]:
    led = None if branch.trunk is None else _trunk(branch.trunk)
    return {**_read(branch.read), "cut": branch.cut or None, "tree": led}


def _json(value: Any) -> Any:
    return None if value is MISSING else value
