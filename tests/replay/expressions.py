"""Random tests over everything that an expression can read, and a scan that knows no index."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from laban.replay.expression import Expression, compile_expression
from laban.replay.expression.syntax import MAX_LOOPS
from laban.store.event import NewEvent, envelope

from .logs import fold, recorded

_STATES = st.sampled_from(["state", "before"])
_STREAMS = st.sampled_from(["a", "b/c", "nowhere"])
_NUMBERS = st.integers(0, 2).map(str)
_COMPARISONS = st.sampled_from(["==", "!=", "<", ">="])

_paths = st.builds(  # undefined where nothing was written yet
    lambda state, stream, field: f"{state}[{stream!r}][{field!r}]",
    _STATES,
    _STREAMS,
    st.sampled_from("xy"),
)
_of_state = st.one_of(
    _paths,
    st.builds(lambda s, n: f"{s}[{n!r}].get('x', 0)", _STATES, _STREAMS),
    st.builds(lambda s, n: f"len({s}[{n!r}])", _STATES, _STREAMS),
    st.builds(lambda s: f"len({s})", _STATES),
    st.builds(lambda s: f"sum(len(each) for each in {s}.values())", _STATES),
)
_of_event = st.sampled_from(
    [
        "data['x']",
        "data.get('y', 1)",
        "position % 3",
        "event_count",
        "source_event_count",
        "len(recent_events) % 4",
        "sum(e['type'] == 'payment_failed' for e in recent_events)",
        "state[stream].get('x', 0)",
        "len(type) % 3",
    ]
)


def _tests(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    atoms = st.one_of(
        st.builds(
            lambda a, c, b: f"{a} {c} {b}", values, _COMPARISONS, st.one_of(values, _NUMBERS)
        ),
        st.builds(lambda s, n: f"{n!r} in {s}", _STATES, _STREAMS),
        st.sampled_from(["True", "False"]),
    )
    return st.recursive(
        atoms,
        lambda inner: st.one_of(
            st.builds(lambda a, b: f"({a} and {b})", inner, inner),
            st.builds(lambda a, b: f"({a} or {b})", inner, inner),
            st.builds(lambda a: f"not ({a})", inner),
            st.builds(lambda a, b, c: f"({a} if {b} else {c})", inner, inner, inner),
        ),
        max_leaves=5,
    )


expressions = (
    st.one_of(_tests(_of_state), _tests(st.one_of(_of_state, _of_event)))
    .filter(lambda text: text.count(" for ") <= MAX_LOOPS)
    .map(compile_expression)
)


def answers(events: list[NewEvent], expression: Expression) -> list[bool | None]:
    """Whether the expression holds at 0, 1, 2, …: the whole state folded anew at each."""
    log = recorded(events)
    found = []
    for position in range(len(events) + 1):
        scope: dict[str, Any] = {
            "state": fold(events[:position]),
            "before": fold(events[: max(position - 1, 0)]),
        }
        if position:
            event = log.get(position)
            past = [envelope(e) for e in log.read(1, position)]
            scope |= {
                **envelope(event),
                "recent_events": past,
                "event_count": position,
                "source_event_count": sum(e["source"] == event.source for e in past),
            }
        found.append(expression.holds(scope))
    return found
