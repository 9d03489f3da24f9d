"""SQL as it is typed: what its words mean, where it ends, how a name goes on, and `$here`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from .tables import TABLES

HERE = "$here"
_SHORTEST = 2  # letters that a name is completed from
_KEYWORD_LIST = """
    all and any anti array as asc asof at between by case cast count cross cube date desc
    describe distinct else end epoch escape except exclude exists explain extract false
    filter first from full group grouping having ilike in inner intersect interval is join
    last lateral left like limit list max min natural not null nulls offset on or order
    outer over partition pivot positional qualify range recursive replace right rollup row
    rows sample select semi sets show similar struct sum summarize table tablesample then to
    true try_cast union unnest unpivot using values when where window with avg
"""
_KEYWORDS = frozenset(re.findall(r"\w+", _KEYWORD_LIST))
_NAMES = tuple(dict.fromkeys(row.name.partition("(")[0] for row in TABLES))
# What hides a semicolon or `$here` comes first; without an end, it reaches to that of the text.
_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<string>'(?:[^']|'')*(?:'|\Z)|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))
    |(?P<quoted>"(?:[^"]|"")*(?:"|\Z))
    |(?P<here>\$here\b)
    |(?P<number>\b\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?\b)
    |(?P<word>[^\W\d]\w*)
    |(?P<other>\S)""",
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
_MEANINGS = {"comment": "faint", "string": "added", "here": "here", "number": "source"}


def at_position(sql: str, position: int) -> str:
    """Return *sql* with the current position in the place of every `$here`."""

    def put(token: re.Match[str]) -> str:
        return str(position) if token.lastgroup == "here" else token[0]

    return _TOKEN.sub(put, sql)


def is_complete(sql: str) -> bool:
    """Tell whether *sql* ends with a semicolon that is no part of a string or comment."""
    last = None
    for token in _TOKEN.finditer(sql):
        if token.lastgroup != "comment":
            last = token
    return last is not None and last[0] == ";"


def is_blank(sql: str) -> bool:
    """Tell whether there is nothing in *sql* to run."""
    return all(t.lastgroup == "comment" or t[0] == ";" for t in _TOKEN.finditer(sql))


def highlights(sql: str) -> Iterator[tuple[int, int, str]]:
    """Yield what stands out in *sql*: start, end and meaning."""
    for token in _TOKEN.finditer(sql):
        meaning = _MEANINGS.get(token.lastgroup or "", "")
        if token.lastgroup == "word":
            word = token[0].lower()
            meaning = "name" if word in _NAMES else "key" if word in _KEYWORDS else ""
        if meaning:
            yield token.start(), token.end(), meaning


def completion(before: str) -> str:
    """Return how the name or keyword goes on that *before*, the text up to the cursor, ends in."""
    tokens = list(_TOKEN.finditer(before))
    if not tokens or tokens[-1].end() < len(before) or tokens[-1].lastgroup != "word":
        return ""
    typed: str = tokens[-1][0]
    if len(typed) < _SHORTEST or typed.lower() in chain(_NAMES, _KEYWORDS):
        return ""
    for name in (*_NAMES, *sorted(_KEYWORDS, key=lambda word: (len(word), word))):
        if name.startswith(typed.lower()):
            rest: str = name[len(typed) :]
            return rest.upper() if typed.isupper() and name in _KEYWORDS else rest
    return ""
