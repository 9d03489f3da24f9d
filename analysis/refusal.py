"""Which statements run, and what DuckDB says against one, on one line."""

from __future__ import annotations

import re
from typing import Final

import duckdb

from .request import QueryError

LONGEST = 400  # characters of an error
_READS: Final = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
_PIVOTS = {"PIVOT", "FROM", "SELECT", "WITH"}  # may begin one whose columns are found first
# Advice that follows one of these needs settings or extensions, which are locked.
_NEVER_USEFUL = ("Possible solutions:", "Candidate functions:", "Please try installing", 'Use "SET')
_CARET = re.compile(r"^LINE (\d+): (.*)\n( *)(\^+)", re.MULTILINE)


def check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raise QueryError unless *sql* is one statement that only reads."""
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        found = f"there are {len(statements)}" if statements else "there is none"
        raise QueryError(f"Give one SQL statement at a time: {found}.")
    type = statements[0].type
    pivots = type == duckdb.StatementType.MULTI and _verb(sql) in _PIVOTS
    if type not in _READS and not pivots:
        raise QueryError(
            f"{_verb(sql)} is not possible here: a log is only read; "
            "ask by SELECT, FROM, DESCRIBE, SHOW, SUMMARIZE, PIVOT or EXPLAIN."
        )


def one_line(error: Exception) -> str:
    """Return what DuckDB says, with the place it means, on one line."""
    text = str(error)
    if isinstance(error, MemoryError) or text.startswith("Out of Memory Error"):
        return "The query needs more memory than it may use: select fewer rows or columns at once."
    place = _place(text)
    text = text.partition("\nLINE ")[0]
    for heading in _NEVER_USEFUL:
        text = text.partition(heading)[0]
    text = " ".join(text.split())
    if text.startswith("Catalog Error: Table with name"):
        text = f"{text.partition('!')[0]}: there are events, state_history and state_at(position)."
    if "Malformed JSON" in text:
        text += " (try(…) makes null of what fails)"
    return _cut(text, LONGEST) + place


def _place(text: str) -> str:
    """Return ` (at "FRAGMENT" in line 2)` for the caret that DuckDB draws."""
    found = _CARET.search(text)
    if found is None:
        return ""
    number, line, indent, carets = found.groups()
    start = len(indent) - len(f"LINE {number}: ")
    fragment = line[start : start + len(carets)] if len(carets) > 1 else line[start:]
    return f' (at "{_cut(fragment, 40)}" in line {number})' if fragment else " (at the end)"


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _verb(sql: str) -> str:
    word = re.search(r"[A-Za-z]+", re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL))
    return word[0].upper() if word else "That"
