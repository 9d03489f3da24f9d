"""What expressions mean, what they read, and what their errors say."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from laban.replay.expression import (
    FUNCTIONS,
    METHODS,
    NAMES,
    ExpressionError,
    Undefined,
    compile_expression,
)
from laban.store.errors import LabanError
from laban.store.jsontext import JsonObject

DATA: dict[str, Any] = {
    "order_value": 1200,
    "rating": "A",
    "note": "  Paid in full; late ",
    "tags": ["new", "vip"],
    "items": [{"sku": "b", "qty": 1}, {"sku": "a", "qty": 3}],
    "limits": {"low": 1, "high": 9},
    "gone": None,
    "share": 0.125,
    "is_new": True,
}
SCOPE: dict[str, Any] = {
    "data": DATA,
    "event": {"type": "rated", "data": DATA},
    "type": "rated",
    "source": "risk",
    "stream": "order-17",
    "position": 12,
    "state": {"order-17": {"status": "paid", "score": 600}, "order-18": {}},
    "before": {"order-17": {"status": "open", "score": 640}},
    "recent_events": [{"type": "asked"}, {"type": "rated"}],
}

VALUES: dict[str, Any] = {
    # names and members
    "type": "rated",
    "True": True,
    "data['rating']": "A",
    "data['tags'][-1]": "vip",
    "data['items'][1]['qty']": 3,
    "event['data']['rating']": "A",
    "state[stream]['status']": "paid",
    "data.get('missing')": None,
    "data.get('missing', [])": [],
    "state['order-18'].get('status', 'new')": "new",
    "{'a': 1}[type[3:4]] if type == 'rata' else -1": -1,
    # tests
    "data.get('order_value', 0) > 1000": True,
    "type == 'rated' and data['rating'] != 'A'": False,
    "data.get('tracking_number') is not None": False,
    "data['gone'] is None": True,
    "data['is_new'] is True": True,
    "state[stream]['score'] < before[stream]['score']": True,
    "0 < data['share'] <= 0.125 < 1": True,
    "1 < data['limits']['low'] < 5": False,
    "not data['tags']": False,
    "type == 'asked' or source": "risk",
    "type == 'x' and data['missing']": False,
    "1 == True": True,
    "data == event['data']": True,
    "data['tags'] == ['new', 'vip']": True,
    "data['limits'] == {'high': 9, 'low': 1}": True,
    "data['tags'] < ['new', 'zzz']": True,
    "data['limits'].keys() == {'high': 0, 'low': 0}.keys()": True,
    "data['limits'].keys() <= data.keys()": False,
    # membership
    "'rating' in data": True,
    "'rating' not in data": False,
    "'vip' in data['tags']": True,
    "'full' in data['note']": True,
    "{'sku': 'a', 'qty': 3} in data['items']": True,
    "type in ('asked', 'rated')": True,
    "type in {'asked', 'rated'}": True,
    "9 in data['limits'].values()": True,
    "('low', 1) in data['limits'].items()": True,
    "'low' in data['limits'].keys()": True,
    # arithmetic
    "data['order_value'] + 5 - 2 * 3": 1199,
    "7 / 2": 3.5,
    "-7 // 2": -4,
    "-7 % 3": 2,
    "-data['share']": -0.125,
    "+data['share']": 0.125,
    "source + '/' + stream": "risk/order-17",
    "data['tags'] + ['x']": ["new", "vip", "x"],
    # slices and literals
    "stream[:5]": "order",
    "stream[-2:]": "17",
    "data['tags'][::-1]": ["vip", "new"],
    "[type, (1, 2.5), {'a': None}]": ["rated", (1, 2.5), {"a": None}],
    "'big' if data['order_value'] > 1000 else 'small'": "big",
    # functions
    "len(data['tags'])": 2,
    "len(state)": 2,
    "str(data['order_value']) + str(None)": "1200None",
    "str(data['limits'])": "{'low': 1, 'high': 9}",
    "int('42') + int(2.9) + int(True)": 45,
    "float('1.5') + float(2)": 3.5,
    "bool(data['gone'])": False,
    "abs(-3)": 3,
    "min(3, 1, 2)": 1,
    "max(data['tags'])": "vip",
    "max([], default=0)": 0,
    "max(i['qty'] for i in data['items'])": 3,
    "sum(i['qty'] for i in data['items'])": 4,
    "sum([1, 2], 10)": 13,
    "sum((i['qty'] for i in data['items']), start=1)": 5,
    "any(i['qty'] > 2 for i in data['items'])": True,
    "all([])": True,
    "sorted(i['sku'] for i in data['items'])": ["a", "b"],
    "sorted(data['limits'], reverse=True)": ["low", "high"],
    "sorted(data['limits'].values())": [1, 9],
    "round(2.567, 1)": 2.6,
    "round(2.567, ndigits=2)": 2.57,
    "round(1234, -2)": 1200,
    # methods
    "data['limits'].keys()": ["low", "high"],
    "data['limits'].items()": [("low", 1), ("high", 9)],
    "type.upper() + 'ABC'.lower()": "RATEDabc",
    "data['note'].strip()": "Paid in full; late",
    "'--x-'.strip('-')": "x",
    "stream.startswith('order-')": True,
    "stream.endswith(('17', '18'))": True,
    "stream.split('-')": ["order", "17"],
    "data['note'].split()": ["Paid", "in", "full;", "late"],
    "'a,b,c'.split(sep=',', maxsplit=1)": ["a", "b,c"],
    "'banana'.count('a') + [1, 2, 1].count(1)": 5,
    "'banana'.index('n') + data['tags'].index('vip')": 3,
    "'banana'.find('x')": -1,
    "'banana'.replace('a', 'o', 2)": "bonona",
    "stream[6:].isdigit()": True,
    # loops
    "[i['sku'] for i in data['items'] if i['qty'] > 1]": ["a"],
    "[k + str(v) for k, v in data['limits'].items() if v]": ["low1", "high9"],
    "[a + b for a in 'xy' for b in 'pq']": ["xp", "xq", "yp", "yq"],
    "[[a + b for b in 'pq'] for a in 'xy']": [["xp", "xq"], ["yp", "yq"]],
    "any(event['type'] == 'asked' for event in recent_events)": True,
    "[data for data in data['tags']]": ["new", "vip"],
    "[type for i in data['tags']]": ["rated", "rated"],
    # written elsewhere
    "  type == 'rated'\n": True,
    "(type == 'rated'\n  and position == 12)": True,
    r"'\d' + '\\'": "\\d\\",
    "'naïve ☃' + '𝔡'": "naïve ☃𝔡",
}


@pytest.mark.parametrize("text", VALUES)
def test_an_expression_has_the_value_that_python_gives_it(text: str) -> None:
    value = compile_expression(text).evaluate(SCOPE)

    assert value == VALUES[text]
    assert type(value) is type(VALUES[text])


UNDEFINED = {
    "data['missing']": "no key 'missing'",
    "state['order-9']['status']": "no key 'order-9'",
    "data['tags'][7]": "list index out of range",
    "data.get('gone') > 3": "'>' not supported between instances of 'NoneType' and 'int'",
    "data['gone'].get('x')": "null has no get()",
    "data['tags'].get('x')": "a list has no get()",
    "data['limits'].lower()": "an object has no lower()",
    "data['share'].split()": "a number has no split()",
    "type + 3": "a number is not added to a text",
    "type + data['tags']": "can only concatenate str",
    "3 + type": "a text is no number",
    "(1, 2) + (3,)": "a list is no number",
    "data['tags'] * 2": "a list is no number",
    "data.get((1, 2))": "a list is no key",
    "data['is_new'] - data['gone']": "null is no number",
    "type * 3": "a text is no number",
    "'%s' % 3": "a text is no number",
    "1 / (position - 12)": "division by zero",
    "1 in 5": "argument of type 'int' is not iterable",
    "[x for x in 5]": "a number has no members",
    "data[data['tags']]": "a list is no key",
    "data.get(data)": "an object is no key",
    "position[1:]": "a number has no slices",
    "int('many')": "invalid literal for int() with base 10: 'many'",
    "[a for a, b in [[1]]]": "not enough values to unpack",
    "min([])": "empty",
    "sum(['a'])": "unsupported operand",
    "sum([[1]], [])": "a list is no number",
    "sorted([1, 'a'])": "'<' not supported",
    "'abc'.index('z')": "substring not found",
    "min(1, 2, default=3)": "a default is for a single list",
    "str(data.keys())": "keys(), values() and items() are no text",
    "metadata['x']": "metadata is not known here",
    "correlation_id == 'x'": "correlation_id is not known here",
}


@pytest.mark.parametrize("text", UNDEFINED)
def test_what_cannot_be_evaluated_is_undefined_and_says_why(text: str) -> None:
    expression = compile_expression(text)

    with pytest.raises(Undefined) as caught:
        expression.evaluate(SCOPE)

    assert UNDEFINED[text] in caught.value.reason
    assert str(caught.value) == f"Undefined: {caught.value.reason}"
    assert expression.holds(SCOPE) is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [("data['tags']", True), ("0.0", False), ("data['gone']", False), ("data['no']", None)],
)
def test_a_test_is_true_false_or_undefined(text: str, answer: bool | None) -> None:
    assert compile_expression(text).holds(SCOPE) is answer


def test_a_reason_is_one_short_line_whatever_the_data() -> None:
    expression = compile_expression("float(data['text'])")

    with pytest.raises(Undefined) as caught:
        expression.evaluate({"data": {"text": "a\nb\x1b[31m" + "c" * 10_000}})

    assert caught.value.reason.isprintable()
    assert len(caught.value.reason) < 250


def test_names_are_those_of_the_scope_that_the_expression_reads() -> None:
    text = "any(type == i['type'] for i in recent_events) and state[stream] and len(data) > 1"

    assert compile_expression(text).names == {"type", "recent_events", "state", "stream", "data"}
    assert compile_expression("[data for data in state]").names == {"state"}
    assert compile_expression("1 + 1").names == frozenset()


class Lazy(Mapping[str, Any]):
    """A read-only mapping that notes what it is asked for."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.values_, self.asked = values, [""][:0]

    def __getitem__(self, key: str) -> Any:
        self.asked.append(key)
        return self.values_[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


def test_only_what_the_evaluation_reaches_is_looked_up() -> None:
    state = Lazy({"a": {"status": "paid"}, "b": {}})
    scope = Lazy({"type": "asked", "state": state, "data": {}})

    held = [
        compile_expression("type == 'rated' and data['x']").holds(scope),
        compile_expression("state['a'].get('status') == 'paid'").holds(scope),
    ]

    assert held == [False, True]
    assert scope.asked == ["type", "state"]
    assert state.asked == ["a"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("state.get('a', {}).get('n')", 1),
        ("state['b']['n']", 2),
        ("'a' in state", True),
        ("'c' in state", False),
        ("len(state)", 2),
        ("[k for k in state]", ["a", "b"]),
        ("sorted(state.keys())", ["a", "b"]),
        ("sum(s['n'] for s in state.values())", 3),
        ("[k for k, s in state.items() if s['n'] > 1]", ["b"]),
        ("state == {'a': {'n': 1}, 'b': {'n': 2}}", True),
        ("str(state['a'])", "{'n': 1}"),
        ("bool(state)", True),
    ],
)
def test_any_read_only_mapping_serves_as_an_object(text: str, value: Any) -> None:
    state = Lazy({"a": JsonObject('{"n":1}'), "b": JsonObject('{"n":2}')})

    assert compile_expression(text).evaluate({"state": state}) == value


def test_an_error_of_the_scope_is_not_taken_for_undefined() -> None:
    class Broken(Lazy):
        def __getitem__(self, key: str) -> Any:
            raise LabanError("the log is gone")

    with pytest.raises(LabanError, match="the log is gone"):
        compile_expression("state['a']").holds({"state": Broken({})})


def test_evaluating_changes_no_data() -> None:
    scope = copy.deepcopy(SCOPE)

    for text in (*VALUES, *UNDEFINED):
        compile_expression(text).holds(scope)

    assert scope == SCOPE


def test_every_name_function_and_method_is_shown_at_work() -> None:
    texts = " ".join([*VALUES, *UNDEFINED])
    used = {name for text in (*VALUES, *UNDEFINED) for name in compile_expression(text).names}

    assert [name for name in FUNCTIONS if f"{name}(" not in texts] == []
    assert [name for name in METHODS if f".{name}(" not in texts] == []
    assert used <= set(NAMES)


PLACES = {
    "dta['x'] > 1": (">>>dta<<<['x'] > 1", "Did you mean 'data'?"),
    "data.order_value > 1": ("data.>>>order_value<<< > 1", "Write ['order_value'], or .get("),
    "data.gett('x')": ("data.>>>gett<<<('x')", "no method 'gett'. Did you mean 'get'?"),
    "data.foo(1)": ("data.>>>foo<<<(1)", "Methods are get, keys, values, items, count"),
    "data.get == 1": ("data.>>>get<<< == 1", "write get(…)"),
    "lem(data) > 1": (">>>lem<<<(data) > 1", "Did you mean 'len'?"),
    "len > 1": (">>>len<<< > 1", "write len(…)"),
    "type == rated": ("type == >>>rated<<<", "A field is data['rated'], a text 'rated'."),
    "type == true": ("type == >>>true<<<", "Did you mean 'True'?"),
    "data['x'] == null": ("data['x'] == >>>null<<<", "Write None."),
    "type = 'rated'": ("type >>>=<<< 'rated'", "Write '==' to compare."),
    "type == 'a' && data": ("type == 'a' &>>>&<<< data", "Write 'and'."),
    "type == 'a' AND data": ("type == 'a' >>>AND<<< data", "Write 'and'."),
    "position <> 3": ("position >>><><<< 3", "Write '!='."),
    "type ==": ("type ==>>><<<", "it ends too early"),
    "type == 'rated": ("type == >>>'<<<rated", "unterminated string literal"),
    "(data['x']": (">>>(<<<data['x']", "was never closed"),
    "sorted(data, key=1)": (">>>sorted(data, key=1)<<<", "unexpected keyword argument 'key'"),
    "data.get()": (">>>data.get()<<<", "missing a required argument: 'name'"),
    "type is 'rated'": (">>>type is 'rated'<<<", "Write '=='."),
    "'é' + x2": ("'é' + >>>x2<<<", "no name 'x2'"),
    "'é' + (\n  '☃' + x2)": ("'é' + (   '☃' + >>>x2<<<)", "no name 'x2'"),
    "  \n dta": (">>>dta<<<", "Did you mean 'data'?"),
    "": (">>><<<", "it is empty"),
    "\n": (">>><<<", "it is empty"),
}


@pytest.mark.parametrize("text", PLACES)
def test_an_error_is_one_line_that_marks_the_place_and_says_what_to_write(text: str) -> None:
    place, remedy = PLACES[text]

    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)

    assert str(caught.value).startswith(f"Bad expression: {place}: ")
    assert remedy in str(caught.value)
    assert str(caught.value).isprintable()
    found = text[caught.value.column : caught.value.end_column]
    assert found == place.partition(">>>")[2].partition("<<<")[0]


def test_a_long_expression_is_shown_around_its_error() -> None:
    text = " and ".join(["type == 'rated'"] * 20 + ["dta"] + ["position > 1"] * 20)

    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)

    assert "…type == 'rated' and type == 'rated' and >>>dta<<< and position" in str(caught.value)
    assert len(str(caught.value)) < 200
