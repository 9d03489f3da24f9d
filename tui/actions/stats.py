"""The keys of the stats screen."""

from __future__ import annotations

from functools import partial

from .action import Action

_stats = partial(Action, screen="stats", pane="Stats")

ACTIONS = (
    _stats("first_of", ("g",), "first event",
           "Go to the first event that the selected row counts. Enter does it, too."),
    _stats("last_of", ("G",), "last event",
           "Go to the last event that the selected row counts.", footer="g/G first, last event"),
    _stats("measure_again", ("r",), "measure", "Measure the log, or measure it again.",
           footer="r measure"),
    _stats("pane_rates", ("1",), "rates", "Go to the rates, agents and types.", pane="Panes",
           footer="1 rates"),
    _stats("pane_rules", ("2",), "rules",
           "Go to the rules, sequences, sagas, circuit breakers and spending.", pane="Panes",
           footer="2 rules"),
)  # fmt: skip

FOOTER = ("last_of", "pane_rates", "pane_rules", "measure_again")
