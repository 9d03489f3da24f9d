"""Runs to compare: events with causes, and the same events as another run would record them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from uuid import NAMESPACE_OID, UUID, uuid5

from msgspec import Struct
from msgspec.structs import replace

from laban.replay.timeline import Timeline
from laban.store.event import NewEvent
from laban.store.jsontext import Json
from laban.store.memory import MemoryLog


class Said(Struct, frozen=True):
    """An event, known by a name that no log holds."""

    name: int
    stream: str
    data: dict[str, Json]
    cause: int | None = None  # the name of another one
    type: str = "said"


def random_run(random: Random, events: int, streams: int) -> list[Said]:
    """Return a run in which most events are caused by one that came shortly before."""
    run: list[Said] = []
    for name in range(events):
        recent = run[-50:]
        cause = random.choice(recent).name if recent and random.random() < 0.7 else None
        data: dict[str, Json] = {"value": random.randrange(5)}
        run.append(Said(name, f"stream-{random.randrange(streams)}", data, cause))
    return run


def parents(run: Sequence[Said]) -> dict[int, set[int]]:
    """The causes and the predecessor in the stream of each event of a run, by name."""
    last: dict[str, int] = {}
    found: dict[int, set[int]] = {}
    for each in run:
        found[each.name] = {last[each.stream]} if each.stream in last else set()
        if each.cause in found:
            found[each.name].add(each.cause)
        last[each.stream] = each.name
    return found


def shuffled(random: Random, run: Sequence[Said]) -> list[Said]:
    """Return the events of *run* in any order in which causes and streams keep theirs."""
    waiting = {name: len(before) for name, before in parents(run).items()}
    after: dict[int, list[int]] = {each.name: [] for each in run}
    for name, before in parents(run).items():
        for each in before:
            after[each].append(name)
    by_name = {each.name: each for each in run}
    ready = [name for name, count in waiting.items() if not count]
    order: list[Said] = []
    while ready:
        place = random.randrange(len(ready))
        ready[place], ready[-1] = ready[-1], ready[place]
        order.append(by_name[ready.pop()])
        for name in after[order[-1].name]:
            waiting[name] -= 1
            if not waiting[name]:
                ready.append(name)
    return order


def edited(run: Sequence[Said], names: set[int], value: Json = "edited") -> list[Said]:
    """Return *run* with other data in some events."""
    return [replace(e, data={**e.data, "value": value}) if e.name in names else e for e in run]


def renamed(random: Random, run: Sequence[Said]) -> list[Said]:
    """Return *run* with a random name for each stream, and the name in the data of its events."""
    names = {each.stream: str(UUID(int=random.getrandbits(128), version=4)) for each in run}
    return [replace(e, stream=names[e.stream], data={**e.data, "me": names[e.stream]}) for e in run]


def recorded(random: Random, run: Sequence[Said]) -> Timeline:
    """Record *run* with random ids; the name of each event is kept where it does not count."""
    salt = random.getrandbits(64)
    ids = {each.name: str(uuid5(NAMESPACE_OID, f"{salt} {each.name}")) for each in run}
    log = MemoryLog()
    log.append(
        *(
            NewEvent(
                stream=each.stream,
                type=each.type,
                id=ids[each.name],
                data=each.data,
                causation_id=None if each.cause is None else ids.get(each.cause, "lost"),
                metadata={"native": {"name": each.name}},  # kept, and never compared
            )
            for each in run
        )
    )
    return Timeline.open(log)
