"""How the debugger is to look, as commands are told."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from laban.cli.desk import make_desk
from laban.cli.looks import asked_looks, look_options


@click.command()
@look_options
def shown() -> None:
    theme, ascii = asked_looks()
    desk = make_desk()
    assert (desk.theme, desk.ascii) == (theme, ascii)
    click.echo(f"{theme or 'any'} {'ascii' if ascii else 'glyphs'}")


@pytest.mark.parametrize(
    ("arguments", "environment", "look"),
    [
        ([], {}, "any glyphs"),
        (["--theme", "light", "--ascii"], {}, "light ascii"),
        ([], {"LABAN_THEME": "contrast", "LABAN_ASCII": "1"}, "contrast ascii"),
        (["--theme=dark"], {"LABAN_THEME": "light", "LABAN_ASCII": "0"}, "dark glyphs"),
    ],
)
def test_options_go_before_the_environment(
    arguments: list[str], environment: dict[str, str], look: str
) -> None:
    result = CliRunner(env=environment).invoke(shown, arguments)

    assert result.output == f"{look}\n"


def test_a_theme_that_there_is_not_is_refused() -> None:
    result = CliRunner().invoke(shown, ["--theme", "drak"])

    assert result.exit_code == 2
    assert "'dark', 'light', 'contrast', 'terminal'" in result.output


def test_nothing_is_asked_for_outside_a_command() -> None:
    assert asked_looks() == ("", False)
