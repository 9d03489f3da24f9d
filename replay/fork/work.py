"""Agents and answers at work on the simulated clock of a fork."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, cast

from msgspec.structs import replace

from laban.replay.choreography.actions import Request
from laban.replay.choreography.agent import ActionFailed, AgentFunction
from laban.replay.choreography.attempt import Attempt, Read
from laban.replay.simulation import Pause, SimulationError, pause_ns
from laban.store.clock import SECOND
from laban.store.errors import InvalidEventError
from laban.store.event import NewEvent
from laban.store.jsontext import JsonObject, to_json
from laban.store.validation import check_batch

from .answering import Answer

Said = list[NewEvent]


class Work:
    """A stand-in at work on one attempt. It is asked again and again until it says something."""

    def __init__(
        self,
        request: Request,
        answer: Answer | AgentFunction,
        name: str,
        *,
        now: Callable[[], int],
        read: Read,
        spent_ns: int = 0,  # time that passed since the attempt began
    ) -> None:
        self.attempt = Attempt(request, now=now, read=read, sleep=self._sleep)
        self._credit = spent_ns
        if isinstance(answer, Answer):
            self._name = answer.said_by or name
            work: object = _say(self.attempt, answer)
        else:
            self._name, work = name, answer(self.attempt)
        self._work = cast("Coroutine[Any, Any, Mapping[str, Any] | None]", work)

    def go_on(self) -> int | Said:
        """Work up to the next pause, and return its ns; or what is said in the end."""
        try:
            return pause_ns(self._work.send(None))
        except StopIteration as end:
            return self._marked(self.attempt.ended(end.value))
        except SimulationError:
            self.close()
            raise
        except Exception as error:
            return self._marked(self.attempt.failed(error))

    def close(self) -> None:
        """End it where it is."""
        self._work.close()

    def _marked(self, said: Said) -> Said:
        said = [_with_mark(event, self._name) for event in said]
        try:
            check_batch(said, None)
        except InvalidEventError as error:
            return [_with_mark(event, self._name) for event in self.attempt.failed(error)]
        return said

    async def _sleep(self, seconds: float) -> None:
        wait = max(0, round(seconds * SECOND))
        spared = min(wait, self._credit)
        self._credit -= spared
        await Pause(wait - spared)


async def _say(attempt: Attempt, answer: Answer) -> Mapping[str, Any]:
    await attempt.sleep(answer.seconds)
    for pointer in answer.reads:
        attempt.read(pointer)
    attempt.spent(tokens=answer.tokens, cost=answer.cost)
    if answer.fails is not None:
        raise ActionFailed(answer.fails)
    for each in answer.publish:
        attempt.publish(each.type, each.data, stream=each.stream)
    return answer.output


def _with_mark(event: NewEvent, name: str) -> NewEvent:
    metadata = {**event.metadata.parsed, "stand_in": name}
    return replace(event, metadata=JsonObject(to_json(metadata)))
