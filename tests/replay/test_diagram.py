"""Diagrams of one business transaction, and of rules."""

from __future__ import annotations

import re

import pytest

from laban.fixtures import DEMOS, credit, hybrid, orders, travel
from laban.replay.choreography import Choreography
from laban.replay.diagram import flowchart, published_types, sequence_diagram
from laban.replay.swimlanes import lanes, rule_lanes
from laban.store.event import Event, NewEvent
from laban.store.memory import MemoryLog
from laban.store.terminal import cells


def recorded(*events: NewEvent) -> list[Event]:
    log = MemoryLog()
    log.append(*events)
    return list(log.read())


def said(source: str, type: str, id: str, cause: str | None = None) -> NewEvent:
    return NewEvent(
        stream="s", source=source, type=type, id=id, data={}, causation_id=cause, time_ns=0
    )


TALK = recorded(
    said("ann", "asked", "1"), said("bob", "answered", "2", "1"), said("ann", "thanked", "3", "2"),
    said("cyd", "waved", "4", "elsewhere"),
)  # fmt: skip


def test_a_sequence_diagram_has_a_lane_a_source_and_an_arrow_a_cause() -> None:
    assert list(sequence_diagram(TALK)) == [
        "sequenceDiagram",
        "    participant s0 as ann",
        "    participant s1 as bob",
        "    participant s2 as cyd",
        "    Note over s0: asked @1",
        "    s0->>s1: answered @2",
        "    s1->>s0: thanked @3",
        "    Note over s2: waved @4",
    ]


def test_lanes_draw_the_same_in_plain_text() -> None:
    assert list(lanes(TALK)) == [
        "             ann   bob   cyd",
        "@1  +0.000s  ●     │     │     asked",
        "@2  +0.000s  ├────▶●     │     answered",
        "@3  +0.000s  ●◀────┤     │     thanked",
        "@4  +0.000s  │     │     ●     waved",
    ]


def test_a_line_over_a_lane_in_between_crosses_it() -> None:
    talk = recorded(said("a", "x", "1"), said("b", "y", "2"), said("c", "z", "3", "1"))

    assert list(lanes(talk))[-1] == "@3  +0.000s  ├─────┼────▶●     z"


def test_names_that_mermaid_would_take_for_its_own_are_escaped() -> None:
    odd = recorded(said("end; %% #1", 'said "x" -->> y: z\nalt', "1"))

    text = "\n".join(sequence_diagram(odd))

    assert text.count("\n") == 2
    assert not re.search(r'["\\%<>]|;.*;[^#\w]*%%', text.replace("#37;", ""))
    assert "end#59; #37;#37; #35;1" in text


def test_names_that_markdown_would_take_for_its_own_are_escaped() -> None:
    odd = Choreography("odd")
    odd.capability("1. one_two")
    odd.pattern(event_type="- a", action="_b_", target_capability="1. one_two")
    odd.pattern(event_type="", action="é 日", target_capability="1. one_two")

    nodes = list(flowchart(odd))[1:6]

    assert nodes == [
        '    n0(["#45; a"])',
        '    n1["#95;b#95;"]',
        '    n2[["1#46; one_two"]]',
        '    n3([" "])',
        '    n4["é 日"]',
    ]


def test_events_that_cause_one_another_in_no_order_are_drawn_all_the_same() -> None:
    odd = recorded(said("a", "x", "1", "2"), said("a", "y", "2", "2"))

    assert len(list(lanes(odd))) == 3
    assert len(list(sequence_diagram(odd))) == 4


def test_a_flowchart_leads_from_events_over_actions_to_who_does_them() -> None:
    shop = Choreography("shop")
    shop.capability("clerk", fallback="boss")
    shop.capability("boss")
    shop.pattern(
        event_type="asked", condition="data['n'] > 1", action="reply", target_capability="clerk"
    )

    lines = list(flowchart(shop, [(("reply", "clerk"), "answered")]))

    assert lines[0] == "flowchart LR"
    assert '    n0(["asked"])' in lines
    assert "    n0 -->|data#91;#39;n#39;#93; #62; 1| n1" in lines
    assert "    n1 --> n2" in lines
    assert "    n2 -->|fallback| n3" in lines
    assert "    n1 -.-> n4" in lines


def test_a_saga_is_drawn_step_after_step_with_what_undoes_each() -> None:
    lines = list(flowchart(travel.agency))

    assert '    n0(["trip_wanted"])' in lines
    assert "    n0 -->|saga book_trip| n1" in lines
    assert [line for line in lines if "|then|" in line] == [
        "    n1 -->|then| n4",
        "    n4 -->|then| n7",
        "    n7 -->|then| n10",
    ]
    assert sum("-. undone by .->" in line for line in lines) == 3


def test_one_action_of_several_capabilities_is_a_node_of_each() -> None:
    lines = list(flowchart(hybrid.insurer))

    assert sum(line.endswith('["find_out"]') for line in lines) == 3


def test_lanes_that_would_not_fit_have_their_names_in_steps() -> None:
    sources = ["inventory_management", "payment_processing", "shipping_management", "customer"]
    talk = recorded(*(said(name, "spoke", name) for name in sources))

    drawn = list(lanes(talk))

    assert drawn[:5] == [
        "             inventory_management",
        "             │   payment_processing",
        "             │   │   shipping_management",
        "             │   │   │   customer",
        "@1  +0.000s  ●   │   │   │   spoke",
    ]


@pytest.mark.parametrize("name", ["orders", "travel", "breaker", "hybrid"])
def test_lanes_of_the_demos_fit_a_terminal(name: str) -> None:
    log = MemoryLog()
    DEMOS[name].record(log)
    for correlation in {e.correlation_id for e in log.read() if e.correlation_id}:
        for line in lanes(log.correlated(correlation)):
            assert cells(line) <= 80


def test_a_failure_says_why_and_another_attempt_which() -> None:
    log = MemoryLog()
    travel.record(log)

    labels = [line.rpartition("  ")[2] for line in lanes(log.correlated("trip-2"))]

    assert "action.failed: nobody answers the telephone" in labels
    assert "cancel_hotel (attempt 2)" in labels


def test_what_agents_publish_is_known_from_the_log() -> None:
    log = MemoryLog()
    orders.record(log)

    found = published_types(log.read())

    assert (("process_payment", "payment_processing"), "payment_successful") in found
    assert (("process_payment", "payment_processing"), "payment_failed") in found
    assert len(found) == len(set(found))


def test_every_event_of_a_correlation_of_the_demo_is_drawn_once() -> None:
    log = MemoryLog()
    credit.record(log)
    events = log.correlated("credit-0004")

    drawn = list(sequence_diagram(events))
    table = "\n".join(lanes(events))

    for event in events:
        assert sum(line.endswith(f" @{event.position}") for line in drawn) == 1
        assert table.count(f"@{event.position} ") == 1


def test_rules_are_lanes_from_who_publishes_to_who_acts() -> None:
    log = MemoryLog()
    travel.record(log)

    assert list(rule_lanes(travel.agency, published_types(log.read()))) == [
        "outside",
        "│   airline",
        "│   │   hotel",
        "│   │   │   car_rental",
        "│   │   │   │   payment",
        "├──▶●   │   │   │   trip_wanted → book_trip",
        "│   ●   │   │   │   book_trip 1: book_flight, undone by cancel_flight",
        "│   ├──▶●   │   │   book_trip 2: book_hotel, undone by cancel_hotel",
        "│   │   ├──▶●   │   book_trip 3: rent_car, undone by return_car",
        "│   │   │   ├──▶●   book_trip 4: pay",
    ]


def test_a_rule_stands_in_a_line_for_each_who_publishes_its_event() -> None:
    shop = Choreography("shop")
    shop.capability("clerk", fallback="boss")
    shop.capability("boss")
    shop.pattern(
        event_type="asked", condition="data['n'] > 1", action="reply", target_capability="clerk"
    )

    asked = [(("ask", "boss"), "asked"), (("ask", "clerk"), "asked")]

    assert list(rule_lanes(shop, asked)) == [
        "clerk  boss",
        "●◀─────┤     asked → reply",
        "●      │     asked → reply",
        "│      │       if data['n'] > 1",
        "├─────▶●     fallback",
    ]
