"""Logs that are hard to show: empty, wide, deep, endless, timeless, hostile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from laban.store.clock import SECOND
from laban.store.event import NewEvent
from laban.store.memory import MemoryLog
from tests.tui.driver import START, shop_log

WIDE = "漢字かな交じり文 👩‍👩‍👧‍👦 é\u0301 مرحبا \u202eolleh\u202c"
HOSTILE = "\x1b[2J\x07\r\n[b]bold[/b] [red]{x} \\[ %s \u2028 \ud7ff"


def _log(events: Iterator[NewEvent]) -> MemoryLog:
    log = MemoryLog()
    log.append(*events)
    return log


def one() -> MemoryLog:
    return _log(iter([NewEvent(stream="only", type="Happened", data={})]))


def wide() -> MemoryLog:
    """Text of all kinds in each place that shows text."""

    def events() -> Iterator[NewEvent]:
        for number in range(60):
            text = (WIDE, HOSTILE, "", " ", "x" * 5_000, "漢" * 3_000)[number % 6]
            name = text or "empty"
            yield NewEvent(
                stream=(name[:400] + str(number % 4)) if name.strip() else "blank",
                type=name[:200].strip() or "Type",
                id=f"{name[:50]}{number}",
                source=name[:300].strip() or "someone",
                data={text: text, "list": [text, {text: [text]}], "n": number},
                causation_id=f"{(WIDE, HOSTILE, 'empty', ' ')[(number - 2) % 4]}{number - 2}",
                metadata={"reads": {text: number - 1, f"/{name[:9]}/n": text}, "removes": ["n"]},
            )

    return _log(events())


def heavy() -> MemoryLog:
    """A field of a megabyte, a stream of ten thousand fields, depth, large lists."""
    deep: Any = 1
    for level in range(60):
        deep = {"deeper": deep} if level % 2 else [deep]
    values: list[Any] = [
        {"text": "word " * 200_000},
        {f"field-{number}": number for number in range(10_000)},
        {f"field-{number}": -number for number in range(0, 10_000, 2)},
        {"deep": deep, "none": None, "yes": True, "big": 10**300, "small": 1e-300},
        {"list": list(range(20_000))},
        {"list": [{"n": n, "again": [n] * 3} for n in range(5_000)]},
        {"list": []},
    ]
    return _log(
        NewEvent(stream="heavy", type="Grew", data=value, id=f"h{number}", causation_id="h0")
        for number, value in enumerate(values)
    )


def many_streams(streams: int = 3_000) -> MemoryLog:
    return _log(
        NewEvent(stream=f"s/{number}~", type=f"T{number % 700}", data={"n": number})
        for number in range(streams)
    )


def backwards() -> MemoryLog:
    """Times that go back, stand still, lie centuries apart or are not known."""
    chance = Random(5)
    times = [None, START, START, START - 90 * SECOND, START + 10**9 * SECOND, 0, -(10**9) * SECOND]
    return _log(
        NewEvent(
            stream=f"s{number % 5}",
            type=chance.choice(["Failed", "TaskError", "Done"]),
            data={"n": number % 7, "who": f"w{number % 3}"},
            time_ns=chance.choice(times),
            id=f"b{number}",
            causation_id=f"b{chance.randrange(300)}",
        )
        for number in range(300)
    )


LOGS: dict[str, Callable[[], MemoryLog]] = {
    "empty": MemoryLog,
    "one": one,
    "shop": shop_log,
    "wide": wide,
    "heavy": heavy,
    "streams": many_streams,
    "backwards": backwards,
}
