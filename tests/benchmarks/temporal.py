"""The yardstick of replay with rules: the same orders as workflows, in Temporal's own Replayer."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from .figures import core_seconds

JOURNEY = (
    "check_inventory", "process_payment", "initiate_fulfillment", "schedule_shipping",
    "send_tracking_notification", "request_product_review",
)  # fmt: skip
WORKFLOWS = 50
TIME = "2026-03-02T09:00:00Z"


@workflow.defn(name="Order", sandboxed=False)
class Order:
    """One activity after the other, as the rules of the shop ask for them."""

    @workflow.run  # type: ignore[untyped-decorator, unused-ignore]
    async def run(self) -> None:
        for step in JOURNEY:
            await workflow.execute_activity(step, start_to_close_timeout=timedelta(seconds=30))


def rate() -> float:
    """Return how many events of histories are replayed in a second of one core."""
    histories = [_history(f"order-{number}") for number in range(WORKFLOWS)]
    events = sum(len(history.events) for history in histories)

    async def replay() -> None:
        replayer = Replayer(workflows=[Order])
        for history in histories:
            await replayer.replay_workflow(history)

    return events / core_seconds(lambda: asyncio.run(replay()))


def _history(name: str) -> WorkflowHistory:
    """What Temporal's server records while an order goes well."""
    events: list[dict[str, Any]] = []

    def add(kind: str, **attributes: Any) -> str:
        words = kind.split("_")
        key = words[0].lower() + "".join(word.title() for word in words[1:]) + "EventAttributes"
        events.append(
            {"eventId": str(len(events) + 1), "eventTime": TIME,
             "eventType": f"EVENT_TYPE_{kind}", key: attributes}
        )  # fmt: skip
        return str(len(events))

    def task() -> str:
        asked = add("WORKFLOW_TASK_SCHEDULED", taskQueue={"name": "shop"}, attempt=1)
        begun = add("WORKFLOW_TASK_STARTED", scheduledEventId=asked, identity="worker")
        return add("WORKFLOW_TASK_COMPLETED", scheduledEventId=asked, startedEventId=begun)

    add(
        "WORKFLOW_EXECUTION_STARTED", workflowType={"name": "Order"}, taskQueue={"name": "shop"},
        originalExecutionRunId=name, firstExecutionRunId=name, workflowId=name, attempt=1,
    )  # fmt: skip
    done = task()
    for number, step in enumerate(JOURNEY, 1):
        asked = add(
            "ACTIVITY_TASK_SCHEDULED", activityId=str(number), activityType={"name": step},
            taskQueue={"name": "shop"}, workflowTaskCompletedEventId=done,
        )  # fmt: skip
        begun = add("ACTIVITY_TASK_STARTED", scheduledEventId=asked, identity="worker", attempt=1)
        add("ACTIVITY_TASK_COMPLETED", scheduledEventId=asked, startedEventId=begun)
        done = task()
    add("WORKFLOW_EXECUTION_COMPLETED", workflowTaskCompletedEventId=done)
    return WorkflowHistory.from_json(name, json.dumps({"events": events}))
