"""What does not count when two runs are compared: profiles, and pointers to ignore."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from laban.replay.pointer import format_pointer, parse_pointer
from laban.store.errors import LabanError, did_you_mean
from laban.store.jsontext import to_json
from laban.store.log import EventLog

ANY, ANY_DEPTH = "*", "**"  # one token of a pointer, any number of them
VERSION = 6  # raised when the same mask gives other hashes

# Fields of `metadata` that say how a run went, not what happened in it.
_MEASURED = (
    "causation_kind", "causes", "cost", "duration_ms", "fork", "native", "raw", "reads",
    "source_kind", "stand_in", "tokens", "traceparent", "tracestate",
)  # fmt: skip
# Moments, and shares of them, that the engine notes in its own streams: $actions and so on.
_CLOCKS = ("deadline_ns", "due_ns", "jitter_seconds", "until_ns")
_LANGGRAPH = (
    "/data/__start__/**/id",  # a message that was saved before or after it was given its id
    "/metadata/writes/**/id",
    "/data/**/response_metadata",
    "/data/**/usage_metadata",
    "/metadata/writes/**/response_metadata",
    "/metadata/writes/**/usage_metadata",
)


class MaskError(LabanError):
    """There is no such profile, or nothing can be ignored there."""


class Mask(Struct, frozen=True):
    """
    What does not count. Positions, ids, clocks and where causes are recorded never do.

    Pointers begin at the event: `/data/…`, `/metadata/…`, `/source` or `/correlation_id`.
    `*` stands for any one token, `**` for any number of them.
    """

    name: str = "default"
    aliases: bool = True  # random ids count only by where they came up first
    measures: bool = False  # the fields of metadata that measure a run count, too
    pointers: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    references: tuple[str, ...] = ()  # pointers to ids of events

    def ignoring(self, pointers: Iterable[str] = (), streams: Iterable[str] = ()) -> Mask:
        """Return a mask that ignores *pointers* and *streams*, too. Raises MaskError."""
        for pointer in (pointers := list(pointers)):
            _check(pointer)
        return replace(
            self,
            pointers=_joined(self.pointers, pointers),
            streams=_joined(self.streams, streams),
        )

    def referring(self, pointers: Iterable[str]) -> Mask:
        """Return a mask by which, at *pointers*, ids of events count by which events they mean."""
        return replace(self, references=_joined(self.references, pointers))

    @property
    def fingerprint(self) -> str:
        """The same for masks that let the same count."""
        lists = sorted(self.pointers), sorted(self.streams), sorted(self.references)
        text = to_json([VERSION, self.aliases, self.measures, *lists])
        return blake2b(text.encode(), digest_size=8).hexdigest()


PROFILES = {
    "default": Mask(),
    "langgraph": Mask("langgraph", pointers=_LANGGRAPH),
    "strict": Mask("strict", aliases=False, measures=True),
}


def profile(name: str) -> Mask:
    """Return the mask with this name. Raises MaskError with the nearest one."""
    if name not in PROFILES:
        known = ", ".join(PROFILES)
        raise MaskError(f"No mask is named {name!r}.{did_you_mean(name, PROFILES)} Known: {known}.")
    return PROFILES[name]


def fitting(*logs: EventLog) -> Mask:
    """Return the profile that is made for the tool which all of *logs* come from."""
    first = [next(iter(log.read(1, 1)), None) for log in logs]
    if all(event is not None and event.type.startswith("langgraph.") for event in first):
        return PROFILES["langgraph"]
    return PROFILES["default"]


class Pruner:
    """Takes away from an event's `data` or `metadata` what a mask ignores."""

    def __init__(self, mask: Mask, part: str, *, of_engine: bool = False) -> None:
        paths = [parse_pointer(pointer) for pointer in mask.pointers]
        self.paths = [path[1:] for path in paths if path[0] == part]
        if of_engine and not mask.measures:
            self.paths += [(ANY, name) for name in _CLOCKS]
        self.names = frozenset(() if mask.measures or part == "data" else _MEASURED)
        self.is_idle = not self.paths and not self.names

    def prune(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return *value* without what is ignored; it may be changed in place."""
        for name in self.names & value.keys():
            del value[name]
        for path in self.paths:
            if not path:
                return {}
            _remove(value, path)
        return value


def ignores(mask: Mask, field: str) -> bool:
    """Tell whether a whole field of the envelope, such as `source`, is ignored."""
    return f"/{field}" in mask.pointers


def _joined(known: tuple[str, ...], fresh: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *fresh)))


def _check(pointer: str) -> None:
    path = parse_pointer(pointer)
    if not path or path[0] not in ("data", "metadata", "source", "correlation_id"):
        meant = format_pointer(("data", *path))
        raise MaskError(
            f"{pointer!r} leads to nothing that could be ignored: begin at the event, "
            f"as in {meant!r} or '/metadata/seed'."
        )
    if path[0] in ("source", "correlation_id") and len(path) > 1:
        raise MaskError(f"{path[0]!r} has no parts: ignore '/{path[0]}'.")


def _remove(value: Any, path: tuple[str, ...]) -> None:
    token, rest = path[0], path[1:]
    if token == ANY_DEPTH:
        if rest:
            _remove(value, rest)
        for inner in _inner(value):
            _remove(inner, path)
    elif not rest:
        _delete(value, token)
    else:
        for inner in _inner(value) if token == ANY else _named(value, token):
            _remove(inner, rest)


def _delete(value: Any, token: str) -> None:
    if token == ANY and isinstance(value, (dict, list)):
        value.clear()
    elif isinstance(value, dict):
        value.pop(token, None)
    elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
        value[int(token)] = None  # the others keep their places


def _inner(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else []


def _named(value: Any, token: str) -> list[Any]:
    if isinstance(value, dict):
        return [value[token]] if token in value else []
    if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
        return [value[int(token)]]
    return []
