"""Choreographies from files: YAML and Python mean the same, and what is wrong is one line."""

from __future__ import annotations

import re
from math import isfinite
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import to_builtins

from laban.replay.choreography import Choreography, ChoreographyError, rules
from laban.replay.choreography.document import NESTED, SCHEMA, SECTIONS, json_schema, to_document
from laban.replay.choreography.loading import load_choreography, parse_yaml, to_yaml

SHOP = """
capabilities:
  - name: payment_processing
    agents: [till-1, till-2]
    retry: {attempts: 3, jitter: 0.5}
    breaker: {failure_threshold: 2}
patterns:
  - event_type: inventory_confirmed
    condition: data.get('items_available') == True
    action: process_payment
    target_capability: payment_processing
    priority: 7
  - {event_type: delivered, condition: True, action: thank, target_capability: payment_processing}
complex_patterns:
  threshold_pattern:
    - {event_type: payment_failed, threshold: 3, time_window: 60, action: pause,
       target_capability: payment_processing}
sagas:
  - saga_id: order
    start_event: ordered
    steps:
      - {execute: pay, compensate: refund, target_capability: payment_processing}
contracts:
  - event_type: ordered
    schema: {type: object, required: [total], properties: {total: {type: number}}}
"""


def test_yaml_says_what_python_says(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(SHOP)
    shop = Choreography("shop")
    shop.capability(
        "payment_processing",
        agents=("till-1", "till-2"),
        retry=rules.Retry(attempts=3, jitter=0.5),
        breaker=rules.Breaker(failure_threshold=2),
    )
    till: dict[str, Any] = {"target_capability": "payment_processing"}
    shop.pattern(
        event_type="inventory_confirmed",
        condition="data.get('items_available') == True",
        action="process_payment",
        priority=7,
        **till,
    )
    shop.pattern(event_type="delivered", action="thank", **till)
    shop.threshold_pattern(
        event_type="payment_failed", threshold=3, time_window=60, action="pause", **till
    )
    step = rules.SagaStep(execute="pay", compensate="refund", **till)
    shop.saga(saga_id="order", start_event="ordered", steps=(step,))
    schema = {"type": "object", "required": ["total"], "properties": {"total": {"type": "number"}}}
    shop.contract("ordered", schema)

    loaded = load_choreography(str(tmp_path / "shop.yaml"))

    assert loaded.name == "shop"
    assert loaded.rules == shop.rules
    assert loaded.plan.fingerprint == shop.plan.fingerprint


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
odd_words = ["no", "12:30", "é ü", "~", "1e3", "null", "- x", "#", "2026-01-01", "", "=", "<<"]
schemas = st.dictionaries(st.sampled_from(odd_words) | st.text(), values, max_size=3)


def rule_of(kind: type[rules.Rule]) -> st.SearchStrategy[rules.Rule]:
    """Any rule of a kind with finite numbers, whether or not it can be run."""
    if kind is rules.Contract:
        made: Any = st.builds(rules.Contract, event_type=st.text(), schema=schemas)
    else:
        made = st.from_type(kind)
    return made.filter(lambda rule: is_finite(to_builtins(rule)))  # type: ignore[no-any-return]


def is_finite(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(is_finite, value.values()))
    if isinstance(value, (list, tuple)):
        return all(map(is_finite, value))
    return not isinstance(value, float) or isfinite(value)


@given(st.lists(st.sampled_from(list(SECTIONS.values())).flatmap(rule_of), max_size=6))
def test_any_choreography_comes_back_from_yaml(made: list[rules.Rule]) -> None:
    choreography = Choreography("any name: # at all")
    for rule in made:
        choreography.add(rule)

    back = parse_yaml(to_yaml(choreography), "round.yaml")

    in_sections = [rule for kind in SECTIONS.values() for rule in made if type(rule) is kind]
    assert back.name == choreography.name
    assert back.rules == in_sections
    assert repr(back.rules) == repr(in_sections)  # 1, 1.0 and True are equal to Python


def test_the_document_shows_the_same_choreography_in_both_languages() -> None:
    text = (Path(__file__).parents[3] / "docs" / "choreography.md").read_text(encoding="utf-8")
    python, *_others = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    yaml, *_others = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    made: dict[str, Any] = {}
    exec(python, made)

    assert parse_yaml(yaml, "shop.yaml").plan.fingerprint == made["shop"].plan.fingerprint


def test_defaults_are_left_out_of_a_document() -> None:
    shop = Choreography("shop")
    shop.capability("till", retry=rules.Retry(attempts=5))

    assert to_document(shop) == {
        "name": "shop",
        "capabilities": [{"name": "till", "retry": {"attempts": 5}}],
    }


def test_the_schema_for_editors_is_up_to_date() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == json_schema(), "`make docs` writes it anew"


def test_the_schema_takes_what_the_loader_takes() -> None:
    import jsonschema_rs
    import yaml

    validator = jsonschema_rs.validator_for(SCHEMA.read_text(encoding="utf-8"))

    assert validator.is_valid(yaml.safe_load(SHOP))
    assert not validator.is_valid({"patterns": [{"event_typ": "a"}]})


TILL = "capabilities: [{name: till}]\n"
RULE = "event_type: a, action: b, target_capability: till"
BAD_YAML = {
    "unknown section": (
        "pattern: []",
        "x.yaml, line 1: a choreography has no 'pattern'. Did you mean 'patterns'?",
    ),
    "unknown option": (
        TILL + "patterns:\n  - {event_type: a,\n     conditon: b}",
        "x.yaml, line 4: a Pattern has no 'conditon'. Did you mean 'condition'?",
    ),
    "unknown option inside": (
        "capabilities:\n- name: till\n  retry:\n    atempts: 2",
        "x.yaml, line 4: a Retry has no 'atempts'. Did you mean 'attempts'?",
    ),
    "unknown complex pattern": (
        "complex_patterns:\n  treshold_pattern: []",
        "line 2: complex_patterns has no 'treshold_pattern'. Did you mean 'threshold_pattern'?",
    ),
    "wrong type": (
        "capabilities:\n- name: till\n  retry:\n    attempts: many",
        "line 4: capabilities[0].retry.attempts must be a whole number, found a text.",
    ),
    "missing option": ("patterns:\n- {}", "line 2: patterns[0] lacks event_type."),
    "no mapping": ("- 1\n- 2", "line 1: a choreography must be a mapping, found a list."),
    "said twice": ("name: a\nname: b", "line 2: the key 'name' was given on line 1 already."),
    "tag": ("name: !!python/object:os.system x", "line 1: the tag 'tag:yaml.org,2002:python"),
    "merge": (
        "capabilities:\n- &a {name: t}\n- {<<: *a}",
        "line 3: merges (<<) are not taken: write the keys out.",
    ),
    "unknown alias": ("name: *a", "line 1: the alias *a has no anchor before it."),
    "two documents": ("name: a\n---\nname: b", "line 2: a second document begins"),
    "syntax": ("patterns: [", "x.yaml, line "),
    "control characters": ("name: \0", "x.yaml, line 1: "),
    "empty": ("# nothing\n", "x.yaml: there is no choreography in it."),
    "deep": ("[" * 100, "line 1: values are nested more than 40 deep."),
    "unknown capability": (
        TILL + "patterns: [{event_type: a, action: b, target_capability: tilt}]",
        "x.yaml, line 2: Rule 'a→b': no capability is named 'tilt'. Did you mean 'till'?",
    ),
    "fallback in a circle": (
        "capabilities: [{name: a, fallback: b}, {name: b, fallback: a}]",
        "x.yaml, line 1: The fallbacks of 'a' lead back to 'a'",
    ),
    "condition": (
        TILL + "patterns: [{" + RULE + ",\n condition: 'data.get('}]",
        "x.yaml, line 3: Rule 'a→b': ",
    ),
    "contract": (
        "contracts: [{event_type: a, schema: {type: nothing}}]",
        "x.yaml, line 1: The contract of 'a' is no JSON Schema: ",
    ),
    "capability twice": (
        "capabilities:\n- name: a\n- name: b\n- name: a",
        "x.yaml, line 4: Two rules declare the capability 'a': keep one.",
    ),
    "no time": (
        "capabilities:\n- name: a\n- name: b\n  retry: {base_seconds: -1}",
        "x.yaml, line 3: Rule 'b': base_seconds is -1.0",
    ),
}


@pytest.mark.parametrize(("text", "message"), BAD_YAML.values(), ids=BAD_YAML)
def test_bad_yaml_is_one_line_that_names_the_place(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.yaml").write_text(text)

    with pytest.raises(ChoreographyError) as caught:
        load_choreography("x.yaml")

    told = str(caught.value)
    assert message in told
    assert told.startswith("x.yaml")
    assert "\n" not in told


@pytest.mark.parametrize("elsewhere", ["file:///etc/passwd", "http://127.0.0.1:9/x"])
def test_a_contract_fetches_nothing_from_outside(elsewhere: str) -> None:
    text = f"contracts: [{{event_type: a, schema: {{$ref: '{elsewhere}'}}}}]"

    with pytest.raises(ChoreographyError, match=r"no JSON Schema: .* is outside of it\."):
        _ = parse_yaml(text, "x.yaml").plan


BOMBS = {
    "a million anchors": "\n".join(f"- &a{n} x" for n in range(120_000)),
    "more bytes than anybody writes": "".join(f"- &a{n} x\n" for n in range(1_000_000)),
    "a billion laughs": "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)),
    "many aliases": "- &a x\n" + "- *a\n" * 1000,
    "itself": "&a [*a]",
    "deeper than the stack": "{a: " * 100_000,
    "a number of a million digits": f"name: {'9' * 1_000_000}",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_bomb_does_not_go_off(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.yaml"
    path.write_text(text)

    with pytest.raises(ChoreographyError, match=r"^[^\n]{1,300}$"):
        load_choreography(str(path))


def test_words_of_yaml_mean_what_they_say() -> None:
    text = "authorisation: [{source: no, event_types: [on, 12:30, 2026-01-01, yes]}]"

    (rule,) = parse_yaml(text, "x.yaml").rules

    assert rule == rules.Authorisation(
        source="no", event_types=("on", "12:30", "2026-01-01", "yes")
    )


def test_anchors_within_reason_are_resolved() -> None:
    text = "capabilities:\n- {name: a, retry: &r {attempts: 2}}\n- {name: b, retry: *r}"

    a, b = parse_yaml(text, "x.yaml").rules

    assert isinstance(a, rules.Capability)
    assert isinstance(b, rules.Capability)
    assert a.retry == b.retry == rules.Retry(attempts=2)


def test_every_option_of_a_rule_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "choreography.md").read_text()

    options = {
        name for kind in (*SECTIONS.values(), *NESTED.values()) for name in kind.__struct_fields__
    }

    assert {name for name in options - {"name"} if not re.search(rf"`{name}\b", page)} == set()
