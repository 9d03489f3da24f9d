"""`laban sql`"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from laban.store.probe import probe

from .folders import cache_folder
from .opening import open_timeline
from .output import Progress, counted, hint, print_line, terminal_width
from .params import json_option, log_argument
from .program import FOUND, TROUBLE, command, complain

if TYPE_CHECKING:
    from laban.analysis.session import Session

TABLE_ROWS = 1_000  # the other forms give all rows
UNLIMITED = 10_000  # terminal cells of a table where there is no terminal


@command(
    "sql",
    'laban sql credit.laban "SELECT type, count(*) FROM events GROUP BY type"',
    'laban sql credit.laban "FROM state_at(276)" --json',
    'laban sql credit.laban "FROM state_history" --parquet states.parquet',
)
@log_argument
@click.argument("query", metavar="[QUERY]", required=False)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--parquet", metavar="FILE", type=click.Path(), help="Write a Parquet file.")
def sql(path: str, query: str | None, as_json: bool, as_csv: bool, parquet: str | None) -> int:
    """
    Query a log with SQL.

    The tables are events, state_history and state_at(POSITION); no query can change the log.
    Without QUERY it is read from standard input; where that is a terminal, from a prompt.
    """
    if as_json + as_csv + (parquet is not None) > 1:
        raise click.UsageError("Only one of --json, --csv and --parquet can be given.")
    probe(Path(path))  # for what is no log, no process need be started
    bar = Progress("reading the log")
    with _session(path, bar) as session:
        if query is None and sys.stdin.isatty():
            return _prompt(session, bar)
        query = sys.stdin.read() if query is None else query
        if as_json or as_csv or parquet:
            _write(session, query, bar, as_csv=as_csv, parquet=parquet)
        else:
            _print_table(session, query, bar)
    return FOUND


@contextmanager
def _session(path: str, bar: Progress) -> Iterator[Session]:
    from laban.analysis.session import Session

    folder = cache_folder(Path(path))

    def catch_up() -> None:
        if folder is not None:
            with open_timeline(path):
                pass

    with bar, Session(path, folder, catch_up=catch_up, note=hint, progress=bar) as session:
        yield session


def _write(
    session: Session, query: str, bar: Progress, *, as_csv: bool, parquet: str | None
) -> None:
    from laban.analysis.formats import write_csv, write_json, write_parquet

    with session.run(query) as answer:
        bar.clear()
        if parquet is not None:
            count = write_parquet(answer, Path(parquet))
            hint(f"{counted(count, 'row')} written to {parquet}")
        elif as_csv:
            write_csv(answer, sys.stdout)
        else:
            write_json(answer, sys.stdout)


def _print_table(session: Session, query: str, bar: Progress) -> None:
    from laban.analysis.table import render_table

    result = session.query(query, limit=TABLE_ROWS)
    bar.clear()
    print_line(render_table(result, terminal_width() or UNLIMITED))
    if result.truncated:
        hint("--json, --csv and --parquet FILE give all rows.")


def _prompt(session: Session, bar: Progress) -> int:
    """Answer what is typed until the end of the input."""
    import readline  # noqa: F401 - gives `input` line editing and a history

    from laban.analysis.console import HELP, repl

    def write(text: str) -> None:
        bar.clear()
        print_line(text)
        sys.stdout.flush()

    hint(HELP)
    failed = repl(session, write=write, complain=complain, width=terminal_width() or UNLIMITED)
    return TROUBLE if failed else FOUND
