"""CloudEvents 1.0 in JSON: one event a line, or a batch, which is an array of events."""

from __future__ import annotations

from collections.abc import Iterator
from io import BufferedReader

import msgspec

from laban.store.event import NewEvent
from laban.store.finding import Finding
from laban.store.jsontext import EMPTY, JsonObject

from .array import CUT_SHORT, read_array
from .jsonl import NoEventError, json_text, note_malformed, reason_of, time_of, with_extra
from .lines import BOM, HARMLESS, read_lines, too_large
from .source import BATCH_BYTES, BATCH_EVENTS, Batch, SourceFile

_decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_text = msgspec.json.Decoder(str).decode
_NEEDED = ("specversion", "id", "source", "type")
_USED = frozenset({*_NEEDED, "subject", "time", "data", "data_base64"})
_LINKS = {"correlationid": "correlation_id", "causationid": "causation_id"}
METADATA = "labanmetadata"  # the attribute that an export of laban keeps metadata in, as text
_MEANT_FOR_LABAN = frozenset({"removes", "reads", "native", "raw", "extra"})


def read_cloudevents(file: BufferedReader, source: SourceFile) -> Iterator[Batch]:
    """Yield what *file* holds: each value in it is one event or one finding."""
    is_array = file.peek(1).removeprefix(BOM).lstrip().startswith(b"[")
    batch, begun = Batch(), 0
    for chunk in read_array(file) if is_array else read_lines(file):
        for line, raw in zip(chunk.lines, chunk.raws, strict=True):
            if raw.strip():
                _read_value(raw, line, batch, source)
        if not chunk.complete:
            note_malformed(batch, source, None, b"", CUT_SHORT)
        batch.done = chunk.done
        if len(batch.events) >= BATCH_EVENTS or chunk.done - begun >= BATCH_BYTES:
            yield batch
            batch, begun = Batch(), chunk.done
    yield batch


def _read_value(raw: bytes, line: int, batch: Batch, source: SourceFile) -> None:
    if len(raw) > HARMLESS and (reason := too_large(raw)):
        note_malformed(batch, source, line, raw, reason)
        return
    try:
        event, wrapped = _event(_decode(raw))
    except (msgspec.DecodeError, ValueError, RecursionError, NoEventError) as error:
        note_malformed(batch, source, line, raw, reason_of(error, raw))
        return
    if wrapped:
        detail = f"Event data that is no JSON object is kept as {{{wrapped!r}: …}}."
        batch.findings[Finding(kind="wrapped", detail=detail, origin=source.label)] += 1
    batch.events.append(event)
    batch.lines.append(line)
    batch.raws.append(raw)


def _event(attributes: dict[str, msgspec.Raw]) -> tuple[NewEvent, str | None]:
    """Return the event, and the name that its data was wrapped under, if it was."""
    given = {name: raw for name, raw in attributes.items() if bytes(raw) != b"null"}
    if missing := [name for name in _NEEDED if name not in given]:
        raise NoEventError(f"no CloudEvent: {', '.join(missing)} must be given")
    texts = {name: _attribute(given, name) for name in (*_NEEDED, "subject", *_LINKS)}
    if not texts["specversion"].startswith("1."):
        raise NoEventError(f"CloudEvents {texts['specversion']}, only 1.0 is known")
    data, wrapped = _data(given)
    event = NewEvent(
        stream=texts["subject"] or texts["source"],
        type=texts["type"],
        id=texts["id"],
        source=texts["source"],
        time_ns=time_of(_attribute(given, "time")) if "time" in given else None,
        correlation_id=texts["correlationid"] or None,
        causation_id=texts["causationid"] or None,
        data=data,
        metadata=_metadata(given),
    )
    return event, wrapped


def _attribute(given: dict[str, msgspec.Raw], name: str) -> str:
    """Return the text of an attribute, empty when it is not given and need not be."""
    if name not in given:
        return ""
    try:
        text = _text(given[name])
    except msgspec.ValidationError as error:
        raise NoEventError(f"{name} must be text") from error
    if not text:
        raise NoEventError(f"{name} must not be empty")
    return text


def _data(given: dict[str, msgspec.Raw]) -> tuple[JsonObject, str | None]:
    if "data_base64" in given:
        if "data" in given:
            raise NoEventError("data and data_base64 must not be given both")
        return JsonObject(json_text({"data_base64": given["data_base64"]})), "data_base64"
    if "data" not in given:
        return EMPTY, None
    text = str(given["data"], "utf-8")
    if text.startswith("{"):
        return JsonObject(text), None
    return JsonObject(f'{{"value":{text}}}'), "value"


def _metadata(given: dict[str, msgspec.Raw]) -> JsonObject:
    """
    Return the other attributes under their own names.

    Those that laban would take for instructions of its own go under `extra`. Metadata that
    laban exported comes back as it was.
    """
    others = {n: raw for n, raw in given.items() if n not in _USED and n not in _LINKS}
    if METADATA in others:
        text = _attribute(given, METADATA)
        try:
            _decode(text)
        except msgspec.DecodeError as error:
            raise NoEventError(f"{METADATA} must be a JSON object, as text") from error
        del others[METADATA]
        return with_extra(JsonObject(text), others)
    extra = {name: others.pop(name) for name in list(others) if name in _MEANT_FOR_LABAN}
    return with_extra(JsonObject(json_text(others)), extra)
