"""What `laban run` takes events from, and what it says of a source that holds none."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from laban.store.sqlite import SqliteLog

Laban = Callable[..., Result]

RULES = """
from laban.replay.choreography import Choreography

desk = Choreography("desk")
desk.capability("clerk", timeout_seconds=5)
desk.pattern(event_type="asked", action="answer", target_capability="clerk")


@desk.agent("clerk")
async def answer(ctx):
    ctx.publish("answered", {})
"""
ASKED = '{"stream": "call", "type": "asked"}'


@pytest.fixture
def run(laban: Laban, folder: Path) -> Callable[[str | bytes], Result]:
    """Run a desk on a source of the given content."""
    (folder / "desk.py").write_text(RULES)

    def on(content: str | bytes) -> Result:
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / "source").write_bytes(raw)
        return laban("run", "desk.py", "--events", "source", "-o", "desk.laban")

    return on


def asked(folder: Path) -> int:
    log = SqliteLog.open(folder / "desk.laban")
    count = sum(event.type == "asked" for event in log.read())
    log.close()
    return count


@pytest.mark.parametrize(
    ("content", "remedy"),
    [
        (gzip.compress(ASKED.encode()), "it is compressed; give it unpacked"),
        (ASKED.encode("utf-16"), "it is UTF-16; give it in UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "give JSON Lines"),
        ("[1, 2, 3]", "give JSON Lines"),
        ('[{"a": 1}, {"b": 2}]', "give JSON Lines"),
        ('{"stream": "call"}\n{"type": "asked"}\n', "give JSON Lines"),
    ],
    ids=["gzip", "utf-16", "png", "numbers", "objects", "no events"],
)
def test_a_source_without_a_single_event_is_trouble_and_makes_no_log(
    content: str | bytes, remedy: str, run: Callable[[str | bytes], Result], folder: Path
) -> None:
    result = run(content)

    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith("laban: Nothing in source is an event (")
    assert remedy in line
    assert not (folder / "desk.laban").exists()


def test_a_log_that_was_there_stays(run: Callable[[str | bytes], Result], folder: Path) -> None:
    run(ASKED)

    assert run("{oops").exit_code == 2
    assert asked(folder) == 1


def test_a_source_that_brings_only_what_is_known_is_no_trouble(
    run: Callable[[str | bytes], Result],
) -> None:
    first, again = (run(f"{ASKED}\n{{oops\n") for _ in range(2))

    assert (first.exit_code, again.exit_code) == (0, 0)


def test_an_empty_source_is_no_trouble(run: Callable[[str | bytes], Result]) -> None:
    assert run("").exit_code == 0


@pytest.mark.parametrize("separator", [", ", ",\n", ""])
def test_an_array_of_events_is_taken_element_by_element(
    separator: str, run: Callable[[str | bytes], Result], folder: Path
) -> None:
    result = run(f"\n[{separator.join([ASKED, ASKED, ASKED])}]\n")

    assert result.stdout.startswith("3 events published")
    assert asked(folder) == 3


def test_an_array_that_is_cut_short_gives_what_is_whole(
    run: Callable[[str | bytes], Result], laban: Laban
) -> None:
    result = run(f"[{ASKED}, {ASKED[:20]}")

    kept = json.loads(laban("check", "desk.laban", "--json").stdout)["findings"]
    assert result.stdout.startswith("1 event published")
    assert [one["kept"]["kind"] for one in kept] == ["malformed", "malformed"]


def test_import_reads_the_same_array(laban: Laban, folder: Path) -> None:
    (folder / "events.json").write_text(f"[{ASKED}, {ASKED}]")

    result = laban("import", "events.json", "-o", "new.laban")

    assert result.stdout.startswith("2 events of 1 stream from 1 source imported")
