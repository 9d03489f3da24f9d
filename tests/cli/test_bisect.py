"""What `laban bisect --where` tells: of one log, of each group of its events, of several logs."""

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
KEYS = {"found", "position", "event", "good", "bad", "edges", "probes", "undefined", "guarantee"}
FLAPPING = [0, 1, 1, 0, 1, 0, 0, 1, 1]


def record(path: Path, values: list[int]) -> None:
    log = SqliteLog.create(path)
    for n, value in enumerate(values, 1):
        log.append(
            NewEvent(stream="s", type=f"t{n}", data={"n": value}, correlation_id=f"c{n % 3}")
        )
    log.close()


@pytest.fixture(autouse=True)
def _flapping(folder: Path) -> None:
    record(folder / "flap.laban", FLAPPING)


def shown(result: Result) -> Any:
    return json.loads(result.stdout)


def test_the_last_good_position_begins_the_last_interval(laban: Laban) -> None:
    result = laban("bisect", "flap.laban", "--where", "state['s']['n'] == 1", "--last-good")

    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert lines[0] == "true since @8, not yet at @7"
    assert "t8" in lines[1]
    assert lines[2] == "last: 3 positions tested"


def test_there_is_no_last_good_position_of_what_is_not_true_in_the_end(laban: Laban) -> None:
    result = laban("bisect", "flap.laban", "--where", "state['s']['n'] == 0", "--last-good")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == "not true in the end, at @9"


def test_all_edges_are_listed_with_the_intervals_between_them(laban: Laban) -> None:
    where = ("bisect", "flap.laban", "--where", "state['s']['n'] == 1", "--all")

    lines = laban(*where).stdout.splitlines()
    answer = shown(laban(*where, "--json"))

    assert [line.split()[:3] for line in lines[:-1]] == [
        ["@0", "@1", "not"],
        ["@2", "@3", "true"],
        ["@4", "@4", "not"],
        ["@5", "@5", "true"],
        ["@6", "@7", "not"],
        ["@8", "@9", "true"],
    ]
    assert lines[-1].startswith("first: 10 positions tested, 1 of them gave the test no value")
    assert answer.keys() >= KEYS
    assert answer["edge_count"] == len(answer["edges"]) == 5
    assert answer["edges"][:2] == [
        {"position": 2, "turns": True, "good": 1, "bad": 2},
        {"position": 4, "turns": False, "good": 4, "bad": 3},
    ]
    assert answer["intervals"][0] == {"from": 0, "to": 1, "holds": False}


def test_many_edges_are_counted_and_the_first_ones_shown(laban: Laban) -> None:
    where = ("bisect", "flap.laban", "--where", "state['s']['n'] == 1", "--all", "--limit", "2")

    lines = laban(*where).stdout.splitlines()
    answer = shown(laban(*where, "--json"))

    assert lines[3] == "… and 3 edges more: --limit 5 shows all"
    assert len(lines) == 5
    assert (len(answer["edges"]), answer["edge_count"], len(answer["intervals"])) == (2, 5, 3)


def test_halving_says_what_it_takes_for_granted(laban: Laban) -> None:
    result = laban("bisect", "flap.laban", "--where", "state['s']['n'] == 1", "--assume-monotone")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1].startswith("monotone-assumed: ")
    assert result.stdout.endswith("; the first, if the test stays true once it is\n")


def test_halving_says_when_the_test_does_not_stay_true(laban: Laban) -> None:
    result = laban("bisect", "flap.laban", "--where", "'s' not in state", "--assume-monotone")
    answer = shown(
        laban("bisect", "flap.laban", "--where", "'s' not in state", "--assume-monotone", "--json")
    )

    assert result.stdout.splitlines()[0] == "true at @0 and not at @9: it does not stay true"
    assert answer["guarantee"] == "edge"
    assert answer["contradiction"] == "true at @0 and not at @9: it does not stay true"


def test_a_range_narrows_the_search(laban: Laban) -> None:
    where = ("bisect", "flap.laban", "--where", "state['s']['n'] == 1", "--from", "@4")

    inside = shown(laban(*where, "--to", "@7", "--json"))
    from_start = laban(
        "bisect", "flap.laban", "--where", "state['s']['n'] == 1", "--from", "s@1"
    ).stdout

    assert (inside["good"], inside["bad"], inside["from"], inside["to"]) == (4, 5, 4, 7)
    assert from_start.splitlines()[0] == "true from the start, at @2"


def test_each_group_gets_a_line_with_its_first_event(laban: Laban) -> None:
    where = ("bisect", "flap.laban", "--where", "data['n'] == 1", "--each", "correlation")

    table = laban(*where)
    lines = [json.loads(line) for line in laban(*where, "--json").stdout.splitlines()]

    rows = [line.split()[:2] for line in table.stdout.splitlines()]
    assert rows == [["c2", "@2"], ["c0", "@3"]]
    assert "first: true in 2 of 3 correlations; 5 events tested" in table.stderr
    assert [(line["correlation"], line["good"], line["bad"]) for line in lines] == [
        ("c2", None, 2),
        ("c0", None, 3),
    ]
    assert all(line.keys() == KEYS | {"correlation"} for line in lines)


def test_no_group_with_an_edge_is_status_1(laban: Laban) -> None:
    result = laban("bisect", "flap.laban", "--where", "data['n'] > 9", "--each", "source")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "first: true in 0 of 1 source; 9 events tested\n"


@pytest.fixture
def runs(folder: Path) -> list[str]:
    """Five logs; the third and the last end badly, the second one has a bad moment."""
    for name, values in zip("abcde", [[0], [0, 1, 0], [0, 1], [0], [1, 1]], strict=True):
        record(folder / f"{name}.laban", values)
    return [f"{name}.laban" for name in "abcde"]


def test_over_runs_the_first_one_that_ends_badly_is_found(laban: Laban, runs: list[str]) -> None:
    where = ("bisect", "--runs", *runs, "--where", "state['s']['n'] == 1")

    lines = laban(*where).stdout.splitlines()
    answer = shown(laban(*where, "--json"))

    assert lines[0] == "true first in c.laban, not yet in b.laban"
    assert lines[-1] == "first: 3 runs tested"
    assert answer.keys() >= KEYS | {"run", "candidates"}
    assert (answer["run"], answer["good"], answer["bad"]) == ("c.laban", "b.laban", "c.laban")
    assert (answer["position"], answer["event"]["type"]) == (2, "t2")


@pytest.mark.parametrize(
    ("options", "bad", "guarantee"),
    [
        (["--ever"], "b.laban", "first"),
        (["--last-good"], "e.laban", "last"),
        (["--assume-monotone"], "c.laban", "monotone-assumed"),
        (["--all"], "c.laban", "first"),
    ],
    ids=lambda part: "".join(part),
)
def test_runs_are_bisected_in_every_way(
    options: list[str], bad: str, guarantee: str, laban: Laban, runs: list[str]
) -> None:
    where = ("bisect", "--runs", *runs, "--where", "state['s']['n'] == 1", *options)

    answer = shown(laban(*where, "--json"))

    assert (answer["bad"], answer["guarantee"]) == (bad, guarantee)
    assert laban(*where).exit_code == 0


def test_all_runs_are_listed_with_what_they_are(laban: Laban, runs: list[str]) -> None:
    result = laban("bisect", "--runs", *runs, "--where", "state['s']['n'] == 1", "--all")

    assert result.stdout.splitlines()[:-1] == [
        "not true  a.laban",
        "not true  b.laban",
        "true      c.laban",
        "not true  d.laban",
        "true      e.laban",
    ]


def test_when_no_run_is_bad_nothing_is_found(laban: Laban, runs: list[str]) -> None:
    result = laban("bisect", "--runs", *runs, "--where", "state['s']['n'] == 7")

    assert (result.exit_code, result.stdout.splitlines()[0]) == (1, "not true in any run")


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["x.laban", "--where", "1", "run", "ls"], "either --where or by `run`, not both"),
        (["x.laban", "run"], "`run` needs a command"),
        (["x.laban", "run", "--quiet", "ls"], "Options come before `run`"),
        (["x.laban", "y.laban", "--where", "1"], "give one LOG, or --runs for several"),
        (["--runs", "x.laban", "--where", "1"], "two logs or more"),
        (["--runs", "x.laban", "y.laban"], "--runs needs a test"),
        (["--runs", "x.laban", "y.laban", "--where", "1", "--to", "3"], "no --from and no --to"),
        (["x.laban", "--where", "1", "--ever"], "--ever needs --runs"),
        (["x.laban", "--each", "stream"], "--each needs --where"),
        (["x.laban", "--each", "stream", "--all", "--where", "1"], "--each finds the first alone"),
        (["x.laban", "--all", "run", "ls"], "--all needs --where"),
        (["x.laban", "--each", "stream", "--limit", "1", "--where", "1"], "--limit is for one"),
        (["x.laban", "--timeout", "1", "--where", "1"], "--timeout are for `run`"),
        (["x.laban", "good", "--to", "3"], "--from and --to are for `start`"),
        (["flap.laban", "--from", "3", "--to", "2", "--where", "1"], "@2 is before @3"),
        (["x.laban", "--each", "planet", "--where", "1"], "'planet'"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else "",
)
def test_what_does_not_go_together_is_refused(args: list[str], reason: str, laban: Laban) -> None:
    result = laban("bisect", *args)

    assert (result.exit_code, result.stdout) == (2, "")
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1
