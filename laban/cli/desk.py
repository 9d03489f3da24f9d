"""The ways to logs, demos and folders that the debugger is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from laban.store import open_log

from .folders import cache_folder, config_folder, recent_logs, remember, state_folder
from .foreign import as_log
from .looks import asked_looks

if TYPE_CHECKING:
    from laban.replay.glance import Glance
    from laban.tui.desk import Desk, Opened
    from laban.tui.jobs import Job


def make_desk() -> Desk:
    """Return what the debugger may ask the command line for."""
    from laban.tui.desk import Desk

    theme, ascii = asked_looks()
    return Desk(
        open=_open,
        play=_play,
        recent=recent_logs,
        demos=_demos,
        glance=_glance,
        test=_write_test,
        config=config_folder(),
        kept=state_folder() / "logs",
        yanked=state_folder() / "yank.txt",
        theme=theme,
        ascii=ascii,
    )


def _open(path: str, job: Job) -> Opened:
    """Open a log, or import what it is the path of first. Raises LabanError, CancelledError."""
    file = as_log(Path(path).expanduser(), _advance(job))
    opened = _opened(file, job)
    remember(file)
    return opened


def _play(name: str, job: Job) -> Opened:
    """Record the demo of this name, and open it where it goes wrong."""
    from laban.fixtures import DEMOS

    from .demo import record_cached

    demo = DEMOS[name]
    opened = _opened(record_cached(demo), job)
    return replace(
        opened,
        at=demo.focus(opened.timeline),
        select=demo.pointer(opened.timeline),
        hints=[(hint.text, hint.key) for hint in demo.hints],
    )


def _write_test(opened: Opened, position: int, pointer: str, expected: Any, path: Path) -> str:
    """Write the test that *pointer* should be *expected*, and say how it fails now."""
    from laban.testing.writer import Writer
    from laban.testing.writer.claims import state_claim

    claim = state_claim(opened.timeline, pointer, expected, position)
    done = Writer(opened.timeline, opened.title, opened.choreography).write([claim], path)
    return f"fails now: {done.failures[0].splitlines()[0]}" if done.failures else "passes now"


def _opened(file: Path, job: Job) -> Opened:
    from laban.replay.timeline import Timeline
    from laban.tui.desk import Opened

    log = open_log(file)
    try:
        folder = cache_folder(file)
        timeline = Timeline.open(log, folder, progress=job.progress, cancelled=job.cancelled)
    except BaseException:
        log.close()
        raise

    def close() -> None:
        timeline.close()
        log.close()

    return Opened(
        log=log, timeline=timeline, path=file, folder=folder, title=file.name, close=close
    )


def _advance(job: Job) -> Callable[[int, int], None]:
    """Return the progress of an import that ends when the job is cancelled."""
    from laban.replay.builder import CancelledError

    def advance(done: int, total: int) -> None:
        if job.cancelled():
            raise CancelledError
        job.progress(done, total)

    return advance


def _demos() -> Mapping[str, str]:
    from laban.fixtures import DEMOS

    return {demo.name: demo.summary for demo in DEMOS.values()}


def _glance(path: Path) -> Glance:
    from laban.replay.glance import glance

    return glance(path, cache_folder(path))
