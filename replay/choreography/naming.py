"""The names of rules: no two in a choreography are the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from .rules import ChoreographyError, Pattern, Reaction, StateTransition, ThresholdPattern

_NUMBERED = (Pattern, StateTransition, ThresholdPattern)  # nobody chose their names


def distinct(by_kind: Mapping[type, list[Any]]) -> dict[type, list[Any]]:
    """
    Return *by_kind* with distinct names: of two patterns that share one, the second gets `#2`.

    They are numbered in the order of declaration; a name that one rule has alone stays as it is.
    Raises ChoreographyError where a sequence or a saga, whose name was chosen, has another
    rule's.
    """
    reactions = [rule for kind in by_kind.values() for rule in kind if isinstance(rule, Reaction)]
    own = {rule.own_name for rule in reactions}
    taken: set[str] = set()
    named = defaultdict(list, by_kind)
    for kind in _NUMBERED:
        named[kind] = [_named(rule, own, taken) for rule in named[kind]]
    for rule in reactions:
        if not isinstance(rule, _NUMBERED):
            if rule.name in taken:
                raise ChoreographyError(
                    f"Two rules are called {rule.name!r}: give the {type(rule).__name__} "
                    "another name.",
                    rule,
                )
            taken.add(rule.name)
    return named


def _named(rule: Reaction, own: Collection[str], taken: set[str]) -> Reaction:
    name, number = rule.own_name, 1
    while name in taken or (number > 1 and name in own):
        number += 1
        name = f"{rule.own_name}#{number}"
    taken.add(name)
    return rule if number == 1 else rule.renamed(name)
