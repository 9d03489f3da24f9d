"""
A process of its own for an expression that means harm: it has little time and little memory.

    python -m tests.replay.cage laban|python < EXPRESSION

Prints what became of it, one JSON object. Past the limits the process does not come so far.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from laban.replay.expression import ExpressionError, Undefined, compile_expression

CPU = 3  # seconds, the start and the making of the data included
MEMORY = 512 * 2**20  # bytes of address space
GROWTH = 96 * 2**10  # KiB that an evaluation may take


def deep(levels: int) -> Any:
    value: Any = 0
    for _ in range(levels):
        value = [value]
    return value


DATA: dict[str, Callable[[], Any]] = {
    "many": lambda: list(range(150_000)),
    "same": lambda: list(range(150_000)),
    "some": lambda: list(range(5_000)),
    "few": lambda: list(range(300)),
    "text": lambda: "ab" * 2_000_000,
    "twin": lambda: "".join(["ab"] * 2_000_000),
    "chars": lambda: "c" * 300_000 + "ab",
    "page": lambda: "ab" * 100_000,
    "digits": lambda: "9" * 1_200,
    "words": lambda: [f"{'w' * 500}{i:04}" for i in range(2_000)],
    "rows": lambda: [[0] * 1_000 + [i] for i in range(300, 0, -1)],
    "wide": lambda: {f"key{i}": i for i in range(100_000)},
    "big": lambda: int("9" * 4_000),
    "fit": lambda: int("9" * 1_200),
    "bigs": lambda: [int("9" * 4_000)] * 5_000,
    "floats": lambda: [1.2345678e-300 / 3] * 100_000,
    "deep": lambda: deep(100_000),
    "dove": lambda: deep(100_000),
}


def caged(text: str, language: str = "laban") -> dict[str, Any]:
    """Return what became of *text* in a cage: `outcome`, `reason`, `growth` in KiB."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.replay.cage", language],
        input=text.encode(errors="surrogatepass"),
        capture_output=True,
        cwd=Path(__file__).parent.parent.parent,
        check=False,
    )
    if done.returncode < 0:
        return {"outcome": "killed", "reason": f"signal {-done.returncode}", "growth": 0}
    assert done.returncode == 0, done.stderr.decode()
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def judge(text: str, language: str) -> dict[str, Any]:
    """Evaluate *text*, here and now."""
    scope = {"data": {name: make() for name, make in DATA.items() if f"'{name}'" in text}}
    before = _peak()
    outcome, reason = "value", ""
    try:
        if language == "python":
            eval(text, dict(scope))
        else:
            compile_expression(text).evaluate(scope)
    except (ExpressionError, Undefined) as error:
        outcome, reason = type(error).__name__, str(error)
    except MemoryError:
        outcome = "out of memory"
    return {"outcome": outcome, "reason": reason, "growth": _peak() - before}


def main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    text = sys.stdin.buffer.read().decode(errors="surrogatepass")
    print(json.dumps(judge(text, sys.argv[1])))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB


if __name__ == "__main__":
    main()
