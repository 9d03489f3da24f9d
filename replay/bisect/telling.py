"""What a bisection found, or is about to find, in words."""

from __future__ import annotations

from laban.replay.timeline import Timeline
from laban.store.terminal import counted

from .answer import EDGE, ENDS_ASSUMED, FIRST, FLAKY, LAST, MONOTONE_ASSUMED, Bisection, Edge
from .session import Session

_UNTOLD = {"true": "gave the test no value", "bad": "skipped"}
_MEANINGS = {
    MONOTONE_ASSUMED: "the first, if the test stays true once it is",
    ENDS_ASSUMED: "an edge, if the ends are good and bad, which nobody tested",
    FLAKY: "an edge, if the answers that were given most often are right",
}


def told(
    session: Session, timeline: Timeline, guarantee: str = EDGE, contradiction: str = ""
) -> Bisection:
    """Return what the answers of *session* say so far; nothing, when its ends are wrong."""
    left = session.narrowing
    candidates = range(0) if contradiction else left.candidates
    found = len(candidates) == 1
    if candidates:
        guarantee = _worth(session, guarantee)
    return Bisection(
        found=found,
        position=left.bad if found else None,
        event=timeline.log.get(left.bad) if found else None,
        good=left.good if candidates else None,
        bad=left.bad if candidates else None,
        probes=len({answer.position for answer in session.answers}) + bool(contradiction),
        undefined=len(left.skipped),
        guarantee=guarantee,
        first=session.first,
        last=session.last,
        edges=[Edge(left.bad, True, left.good, left.bad)] if found else [],
        edge_count=int(found),
        candidates=candidates,
        contradiction=contradiction,
    )


def _worth(session: Session, guarantee: str) -> str:
    if session.disagreed:
        return FLAKY
    return ENDS_ASSUMED if session.assumed else guarantee


def effort(guarantee: str, tested: str, untold: int, word: str, found: object = True) -> str:
    """Return the last line for people: the guarantee, what it cost, and what it rests on."""
    meaning = _MEANINGS.get(guarantee) if found else ""
    if untold:
        tested += f", {untold:,} of them {_UNTOLD[word]}"
    return f"{guarantee}: {tested}" + (f"; {meaning}" if meaning else "")


def headline(answer: Bisection, word: str) -> str:
    """Return the result in a line; *word* is what the test turns: true, or bad."""
    if answer.contradiction:
        return answer.contradiction
    if answer.good is not None:
        when = "since" if answer.guarantee == LAST else "first at"
        return f"{word} {when} @{answer.bad}, not yet at @{answer.good}"
    if answer.position is not None:
        first = f"at @{answer.first}" if answer.first else "before the first event"
        return f"{word} from the start, {first}"
    if answer.guarantee == FIRST:
        return f"never {word}"
    return f"not {word} in the end, at @{answer.last}"


def next_step(session: Session) -> str:
    """Return which position is to be tested next, and how many are left. There must be one."""
    narrowing = session.narrowing
    return (
        f"@{narrowing.next()} is next: bad first at one of {len(narrowing.candidates):,} "
        f"positions, about {counted(narrowing.steps, 'step')} to go"
    )


def note_of(timeline: Timeline, position: int) -> str:
    """Return what stands beside an answer in the log of a bisection."""
    if position == 0:
        return "before the first event"
    event = timeline.log.get(position)
    return f"{event.type} {event.stream}@{event.stream_position}"
