"""What `laban bisect LOG start`, good, bad, skip, log, replay and reset do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog

Laban = Callable[..., Result]


def step(laban: Laban, *args: str) -> Any:
    result = laban("bisect", "credit.laban", *args, "--json")
    assert result.exit_code in (0, 1), result.stderr
    return {**json.loads(result.stdout), "status": result.exit_code}


def test_good_and_bad_lead_to_the_edge(laban: Laban) -> None:
    answer = step(laban, "start")
    while answer["next"] is not None:
        answer = step(laban, "bad" if answer["next"] >= 117 else "good")

    assert (answer["found"], answer["good"], answer["bad"]) == (True, 116, 117)
    assert answer["event"]["type"] == "score_corrected"
    assert (answer["status"], answer["guarantee"], answer["probes"]) == (0, "edge", 11)


def test_each_step_says_where_to_look_and_what_to_type(laban: Laban) -> None:
    start = laban("bisect", "credit.laban", "start", "--to", "@140")
    then = laban("bisect", "credit.laban", "good")
    again = laban("bisect", "credit.laban")

    assert start.stderr.splitlines() == [
        "Taking @0 to be good and @140 to be bad.",
        "Look: laban open credit.laban --at @70",
        "Then: laban bisect credit.laban good (or bad, skip)",
    ]
    assert start.stdout.splitlines()[0] == (
        "@70 is next: bad first at one of 140 positions, about 8 steps to go"
    )
    assert then.stdout.startswith("@105 is next: ")
    assert again.stdout == then.stdout


def test_positions_may_be_named_by_any_address(laban: Laban) -> None:
    laban("bisect", "credit.laban", "start")

    step(laban, "good", "2%", "applicant-04@0")
    answer = step(laban, "bad", "applicant-04@3")

    assert (answer["good"], answer["bad"]) == (55, 117)


def test_skips_leave_candidates(laban: Laban) -> None:
    laban("bisect", "credit.laban", "start", "--from", "@110", "--to", "@114")

    answer = step(laban, "skip", "@111", "@112", "@113")
    text = laban("bisect", "credit.laban")
    more = laban("bisect", "credit.laban", "good")

    assert (answer["found"], answer["next"], answer["status"]) == (False, None, 1)
    assert answer["candidates"] == [111, 112, 113, 114]
    assert answer["guarantee"] == "ends-assumed"
    assert text.stdout.startswith("bad first at one of 4 positions, and no test tells which:\n")
    assert (more.exit_code, "Nothing is left to test" in more.stderr) == (2, True)


def test_the_log_can_be_edited_and_replayed(laban: Laban, folder: Path) -> None:
    laban("bisect", "credit.laban", "start", "--to", "@140")
    laban("bisect", "credit.laban", "good")
    laban("bisect", "credit.laban", "good", "@120")
    log = laban("bisect", "credit.laban", "log").stdout
    (folder / "edited").write_text(log.replace("good @120", "bad @120"))
    laban("bisect", "credit.laban", "reset")

    answer = step(laban, "replay", "edited")

    assert "good @70  # action.requested $actions@40\n" in log
    assert (answer["good"], answer["bad"]) == (70, 120)
    assert laban("bisect", "credit.laban", "log").stdout == (folder / "edited").read_text()


def test_what_contradicts_is_refused_and_changes_nothing(laban: Laban) -> None:
    laban("bisect", "credit.laban", "start")
    laban("bisect", "credit.laban", "bad", "@100")
    before = laban("bisect", "credit.laban", "log").stdout

    result = laban("bisect", "credit.laban", "good", "@50", "@200")

    assert result.exit_code == 2
    assert "@200 cannot be good: @100 was bad, and it is not after it." in result.stderr
    assert laban("bisect", "credit.laban", "log").stdout == before


def test_a_bisection_begun_by_hand_is_finished_by_a_command(laban: Laban) -> None:
    laban("bisect", "credit.laban", "start")
    laban("bisect", "credit.laban", "bad", "@140")

    result = laban("bisect", "credit.laban", "run", "sh", "-c", "test {position} -lt 117")

    assert result.stdout.splitlines()[0] == "bad first at @117, not yet at @116"
    assert "Going on with the bisection under way: 1 answer kept." in result.stderr


def test_reset_forgets(laban: Laban) -> None:
    laban("bisect", "credit.laban", "start")

    assert laban("bisect", "credit.laban", "reset").stderr == "Forgotten.\n"
    assert laban("bisect", "credit.laban", "reset").stderr == "Nothing was under way.\n"
    assert laban("bisect", "credit.laban", "good").exit_code == 2


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ([], "No bisection of credit.laban is under way: `laban bisect credit.laban start`"),
        (["good"], "No bisection of credit.laban is under way"),
        (["log"], "No bisection of credit.laban is under way"),
        (["godo"], "No action 'godo'. Did you mean 'good'?"),
        (["start", "@3"], "start takes --from GOOD and --to BAD."),
        (["start", "--from", "3", "--to", "3"], "@3 is not past @3"),
        (["replay"], "replay takes one FILE"),
        (["replay", "nothing"], "nothing: No such file or directory."),
        (["replay", "events.jsonl"], "Line 1 of the bisect log: "),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else "",
)
def test_what_makes_no_sense_is_one_line(args: list[str], reason: str, laban: Laban) -> None:
    result = laban("bisect", "credit.laban", *args)

    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_session_of_another_log_is_refused_until_it_is_reset(laban: Laban, folder: Path) -> None:
    laban("bisect", "credit.laban", "start")
    (folder / "credit.laban").unlink()
    log = SqliteLog.create(folder / "credit.laban")
    log.append(*[NewEvent(stream="s", type="t", data={}) for _ in range(9)])
    log.close()

    refused = laban("bisect", "credit.laban", "good")
    laban("bisect", "credit.laban", "reset")

    assert refused.exit_code == 2
    assert "it is of log " in refused.stderr
    assert "`laban bisect credit.laban reset` forgets it" in refused.stderr
    assert step(laban, "start")["next"] == 4
