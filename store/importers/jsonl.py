"""
Laban's interchange format: events under the names of the envelope, one a line, or in an array.

Only `stream` and `type` are needed; null means not given. `position`, `stream_position`,
`recorded_at` and `hash` are ignored: they are an event's place in another log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO

import msgspec

from laban.store.clock import parse_time
from laban.store.event import NewEvent
from laban.store.finding import Finding
from laban.store.jsontext import EMPTY, JsonObject, half_character, to_json

from .array import CUT_SHORT, Readable, read_array
from .lines import HARMLESS, LONGEST, Chunk, malformed, read_lines, too_large
from .source import BATCH_BYTES, BATCH_EVENTS, Batch, SourceFile, readable

_NULL = msgspec.Raw(b"null")
_LATEST_NS = 2**63 - 1
_SHOWN = 64 << 10  # bytes that a finding shows of a value that is too long


class NoEventError(Exception):
    """A line is sound JSON but no event. The text is the reason."""


class _Line(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    stream: str
    type: str
    id: str | None = None
    source: str | None = None
    time: str | None = None
    correlation_id: str | None = None
    causation_id: str | None = None
    data: msgspec.Raw = _NULL
    metadata: msgspec.Raw = _NULL
    position: msgspec.Raw = _NULL
    stream_position: msgspec.Raw = _NULL
    recorded_at: msgspec.Raw = _NULL
    hash: msgspec.Raw = _NULL


_decode = msgspec.json.Decoder(_Line).decode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def read_jsonl(file: BinaryIO, source: SourceFile, first_line: int = 1) -> Iterator[Batch]:
    """Yield what *file* holds: each line that is not blank is one event or one finding."""
    yield from _batches(read_lines(file, first_line), source)


def read_json_array(file: Readable, source: SourceFile) -> Iterator[Batch]:
    """Yield what the array in *file* holds: each element is one event or one finding."""
    yield from _batches(read_array(file), source, is_array=True)


def _batches(
    chunks: Iterable[Chunk], source: SourceFile, *, is_array: bool = False
) -> Iterator[Batch]:
    batch, begun, elements = Batch(), 0, 0
    for chunk in chunks:
        places: Iterable[object] = chunk.lines
        if is_array:  # several may be on one line
            places = (f"[{elements + number}]" for number in range(len(chunk.raws)))
            elements += len(chunk.raws)
        _read_chunk(chunk, places, batch, source)
        if not chunk.complete:
            note_malformed(batch, source, None, b"", CUT_SHORT)
        batch.done = chunk.done
        if len(batch.events) >= BATCH_EVENTS or chunk.done - begun >= BATCH_BYTES:
            yield batch
            batch, begun = Batch(), chunk.done
    yield batch


def _read_chunk(chunk: Chunk, places: Iterable[object], batch: Batch, source: SourceFile) -> None:
    for place, line, raw in zip(places, chunk.lines, chunk.raws, strict=True):
        if len(raw) > HARMLESS and (reason := too_large(raw)):
            note_malformed(batch, source, line, raw, reason)
            continue
        try:
            event = _event(_decode(raw))
        except (msgspec.DecodeError, ValueError, RecursionError, NoEventError):
            if not raw.strip():
                continue
            try:
                event = _careful_event(raw, batch, source)
            except (msgspec.DecodeError, ValueError, RecursionError, NoEventError) as error:
                note_malformed(batch, source, line, raw, reason_of(error, raw))
                continue
        if not event.id:
            event = _with_id(event, place, raw, batch, source)
        batch.events.append(event)
        batch.lines.append(line)
        batch.raws.append(raw)


def _event(line: _Line) -> NewEvent:
    """Return the event of a line; its id is empty when the line gives none."""
    if not (line.stream and line.type) or line.id == "" or line.source == "":
        raise NoEventError("stream, type, id and source must not be empty")
    return NewEvent(
        stream=line.stream,
        type=line.type,
        id=line.id or "",
        source=line.source or "unknown",
        time_ns=None if line.time is None else time_of(line.time),
        correlation_id=line.correlation_id,
        causation_id=line.causation_id,
        data=_object(line.data, "data"),
        metadata=_object(line.metadata, "metadata"),
    )


def _careful_event(raw: bytes, batch: Batch, source: SourceFile) -> NewEvent:
    """Return the event of a line that names more than the envelope has, or say what is wrong."""
    fields = _decode_fields(raw)
    extra = {name: fields.pop(name) for name in list(fields) if name not in _NAMES}
    event = _event(_decode(msgspec.json.encode(fields)))
    for name in extra:
        detail = f"The envelope has no name {name!r}: it is kept under metadata.extra."
        batch.findings[Finding(kind="extra", detail=detail, origin=source.label)] += 1
    return msgspec.structs.replace(event, metadata=with_extra(event.metadata, extra))


def with_extra(metadata: JsonObject, extra: dict[str, msgspec.Raw]) -> JsonObject:
    """
    Return *metadata* with *extra* added as its field `extra`, every text kept as it was.

    Dropping what is not in the envelope would lose it, and refusing the line would lose
    more; next to metadata's own fields it could be mistaken for one that laban reads.
    """
    if not extra:
        return metadata
    name = "extra"
    while name in metadata:
        name += "_"
    added = f"{to_json(name)}:{json_text(extra)}"
    own = metadata.text[1:-1]
    return JsonObject(f"{{{own},{added}}}" if own.strip() else f"{{{added}}}")


def json_text(fields: dict[str, msgspec.Raw]) -> str:
    """Return the JSON object of *fields*, each value's text as it was received."""
    return "{" + ",".join(f"{to_json(n)}:{str(raw, 'utf-8')}" for n, raw in fields.items()) + "}"


def time_of(text: str) -> int:
    """Return an RFC 3339 time in ns. Raises ValueError for what 64 bits of them cannot hold."""
    time_ns = parse_time(text)
    if not -_LATEST_NS <= time_ns <= _LATEST_NS:
        raise ValueError(f"the time {text} is not in the years 1678 to 2262")
    return time_ns


def _object(raw: msgspec.Raw, name: str) -> JsonObject:
    text = str(raw, "utf-8")
    if text[0] == "{":
        return JsonObject(text)
    if text == "null":
        return EMPTY
    raise NoEventError(f"{name} must be a JSON object such as {{}}")


def _with_id(
    event: NewEvent, place: object, raw: bytes, batch: Batch, source: SourceFile
) -> NewEvent:
    """Return *event* with an id that the same line of the same file always gets."""
    detail = "Events without an id got one: the file's name, the line and the line's SHA-256."
    batch.findings[Finding(kind="inferred", detail=detail, origin=source.label)] += 1
    digest = hashlib.sha256(raw.strip()).hexdigest()[:16]
    return msgspec.structs.replace(event, id=f"{source.label}:{place}:{digest}")


def note_malformed(
    batch: Batch, source: SourceFile, line: int | None, raw: bytes, reason: str
) -> None:
    """Add the finding that the value *raw*, at a line of *source*, is no event."""
    shown = raw if len(raw) <= LONGEST else raw[:_SHOWN]
    finding = Finding(
        kind="malformed", detail=reason, origin=source.label, line=line, raw=readable(shown)
    )
    batch.findings[finding] += 1


def reason_of(error: Exception, raw: bytes) -> str:
    """Return why the value *raw* became no event, for a person."""
    if isinstance(error, msgspec.DecodeError) and (half := half_character(readable(raw))):
        return f"a text in it holds half a character, {half}: there is no UTF-8 for it"
    if isinstance(error, (msgspec.DecodeError, UnicodeDecodeError, RecursionError)):
        return malformed(error)
    return str(error)


_NAMES = frozenset(_Line.__struct_fields__)
