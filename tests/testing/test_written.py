"""From failure to test: what is written fails before the fix, passes after it, and stands alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from laban.cli.program import program
from laban.fixtures import credit
from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject
from laban.store.sqlite import SqliteLog

from .conftest import BANK, Run, failures

Export = Callable[..., Result]
REGRESSIONS = Path("tests/regressions")
NEVER = ("--where", credit.WRONG, "--choreography", "bank.py")
FIXED = f"""{BANK}
bank.rules = [rule for rule in bank.rules if getattr(rule, "action", "") != "decide"]
bank.pattern(
    event_type="risk_rated",
    condition="state[stream]['bureau'] != 'corrected'",
    action="decide",
    target_capability="decision",
)
bank.pattern(
    event_type="score_corrected", action="rate_risk", target_capability="risk-assessment"
)
"""


@pytest.fixture
def export(project: Path) -> Export:  # noqa: ARG001 - it is where the command runs
    def run(*args: str, log: str = "credit.laban", to: str = str(REGRESSIONS)) -> Result:
        return CliRunner().invoke(program, ["export", log, "--to", "pytest", "-o", to, *args])

    return run


def only(pattern: str) -> Path:
    [path] = REGRESSIONS.glob(pattern)
    return path


def recorded(*events: NewEvent) -> None:
    log = SqliteLog.create(Path("own.laban"))
    log.append(*events)
    log.close()


def test_what_bisect_found_fails_before_the_fix_and_passes_after(
    export: Export, project: Path, run_pytest: Run
) -> None:
    done = export(*NEVER)
    before = run_pytest("tests", "-p", "no:cacheprovider")
    (project / "bank.py").write_text(FIXED)
    after = run_pytest("tests", "-p", "no:cacheprovider")

    path = REGRESSIONS / "test_no_wrong_decision_made_in_applicant_04.py"
    assert (done.exit_code, done.stdout) == (0, f"pytest {path}\n")
    assert done.stderr.splitlines() == [
        f"1 test written to {path}, 35 events in {path.with_suffix('.jsonl')}",
        "fails now: After @35 decision_made this holds, and never should:",
    ]
    assert failures(before.stdout) == [
        "AssertionError: After @35 decision_made this holds, and never should:",
        "type == 'decision_made' and data['approved'] !=",
        "(state[stream]['score'] >= 640)",
        "",
        '@35  decision  decision_made  {"approved":false}',
        "having read /applicant-04/rating as written by @30",
        "← @33  laban  action.requested  decide → decision",
        '← @30  risk-assessment  risk_rated  {"rating":"high"}',
        "having read /applicant-04/score as written by @5",
        "though @18 score_corrected had written it anew",
        "← @28  laban  action.requested  rate_risk → risk-assessment",
        '← @25  intake  income_verified  {"income":4300}',
        "← @23  laban  action.requested  verify_income → intake",
        "… 1 more …",
        "← @16  laban  action.requested  ask_for_papers → intake",
        '← @13  risk-assessment  risk_screened  {"check":"full"}',
        "having read /applicant-04/score as written by @5",
        "← @10  laban  action.requested  screen → risk-assessment",
        '← @5  credit-score  score_reported  {"score":565,"bureau":"answered"}',
        "← @3  laban  action.requested  report_score → credit-score",
        '← @1  intake  application_received  {"name":"Priya Silva","amount":24…',
    ]
    shown = before.stdout[before.stdout.index("> ") :].splitlines()
    assert [line for line in shown if line.startswith("E") and len(line) > 80] == []
    assert "1 passed" in after.stdout


def test_a_decision_that_should_have_been_made_is_missing_before_the_fix_and_made_after(
    export: Export, project: Path, run_pytest: Run
) -> None:
    export("--decision", "rate_risk", "--at", "@117", "--choreography", "bank.py:bank")
    before = run_pytest("tests", "-p", "no:cacheprovider")
    (project / "bank.py").write_text(FIXED)
    after = run_pytest("tests", "-p", "no:cacheprovider")

    assert failures(before.stdout)[:3] == [
        "AssertionError: rate_risk is not decided on @18 score_corrected.",
        "nothing is decided on it",
        "rule income_verified→rate_risk waits for income_verified",
    ]
    assert "1 passed" in after.stdout


def test_a_wrong_value_fails_until_a_reducer_makes_it_right(
    export: Export, project: Path, run_pytest: Run
) -> None:
    reducer = '\n@bank.reducer("score_corrected")\ndef stale(state, event):\n'
    reducer += '    return {**state, **event.data, "rating": None}\n'

    done = export(
        "--expect", "/applicant-04/rating=null", "--at", "@117", "--choreography", "bank.py"
    )
    before = run_pytest("tests", "-p", "no:cacheprovider")
    (project / "bank.py").write_text(BANK + reducer)
    after = run_pytest("tests", "-p", "no:cacheprovider")

    assert "fails now: /applicant-04/rating is nothing, expected null." in done.stderr
    assert "1 failed" in before.stdout
    assert "1 passed" in after.stdout


def test_without_a_choreography_the_recorded_events_are_checked(
    export: Export, run_pytest: Run
) -> None:
    done = export("--expect", "/applicant-04/approved=true")
    before = run_pytest("tests", "-p", "no:cacheprovider")
    events = only("*.jsonl")
    events.write_text(events.read_text().replace('"approved":false', '"approved":true'))
    after = run_pytest("tests", "-p", "no:cacheprovider")

    assert "Without a --choreography it fails until its events are recorded anew." in done.stderr
    assert failures(before.stdout)[0].endswith("/applicant-04/approved is false, expected true.")
    assert "1 passed" in after.stdout


def test_with_nothing_claimed_every_decision_has_to_stay_as_it_is(
    export: Export, project: Path, run_pytest: Run
) -> None:
    done = export("--choreography", "bank.py")
    before = run_pytest("tests", "-p", "no:cacheprovider")
    (project / "bank.py").write_text(FIXED)
    after = run_pytest("tests", "-p", "no:cacheprovider")

    assert "It passes now." in done.stderr
    assert (REGRESSIONS / "test_credit_decides_as_recorded.py").exists()
    assert "1 passed" in before.stdout
    assert "1 failed" in after.stdout


def test_the_decisions_of_one_business_transaction_can_be_kept_alone(
    export: Export, run_pytest: Run
) -> None:
    export("--choreography", "bank.py", "--correlation", "credit-0004")
    done = run_pytest("tests", "-p", "no:cacheprovider")

    events = only("*_credit_0004_decides_as_recorded.jsonl").read_text().splitlines()
    assert len(events) == 40
    assert "1 passed" in done.stdout


def test_two_claims_with_one_name_become_two_tests(export: Export, run_pytest: Run) -> None:
    export("--expect", "/applicant-04/name=[]", "--expect", "/applicant-04/name={}")

    assert "2 failed" in run_pytest("tests", "-p", "no:cacheprovider").stdout


def test_a_written_test_is_formatted_linted_and_typed_and_the_same_each_time(
    export: Export, project: Path
) -> None:
    for args in (
        NEVER,
        ("--expect", "/applicant-04/approved=true", "--expect", "/applicant-04/nothing="),
        ("--decision", "rate_risk", "--at", "@117", "--choreography", "bank.py"),
        ("--expect", "/applicant-04/amount=1", "--at", "@55", "--choreography", "bank.py"),
    ):
        assert export(*args).exit_code == 0
    texts = {path: path.read_bytes() for path in REGRESSIONS.iterdir()}

    def tool(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *command, str(project / REGRESSIONS)],
            capture_output=True,
            text=True,
            check=False,
        )
        return "" if done.returncode == 0 else done.stdout + done.stderr

    assert export(*NEVER, "--force").exit_code == 0
    assert {path: path.read_bytes() for path in REGRESSIONS.iterdir()} == texts
    assert tool("ruff", "format", "--check", "--isolated") == ""
    assert tool("ruff", "check", "--isolated", "--select=E4,E7,E9,F,I,UP") == ""
    assert tool("mypy", "--strict", "--disable-error-code=import-not-found") == ""
    assert str(project) not in b"".join(texts.values()).decode()


def test_few_events_stand_in_the_test_itself(export: Export, run_pytest: Run) -> None:
    odd = {"say": 'it\'s "so"', "é\u2028": [1.5, -0.0, 10**30], "nothing": None}
    recorded(
        NewEvent(stream="s/1", type="odd", id="a", data=odd, time_ns=1_500_000_001),
        NewEvent(stream="s/1", type="t", id="b", data={"x": 1}, causation_id="a"),
    )

    done = export("--expect", "/s~11/x=2", log="own.laban")
    before = run_pytest("tests", "-p", "no:cacheprovider")
    path = only("*.py")
    path.write_text(path.read_text().replace('"/s~11/x", 2', f'"/s~11", { ({**odd, "x": 1})!r}'))
    after = run_pytest("tests", "-p", "no:cacheprovider")

    assert done.exit_code == 0
    assert list(REGRESSIONS.glob("*.jsonl")) == []
    assert failures(before.stdout)[0] == "AssertionError: /s~11/x is 1, expected 2."
    assert "1 passed" in after.stdout, after.stdout


@pytest.mark.parametrize(
    "odd", ["1e999", f"{'[' * 60}{']' * 60}", '"\u2028\u0085",\n "z": 1.10'], ids=range(3)
)
def test_what_python_cannot_say_goes_into_a_file_exactly_as_it_was(
    odd: str, export: Export, run_pytest: Run
) -> None:
    own = NewEvent(stream="s", type="t", id="a", data=JsonObject(f'{{"x": {odd}, "y": 1}}'))
    others = (NewEvent(stream="s", type="u", id=f"b{n}", data={}) for n in range(8))
    recorded(own, *others)

    done = export("--expect", "/s/y=2", log="own.laban")

    assert done.exit_code == 0, done.stderr
    assert f'"x": {odd}'.replace("\n", " ") in only("*.jsonl").read_text()
    assert "/s/y is 1, expected 2." in run_pytest("tests", "-p", "no:cacheprovider").stdout


def test_a_few_events_go_into_a_file_where_python_cannot_say_them(export: Export) -> None:
    for number, odd in enumerate(["1e999", f"{'[' * 240}{']' * 240}"]):
        name = f"odd-{number}.laban"
        own = NewEvent(stream="s", type="t", id="a", data=JsonObject(f'{{"x": {odd}, "y": 1}}'))
        log = SqliteLog.create(Path(name))
        log.append(own)
        log.close()

        done = export("--expect", "/s/y=2", log=name, to=f"test_{number}.py")

        assert done.exit_code == 0, done.stderr
        assert odd in Path(f"test_{number}.jsonl").read_text()


def test_a_test_of_too_many_events_is_refused(
    export: Export, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("laban.testing.writer.slices.LARGEST", 30)
    monkeypatch.setattr("laban.testing.writer.LARGEST", 30)

    whole, sliced = export("--choreography", "bank.py"), export(*NEVER)

    for refused in (whole, sliced):
        assert refused.exit_code == 2
        assert "The test would hold more than 30 events: name an earlier end" in refused.stderr


def test_only_what_the_failure_needs_is_copied_and_the_whole_on_request(export: Export) -> None:
    def kept(*args: str) -> int:
        shown = json.loads(export(*NEVER, "--force", "--json", *args).stdout)
        lines = (Path(shown["events_path"])).read_text().splitlines()
        assert len(lines) == shown["events"]
        return len(lines)

    assert kept() == 35
    assert kept("--whole") == 276


GUARD = """
from laban.replay.choreography import Choreography

rules = Choreography("rules")
rules.capability("guard")
rules.threshold_pattern(
    event_type="knocked", threshold=9, time_window=60.0, action="open", target_capability="guard"
)
"""


def test_where_rules_count_across_transactions_all_events_are_kept(
    export: Export, project: Path, run_pytest: Run
) -> None:
    (project / "guard.py").write_text(GUARD)
    knocks = [("knocked", f"door-{n}") for n in range(5)]
    recorded(*(NewEvent(stream=door, type=type, id=door, data={}) for type, door in knocks))

    done = export("--decision", "open", "--at", "@3", "--choreography", "guard.py", log="own.laban")
    before = run_pytest("tests", "-p", "no:cacheprovider")
    (project / "guard.py").write_text(GUARD.replace("threshold=9", "threshold=3"))
    after = run_pytest("tests", "-p", "no:cacheprovider")

    assert ", 3 events\n" in done.stderr
    assert "open is not decided on @3 knocked." in before.stdout
    assert "1 passed" in after.stdout


def test_json_says_where_everything_is_and_how_it_fails(export: Export) -> None:
    shown = json.loads(export(*NEVER, "--json").stdout)

    name = "test_no_wrong_decision_made_in_applicant_04"
    assert shown == {
        "log": "credit.laban",
        "format": "pytest",
        "path": str(REGRESSIONS / f"{name}.py"),
        "events_path": str(REGRESSIONS / f"{name}.jsonl"),
        "events": 35,
        "tests": [name],
        "failures": shown["failures"],
    }
    assert shown["failures"][0].startswith("After @35 decision_made this holds")


def test_the_file_may_be_named_and_no_other_file_is_written_over(export: Export) -> None:
    Path("test_mine.py").write_text("# mine\n")

    refused = export(*NEVER, to="test_mine.py")
    kept = Path("test_mine.py").read_text()
    forced = export(*NEVER, "--force", to="test_mine.py")
    again = export(*NEVER, to="test_mine.py")

    assert refused.exit_code == 2
    assert refused.stderr == (
        "laban: test_mine.py is there already: --force writes over it, -o NAME.py makes another.\n"
    )
    assert kept == "# mine\n"
    assert not Path("test_mine.jsonl").exists() or forced.exit_code == 0
    assert (forced.exit_code, again.exit_code) == (0, 0)


def test_both_files_are_written_or_none(export: Export, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full when the events come to be written beside the test."""
    write = Path.write_text

    def fill(path: Path, text: str, **how: str) -> int:
        if ".jsonl" in path.name:
            raise OSError(28, "No space left on device")
        return write(path, text, **how)

    with monkeypatch.context() as full:
        full.setattr(Path, "write_text", fill)
        broken = export(*NEVER)

    assert broken.exception is not None
    assert list(REGRESSIONS.iterdir()) == []
    assert export(*NEVER).exit_code == 0
    assert len(list(REGRESSIONS.iterdir())) == 2


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--expect", "/applicant-04/approved"], "add what is right, as in '/applicant-04/appr"),
        (["--expect", "/applicant-04/name=Bob"], "Bob is no JSON; of a text, write '/applicant"),
        (["--expect", "applicant-04/name=1"], "is no JSON Pointer"),
        (["--expect", "/aplicant-04/name=1"], "Did you mean 'applicant-04'?"),
        (["--expect", "/applicant-04/name=1", "--at", "@9999"], "the log ends at @2583"),
        (["--where", "data["], "never closed"),
        (["--where", "False"], "False is never true up to @2583: there is nothing to test."),
        (["--decision", "decide", "--choreography", "bank.py"], "name it by --at ADDRESS"),
        (["--decision", "decide", "--at", "@3"], "Decisions are made by a --choreography"),
        ([], "Decisions are made by a --choreography"),
        (["--choreography", "gone.py"], "There is no file gone.py"),
        (["--expect", "/applicant-04=1", "--correlation", "c"], "leave --correlation out"),
        (["--choreography", "bank.py", "--correlation", "credit-004"], "Did you mean 'credit-00"),
    ],
)  # fmt: skip
def test_wrong_input_is_one_clear_line(args: list[str], told: str, export: Export) -> None:
    done = export(*args)

    assert done.exit_code == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not REGRESSIONS.exists()


def test_options_of_tests_are_for_tests_and_a_test_needs_a_place(project: Path) -> None:
    def run(*args: str) -> str:
        done = CliRunner().invoke(program, ["export", "credit.laban", *args])
        assert done.exit_code == 2
        return done.stderr

    (project / "folder").mkdir()
    assert "--where is for --to pytest." in run("--to", "jsonl", "--where", "True")
    assert "give -o FOLDER or -o NAME.py" in run("--to", "pytest", "--where", "True")
    assert "folder is a folder: name a file in it." in run("--to", "jsonl", "-o", "folder")


def test_values_with_equals_signs_and_pointers_with_them_are_told_apart(export: Export) -> None:
    recorded(NewEvent(stream="a=b", type="t", id="1", data={"c": "d=e"}))

    for number, claim in enumerate(['/a=b/c="x=y"', "/a=b/c=1", "/a=b/c="]):
        done = export("--expect", claim, log="own.laban", to=f"test_{number}.py")
        assert done.exit_code == 0, done.stderr

    values = [re.findall(r'"/a=b/c", (.+)\)', Path(f"test_{n}.py").read_text()) for n in range(3)]
    assert values == [['"x=y"'], ["1"], ["MISSING"]]
