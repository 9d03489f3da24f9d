"""The comparison of two runs."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from textual.widget import Widget

from laban.replay.builder import CancelledError
from laban.tui.compare.comparing import Comparison, compared
from laban.tui.compare.request import Request, parse_request
from laban.tui.compare.values import Cell, CompareKind, CompareRow
from laban.tui.desk import Opened
from laban.tui.jobs import Job
from laban.tui.open_log import OpenLog
from laban.tui.refusal import Refusal
from laban.tui.widgets.compare_list import CompareList
from laban.tui.widgets.summary_lines import SummaryLines
from laban.tui.widgets.virtual_list import VirtualList

from .screen import Command, LabanScreen, bindings_of

_WITH = "PATH  --correlation X Y  --stream X Y  --range @1..@99 @100..@198"
_NOTHING_YET = "Nothing is compared yet: X asks with what."


class CompareScreen(LabanScreen):
    """Shows where this log and another one part."""

    NAME = "compare"
    BINDINGS = bindings_of(NAME)

    def __init__(self, open_log: OpenLog) -> None:
        super().__init__(open_log.opened.title)
        self.open_log = open_log
        self.summary = SummaryLines()
        self.list = CompareList(id="compare")
        self.comparison: Comparison | None = None
        self.other: OpenLog | None = None  # the log of B
        self._request = Request()
        self._suggested = ""
        self._opened: dict[str, Opened] = {}  # by the path that was typed
        compared_yet = self._why_not
        self.commands |= {
            "compare": Command(self.ask_other),
            "next_difference": Command(lambda: self._step(forward=True), compared_yet),
            "previous_difference": Command(lambda: self._step(forward=False), compared_yet),
            "other_log": Command(self._to_other, compared_yet),
            "order": Command(lambda: self._again(self._request.next_order()), compared_yet),
            "mask": Command(lambda: self._again(self._request.next_mask()), compared_yet),
            "ignore": Command(self._ask_ignore, compared_yet),
            "count_again": Command(self._count_again, compared_yet),
            "baseline": Command(self._ask_baseline, compared_yet),
        }

    def body(self) -> Iterable[Widget]:
        return (self.summary, self.list)

    def on_mount(self) -> None:
        self.set_focus(self.list)

    def on_screen_resume(self) -> None:
        self.header.show(self.open_log.session.where())
        if self.comparison is None and not self.worker.busy:
            self._offer()
            self.ask_other()

    def focus_body(self) -> None:
        self.set_focus(self.list)

    # What to compare with.

    def ask_other(self) -> None:
        """Ask for the other log, or for parts of this one."""
        value = self._request.text() or self._suggested
        self.ask("compare with", _WITH, self._answered_other, value)

    def suggest(self, log: OpenLog) -> None:
        """Offer *log* first: this one has just been compared with it."""
        self._suggested = shlex.quote(_path_of(log.opened))

    def _answered_other(self, answer: str) -> None:
        if answer:
            self._again(parse_request(answer, self.open_log.session.event))

    def _offer(self) -> None:
        """List what could be compared: the other open logs, and parts of this one."""
        self.summary.show([(f"A  {self.open_log.opened.title}: B may be", "")])
        rows = [
            _offer_row(_path_of(log.opened), f"open: {log.session.head:,} events")
            for log in self.app.logs
            if log is not self.open_log
        ]
        rows.append(_offer_row("PATH", "any other log, also one of another tool"))
        if event := self.open_log.session.event:
            if event.correlation_id is not None:
                text = f"--correlation {event.correlation_id} Y"
                rows.append(_offer_row(text, "this transaction and another one of this log"))
            rows.append(_offer_row(f"--stream {event.stream} Y", "this stream and another one"))
        rows.append(_offer_row("--range @1..@99 @100..@198", "two ranges of this log"))
        self.list.show(rows, 0)

    def _ask_ignore(self) -> None:
        assert self.comparison is not None
        pointer = self.comparison.pointer_at(self.list.cursor)
        self.ask("ignore", "/data/seed  /data/**/at  /metadata/host", self._ignore, pointer)

    def _ignore(self, pointer: str) -> None:
        if pointer:
            request = replace(self._request, ignore=(*self._request.ignore, pointer))
            assert self.comparison is not None
            request.mask_for(self.comparison.a, self.comparison.b)  # it may be refused
            self._again(request)

    def _count_again(self) -> None:
        if not self._request.ignore:
            raise Refusal("Nothing is ignored: i leaves out a part of every event.")
        self._again(replace(self._request, ignore=self._request.ignore[:-1]))

    def _ask_baseline(self) -> None:
        question = "second run of A"
        self.ask(question, "PATH; nothing for none", self._baseline, self._request.baseline)

    def _baseline(self, path: str) -> None:
        self._again(replace(self._request, baseline=path))

    # Comparing.

    def _again(self, request: Request) -> None:
        """Compare as *request* says, in a thread."""
        opening = _Opening(self, request, self._opened)
        self.worker.start("comparing", opening.compare, self._show, unit="events")

    def _show(self, done: tuple[Comparison, Opened]) -> None:
        comparison, opened = done
        self.comparison = comparison
        self.other = next(log for log in self.app.logs if log.opened is opened)
        self._request = comparison.request
        self.summary.show([(self._names(), "name"), *comparison.summary()])
        self.list.show(comparison.rows, 0)
        self.focus_body()
        self.status.say("" if comparison.answer.identical else "] goes to the next difference")

    def _names(self) -> str:
        """Return what A and B are called."""
        assert self.other is not None
        whole = self.other is not self.open_log
        names = [[log.opened.title] if whole else [] for log in (self.open_log, self.other)]
        for part, two in self._request.parts:
            for name, own in zip(names, two, strict=True):
                name.append(own if part == "range" else f"{part} {own}")
        return "   ".join(
            f"{label} {' '.join(name)}" for label, name in zip("AB", names, strict=True)
        )

    def _why_not(self) -> str:
        return "" if self.comparison is not None else _NOTHING_YET

    # Going through it.

    def _step(self, *, forward: bool) -> None:
        assert self.comparison is not None
        cursor = self.list.cursor
        if forward:
            row = self.comparison.next_difference(cursor)
        else:
            row = self.comparison.previous_difference(cursor)
        self.list.cursor = row
        self.status.say(self.comparison.count_at(row))

    def on_virtual_list_moved(self) -> None:
        self.leave_prompt()

    def on_virtual_list_chosen(self, message: VirtualList.Chosen) -> None:
        try:
            self._choose(self.list.rows[message.index])
        except Refusal as refusal:
            self.refuse(refusal)

    def _choose(self, row: CompareRow) -> None:
        if row.kind is CompareKind.OFFER:
            whole = row.label not in ("PATH",) and not row.label.endswith(" Y")
            value = row.label.removesuffix("Y") if row.label != "PATH" else ""
            if whole and not row.label.startswith("--"):
                self._answered_other(value)
            else:
                self.ask("compare with", _WITH, self._answered_other, value)
            return
        if not row.a:
            raise Refusal("Only B has this: b goes there." if row.b else "This row leads nowhere.")
        assert self.other is not None
        self.app.go_to(row.a, f"compared with {self.other.opened.title}")

    def _to_other(self) -> None:
        row = self.list.selected
        if row is None or not row.b or self.other is None:
            raise Refusal("No event of B stands in this row.")
        reason = f"compared with {self.open_log.opened.title}"
        if self.other is not self.app.current:
            there = self.other.screen("compare")
            assert isinstance(there, CompareScreen)
            there.suggest(self.open_log)
            self.app.turn_to(self.other)
        self.app.go_to(row.b, reason)


class _Opening:
    """The logs of a request: those that are open, and those that are opened for it."""

    def __init__(self, screen: CompareScreen, request: Request, opened: dict[str, Opened]) -> None:
        self._app, self._own, self._request = screen.app, screen.open_log.opened, request
        self._opened = opened
        self._open = [log.opened for log in screen.app.logs]

    def compare(self, job: Job) -> tuple[Comparison, Opened]:
        """Open what is not, and compare; for a thread. Raises LabanError."""
        request, own = self._request, self._own
        other = self._log(request.other, job) if request.other else own
        baseline = self._log(request.baseline, job).timeline if request.baseline else None
        return compared(request, own.timeline, other.timeline, baseline, job), other

    def _log(self, path: str, job: Job) -> Opened:
        if path in self._opened:
            return self._opened[path]
        for opened in self._open:
            if path in (opened.title, str(opened.path)) or _same(path, opened.path):
                return opened
        opened = self._app.desk.open(str(Path(path).expanduser()), job)
        self._opened[path] = opened
        self._app.call_later(self._app.take_in, opened)  # it stays open, as the others do
        if job.cancelled():
            raise CancelledError("Cancelled while a log was opened.")
        return opened


def _same(path: str, other: Path | None) -> bool:
    return other is not None and Path(path).expanduser().resolve() == other.resolve()


def _path_of(opened: Opened) -> str:
    return str(opened.path or opened.title)


def _offer_row(label: str, about: str) -> CompareRow:
    return CompareRow(CompareKind.OFFER, left=Cell(text=about), label=label)
