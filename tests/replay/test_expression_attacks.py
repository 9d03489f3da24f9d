"""Expressions that mean harm: escapes, mutations, denials of service. All are refused."""

from __future__ import annotations

import pytest

from laban.replay.expression import ExpressionError, Undefined, compile_expression
from tests.replay.cage import GROWTH, caged

ESCAPES = {
    # to other names
    "import": "__import__('os').system('id')",
    "eval": "eval('1')",
    "exec": "exec('import os')",
    "compile": "compile('1', '', 'eval')",
    "open": "open('/etc/passwd').read()",
    "getattr": "getattr(data, 'pop')('x')",
    "globals": "globals()['__builtins__']",
    "builtins": "__builtins__['eval']('1')",
    "breakpoint": "breakpoint()",
    "debug": "__debug__",
    "type-as-a-class": "type('X', (), {})",
    "own-scope": "scope['data']",
    "own-meter": "meter[0]",
    "own-variables": "[variable_x for x in data]",
    "own-operations": "laban_replay_expression_meter_each(meter, data, 0)",
    # to attributes
    "class": "data.__class__",
    "bases": "[c for c in ().__class__.__base__.__subclasses__()]",
    "method-object": "data.get.__self__",
    "method-unbound": "str.lower(type)",
    "function-object": "len.__self__",
    "function-as-a-value": "[len][0](data)",
    "generator-frame": "(x for x in data).gi_frame",
    "view-mapping": "data.keys().mapping",
    "number-attribute": "(1).real",
    "number-method": "(1).to_bytes(9, 'big')",
    "format": "'{0.__class__}'.format(data)",
    "format-map": "'{x.__class__}'.format_map(data)",
    "f-string": "f'{data.__class__}'",
    "look-alike-attribute": "data.__ｃlass__",
    "look-alike-method": "data.ｇet('x')",
    "look-alike-function": "ｌen(data)",
    "look-alike-keyword": "sorted(data, ｒeverse=True)",
    "mathematical-letters": "𝔡𝔞𝔱𝔞['x']",
    # to calls
    "call-of-a-value": "data['f'](1)",
    "call-of-a-result": "data.get('f')()",
    "lambda": "(lambda: 1)()",
    "key-function": "sorted(data, key=len)",
    "star-arguments": "max(*data)",
    "double-star-arguments": "sorted(data, **data)",
    # to other syntax
    "walrus": "(x := data)",
    "await": "await data",
    "yield": "(yield data)",
    "async-loop": "[x async for x in data]",
    "statement": "import os",
    "second-statement": "1; import os",
    "second-line": "data\nimport os",
    "comment": "data # \n import os",
    "bytes": "b'x'",
    "complex": "1j",
    "ellipsis": "...",
    "dict-loop": "{x: x for x in data}",
    "set-loop": "{x for x in data}",
    "unpacking": "[*data]",
    "dict-unpacking": "{**data}",
    "null-byte": "data['x']\0",
    "lone-surrogate": "'\ud800'",
    "escape-sequence": "'\x1b[2J'",
    "right-to-left": "data['x'] \u202e",
}
MUTATIONS = {
    "assignment": "data['x'] = 1",
    "augmented": "data['x'] += 1",
    "delete": "del data['x']",
    "pop": "data.pop('x')",
    "popitem": "data.popitem()",
    "clear": "data.clear()",
    "update": "data.update({'x': 1})",
    "setdefault": "data.setdefault('x', 1)",
    "append": "data['l'].append(1)",
    "extend": "data['l'].extend([1])",
    "insert": "data['l'].insert(0, 1)",
    "remove": "data['l'].remove(1)",
    "sort": "data['l'].sort()",
    "reverse": "data['l'].reverse()",
    "setitem": "data.__setitem__('x', 1)",
    "setattr": "setattr(data, 'x', 1)",
    "loop-into-an-item": "[0 for data['x'] in [1]]",
    "loop-into-an-attribute": "[0 for data.x in [1]]",
    "loop-into-a-slice": "[0 for data['l'][:] in [[]]]",
    "loop-with-a-star": "[0 for a, *b in data['l']]",
    "or-operator": "data | {'x': 1}",
}
TOO_MUCH_TEXT = {
    "open-brackets": "(" * 2_000,
    "open-braces": "{" * 2_000,
    "open-objects": "{0:" * 600,
    "open-calls": "len(" * 400,
    "closed-brackets": "[" * 150 + "]" * 150,
    "brackets-in-calls": "len([" * 90 + "])" * 90,
    "minus-signs": "-" * 1_999 + "1",
    "nots": "not " * 450 + "1",
    "sums": "1+" * 900 + "1",
    "conditions": "1 if 1 else " * 160 + "1",
    "subscripts": "data" + "[0]" * 600,
    "methods": "''" + ".lower()" * 240,
    "lambdas": "lambda:" * 280 + "1",
    "comparisons": "1<(" * 190 + "1" + ")" * 190,
    "quotes": "'" * 1_999,
    "a-million-characters": "1" * 1_000_000,
    "three-loops": "any(1 for a in data for b in data for c in data)",
    "loops-in-loops": "[[[c for c in b] for b in a] for a in data]",
    "power": "9 ** 9 ** 9",
    "shift": "1 << 9999999999",
    "center": "'x'.center(9999999999)",
    "zfill": "'x'.zfill(9999999999)",
    "expandtabs": "'\\t'.expandtabs(9999999999)",
    "join": "data['text'].join(data['text'])",
}
TOO_MUCH_WORK = {
    "range-of-loops": "sum(i * j for i in data['many'] for j in data['many'])",
    "loops-that-keep": "[i for i in data['some'] for j in data['some']]",
    "compared-lists": "[data['many'] == data['same'] for i in data['some']]",
    "compared-texts": "[data['text'] == data['twin'] for i in data['many']]",
    "compared-objects": "[data['wide'].items() == data['wide'].items() for i in data['some']]",
    "compared-keys": "[data['wide'].keys() <= data['wide'].keys() for i in data['some']]",
    "ordered-lists": "[data['many'] < data['same'] for i in data['some']]",
    "found-in-lists": "[-1 in data['many'] for i in data['many']]",
    "found-in-words": "[data['words'][-1] in data['words'] for i in data['many']]",
    "found-in-texts": f"['{'ab' * 400}c' in data['text'] for i in data['some']]",
    "found-lists-in-rows": "[data['rows'][-1] in data['rows'] for i in data['many']]",
    "found-in-values": "[-1 in data['wide'].values() for i in data['some']]",
    "counted": "[data['many'].count(-1) for i in data['many']]",
    "indexed": "[data['many'].index(149999) for i in data['many']]",
    "counted-texts": "[data['text'].count('ab') for i in data['many']]",
    "prefixes": "[data['text'].startswith(data['twin']) for i in data['many']]",
    "stripped": "data['text'].strip(data['chars'])",
    "sorted-often": "[sorted(data['many']) for i in data['some']]",
    "sorted-rows": "[sorted(data['rows']) for i in data['many']]",
    "greatest-of-rows": "[max(data['rows']) for i in data['many']]",
    "texts-multiplied": "data['text'] * 9999999999",
    "lists-multiplied": "[0] * 9999999999",
    "texts-formatted": "'%9999999999d' % 1",
    "texts-added": "[data['page'] + str(i) for i in data['some']]",
    "lists-added": "[data['many'] + [i] for i in data['some']]",
    "texts-sliced": "[data['page'][1:] for i in data['some']]",
    "lists-sliced": "[data['many'][1:] for i in data['some']]",
    "texts-replaced": "data['page'].replace('', data['page'])",
    "texts-replaced-often": "[data['page'].replace('a', 'bcd') for i in data['some']]",
    "texts-split": "[data['page'].split('a') for i in data['some']]",
    "texts-in-capitals": "[data['page'].upper() for i in data['some']]",
    "texts-of-all": "[str(data['wide']) for i in data['few']]",
    "texts-of-floats": "[str(data['floats']) for i in data['few']]",
    "texts-of-integers": "[str(data['bigs']) for i in data['few']]",
    "texts-of-large-integers": "[str(data['big']) for i in data['many']]",
    "integers-multiplied": "[data['fit'] * data['fit'] for i in data['many']]",
    "integers-negated": "[-data['big'] for i in data['many']]",
    "integers-summed": "[sum(data['bigs']) for i in data['many']]",
    "integers-read": "[max(" + "int(data['digits']), " * 8 + "0) for i in data['many']]",
    "integers-too-long": "int(data['page'].replace('ab', '9'))",
    "integers-rounded": "round(1, -999999999)",
    "objects-made": "[{'a': i} for i in data['some'] for j in data['few']]",
    "lists-made": "[[[], [], []] for i in data['some'] for j in data['few']]",
    "sums-of-lists": "sum([[i] for i in data['many']], [])",
    "deep-values-compared": "data['deep'] == data['dove']",
    "deep-values-ordered": "data['deep'] < data['dove']",
    "deep-values-sorted": "sorted([data['deep'], data['dove']])",
    "deep-values-found": "data['deep'] in [data['dove']]",
    "deep-values-written": "str(data['deep'])",
}


@pytest.mark.parametrize("name", [*ESCAPES, *MUTATIONS])
def test_an_escape_or_a_mutation_does_not_compile(name: str) -> None:
    text = {**ESCAPES, **MUTATIONS}[name]

    with pytest.raises(ExpressionError) as caught:
        compile_expression(text)

    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", TOO_MUCH_TEXT)
def test_a_text_that_would_overwhelm_the_compiler_is_refused_in_time(name: str) -> None:
    result = caged(TOO_MUCH_TEXT[name])

    assert result["outcome"] == "ExpressionError"
    assert len(result["reason"]) < 1_000
    assert result["growth"] < GROWTH


@pytest.mark.parametrize("name", TOO_MUCH_WORK)
def test_work_without_bounds_is_undefined_in_time_and_in_little_memory(name: str) -> None:
    result = caged(TOO_MUCH_WORK[name])

    assert result["outcome"] == "Undefined"
    assert "more memory than there is" not in result["reason"]
    assert result["growth"] < GROWTH


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("[data['many'] == data['same'] for i in data['some']]", "killed"),
        ("[i for i in data['many'] for j in data['many']]", "out of memory"),
    ],
    ids=["time", "memory"],
)
def test_the_cage_holds_what_python_itself_would_do(text: str, outcome: str) -> None:
    assert caged(text, "python")["outcome"] == outcome


def test_the_budget_is_new_for_every_evaluation() -> None:
    expression = compile_expression("sum(i for i in data['l'])")
    small, large = {"data": {"l": [1, 2]}}, {"data": {"l": [1] * 1_000_000}}

    answers = [expression.holds(scope) for scope in (small, large, small)]

    assert answers == [True, None, True]
    with pytest.raises(Undefined, match="more than 1,000,000 steps"):
        expression.evaluate(large)
