"""eventsourcing's own shipped tests, run on Laban's recorder."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    ProcessRecorder,
    StoredEvent,
    TrackingRecorder,
)
from eventsourcing.sqlite import SQLiteAggregateRecorder, SQLiteTrackingRecorder
from eventsourcing.tests.persistence import (
    AggregateRecorderTestCase,
    ApplicationRecorderTestCase,
    InfrastructureFactoryTestCase,
    NonInterleavingNotificationIDsBaseCase,
    ProcessRecorderTestCase,
    TrackingRecorderTestCase,
)
from eventsourcing.utils import Environment

from laban.store import open_log
from laban.store.datastore import LogDatastore
from laban.store.factory import LogFactory
from laban.store.recorder import LogRecorder


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped tests are unittest classes: they find their file by the working folder."""
    monkeypatch.chdir(tmp_path)


def recorder() -> LogRecorder:
    made = LogRecorder(LogDatastore(str(Path.cwd() / f"{uuid4()}.laban"), lock_timeout=60))
    made.create_table()
    return made


class TestSnapshotsBesideIt(AggregateRecorderTestCase):
    """eventsourcing keeps its snapshots with its own recorder, in the same file."""

    def create_recorder(self) -> AggregateRecorder:
        made = SQLiteAggregateRecorder(recorder().datastore, "stored_snapshots")
        made.create_table()
        return made


class TestAsApplicationRecorder(ApplicationRecorderTestCase[ApplicationRecorder]):
    def create_recorder(self) -> ApplicationRecorder:
        return recorder()

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestAsTrackingRecorder(TrackingRecorderTestCase):
    def create_recorder(self) -> TrackingRecorder:
        return recorder()


class TestAsProcessRecorder(ProcessRecorderTestCase):
    def create_recorder(self) -> ProcessRecorder:
        return recorder()


class TestNonInterleaving(NonInterleavingNotificationIDsBaseCase):
    def create_recorder(self) -> ApplicationRecorder:
        return recorder()


class TrackingSubclass(SQLiteTrackingRecorder):
    """The shipped test wants to find a recorder of ours by its name."""


class TestAsFactory(InfrastructureFactoryTestCase[LogFactory]):
    def setUp(self) -> None:
        self.env = Environment("TestCase")
        self.env["PERSISTENCE_MODULE"] = LogFactory.__module__
        self.env["SQLITE_DBNAME"] = str(Path.cwd() / "factory.laban")
        super().setUp()

    def expected_factory_class(self) -> type[LogFactory]:
        return LogFactory

    def expected_aggregate_recorder_class(self) -> type[AggregateRecorder]:
        return SQLiteAggregateRecorder

    def expected_application_recorder_class(self) -> type[ApplicationRecorder]:
        return LogRecorder

    def expected_tracking_recorder_class(self) -> type[TrackingRecorder]:
        return SQLiteTrackingRecorder

    def tracking_recorder_subclass(self) -> type[TrackingRecorder]:
        return TrackingSubclass

    def expected_process_recorder_class(self) -> type[ProcessRecorder]:
        return LogRecorder


class Dancer(Aggregate):
    @event("Stepped")
    def step(self, foot: str) -> None:
        self.foot = foot


def test_an_eventsourcing_application_records_into_a_log_that_laban_reads(tmp_path: Path) -> None:
    path = tmp_path / "dance.laban"
    app = Application[UUID](
        {"PERSISTENCE_MODULE": LogFactory.__module__, "SQLITE_DBNAME": str(path)}
    )
    dancer = Dancer()
    dancer.step(foot="left")
    app.save(dancer)

    copy: Dancer = app.repository.get(dancer.id)
    app.close()
    log = open_log(path)

    assert copy.foot == "left"
    assert [(e.stream, e.stream_position, e.data.get("foot")) for e in log.read()] == [
        (dancer.id.hex, 1, None),
        (dancer.id.hex, 2, "left"),
    ]
    log.close()


def test_a_gap_in_a_stream_is_refused() -> None:
    stream = uuid4()
    made = recorder()
    made.insert_events([StoredEvent(stream, 3, "stepped", b"{}")])

    with pytest.raises(IntegrityError, match="the next is 4, not 99"):
        made.insert_events([StoredEvent(stream, 99, "stepped", b"{}")])


def test_a_payload_that_is_no_json_comes_back_byte_for_byte_and_is_covered_by_the_hash() -> None:
    made = recorder()
    stream, payload = uuid4(), b"\x00\xff compressed"

    made.insert_events([StoredEvent(stream, 1, "stepped", payload)])

    assert made.select_events(stream) == [StoredEvent(stream, 1, "stepped", payload)]
    with made.datastore.transaction(commit=False) as c:
        c.execute("SELECT data, metadata FROM records")
        data, metadata = c.fetchone()
    assert data == "{}"
    assert "state_sha256" in metadata
