"""What log, state, diff, history and bisect tell people."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject, to_json
from laban.store.sqlite import SqliteLog

Laban = Callable[..., Result]


@pytest.fixture
def log(folder: Path) -> Any:
    """An empty log, `new.laban`."""
    log = SqliteLog.create(folder / "new.laban")
    yield log
    log.close()


def positions(result: Result) -> list[int]:
    return [json.loads(line)["position"] for line in result.stdout.splitlines()]


def test_log_prints_a_line_for_each_event(laban: Laban) -> None:
    result = laban("log", "credit.laban", "--from", "@276", "--to", "applicant-04@7")

    assert result.stdout.split() == [
        "@276", "+3m55.495s", "decision", "decision_made", "applicant-04@7", '{"approved":false}',
    ]  # fmt: skip


def test_log_prints_events_as_json_exactly_as_they_were_recorded(
    laban: Laban, folder: Path
) -> None:
    result = laban("log", "credit.laban", "--json")

    assert result.stdout == (folder / "events.jsonl").read_text()


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["--limit", "2"], [1, 2]),
        (["--from", "2582"], [2582, 2583]),
        (["--from", "head"], [2583]),
        (["--to", "0"], []),
        (["--from", "3", "--to", "2"], []),
        (["--from", "+3m", "--limit", "1"], None),
        (["--stream", "applicant-04", "--from", "223", "--to", "276"], [223, 260, 266, 276]),
        (["--stream", "applicant-04", "--where", "type == 'risk_rated'"], [266]),
        (["--where", "state['applicant-04']['rating'] == 'high'", "--limit", "2"], [266, 267]),
        (["--where", "before['applicant-04'].get('rating') == 'high'", "--limit", "1"], [267]),
    ],
    ids=lambda part: " ".join(part) if part and isinstance(part[0], str) else None,
)
def test_log_shows_only_the_events_asked_for(
    args: list[str], expected: list[int] | None, laban: Laban
) -> None:
    result = laban("log", "credit.laban", "--json", *args)

    assert result.exit_code == 0
    assert len(positions(result)) == 1 if expected is None else positions(result) == expected


def test_log_ends_like_grep_and_counts_what_had_no_value(laban: Laban) -> None:
    found = laban("log", "credit.laban", "--where", "data['rating'] == 'high'", "--limit", "1")
    missed = laban("log", "credit.laban", "--where", "data['ratign'] == 'high'")

    assert found.exit_code == 0
    assert (missed.exit_code, missed.stdout) == (1, "")
    assert missed.stderr == "2,583 events gave the expression no value: no match.\n"


def test_a_whole_log_without_events_is_no_failure(laban: Laban, log: SqliteLog) -> None:
    del log
    assert laban("log", "new.laban").exit_code == 0
    assert laban("log", "new.laban", "--where", "True").exit_code == 1
    assert laban("state", "new.laban").stdout == "{}\n"


def test_what_a_log_says_cannot_steer_the_terminal(laban: Laban, log: SqliteLog) -> None:
    log.append(NewEvent(stream="a\x1b[2Jb", type="c\nd", source="e\x9bf", data={"g": "h\x1b]0;i"}))

    for command in (["log"], ["state"], ["history", "/a\x1b[2Jb"], ["why", "/a\x1b[2Jb/g"]):
        name, *args = command
        shown = laban(name, "new.laban", *args).stdout

        assert shown
        assert not set(shown) & {"\x1b", "\x9b"}


def test_state_prints_json_for_people(laban: Laban) -> None:
    result = laban("state", "credit.laban", "/applicant-04", "--at", "@59")

    assert result.stdout == (
        '{\n  "name": "Priya Silva",\n  "amount": 24500,\n  "score": 565,\n'
        '  "bureau": "answered"\n}\n'
    )


def test_json_values_are_exact(laban: Laban, log: SqliteLog) -> None:
    text = '{"big": 123456789012345678901234567890, "null": null, "text": "\\ud83d\\udc83 é"}'
    log.append(NewEvent(stream="s", type="t", data=JsonObject(text)))

    assert text in laban("log", "new.laban", "--json").stdout
    for pointer, value in json.loads(text).items():
        shown = json.loads(laban("state", "new.laban", f"/s/{pointer}", "--json").stdout)
        assert shown["value"] == value


def test_data_of_many_lines_is_shown_on_one(laban: Laban, log: SqliteLog, folder: Path) -> None:
    text = '{\r\n  "a": 1.10,\n  "b": "line\u2028separator, next\\nline"\n}'
    log.append(NewEvent(stream="s", type="t", id="1", source="x", data=JsonObject(text)))

    [line] = laban("log", "new.laban", "--json").stdout.removesuffix("\n").split("\n")
    people = laban("log", "new.laban").stdout

    assert json.loads(line)["data"] == json.loads(text)
    assert '"a": 1.10,' in line
    assert people.endswith('{"a":1.1,"b":"line\\u2028separator, next\\nline"}\n')
    (folder / "again.jsonl").write_text(line)
    assert laban("import", "again.jsonl", "-o", "again.laban").exit_code == 0
    assert laban("log", "again.laban", "--json").stdout == f"{line}\n"


def test_a_number_too_large_for_python_stays_a_json_number(laban: Laban, log: SqliteLog) -> None:
    log.append(NewEvent(stream="s", type="t", data=JsonObject('{"a": -1e400}')))

    assert laban("state", "new.laban", "/s/a").stdout == "-1e999\n"
    assert laban("history", "new.laban", "/s/a").stdout.endswith("-1e999\n")


def test_the_whole_state_is_printed_as_one_value_though_a_stream_at_a_time(
    laban: Laban, folder: Path
) -> None:
    with (
        closing(SqliteLog.open(folder / "credit.laban")) as log,
        closing(Timeline.open(log)) as timeline,
    ):
        whole = timeline.at(timeline.head)

    shown = laban("state", "credit.laban", "--json").stdout

    assert json.loads(shown)["value"] == whole
    assert shown.count("\n") == 1
    assert laban("state", "credit.laban").stdout == to_json(whole, indent=2) + "\n"


def test_state_before_the_first_event_is_empty(laban: Laban) -> None:
    shown = json.loads(laban("state", "credit.laban", "--at", "0", "--json").stdout)

    assert shown == {"position": 0, "pointer": "", "value": {}}


def test_diff_tells_added_changed_and_removed_apart_from_null(laban: Laban, log: SqliteLog) -> None:
    log.append(NewEvent(stream="s", type="t", data={"a": 1, "b": None, "c": 3}))
    log.append(NewEvent(stream="s", type="t", data={"a": 2}, metadata={"removes": ["b"]}))

    there, back = laban("diff", "new.laban", "1", "2"), laban("diff", "new.laban", "2", "1")
    changes = json.loads(laban("diff", "new.laban", "1", "2", "--json").stdout)["changes"]

    assert set(there.stdout.splitlines()) == {"~ /s/a  1 → 2  @2", "− /s/b  null  @2"}
    assert set(back.stdout.splitlines()) == {"~ /s/a  2 → 1  @2", "+ /s/b  null  @2"}
    assert {"pointer": "/s/b", "kind": "removed", "before": None, "after": None, "position": 2} in (
        changes
    )


def test_diff_ends_like_diff(laban: Laban) -> None:
    same, different = (
        laban("diff", "credit.laban", "9", "9"),
        laban("diff", "credit.laban", "0", "1"),
    )

    assert (same.exit_code, same.stdout) == (0, "")
    assert different.exit_code == 1


def test_history_shows_every_value_and_removal(laban: Laban, log: SqliteLog) -> None:
    log.append(NewEvent(stream="s", type="set", source="a", data={"a": None}))
    log.append(NewEvent(stream="s", type="unset", source="b", data={}, metadata={"removes": ["a"]}))

    lines = laban("history", "new.laban", "/s/a").stdout.splitlines()
    rows = json.loads(laban("history", "new.laban", "/s/a", "--json").stdout)["rows"]

    assert [line.split() for line in lines] == [
        ["@1", "?", "a", "set", "null"],
        ["@2", "?", "b", "unset", "removed"],
    ]
    assert [(row["value"], row["removed"]) for row in rows] == [(None, False), (None, True)]


def test_bisect_finds_the_first_position_and_names_its_guarantee(laban: Laban) -> None:
    result = laban("bisect", "credit.laban", "--where", "state['applicant-04']['score'] > 600")

    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "true first at @117, not yet at @116"
    assert "score_corrected" in lines[1]
    assert lines[2].startswith("first: ")


def test_bisect_that_finds_nothing_is_status_1(laban: Laban) -> None:
    result = laban("bisect", "credit.laban", "--where", "state['applicant-04']['score'] > 6000")

    assert result.exit_code == 1
    assert result.stdout.startswith("never true\n")


def test_bisect_of_what_was_always_true_names_no_event(laban: Laban) -> None:
    result = laban("bisect", "credit.laban", "--where", "True", "--first", "--json")

    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (answer["found"], answer["position"], answer["event"]) == (True, 0, None)
