"""The arguments and options that commands share."""

from __future__ import annotations

import click

ADDRESS_HELP = "@1205, order-17@52, '#event-id', +12.4s, 50% or head."

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
