"""The commands, in the order that `laban --help` shows them."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """Where a command lives, and the line that `laban --help` gives it without importing it."""

    module: str
    attribute: str
    help: str


COMMANDS = {
    "open": Entry("laban.cli.open", "open_", "Step through a log in the debugger."),
    "demo": Entry("laban.cli.demo", "demo", "Record a demo and open it where it goes wrong."),
    "import": Entry("laban.cli.import_", "import_", "Import the logs of other tools."),
    "run": Entry("laban.cli.run", "run", "Run a choreography on events, live."),
    "log": Entry("laban.cli.log", "log", "List events."),
    "state": Entry("laban.cli.state", "state", "Show the state at a position."),
    "diff": Entry("laban.cli.diff", "diff", "Show what changed between two positions."),
    "history": Entry("laban.cli.history", "history", "Show every value that a path ever had."),
    "why": Entry("laban.cli.why", "why", "Show the last write of a path and what led to it."),
    "bisect": Entry("laban.cli.bisect", "bisect", "Find where a test turns true."),
    "compare": Entry("laban.cli.compare", "compare", "Find where two runs part."),
    "fork": Entry("laban.cli.fork", "fork", "Make a log in which one event is another one."),
    "replay": Entry("laban.cli.replay", "replay", "Make every decision again and compare."),
    "minimize": Entry(
        "laban.cli.minimize", "minimize", "Find the fewest events that still show a failure."
    ),
    "check": Entry("laban.cli.check", "check", "Find what went wrong unnoticed."),
    "stats": Entry("laban.cli.stats", "stats", "Show the metrics of a log."),
    "sql": Entry("laban.cli.sql", "sql", "Query a log with SQL."),
    "serve": Entry("laban.cli.serve", "serve", "Show the debugger in a browser on this machine."),
    "export": Entry(
        "laban.cli.export", "export", "Write events for other tools, or draw them, or write a test."
    ),
}
