"""`make bench`: Laban on a generated log, each figure beside a yardstick of the same run."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from . import (
    bisect,
    breakpoints,
    compare,
    debugger_pty,
    debugger_wide,
    folding,
    fork,
    foundation,
    langgraph_peer,
    live,
    minimise,
    races,
    rules,
)
from .figures import Report

DEFAULT = 1_000_000


def main() -> None:
    """Take the number of events, and optionally the folder to work in, from the command line."""
    events = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    report = Report()
    with TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as folder:
        foundation.measure(Path(folder), events, report)
        debugger_pty.measure(Path(folder) / "large" / "log.laban", events, report)
        debugger_wide.measure(Path(folder) / "wide", report)
        compare.measure(Path(folder) / "large" / "log.laban", Path(folder) / "compare", report)
        bisect.measure(Path(folder) / "large" / "log.laban", report)
        breakpoints.measure(Path(folder) / "large" / "log.laban", report)
        minimise.measure(Path(folder) / "minimise", report)
        folding.measure(Path(folder) / "folding", report)
        fork.measure(Path(folder) / "fork", report)
        races.measure(Path(folder) / "races", report)
        rules.measure(Path(folder) / "rules", report)
        live.measure(Path(folder) / "live", report)
        langgraph_peer.measure(Path(folder) / "langgraph", report)
    sys.exit(report.finish())


main()
