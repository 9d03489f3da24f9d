"""What is declared to end a story is not missed, and nothing else is passed over for it."""

from __future__ import annotations

import pytest

from laban.replay.check import check
from laban.replay.choreography import Choreography, ChoreographyError, SagaStep
from laban.replay.choreography.loading import parse_yaml, to_yaml

from .acted import Stage


def visits() -> Choreography:
    made = Choreography("visits")
    made.capability("desk")
    made.pattern(event_type="came", action="greet", target_capability="desk")
    made.sequence(
        sequence_id="visit", events=("came", "seated", "left"), action="wave",
        target_capability="desk",
    )  # fmt: skip
    return made


def found(stage: Stage, choreography: Choreography) -> list[str]:
    return [f.kind for f in check(stage.log, choreography) if f.kind != "rule never fired"]


def test_only_types_that_end_nothing_are_unhandled() -> None:
    choreography = visits()
    stage = Stage(choreography)
    stage.say("greeted")
    stage.say("weather_changed")
    before = found(stage, choreography)
    choreography.ends("greeted", "greeted")

    (flaw, *_) = check(stage.log, choreography)

    assert before == ["unhandled event", "unhandled event"]
    assert flaw.detail == "no rule reacts to weather_changed, and nothing says that it ends a story"


def test_how_often_an_unhandled_type_came_is_told() -> None:
    choreography = visits()
    stage = Stage(choreography)
    for _ in range(3):
        stage.say("weather_changed")

    assert check(stage.log, choreography)[0].detail.endswith(": the first of 3")


def test_an_end_decides_nothing_so_the_rules_stay_the_same() -> None:
    before, after = visits(), visits()

    after.ends("greeted")

    assert after.plan.fingerprint == before.plan.fingerprint


def test_a_sequence_is_not_missed_where_the_story_ended_otherwise() -> None:
    choreography = visits()
    choreography.ends("sent_away")
    stage = Stage(choreography)
    stage.say("came", correlation_id="ann")
    stage.answer("greet")
    stage.say("came", correlation_id="bob")
    stage.answer("greet")

    open = found(stage, choreography)
    stage.say("sent_away", correlation_id="ann")
    one_less = found(stage, choreography)
    stage.say("seated", correlation_id="ann")

    assert open == ["incomplete sequence", "incomplete sequence"]
    assert one_less == ["incomplete sequence"]
    assert found(stage, choreography) == open  # the story went on


def test_what_the_steps_of_a_saga_publish_is_handled_by_the_saga() -> None:
    trip = Choreography("trip")
    trip.capability("agency")
    trip.saga(
        saga_id="book",
        start_event="wanted",
        steps=(SagaStep(execute="book_hotel", target_capability="agency"),),
    )
    stage = Stage(trip)
    stage.say("wanted")
    stage.answer("book_hotel", publish={"hotel_booked": {}})

    assert check(stage.log, trip) == []


def test_yaml_says_it_too() -> None:
    choreography = visits()
    choreography.ends("greeted", "left early")

    back = parse_yaml(to_yaml(choreography), "visits.yaml")

    assert back.ended_by == ["greeted", "left early"]


def test_what_is_no_event_type_is_refused_whole() -> None:
    choreography = visits()

    with pytest.raises(ChoreographyError, match="An event type is a text, and 3 is none"):
        choreography.ends("greeted", 3)  # type: ignore[arg-type]
    with pytest.raises(ChoreographyError, match=r"v.yaml, line 2: ends\[0\] must be a text"):
        parse_yaml("name: v\nends: [3]\n", "v.yaml")

    assert choreography.ended_by == []
