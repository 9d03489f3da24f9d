"""eventsourcing's recorder, writing Laban's records: any eventsourcing application can log here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.persistence import (
    ApplicationRecorder,
    IntegrityError,
    Notification,
    StoredEvent,
    Subscription,
)
from eventsourcing.sqlite import SQLiteCursor, SQLiteProcessRecorder

from .datastore import LogDatastore
from .event import NewEvent
from .integrity import GENESIS, chain_hash
from .jsontext import EMPTY, JsonObject, to_json
from .schema import (
    APPLICATION_ID,
    FORMAT,
    INSERT,
    INSERT_AT,
    NO_ID,
    NO_TIME,
    TABLES,
    TRIGGERS,
    VIEWS,
)

POLL_SECONDS = 0.01  # how often a waiting subscription looks for commits


class LogRecorder(SQLiteProcessRecorder):
    """
    Records into the table `records`; reads through the view `stored_events`.

    It takes eventsourcing's StoredEvents (`insert_events`) as well as NewEvents (`record`).
    """

    datastore: LogDatastore

    def create_table(self) -> None:
        with self.datastore.transaction(commit=True) as c:
            c.execute("SELECT 1 FROM sqlite_master WHERE name = 'records'")
            if c.fetchone() is None:
                for statement in (*TABLES, *TRIGGERS, *VIEWS):
                    c.execute(statement)
                c.execute(
                    "INSERT INTO about VALUES ('identity', lower(hex(randomblob(16)))), "
                    "('created_at', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
                )
                c.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                c.execute(f"PRAGMA user_version = {FORMAT}")
        super().create_table()

    def construct_create_table_statements(self) -> list[str]:
        return [s for s in super().construct_create_table_statements() if "tracking" in s]

    def last(self, c: SQLiteCursor) -> tuple[int, bytes]:
        """Return the head and its hash, read under the lock of *c*'s transaction."""
        c.execute("SELECT position, hash FROM records ORDER BY position DESC LIMIT 1")
        row = c.fetchone()
        return (0, GENESIS) if row is None else (row[0], row[1])

    def record(self, c: SQLiteCursor, events: Sequence[NewEvent]) -> range:
        """Insert *events* in the transaction of *c* and return their positions."""
        head, before = self.last(c)
        now, rows = time.time_ns(), []
        for position, event in enumerate(events, head + 1):
            before = chain_hash(before, position, event, now)
            rows.append(_row(position, event, now, before))
        c.executemany(INSERT, rows)
        return range(head + 1, head + 1 + len(rows))

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        head, before = self.last(c)
        now = time.time_ns()
        for position, stored in enumerate(stored_events, head + 1):
            event, state = _from_stored(stored)
            before = chain_hash(before, position, event, now)
            self._refuse_gap(c, event.stream, stored.originator_version)
            row = _row(position, event, now, before)
            c.execute(INSERT_AT, (*row, stored.originator_version, state))
        if (tracking := kwargs.get("tracking")) is not None:
            self._insert_tracking(c, tracking)
        return list(range(head + 1, head + 1 + len(stored_events)))

    def _refuse_gap(self, c: SQLiteCursor, stream: str, version: int) -> None:
        c.execute("SELECT max(stream_position) FROM records WHERE stream = ?", (stream,))
        last = c.fetchone()[0]
        if last is not None and version > last + 1:
            raise IntegrityError(
                f"Stream {stream!r} ends at version {last}: the next is {last + 1}, not {version}."
            )

    def subscribe(
        self, gt: int | None = None, topics: Sequence[str] = ()
    ) -> Subscription[ApplicationRecorder]:
        """Follow the log from after *gt* on, seeing the commits of other processes too."""
        return _PollingSubscription(recorder=self, gt=gt, topics=topics)


class _PollingSubscription(Subscription[LogRecorder]):
    PAGE = 500

    def __init__(
        self, recorder: LogRecorder, gt: int | None = None, topics: Sequence[str] = ()
    ) -> None:
        super().__init__(recorder=recorder, gt=gt, topics=topics)
        self._changes = recorder.datastore.changes()
        self._page: list[Notification] = []

    def __next__(self) -> Notification:
        while not self._page and not self._has_been_stopped:
            if self._changes.seen():
                self._fetch()
            else:
                time.sleep(POLL_SECONDS)
        if self._has_been_stopped:
            raise StopIteration
        notification = self._page.pop()
        self._last_notification_id = notification.id
        if not self._page:
            self._fetch()
        return notification

    def __exit__(self, *args: object, **kwargs: Any) -> None:
        super().__exit__(*args, **kwargs)
        self._changes.close()

    def _fetch(self) -> None:
        self._page = list(
            self._recorder.select_notifications(
                start=self._last_notification_id or 0,
                limit=self.PAGE,
                topics=self._topics,
                inclusive_of_start=False,
            )
        )[::-1]


def _row(position: int, event: NewEvent, now: int, hash: bytes) -> tuple[Any, ...]:
    return (
        position,
        event.stream,
        event.id,
        event.type,
        event.source,
        NO_TIME if event.time_ns is None else event.time_ns,
        NO_ID if event.correlation_id is None else event.correlation_id,
        NO_ID if event.causation_id is None else event.causation_id,
        event.data.text,
        event.metadata.text,
        now,
        bytearray(hash),  # binds faster than bytes
    )


def _from_stored(stored: StoredEvent) -> tuple[NewEvent, bytes | None]:
    """Return the event that *stored* is, and its payload where that is no JSON object."""
    origin = stored.originator_id
    stream = origin.hex if isinstance(origin, UUID) else origin
    data, metadata, state = EMPTY, EMPTY, None
    try:
        msgspec.json.decode(stored.state, type=dict[str, msgspec.Raw])
        data = JsonObject(stored.state.decode())
    except (msgspec.DecodeError, UnicodeDecodeError):
        state = stored.state
        metadata = JsonObject(to_json({"state_sha256": sha256(state).hexdigest()}))
    event = NewEvent(
        stream=stream,
        type=stored.topic,
        id=f"{stream}@{stored.originator_version}",
        source="eventsourcing",
        data=data,
        metadata=metadata,
    )
    return event, state
