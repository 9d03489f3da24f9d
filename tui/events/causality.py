"""What led to an event, what was read on the way, and what came of it, as the rows of a tree."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from laban.replay.builder import is_failure
from laban.replay.effects import count_effects, some_effects
from laban.replay.explain import CUT, INCOMPLETE, causes
from laban.replay.explain.origin import Origin, label_of
from laban.replay.explain.story import Step, story
from laban.replay.timeline import Timeline
from laban.store.event import Event
from laban.tui.values import Mark, RowKind, TreeRow, elapsed

from .details import read_rows

CAUSES = 100  # steps that are shown, and that are added when more are asked for
EFFECTS = 100  # likewise
DIRECT, FURTHER = 50, 10  # effects of the event itself, and of each of those, at first
_DEEPEST = 24  # cells that the lines of the tree take
_LONGEST = 200  # characters of an event's data


class Causality:
    """
    The tree around one event: its chain of causes above it, the root first; its effects below.

    What takes no room in the beginning is counted; `more` puts a part of it into the rows.
    """

    def __init__(self, timeline: Timeline, event: Event, path: Collection[int] = ()) -> None:
        self._timeline = timeline
        self._path = path  # positions of the critical path
        self._seen: set[int] = set()
        trunk = list(self._trunk(event))
        below = self._grown(_Node(event), DIRECT, len(trunk))
        self.rows: list[TreeRow] = [*trunk, *self._drawn(below, "")]
        self.cursor = max(n for n, row in enumerate(trunk) if row.position == event.position)

    def more(self, index: int) -> int:
        """Put more into the place of row *index*, which counts it; return how many rows it took."""
        row = self.rows[index]
        assert row.rest is not None
        position, after, before = row.rest
        event = self._timeline.log.get(position)
        if after is None:
            new = list(self._trunk(event, above=True))
        else:
            root = _Node(event, after=after, before=before)
            new = list(self._drawn(self._grown(root, EFFECTS, 0), row.edges))
        self.rows[index : index + 1] = new
        return len(new)

    # Upwards.

    def _trunk(self, event: Event, *, above: bool = False) -> Iterator[TreeRow]:
        """Yield the chain of causes of *event*, which comes last, or what is *above* it only."""
        chain, guarantee = causes(self._timeline, event.position, (), CAUSES)
        steps = story(self._timeline, chain)
        self._seen.update(each.position for each in chain)
        top = chain[-1]
        if guarantee == CUT:
            text = "… and more causes: enter shows them"
            yield TreeRow(text=text, kind=RowKind.MORE, rest=(top.position, None, 0))
        elif guarantee == INCOMPLETE:
            circle = self._timeline.cause(top.position) is not None
            text = "a circle" if circle else f"#{top.causation_id}, which is not in this log"
            yield TreeRow("┆ ", text=text, kind=RowKind.NOTE)
        cause: Event | None = None
        for step in reversed(steps[above:]):
            yield from self._step(step, cause)
            cause = step.event

    def _step(self, step: Step, cause: Event | None) -> Iterator[TreeRow]:
        """Yield what decided that an event came of its cause, the event, and what was read."""
        event = step.event
        for origin in reversed(step.by):
            if origin.position != event.position:
                text = f"by {_rule(origin)}"
                yield TreeRow("│ ", text=text, kind=RowKind.NOTE, target=origin.position)
        yield self._row(event, "", cause)
        for position in step.also:
            text = f"also waited for @{position:,}"
            yield TreeRow("│ ", text=text, kind=RowKind.NOTE, target=position)
        for read in step.reads:
            for row in read_rows(read, ""):
                text = row.value if row.mark is Mark.ERROR else f"read {row.value}"
                yield TreeRow("│ ", text=text, kind=RowKind.NOTE, target=row.target, mark=row.mark)

    def _row(self, event: Event, edges: str, cause: Event | None) -> TreeRow:
        return TreeRow(
            edges,
            event.position,
            event.type,
            event.source,
            elapsed(event.time_ns, cause.time_ns, brief=True) if cause else "",
            f"{event.stream}  {label_of(event)[:_LONGEST]}",
            target=event.position,
            mark=Mark.ERROR if is_failure(event.type) else Mark.NONE,
            critical=event.position in self._path,
        )

    # Downwards.

    def _grown(self, root: _Node, first: int, taken: int) -> _Node:
        """Find the effects below *root*, the nearest first, about as many as there is room for."""
        waiting, room = deque([root]), max(EFFECTS - taken, EFFECTS // 2)
        while waiting:
            node = waiting.popleft()
            limit = first if node is root else min(FURTHER, room)
            effects = self._effects(node, limit)
            room -= len(effects)
            node.effects = [_Node(effect) for effect in effects]
            waiting.extend(node.effects)
        return root

    def _effects(self, node: _Node, limit: int) -> Sequence[Event]:
        """Return the effects that follow in *node*, and note there how many are left."""
        found = some_effects(self._timeline, node.event, node.after, max(limit, 0) + 1)
        if len(found) > max(limit, 0):
            found = found[: max(limit, 0)]
            node.left = count_effects(self._timeline, node.event) - node.before - len(found)
        if found:
            node.after = found[-1].position
        fresh = [event for event in found if event.position not in self._seen]  # no circles
        self._seen.update(event.position for event in fresh)
        return fresh

    def _drawn(self, root: _Node, edges: str) -> Iterator[TreeRow]:
        """Yield the rows below *root*, itself left out; an only effect stands right below it."""
        waiting = list(self._below(root, edges))[::-1]
        while waiting:
            node, cause, lead, inner = waiting.pop()
            if isinstance(node, TreeRow):
                yield node
                continue
            yield self._row(node.event, lead, cause)
            waiting += list(self._below(node, inner))[::-1]

    def _below(self, node: _Node, edges: str) -> Iterator[_Drawn]:
        """Yield what stands below *node*: its effects, and how many more there are."""
        is_only = len(node.effects) == 1 and not node.left and not node.before
        edges = edges if len(edges) < _DEEPEST else "⋯" + edges[3:]
        for number, effect in enumerate(node.effects, start=1):
            is_last = number == len(node.effects) and not node.left
            lead = edges if is_only else edges + ("╰─" if is_last else "├─")
            inner = edges if is_only else edges + ("  " if is_last else "│ ")
            yield effect, node.event, lead, inner
        if node.left:
            yield _rest(node, edges), None, "", ""


@dataclass(slots=True)
class _Node:
    event: Event
    effects: list[_Node] = field(default_factory=list)
    after: int = 0  # position of the last effect that was looked at
    before: int = 0  # effects that stand above it already
    left: int = 0  # effects that are only counted


_Drawn = tuple[_Node | TreeRow, Event | None, str, str]


def _rest(node: _Node, edges: str) -> TreeRow:
    more = "more " if node.effects or node.before else ""
    shows = "some" if node.left > EFFECTS else "them" if node.left > 1 else "it"
    text = f"╰ … and {node.left:,} {more}effect{'s' * (node.left != 1)}: enter shows {shows}"
    rest = (node.event.position, node.after, node.before + len(node.effects))
    return TreeRow(edges, text=text, kind=RowKind.MORE, rest=rest)


def _rule(origin: Origin) -> str:
    if origin.type == "action.requested":
        return f"rule {origin.rule}, asked {origin.agent or origin.capability} (@{origin.position})"
    return f"rule {origin.rule}: {origin.type} (@{origin.position})"
