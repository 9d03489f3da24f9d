"""A large log to measure on: orders from placing to review, as JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from random import Random
from time import gmtime, strftime

LIFE = [  # what happens to an order, who says so, and its status then
    ("order_placed", "shop", "placed"),
    ("stock_reserved", "warehouse", "reserved"),
    ("payment_requested", "payments", "awaiting payment"),
    ("payment_confirmed", "payments", "paid"),
    ("invoice_issued", "billing", "invoiced"),
    ("order_picked", "warehouse", "picked"),
    ("order_packed", "warehouse", "packed"),
    ("order_shipped", "shipping", "shipped"),
    ("order_located", "shipping", "under way"),
    ("order_delivered", "shipping", "delivered"),
    ("review_received", "shop", "reviewed"),
]
FAILURE = ("payment_failed", "payments", "payment failed")
PAYMENT = 3  # the step that fails, for one order in ten, before it succeeds
OPEN_ORDERS = 2_000  # so many are under way at once
BEGINS_S = 1_767_225_600  # 2026-01-01T00:00:00Z
EVENTS_A_DAY = 40_000
NIGHT_S = 6 * 3600  # without any event

CUSTOMERS = ["Ada Bauer", "Chidi Novak", "Greta Ito", "Hana Quinn", "José Tran", "Mei Kaya"]
GOODS = ["atlas", "blanket", "compass", "kite", "lamp", "notebook", "teapot"]
NOTES = [
    "please leave it with the neighbour on the second floor, not at the door",
    "a present: wrap it, and keep the invoice out of the box, thank you",
    "ring twice, the bell is quiet; the dog is not, but friendly, mostly",
]


def generate_jsonl(
    path: Path, events: int = 1_000_000, streams: int = 100_000, seed: int = 1
) -> None:
    """
    Write *events* events of *streams* orders, at most as many, to *path*, always the same bytes.

    The orders overlap, each event names the one before it in its order as its cause, and
    `data` takes about 250 bytes.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_lines(events, streams, Random(seed)))


def _lines(events: int, streams: int, chance: Random) -> Iterator[str]:
    wishes = [_wish(chance) for _ in range(1009)]
    for (order, step), time in zip(_turns(events, streams, chance), _times(chance), strict=False):
        fails = order % 10 == 7
        if fails and step == PAYMENT:
            type_, source, status = FAILURE
        else:
            type_, source, status = LIFE[min(step - (fails and step > PAYMENT), len(LIFE) - 1)]
        cause = f'"order-{order:06}-{step - 1}"' if step else "null"
        yield (
            f'{{"stream":"order-{order:06}","id":"order-{order:06}-{step}","type":"{type_}",'
            f'"source":"{source}","time":"{time}","correlation_id":"checkout-{order:06}",'
            f'"causation_id":{cause},"data":{{"status":"{status}","revision":{step},'
            f'{wishes[order % 1009]}}},"metadata":{{}}}}\n'
        )


def _wish(chance: Random) -> str:
    """The part of `data` that an order keeps all its life."""
    items = ",".join(
        f'{{"sku":"{good}-{chance.randrange(100, 1000)}","quantity":{chance.randrange(1, 5)}}}'
        for good in chance.sample(GOODS, 2)
    )
    customer = chance.randrange(10_000)
    return (
        f'"amount":{chance.randrange(500, 50_000) / 100:.2f},'
        f'"customer":{{"id":{customer},"name":"{CUSTOMERS[customer % len(CUSTOMERS)]}"}},'
        f'"items":[{items}],"note":"{chance.choice(NOTES)}"'
    )


def _turns(events: int, streams: int, chance: Random) -> Iterator[tuple[int, int]]:
    """Yield whose turn it is, and the how manieth: (order, step), both from 0."""
    mean = events // streams
    spread = min(2, mean - 1)
    left = events
    underway: list[list[int]] = []  # [order, next step, length]
    waiting = iter(range(streams))
    while True:
        while len(underway) < OPEN_ORDERS and (order := next(waiting, None)) is not None:
            length = left if order == streams - 1 else mean + (order % 5 - 2) * spread // 2
            left -= length
            underway.append([order, 0, length])
        if not underway:
            return
        place = int(chance.random() * len(underway))
        order, step, length = turn = underway[place]
        yield order, step
        turn[1] = step + 1
        if step + 1 == length:
            underway[place] = underway[-1]
            underway.pop()


def _times(chance: Random) -> Iterator[str]:
    second, micros = BEGINS_S, 0
    whole = ""
    for number in count(1):
        micros += 1 + chance.getrandbits(17)
        if not whole or micros >= 1_000_000 or number % EVENTS_A_DAY == 0:
            second += micros // 1_000_000 + (number % EVENTS_A_DAY == 0) * NIGHT_S
            micros %= 1_000_000
            whole = strftime("%Y-%m-%dT%H:%M:%S", gmtime(second))
        yield f"{whole}.{micros:06}Z"
