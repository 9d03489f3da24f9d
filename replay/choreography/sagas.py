"""Sagas: steps in order; a failed step undoes the finished ones in reverse order."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from laban.store.event import Event

from .actions import Actions, Request
from .decisions import SAGAS, Step
from .plan import Plan
from .rules import Saga

Status = Literal["running", "compensating"]


class _Run(Struct):
    """One saga under way."""

    saga: Saga
    correlation: str
    event: Event  # that began it
    status: Status = "running"
    at: int = 0  # the step that is executed, or undone
    unclean: bool = False  # a compensation failed


class Sagas:
    """The sagas under way, by saga and the event that began them."""

    def __init__(self, plan: Plan, actions: Actions) -> None:
        self._plan, self._actions = plan, actions
        self.runs: dict[str, _Run] = {}

    def begin(self, step: Step, saga: Saga) -> None:
        key = f"{saga.saga_id}/{step.new_id(saga.saga_id)}"
        run = self.runs[key] = _Run(saga, step.correlation, step.event)
        self._decide(step, key, run, "saga.started")
        self._execute(step, key, run)

    def ended(self, step: Step, request: Request, reason: str | None) -> None:
        """Go on after the action of a step was carried out, or failed for good."""
        if request.saga is None or (run := self.runs.get(request.saga[0])) is None:
            return
        key, _, phase = request.saga
        if phase == "execute" and reason is None:
            self._decide(step, key, run, "saga.step_completed")
            run.at += 1
            self._execute(step, key, run)
        elif phase == "execute":
            self._decide(step, key, run, "saga.step_failed", reason)
            run.status = "compensating"
            self._undo(step, key, run)
        else:
            run.unclean |= reason is not None
            type = "saga.step_compensated" if reason is None else "saga.compensation_failed"
            self._decide(step, key, run, type, reason)
            self._undo(step, key, run)

    def _execute(self, step: Step, key: str, run: _Run) -> None:
        if run.at == len(run.saga.steps):
            self._finish(step, key, run, "saga.completed")
        else:
            self._request(step, key, run, run.saga.steps[run.at].execute, "execute")

    def _undo(self, step: Step, key: str, run: _Run) -> None:
        """Undo the nearest finished step before this one that can be undone."""
        while run.at > 0:
            run.at -= 1
            if action := run.saga.steps[run.at].compensate:
                self._request(step, key, run, action, "compensate")
                return
        self._finish(step, key, run, "saga.failed" if run.unclean else "saga.compensated")

    def _request(self, step: Step, key: str, run: _Run, action: str, phase: str) -> None:
        self._actions.request(
            step,
            rule=key,
            action=action,
            capability=run.saga.steps[run.at].target_capability,
            saga=(key, run.at, phase),
            correlation=run.correlation,
            event=run.event,
        )

    def _finish(self, step: Step, key: str, run: _Run, type: str) -> None:
        del self.runs[key]
        step.decide(run.saga.name, type, SAGAS, {}, removes=(key,), correlation=run.correlation)

    def _decide(
        self, step: Step, key: str, run: _Run, type: str, reason: str | None = None
    ) -> None:
        about: dict[str, object] = {"status": run.status, "step": run.at}
        if reason is not None:
            about["reason"] = reason
        step.decide(run.saga.name, type, SAGAS, {key: about}, correlation=run.correlation)
