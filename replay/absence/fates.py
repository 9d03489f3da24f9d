"""What became of a request: the answer that came instead, or why none came."""

from __future__ import annotations

from laban.replay.explain.origin import about_of
from laban.replay.timeline import Timeline
from laban.store.event import Event

from .answer import Found, Kind
from .facts import Request


def fate(timeline: Timeline, request: Request, at: int) -> Found:
    """Return how *request* ended up to position *at*, and what happened to it on the way."""
    last = request.said[-1]
    kind, detail = _end(request, last, at)
    since = request.on.position if request.on else request.origin.position
    more = [line for event in request.said if (line := _moment(timeline, event))]
    return Found(kind=kind, position=last.position, since=since, detail=detail, more=more)


def _end(request: Request, last: Event, at: int) -> tuple[Kind, str]:
    asked = [event for event in request.said if event.type == "action.requested"]
    agent = str(about_of(asked[-1]).get("agent")) if asked else "nobody"
    done = next((event for event in request.said if event.type == "action.completed"), None)
    if done is not None:
        published = ", ".join(f"{event.type} @{event.position}" for event in request.published)
        said = f"and published {published} instead" if published else "and published nothing"
        return "answered", f"{done.source} completed it @{done.position}, {said}"
    reason = about_of(last).get("reason")
    match last.type:
        case "action.dead_lettered":
            return "failed", f"it was given up @{last.position}: {reason}"
        case "action.retried":
            return "waiting", f"it waits since @{last.position} to be tried again: {reason}"
        case "action.failed":
            return "waiting", f"{last.source} failed @{last.position}: {reason}; nothing followed"
        case _:
            place = asked[-1].position if asked else last.position
            begun = ", began," if last.type == "action.started" else ""
            return "waiting", f"{agent} was asked @{place}{begun} and has not answered up to @{at}"


def _moment(timeline: Timeline, event: Event) -> str | None:
    """Return what happened to a request on the way, None for what is to be expected."""
    about, place = about_of(event), f"@{event.position}"
    match event.type:
        case "action.failed":
            return f"{place} {event.source} failed: {about.get('reason')}"
        case "action.timed_out":
            return f"{place} no answer in time"
        case "action.rejected":
            capability = str(about.get("capability"))
            turned = timeline.last_write_of("$circuits", capability, event.position)
            since = "" if turned is None else f" since @{turned}"
            return f"{place} rejected: the circuit of {capability} is open{since}"
        case "action.rate_limited":
            return f"{place} over the rate limit of {about.get('capability')}"
        case "action.fell_back":
            return f"{place} handed on to {about.get('capability')}: {about.get('reason')}"
    return None
