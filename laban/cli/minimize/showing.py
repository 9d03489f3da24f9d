"""Answers of minimisations, for people and for programs."""

from __future__ import annotations

from laban.cli.advice import word
from laban.cli.output import counted, hint, print_json, print_line, terminal_width
from laban.cli.program import FOUND, NOT_FOUND
from laban.cli.render import columns, event_cells
from laban.replay.minimise import MEANINGS, Minimised
from laban.replay.timeline import Timeline
from laban.store.terminal import fit, safe

from .asked import Asked

SHOWN = 20  # events that are listed


def show(asked: Asked, answer: Minimised, timeline: Timeline, test: str, events: int) -> int:
    """Print what is left, and return the exit status."""
    if asked.as_json:
        print_json(
            {
                "log": asked.output,
                "from": asked.log,
                "test": test,
                "kept": len(answer.kept),
                "dropped": answer.dropped,
                "positions": answer.kept,
                "events": events,
                "probes": answer.probes,
                "replayed": answer.replayed,
                "unresolved": answer.unresolved,
                "guarantee": answer.guarantee,
            }
        )
        return FOUND
    width = terminal_width()
    verb = "shows" if len(answer.kept) == 1 else "show"
    print_line(f"{len(answer.kept):,} of {timeline.head:,} events {verb} it: {safe(test)}")
    first = [timeline.log.get(position) for position in answer.kept[:SHOWN]]
    for line in columns((event_cells(e, timeline.start_ns) for e in first), width):
        print_line(line)
    if more := len(answer.kept) - len(first):
        print_line(f"… and {more:,} more")
    print_line(fit(_effort(answer), width))
    if asked.replay:
        hint(f"With the decisions that the rules make on these, {asked.output} holds {events:,}.")
    hint(f"Next: {_next(asked)}")
    return FOUND


def show_nothing(asked: Asked) -> int:
    """Say that there is nothing to minimise, and return the exit status."""
    if asked.as_json:
        nothing: dict[str, object] = {"log": None, "from": asked.log, "kept": 0, "dropped": 0}
        untold = {
            "positions": [],
            "events": 0,
            "probes": 0,
            "replayed": 0,
            "unresolved": 0,
            "guarantee": None,
        }
        print_json({**nothing, **untold})
    else:
        print_line(f"{asked.log} does not show it: nothing to minimise")
    return NOT_FOUND


def _effort(answer: Minimised) -> str:
    tested = f"{counted(answer.probes, 'set')} of events tested"
    if answer.unresolved:
        tested += f", {answer.unresolved:,} of the last ones without an answer"
    return f"{answer.guarantee}: {tested}; {MEANINGS[answer.guarantee]}"


def _next(asked: Asked) -> str:
    new, rules = word(asked.output), ""
    if asked.choreography is not None:
        rules = f" --choreography {word(asked.choreography)}"
    if asked.where is not None:
        test = f"--where {word(asked.where)}"
        return f"laban export {new} --to pytest {test}{rules} -o tests/"
    if asked.mismatch:
        return f"laban export {new} --to pytest{rules} -o tests/"
    return f"laban open {new}"
