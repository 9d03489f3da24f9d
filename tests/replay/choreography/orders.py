"""The e-commerce choreography, and a shop that records what an engine decides on its events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from laban.replay.choreography import Choreography, Retry
from laban.replay.choreography.decisions import ACTIONS
from laban.replay.choreography.engine import Engine
from laban.store.clock import SECOND
from laban.store.event import NewEvent
from laban.store.log import EventLog

PATTERNS = [
    ("order_received", "data.get('order_value') > 0", "check_inventory", "inventory_management", 8),
    (
        "inventory_confirmed",
        "data.get('items_available') == True",
        "process_payment",
        "payment_processing",
        7,
    ),
    (
        "payment_successful",
        "data.get('payment_status') == 'confirmed'",
        "initiate_fulfillment",
        "order_fulfillment",
        6,
    ),
    (
        "order_received",
        "data.get('order_value', 0) > 1000",
        "request_manual_review",
        "fraud_detection",
        9,
    ),
    (
        "inventory_shortage",
        "data.get('shortage_quantity', 0) > 0",
        "notify_suppliers",
        "supplier_management",
        5,
    ),
    (
        "payment_failed",
        "data.get('retry_count', 0) < 3",
        "retry_payment",
        "payment_processing",
        7,
    ),
    ("payment_failed", "data.get('retry_count', 0) >= 3", "cancel_order", "order_management", 8),
    (
        "fulfillment_complete",
        "data.get('items_packed') == True",
        "schedule_shipping",
        "shipping_management",
        5,
    ),
    (
        "shipping_complete",
        "data.get('tracking_number') is not None",
        "send_tracking_notification",
        "customer_communication",
        4,
    ),
    ("delivery_confirmed", "True", "request_product_review", "customer_engagement", 2),
]
JOURNEY: list[tuple[str, Mapping[str, object]]] = [  # what agents publish when an order goes well
    ("inventory_confirmed", {"items_available": True}),
    ("payment_successful", {"payment_status": "confirmed"}),
    ("fulfillment_complete", {"items_packed": True}),
    ("shipping_complete", {"tracking_number": "T-1"}),
    ("delivery_confirmed", {}),
]


def orders(change: Callable[[dict[str, Any]], None] = lambda _: None) -> Choreography:
    """The choreography of the shop, each pattern put through *change*."""
    shop = Choreography("orders")
    for event_type, condition, action, capability, priority in PATTERNS:
        rule: dict[str, Any] = {
            "event_type": event_type, "condition": condition, "action": action,
            "target_capability": capability, "priority": priority,
        }  # fmt: skip
        change(rule)
        shop.pattern(**rule)
    for name in dict.fromkeys(capability for _, _, _, capability, _ in PATTERNS):
        shop.capability(name, retry=Retry(attempts=2))
    return shop


def sell(choreography: Choreography, log: EventLog, values: Iterable[float]) -> None:
    """Record one order after the other, from its receipt to its delivery."""
    engine, clock = Engine(choreography.plan), 0
    head = log.head()

    def record(*events: NewEvent) -> list[NewEvent]:
        nonlocal head
        log.append(*events)
        made = [d for event in log.read(head + 1) for d in engine.step(event)]
        log.append(*made)
        head = log.head()
        return made

    for number, value in enumerate(values):
        order = f"order-{number:06}"
        kind: str = "order_received"
        data: Mapping[str, object] = {"order_value": value}
        for next_kind, next_data in [*JOURNEY, ("", {})]:
            clock += SECOND
            event = NewEvent(
                stream=order, type=kind, id=f"{order}/{kind}", data=data, time_ns=clock,
                source="shop", correlation_id=order,
            )  # fmt: skip
            for decision in record(event):
                if decision.type == "action.requested":
                    record(answer(decision, clock))
            kind, data = next_kind, next_data


def answer(decision: NewEvent, time_ns: int) -> NewEvent:
    """The answer of an agent that did what was asked for."""
    (request, about), *_ = decision.data.items()
    return NewEvent(
        stream=ACTIONS,
        type="action.completed",
        id=f"{request}/done",
        source=about["agent"],
        data={request: {"attempt": about["attempt"], "status": "completed"}},
        time_ns=time_ns,
        correlation_id=decision.correlation_id,
        causation_id=decision.id,
    )
