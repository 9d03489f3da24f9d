"""Rules that wait for several events: how far they came."""

from __future__ import annotations

from collections.abc import Callable

from laban.replay.choreography.rules import Sequence, TemporalSequence, ThresholdPattern
from laban.store.clock import SECOND

from .answer import Absent, Found
from .facts import Facts

Explain = Callable[[str], Absent]


def waited(
    facts: Facts, rule: Sequence | TemporalSequence | ThresholdPattern, explain: Explain
) -> Found:
    """Return how far *rule* came in the correlation, and what it still waits for."""
    if isinstance(rule, ThresholdPattern):
        return _threshold(facts, rule)
    if isinstance(rule, Sequence):
        positions = _in_order(facts, rule.events)
        came = dict(zip(rule.events, positions, strict=False))
        return _unfinished(facts, rule.name, came, rule.events[len(positions) :][:1], explain)
    wanted = (rule.trigger_event, *rule.required_events)
    if rule.trigger_event not in facts.by_type:
        return _unfinished(facts, rule.name, {}, wanted[:1], explain)
    came = {type: facts.by_type[type][0].position for type in wanted if type in facts.by_type}
    missing = tuple(type for type in wanted if type not in came)
    return _unfinished(facts, rule.name, came, missing, explain)


def _in_order(facts: Facts, types: tuple[str, ...]) -> list[int]:
    """Return the positions of the events that took the sequence on."""
    came: list[int] = []
    for event in facts.events:
        if len(came) < len(types) and event.type == types[len(came)]:
            came.append(event.position)
    return came


def _unfinished(
    facts: Facts, rule: str, came: dict[str, int], missing: tuple[str, ...], explain: Explain
) -> Found:
    """Say what of *rule* came, by type, and what did not."""
    over = [e for e in facts.about.get(rule, ()) if e.type == "sequence.timed_out"]
    end = over[-1].position if over else facts.at
    in_time = {type: position for type, position in came.items() if position < end or not over}
    said = f"{_listed(in_time)} came" if in_time else "nothing that it waits for came"
    if over:
        said += f", and its time was over @{end}"
        late = {type: position for type, position in came.items() if type not in in_time}
        said += f", before {_listed(late)}" if late else ""
    absent = [type for type in missing if type not in facts.by_type]
    if absent:
        said += f"; {', '.join(absent)} {'was' if len(absent) == 1 else 'were'} not observed"
    elif missing and not over:
        said += f"; {missing[0]} came, but not after it"
    since = max(came.values(), default=0)
    return Found(
        kind="over" if over else "incomplete",
        position=end if over else since or None,
        since=since,
        detail=said,
        absent=[explain(type) for type in absent],
    )


def _listed(came: dict[str, int]) -> str:
    return ", ".join(f"{type} @{position}" for type, position in came.items())


def _threshold(facts: Facts, rule: ThresholdPattern) -> Found:
    """Count the events of the last window, whatever their correlation."""
    timeline, type = facts.timeline, rule.event_type
    last = timeline.index.previous_marked("type", type, facts.at + 1)
    position, count, end = last, 0, None
    while position is not None and count < rule.threshold:
        time = timeline.log.get(position).time_ns
        end = time if end is None else end
        if time is None or end is None or time <= end - round(rule.time_window * SECOND):
            break
        count += 1
        position = timeline.index.previous_marked("type", type, position)
    detail = (
        f"{count} {type} came within {rule.time_window:g} s up to "
        f"{'the end' if last is None else f'@{last}'}, and {rule.threshold} are needed"
    )
    return Found(kind="incomplete", position=last, since=last or 0, detail=detail)
