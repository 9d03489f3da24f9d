from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from laban import __version__
from laban.cli.commands import COMMANDS, Entry
from laban.cli.program import Command, Program, command, exit_status, program
from laban.store.errors import LabanError
from laban.store.event import NewEvent
from laban.store.sqlite import SqliteLog

ROOT = Path(__file__).parents[2]


def python(*args: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *args], capture_output=True, text=True, env=environ, check=False
    )


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return python("-m", "laban", *args)


def imported_modules(code: str) -> set[str]:
    done = python("-c", f"import sys; {code}; print(*sys.modules)")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_tables_help_is_the_commands_own_help(name: str) -> None:
    found = program.get_command(click.Context(program), name)

    assert isinstance(found, Command)
    assert found.name == name
    assert found.get_short_help_str(limit=1000) == COMMANDS[name].help


@pytest.mark.parametrize("name", COMMANDS)
def test_every_commands_help_has_examples_of_that_command(name: str) -> None:
    found = program.get_command(click.Context(program), name)

    assert isinstance(found, Command)
    assert found.examples
    assert all(example.split()[:2] == ["laban", name] for example in found.examples)
    shown = CliRunner().invoke(program, [name, "--help"])
    assert shown.exit_code == 0
    assert all(f"\n  {example}\n" in shown.output for example in found.examples)


def test_the_help_names_every_command_and_imports_none() -> None:
    shown = run("--help")
    modules = imported_modules(
        "from laban.cli.program import program; "
        "from click.testing import CliRunner; CliRunner().invoke(program, ['--help'])"
    )

    assert shown.returncode == 0
    for name, entry in COMMANDS.items():
        assert f"  {name} " in shown.stdout
        assert entry.help in shown.stdout
        assert entry.module not in modules


@pytest.mark.parametrize(
    "args",
    [
        ["log", "new.laban"],
        ["state", "new.laban"],
        ["diff", "new.laban", "0", "1"],
        ["history", "new.laban", "/a/b"],
        ["why", "new.laban", "/a/b"],
        ["bisect", "new.laban", "--where", "state['a']['b'] == 1"],
    ],
    ids=lambda args: args[0],
)
def test_a_point_query_loads_no_heavy_library(args: list[str], tmp_path: Path) -> None:
    log = SqliteLog.create(tmp_path / "new.laban")
    log.append(NewEvent(stream="a", type="t", data={"b": 1}))
    log.close()

    modules = imported_modules(
        "import os; from laban.cli.program import program; "
        f"from click.testing import CliRunner; os.chdir({str(tmp_path)!r}); "
        f"assert CliRunner().invoke(program, {args!r}).exit_code in (0, 1)"
    )

    assert f"laban.cli.{args[0]}" in modules
    assert not modules & {"textual", "rich", "duckdb", "pyarrow", "sqlite_utils.cli", "asyncio"}


def test_laban_alone_shows_the_help() -> None:
    assert run().stdout == run("--help").stdout


def test_importing_laban_imports_only_itself() -> None:
    modules = imported_modules("import laban")

    assert not modules & {"click", "eventsourcing", "msgspec", "textual", "duckdb", "pyarrow"}


def test_laban_gives_its_public_names_and_refuses_others() -> None:
    import laban

    for name in laban.__all__:
        assert getattr(laban, name) is not None
        assert name in dir(laban)
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        _ = laban.Nonsense


def test_the_version_is_printed() -> None:
    assert run("--version").stdout == f"laban {__version__}\n"


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["stae"], "laban: No command 'stae'. Did you mean 'state'? See `laban --help`.\n"),
        (["xyzzy"], "laban: No command 'xyzzy'. See `laban --help`.\n"),
        (
            ["state", "x.laban", "/\udcff"],
            "laban: '/\\udcff' is no UTF-8 text: type it anew. See `laban state --help`.\n",
        ),
        (["--nonsense"], "laban: No such option '--nonsense'. See `laban --help`.\n"),
        (["state"], "laban: Missing argument 'LOG'. See `laban state --help`.\n"),
        (
            ["log", "x", "--limt=3"],
            "laban: No such option '--limt'. (Did you mean one of: '--limit', '--plain', '--to'?) "
            "See `laban log --help`.\n",
        ),
        (
            ["log", "x", "--limit=many"],
            "laban: Invalid value for '--limit': 'many' is not a valid integer range. "
            "See `laban log --help`.\n",
        ),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(args: list[str], message: str) -> None:
    shown = CliRunner().invoke(program, args)

    assert (shown.exit_code, shown.stdout, shown.stderr) == (2, "", message)


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (LabanError("This is so.\nDo that."), 2, "laban: This is so. Do that.\n"),
        (OSError(28, "No space left on device", "x.laban"), 2, "laban: x.laban: No space left"),
        (ZeroDivisionError("oh"), 2, "laban: A fault in laban, please report it: ZeroDivision"),
        (click.Abort(), 130, ""),
    ],
)
def test_every_error_has_its_status_and_at_most_one_line(
    error: Exception, status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise error

    assert exit_status(fail) == status
    shown = capsys.readouterr().err
    assert shown.startswith(message)
    assert shown.count("\n") == (1 if message else 0)


def test_a_fault_of_ours_can_be_seen_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABAN_DEBUG", "1")

    with pytest.raises(ZeroDivisionError):
        exit_status(lambda: 1 // 0)


@command("fail", "laban fail x")
def interrupted() -> int:
    """Fail."""
    raise KeyboardInterrupt


def test_an_interruption_is_status_130() -> None:
    failing = Program({"fail": Entry(__name__, "interrupted", "Fail.")}, name="laban")

    shown = CliRunner().invoke(failing, ["fail"])

    assert (shown.exit_code, shown.stdout, shown.stderr) == (130, "", "laban: interrupted.\n")
