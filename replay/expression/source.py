"""The text of an expression: parsed by Python, and able to tell where each node stands in it."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import NoReturn
from unicodedata import category

from .errors import ExpressionError, printable

MAX_LENGTH = 2_000  # characters

_ELSEWHERE = {  # what other languages write
    "=": "Write '==' to compare.",
    "&": "Write 'and'.",
    "|": "Write 'or'.",
    "!": "Write 'not'.",
    "?": "Write 'x if test else y'.",
    "<>": "Write '!='.",
    "AND": "Write 'and'.",
    "OR": "Write 'or'.",
}
_COMPILING = Lock()  # warnings are of the whole process


@contextmanager
def unwarned() -> Iterator[None]:
    """Let Python compile without a word on style: what `'\\d'` or `1 is None` mean is known."""
    with _COMPILING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


class Source:
    """The text of an expression. Raises ExpressionError unless Python can parse it."""

    def __init__(self, text: str) -> None:
        self.text = text
        stripped = text.strip()
        self._start = text.find(stripped)
        self._lines = stripped.split("\n")
        if not stripped:
            self.refuse("it is empty. Write a test such as data.get('status') == 'paid'.", 0, 0)
        if len(stripped) > MAX_LENGTH:
            problem = f"it has {len(stripped):,} characters; at most {MAX_LENGTH:,} are allowed."
            self.refuse(problem, self._start + MAX_LENGTH, self._start + MAX_LENGTH)
        self._refuse_control_characters()
        self.tree = self._parse(stripped)
        self._refuse_lookalikes()

    def place(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        """Return where *node* starts and ends in the text, in characters from 0."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._offset(node.lineno, self._characters(node.lineno, node.col_offset)),
            self._offset(node.end_lineno, self._characters(node.end_lineno, node.end_col_offset)),
        )

    def refuse(self, problem: str, start: int, end: int) -> NoReturn:
        """Raise ExpressionError for what stands from *start* to *end*."""
        raise ExpressionError(self.text, problem, start, end)

    def _parse(self, stripped: str) -> ast.expr:
        try:
            with unwarned():
                return ast.parse(stripped, mode="eval").body
        except SyntaxError as error:
            self._refuse_syntax(error)
        except (MemoryError, RecursionError):
            self.refuse("it is nested too deeply.", self._start, self._start)
        except ValueError as error:
            self.refuse(f"{printable(str(error))}.", self._start, self._start)

    def _refuse_syntax(self, error: SyntaxError) -> NoReturn:
        line, column = error.lineno or 1, error.offset or 0
        if line > len(self._lines) or column == 0:
            end = self._offset(len(self._lines), len(self._lines[-1]))
            self.refuse("it ends too early.", end, end)
        start = self._offset(line, column - 1)
        end = start + 1
        if error.end_lineno == line and error.end_offset:
            end = max(self._offset(line, error.end_offset - 1), end)
        found = self.text[start:end]
        remedy = _ELSEWHERE.get(found, _ELSEWHERE.get(found[:1], ""))
        problem = printable(error.msg).removesuffix(" (detected at line 1)")
        self.refuse(f"{problem}. {remedy}".strip(), start, end)

    def _refuse_control_characters(self) -> None:
        for at, char in enumerate(self.text):
            if category(char) in ("Cc", "Cs") and char not in "\n\t":
                problem = f"it holds the invisible character U+{ord(char):04X}."
                self.refuse(f"{problem} Write it as {char!a} in a text.", at, at + 1)

    def _refuse_lookalikes(self) -> None:
        """Python takes look-alikes of a to z in other scripts for a to z; a reader does not."""
        if self.text.isascii():
            return
        texts = [
            self.place(node)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        for at, char in enumerate(self.text):
            if not char.isascii() and not any(start <= at < end for start, end in texts):
                problem = f"{printable(char)!r} (U+{ord(char):04X}) stands outside a text."
                self.refuse(f"{problem} Names are written with a to z.", at, at + 1)

    def _characters(self, line: int, column: int) -> int:
        """Return how many characters the first *column* bytes of a line are."""
        return len(self._lines[line - 1].encode()[:column].decode(errors="ignore"))

    def _offset(self, line: int, column: int) -> int:
        before = sum(len(text) + 1 for text in self._lines[: line - 1])
        return min(self._start + before + column, len(self.text))
