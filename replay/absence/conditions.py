"""Which part of a condition was not met, and what the values in it were."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from laban.replay.expression import Expression, ExpressionError, Undefined, compile_expression
from laban.replay.scope import plain

PARTS = 8  # of one condition


class Part(Struct, frozen=True):
    """A part of a condition that decided against it."""

    text: str
    wanted: bool  # what it would have had to be
    values: list[tuple[str, Any]]  # (expression, its value) of what it compares
    undefined: str | None = None  # why it has no value


def unmet(condition: Expression, scope: Mapping[str, Any]) -> list[Part]:
    """
    Return the parts of *condition* because of which it does not hold in *scope*.

    Of `a and b` those of the two that do not hold; of `a or b` both; of `not a` what makes
    `a` hold. Empty when the condition holds.
    """
    if condition.holds(scope):
        return []
    text = condition.text.strip()
    parts = _against(ast.parse(text, mode="eval").body, text, scope, wanted=True)
    return list(parts)[:PARTS]


def _against(
    node: ast.expr, text: str, scope: Mapping[str, Any], *, wanted: bool
) -> Iterator[Part]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield from _against(node.operand, text, scope, wanted=not wanted)
    elif isinstance(node, ast.BoolOp):
        every = isinstance(node.op, ast.And) is wanted  # each operand has to be as wanted
        for operand in node.values:
            holds = _holds(operand, text, scope)
            if holds is None or not every or holds is not wanted:
                yield from _against(operand, text, scope, wanted=wanted)
            if holds is None:  # what follows was not looked at
                break
    else:
        yield _part(node, text, scope, wanted=wanted)


def _part(node: ast.expr, text: str, scope: Mapping[str, Any], *, wanted: bool) -> Part:
    said = ast.get_source_segment(text, node) or text
    compared = [node.left, *node.comparators] if isinstance(node, ast.Compare) else [node]
    values, undefined = list[tuple[str, Any]](), None
    for one in compared:
        if isinstance(one, ast.Constant):
            continue
        name = ast.get_source_segment(text, one) or said
        try:
            values.append((name, plain(compile_expression(name).evaluate(scope))))
        except Undefined as error:
            undefined = undefined or error.reason
        except ExpressionError:  # a part that does not stand alone
            continue
    return Part(said, wanted, values, undefined)


def _holds(node: ast.expr, text: str, scope: Mapping[str, Any]) -> bool | None:
    return compile_expression(ast.get_source_segment(text, node) or text).holds(scope)
