"""The roots of a divergence are the changes that no other change happened before."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laban.replay.compare import Divergence, compare
from laban.store.event import Event
from tests.effort import COMPARISONS, LARGE

from .runs import Said, edited, parents, random_run, recorded, renamed, shuffled

# 200 seeds of 20,000 events take a quarter of an hour; the default, some seconds.
EVENTS = 20_000 if LARGE else 1_500

randoms = st.randoms(use_true_random=False)


@st.composite
def runs(draw: st.DrawFn) -> list[Said]:
    run: list[Said] = []
    for name in range(draw(st.integers(1, 14))):
        cause = draw(st.none() | st.integers(0, name - 1)) if name else None
        stream = draw(st.sampled_from("abcde"))
        run.append(Said(name, stream, {"value": draw(st.integers(0, 1))}, cause))
    return run


def name_of(event: Event | None) -> int | None:
    return None if event is None else event.metadata["native"]["name"]


def names(root: Divergence) -> tuple[int | None, int | None]:
    return name_of(root.a), name_of(root.b)


def pasts(*runs: list[Said]) -> dict[int, set[int]]:
    """All that happened before each event in any of *runs*, by going back from it."""
    before: dict[int, set[int]] = {}
    for run in runs:
        for name, names in parents(run).items():
            before.setdefault(name, set()).update(names)
    past: dict[int, set[int]] = {}
    for name in before:
        waiting, past[name] = set(before[name]), set()
        while waiting:
            past[name].add(each := waiting.pop())
            waiting |= before[each] - past[name]
    return past


def followers(run: list[Said], edit: int) -> set[int]:
    """All that happened after an event."""
    found = {edit}
    for name, before in parents(run).items():
        if before & found:
            found.add(name)
    return found - {edit}


@pytest.mark.parametrize("seed", range(COMPARISONS))
def test_one_edited_event_is_the_only_root_whatever_the_interleaving(seed: int) -> None:
    random = Random(seed)
    run = random_run(random, EVENTS, streams=20)
    edit = random.randrange(EVENTS)
    first = recorded(random, run)

    same = compare(first, recorded(random, shuffled(random, run)))
    other = compare(first, recorded(random, shuffled(random, edited(run, {edit}))))

    assert same.identical
    assert [names(root) for root in other.roots] == [(edit, edit)]
    assert [each.pointer for each in other.roots[0].differences] == ["/data/value"]
    assert other.changed == 0
    assert other.downstream == len(followers(run, edit))


@pytest.mark.parametrize("seed", range(COMPARISONS))
def test_one_edited_event_is_the_only_root_if_streams_have_other_random_names(seed: int) -> None:
    random = Random(seed)
    run = random_run(random, EVENTS // 4, streams=20)
    edit = random.randrange(len(run))
    first = recorded(random, renamed(random, run))

    same = compare(first, recorded(random, renamed(random, shuffled(random, run))))
    changed = renamed(random, shuffled(random, edited(run, {edit})))
    other = compare(first, recorded(random, changed))

    assert same.identical
    assert [names(root) for root in other.roots] == [(edit, edit)]
    assert [each.pointer for each in other.roots[0].differences] == ["/data/value"]


@pytest.mark.parametrize("seed", range(COMPARISONS))
def test_a_divergence_that_is_overwritten_later_is_found(seed: int) -> None:
    random = Random(seed)
    run = random_run(random, EVENTS // 4, streams=3)
    edit = random.randrange(EVENTS // 8)
    a, b = recorded(random, run), recorded(random, shuffled(random, edited(run, {edit})))

    answer = compare(a, b)

    assert a.at(a.head) == b.at(b.head)  # nothing is to be seen in the end
    assert [names(root) for root in answer.roots] == [(edit, edit)]


@given(run=runs(), edits=st.sets(st.integers(0, 13)), random=randoms)
def test_the_roots_of_edits_are_those_that_no_edit_happened_before(
    run: list[Said], edits: set[int], random: Random
) -> None:
    edits &= {each.name for each in run}
    past = pasts(run)
    a = recorded(random, shuffled(random, run))
    b = recorded(random, shuffled(random, edited(run, edits)))

    answer = compare(a, b)

    assert {names(root) for root in answer.roots} == {
        (name, name) for name in edits if not past[name] & edits
    }
    after = {name for name in past if past[name] & edits}
    assert answer.downstream == len(after)
    assert answer.changed == len(after & edits)
    assert answer.identical is (not edits)


@given(
    run=runs(),
    left_out=st.sets(st.integers(0, 13), max_size=2),
    put_in=st.lists(st.tuples(st.integers(0, 13), st.sampled_from("abcde")), max_size=2),
    random=randoms,
)
def test_the_roots_of_missing_and_added_events_are_those_that_no_change_happened_before(
    run: list[Said], left_out: set[int], put_in: list[tuple[int, str]], random: Random
) -> None:
    run = [Said(e.name, e.stream, {"value": e.name}, e.cause) for e in run]  # all are distinct
    changes = _planted(run, left_out, put_in)
    other = _changed(run, changes)
    past = pasts(run, other)

    answer = compare(
        recorded(random, shuffled(random, run)), recorded(random, shuffled(random, other))
    )

    expected = {
        (change, None) if added is None else (None, change)
        for change, added in changes.items()
        if not past[change] & changes.keys()
    }
    assert {names(root) for root in answer.roots} == expected


def _planted(
    run: list[Said], left_out: set[int], put_in: list[tuple[int, str]]
) -> dict[int, tuple[int, Said] | None]:
    """Choose changes, one a stream: None for an event to leave out, else one to put in, where."""
    free = set("abcde")
    changes: dict[int, tuple[int, Said] | None] = {}
    for each in run:
        if each.name in left_out and each.stream in free:
            free.remove(each.stream)
            changes[each.name] = None
    for number, (place, stream) in enumerate(put_in, 100):
        if stream in free:
            free.remove(stream)
            at = min(place, len(run))
            cause = run[at - 1].name if at and place % 2 else None
            changes[number] = (at, Said(number, stream, {"value": number}, cause))
    return changes


def _changed(run: list[Said], changes: dict[int, tuple[int, Said] | None]) -> list[Said]:
    other: list[Said] = []
    for place in range(len(run) + 1):
        other += [added[1] for added in changes.values() if added and added[0] == place]
        other += [e for e in run[place : place + 1] if e.name not in changes]
    return other


def terms(run: list[Said]) -> dict[int, object]:
    """Each event with all of its causal past, written out: equal where these are the same."""
    found: dict[int, object] = {}
    last: dict[str, int] = {}
    for each in run:
        before = found.get(last.get(each.stream, -1))
        cause = None if each.cause is None else found[each.cause]
        found[each.name] = (each.stream, each.data["value"], before, cause)
        last[each.stream] = each.name
    return found


@given(runs(), runs(), randoms)
def test_the_roots_of_any_two_runs_have_a_past_that_both_have(
    run: list[Said], other: list[Said], random: Random
) -> None:
    ours, theirs = terms(run), terms(other)
    past_a, past_b = pasts(run), pasts(other)
    lone_a = {name for name, term in ours.items() if term not in theirs.values()}
    lone_b = {name for name, term in theirs.items() if term not in ours.values()}

    answer = compare(
        recorded(random, shuffled(random, run)), recorded(random, shuffled(random, other))
    )

    assert answer.identical is (not lone_a and not lone_b)
    streams = [root.stream for root in answer.roots]
    assert len(set(streams)) == len(streams) or any(r.kind == "moved" for r in answer.roots)
    for a, b in map(names, answer.roots):
        assert a is None or a in lone_a
        assert b is None or b in lone_b
        is_first_in_a = a is not None and not past_a[a] & lone_a
        is_first_in_b = b is not None and not past_b[b] & lone_b
        assert is_first_in_a or is_first_in_b
