"""The command `laban`: each command parses, calls one function and prints."""

from .program import main

__all__ = ["main"]
