"""What is wrong with a declared value, in our words rather than in those of the decoder."""

from __future__ import annotations

import re

_KINDS = {
    "array": "a list",
    "object": "a mapping",
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "null": "null",
}
_FOUND = {**_KINDS, "bool": "a truth value"}
_WRONG_KIND = re.compile(r"Expected `(.+)`, got `(.+)`")
_MISSING = re.compile(r"Object missing required field `(.+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `(.+)`")
_NO_CHOICE = re.compile(r"Invalid enum value (.+)")
_NO_VALUE = re.compile(r"Encoding objects of type (\S+) is unsupported")


def place_of(error: Exception) -> str:
    """Return where the value is that *error* of msgspec is about: "steps[0].execute", or ""."""
    return str(error).partition(" - at `$")[2].rstrip("`").lstrip(".")


def in_words(error: Exception, whole: str, choices: str) -> str:
    """
    Return what *error* of msgspec says: "steps must be a list, found null".

    *whole* names all that was declared, *choices* the values of an option that takes only some.
    """
    problem, place = str(error).partition(" - at `$")[0], place_of(error) or whole
    if match := _WRONG_KIND.fullmatch(problem):
        kinds = " or ".join(_KINDS.get(kind, kind) for kind in match[1].split(" | "))
        return f"{place} must be {kinds}, found {_FOUND.get(match[2], match[2])}"
    if match := _MISSING.fullmatch(problem):
        return f"{place} lacks {match[1]}"
    if match := _UNKNOWN.fullmatch(problem):
        return f"{place} has no option {match[1]}"
    if match := _NO_CHOICE.fullmatch(problem):
        return f"{place} must be {choices}, found {match[1]}"
    if match := _NO_VALUE.fullmatch(problem):
        return f"{place} may hold texts, numbers, lists and mappings, not {match[1]}"
    return f"{place}: {problem.replace('`', '')}"
