"""What can be asked by SQL: known before the log is mirrored, which may take a while."""

from __future__ import annotations

from .values import TableRow

TABLES = (
    TableRow("events", comment="what happened"),
    TableRow("position", "BIGINT", "1, 2, 3, … in the log"),
    TableRow("stream", "VARCHAR"),
    TableRow("stream_position", "BIGINT", "0, 1, 2, … in the stream"),
    TableRow("id", "VARCHAR"),
    TableRow("type", "VARCHAR"),
    TableRow("source", "VARCHAR"),
    TableRow("time", "TIMESTAMP_NS", "the source's clock; null: unknown"),
    TableRow("correlation_id", "VARCHAR"),
    TableRow("causation_id", "VARCHAR"),
    TableRow("data", "JSON"),
    TableRow("metadata", "JSON"),
    TableRow("recorded_at", "TIMESTAMP_NS", "the recorder's clock"),
    TableRow("state_history", comment="what every path was"),
    TableRow("position", "BIGINT", "the event that wrote the value"),
    TableRow("stream", "VARCHAR"),
    TableRow("field", "VARCHAR"),
    TableRow("path", "VARCHAR", "a JSON Pointer, /STREAM/FIELD"),
    TableRow("value", "JSON", "JSON; null when it was removed"),
    TableRow("valid_from", "BIGINT", "the position of the write"),
    TableRow("valid_to", "BIGINT", "next write, or 9223372036854775807"),
    TableRow("state_at($here)", comment="the state after an event"),
    TableRow("path", "VARCHAR"),
    TableRow("value", "JSON"),
)

EXAMPLES = (
    "FROM state_at($here)",
    "SELECT type, count(*) AS events, min(position), max(position)\n"
    "FROM events GROUP BY type ORDER BY events DESC",
    "SELECT position, time, type, data FROM events\n"
    "WHERE position BETWEEN $here - 20 AND $here ORDER BY position DESC",
    "SELECT path, count(*) AS writes, max(position) AS last_position\n"
    "FROM state_history GROUP BY path ORDER BY writes DESC LIMIT 100",
    "SELECT position, path, value FROM state_history\n"
    "WHERE position = $here",
    "SELECT e.position, e.source, e.type, e.time - c.time AS after_its_cause\n"
    "FROM events e JOIN events c ON e.causation_id = c.id\n"
    "ORDER BY after_its_cause DESC LIMIT 100",
    "SELECT correlation_id, count(*) AS events, min(position) AS first_position\n"
    "FROM events GROUP BY correlation_id ORDER BY events DESC LIMIT 100",
)  # fmt: skip
