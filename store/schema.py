"""The SQLite file of a log: its tables, and the views that people and other programs read."""

from __future__ import annotations

APPLICATION_ID = 0x4C41424E  # "LABN", what `file NAME.laban` shows
FORMAT = 1  # raised when an older laban could not read the file any more
PAGE_SIZE = 16384  # bytes; imports are a third faster than with SQLite's 4096

_RFC3339 = (
    "strftime('%Y-%m-%dT%H:%M:%S', {0} / 1000000000, 'unixepoch')"
    " || printf('.%09dZ', {0} % 1000000000)"
)

TABLES = [
    "CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE records (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    stream_position INTEGER NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    source TEXT NOT NULL,
    time INTEGER,
    correlation_id TEXT,
    causation_id TEXT,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    hash BLOB NOT NULL,
    state BLOB
)""",
    "CREATE UNIQUE INDEX records_by_stream ON records (stream, stream_position)",
    "CREATE UNIQUE INDEX records_by_id ON records (id, source)",
    # Without the events that have none: nobody looks for those.
    """CREATE INDEX records_by_correlation ON records (correlation_id)
WHERE correlation_id IS NOT NULL""",
    """CREATE INDEX records_by_cause ON records (causation_id)
WHERE causation_id IS NOT NULL""",
    """CREATE TABLE findings (
    id INTEGER PRIMARY KEY, origin TEXT, line INTEGER, kind TEXT, detail TEXT, raw TEXT
)""",
    """CREATE UNIQUE INDEX findings_once
ON findings (origin, coalesce(line, -1), kind, detail, coalesce(raw, ''))""",
]

TRIGGERS = [
    f"""CREATE TRIGGER records_refuse_{what.lower()} BEFORE {what} ON records BEGIN
    SELECT RAISE(ABORT, 'an event never changes: records takes no {what}');
END"""
    for what in ("UPDATE", "DELETE")
]

VIEWS = [
    f"""CREATE VIEW events AS SELECT
    position, stream, stream_position, id, type, source, {_RFC3339.format("time")} AS time,
    correlation_id, causation_id, data, metadata, {_RFC3339.format("recorded_at")} AS recorded_at
FROM records""",
    """CREATE VIEW streams AS SELECT
    stream, count(*) AS events, min(position) AS first_position, max(position) AS last_position
FROM records GROUP BY stream""",
    """CREATE VIEW sources AS SELECT
    source, count(*) AS events, count(DISTINCT type) AS types,
    min(position) AS first_position, max(position) AS last_position
FROM records GROUP BY source""",
    # The names that eventsourcing's own recorders and tools look for.
    """CREATE VIEW stored_events AS SELECT
    position AS rowid, stream AS originator_id, stream_position AS originator_version,
    type AS topic, coalesce(state, CAST(data AS BLOB)) AS state
FROM records""",
]

# Both take position, stream, id, type, source, time, correlation, cause, data, metadata,
# recorded_at and hash; the second one a stream position and a payload besides. A time may be
# NO_TIME and a correlation or cause NO_ID, which no real one equals: they become NULL, and
# bind in a tenth of the time that Python's sqlite3 takes for a None.
NO_TIME, NO_ID = "", 0
_VALUES = "?3, ?4, ?5, nullif(?6, ''), nullif(?7, 0), nullif(?8, 0), ?9, ?10, ?11, ?12"
INSERT = f"""INSERT INTO records VALUES (
?1, ?2, (SELECT coalesce(max(stream_position) + 1, 0) FROM records WHERE stream = ?2),
{_VALUES}, NULL)"""
INSERT_AT = f"INSERT INTO records VALUES (?1, ?2, ?13, {_VALUES}, ?14)"

COLUMNS = (
    "position, stream, stream_position, id, type, source, time, "
    "correlation_id, causation_id, data, metadata, recorded_at, hash"
)
