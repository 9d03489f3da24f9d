"""Addresses mean one position each."""

from __future__ import annotations

import pytest

from laban.replay.address import BadAddressError
from laban.replay.timeline import Timeline
from laban.store.clock import SECOND
from laban.store.errors import LabanError, UnknownPositionError, UnknownStreamError
from laban.store.event import NewEvent

from .logs import recorded


def timeline(count: int = 200) -> Timeline:
    return Timeline.open(
        recorded(
            [
                NewEvent(
                    stream=f"order-{n % 2}", type="t", id=f"e-{n}", data={}, time_ns=n * SECOND
                )
                for n in range(count)
            ]
        )
    )


@pytest.mark.parametrize(
    ("address", "position"),
    [
        ("@0", 0),
        ("@150", 150),
        ("150", 150),
        ("head", 200),
        (" @7 ", 7),
        ("order-1@52", 106),
        ("#e-41", 42),
        ("+0s", 1),
        ("+12.4s", 13),
        ("+13s", 14),
        ("+2m", 121),
        ("+120500ms", 121),
        ("+9h", 200),
        ("+9999999999999999999999h", 200),
        pytest.param(f"+{'9' * 400}s", 200, id="+9…9s"),
        ("0%", 0),
        ("50%", 100),
        ("100%", 200),
    ],
)
def test_an_address_means_a_position(address: str, position: int) -> None:
    assert timeline().resolve(address) == position


@pytest.mark.parametrize(
    ("address", "error", "says"),
    [
        ("@201", UnknownPositionError, "the log ends at @200"),
        ("order-1@100", BadAddressError, "holds 100, numbered from 0"),
        ("ordr-1@1", UnknownStreamError, "Did you mean 'order-1'"),
        ("#nope", BadAddressError, "No event has the id 'nope'"),
        ("#nope@1", BadAddressError, "No event has the id 'nope@1'"),
        ("101%", BadAddressError, "past the end"),
        ("yesterday", BadAddressError, "write @1205"),
        ("", BadAddressError, "write @1205"),
        ("@-1", BadAddressError, "write @1205"),
        ("@99999999999999999999", BadAddressError, "write @1205"),
    ],
)
def test_what_is_no_address_says_what_would_be_one(
    address: str, error: type[LabanError], says: str
) -> None:
    with pytest.raises(error, match=says):
        timeline().resolve(address)


def test_a_time_that_goes_back_counts_from_where_the_clock_first_passed() -> None:
    times = [0, 5, 3, 9, 4, 20]
    log = recorded([NewEvent(stream="s", type="t", data={}, time_ns=t * SECOND) for t in times])

    assert Timeline.open(log).resolve("+5s") == 3


@pytest.mark.parametrize("stream", ["a@5", "@7", "#general", "50%", "head", "1\n2", "日本 🎉"])
def test_a_streams_name_may_look_like_anything(stream: str) -> None:
    log = recorded([NewEvent(stream=s, type="t", data={}) for s in ("a", stream, stream)])

    assert Timeline.open(log).resolve(f"{stream}@1") == 3


def test_a_log_without_times_says_so() -> None:
    log = recorded([NewEvent(stream="s", type="t", data={})])

    with pytest.raises(BadAddressError, match="No event of this log has a time"):
        Timeline.open(log).resolve("+1s")
