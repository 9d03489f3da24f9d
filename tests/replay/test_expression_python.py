"""Expressions mean what Python means: held against Python's own `eval`."""

from __future__ import annotations

import copy
import re
import warnings
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from laban.replay.expression import (
    FUNCTIONS,
    METHODS,
    NAMES,
    ExpressionError,
    Undefined,
    compile_expression,
)

SCOPE: dict[str, Any] = {
    "data": {"n": 3, "f": 2.5, "s": "ab", "l": [3, 1, 2], "o": {"n": 1}, "t": True, "z": None},
    "state": {"a": {"n": 3, "s": "x"}, "b": {"n": 7, "s": "ab"}},
    "type": "rated",
    "position": 12,
}
PYTHON = {name: __builtins__[name] for name in FUNCTIONS}  # type: ignore[index]

# What each kind of expression may be made of: A anything, B a test, L a list, N a number,
# O an object, S a text; C and P are operators.
LEAVES = {
    "B": ["True", "False", "data['t']"],
    "L": ["[]", "data['l']", "[3, 3]", "[state, data]"],
    "N": ["0", "1", "-2", "0.5", "True", "data['n']", "data['f']", "position", "data['z']"],
    "O": ["data", "state", "data['o']", "{}"],
    "S": ["''", "'a'", "'ab'", "'B b'", "type", "data['s']", "state['a']['s']"],
    "C": [
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "and",
        "or",
        "in",
        "not in",
        "is None or",
        "is True or",
    ],
    "P": ["+", "-", "/", "//"],
}
FORMS = {
    "B": [
        *("($A $C $A)", "($N < $N <= $N != $A)", "(not $A)", "bool($A)", "($S in {$S, $N})"),
        *("any($A for x in $L)", "all(x for x in $L)", "$S.startswith($S)", "$S.endswith($S)"),
        *("($O.keys() == $O.keys())", "($O.keys() < $O.keys())", "($A in $O.keys())"),
        *("($A in $O.values())", "($S == 'a' == $S)", "$S.isdigit()"),
    ],
    "L": [
        *("[$A, $A]", "($L + $L)", "sorted($L)", "sorted($O)", "sorted($S, reverse=$B)"),
        *("$S.split($S)", "$S.split()", "$L[$N::$N]", "[$A for x in $L if x]", "[x for x in $A]"),
        *("[k for k, v in $O.items() if v]", "[y for x in $L for y in [x, $A]]"),
    ],
    "N": [
        *("($N $P $N)", "(-$N)", "len($A)", "min($N, $N)", "max($N, $N)", "sum($L)", "min($L)"),
        *("max($L, default=$N)", "abs($N)", "round($N)", "int($N)", "int($S)", "float($N)"),
        *("$S.count($S)", "$S.find($S)", "$S.index($S)", "$L.count($A)", "$L.index($A)", "$L[$N]"),
        *("$O.get('n')", "$O['n']", "sum(x for x in $L)", "sum($N for x in $L)"),
        *("($N if $B else $N)", "round($N, $N)", "(int($N) * float($N))", "(int($N) % int($N))"),
    ],
    "O": ["{'n': $A, 's': $A}", "$O.get($S, $O)", "$O[$S]", "($O or $O)", "{$S: $A}"],
    "S": [
        *("($S + $S)", "$S.lower()", "$S.upper()", "$S.strip()", "$S.strip($S)", "str($A)"),
        *("$S.replace($S, $S)", "$S[$N:$N]", "$S[$N]", "$O['s']", "str($N)"),
    ],
    "C": [],
    "P": [],
}


@st.composite
def expressions(draw: st.DrawFn, kind: str = "A", depth: int = 4) -> str:
    kind = draw(st.sampled_from("BLNOS")) if kind == "A" else kind
    form = draw(st.sampled_from([*LEAVES[kind], *(FORMS[kind] if depth else [])]))
    return re.sub(r"\$(.)", lambda hole: draw(expressions(hole[1], depth - 1)), form)


def python_outcome(text: str) -> str:
    """Return what Python makes of *text*: the value as text, or that there is none."""
    try:
        with warnings.catch_warnings(action="ignore"):  # `0 is None` is bad style
            return repr(eval(text, {"__builtins__": PYTHON, **SCOPE}))
    except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
        return "undefined"


@given(text=expressions().filter(lambda text: text.count(" for ") <= 2))
@example("(2 < data['n'] < data['l'])")  # has no value, though it begins well
def test_an_expression_means_what_python_means(text: str) -> None:
    expected = python_outcome(text)

    try:
        value = repr(compile_expression(text).evaluate(copy.deepcopy(SCOPE)))
    except Undefined:
        value = "undefined"

    assert value == expected


TOKENS = [
    *NAMES[:4],
    *FUNCTIONS,
    *(f".{name}" for name in METHODS),
    *("x", "__class__", "lambda", "for", "in", "if", "else", "not", "and", "is", "await", "yield"),
    *("(", ")", "[", "]", "{", "}", ",", ":", ".", "=", ":=", "==", "<", "+", "-", "*", "**", "/"),
    *("%", "<<", "@", "~", "|", "\\", "\n", "\t", " ", "#", "'", '"', "'''", "f'", "b'", "\0"),
    *("0", "1", "1e9", "0x", "1j", "None", "...", "'a'", "é", "ａ", "\ud800", "\u202e", "\x85"),
]


@given(text=st.one_of(st.text(), st.lists(st.sampled_from(TOKENS)).map("".join)))
def test_any_text_is_an_expression_or_one_clear_line(text: str) -> None:
    try:
        answer = compile_expression(text).holds(SCOPE)
    except ExpressionError as error:
        shown, place = str(error), (error.column, error.end_column)
    else:
        assert answer in (True, False, None)
        return

    assert shown.startswith("Bad expression: ")
    assert shown.isprintable()
    assert 0 <= place[0] <= place[1] <= len(text)
