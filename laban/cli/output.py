"""Printing: data on standard output, progress and hints on standard error."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from typing import Any, Self

import click

from laban.store.event import Event, event_line
from laban.store.jsontext import to_json
from laban.store.terminal import counted as counted
from laban.store.terminal import fit

GRACE_S = 0.15  # work shorter than this shows no progress
REDRAW_S = 0.1
# JSON escapes the older control characters itself; these and marks of direction it need not.
_STEERING = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def print_line(text: str = "") -> None:
    """Write one line of data on standard output."""
    sys.stdout.write(text + "\n")


def print_json(value: dict[str, Any]) -> None:
    """Write an object as one line of JSON; events anywhere in it exactly as recorded."""
    print_line(harmless(json_line(value)))


def harmless(text: str) -> str:
    """Return JSON *text* as it is; for a terminal, with what could steer that escaped."""
    if not sys.stdout.isatty():
        return text
    return _STEERING.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)


def json_line(value: dict[str, Any]) -> str:
    """Return an object as one line of JSON; events anywhere in it exactly as recorded."""
    inner = (f"{to_json(key)}:{_part(part)}" for key, part in value.items())
    return f"{{{','.join(inner)}}}"


def _part(value: object) -> str:
    if isinstance(value, Event):
        return event_line(value)
    if isinstance(value, dict):
        return json_line(value)
    if isinstance(value, list):
        return f"[{','.join(map(_part, value))}]"
    return to_json(value)


def hint(text: str) -> None:
    """Write a line for the person, not for the program that reads our output."""
    click.echo(text, err=True)


def paint(text: str, colour: str) -> str:
    """Return *text* in a colour, or as it is when nobody would see it."""
    return click.style(text, fg=colour) if _colourful() else text


def _colourful() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def terminal_width() -> int | None:
    """Return the columns of the terminal, None when standard output is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


class Progress:
    """
    One line on standard error that says how far some work is.

    Nothing is drawn before GRACE_S seconds, nor where standard error is no terminal.
    """

    def __init__(self, label: str, unit: str = "events") -> None:
        self._label, self._unit = label, unit
        self._seen = sys.stderr.isatty()
        self._start = self._drawn = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Show that *done* of *total* units are done."""
        now = time.monotonic()
        if self._seen and now - self._start >= GRACE_S and now - self._drawn >= REDRAW_S:
            self._drawn = now
            _redraw(self._text(done, total, now - self._start))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Take the line away; work that follows has its own grace."""
        if self._drawn > self._start:
            _redraw("")
        self._start = self._drawn = time.monotonic()

    def _text(self, done: int, total: int, seconds: float) -> str:
        text = f"{self._label}: {done:,} of {total:,} {self._unit}"
        if 0 < done < total:
            left = seconds * (total - done) / done
            text += f", {100 * done // total} %, about {left:.0f} s left"
        return text


def _redraw(text: str) -> None:
    width = shutil.get_terminal_size().columns
    sys.stderr.write(f"\r\x1b[K{fit(text, width - 1)}")
    sys.stderr.flush()
