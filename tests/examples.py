"""
The examples in the documents: read, run, compared and, on request, written anew.

A block marked `console` shows a session in a shell. Lines that begin with `$ ` are typed, `> `
continues them, the rest is what they print. `…` stands for any text, alone on a line for any
lines. A block of another kind right after a line that ends in "`NAME`:" is put in that file.
All blocks of a document are taken in order, in one empty folder.

    python -m tests.examples README.md docs/*.md    writes what the examples print now
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import warm

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"(?:`([\w.-]+)`:\n\n?)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A command in which a shell has nothing to do but to part its words.
PLAIN = re.compile(r"""laban( ([\w./:=@,+{}-]|'[^']*'|"([^"$`\\]|\$(?![\w({$]))*")++)++""")
SHOWS_MORE = {"CI", "BUILD_NUMBER"}  # with these, pytest cuts nothing to the terminal


@dataclass(frozen=True)
class Example:
    """What is typed, and what the document says is printed."""

    line: int  # where it is typed, from 1
    command: str
    output: str
    end: int  # the line after its output

    def matches(self, printed: str) -> bool:
        lines = [
            "(?:.*\n)*" if line == "…\n" else re.escape(line).replace("…", ".*")
            for line in self.output.splitlines(keepends=True)
        ]
        return re.fullmatch("".join(lines), printed) is not None


def examples(document: Path) -> Iterator[Example]:
    """Yield what a reader of *document* would type, in order."""
    text = document.read_text()
    for block in BLOCK.finditer(text):
        file, kind, body = block.groups()
        first = text.count("\n", 0, block.start(3)) + 1
        if kind == "console":
            yield from _session(body.splitlines(), first)
        elif file:
            yield Example(first, f"cat > {file} <<'— end —'\n{body}— end —", "", first)


def _session(lines: list[str], first: int) -> Iterator[Example]:
    starts = [i for i, line in enumerate(lines) if line.startswith("$ ")]
    assert starts, f"line {first}: the block types nothing"
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        split = start + 1
        while split < end and lines[split].startswith("> "):
            split += 1
        typed = [line[2:] for line in lines[start:split]]
        printed = "".join(line + "\n" for line in lines[split:end])
        yield Example(first + start, "\n".join(typed), printed, first + end)


def run(example: Example, folder: Path) -> str:
    """Return all that the command prints, errors included, without trailing spaces."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    homes = {f"XDG_{kind}_HOME": str(folder / ".home") for kind in ("CACHE", "STATE")}
    rest = {name: value for name, value in os.environ.items() if name not in SHOWS_MORE}
    env = {**rest, **homes, "PATH": path, "PYTHONUNBUFFERED": "1"}  # in order, as at a terminal
    if PLAIN.fullmatch(example.command):
        done = warm.run(*shlex.split(example.command), cwd=folder, env=env, merged=True)
    else:
        done = subprocess.run(
            ["sh", "-c", example.command],
            cwd=folder,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    return re.sub(r" +$", "", done.stdout, flags=re.MULTILINE)


def write_anew(document: Path) -> None:
    """Replace the output of each example that prints something else now."""
    with tempfile.TemporaryDirectory() as folder:
        found = [(example, run(example, Path(folder))) for example in examples(document)]
    lines = document.read_text().splitlines()
    for example, printed in reversed(found):
        if not example.matches(printed):
            count = example.output.count("\n")
            lines[example.end - 1 - count : example.end - 1] = printed.splitlines()
            print(f"{document.name}:{example.line}: {example.command}")
    document.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write_anew(Path(name))
