"""
Cycles of transactions: no order of one after the other explains what they read and wrote.

A log is an order already, so a cycle goes back in it somewhere: at a stale or an early read,
or into a transaction that others came into. Only what can be reached from there, up to where
it goes back, is searched, for strongly connected components (Tarjan, SIAM J. Comput. 1972).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from .graph import Graph, Step
from .history import History
from .reads import Race

SHOWN = 20  # cycles of one component
Steps = Callable[[int], dict[int, Step]]


def cycles(history: History, outdated: Iterable[Race]) -> Iterator[Race]:
    """
    Yield a shortest cycle through each step back, but for those that are a lost update.

    There is one at least in every set of transactions that are no serial history, unless
    its lost updates say so already.
    """
    outdated = list(outdated)
    lost = {ends[:2] for race in outdated if race.kind == "lost update" for ends in race.outdates}
    graph = Graph(history)
    for low, high, starts in _ranges(_backward(history, outdated)):
        for start in starts:
            graph.load(start)
        found: dict[int, dict[int, Step]] = {}

        def steps(node: int, low: int = low, high: int = high, known=found) -> dict[int, Step]:  # type: ignore[no-untyped-def]
            if node not in known:
                every = graph.steps(node)
                known[node] = {to: every[to] for to in every if low <= to <= high}
            return known[node]  # type: ignore[no-any-return]

        for component in components(starts, steps):
            yield from _told(component, steps, lost)


def components(starts: Iterable[int], steps: Callable[[int], Iterable[int]]) -> Iterator[set[int]]:
    """Yield the strongly connected components of two nodes or more; Tarjan, without recursion."""
    order: dict[int, int] = {}
    lowest: dict[int, int] = {}
    stack: list[int] = []
    waiting: set[int] = set()
    for start in starts:
        if start in order:
            continue
        path: list[tuple[int, Iterator[int]]] = []
        _enter(start, steps, order, lowest, stack, waiting, path)
        while path:
            node, left = path[-1]
            for to in left:
                if to not in order:
                    _enter(to, steps, order, lowest, stack, waiting, path)
                    break
                if to in waiting:
                    lowest[node] = min(lowest[node], order[to])
            else:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[node])
                if lowest[node] == order[node]:
                    at = len(stack) - 1
                    while stack[at] != node:
                        at -= 1
                    component = set(stack[at:])
                    del stack[at:]
                    waiting -= component
                    if len(component) > 1:
                        yield component


def _enter(
    node: int, steps: Callable[[int], Iterable[int]], order: dict[int, int],
    lowest: dict[int, int], stack: list[int], waiting: set[int],
    path: list[tuple[int, Iterator[int]]],
) -> None:  # fmt: skip
    order[node] = lowest[node] = len(order)
    stack.append(node)
    waiting.add(node)
    path.append((node, iter(steps(node))))


def _backward(history: History, outdated: Iterable[Race]) -> Iterator[tuple[int, int, bool]]:
    """Yield where steps go back to, where from, and whether that was told: a lost update."""
    for race in outdated:
        for reader, writer, _ in race.outdates:
            if writer < reader:
                yield writer, reader, race.kind == "lost update"
    for read in history.scan.futures:
        if read.seen is not None:
            yield history.transaction(read.position), read.seen, False
    for first, last in history.scan.spread:
        yield first, last, False


def _ranges(backward: Iterable[tuple[int, int, bool]]) -> Iterator[tuple[int, int, list[int]]]:
    """Yield the ranges of transactions that no step back leaves, with where to start in each."""
    low, high, starts = 0, -1, list[int]()
    for start, end, is_told in sorted(backward):
        if start > high:
            if starts:
                yield low, high, starts
            low, starts = start, []
        high = max(high, end)
        if not is_told:
            starts.append(start)
    if starts:
        yield low, high, starts


def _told(component: set[int], steps: Steps, lost: set[tuple[int, int]]) -> Iterator[Race]:
    shown: set[frozenset[int]] = set()
    for node in sorted(component):
        for to in sorted(steps(node)):
            if to < node and to in component and (node, to) not in lost:
                if len(shown) == SHOWN:
                    return
                cycle = [steps(node)[to], *_shortest(to, node, component, steps)]
                nodes = frozenset(step.to for step in cycle)
                if nodes not in shown:
                    shown.add(nodes)
                    yield _race(node, cycle)


def _shortest(start: int, goal: int, inside: set[int], steps: Steps) -> list[Step]:
    """Return a shortest way from *start* to *goal*; there is one."""
    came: dict[int, tuple[int, Step]] = {}
    waiting = deque([start])
    while goal not in came:
        node = waiting.popleft()
        for to, step in steps(node).items():
            if to in inside and to not in came and to != start:
                came[to] = (node, step)
                waiting.append(to)
    way: list[Step] = []
    node = goal
    while node != start:
        node, step = came[node]
        way.append(step)
    return way[::-1]


def _race(start: int, cycle: list[Step]) -> Race:
    kind, name = _named(cycle)
    told = "; ".join(_step_told(step) for step in cycle)
    first = cycle[0]
    return Race(
        kind=kind,
        position=max(max(step.first, step.then) for step in cycle),
        detail=f"no order of these events explains what they read ({name}): {told}",
        source=first.sources[0],
        type="",
        pointer=first.edge.pointer,
        edges=tuple(step.edge for step in cycle),
        outdates=frozenset(
            (before, step.to, step.edge.pointer)
            for before, step in zip([start, *(step.to for step in cycle)], cycle, strict=False)
            if step.kind == "rw"
        ),
    )


def _named(cycle: list[Step]) -> tuple[str, str]:
    """Return what users call such a cycle, and what Adya does."""
    kinds = [step.kind for step in cycle]
    against = kinds.count("rw")
    if sorted(kinds) == ["rw", "wr"] and len({step.edge.pointer for step in cycle}) == 1:
        return "dirty read", "G1b"
    if against > 1:
        return "write skew", "G2"
    if against == 1:
        return "read skew", "G-single"
    return ("circular read", "G1c") if "wr" in kinds else ("interleaved writes", "G0")


def _step_told(step: Step) -> str:
    edge, (first, then) = step.edge, step.sources
    if edge.kind == "rw":
        return (
            f"{first} at @{edge.first} had read {edge.pointer} as of @{edge.version}, "
            f"before {then} wrote it at @{edge.then}"
        )
    if edge.kind == "wr":
        return (
            f"{then} at @{edge.then} had read {edge.pointer} as {first} wrote it at @{edge.first}"
        )
    return f"{first} wrote {edge.pointer} at @{edge.first} before {then} did at @{edge.then}"
