"""The keys of the comparison of two runs."""

from __future__ import annotations

from functools import partial

from .action import Action

_compare = partial(Action, screen="compare", pane="Compare")

ACTIONS = (
    _compare(
        "next_difference", ("right_square_bracket",), "next difference",
        "Go to the next difference: the roots first, then all that differs.",
    ),
    _compare(
        "previous_difference", ("left_square_bracket",), "previous difference",
        "Go to the difference before.",
        footer="[/] difference",
    ),
    _compare(
        "other_log", ("b",), "other log",
        "Go to the event in the other log, which is shown then; enter goes to this log's.",
        footer="b in B",
    ),
    _compare(
        "order", ("o",), "order",
        "Let another order count: causal, stream or global.",
        footer="o order",
    ),
    _compare(
        "ignore", ("i",), "ignore",
        "Leave out a part of every event, such as /data/seed or /data/**/at.",
        footer="i ignore",
    ),
    _compare(
        "count_again", ("u",), "count again",
        "Let what was ignored last count again.",
    ),
    _compare(
        "mask", ("m",), "mask",
        "Let another mask say what does not count: default, langgraph or strict.",
        footer="m mask",
    ),
    _compare(
        "baseline", ("B",), "baseline",
        "Leave out what differs between this log and a second run of it.",
    ),
)  # fmt: skip

FOOTER = ("previous_difference", "other_log", "compare", "order", "ignore", "mask")
