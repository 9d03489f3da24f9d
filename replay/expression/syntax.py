"""
From an expression's text to a syntax tree that holds nothing but what is allowed, bounded.

The tree is built anew. A name of the scope becomes `scope['name']`, a loop's variable gets a
prefix, and functions, methods and operators become calls of our own, so that no identifier of
the text reaches the compiler. Only what takes a moment, whatever the data, stays as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any, NoReturn, TypeGuard

from laban.store.errors import did_you_mean

from . import operators
from .functions import FUNCTIONS, GATHERING
from .meter import each, listed, weigh
from .methods import METHODS, VIEWING
from .source import Source

NAMES = (
    *("event", "data", "metadata", "type", "source", "stream", "time", "timestamp", "position"),
    *("correlation_id", "causation_id", "state", "before"),
    *("recent_events", "correlated_events", "event_count", "source_event_count"),
)
MAX_DEPTH = 60  # nodes above one another
MAX_LOOPS = 2  # `for` in the whole expression

_CONSTANTS = (str, int, float, type(None))  # and bool, which is an int
_BINARY: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operators.add,
    ast.Sub: operators.subtract,
    ast.Mult: operators.multiply,
    ast.Div: operators.divide,
    ast.FloorDiv: operators.floor_divide,
    ast.Mod: operators.remainder,
}
_SIGNS: dict[type[ast.unaryop], Callable[..., Any]] = {
    ast.USub: operators.negate,
    ast.UAdd: operators.plus,
}
_REFUSED: dict[type[ast.AST], str] = {
    ast.BitAnd: "'&' is not allowed. Write 'and'.",
    ast.BitOr: "'|' is not allowed. Write 'or'.",
    ast.Invert: "'~' is not allowed. Write 'not'.",
    ast.Pow: "'**' is not allowed. Write x * x.",
    ast.BitXor: "'^' is not allowed.",
    ast.LShift: "'<<' is not allowed.",
    ast.RShift: "'>>' is not allowed.",
    ast.MatMult: "'@' is not allowed.",
    ast.Lambda: "a lambda is not allowed.",
    ast.JoinedStr: "an f-string is not allowed. Add texts with '+'.",
    ast.NamedExpr: "':=' is not allowed. Write '==' to compare.",
    ast.Starred: "'*' before a value is not allowed.",
    ast.Slice: "a slice stands alone in […].",
    ast.Set: "a set stands only after 'in'. Write a list.",
    ast.SetComp: "a loop makes a list, not a set. Write […].",
    ast.DictComp: "a loop makes a list, not an object. Write […].",
    ast.GeneratorExp: "a loop stands in any(), all(), sum(), min(), max(), sorted() or […].",
    ast.Await: "await is not allowed.",
    ast.Yield: "yield is not allowed.",
    ast.YieldFrom: "yield is not allowed.",
}


class Rewriter(ast.NodeVisitor):
    """
    Rewrites one expression; every `visit_…` is something that an expression may hold.

    Afterwards `tree` is a lambda of (scope, meter), `names` what it reads of the scope, and
    `operations` the functions of ours that it calls, by their names in the tree.
    """

    def __init__(self, source: Source) -> None:
        self.names: set[str] = set()
        self.operations: dict[str, Callable[..., Any]] = {}
        self._source = source
        self._variables: frozenset[str] = frozenset()
        self._depth = 0
        self._loops = 0
        body = self._consumed(source.tree)
        if _is_view(source.tree):
            body = self._call(listed, body)
        parameters = ast.parse("lambda scope, meter, /: 0", mode="eval")
        assert isinstance(parameters.body, ast.Lambda)
        parameters.body.body = body
        self.tree = ast.fix_missing_locations(parameters)

    def visit(self, node: ast.AST) -> Any:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._refuse(node, f"it is nested too deeply: more than {MAX_DEPTH} levels.")
        try:
            return super().visit(node)
        finally:
            self._depth -= 1

    def generic_visit(self, node: ast.AST) -> NoReturn:
        self._forbid(node, type(node))

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if not isinstance(node.value, _CONSTANTS):
            name = "..." if node.value is ... else f"a {type(node.value).__name__}"
            self._refuse(node, f"{name} is no JSON value. Write a text, a number, True or None.")
        return ast.Constant(node.value)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        name = node.id
        if name in self._variables:
            return _variable(name, ast.Load())
        if name not in NAMES:
            self._refuse_name(node)
        self.names.add(name)
        return ast.Subscript(ast.Name("scope", ast.Load()), ast.Constant(name), ast.Load())

    def visit_List(self, node: ast.List) -> ast.expr:
        return ast.List(self._all(node.elts), ast.Load())

    def visit_Tuple(self, node: ast.Tuple) -> ast.expr:
        return ast.Tuple(self._all(node.elts), ast.Load())

    def visit_Dict(self, node: ast.Dict) -> ast.expr:
        keys = [key for key in node.keys if key is not None]
        if len(keys) < len(node.keys):
            self._refuse(node, "'**' is not allowed.")
        return ast.Dict(list(self._all(keys)), self._all(node.values))

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        return ast.BoolOp(node.op, self._all(node.values))

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        return ast.IfExp(self.visit(node.test), self.visit(node.body), self.visit(node.orelse))

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        operand = self.visit(node.operand)
        if isinstance(node.op, ast.Not) or _is_constant(node):
            return ast.UnaryOp(node.op, operand)
        if type(node.op) not in _SIGNS:
            self._forbid(node, type(node.op))
        return self._call(_SIGNS[type(node.op)], operand)

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if type(node.op) not in _BINARY:
            self._forbid(node, type(node.op))
        return self._call(_BINARY[type(node.op)], self.visit(node.left), self.visit(node.right))

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        if any(isinstance(op, (ast.In, ast.NotIn)) for op in node.ops):
            return self._membership(node)
        given = [node.left, *node.comparators]
        operands = [self._consumed(operand) for operand in given]
        for at, op in enumerate(node.ops):
            pair = given[at : at + 2]
            if isinstance(op, (ast.Is, ast.IsNot)):
                if not any(_is_singleton(operand) for operand in pair):
                    self._refuse(node, "'is' is only for None, True and False. Write '=='.")
            elif not any(_is_constant(operand) for operand in pair):
                operands[at] = self._call(weigh, operands[at])
        return ast.Compare(operands[0], node.ops, operands[1:])

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        value = self.visit(node.value)
        index = node.slice
        if isinstance(index, ast.Slice):
            bounds = (index.lower, index.upper, index.step)
            rewritten = [self.visit(bound or ast.Constant(None)) for bound in bounds]
            return self._call(operators.part, value, *rewritten)
        if _is_constant(index):
            return ast.Subscript(value, self.visit(index), ast.Load())
        return self._call(operators.item, value, self.visit(index))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if _is_view(node):
            places = "a loop, a function or a comparison"
            self._refuse(node, f"keys(), values() and items() stand only in {places}.")
        return self._called(node)

    def visit_Attribute(self, node: ast.Attribute) -> NoReturn:
        if node.attr in METHODS:
            self._refuse_end(node, f"a method is called: write {node.attr}(…).")
        self._refuse_end(
            node,
            f"JSON values have no attribute {node.attr!r}. "
            f"Write [{node.attr!r}], or .get({node.attr!r}) where it may be missing.",
        )

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        return self._loop(node, ast.ListComp)

    def _called(self, node: ast.Call) -> ast.expr:
        """Rewrite a call, also one whose result is no JSON value."""
        values: list[ast.expr] = []
        if isinstance(node.func, ast.Attribute):
            name = node.func.attr
            if name not in METHODS:
                hint = did_you_mean(name, METHODS, f" Methods are {', '.join(METHODS)}.")
                self._refuse_end(node.func, f"JSON values have no method {name!r}.{hint}")
            operation = METHODS[name]
            values.append(self.visit(node.func.value))
        elif isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            name = node.func.id
            operation = FUNCTIONS[name]
        else:
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            hint = did_you_mean(called, FUNCTIONS, f" Functions are {', '.join(FUNCTIONS)}.")
            self._refuse(node.func, f"this is no function.{hint}")
        return self._bound(node, name, operation, values)

    def _bound(
        self, node: ast.Call, name: str, operation: Callable[..., Any], values: list[ast.expr]
    ) -> ast.expr:
        gathers = name in FUNCTIONS and (len(node.args) == 1 or name == "sum")
        for argument in node.args:
            if gathers and name in GATHERING and isinstance(argument, ast.GeneratorExp):
                values.append(self._loop(argument, ast.GeneratorExp))
            else:
                values.append(self._consumed(argument) if gathers else self.visit(argument))
        keywords: dict[str, ast.expr] = {}
        for keyword in node.keywords:
            if keyword.arg is None or keyword.arg in keywords:
                self._refuse(keyword.value, "every argument is given once, by its own name.")
            keywords[keyword.arg] = self.visit(keyword.value)
        try:
            signature(operation).bind(None, *values, **keywords)
        except TypeError as error:
            self._refuse(node, f"{name}(): {error}.")
        return self._call(operation, *values, **keywords)

    def _membership(self, node: ast.Compare) -> ast.expr:
        if len(node.ops) > 1:
            self._refuse(node, "'in' is not chained. Write 'and' between the tests.")
        box = node.comparators[0]
        item = self.visit(node.left)
        members = ast.Set(self._all(box.elts)) if isinstance(box, ast.Set) else self._consumed(box)
        found = self._call(operators.contains, item, members)
        return found if isinstance(node.ops[0], ast.In) else ast.UnaryOp(ast.Not(), found)

    def _loop(
        self, node: ast.ListComp | ast.GeneratorExp, build: Callable[..., ast.expr]
    ) -> ast.expr:
        self._loops += len(node.generators)
        if self._loops > MAX_LOOPS:
            self._refuse(node, f"at most {MAX_LOOPS} 'for' are allowed.")
        cost = ast.Constant(_cost(node))
        outside = self._variables
        generators = []
        for loop in node.generators:
            if loop.is_async:
                self._refuse(node, "async is not allowed.")
            values = self._call(each, self._consumed(loop.iter), cost)
            target = self._target(loop.target)
            generators.append(ast.comprehension(target, values, self._all(loop.ifs), 0))
        rewritten = build(self.visit(node.elt), generators)
        self._variables = outside
        return rewritten

    def _target(self, node: ast.expr) -> ast.expr:
        if isinstance(node, (ast.Tuple, ast.List)):
            return ast.Tuple([self._target(part) for part in node.elts], ast.Store())
        if not isinstance(node, ast.Name):
            self._refuse(node, "a loop's variable is a plain name.")
        if node.id in FUNCTIONS:
            self._refuse(node, f"{node.id!r} is a function. Give the variable another name.")
        self._variables |= {node.id}
        return _variable(node.id, ast.Store())

    def _consumed(self, node: ast.expr) -> ast.expr:
        """Rewrite *node* where also the result of keys(), values() and items() is of use."""
        return self._called(node) if _is_view(node) else self.visit(node)

    def _all(self, nodes: Sequence[ast.expr]) -> list[ast.expr]:
        return [self.visit(node) for node in nodes]

    def _call(
        self, operation: Callable[..., Any], *args: ast.expr, **keywords: ast.expr
    ) -> ast.expr:
        name = f"{operation.__module__}.{operation.__name__}".replace(".", "_")
        self.operations[name] = operation
        return ast.Call(
            ast.Name(name, ast.Load()),
            [ast.Name("meter", ast.Load()), *args],
            [ast.keyword(arg, value) for arg, value in keywords.items()],
        )

    def _forbid(self, node: ast.AST, what: type[ast.AST]) -> NoReturn:
        self._refuse(node, _REFUSED.get(what, f"{what.__name__} is not allowed."))

    def _refuse_name(self, node: ast.Name) -> NoReturn:
        name = node.id
        if name in FUNCTIONS:
            self._refuse(node, f"{name} is a function: write {name}(…).")
        if name == "null":
            self._refuse(node, "no name 'null'. Write None.")
        known = (*NAMES, *sorted(self._variables), "True", "False", "None")
        hint = did_you_mean(name, known, f" Names are {', '.join(NAMES)}.")
        self._refuse(node, f"no name {name!r}.{hint} A field is data[{name!r}], a text {name!r}.")

    def _refuse_end(self, node: ast.Attribute, problem: str) -> NoReturn:
        end = self._source.place(node)[1]
        self._source.refuse(problem, end - len(node.attr), end)

    def _refuse(self, node: ast.AST, problem: str) -> NoReturn:
        assert isinstance(node, ast.expr)
        self._source.refuse(problem, *self._source.place(node))


def _variable(name: str, context: ast.expr_context) -> ast.expr:
    return ast.Name(f"variable_{name}", context)


def _is_view(node: ast.expr) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in VIEWING
    )


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        node = node.operand
        return isinstance(node, ast.Constant) and isinstance(node.value, (int, float))
    return isinstance(node, ast.Constant)


def _is_singleton(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def _cost(loop: ast.ListComp | ast.GeneratorExp) -> int:
    """Return the steps of one round: about the operations in it, more for what takes memory."""
    first = loop.generators[0]
    every = sum(_price(node) for node in ast.walk(loop))
    return 1 + every - sum(_price(node) for node in ast.walk(first.iter))


def _price(node: ast.AST) -> int:
    if isinstance(node, ast.Dict):
        return 8 + len(node.keys)
    if isinstance(node, (ast.List, ast.Tuple)):
        return 2 + len(node.elts)
    return int(isinstance(node, ast.expr) and not isinstance(node, (ast.Constant, ast.Attribute)))
