"""Chains of causes: loops that happened, and cycles that the rules allow."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Collection, Iterator

from msgspec import Struct

from laban.replay.choreography.decisions import is_decision
from laban.replay.lives import rule_of
from laban.store.event import Event
from laban.store.log import EventLog

from .flaw import Flaw

LONGEST = 32  # events in the repeating part of a loop
REPEATS = 5  # times in a row that make a loop; a business retry is tried less often
KEPT = 50_000  # events that a later one may name as its cause without being looked up


class _Node(Struct, frozen=True, gc=False):
    """The end of a chain of causes; the engine's decisions and the answers are not links."""

    type: str  # of the last link
    names: tuple[str, ...]  # of the last links, at most LONGEST
    runs: dict[int, int]  # by n: how many links in a row are named as the one n before them
    rule: str | None  # that asked for what comes next, as far as that was decided


class _Loop(Struct):
    position: int
    times: int = 0
    chains: int = 0


_ROOT = _Node("", (), {}, None)


class Chains:
    """
    Follows every chain of causes, and which event types led to which.

    Memory is bounded: KEPT chains by their last LONGEST links, and pairs of types.
    """

    def __init__(self, log: EventLog, handled: Collection[str] | None) -> None:
        self._log, self._handled = log, handled  # types that some rule reacts to
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
            chains = f", in {loop.chains:,} chains" if loop.chains > 1 else ""
            detail = f"{_ring(part)} came round {loop.times:,} times in a row{chains}"
            yield Flaw(rule=None, kind="event loop", position=loop.position, detail=detail)
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
        return _Node(before.type, before.names, before.runs, rule_of(event))

    def _link(self, before: _Node, event: Event) -> _Node:
        # the agents of a capability stand for one another; other sources are who they are
        name = event.type if before.rule is not None else f"{event.source}: {event.type}"
        names, runs = before.names, {}
        if before.type:
            led = self._led.setdefault(before.type, {})
            led.setdefault(event.type, (before.rule, event.position))
            if name in names:
                for n in range(1, len(names) + 1):
                    if names[-n] == name:
                        runs[n] = before.runs.get(n, 0) + 1
                self._note_loop(before, name, runs, event.position)
        return _Node(event.type, (*names[1 - LONGEST :], name), runs, None)

    def _note_loop(self, before: _Node, name: str, runs: dict[int, int], position: int) -> None:
        for n, run in runs.items():
            times = run // n + 1
            if times < REPEATS:
                continue
            part = _turned((*before.names, name)[-n:])
            loop = self._loops.setdefault(part, _Loop(position))
            loop.times = max(loop.times, times)
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
                yield Flaw(
                    rule=rules[0] if rules else None,
                    kind="rule cycle",
                    position=max(self._led[a][b][1] for a, b in steps),
                    detail=f"{_ring(cycle)}: only a condition can end it",
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


def _turned(part: tuple[str, ...]) -> tuple[str, ...]:
    """Return the turn of a ring that comes first, so that a loop has one name."""
    return min(part[i:] + part[:i] for i in range(len(part)))


def _ring(part: tuple[str, ...]) -> str:
    return " → ".join([*part, part[0]])
