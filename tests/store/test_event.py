"""What an event is given when it is made."""

from __future__ import annotations

import time
from uuid import UUID

from laban.store.event import NewEvent


def id_of_a_new_event() -> str:
    return NewEvent(stream="s", type="asked", data={}).id


def test_the_ids_of_new_events_are_uuids_in_the_order_of_their_making() -> None:
    earlier = [id_of_a_new_event() for _ in range(50)]
    time.sleep(0.002)
    later = [id_of_a_new_event() for _ in range(50)]

    assert len({*earlier, *later}) == 100
    assert max(earlier) < min(later)
    assert {(UUID(id).version, UUID(id).variant) for id in earlier} == {
        (7, "specified in RFC 4122")
    }
    assert all(id == str(UUID(id)) for id in earlier)
