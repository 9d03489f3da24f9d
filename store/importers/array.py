"""The elements of a large JSON array, without loading it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from .lines import BOM, CHUNK, LONGEST, STRING, Chunk

CUT_SHORT = "the array does not end: the file is cut short"
_OPENS = {ord("}"): ord("{"), ord("]"): ord("[")}
_OTHER = re.compile(STRING.pattern + rb'|[^ \t\r\n,\[\]{}"]++|}', re.DOTALL)
_UP_TO_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + STRING.pattern + rb")*+[{}\[\]]", re.DOTALL)
_ARRAY = re.compile(rb"[ \t\r\n]*\[[ \t\r\n]*{")
_BETWEEN = re.compile(rb"[ \t\r\n,]*")


class Readable(Protocol):
    """What can be read in pieces, until one is empty; a piece may be shorter than was asked for."""

    def read(self, size: int, /) -> bytes: ...


def begins_array(head: bytes) -> bool:
    """Tell whether *head* begins a JSON array of objects."""
    return _ARRAY.match(head.removeprefix(BOM)) is not None


class _Window:
    """The part of a file that is being looked at; what is done with is let go."""

    def __init__(self, file: Readable) -> None:
        self.file = file
        self.text = b""
        self.at = 0  # where the next element is looked for
        self.line = 1  # the line of `at`
        self.done = 0  # bytes read

    def grow(self) -> bool:
        """Read on, the more the longer the element is. Return False at the end of the file."""
        kept = self.text[self.at :]
        more = self.file.read(max(CHUNK, len(kept)))
        self.done += len(more)
        self.text, self.at = kept + more, 0
        return bool(more)

    def advance(self, to: int) -> bytes:
        """Return the text up to *to* and go on there."""
        passed = self.text[self.at : to]
        self.line += passed.count(b"\n")
        self.at = to
        return passed

    def skip(self) -> int | None:
        """Go to the next byte that is no space or comma; return it, None at the end."""
        while True:
            if between := _BETWEEN.match(self.text, self.at):
                self.advance(between.end())
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.grow():
                return None


def read_array(file: Readable) -> Iterator[Chunk]:
    """
    Yield the elements of the JSON array in *file*, each as its exact text.

    They are told apart by brackets and quotes alone, so one that is malformed inside does not
    hide the next. Text that is no element is yielded too, so that nothing goes unseen.
    """
    window = _Window(file)
    window.grow()
    window.text = window.text.removeprefix(BOM)
    window.skip()
    window.advance(window.at + 1)  # the opening bracket
    raws: list[bytes] = []
    lines: list[int] = []
    size = 0
    while (byte := window.skip()) is not None and byte != ord("]"):
        lines.append(window.line)
        raws.append(_element(window) if byte in b"{[" else _other(window))
        size += len(raws[-1])
        if size >= CHUNK:
            yield Chunk(raws, lines, window.done)
            raws, lines, size = [], [], 0
    window.advance(window.at + 1)
    if window.skip() is not None:  # something follows the array
        lines.append(window.line)
        raws.append(_rest(window))
    yield Chunk(raws, lines, window.done, complete=byte is not None)


def _element(window: _Window) -> bytes:
    """Return the object or array that begins here; when it never ends, all that is left."""
    scanned, open_brackets = 0, bytearray()
    while True:
        while match := _UP_TO_BRACKET.match(window.text, window.at + scanned):
            scanned = match.end() - window.at
            bracket = window.text[match.end() - 1]
            if bracket not in _OPENS:
                open_brackets.append(bracket)
                continue
            _close(open_brackets, _OPENS[bracket])
            if not open_brackets:
                return window.advance(match.end())
        if len(window.text) - window.at > LONGEST or not window.grow():
            return _rest(window)


def _close(open_brackets: bytearray, opening: int) -> None:
    """Close the last *opening* bracket and what was left open inside it."""
    if opening in open_brackets:
        del open_brackets[open_brackets.rindex(opening) :]


def _other(window: _Window) -> bytes:
    """Return the text, number, word or stray bracket that is here instead of an object."""
    while True:
        match = _OTHER.match(window.text, window.at)
        if match and match.end() < len(window.text):
            return window.advance(match.end())
        if len(window.text) - window.at > LONGEST or not window.grow():
            return _rest(window)


def _rest(window: _Window) -> bytes:
    """Return all that is left, of which at most LONGEST + 1 bytes are kept."""
    kept = window.advance(len(window.text))
    while window.grow():
        if len(kept) <= LONGEST:
            kept += window.text
        window.advance(len(window.text))
    return kept[: LONGEST + 1].rstrip()
