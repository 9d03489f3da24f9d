"""What a command is handed at a position: the state and the events up to there, and no more."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laban.cli.bisect.handing import Handing
from laban.replay.bisect import Verdict
from laban.replay.timeline import Timeline
from laban.store.event import NewEvent, envelope
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog
from tests.effort import tries

EVENTS = 12


def log_of_events() -> MemoryLog:
    log = MemoryLog()
    for n in range(1, EVENTS + 1):
        fields = {f"f{n % 4}": n}
        log.append(NewEvent(stream=f"s{n % 3}", type="t", data=fields, correlation_id=f"c{n % 2}"))
    return log


asked = st.lists(st.tuples(st.integers(0, EVENTS), st.sampled_from(Verdict)), max_size=8)


@given(asked=asked)
@settings(max_examples=tries(25), deadline=None)
def test_whatever_was_asked_before_the_log_holds_the_events_up_to_the_position(
    asked: list[tuple[int, Verdict]],
) -> None:
    log = log_of_events()
    timeline = Timeline.open(log)
    with TemporaryDirectory() as folder:
        handing = Handing(timeline, Path(folder), ["./test.sh"])
        for position, verdict in asked:
            with handing.at(position) as given:
                handed = SqliteLog.open(given["log"])
                events = [envelope(event) for event in handed.read()]
                handed.close()
                state = json.loads(Path(given["state"]).read_text())
                handing.tell(position, verdict)

            assert events == [envelope(log.get(p)) for p in range(1, position + 1)]
            assert state == timeline.at(position)
            assert given["position"] == str(position)
            assert not Path(given["state"]).exists()
            assert not Path(given["log"]).exists()
    timeline.close()


@pytest.mark.parametrize(
    ("words", "made"),
    [
        (["./test.sh"], {"position", "state", "log"}),
        (["./test.sh", "{state}"], {"position", "state"}),
        (["sh", "-c", "test {position} -lt 3"], {"position"}),
        (["./test.sh", "{x}"], {"position", "state", "log"}),
    ],
)
def test_only_what_the_words_name_is_made(words: list[str], made: set[str], tmp_path: Path) -> None:
    timeline = Timeline.open(log_of_events())

    with Handing(timeline, tmp_path, words).at(3) as given:
        assert given.keys() == made
    timeline.close()
