"""What the packaging, the layers and the texts around the code promise."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

import laban

ROOT = Path(__file__).parent.parent
PARTS = ["analysis", "fixtures", "replay", "store", "tui"]
HEAVY = {"adbc_driver_manager", "click", "duckdb", "pyarrow", "rich", "textual"}


def modules_in(folder: Path) -> list[str]:
    """Return the import names of the modules in a folder behind `laban/`."""
    files = [path.relative_to(ROOT / "laban") for path in sorted(folder.rglob("*.py"))]
    return [
        ".".join(("laban", *path.with_suffix("").parts)).removesuffix(".__init__") for path in files
    ]


def loaded_by(*modules: str) -> set[str]:
    """Return the top-level names of what a fresh interpreter holds after the imports."""
    code = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_import_laban_alone_loads_nothing_but_the_standard_library() -> None:
    loaded = loaded_by("laban")

    assert loaded - sys.stdlib_module_names - loaded_by("sys") == {"laban"}


def test_the_log_and_the_replay_load_no_screens_columns_or_commands() -> None:
    modules = modules_in(ROOT / "laban" / "store") + modules_in(ROOT / "laban" / "replay")

    loaded = loaded_by(*modules)

    assert len(modules) > 10
    assert loaded & HEAVY == set()


def test_the_command_line_loads_heavy_libraries_only_where_a_command_uses_them() -> None:
    loaded = loaded_by(*modules_in(ROOT / "laban" / "cli"))

    assert loaded & (HEAVY - {"click"}) == set()


def test_each_part_is_a_link_beside_the_public_module() -> None:
    links = {path.name: path.readlink() for path in (ROOT / "laban").iterdir() if path.is_symlink()}

    assert links == {part: Path("..", part) for part in PARTS}


def test_nothing_imports_a_part_by_a_second_name_which_would_make_a_second_set_of_classes() -> None:
    bare = re.compile(rf"^\s*(?:from|import) (?:{'|'.join(PARTS)})\b", re.MULTILINE)
    files = [
        path
        for folder in ("laban/cli", "laban/testing", "tests", *PARTS)
        for path in (ROOT / folder).rglob("*.py")
    ]

    assert len(files) > 50
    assert [path for path in files if bare.search(path.read_text())] == []


def test_the_locked_requirements_name_no_host_and_no_path_and_pin_every_hash() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    packages = [line for line in lines if line and not line.startswith((" ", "#"))]

    places = [line for line in lines if re.search(r"//|^-|\.(com|org|net|io|dev)\b", line)]

    assert places == []
    assert len(packages) > 20
    assert all(re.fullmatch(r"\S+==\S+( ; .+)? \\", line) for line in packages)


def test_each_declared_dependency_is_locked_at_an_allowed_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    declared = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    locked = dict(re.findall(r"^(\S+)==(\S+)", (ROOT / "requirements.txt").read_text(), re.M))

    wanted = dict(requirement.split(">=") for requirement in declared)

    assert wanted.keys() <= locked.keys()
    assert [name for name in wanted if numbers(locked[name]) < numbers(wanted[name])] == []


def numbers(version: str) -> list[int]:
    return [int(number) for number in version.split(".")]


def test_the_version_is_the_same_in_the_module_the_metadata_and_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text()

    newest = re.findall(r"^## ([0-9.]+)", changelog, re.M)[0]

    assert laban.__version__ == project["version"] == newest


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the names of the files in a wheel that is built from a copy of the tree."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("laban", *PARTS):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    build = "from setuptools.build_meta import build_wheel; build_wheel('out')"
    subprocess.run([sys.executable, "-c", build], cwd=folder, capture_output=True, check=True)
    with ZipFile(next((folder / "out").glob("*.whl"))) as file:
        return file.namelist()


def test_the_wheel_holds_every_module_and_the_mark_that_it_is_typed(wheel: list[str]) -> None:
    files = [path for part in PARTS for path in (ROOT / part).rglob("*.py")]
    modules = {f"laban/{path.relative_to(ROOT)}" for path in files}

    assert len(modules) > 50
    assert modules <= set(wheel)
    assert {"laban/__init__.py", "laban/__main__.py", "laban/py.typed"} <= set(wheel)
    assert "laban/replay/choreography/choreography.schema.json" in wheel


def test_the_wheel_installs_nothing_outside_its_own_folder(wheel: list[str]) -> None:
    folders = {name.partition("/")[0] for name in wheel}

    assert folders == {"laban", f"laban-{laban.__version__}.dist-info"}
