"""`python -m laban` is the command `laban`."""

from laban.cli import main

main()
