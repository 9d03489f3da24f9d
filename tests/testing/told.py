"""What the tests of assertions share: an order, rules, and the lines of a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from laban.fixtures import credit
from laban.replay.choreography import Choreography
from laban.store.terminal import cells

WRONG = credit.WRONG
ORDER: list[dict[str, Any]] = [
    {"id": "e1", "stream": "order-17", "type": "placed", "source": "shop",
     "data": {"status": "placed", "lines": [{"sku": "globe", "count": 1}], "odd/~": None}},
    {"id": "e2", "stream": "order-17", "type": "paid", "source": "till", "causation_id": "e1",
     "data": {"status": "paid", "count": 1}},
    {"id": "e3", "stream": "order-18", "type": "placed", "source": "shop", "data": {}},
]  # fmt: skip


def failure(check: Callable[..., None], *args: Any, **options: Any) -> list[str]:
    """Return the lines of the failure, none too wide for a terminal of 80 columns."""
    with pytest.raises(AssertionError) as caught:
        check(*args, **options)
    lines = str(caught.value).splitlines()
    assert max(map(cells, lines)) <= 72
    assert [line for line in lines if not line.isprintable()] == []
    return lines


def shop(condition: str = "data.get('count', 0) > 1") -> Choreography:
    rules = Choreography("shop")
    rules.capability("packer")
    rules.pattern(event_type="paid", condition=condition, action="pack", target_capability="packer")
    return rules
