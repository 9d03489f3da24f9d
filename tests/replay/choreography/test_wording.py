"""Values of the wrong kind are told in words, in Python and in YAML."""

from __future__ import annotations

from typing import Any

import pytest

from laban.replay.choreography import Choreography, ChoreographyError
from laban.replay.choreography.loading import parse_yaml

SAGA = {"saga_id": "s", "start_event": "a"}
PATTERN = {"event_type": "a", "action": "b", "target_capability": "c"}
NO_TEXT: Any = object()


@pytest.mark.parametrize(
    ("kind", "options", "reason"),
    [
        ("saga", {**SAGA, "steps": None}, "steps must be a list, found null"),
        ("saga", SAGA, "it lacks steps"),
        ("saga", {**SAGA, "steps": [{"execute": "x"}]}, "steps[0] lacks target_capability"),
        ("saga", {**SAGA, "steps": [{"exec": "x"}]}, "steps[0] has no option exec"),
        ("pattern", {**PATTERN, "priority": 1.5}, "priority must be a whole number, found a num"),
        ("pattern", {**PATTERN, "timeout_seconds": "1"}, "must be a number or null, found a text"),
        ("pattern", {**PATTERN, "condition": True}, "must be a text, found a truth value"),
        ("pattern", {**PATTERN, "action": NO_TEXT}, "lists and mappings, not object"),
    ],
)  # fmt: skip
def test_python_names_the_option_and_what_was_expected_and_found(
    kind: str, options: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ChoreographyError) as caught:
        getattr(Choreography("x"), kind)(**options)

    assert reason in str(caught.value)
    assert "`" not in str(caught.value)


@pytest.mark.parametrize(
    ("yaml", "reason"),
    [
        ("sagas:\n- saga_id: s\n  start_event: a\n  steps: null", "line 4: sagas[0].steps must be"),
        ("capabilities:\n- name: c\n  balance: fair", "line 3: capabilities[0].balance must"),
        ("capabilities:\n- name: c\n  outside: 1", "outside must be true or false, found a whole"),
        ("ends: [1]", "line 1: ends[0] must be a text, found a whole number"),
    ],
)  # fmt: skip
def test_yaml_names_the_line_too(yaml: str, reason: str) -> None:
    with pytest.raises(ChoreographyError) as caught:
        parse_yaml(yaml, "x.yaml")

    assert reason in str(caught.value)
