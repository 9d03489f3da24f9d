"""The keys of the search for the event at which an expression turns true."""

from __future__ import annotations

from functools import partial

from .action import Action

_bisect = partial(Action, screen="bisect", pane="Bisect")

ACTIONS = (
    _bisect("next_edge", ("n",), "next edge", "Select the next edge."),
    _bisect(
        "previous_edge", ("N",), "previous edge", "Select the edge before.", footer="n/N edges"
    ),
    _bisect(
        "read_write", ("w",), "last write",
        "Go to the last write, before the selected event, of what the expression reads.",
        footer="w wrote",
    ),
    _bisect(
        "edge_cause", ("left_square_bracket",), "cause",
        "Go to the event that caused the selected one.",
        footer="[ cause",
    ),
    _bisect(
        "find_first", ("1",), "first",
        "Find the first position at which it is true.",
        footer="1-4 which",
    ),
    _bisect("find_last_good", ("2",), "last good", "Find since when it has been true."),
    _bisect("find_all", ("3",), "all edges", "Find every edge, in both directions."),
    _bisect(
        "find_monotone", ("4",), "halve",
        "Halve: few tests, and the first only of what stays true.",
    ),
    _bisect(
        "each", ("e",), "each",
        "Find the first event in each correlation, stream or source; again, in the whole log.",
        footer="e each",
    ),
    _bisect("range", ("r",), "range", "Search from one address to another: @10..@276."),
    _bisect(
        "by_hand", ("m",), "by hand",
        "Answer yourself: what is between a good and a bad position is halved by g, b and s.",
        footer="m by hand",
    ),
    _bisect("good", ("g",), "good", "Say that the position that is next is good."),
    _bisect("bad", ("b",), "bad", "Say that the position that is next is bad."),
    _bisect("skip", ("s",), "skip", "Say that the position that is next tells nothing."),
    _bisect("take_back", ("u",), "take back", "Take back the last answer."),
    _bisect("forget", ("R",), "forget", "Forget the answers given by hand."),
)  # fmt: skip

FOOTER = ("previous_edge", "bisect", "find_first", "each", "by_hand", "read_write", "edge_cause")
