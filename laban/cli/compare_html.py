"""A comparison as one page of HTML: no scripts, and nothing is fetched from anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import islice
from typing import TYPE_CHECKING, Any

from laban.store.clock import format_time
from laban.store.event import Event
from laban.store.jsontext import to_json
from laban.store.terminal import safe

from .compare_text import shown

if TYPE_CHECKING:
    from laban.replay.compare import Compared, Divergence

FOLLOWERS = 1_000  # changed events downstream that are listed

_STYLE = """
:root { color-scheme: light dark; --a: #b3261e; --b: #1b6e3c; --line: #8886; --soft: #8881; }
@media (prefers-color-scheme: dark) { :root { --a: #ff9d96; --b: #7fd6a0; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto;
       padding: 0 1rem; }
code, pre, td { font-family: ui-monospace, monospace; font-size: .875rem;
                overflow-wrap: anywhere; }
pre { white-space: pre-wrap; margin: 0; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; table-layout: fixed; }
th, td { border: 1px solid var(--line); padding: .25rem .5rem; text-align: left;
         vertical-align: top; }
th[scope=row] { width: 14rem; font-weight: normal; overflow-wrap: anywhere; }
thead th, caption { text-align: left; background: var(--soft); }
.a { color: var(--a); } .b { color: var(--b); }
details { border: 1px solid var(--line); border-radius: .5rem; padding: .5rem 1rem;
          margin: 1rem 0; }
summary { cursor: pointer; font-weight: 600; }
:focus-visible { outline: 3px solid; outline-offset: 2px; }
@media print { details { border: 0; } }
"""


def page(answer: Compared, names: tuple[str, str]) -> str:
    """Return the page; *names* are what the two runs are called."""
    body = "\n".join(_body(answer, names))
    heading = f"{names[0]} and {names[1]}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">\n"
        f"<title>{_text(heading)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )


def _body(answer: Compared, names: tuple[str, str]) -> Iterator[str]:
    from laban.replay.compare.telling import headline, notes

    yield "<main>\n<h1>Where two runs part</h1>"
    for label, name in zip("AB", names, strict=True):
        yield f'<p><strong class="{label.lower()}">{label}</strong> <code>{_text(name)}</code></p>'
    yield f"<p><strong>{_text(headline(answer))}</strong></p>"
    yield f"<p>{_text(answer.guarantee)}</p>"
    yield from (f"<p>{_text(note)}</p>" for note in notes(answer))
    for number, root in enumerate(answer.roots):
        yield from _root(root, is_open=number == 0)
    if answer.root_count > len(answer.roots):
        yield f"<p>… and {answer.root_count - len(answer.roots):,} more roots</p>"
    yield from _followers(answer)
    yield "</main>"


def _root(root: Divergence, *, is_open: bool) -> Iterator[str]:
    from laban.replay.compare.telling import state_changes, title

    yield f"<details{' open' if is_open else ''}>\n<summary>{_text(title(root))}</summary>"
    if root.differences:
        parts = ((each.pointer, each.a, each.b) for each in root.differences)
        yield from _table("What differs", parts)
    if fields := state_changes(root):
        yield from _table(f"State of {root.stream} after it", fields)
    yield from _table("Events", _events(root.a, root.b))
    if root.cause is not None:
        cause = root.cause
        yield (
            f"<p>It comes after <code>@{cause.position} {_text(cause.type)}</code> "
            f"by {_text(cause.source)}, which both have.</p>"
        )
    yield "</details>"


def _events(a: Event | None, b: Event | None) -> Iterator[tuple[str, Any, Any]]:
    from laban.replay.pointer import MISSING

    for name in ("position", "type", "source", "time_ns", "id", "correlation_id", "data"):
        values = [MISSING if event is None else getattr(event, name) for event in (a, b)]
        if name == "time_ns":
            values = [format_time(v) if isinstance(v, int) else v for v in values]
        if name == "data":
            values = [v if v is MISSING else v.parsed for v in values]
        yield name.removesuffix("_ns"), values[0], values[1]


def _table(caption: str, rows: Iterable[tuple[str, Any, Any]]) -> Iterator[str]:
    from laban.replay.timeline import same

    yield f"<table>\n<caption>{_text(caption)}</caption>"
    yield (
        '<thead><tr><td></td><th scope="col" class="a">A</th>'
        '<th scope="col" class="b">B</th></tr></thead>\n<tbody>'
    )
    for name, a, b in rows:
        classes = ("", "") if same(a, b) else (' class="a"', ' class="b"')
        yield (
            f'<tr><th scope="row">{_text(name)}</th><td{classes[0]}>{_value(a)}</td>'
            f"<td{classes[1]}>{_value(b)}</td></tr>"
        )
    yield "</tbody>\n</table>"


def _followers(answer: Compared) -> Iterator[str]:
    if not answer.changed:
        return
    yield f"<details>\n<summary>{answer.changed:,} changed events downstream</summary>"
    yield '<table>\n<thead><tr><th class="a">A</th><th class="b">B</th></tr></thead>\n<tbody>'
    for a, b in islice(answer.later(), FOLLOWERS):
        yield f"<tr><td>{_place(a)}</td><td>{_place(b)}</td></tr>"
    yield "</tbody>\n</table>"
    if answer.changed > FOLLOWERS:
        yield f"<p>… and {answer.changed - FOLLOWERS:,} more</p>"
    yield "</details>"


def _place(position: int | None) -> str:
    return "none" if position is None else f"@{position}"


def _value(value: Any) -> str:
    if isinstance(value, (dict, list)):
        lines = to_json(value, indent=2).split("\n")
        return "<pre>" + "\n".join(_text(line) for line in lines) + "</pre>"
    return _text(shown(value))


def _text(text: str) -> str:
    return escape(safe(text))
