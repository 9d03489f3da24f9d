"""Text that holds one JSON value after another, read in pieces of bounded size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

import msgspec

CHUNK = 1 << 20  # bytes read at a time
LONGEST = 64 << 20  # bytes that one value may take
DEEPEST = 256  # levels of arrays and objects that one value may nest
HARMLESS = 2 * DEEPEST  # bytes that cannot nest deeper: each bracket that opens must close
DIGITS = 4300  # of a number; Python reads no longer ones
BOM = b"\xef\xbb\xbf"

STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_TOKEN = re.compile(STRING.pattern + rb'|["{}\[\]]', re.DOTALL)
_LONG_NUMBER = re.compile(rb"\d{%d}" % (DIGITS + 1))


class Chunk(NamedTuple):
    """Some values of a file, not decoded yet."""

    raws: list[bytes]
    lines: Sequence[int]  # where each begins
    done: int  # bytes of the file read so far
    complete: bool = True  # False: the file ends where there should be more


def read_lines(file: BinaryIO, first_line: int = 1) -> Iterator[Chunk]:
    """
    Yield the lines of *file*, without their ends, numbered from *first_line* on.

    Of a line longer than LONGEST only the first LONGEST + 1 bytes are kept.
    """
    number, done = first_line, 0
    pieces: list[bytes] = []  # of a line that is longer than a chunk
    while chunk := file.read(CHUNK):
        done += len(chunk)
        if done == len(chunk):
            chunk = chunk.removeprefix(BOM)
        first, *rest = chunk.split(b"\n")
        if sum(map(len, pieces)) <= LONGEST:
            pieces.append(first)
        if not rest:
            continue
        unfinished = rest.pop()
        raws = [b"".join(pieces)[: LONGEST + 1], *rest]
        yield Chunk(raws, range(number, number + len(raws)), done)
        number, pieces = number + len(raws), [unfinished]
    if last := b"".join(pieces)[: LONGEST + 1]:
        yield Chunk([last], [number], done)


def malformed(error: Exception) -> str:
    """Return the reason why a value could not be decoded, for a person."""
    match error:
        case RecursionError():
            return f"nested deeper than {DEEPEST} levels"
        case UnicodeDecodeError():
            return f"not UTF-8 ({error.reason} at byte {error.start})"
        case msgspec.ValidationError():
            return str(error).replace("`", "")
        case _:
            return f"not JSON ({str(error).removeprefix('JSON is malformed: ')})"


def too_large(raw: bytes) -> str | None:
    """Return the reason why *raw* must not be decoded, None when it may."""
    if len(raw) > LONGEST:
        return f"longer than {LONGEST >> 20} MiB; the rest of it was skipped"
    if raw.count(b"{") + raw.count(b"[") > DEEPEST and depth(raw) > DEEPEST:
        return f"nested deeper than {DEEPEST} levels"
    if len(raw) > DIGITS and _LONG_NUMBER.search(STRING.sub(b"", raw)):
        return f"a number of more than {DIGITS:,} digits"
    return None


def depth(raw: bytes) -> int:
    """Return how deep the arrays and objects in *raw* nest."""
    deepest = level = 0
    for token in _TOKEN.finditer(raw):
        mark = token[0]
        if mark in (b"{", b"["):
            level += 1
            deepest = max(deepest, level)
        elif mark in (b"}", b"]"):
            level -= 1
    return deepest
