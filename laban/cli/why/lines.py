"""The answers of `laban why` as text: a story for people, made for 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from laban.cli.output import counted, paint, terminal_width
from laban.cli.render import columns, event_text, value_text
from laban.replay.explain import Why
from laban.replay.explain.origin import ACTIONS, Origin, label_of
from laban.replay.explain.reads import Read
from laban.replay.explain.story import Step
from laban.replay.explain.tree import Branch, Tree, Trunk
from laban.replay.pointer import MISSING
from laban.store.terminal import fit, safe
from laban.tui.values import elapsed

if TYPE_CHECKING:
    from laban.replay.choreography.plan import Plan
    from laban.replay.timeline import Timeline

GUARANTEES = {
    "recorded": "every cause was recorded with its event",
    "inferred": "at least one cause was inferred by an import",
    "misordered": "a cause stands later in this log than what it led to",
    "incomplete": "the last event names a cause that this log does not hold",
}
LONGEST = 60  # characters of a value that was read
_CUTS = {
    "seen": "",
    "deep": "not followed: the tree would be too deep",
    "many": "not followed: the tree would be too big",
    "missing": "",
}


class Lines:
    """Makes the lines; *full* ones show every event, decisions too."""

    def __init__(self, timeline: Timeline, *, full: bool) -> None:
        self._start_ns, self._full = timeline.start_ns, full
        self._conditions = {} if timeline.plan is None else _conditions(timeline.plan)
        self._width = terminal_width()

    def answer(self, answer: Why, tree: Tree | None) -> Iterator[str]:
        """Yield all that there is to say."""
        value = "removed" if answer.value is MISSING else value_text(answer.value)
        yield fit(f"{safe(answer.pointer)}  {value}", self._width)
        if answer.reducer != "default":
            yield f"  made by the reducer {safe(answer.reducer)}"
        yield from self._headlines(answer.steps)
        yield ""
        if tree is None:
            yield from self._chain(answer)
        else:
            yield from self._trunk(tree.trunk, "")
        yield ""
        if tree is not None and tree.cut:
            yield f"{counted(tree.cut, 'branch')} cut: the tree would be too deep or too big"
        if not any(step.reads for step in answer.steps):
            yield "reads: none of these events says what it had read, so a stale one does not show"
        yield f"{answer.guarantee}: {GUARANTEES[answer.guarantee]}"

    def _headlines(self, steps: Iterable[Step]) -> Iterator[str]:
        """Say at once which stale value the answer rests on."""
        for step in steps:
            for read in step.reads:
                if read.newer is not None:
                    place = f"@{step.event.position} {safe(step.event.type)}"
                    yield self._red(
                        f"  stale: {place} rests on {safe(read.pointer)} as of @{read.position}: "
                        f"{_short(read.value)}"
                    )
                    yield fit(f"         {_since(read)}", self._width)

    def _red(self, text: str) -> str:
        return paint(fit(text, self._width), "red")

    def _chain(self, answer: Why) -> Iterator[str]:
        if self._full:
            reads = {step.event.position: step.reads for step in answer.steps}
            for number, event in enumerate(answer.chain):
                yield fit(f"{'  ←' if number else '   '} {event_text(event, self._start_ns)}",
                          self._width)  # fmt: skip
                for read in reads.get(event.position, ()):
                    yield from self._read(read, " " * 8)
            return
        for line, step in zip(self._aligned(answer.steps, 2), answer.steps, strict=True):
            yield f"  {line}".rstrip()
            yield from self._about(step, " " * 8)
            for read in step.reads:
                yield from self._read(read, " " * 8)

    def _aligned(self, steps: list[Step], indent: int) -> Iterator[str]:
        streams = {step.event.stream for step in steps if not step.event.stream.startswith("$")}
        rows = [self._cells(step, address=len(streams) > 1) for step in steps]
        return columns(rows, self._width and self._width - indent, rows)

    def _cells(self, step: Step, *, address: bool) -> tuple[str, ...]:
        event = step.event
        since = elapsed(event.time_ns, self._start_ns) or "?"
        where = [safe(f"{event.stream}@{event.stream_position}")] if address else []
        first = (f"@{event.position}", since, safe(event.source), safe(event.type))
        answered = [safe(o.action) for o in step.by[:1] if o.action and event.stream == ACTIONS]
        return (*first, *where, " ".join([*answered, safe(label_of(event))]))

    def _about(self, step: Step, indent: str) -> Iterator[str]:
        """Yield by which rules the event came about, and what else it waited for."""
        for origin in step.by:
            own = origin.position == step.event.position
            yield fit(f"{indent}{_told(origin, own=own)}", self._width)
            if condition := self._conditions.get(origin.rule):
                yield fit(f"{indent}if {safe(condition)}", self._width)
        if step.also:
            places = ", ".join(f"@{position}" for position in step.also)
            yield fit(f"{indent}and after {places}, which are not followed here", self._width)

    def _read(self, read: Read, indent: str, more: str = "") -> Iterator[str]:
        """Yield what was read, and that it was stale."""
        if read.position is None:
            version = value_text(read.version)
            yield f"{indent}read {safe(read.pointer)} as of {version}, which this log does not hold"
            return
        value = "?" if read.verdict == "unknown" else _short(read.value)
        said = f"{indent}read {safe(read.pointer)} as of @{read.position}: {value}{more}"
        yield fit(said, self._width)
        if read.newer is not None:
            yield self._red(f"{indent}stale: {_since(read)}")
        elif read.verdict == "future":
            yield self._red(f"{indent}which was recorded later than the event that rests on it")

    # The tree: its trunk goes straight down, what was read branches off to the right.

    def _trunk(self, trunk: Trunk, edge: str) -> Iterator[str]:
        last = len(trunk.steps) - 1
        for number, (step, branches) in enumerate(zip(trunk.steps, trunk.branches, strict=True)):
            text = "  ".join(self._cells(step, address=False))
            yield fit(edge + text, self._width)
            goes_on = number < last or trunk.joins is not None
            for index, branch in enumerate(branches):
                told = step.by or step.also
                final = index == len(branches) - 1 and not goes_on and not told
                yield from self._branch(branch, edge, final=final)
            if step.by or step.also or goes_on:
                yield from self._about(step, f"{edge}│ ")
        if trunk.joins is not None:
            yield f"{edge}@{trunk.joins}, which stands elsewhere"
        elif trunk.guarantee == "incomplete":
            yield f"{edge}(names a cause that this log does not hold)"
        elif trunk.guarantee == "cut":
            yield f"{edge}(goes on: the tree would be too big)"

    def _branch(self, branch: Branch, edge: str, *, final: bool) -> Iterator[str]:
        lines = list(self._read(branch.read, "", self._leads(branch)))
        inner = edge + ("   " if final else "│  ")
        yield fit(f"{edge}{'└─' if final else '├─'} {lines[0]}", self._width)
        yield from (f"{inner}{line}" for line in lines[1:])
        if branch.trunk is not None:
            yield from self._trunk(branch.trunk, inner)

    def _leads(self, branch: Branch) -> str:
        if branch.cut == "seen":
            return f", see @{branch.read.written}"
        return f" ({_CUTS[branch.cut]})" if branch.cut in ("deep", "many") else ""


def _told(origin: Origin, *, own: bool) -> str:
    """Say which rule decided what; *own* is a decision that is told of already."""
    rule = f"by rule {safe(origin.rule)}"
    if own:
        return rule
    if origin.type != "action.requested":
        reason = f": {safe(origin.reason)}" if origin.reason else ""
        return f"{rule}, {safe(origin.type)} @{origin.position}{reason}"
    if origin.action and origin.action not in origin.rule:  # a saga asks for many
        rule += f": {safe(origin.action)}"
    again = f" (attempt {origin.attempt})" if origin.attempt not in (None, 1) else ""
    who = safe(origin.agent or origin.capability or "?")
    return f"{rule}, asked of {who} @{origin.position}{again}"


def _since(read: Read) -> str:
    newer = read.newer
    assert newer is not None
    now = "gone" if newer.value is MISSING else _short(newer.value)
    return f"it was {now} since @{newer.position}, by {safe(newer.source)}: {safe(newer.type)}"


def _short(value: Any) -> str:
    return fit("nothing" if value is MISSING else value_text(value), LONGEST)


def _conditions(plan: Plan) -> dict[str, str]:
    """Return the conditions that are worth telling, by the names of their rules."""
    groups = (plan.patterns, plan.transitions, plan.sagas)
    rules = (rule for group in groups for same in group.values() for rule in same)
    return {rule.name: rule.condition for rule in rules if rule.condition != "True"}
