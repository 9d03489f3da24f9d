"""The check screen: what went wrong unnoticed, and where."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from laban.replay.check import Flaw
from laban.store.errors import LabanError
from laban.tui.apart import apart
from laban.tui.check.rows import Findings, clean_rows, events_of, find_flaws, flaw_rows, summary
from laban.tui.open_log import OpenLog
from laban.tui.refusal import Refusal
from laban.tui.values import DetailRow, RowKind
from laban.tui.widgets.event_details import EventDetails
from laban.tui.widgets.finding_list import FindingList
from laban.tui.widgets.virtual_list import VirtualList

from .screen import Command, LabanScreen, bindings_of

_CHECK_FIRST = "The log is not checked yet: r checks it."


class CheckScreen(LabanScreen):
    """Lists the findings of a check; each leads to its events."""

    NAME = "check"
    BINDINGS = bindings_of(NAME)
    DEFAULT_CSS = """
    CheckScreen {
        FindingList { height: 3fr; }
        EventDetails { height: 2fr; min-height: 8; }
        &.-clean FindingList { height: 3; }
    }
    """
    AUTO_FOCUS = "#findings"

    def __init__(self, open_log: OpenLog) -> None:
        super().__init__(open_log.opened.title)
        self.session, self.opened = open_log.session, open_log.opened
        self.findings = FindingList(id="findings")
        self.details = EventDetails(id="finding")
        self.found: Findings | None = None
        self._rules = self.opened.choreography or ""
        self._head = 0  # how far the log was checked
        self.commands |= {
            "next_finding": Command(lambda: self._select(1), self._why_none),
            "previous_finding": Command(lambda: self._select(-1), self._why_none),
            "other_place": Command(self._go_to_other, self._why_none),
            "fold_kind": Command(self._fold, self._why_none),
            "check_rules": Command(self._ask_rules),
            "check_again": Command(self.check),
            "pane_findings": Command(lambda: self.set_focus(self.findings)),
            "pane_finding": Command(lambda: self.set_focus(self.details)),
        }

    def body(self) -> Iterable[Widget]:
        return (self.findings, self.details)

    def on_mount(self) -> None:
        self.details.border_title = "2 Finding"
        self.check()

    def on_resize(self) -> None:
        self.call_after_refresh(self._explain)

    def on_screen_resume(self) -> None:
        self.header.show(self.session.where())
        newer = self.session.head - self._head
        if self.found is not None and newer > 0:
            self.status.say(f"{newer:,} events came since: r checks again", "changed")

    def focus_body(self) -> None:
        self.set_focus(self.findings)

    # Checking.

    def check(self, rules: str | None = None) -> None:
        """Check the log, by the choreography *rules* when that is given."""
        place = self._rules if rules is None else rules

        def done(flaws: list[Flaw]) -> None:
            self._rules = place
            self._show(flaws)

        self._head = self.session.head
        if self.found is None:
            self._tell("checking …")
        self.worker.start(
            "checking",
            lambda job: apart(find_flaws, self.opened, place, job),
            done,
            unit="events",
            total=self._head,
        )

    def cancel(self) -> None:
        if self.worker.busy and self.found is None:
            self._tell(_CHECK_FIRST)
        super().cancel()

    def refuse(self, refusal: LabanError) -> None:
        if self.found is None and not self.worker.busy:
            self._tell(_CHECK_FIRST)
        super().refuse(refusal)

    def _ask_rules(self) -> None:
        self.ask("choreography", self._rules or "FILE or FILE:NAME of the rules", self.check)

    def _show(self, flaws: list[Flaw]) -> None:
        self.found = Findings(flaws)
        first = self.found.neighbour(-1, 1)
        self.set_class(not flaws, "-clean")
        by = f" · by {self._rules}" if self._rules else ""
        self.findings.border_title = f"1 Findings · {summary(flaws)} in {self._head:,} events{by}"
        self.findings.show(self.found, first or 0)
        self.status.say("enter goes to the event, o to the other one" if flaws else "")
        self._explain()

    # The selected finding.

    @property
    def flaw(self) -> Flaw | None:
        """The selected finding, None on a heading."""
        return self.found.flaw(self.findings.cursor) if self.found is not None else None

    def on_virtual_list_moved(self, message: VirtualList.Moved) -> None:
        if message.list is self.findings:
            self._explain()

    def on_virtual_list_chosen(self, message: VirtualList.Chosen) -> None:
        try:
            if message.list is self.details:
                row = self.details.selected
                if row is None or row.target is None:
                    raise Refusal("That row leads nowhere; those with ↵ do.")
                self._go(row.target)
            elif self.flaw is None:
                self._fold()
            else:
                self._go_to(self.flaw)
        except LabanError as refusal:
            self.refuse(refusal)

    def _why_none(self) -> str:
        if self.found is None:
            return _CHECK_FIRST
        return "" if len(self.found) else "Nothing was found."

    def _select(self, by: int) -> None:
        assert self.found is not None
        row = self.found.neighbour(self.findings.cursor, by)
        if row is None:
            raise Refusal(f"This is the {'last' if by > 0 else 'first'} finding.")
        self.findings.cursor = row
        self._explain()
        self.status.say("")

    def _fold(self) -> None:
        assert self.found is not None
        heading = self.found.fold(self.findings.cursor)
        self.findings.show(self.found, heading)
        self._explain()

    def _go_to(self, flaw: Flaw) -> None:
        if flaw.position is None:
            raise Refusal("No event shows this: it is about what is not there.")
        self._go(flaw.position)

    def _go_to_other(self) -> None:
        if (flaw := self.flaw) is None:
            raise Refusal("Select a finding first: ] goes to the next one.")
        others = [place for place, _, _ in events_of(flaw) if place != flaw.position]
        if not others:
            raise Refusal("This finding is about one event: enter goes there.")
        self._go(others[0])

    def _go(self, position: int) -> None:
        kind = self.flaw.kind if self.flaw else "finding"
        self.app.go_to(position, f"checked: {kind}")

    def _tell(self, text: str) -> None:
        self.details.show([DetailRow(text, kind=RowKind.NOTE)], 0)

    def _explain(self) -> None:
        """Write the selected finding out."""
        if self.found is None:
            return
        if not len(self.found):
            self.details.show(clean_rows(self._head, self._rules), 0)
        elif self.flaw is None:
            kind = self.findings.selected
            about = f"{kind.count:,} × {kind.text}" if kind else ""
            self._tell(about)
        else:
            width = max(self.details.size.width - 2, 20)
            self.details.show(flaw_rows(self.session.log, self.flaw, width), 0)
