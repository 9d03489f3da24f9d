"""The table of actions."""

from __future__ import annotations

from itertools import chain

from rich.style import Style

from laban.replay.timeline import Timeline
from laban.tui.actions import ACTIONS, BY_ID, LIST_KEYS, actions_of, footer_of, matching
from laban.tui.actions.action import EVERYWHERE
from laban.tui.desk import Desk, Opened
from laban.tui.looks.cells import line
from laban.tui.open_log import OpenLog
from laban.tui.screens.open import OpenScreen
from laban.tui.widgets.footer_line import FooterLine
from tests.tui.driver import shop_log

SCREENS = sorted({action.screen for action in ACTIONS} - {EVERYWHERE})


def test_every_key_has_one_action() -> None:
    for screen in SCREENS:
        keys = [key for action in (*actions_of(screen), *LIST_KEYS) for key in action.keys]

        assert len(keys) == len(set(keys))


def test_every_action_can_be_carried_out() -> None:
    log = shop_log()
    opened = OpenLog(Opened(log=log, timeline=Timeline.open(log)))

    for name in SCREENS:
        screen = OpenScreen(Desk()) if name == "open" else opened.screen(name)
        assert set(screen.commands) == {action.id for action in actions_of(name)}


def test_no_function_or_control_key_is_the_only_way() -> None:
    for action in ACTIONS:
        plain = [key for key in action.keys if "+" not in key and not key.startswith("f1")]
        assert plain or action.id in ("redo", "quit", "previous_pane")


def test_help_finds_actions_by_key_word_and_pane() -> None:
    def found(text: str) -> list[str]:
        return [each.id for each in matching(text, (*actions_of("debug"), *LIST_KEYS))]

    assert found("[") == ["cause"]
    assert "last_write" in found("wrote path")
    assert {BY_ID[id].pane for id in found("panes")} == {"Panes"}
    assert found("break")[0] == "break"  # a name goes before a word of a sentence
    assert found("prvmtch") == ["find_previous"]
    assert found("xyzzy") == []


def test_an_id_names_one_action() -> None:
    ids = [action.id for action in ACTIONS + LIST_KEYS]

    assert len(ids) == len(set(ids))


def test_the_footer_keeps_help_and_quit_in_any_width() -> None:
    for footer in (FooterLine(footer_of(screen)) for screen in SCREENS):
        for width in (20, 40, 80, 120, 200):
            text = line(footer.pieces(width), width, Style()).text
            assert text.rstrip().endswith(("? keys  q quit", "? keys  q back"))
            assert "…" not in text


def test_every_text_is_a_sentence() -> None:
    for action in chain(ACTIONS, LIST_KEYS):
        assert action.help[0].isupper()
        assert action.help.endswith(".")
