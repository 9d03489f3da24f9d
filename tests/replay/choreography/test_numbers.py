"""Numbers in rules: those that make no sense are refused before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from laban.replay.choreography import Breaker, Choreography, ChoreographyError, RateLimit, Retry


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"timeout_seconds": 0.0}, "timeout_seconds is 0.0; give a number above 0, up to 3e.09"),
        ({"timeout_seconds": float("inf")}, "timeout_seconds is inf"),
        ({"retry": Retry(attempts=0)}, "attempts is 0; give a number from 1"),
        ({"retry": Retry(base_seconds=-1.0)}, "base_seconds is -1.0; give a number from 0"),
        ({"retry": Retry(factor=float("nan"))}, "factor is nan"),
        ({"retry": Retry(jitter=1.5)}, "jitter is 1.5; give a number from 0 to 1"),
        ({"breaker": Breaker(failure_threshold=0)}, "failure_threshold is 0"),
        ({"breaker": Breaker(reset_seconds=1e300)}, "reset_seconds is 1e.300"),
        ({"rate_limit": RateLimit(requests=0, per_seconds=1.0)}, "requests is 0"),
    ],
)
def test_a_number_that_makes_no_sense_is_refused(options: dict[str, Any], complaint: str) -> None:
    choreography = Choreography("shop")
    choreography.capability("till", **options)

    with pytest.raises(ChoreographyError, match=f"Rule 'till': {complaint}"):
        _ = choreography.plan


def test_an_agent_may_not_be_called_like_the_source_of_decisions() -> None:
    choreography = Choreography("shop")
    choreography.capability("till", agents=("ann", "laban"))

    with pytest.raises(ChoreographyError, match="No agent may be called 'laban'"):
        _ = choreography.plan
