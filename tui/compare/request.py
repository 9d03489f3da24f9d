"""What to compare: the words after `laban compare LOG`, typed or chosen by keys."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from laban.replay.compare import PROFILES, Mask, Order, Part, fitting, profile
from laban.replay.timeline import Timeline
from laban.store.errors import did_you_mean
from laban.store.event import Event
from laban.tui.refusal import Refusal

PartName = Literal["correlation", "stream", "range"]
Two = tuple[str, str]

ORDERS: Sequence[Order] = get_args(Order)
PARTS: Sequence[PartName] = get_args(PartName)
_ONE = ("order", "mask", "ignore", "baseline")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Two runs, and what counts between them."""

    other: str = ""  # the path of B; "": the same log
    parts: tuple[tuple[PartName, Two], ...] = ()  # the parts of A and of B that are compared
    order: Order = "causal"
    mask: str = ""  # "": the one that fits the logs
    ignore: tuple[str, ...] = ()
    baseline: str = ""  # the path of a second run of A

    def text(self) -> str:
        """Return it as the command line has it."""
        words = [self.other] if self.other else []
        for name, two in self.parts:
            words += [f"--{name}", *two]
        words += ["--order", self.order] if self.order != "causal" else []
        words += ["--mask", self.mask] if self.mask else []
        for pointer in self.ignore:
            words += ["--ignore", pointer]
        words += ["--baseline", self.baseline] if self.baseline else []
        return shlex.join(words)

    def mask_for(self, a: Timeline, b: Timeline) -> Mask:
        """Return what does not count. Raises MaskError."""
        chosen = profile(self.mask) if self.mask else fitting(a.log, b.log)
        return chosen.ignoring(self.ignore)

    def part(self, timeline: Timeline, side: int) -> Part:
        """Return the part of A (*side* 0) or B that is compared. Raises BadAddressError."""
        part = Part(timeline, 1, timeline.head)
        for name, two in self.parts:
            if name == "range":
                first, last = _range(two[side])
                start, end = timeline.resolve(first), timeline.resolve(last)
                part = Part(timeline, max(start, 1), end, part.correlation, part.stream)
            elif name == "stream":
                part = Part(timeline, part.first, part.last, part.correlation, two[side])
            else:
                part = Part(timeline, part.first, part.last, two[side], part.stream)
        return part

    def next_order(self) -> Request:
        """Return it with the next order that counts."""
        index = ORDERS.index(self.order) + 1
        return replace(self, order=ORDERS[index % len(ORDERS)])

    def next_mask(self) -> Request:
        """Return it with the next mask."""
        names = ["", *PROFILES]
        return replace(self, mask=names[(names.index(self.mask) + 1) % len(names)])


def parse_request(text: str, here: Event | None) -> Request:
    """
    Return what *text* asks for: a log, --correlation, --stream or --range, and options.

    With one name alone a part is compared with that of the event *here*.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise Refusal(f"{error}: close the quote.") from None
    request = Request()
    for name, values in _options(words):
        request = _with(request, name, values, here)
    if not request.other and not request.parts:
        raise Refusal("Name another log, or two parts of this one by --correlation X Y.")
    if request.order not in ORDERS:
        raise Refusal(f"No order {request.order!r}: {', '.join(ORDERS)}.")
    return request


def _options(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each option with the words up to the next one; the log's name is "other"."""
    name, values = "other", list[str]()
    for word in words:
        if not word.startswith("--"):
            values.append(word)
            if name in _ONE:  # it takes one word: what comes then is a log
                yield name, values
                name, values = "other", []
            continue
        if values or name != "other":
            yield name, values
        name, values = word[2:], []
    if values or name != "other":
        yield name, values


def _with(request: Request, name: str, values: list[str], here: Event | None) -> Request:
    if name in PARTS:
        part: PartName = name  # type: ignore[assignment]
        two, rest = _two(part, values, here)
        request = replace(request, parts=(*request.parts, (part, two)))
        return _with(request, "other", rest, here) if rest else request
    if name not in (*_ONE, "other"):
        raise Refusal(f"No option --{name}.{did_you_mean(name, (*PARTS, *_ONE))}")
    if len(values) != 1:
        wanted = "one log" if name == "other" else f"one word after --{name}"
        raise Refusal(f"{' '.join(values) or f'--{name}'}: name {wanted}.")
    if name == "ignore":
        return replace(request, ignore=(*request.ignore, values[0]))
    return replace(request, **{name: values[0]})  # type: ignore[arg-type]


def _two(name: PartName, values: list[str], here: Event | None) -> tuple[Two, list[str]]:
    """Return the names of two parts, and the words after them."""
    if name == "range":
        for each in values[:2]:
            _range(each)
    if len(values) >= 2:
        return (values[0], values[1]), values[2:]
    own = {"correlation": here and here.correlation_id, "stream": here and here.stream}.get(name)
    if values and own:
        return (own, values[0]), []
    example = {"range": "@1..@99 @100..@198"}.get(name, "X Y")
    raise Refusal(f"--{name} takes two names, of A and of B: --{name} {example}.")


def _range(text: str) -> Two:
    first, dots, last = text.partition("..")
    if not dots:
        raise Refusal(f"{text!r} is no range: write @1..@99.")
    return first, last
