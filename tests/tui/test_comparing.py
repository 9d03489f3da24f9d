"""The comparison of two runs: what is asked, what is shown, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pytest

from laban.replay.compare import side_by_side
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog
from laban.tui.compare.comparing import Comparison, compared
from laban.tui.compare.request import Request, parse_request
from laban.tui.compare.rows import CompareRows
from laban.tui.compare.values import CompareKind, Sign
from laban.tui.desk import Desk, Opened
from laban.tui.jobs import Job
from laban.tui.refusal import Refusal
from tests.tui.driver import Shown, press, shop_log

Golden = Callable[[str, Shown], None]
SIZES = [(80, 24), (120, 36), (200, 50)]


def tuesday() -> MemoryLog:
    """The shop's ten events on another day: order 2 is dearer, 8 is missing, the post is late."""
    log = MemoryLog()
    for event in shop_log().read():
        if event.position == 8:
            continue
        changed = {"total": 90} if event.position == 2 else {}
        log.append(
            NewEvent(
                stream=event.stream,
                type=event.type,
                id=event.id,
                source=event.source,
                data={**event.data.parsed, **changed},
                time_ns=event.time_ns,
                causation_id=event.causation_id,
                correlation_id=event.correlation_id,
                metadata=event.metadata.parsed,
            )
        )
    log.append(NewEvent(stream="parcel-1", type="ParcelLate", source="post", data={"days": 2}))
    return log


@dataclass
class Logs:
    """What can be opened, by path."""

    known: Mapping[str, MemoryLog]
    opened: list[str] = field(default_factory=list)

    def desk(self) -> Desk:
        return Desk(open=self._open)

    def _open(self, path: str, _: Job) -> Opened:
        self.opened.append(path)
        log = self.known[path]
        return Opened(log=log, timeline=Timeline.open(log), title=path)


def logs() -> Logs:
    return Logs({"tuesday.laban": tuesday(), "again.laban": shop_log()})


def comparison(request: Request | None = None) -> Comparison:
    a, b = Timeline.open(shop_log()), Timeline.open(tuesday())
    return compared(request or Request(other="tuesday.laban"), a, b, None, Job())


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x36", "200x50"])
def test_two_runs_side_by_side_roots_first(golden: Golden, size: tuple[int, int]) -> None:
    shown = press("X", "tuesday.laban", "enter", size=size, desk=logs().desk())

    golden(f"compare-{size[0]}x{size[1]}", shown)


def test_identical_runs_say_so_with_the_guarantee(golden: Golden) -> None:
    shown = press("X", "again.laban", "enter", size=(80, 24), desk=logs().desk())

    golden("compare-identical-80x24", shown)


def test_before_anything_is_compared_it_offers_what_could_be_and_keys_say_so(
    golden: Golden,
) -> None:
    shown = press("X", "escape", "]", at=4, size=(80, 24))

    golden("compare-offers-80x24", shown)


def test_enter_on_a_difference_goes_to_it_in_this_log() -> None:
    shown = press("X", "tuesday.laban", "enter", "]", "enter", desk=logs().desk())

    assert shown.position == 8
    assert "compared with tuesday.laban" in shown.line("stopped")


def test_b_goes_to_the_event_in_the_other_log_which_offers_the_way_back() -> None:
    shown = press("X", "tuesday.laban", "enter", "b", "X", desk=logs().desk())

    assert "tuesday.laban   @2 / 10" in shown.text
    assert "compared with shop.laban" in shown.line("stopped")
    assert "compare with shop.laban" in shown.text


def test_the_other_log_is_opened_once_however_often_it_is_compared() -> None:
    disk = logs()

    shown = press(
        *("X", "tuesday.laban", "enter", "o", "i", "enter"),
        *("B", "again.laban", "enter", "X", "enter"),
        desk=disk.desk(),
    )

    assert disk.opened == ["tuesday.laban", "again.laban"]
    counts = "order stream · mask default · ignoring /data/total · baseline again.laban"
    assert counts in shown.text


def test_the_differences_are_walked_through_in_both_directions() -> None:
    found = comparison()

    rows = [0]
    while True:
        try:
            rows.append(found.next_difference(rows[-1]))
        except Refusal:
            break

    signs = [found.rows[row].sign for row in rows]
    assert signs[: found.answer.root_count] == [Sign.DIFFERS, Sign.ONLY_A, Sign.ONLY_B]
    assert Sign.SAME not in signs
    assert Sign.ONLY_B in signs
    back = [rows[-1]]
    while back[-1] > 0:
        back.append(found.previous_difference(back[-1]))
    assert back[::-1] == rows
    with pytest.raises(Refusal, match="Nothing differs before"):
        found.previous_difference(0)


def test_a_root_tells_what_differs_and_the_states_on_both_sides() -> None:
    first = comparison().rows[:7]

    told = [(row.label, row.left.text, row.right.text) for row in first if row.left and row.right]
    assert ("/data/total", "75", "90") in told
    assert ("total", "75", "90") in told
    assert "state of order-2 after it" in [row.label for row in first]


def test_what_comes_after_a_root_is_dimmed_and_all_events_are_there() -> None:
    found = comparison()

    pairs = [row for row in found.rows[found.rows.offset :] if row.kind is CompareKind.PAIR]
    assert [row.a for row in pairs if row.a] == list(range(1, 11))
    assert [row.b for row in pairs if row.b] == list(range(1, 11))
    dimmed = {row.a for row in pairs if row.downstream}
    assert dimmed >= {5, 6}
    assert not dimmed & {1, 2, 3, 4, 7, 8}


def test_two_parts_of_one_log_are_compared_as_on_the_command_line() -> None:
    timeline = Timeline.open(shop_log())
    request = parse_request("--stream order-1 order-2", None)

    found = compared(request, timeline, timeline, None, Job())

    assert (found.answer.events_a, found.answer.events_b) == (2, 3)
    assert found.rows.stops == [0]


def test_a_request_is_written_as_it_is_read() -> None:
    text = "b.laban --range @1..@3 @4..@6 --order stream --mask strict --ignore /data/x"

    assert parse_request(text, None).text() == text
    assert parse_request("--order global b.laban", None) == Request(other="b.laban", order="global")


def test_one_name_compares_with_what_is_here() -> None:
    here = shop_log().get(4)

    assert parse_request("--stream order-2", here).parts == (("stream", ("order-1", "order-2")),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Name another log"),
        ("a b", "name one log"),
        ("--stram x y", "Did you mean 'stream'"),
        ("b --order", "one word after --order"),
        ("b --order fast", "No order 'fast'"),
        ("--range 1 2", "is no range"),
        ("--correlation x", "takes two names"),
        ("'b", "close the quote"),
    ],
)
def test_a_bad_request_says_how_it_is_written(text: str, said: str) -> None:
    with pytest.raises(Refusal, match=said):
        parse_request(text, None)


def test_a_job_counts_the_events_of_both_logs_and_can_be_cancelled() -> None:
    job = Job()
    a, b = Timeline.open(shop_log()), Timeline.open(tuesday())

    compared(Request(other="b"), a, b, None, job)

    assert (job.passed, job.total) == (20, 20)


def test_rows_are_made_only_when_they_are_looked_at() -> None:
    a = Timeline.open(shop_log())
    answer, aligned = side_by_side(a, a)

    rows = CompareRows(answer, aligned, (a, a))

    assert len(rows) == 11
    assert rows[10].sign is Sign.SAME
    assert [row.label for row in rows if row.kind is CompareKind.HEADING]
