"""Bisecting a log by hand: a person looks at one position after another and says good or bad."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click import UsageError

from laban.cli.opening import open_timeline
from laban.cli.output import hint, print_json, print_line, terminal_width
from laban.cli.program import FOUND, NOT_FOUND
from laban.cli.render import event_text
from laban.replay.bisect import Session, Verdict
from laban.replay.bisect.telling import next_step, note_of, told
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError, did_you_mean
from laban.store.terminal import fit, safe

from .asked import Asked
from .keeping import Kept
from .over_events import positions
from .showing import fields, show


class NoSessionError(LabanError):
    """No bisection is under way."""

    def __init__(self, log: str) -> None:
        super().__init__(
            f"No bisection of {log} is under way: `laban bisect {log} start` begins one, "
            "--where EXPR or `run COMMAND` do it for you."
        )


def act(asked: Asked) -> int:
    """Do the action that the words ask for, or show how far it is; return the exit status."""
    _, action, *addresses = [*asked.words, "show"][: max(len(asked.words), 2)]
    kept = Kept(asked.log)
    if action == "reset":
        hint("Forgotten." if kept.forget() else "Nothing was under way.")
        return FOUND
    do = _ACTIONS.get(action)
    if do is None:
        near = did_you_mean(action, [*_ACTIONS, "reset"])
        raise UsageError(f"No action {action!r}.{near}")
    with open_timeline(asked.log) as timeline:
        return do(asked, action, addresses, timeline, kept)


def _start(asked: Asked, action: str, addresses: list[str], timeline: Timeline, kept: Kept) -> int:
    _expect(addresses, 0, f"{action} takes --from GOOD and --to BAD")
    kept.check()
    session = Session(timeline.log.identity, *positions(asked, timeline))
    kept.keep(session)
    if not asked.as_json:
        hint(f"Taking @{session.first} to be good and @{session.last} to be bad.")
    return _show(asked, session, timeline)


def _answer(asked: Asked, action: str, addresses: list[str], timeline: Timeline, kept: Kept) -> int:
    session = _under_way(kept, timeline)
    told_of = [timeline.resolve(address) for address in addresses]
    if not told_of:
        if (position := session.narrowing.next()) is None:
            raise UsageError(f"Nothing is left to test: name the position, as in {action} @12.")
        told_of = [position]
    for position in told_of:
        session.tell(position, Verdict(action), note_of(timeline, position))
    kept.keep(session)
    return _show(asked, session, timeline)


def _log(_: Asked, action: str, addresses: list[str], timeline: Timeline, kept: Kept) -> int:
    _expect(addresses, 0, f"{action} takes no position")
    for line in _under_way(kept, timeline).text().splitlines():
        print_line(safe(line))
    return FOUND


def _replay(asked: Asked, action: str, addresses: list[str], timeline: Timeline, kept: Kept) -> int:
    _expect(addresses, 1, f"{action} takes one FILE, that `log` had printed")
    kept.check()
    text = Path(addresses[0]).read_text(encoding="utf-8", errors="surrogateescape")
    session = Session.replayed(text, timeline.log.identity, timeline.head)
    kept.keep(session)
    return _show(asked, session, timeline)


def _status(asked: Asked, action: str, addresses: list[str], timeline: Timeline, kept: Kept) -> int:
    _expect(addresses, 0, f"{action} takes no position")
    return _show(asked, _under_way(kept, timeline), timeline)


_ACTIONS: dict[str, Callable[[Asked, str, list[str], Timeline, Kept], int]] = {
    "start": _start,
    "good": _answer,
    "bad": _answer,
    "skip": _answer,
    "log": _log,
    "replay": _replay,
    "show": _status,
}


def _expect(addresses: list[str], count: int, problem: str) -> None:
    if len(addresses) != count:
        raise UsageError(f"{problem}.")


def _under_way(kept: Kept, timeline: Timeline) -> Session:
    session = kept.session(timeline)
    if session is None:
        raise NoSessionError(kept.log)
    return session


def _show(asked: Asked, session: Session, timeline: Timeline) -> int:
    """Print what to test next, or what was found; return the exit status."""
    answer, position = told(session, timeline), session.narrowing.next()
    if asked.as_json:
        candidates = None if position else list(answer.candidates)
        steps = session.narrowing.steps
        print_json({**fields(answer), "candidates": candidates, "next": position, "steps": steps})
        return FOUND if answer.found or position else NOT_FOUND
    if position is None:
        return show(answer, timeline, False, asked.limit, "bad")
    print_line(next_step(session))
    event = timeline.log.get(position)
    print_line(fit(f"└─ {event_text(event, timeline.start_ns)}", terminal_width()))
    hint(f"Look: laban open {asked.log} --at @{position}")
    hint(f"Then: laban bisect {asked.log} good (or bad, skip)")
    return FOUND
