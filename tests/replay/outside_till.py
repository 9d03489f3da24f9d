"""A till in a process of its own; `python -m tests.replay.outside_till LOG DONE` may be killed."""

from __future__ import annotations

import sys
import time
from random import Random

from laban.replay.choreography import ActionFailed
from laban.replay.runtime import Outside
from laban.store import open_log


def work(log_path: str, done_path: str) -> None:
    """Charge whoever ordered, and write down under which key before the answer is recorded."""
    till = Outside(open_log(log_path), "till-1", "till-2")
    for attempt in till.requests():
        with open(done_path, "a") as done:
            done.write(f"{attempt.key}\n")
        time.sleep(0.002)
        if Random(attempt.key).random() < 0.2:
            till.answer(attempt, attempt.failed(ActionFailed("the bank does not answer")))
        else:
            attempt.publish("paid", {"status": "paid", "seen": attempt.read("/stock/left")})
            till.answer(attempt, attempt.ended({"amount": attempt.event.data["amount"]}))


if __name__ == "__main__":
    work(*sys.argv[1:])
