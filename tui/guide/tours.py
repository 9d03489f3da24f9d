"""The guided tours: what to look at in a demo, and the keys that lead on."""

from __future__ import annotations

from .tour import Step

_WRONG = "type == 'decision_made' and data['approved'] != (state[stream]['score'] >= 640)"

CREDIT = (
    Step(
        "Five agents decide on loans; nobody conducts them. This applicant was refused with a "
        "score of 689: 640 is enough. Let us find out why, and keep the bug as a test. "
        "{tour_next} goes on, {tour_back} back."
    ),
    Step(
        "The selected event is where you are in time: every pane shows the world as it was "
        "then. {next} and {previous} step. {cause} goes to what caused this decision.",
        "cause",
    ),
    Step("A rule asked for the decision. {cause} again: what made it ask?", "cause"),
    Step(
        "A rating: high. The agent that rated names what it had read, a score of 565; by now "
        "the state says 689. {last_write} goes to the event that wrote the selected score.",
        "last_write",
    ),
    Step(
        "The score was corrected here, before the rating that used the old one: a stale read. "
        "{undo} goes back to the rating; no jump is ever lost.",
        "undo",
    ),
    Step("{view} shows the same events as lanes, one for each agent.", "view"),
    Step("Arrows lead from causes to effects. {view} again shows the tree of causes.", "view"),
    Step("It ends at the event that nothing caused. {view} brings the events back.", "view"),
    Step(
        "Was this the first wrong decision? {bisect} asks for an expression; the one for this "
        "is written already.",
        "bisect",
        answer=_WRONG,
    ),
    Step(
        "Enter starts the search. It is exact: the answer says what was looked at. "
        "{check} goes on to what else is wrong.",
        "check",
    ),
    Step(
        "Nobody had to ask: stale reads, broken contracts, lost requests, loops, worst first. "
        "Enter goes to one.",
        "choose",
    ),
    Step("{sql} asks in SQL, over the events and over every value that the state ever had.", "sql"),
    Step(
        "Type a query, or let {cancel} leave the editor and enter run an example. {debug} goes "
        "back to the log.",
        "debug",
    ),
    Step(
        "Now keep the bug as a test. {address} goes to any place; the first wrong decision "
        "stands there already. Enter goes there.",
        "address",
        answer="@276",
    ),
    Step(
        "{address} takes paths, too: enter selects the value that came out wrong.",
        "address",
        answer="/applicant-04/approved",
    ),
    Step(
        "{export} and p write a pytest file: say that it should be true, then enter. The test "
        "holds the events that are needed, and fails until the agents are mended.",
        "export",
    ),
    Step(
        "Run it with pytest, wherever your tests run. {help} lists all keys, {quit} leaves. "
        "`laban demo orders` has another bug."
    ),
)
