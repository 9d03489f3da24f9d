"""What can be copied from where one is, each by its letter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from shlex import quote
from typing import NamedTuple

from laban.store.event import Event, event_line
from laban.store.jsontext import to_json
from laban.tui.desk import Opened
from laban.tui.refusal import Refusal
from laban.tui.session import SELECT, Session


class Yank(NamedTuple):
    """Something to copy."""

    letter: str
    name: str
    text: Callable[[], str]  # raises Refusal where there is none


def yanks(opened: Opened, session: Session, pointer: Callable[[], str]) -> list[Yank]:
    """Return what can be copied of a session; *pointer* returns the selected path, or ""."""
    log = quote(str(opened.path or opened.title or "LOG"))
    rules = f" --choreography {quote(opened.choreography)}" if opened.choreography else ""

    def path() -> str:
        if found := pointer():
            return found
        raise Refusal(SELECT)

    def address() -> str:
        return f"@{session.position}"

    def sql() -> str:
        if not pointer():
            return f"SELECT * FROM events WHERE position = {_event(session).position}"
        return (
            f"SELECT position, value FROM state_history WHERE path = {_sql_text(pointer())} "
            f"AND position <= {session.position} ORDER BY position DESC"
        )

    def command() -> str:
        place = f" {quote(pointer())}" if pointer() else ""
        return f"laban state {log}{place} --at @{session.position}{rules}"

    return [
        Yank("e", "event", lambda: event_line(_event(session))),
        Yank("p", "path", path),
        Yank("v", "value", lambda: value_text(session, path())),
        Yank("a", "address", address),
        Yank("s", "SQL", sql),
        Yank("c", "command", command),
    ]


def value_text(session: Session, pointer: str) -> str:
    """Return the value at *pointer* as JSON."""
    return to_json(session.timeline.value(pointer, session.position))


def seen_as_json(session: Session, rows: Sequence[object], name: str) -> str:
    """Return the event, the state of its stream after it, and *rows* in view, as JSON."""
    event, state = session.event, {}
    if event is not None:
        state[event.stream] = session.timeline.stream_at(event.stream, session.position)
    head = to_json({"log": name, "position": session.position})[:-1]
    line = event_line(event) if event else "null"
    return f'{head},"event":{line},"state":{to_json(state)},"rows":{to_json(rows)}}}\n'


def _event(session: Session) -> Event:
    if event := session.event:
        return event
    raise Refusal("This is before the first event: there is nothing to copy of it.")


def _sql_text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
