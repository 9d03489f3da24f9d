"""
Expressions: the one language of conditions, filters, breakpoints, watches and bisect.

An expression is a Python expression over JSON values, compiled from an allowlist of syntax.
It means what Python means, changes nothing, and costs at most `BUDGET` steps, whatever the
data: `data.get('order_value', 0) > 1000`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .errors import ExpressionError, Undefined, printable
from .functions import FUNCTIONS
from .meter import BUDGET, Meter
from .methods import METHODS
from .source import Source, unwarned
from .syntax import NAMES, Rewriter

__all__ = [
    "FUNCTIONS",
    "METHODS",
    "NAMES",
    "Expression",
    "ExpressionError",
    "Undefined",
    "compile_expression",
]

_FAILURES = (  # what Python raises where a value has no meaning, or is too large
    LookupError,
    TypeError,
    ValueError,
    ArithmeticError,
    RecursionError,
    MemoryError,
)
_LONGEST_REASON = 200  # characters; Python quotes the data


class Expression:
    """
    An expression that is ready to be evaluated, from any thread.

    `text` is what was written; `names` are the names of the scope that it may read.
    """

    __slots__ = ("_run", "names", "text")

    def __init__(
        self,
        text: str,
        names: frozenset[str],
        run: Callable[[Mapping[str, Any], Meter], Any],
    ) -> None:
        self.text = text
        self.names = names
        self._run = run

    def evaluate(self, scope: Mapping[str, Any]) -> Any:
        """
        Return the value. *scope* is asked only for names that the evaluation reaches.

        Its values are JSON values or read-only mappings. Raises Undefined when there is no
        value: a missing name or key, a wrong type, too many steps.
        """
        try:
            return self._run(scope, [BUDGET])
        except _FAILURES as error:
            raise Undefined(_reason(error, self.names, scope)) from None

    def holds(self, scope: Mapping[str, Any]) -> bool | None:
        """Return whether the value is true in Python's sense, or None when it is undefined."""
        try:
            return bool(self._run(scope, [BUDGET]))
        except (Undefined, *_FAILURES):
            return None

    def __repr__(self) -> str:
        return f"compile_expression({self.text!r})"


def compile_expression(text: str) -> Expression:
    """Return the expression that *text* is. Raises ExpressionError, which marks the place."""
    source = Source(text)
    try:
        rewritten = Rewriter(source)
        with unwarned():
            code = compile(rewritten.tree, "<expression>", "eval")
    except (RecursionError, MemoryError):
        raise ExpressionError(text, "it is nested too deeply.") from None
    # Only nodes that Rewriter built reach eval: no name of the text, no builtins.
    run = eval(code, {"__builtins__": {}, **rewritten.operations})
    return Expression(text, frozenset(rewritten.names), run)


def _reason(error: BaseException, names: frozenset[str], scope: Mapping[str, Any]) -> str:
    if isinstance(error, RecursionError):
        return "the values are nested too deeply"
    if isinstance(error, MemoryError):
        return "the values take more memory than there is"
    reason = str(error)
    if isinstance(error, KeyError):
        missing = error.args[0] if error.args else reason
        unknown = missing in names and missing not in scope
        reason = f"{missing} is not known here" if unknown else f"no key {missing!r}"
    if len(reason) > _LONGEST_REASON:
        reason = reason[:_LONGEST_REASON] + "…"
    return printable(reason)
