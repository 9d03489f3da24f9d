"""The stats screen: how busy a log was, and how its rules did, as charts."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.widget import Widget

from laban.store.errors import LabanError
from laban.tui.apart import apart
from laban.tui.open_log import OpenLog
from laban.tui.refusal import Refusal
from laban.tui.stats.measuring import Measured, measured, time_span
from laban.tui.stats.rows import rate_rows, rule_rows
from laban.tui.widgets.stats_chart import StatsChart
from laban.tui.widgets.virtual_list import VirtualList

from .screen import Command, LabanScreen, bindings_of

_WIDE = 150  # columns of the screen from which both charts have room side by side


class StatsScreen(LabanScreen):
    """Shows the metrics of the whole log; rows lead to the events that they count."""

    NAME = "stats"
    BINDINGS = bindings_of(NAME)
    DEFAULT_CSS = """
    StatsScreen {
        #charts { layout: vertical; }
        &.-wide #charts { layout: horizontal; }
        #rates { height: 3fr; }
        #rules { height: 2fr; }
        &.-wide #rates, &.-wide #rules { height: 1fr; width: 1fr; }
    }
    """
    AUTO_FOCUS = "#rates"

    def __init__(self, open_log: OpenLog) -> None:
        super().__init__(open_log.opened.title)
        self.session, self.opened = open_log.session, open_log.opened
        self.rates, self.rules = StatsChart(id="rates"), StatsChart(id="rules")
        self._head = 0  # how far the log was measured
        self.commands |= {
            "first_of": Command(lambda: self._go(last=False)),
            "last_of": Command(lambda: self._go(last=True)),
            "measure_again": Command(self.measure),
            "pane_rates": Command(lambda: self.set_focus(self.rates)),
            "pane_rules": Command(lambda: self.set_focus(self.rules)),
        }

    def body(self) -> Iterable[Widget]:
        return (Horizontal(self.rates, self.rules, id="charts"),)

    def on_mount(self) -> None:
        self.rates.border_title, self.rules.border_title = "1 Rates", "2 Rules"
        self.measure()

    def on_resize(self) -> None:
        self.set_class(self.size.width >= _WIDE, "-wide")

    def on_screen_resume(self) -> None:
        self.header.show(self.session.where())
        newer = self.session.head - self._head
        if self.rates.rows and newer > 0:
            self.status.say(f"{newer:,} events came since: r measures again", "changed")

    def focus_body(self) -> None:
        self.set_focus(self.rates)

    def measure(self) -> None:
        """Measure the log as it is now."""
        timeline = self.session.timeline
        self.worker.start(
            "measuring",
            lambda job: apart(measured, self.opened, time_span(timeline), job),
            self._show,
            unit="events",
            total=timeline.head,
        )

    def _show(self, of: Measured) -> None:
        self._head = of.head
        self.rates.border_title = f"1 Rates · all of the log, @1 to @{of.head:,}"
        self.rates.show(rate_rows(of), 0)
        self.rules.show(rule_rows(of), 0)
        self.status.say("enter goes to the first event of a row, G to its last")

    def on_virtual_list_chosen(self, message: VirtualList.Chosen) -> None:  # noqa: ARG002
        try:
            self._go(last=False)
        except LabanError as refusal:
            self.refuse(refusal)

    def _go(self, *, last: bool) -> None:
        chart = self.rules if self.focused is self.rules else self.rates
        row = chart.selected
        position = None if row is None else row.last if last else row.first
        if row is None or position is None:
            raise Refusal("That row counts no events: those of agents, types and rules do.")
        self.app.go_to(position, f"{'last' if last else 'first'} of {row.label}")
