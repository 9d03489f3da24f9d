"""Bad input: one clear line on standard error, and exit status 2."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result

LOG_COMMANDS = [
    ["log"],
    ["state"],
    ["diff", "1", "2"],
    ["history", "/applicant-04/score"],
    ["why", "/applicant-04/score"],
    ["bisect", "--where", "True"],
    ["minimize", "--where", "True", "-o", "new.laban"],
    ["sql", "FROM events"],
    ["open"],
]


def assert_trouble(result: Result, *parts: str) -> None:
    assert result.exit_code == 2, result.stdout
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("laban: ")
    assert "fault in laban" not in result.stderr
    for part in parts:
        assert part in result.stderr


def make_bad_logs(folder: Path) -> None:
    sound = (folder / "credit.laban").read_bytes()
    (folder / "text.laban").write_text("Dear diary,\n")
    (folder / "empty.laban").write_bytes(b"")
    (folder / "cut.laban").write_bytes(sound[: len(sound) // 2])
    (folder / "newer.laban").write_bytes(sound)
    (folder / "folder.laban").mkdir()
    with closing(sqlite3.connect(folder / "newer.laban")) as newer:
        newer.execute("PRAGMA user_version = 99")
    with closing(sqlite3.connect(folder / "other.laban")) as other:
        other.execute("CREATE TABLE recipes (name)")


@pytest.mark.parametrize("command", LOG_COMMANDS, ids=lambda command: str(command[0]))
@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("missing.laban", "There is no file missing.laban"),
        ("text.laban", "text.laban is"),
        ("empty.laban", "empty.laban is empty (0 bytes)"),
        ("cut.laban", "cut.laban is cut short"),
        ("newer.laban", "newer.laban has format 99, newer than"),
        ("folder.laban", "folder.laban is a folder"),
        ("other.laban", "other.laban is"),
    ],
)
def test_what_is_no_sound_log_is_refused(
    command: list[str], log: str, reason: str, laban: Callable[..., Result], folder: Path
) -> None:
    make_bad_logs(folder)

    name, *args = command
    result = laban(name, log, *args)

    assert_trouble(result, reason)
    assert not (folder / f"{log}.cache").exists()


@pytest.mark.parametrize(
    "args",
    [
        ["log", "credit.laban", "--where"],
        ["bisect", "credit.laban", "--where"],
    ],
    ids=["log", "bisect"],
)
def test_in_a_bad_expression_the_place_is_marked(
    args: list[str], laban: Callable[..., Result]
) -> None:
    result = laban(*args, "data['amount'] >> 3 and open('x')")

    assert_trouble(result, "Bad expression", ">>>", "<<<")


@pytest.mark.parametrize(
    "args",
    [
        ["log", "credit.laban", "--from", "@2584"],
        ["log", "credit.laban", "--to", "@2584"],
        ["state", "credit.laban", "--at", "@2584"],
        ["diff", "credit.laban", "1", "@2584"],
        ["why", "credit.laban", "/applicant-04/score", "--at", "2584"],
    ],
    ids=lambda args: " ".join(args[:3]),
)
def test_a_position_past_the_head_is_refused(args: list[str], laban: Callable[..., Result]) -> None:
    assert_trouble(laban(*args), "There is no event @2584: the log ends at @2583")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("nonsense", "'nonsense' is no address"),
        ("applicant-4@0", "No stream is named 'applicant-4'. Did you mean"),
        ("applicant-04@99", "has no event 99"),
        ("#nobody", "No event has the id 'nobody'"),
        ("101%", "past the end"),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(
    address: str, reason: str, laban: Callable[..., Result]
) -> None:
    assert_trouble(laban("state", "credit.laban", "--at", address), reason)
    assert_trouble(laban("log", "credit.laban", "--from", address), reason)


@pytest.mark.parametrize("command", ["state", "history", "why"])
@pytest.mark.parametrize(
    ("pointer", "reason"),
    [
        ("/applicant-04/scor", "has no 'scor'. Did you mean 'score'?"),
        ("/aplicant-04/score", "No stream is named 'aplicant-04'"),
        ("/applicant-04/score/deep", "'deep'"),
        ("applicant-04", "begin with a slash, as in '/applicant-04'"),
    ],
)
def test_a_pointer_that_does_not_exist_is_refused(
    command: str, pointer: str, reason: str, laban: Callable[..., Result]
) -> None:
    assert_trouble(laban(command, "credit.laban", pointer), reason)


@pytest.mark.parametrize("output", ["/proc/x.laban", "events.jsonl/x.laban", "nowhere/x.laban"])
@pytest.mark.parametrize("args", [["demo"], ["import", "events.jsonl"]], ids=["demo", "import"])
def test_a_log_cannot_be_made_in_an_unwritable_folder(
    args: list[str], output: str, laban: Callable[..., Result]
) -> None:
    assert_trouble(laban(*args, "-o", output), f"No log can be made at {output}")


def test_a_parquet_file_cannot_be_made_in_an_unwritable_folder(
    laban: Callable[..., Result],
) -> None:
    result = laban("sql", "credit.laban", "FROM events", "--parquet", "/proc/x.parquet")

    assert_trouble(result, "/proc/x.parquet cannot be written")


def test_an_export_cannot_be_made_in_an_unwritable_folder(laban: Callable[..., Result]) -> None:
    result = laban("export", "credit.laban", "--to", "jsonl", "-o", "/proc/x.jsonl")

    assert_trouble(result, "/proc/x.jsonl cannot be written (No such file or directory)")


def test_an_export_into_a_pipe_leaves_a_pipe(laban: Callable[..., Result], folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((folder / "pipe").read_text()))
    reader.start()

    result = laban("export", "credit.laban", "--to", "jsonl", "-o", "pipe")
    reader.join(20)

    assert result.exit_code == 0
    assert (folder / "pipe").is_fifo()
    assert read == [(folder / "events.jsonl").read_text()]


@pytest.mark.parametrize("precious", ["credit.laban", "events.jsonl"])
def test_a_parquet_file_never_replaces_a_file_of_another_kind(
    precious: str, laban: Callable[..., Result], folder: Path
) -> None:
    before = (folder / precious).read_bytes()

    result = laban("sql", "credit.laban", "FROM events", "--parquet", precious)

    assert_trouble(result, f"{precious} is there already and no Parquet file")
    assert (folder / precious).read_bytes() == before


def test_import_refuses_what_is_not_there_and_what_it_cannot_read(
    laban: Callable[..., Result], folder: Path
) -> None:
    (folder / "text.txt").write_text("Dear diary,\n")

    assert_trouble(laban("import", "nope.jsonl", "-o", "x.laban"), "There is no file nope.jsonl")
    assert_trouble(laban("import", "text.txt", "-o", "x.laban"), "in no known format")
    assert_trouble(
        laban("import", "events.jsonl", "-o", "x.laban", "--format", "xml"), "'xml'", "jsonl"
    )
    assert not (folder / "x.laban").exists()


def test_import_adds_nothing_to_what_is_no_log(laban: Callable[..., Result], folder: Path) -> None:
    before = (folder / "events.jsonl").read_bytes()

    assert_trouble(laban("import", "events.jsonl", "-o", "events.jsonl"), "is no laban log")
    assert (folder / "events.jsonl").read_bytes() == before


def test_a_demo_is_never_recorded_over_something(
    laban: Callable[..., Result], folder: Path
) -> None:
    before = (folder / "credit.laban").read_bytes()

    assert_trouble(laban("demo", "-o", "credit.laban"), "exists already")
    assert (folder / "credit.laban").read_bytes() == before


def test_unknown_names_are_refused_with_the_nearest_known_one(
    laban: Callable[..., Result],
) -> None:
    assert_trouble(laban("demo", "cerdit"), "Did you mean 'credit'?")
    assert_trouble(laban("log", "credit.laban", "--stream", "aplicant-04"), "'applicant-04'?")


def test_bad_sql_is_one_line(laban: Callable[..., Result]) -> None:
    assert_trouble(laban("sql", "credit.laban", "SELECT\nnonsense\nFROM events"), "nonsense")
    assert_trouble(laban("sql", "credit.laban", "DELETE FROM events"), "DELETE")


def test_a_damaged_log_is_refused_where_it_is_damaged(
    laban: Callable[..., Result], folder: Path
) -> None:
    sound = (folder / "credit.laban").read_bytes()
    page = 16384
    for number in range(1, len(sound) // page):
        start = number * page
        damaged = sound[:start] + b"\xa5" * page + sound[start + page :]
        (folder / "damaged.laban").write_bytes(damaged)

        result = laban("log", "damaged.laban", "--json")

        if result.exit_code:
            assert result.stderr.count("\n") == 1
            assert "damaged.laban is damaged" in result.stderr
        else:  # the page holds none of what was asked for
            assert result.stdout == (folder / "events.jsonl").read_text()


def test_a_damaged_cache_is_named_and_can_be_deleted(
    laban: Callable[..., Result], folder: Path
) -> None:
    asked = ("history", "credit.laban", "/applicant-04/score")
    before = laban(*asked).stdout
    index = folder / "credit.laban.cache" / "index.sqlite"
    sound = index.read_bytes()
    index.write_bytes(sound[:8192] + b"\xa5" * 32768 + sound[40960:])

    assert_trouble(laban(*asked), "The cache credit.laban.cache cannot be used", "delete it")
    index.unlink()
    assert laban(*asked).stdout == before


def test_a_real_process_ends_with_the_same_line_and_status(
    process: Callable[..., subprocess.Popen[str]],
) -> None:
    running = process("state", "missing.laban")
    stdout, stderr = running.communicate()

    assert (running.returncode, stdout, stderr.count("\n")) == (2, "", 1)
    assert "There is no file missing.laban" in stderr
