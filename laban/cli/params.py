"""The arguments and options that commands share."""

from __future__ import annotations

from math import isfinite
from typing import Any

import click

ADDRESS_HELP = "@1205, order-17@52, '#event-id', +12.4s, 50% or head."


class Seconds(click.FloatRange):
    """A time that ends."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number of seconds. Raises BadParameter for nan and infinity too."""
        seconds = float(super().convert(value, param, ctx))
        if not isfinite(seconds):
            self.fail(f"{value} is no time; give a number of seconds.", param, ctx)
        return seconds


log_argument = click.argument("path", metavar="LOG", type=click.Path())
pointer_argument = click.argument("pointer", metavar="POINTER")
optional_pointer_argument = click.argument("pointer", metavar="[POINTER]", default="")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
at_option = click.option(
    "--at", "address", metavar="ADDRESS", default="head", show_default=True, help=ADDRESS_HELP
)
where_option = click.option(
    "--where", metavar="EXPR", help="An expression, e.g. data.get('amount', 0) > 1000."
)
choreography_option = click.option(
    "--choreography", metavar="FILE[:NAME]", help="Rules: a Python or a YAML file."
)
