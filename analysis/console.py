"""A prompt for SQL over a log."""

from __future__ import annotations

import re
from collections.abc import Callable

from laban.store.errors import LabanError

from .session import Session
from .table import render_table

PROMPT = "laban> "
MORE = "   ..> "
ROWS = 200  # shown of a result

HELP = """\
A statement ends with a semicolon: SELECT type, count(*) FROM events GROUP BY type;
.tables  the tables      .schema  their columns      .help  this      .quit  leave (Ctrl-D)
Ctrl-C ends a query that takes too long. FROM state_at(12); is the state after event 12."""

_SCHEMA = """SELECT table_name AS "table", column_name AS "column", data_type AS type,
    coalesce(comment, '') AS meaning
FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal
ORDER BY table_name, column_index"""
_COMMANDS = {
    ".tables": 'SELECT table_name AS "table", estimated_size AS rows FROM duckdb_tables()'
    " WHERE schema_name = 'main' ORDER BY 1",
    ".schema": _SCHEMA,
}
# What hides a semicolon: strings, quoted names, comments; the last is one that has no end yet.
_HIDING = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/|(?:'|"|/\*|\$\w*\$).*""",
    re.DOTALL,
)


def repl(
    session: Session,
    *,
    read: Callable[[str], str] = input,
    write: Callable[[str], object] = print,
    complain: Callable[[str], object] | None = None,
    width: int = 80,
    rows: int = ROWS,
) -> int:
    """
    Run the statements that are typed, until the end of the input, and return how many failed.

    *read* takes a prompt and returns a line, or raises EOFError; *write* gets results and
    *complain* errors, line by line.
    """
    complain, failed, typed = complain or write, 0, ""
    while True:
        try:
            line = read(MORE if typed else PROMPT)
        except EOFError:
            write("")
            return failed
        except KeyboardInterrupt:
            typed = ""
            write("")
            continue
        command = line.strip()
        if not typed and command.startswith("."):
            if command in (".quit", ".exit"):
                return failed
            failed += not _command(command, session, write, complain, width)
            continue
        typed = f"{typed}\n{line}" if typed else line
        if not typed.strip() or is_complete(typed):
            if typed.strip(" \t\n;"):
                failed += not _show(session, typed, write, complain, width, rows)
            typed = ""


def is_complete(text: str) -> bool:
    """Tell whether *text* ends with a semicolon that is no part of a string or comment."""
    return _HIDING.sub(_hole, text).rstrip().endswith(";")


def _hole(found: re.Match[str]) -> str:
    return " " if found[0].startswith(("--", "/*")) else "_"


def _command(
    command: str,
    session: Session,
    write: Callable[[str], object],
    complain: Callable[[str], object],
    width: int,
) -> bool:
    if command == ".help":
        write(HELP)
        return True
    sql = _COMMANDS.get(command)
    if sql is None:
        complain(f"There is no {command}: .help lists what there is.")
        return False
    return _show(session, sql, write, complain, width, ROWS)


def _show(
    session: Session,
    sql: str,
    write: Callable[[str], object],
    complain: Callable[[str], object],
    width: int,
    rows: int,
) -> bool:
    """Run a statement and show its rows; return whether it went well."""
    try:
        result = session.query(sql, limit=rows)
    except LabanError as error:
        complain(str(error))
        return False
    except KeyboardInterrupt:
        complain("The query was ended by Ctrl-C.")
        return False
    finally:
        session.prepare()
    write(render_table(result, width))
    return True
