"""What the debugger is given, and what it may ask of whoever started it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from laban.replay.glance import Glance, glance
from laban.replay.timeline import Timeline
from laban.store.errors import LabanError
from laban.store.log import EventLog
from laban.tui.guide.tour import Step

from .jobs import Job


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A log that is open, and how to begin with it."""

    log: EventLog
    timeline: Timeline
    path: Path | None = None  # of the log's file
    folder: Path | None = None  # where its caches are
    title: str = ""  # names it in the header
    at: int | None = None  # the position to begin at; None: where it was left, or the start
    select: str = ""  # pointer of the state row to begin with
    hints: Sequence[tuple[str, str]] = ()  # (text, key): each stands until its key is pressed
    tour: Sequence[Step] = ()  # a guided tour of this log
    follow: bool = False  # events that are recorded meanwhile are shown as they come
    ending: Callable[[], str] = lambda: ""  # how whoever records them has ended, "" until then
    choreography: str | None = None  # FILE[:NAME] of the rules whose reducers made the state
    close: Callable[[], None] = lambda: None


def _opens_nothing(path: str, _job: Job) -> Opened:
    raise LabanError(f"{path} cannot be opened from here: `laban open {path}` can.")


# Writes what pytest runs: that a path of a log should be a value at a position. Returns how it
# fails now; raises LabanError.
WriteTest = Callable[[Opened, int, str, Any, Path], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """
    The ways to logs and folders that the command line has.

    *open* takes the path of a log, or of what can be imported, and *play* the name of a demo;
    both may be called in any thread and raise LabanError, and CancelledError with their job.
    """

    open: Callable[[str, Job], Opened] = field(default=_opens_nothing)
    play: Callable[[str, Job], Opened] = field(default=_opens_nothing)
    recent: Callable[[], Sequence[Path]] = tuple  # the logs opened last, the newest first
    demos: Callable[[], Mapping[str, str]] = dict  # by name, what they are about
    glance: Callable[[Path], Glance] = field(default=lambda path: glance(path, None))
    test: WriteTest | None = None
    config: Path | None = None  # folder of the user's own settings
    kept: Path | None = None  # folder for what is remembered of each log
    yanked: Path | None = None  # file for what was yanked last
    theme: str = ""  # one of theme.LOOKS that is asked for, "": the user's own
    ascii: bool = False  # whether the screen is to show ASCII only
