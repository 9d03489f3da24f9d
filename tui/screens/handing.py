"""Taking things out of the debugger: into the clipboard, or into files."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from rich.style import Style

from laban.tui.jobs import Job
from laban.tui.looks.cells import line
from laban.tui.refusal import Refusal
from laban.tui.session import SELECT
from laban.tui.taking.clipboard import LIMIT, short, write_yanked
from laban.tui.taking.picture import Picture
from laban.tui.taking.yanking import Yank, seen_as_json, value_text, yanks
from laban.tui.widgets.virtual_list import VirtualList

if TYPE_CHECKING:
    from .screen import LabanScreen

Write = Callable[[Path], None]
_WIDEST = 2_000  # cells of a line that is copied


def yank(screen: LabanScreen) -> None:
    """Ask what to copy, and do."""
    offered = {each.letter: each for each in _yanks(screen)}

    def answer(letter: str) -> None:
        if letter not in offered:
            raise Refusal(f"No yank is {letter!r}: {', '.join(offered)} are.")
        chosen = offered[letter]
        screen.status.say(_copy(screen, chosen.name, chosen.text()))

    names = "  ".join(f"{each.letter} {each.name}" for each in offered.values())
    screen.ask_letter("yank", names, answer)


def _yanks(screen: LabanScreen) -> list[Yank]:
    app, picture, focused = screen.app, Picture(screen.app), screen.focused
    found = [Yank("t", "screen", picture.text)]
    if isinstance(focused, VirtualList):
        found.insert(0, Yank("l", "line", lambda: _line(focused)))
    if app.logs:
        log = app.current
        found = [*yanks(log.opened, log.session, lambda: _pointer(screen)), *found]
    return found


def _copy(screen: LabanScreen, name: str, text: str) -> str:
    """Copy *text*, and say where it is now."""
    size = len(text.encode())
    screen.app.copy_to_clipboard(text)
    where = write_yanked(screen.app.desk.yanked, text)
    if size > LIMIT:
        if not where:
            raise Refusal(f"The {name} has {size:,} bytes; a clipboard takes {LIMIT:,} at most.")
        return f"{name} yanked, {size:,} bytes: too long for the clipboard, {where}"
    return f"{name} yanked, {size:,} bytes: clipboard (OSC 52)" + (f", {where}" if where else "")


def _line(list: VirtualList[Any]) -> str:
    """Return the selected row as it is shown, but whole."""
    if list.selected is None:
        raise Refusal("No row is selected.")
    pieces = list.pieces(list.selected, list.cursor, _WIDEST)
    return line(pieces, _WIDEST, Style()).text.strip()


def _pointer(screen: LabanScreen) -> str:
    """Return the path that is selected in the state, "" when none is."""
    from .debug import DebugScreen

    main = screen.app.current.screen("debug")
    assert isinstance(main, DebugScreen)
    if screen is main:
        main.catch_up()
    row = main.panes.state.selected
    return row.pointer if row else screen.app.current.session.selected


def export(screen: LabanScreen) -> None:
    """Ask how to write what is seen, and where to."""
    picture, title = Picture(screen.app), _title(screen)
    ways: dict[str, tuple[str, Callable[[], None]]] = {
        "s": ("SVG picture", lambda: _ask_path(screen, "svg", lambda: picture.svg(title))),
        "t": ("text", lambda: _ask_path(screen, "txt", picture.text)),
    }
    if screen.app.logs:
        session, rows = screen.app.current.session, _rows(screen)
        ways["j"] = (
            "JSON",
            lambda: _ask_path(screen, "json", lambda: seen_as_json(session, rows, title)),
        )
        ways["p"] = ("pytest", lambda: _ask_expected(screen))

    def answer(letter: str) -> None:
        if letter not in ways:
            raise Refusal(f"No export is {letter!r}: {', '.join(ways)} are.")
        ways[letter][1]()

    names = "  ".join(f"{letter} {name}" for letter, (name, _) in ways.items())
    screen.ask_letter("export", names, answer)


def _rows(screen: LabanScreen) -> Sequence[Any]:
    """Return the rows in view of the list in use, as JSON has them."""
    list = screen.focused
    if not isinstance(list, VirtualList):
        return []
    top = list.scroll_offset.y
    seen = list.rows[top : top + list.size.height]
    return [msgspec.to_builtins(row, enc_hook=str) for row in seen]


def _title(screen: LabanScreen) -> str:
    return screen.app.current.opened.title if screen.app.logs else "laban"


def _name(screen: LabanScreen) -> str:
    """Return a name for a file, without its suffix."""
    if not screen.app.logs:
        return screen.NAME
    log = screen.app.current
    stem = Path(log.opened.title).stem or "log"
    return f"{stem}-{log.session.position}"


def _ask_path(screen: LabanScreen, suffix: str, text: Callable[[], str]) -> None:
    def write(path: Path) -> None:
        def work(_: Job) -> None:
            content = text()
            try:
                with path.open("x", encoding="utf-8") as file:
                    file.write(content)
            except OSError as error:
                raise Refusal(f"{short(path)} cannot be written: {error.strerror}.") from error

        screen.worker.start("writing", work, lambda _: screen.status.say(f"wrote {short(path)}"))

    _ask_file(screen, _name(screen), suffix, write)


def _ask_file(screen: LabanScreen, name: str, suffix: str, write: Write) -> None:
    def answer(text: str) -> None:
        if not text:
            raise Refusal("It needs a name; esc leaves.")
        path = Path(text).expanduser()
        if path.exists():
            raise Refusal(f"{short(path)} is there already: give another name.")
        if not path.parent.is_dir():
            raise Refusal(f"There is no folder {short(path.parent)}.")
        write(path)

    screen.ask("write to", "a path", answer, _free(f"{name}.{suffix}"))


def _free(name: str) -> str:
    """Return *name*, or one like it that no file has."""
    path = Path(name)
    others = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    return str(next(each for each in chain([path], others) if not each.exists()))


def _ask_expected(screen: LabanScreen) -> None:
    """Ask what the selected path should be, and where to write the test that says so."""
    session, pointer, make = screen.app.current.session, _pointer(screen), screen.app.desk.test
    if make is None:
        raise Refusal("No test can be written from here: `laban export --to pytest` can.")
    if not pointer:
        raise Refusal(SELECT)
    opened, position, test = screen.app.current.opened, session.position, make

    def expected(text: str) -> None:
        try:
            value = json.loads(text)
        except ValueError as error:
            raise Refusal(f'{text} is no JSON; a text is written "{text}".') from error

        def write(path: Path) -> None:
            if path.suffix != ".py":
                raise Refusal(f"{short(path)}: a test is a .py file.")
            screen.worker.start(
                "writing the test",
                lambda _: test(opened, position, pointer, value, path),
                lambda said: screen.status.say(f"wrote {short(path)}: {said}"),
            )

        _ask_file(screen, f"test_{_name(screen)}".replace("-", "_"), "py", write)

    screen.ask(f"{pointer} should be", "JSON", expected, value_text(session, pointer))
