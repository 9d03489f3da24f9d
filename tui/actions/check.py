"""The keys of the check screen."""

from __future__ import annotations

from functools import partial

from .action import Action

_check = partial(Action, screen="check", pane="Findings")

ACTIONS = (
    _check(
        "next_finding", ("right_square_bracket", "n"), "next finding",
        "Select the next finding; enter goes to its event.",
    ),
    _check(
        "previous_finding", ("left_square_bracket", "N"), "previous finding",
        "Select the finding before.",
        footer="[/] finding",
    ),
    _check(
        "other_place", ("o",), "other event",
        "Go to the other event of the finding: of a stale read, the write that it missed. "
        "Pane 2 lists all of them.",
        footer="o other event",
    ),
    _check("fold_kind", ("space",), "fold", "Fold the findings of this kind, or unfold them.",
           footer="space fold"),
    _check(
        "check_rules", ("c",), "choreography",
        "Check by the rules of a choreography, too: FILE or FILE:NAME.",
        footer="c choreography",
    ),
    _check("check_again", ("r",), "check", "Check the log, or check it again.", footer="r check"),
    _check("pane_findings", ("1",), "findings", "Go to the findings.", pane="Panes"),
    _check("pane_finding", ("2",), "finding", "Go to the events of the selected finding.",
           pane="Panes", footer="2 events"),
)  # fmt: skip

FOOTER = ("previous_finding", "other_place", "fold_kind", "check_rules", "check_again",
          "pane_finding")  # fmt: skip
