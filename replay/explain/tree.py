"""The whole tree of causes of an event: what led to it, and what was read on the way."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from laban.replay.timeline import Timeline

from . import CUT, causes
from .reads import Read
from .story import Step, story

DEPTH = 20  # reads of reads of reads …
NODES = 1_000  # steps in all
READS = 20  # of one event

Cut = Literal["", "seen", "deep", "many", "missing"]


class Branch(Struct):
    """A value that was read, and the chain of causes of the write that made it."""

    read: Read
    trunk: Trunk | None = None
    cut: Cut = "missing"  # why there is no trunk; "seen": the event stands elsewhere in the tree


class Trunk(Struct):
    """A chain of causes, and of each of its steps what it had read."""

    steps: list[Step]
    branches: list[list[Branch]]  # of each step
    guarantee: str
    joins: int | None = None  # position of the event that the chain goes on with elsewhere


class Tree(Struct, frozen=True):
    """What led to an event. Every event stands in it once; the rest says where."""

    trunk: Trunk
    nodes: int
    cut: int  # reads and chains not followed to their ends: the tree would be too deep or too big


def tree(timeline: Timeline, position: int, depth: int = DEPTH, nodes: int = NODES) -> Tree:
    """
    Return the tree of causes of the event at *position*.

    A step has one cause, which the trunk goes on with, and the writes of what it had read,
    each the foot of a branch. Branches are followed breadth first, to *depth* and until there
    are *nodes* steps; an event that stands in the tree already is not followed again, so a
    circle ends.
    """
    seen: set[int] = set()
    root = _trunk(timeline, position, seen, nodes)
    waiting = deque((branch, 1) for branch in _branches(root))
    count, cut = len(root.steps), int(root.guarantee == CUT)
    while waiting:
        branch, level = waiting.popleft()
        if branch.read.written is None or branch.cut == "many":
            cut += branch.cut == "many"
            continue
        if branch.read.written in seen:
            branch.cut = "seen"
        elif level > depth or count >= nodes:
            branch.cut = "deep" if level > depth else "many"
            cut += 1
        else:
            branch.trunk = _trunk(timeline, branch.read.written, seen, nodes - count)
            branch.cut = ""
            count += len(branch.trunk.steps)
            cut += branch.trunk.guarantee == CUT
            waiting.extend((inner, level + 1) for inner in _branches(branch.trunk))
    return Tree(root, count, cut)


def _trunk(timeline: Timeline, position: int, seen: set[int], longest: int) -> Trunk:
    """Return the chain of causes from *position* to where it meets what was *seen*."""
    chain, guarantee = causes(timeline, position, seen, longest)
    joins = chain.pop().position if len(chain) > 1 and chain[-1].position in seen else None
    steps = story(timeline, chain)
    seen.update(event.position for event in chain)
    return Trunk(steps, [_reads(step) for step in steps], guarantee, joins)


def _reads(step: Step) -> list[Branch]:
    branches = [Branch(read) for read in step.reads]
    for branch in branches[READS:]:
        branch.cut = "many"
    return branches


def _branches(trunk: Trunk) -> Iterator[Branch]:
    for branches in trunk.branches:
        yield from branches
