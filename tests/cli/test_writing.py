"""What a command writes is there whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from laban.cli.writing import written
from laban.store.errors import UnwritableError


def break_off(path: Path, trouble: type[BaseException]) -> None:
    with written(str(path)) as file:
        file.write("half of ")
        raise trouble


@pytest.mark.parametrize("trouble", [KeyboardInterrupt, ValueError])
def test_what_is_broken_off_changes_no_file(tmp_path: Path, trouble: type[BaseException]) -> None:
    there, new = tmp_path / "there", tmp_path / "new"
    there.write_text("as it was")

    for path in (there, new):
        with pytest.raises(trouble):
            break_off(path, trouble)

    assert [path.name for path in tmp_path.iterdir()] == ["there"]
    assert there.read_text() == "as it was"


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UnwritableError, match="No space left"), written(str(tmp_path / "new")):
        raise OSError(28, "No space left on device")

    assert list(tmp_path.iterdir()) == []


def test_links_and_permissions_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.touch(mode=0o600)
    link.symlink_to(file)

    with written(str(link)) as out:
        out.write("anew")

    assert link.is_symlink()
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("anew", 0o600)


def test_a_device_is_written_to(tmp_path: Path) -> None:
    with written("/dev/null") as out:
        out.write("gone")

    assert not Path("/dev/null").is_file()
    assert list(tmp_path.iterdir()) == []
