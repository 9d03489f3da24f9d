"""What the user has chosen for good, in settings.toml of the folder for settings."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from laban.store.errors import LabanError, did_you_mean
from laban.tui.looks.theme import LOOKS

FILE = "settings.toml"
_THEME = re.compile(r"^theme\s*=.*$", re.MULTILINE)


class SettingsError(LabanError):
    """A file of settings cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What stands there, or would if it said nothing."""

    theme: str = "dark"
    ascii: bool = False


def read_settings(folder: Path | None) -> Settings:
    """Return the settings in *folder*. Raises SettingsError for what cannot be meant."""
    table = read_toml(folder, FILE)
    theme, ascii = table.pop("theme", "dark"), table.pop("ascii", False)
    if theme not in LOOKS:
        known = f" There are {', '.join(LOOKS)}."
        raise SettingsError(
            f"{FILE}: no theme is named {theme!r}.{did_you_mean(str(theme), LOOKS, known)}"
        )
    if not isinstance(ascii, bool):
        raise SettingsError(f"{FILE}: ascii is true or false.")
    if table:
        raise SettingsError(f"{FILE}: nothing is set by {min(table)!r}; theme and ascii are.")
    return Settings(theme=theme, ascii=ascii)


def keep_theme(folder: Path | None, name: str) -> bool:
    """Write the theme into the settings in *folder*, all else as it is; tell whether it could."""
    if folder is None:
        return False
    path = folder / FILE
    fresh = path.with_suffix(f".{os.getpid()}")
    line = f'theme = "{name}"'
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        folder.mkdir(parents=True, exist_ok=True)
        changed, found = _THEME.subn(line, text, count=1)
        fresh.write_text(changed if found else f"{line}\n{text}", encoding="utf-8")
        fresh.replace(path)
    except (OSError, ValueError):
        return False
    return True


def read_toml(folder: Path | None, name: str) -> dict[str, object]:
    """Return what stands in a file of *folder*, nothing if there is none."""
    if folder is None:
        return {}
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{name} cannot be read: {error}.") from error
    import tomllib  # most users have no such file

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name} is no TOML: {error}.") from error
