"""Choreographies from files: Python, or YAML of the same meaning."""

from __future__ import annotations

import re
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml
from msgspec import ValidationError, convert

from laban.replay.expression import ExpressionError
from laban.store.errors import LabanError, did_you_mean

from . import Choreography
from .document import NESTED, SECTIONS, ComplexPatterns, Document, to_document
from .rules import CHOICES, ChoreographyError, Rule
from .wording import in_words, place_of
from .yamltext import MAX_BYTES, Node, YamlError, is_text, parse

YAML_SUFFIXES = (".yaml", ".yml")


def load_choreography(target: str) -> Choreography:
    """
    Return the choreography that "FILE" or "FILE:NAME" holds, checked.

    FILE is Python, which is executed, or YAML; NAME is needed where a Python file makes
    several. Raises ChoreographyError, one line that names the file.
    """
    path, name = _split(target)
    if not path.is_file():
        raise ChoreographyError(f"There is no file {path}: give a .py or .yaml file.")
    if path.suffix in YAML_SUFFIXES:
        if name:
            raise ChoreographyError(
                f"{path} is YAML and holds one choreography: leave :{name} out."
            )
        found, nodes = _parsed(_text(path), str(path))
    elif path.suffix == ".py":
        found, nodes = _named(_executed(path), path, name), []
    else:
        raise ChoreographyError(f"{path} is neither a .py nor a .yaml file.")
    with _named_in_errors(str(path)):
        _check_plan(found, nodes)
    return found


def parse_yaml(text: str, origin: str) -> Choreography:
    """Return the choreography that YAML *text* describes. Raises ChoreographyError."""
    return _parsed(text, origin)[0]


def _parsed(text: str, origin: str) -> tuple[Choreography, list[Node]]:
    """Return a choreography, and the node of each of its rules."""
    with _named_in_errors(origin):
        root = parse(text)
        if root is None or root.value is None:
            raise ChoreographyError("there is no choreography in it.")
        _check_keys(root, Document.__struct_fields__, "a choreography")
        if inner := root.get("complex_patterns"):
            _check_keys(inner, ComplexPatterns.__struct_fields__, "complex_patterns")
        for path, kind in SECTIONS.items():
            for rule in _rules(root, path):
                _check_rule(rule, kind)
        try:
            document = convert(root.plain(), Document)
        except ValidationError as error:
            raise _placed(error, root) from None
        nodes = [rule for path in SECTIONS for rule in _rules(root, path)]
        return document.choreography(Path(origin).stem), nodes


def to_yaml(choreography: Choreography) -> str:
    """Return the rules as YAML; reducers and agents are code, and stay in Python."""
    document = to_document(choreography)
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """Quotes every text that a reader of YAML 1.1 or 1.2 would take for something else."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - none are ever written
        return True

    def represent_text(self, text: str) -> yaml.ScalarNode:
        style = None if is_text(text) and text.isascii() else '"'
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _Dumper.represent_text)


def _split(target: str) -> tuple[Path, str]:
    file, colon, name = target.rpartition(":")
    if colon and name.isidentifier() and not Path(target).exists():
        return Path(file), name
    return Path(target), ""


@contextmanager
def _named_in_errors(origin: str) -> Iterator[None]:
    try:
        yield
    except YamlError as error:
        raise ChoreographyError(f"{origin}, {error}") from None
    except ChoreographyError as error:
        text = str(error)
        if text.startswith(origin):
            raise
        raise ChoreographyError(f"{origin}: {text}") from error


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise ChoreographyError(
            f"{path} has {size:,} bytes; a choreography has {MAX_BYTES:,} at most."
        )
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ChoreographyError(f"{path} is no UTF-8 text: byte {error.start} is wrong.") from None


def _rules(root: Node, path: tuple[str, ...]) -> list[Node]:
    """Return the nodes of a section; what is no list is left to the conversion."""
    node: Node | None = root
    for key in path:
        node = node.get(key) if node is not None else None
    return node.value if node is not None and isinstance(node.value, list) else []


def _check_rule(rule: Node, kind: type[Rule]) -> None:
    """Refuse unknown options, and take a condition as it is written, `True` without quotes."""
    _check_keys(rule, kind.__struct_fields__, f"a {kind.__name__}")
    condition = rule.get("condition")
    if condition is not None and isinstance(condition.value, bool):
        condition.value = condition.text
    for option, inner in NESTED.items():
        if option in kind.__struct_fields__ and (node := rule.get(option)):
            for part in node.value if isinstance(node.value, list) else [node]:
                _check_rule(part, inner)


def _check_keys(node: Node, known: Any, what: str) -> None:
    for key, line in node.keys.items():
        if key not in known:
            otherwise = f" It takes {', '.join(sorted(known))}."
            raise YamlError(line, f"{what} has no {key!r}.{did_you_mean(key, known, otherwise)}")


def _check_plan(choreography: Choreography, nodes: list[Node]) -> None:
    """Raise YamlError with the line of the rule that is wrong; *nodes* are those of the rules."""
    try:
        _ = choreography.plan
    except ChoreographyError as error:
        for rule, node in zip(choreography.rules, nodes, strict=False):
            if rule is error.rule:
                raise YamlError(_line(node, error), str(error)) from error
        raise


def _line(rule: Node, error: ChoreographyError) -> int:
    """Return the line of a rule; of its condition, if that is wrong."""
    condition = rule.get("condition") if isinstance(error.__cause__, ExpressionError) else None
    return (condition or rule).line


def _placed(error: ValidationError, root: Node) -> YamlError:
    """Return *error* with the line that it is about."""
    node = root
    for key, index in re.findall(r"\.?([^.\[`]+)|\[(\d+)\]", place_of(error)):
        if key and (inner := node.get(key)):
            node = inner
        elif index and isinstance(node.value, list) and int(index) < len(node.value):
            node = node.value[int(index)]
        else:
            break
    return YamlError(node.line, f"{in_words(error, 'a choreography', CHOICES)}.")


def _executed(path: Path) -> ModuleType:
    """Run a Python file as a module; one of a package is imported with its neighbours."""
    folder, name = path.absolute().parent, path.stem
    while (folder / "__init__.py").exists():
        folder, name = folder.parent, f"{folder.name}.{name}"
    sys.path.insert(0, str(folder))
    try:
        with redirect_stdout(sys.stderr):  # standard output is for results
            if "." in name:
                return import_module(name)
            return _run_alone(path.absolute(), f"_choreography_{name}")
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # whatever it is, the file is to blame
        raise ChoreographyError(_fault(error, path)) from error
    finally:
        sys.path.remove(str(folder))


def _run_alone(path: Path, name: str) -> ModuleType:
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _fault(error: BaseException, path: Path) -> str:
    """Return what went wrong in a Python file, with the line in it."""
    line: int | None
    if isinstance(error, SyntaxError) and error.filename == str(path.absolute()):
        return f"{path}, line {error.lineno}: {error.msg}."
    frames = traceback.extract_tb(error.__traceback__)
    line = next((f.lineno for f in reversed(frames) if f.filename == str(path.absolute())), None)
    place = f"{path}, line {line}" if line else str(path)
    text = " ".join(str(error).split())
    if isinstance(error, LabanError):
        return f"{place}: {text}"
    return f"{place}: {type(error).__name__}: {text}".removesuffix(": ")


def _named(module: ModuleType, path: Path, name: str) -> Choreography:
    found = {k: v for k, v in vars(module).items() if isinstance(v, Choreography)}
    if name:
        if name not in found:
            near = did_you_mean(name, found, f" It has {', '.join(found) or 'none'}.")
            raise ChoreographyError(f"{path} has no choreography {name!r}.{near}")
        return found[name]
    distinct = {id(choreography): choreography for choreography in found.values()}
    if not distinct:
        raise ChoreographyError(f"{path} has no Choreography in it: make one at its top level.")
    if len(distinct) > 1:
        raise ChoreographyError(
            f"{path} has several choreographies, {', '.join(found)}: "
            f"name one, as in {path}:{next(iter(found))}."
        )
    return next(iter(distinct.values()))
