"""How the debugger is to look: the options of the commands that show it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

THEMES = ("dark", "light", "contrast", "terminal")
_ASKED = f"{__name__}.asked"


def _keep(context: click.Context, option: click.Parameter, value: Any) -> None:
    context.meta.setdefault(_ASKED, {})[option.name] = value


_OPTIONS = (
    click.option(
        "--theme",
        metavar="THEME",
        type=click.Choice(THEMES),
        envvar="LABAN_THEME",
        expose_value=False,
        callback=_keep,
        help="dark, light, contrast or terminal; ctrl+p in it chooses one for good.",
    ),
    click.option(
        "--ascii",
        is_flag=True,
        envvar="LABAN_ASCII",
        expose_value=False,
        callback=_keep,
        help="Draw it with ASCII characters only.",
    ),
)


def look_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how the debugger looks; `asked_looks` has their values."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def asked_looks() -> tuple[str, bool]:
    """Return the theme that was asked for, "" if none, and whether only ASCII may be shown."""
    context = click.get_current_context(silent=True)
    asked = context.meta.get(_ASKED, {}) if context else {}
    return asked.get("theme") or "", bool(asked.get("ascii"))
