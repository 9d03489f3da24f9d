"""The circuit breaker of a capability, as a pure state machine on event time."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from laban.store.clock import SECOND

from .rules import Breaker

State = Literal["closed", "open", "half_open"]


class Circuit(Struct, frozen=True, kw_only=True):
    """The state of a breaker."""

    state: State = "closed"
    failures: int = 0  # in a row, while closed
    successes: int = 0  # of probes in a row, while half open
    until_ns: int = 0  # while open: when the next probe may go
    probing: bool = False  # while half open: a probe is under way


def admit(circuit: Circuit, now_ns: int) -> tuple[Circuit, bool]:
    """
    Return the circuit after a request asks to go, and whether it may.

    An open circuit turns half open when its time is over; a half-open one lets one probe at
    a time through.
    """
    if circuit.state == "closed":
        return circuit, True
    if circuit.state == "open" and now_ns < circuit.until_ns:
        return circuit, False
    if circuit.state == "half_open" and circuit.probing:
        return circuit, False
    successes = circuit.successes if circuit.state == "half_open" else 0
    return Circuit(state="half_open", successes=successes, probing=True), True


def succeeded(circuit: Circuit, rule: Breaker, *, probe: bool) -> Circuit:
    """Return the circuit after an admitted request succeeded."""
    if circuit.state == "closed":
        return replace(circuit, failures=0) if circuit.failures else circuit
    if not (circuit.state == "half_open" and probe):  # admitted before the circuit opened
        return circuit
    if circuit.successes + 1 >= rule.success_threshold:
        return Circuit()
    return replace(circuit, successes=circuit.successes + 1, probing=False)


def failed(circuit: Circuit, rule: Breaker, now_ns: int, *, probe: bool) -> Circuit:
    """Return the circuit after an admitted request failed."""
    if circuit.state == "open" or (circuit.state == "half_open" and not probe):
        return circuit
    failures = circuit.failures + 1
    if circuit.state == "closed" and failures < rule.failure_threshold:
        return replace(circuit, failures=failures)
    return Circuit(state="open", until_ns=now_ns + round(rule.reset_seconds * SECOND))
