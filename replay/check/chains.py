"""
Chains of causes: loops that happened, and cycles that the rules allow.

From outside, a loop that goes astray looks like one that is meant, except for what its events
say. A loop that says the same in every round gets nowhere. One that says something new in each
may be work in rounds, as graphs of agents do it, up to a number that frameworks rarely allow.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Iterator

from msgspec import Struct, structs

from laban.replay.choreography.decisions import is_decision
from laban.replay.lives import rule_of
from laban.store.event import Event
from laban.store.log import EventLog

from .flaw import Flaw

LONGEST = 32  # events in the repeating part of a loop
REPEATS = 5  # times in a row that make a loop; a business retry is tried less often
ROUNDS = 25  # times in a row that are too many, even where each round says something new
KEPT = 50_000  # events that a later one may name as its cause without being looked up


class _Node(Struct, frozen=True, gc=False):
    """The end of a chain of causes; the engine's decisions and the answers are not links."""

    type: str  # of the last link
    names: tuple[str, ...]  # of the last links, at most LONGEST
    contents: tuple[int, ...]  # hashes of what they say
    runs: dict[int, int]  # by n: how many links in a row are named as the one n before them
    same: dict[int, int]  # by n: how many of these in a row say the same, too
    rule: str | None  # that asked for what comes next, as far as that was decided


class _Loop(Struct):
    position: int
    times: int = 0
    same: int = 0  # times in a row that said the same
    chains: int = 0


_ROOT = _Node("", (), (), {}, {}, None)


class Chains:
    """
    Follows every chain of causes, and which event types led to which.

    Memory is bounded: KEPT chains by their last LONGEST links, and pairs of types.
    """

    def __init__(
        self,
        log: EventLog,
        handled: Collection[str] | None,  # types that some rule reacts to
        conditional: Collection[str] = (),  # names of rules that a condition can keep from firing
    ) -> None:
        self._log, self._handled, self._conditional = log, handled, conditional
        self._nodes: OrderedDict[str, _Node] = OrderedDict()
        self._loops: dict[tuple[str, ...], _Loop] = {}
        self._led: dict[str, dict[str, tuple[str | None, int]]] = {}  # type → type: rule, where

    def take_in(self, event: Event) -> Iterator[Flaw]:
        before = self._cause(event)
        node = self._passed(before, event) if event.stream[0] == "$" else self._link(before, event)
        self._nodes[event.id] = node
        if len(self._nodes) > KEPT:
            self._nodes.popitem(last=False)
        return iter(())

    def finish(self, last: Event | None) -> Iterator[Flaw]:  # noqa: ARG002 - as every check
        for part, loop in self._loops.items():
            yield _told(part, loop)
        if self._handled is not None:
            yield from self._cycles()

    def _cause(self, event: Event) -> _Node:
        id = event.causation_id
        if id is None:
            return _ROOT
        node = self._nodes.get(id)
        if node is None and len(self._nodes) >= KEPT:  # it may have been dropped
            found = [e for e in self._log.find(id) if e.position < event.position]
            if found and found[-1].stream[0] != "$":
                return self._link(_ROOT, found[-1])
        return node or _ROOT

    def _passed(self, before: _Node, event: Event) -> _Node:
        if event.type != "action.requested" or not is_decision(event):
            return before
        return structs.replace(before, rule=rule_of(event))

    def _link(self, before: _Node, event: Event) -> _Node:
        # the agents of a capability stand for one another; other sources are who they are
        name = event.type if before.rule is not None else f"{event.source}: {event.type}"
        content = hash(event.data.text)
        names, contents, runs, same = before.names, before.contents, {}, {}
        if before.type:
            led = self._led.setdefault(before.type, {})
            led.setdefault(event.type, (before.rule, event.position))
            for n in range(1, len(names) + 1) if name in names else ():
                if names[-n] == name:
                    runs[n] = before.runs.get(n, 0) + 1
                    if contents[-n] == content:
                        same[n] = before.same.get(n, 0) + 1
        names, contents = (*names[1 - LONGEST :], name), (*contents[1 - LONGEST :], content)
        node = _Node(event.type, names, contents, runs, same, None)
        self._note_loop(before, node, event.position)
        return node

    def _note_loop(self, before: _Node, node: _Node, position: int) -> None:
        for n, run in node.runs.items():
            times = run // n + 1
            if times < REPEATS:
                continue
            part = _turned(node.names[-n:])
            loop = self._loops.setdefault(part, _Loop(position))
            loop.times = max(loop.times, times)
            same = [row // m for m, row in node.same.items() if m % n == 0]  # or in turns
            loop.same = max(loop.same, 1 + max(same, default=0))
            loop.chains += before.runs.get(n, 0) // n + 1 < REPEATS
            return

    def _cycles(self) -> Iterator[Flaw]:
        """Yield the shortest cycle through each type that a rule reacts to, each once."""
        shown: set[str] = set()
        for type in self._led:
            cycle = () if type in shown else self._shortest(type)
            if cycle:
                shown.update(cycle)
                steps = [*zip(cycle, [*cycle[1:], cycle[0]], strict=True)]
                rules = [rule for a, b in steps if (rule := self._led[a][b][0])]
                guarded = [rule for rule in rules if rule in self._conditional]
                ends = "its condition can end it" if guarded else "no condition can end it"
                yield Flaw(
                    rule=next(iter(guarded or rules), None),
                    kind="conditional cycle" if guarded else "rule cycle",
                    position=max(self._led[a][b][1] for a, b in steps),
                    detail=f"{_ring(cycle)}: {ends}",
                    certainty="possible",
                )

    def _shortest(self, start: str) -> tuple[str, ...]:
        assert self._handled is not None
        paths: deque[tuple[str, ...]] = deque([(start,)])
        seen = {start}
        while paths:
            path = paths.popleft()
            if path[-1] not in self._handled:
                continue
            for type in self._led.get(path[-1], ()):
                if type == start:
                    return path
                if type not in seen:
                    seen.add(type)
                    paths.append((*path, type))
        return ()


def _told(part: tuple[str, ...], loop: _Loop) -> Flaw:
    """Return what to say of a loop: nothing new was said, or too often, or it may be meant."""
    chains = f", in {loop.chains:,} chains" if loop.chains > 1 else ""
    came = f"{_ring(part)} came round {loop.times:,} times in a row{chains}"
    stuck = loop.same >= REPEATS
    if not stuck:
        said = "said something new in between"
    elif loop.same == loop.times:
        said = "said the same each time"
    else:
        said = f"said the same {loop.same:,} times"
    return Flaw(
        rule=None,
        kind="event loop" if stuck or loop.times >= ROUNDS else "rounds",
        position=loop.position,
        detail=f"{came}, and {said}",
        certainty="certain" if stuck else "possible",
    )


def _turned(part: tuple[str, ...]) -> tuple[str, ...]:
    """Return the turn of a ring that comes first, so that a loop has one name."""
    return min(part[i:] + part[:i] for i in range(len(part)))


def _ring(part: tuple[str, ...]) -> str:
    return " → ".join([*part, part[0]])
