"""Name this module as PERSISTENCE_MODULE and any eventsourcing application records into a log."""

from __future__ import annotations

# By module, not by name: eventsourcing takes the one factory class that it finds here.
from eventsourcing import sqlite
from eventsourcing.utils import Environment, EnvType

from .datastore import LogDatastore
from .recorder import LogRecorder


class LogFactory(sqlite.SQLiteFactory):
    """Makes recorders that write Laban's records; snapshots stay eventsourcing's own."""

    aggregate_recorder_class = sqlite.SQLiteAggregateRecorder
    application_recorder_class: type[sqlite.SQLiteApplicationRecorder] = LogRecorder
    tracking_recorder_class = sqlite.SQLiteTrackingRecorder
    process_recorder_class: type[sqlite.SQLiteProcessRecorder] = LogRecorder

    def __init__(self, env: Environment | EnvType | None) -> None:
        super().__init__(env)
        stock = self.datastore
        self.datastore = LogDatastore(
            stock.pool.db_name,
            lock_timeout=stock.pool.lock_timeout or None,
            single_row_tracking=stock.single_row_tracking,
            originator_id_type=stock.originator_id_type,
        )
        stock.close()
