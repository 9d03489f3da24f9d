"""The log to measure on is what a log may look like."""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import mean

import pytest

from tests.benchmarks.generate import generate_jsonl


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    path = tmp_path_factory.mktemp("generated") / "orders.jsonl"
    generate_jsonl(path, events=20_000, streams=2_000)
    return path.read_text(encoding="utf-8").splitlines()


def test_it_has_as_many_events_streams_and_ids_as_asked_for(lines: list[str]) -> None:
    events = [json.loads(line) for line in lines]

    assert len(events) == len({event["id"] for event in events}) == 20_000
    assert len({event["stream"] for event in events}) == 2_000


@pytest.mark.parametrize(("events", "streams"), [(7, 7), (10, 3), (1_003, 101), (5_000, 1)])
def test_it_has_as_many_of_both_when_they_do_not_divide(
    tmp_path: Path, events: int, streams: int
) -> None:
    path = tmp_path / "orders.jsonl"

    generate_jsonl(path, events, streams)

    names = [json.loads(line)["stream"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert (len(names), len(set(names))) == (events, streams)


def test_every_cause_is_an_earlier_event_of_the_same_correlation(lines: list[str]) -> None:
    correlations: dict[str, str] = {}
    for line in lines:
        event = json.loads(line)

        if event["causation_id"] is not None:
            assert correlations[event["causation_id"]] == event["correlation_id"]

        correlations[event["id"]] = event["correlation_id"]


def test_orders_overlap_time_grows_and_one_event_in_a_hundred_fails(lines: list[str]) -> None:
    events = [json.loads(line) for line in lines]

    types = Counter(event["type"] for event in events)
    neighbours = sum(a["stream"] == b["stream"] for a, b in pairwise(events))

    assert all(a["time"] < b["time"] for a, b in pairwise(events))
    assert neighbours < 200
    assert len(types) == 12
    assert types["payment_failed"] == 200


def test_data_takes_about_250_bytes_in_six_fields(lines: list[str]) -> None:
    sizes = [len(line.partition('"data":')[2].partition(',"metadata"')[0]) for line in lines]

    assert 240 <= mean(sizes) <= 270
    assert len(json.loads(lines[0])["data"]) == 6


def test_the_same_seed_writes_the_same_bytes_and_another_writes_others(tmp_path: Path) -> None:
    one, two, other = (tmp_path / name for name in ("one", "two", "other"))

    generate_jsonl(one, 500, 50, seed=1)
    generate_jsonl(two, 500, 50, seed=1)
    generate_jsonl(other, 500, 50, seed=2)

    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes() != other.read_bytes()
