"""What every import promises, whatever the format."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from laban.store import open_log
from laban.store.errors import LabanError
from laban.store.importers import detect, import_source
from laban.store.memory import MemoryLog
from laban.store.sqlite import SqliteLog

LANGGRAPH = Path(__file__).parents[2] / "fixtures" / "langgraph_small.sqlite"


def event(id: str, stream: str = "waltz", **names: object) -> str:
    return json.dumps({"stream": stream, "type": "Asked", "id": id, **names}) + "\n"


CLOUD = '{"specversion":"1.0","id":"c1","source":"desk","type":"asked"}'


@pytest.mark.parametrize(
    ("content", "format"),
    [
        (event("1"), "jsonl"),
        ("\ufeff\n\n  " + event("1"), "jsonl"),
        ("what is this?\n{\n" + event("1"), "jsonl"),
        (event("1", data={"specversion": "1.0"}), "jsonl"),
        (event("1", data={"text": "x" * 3_000_000}), "jsonl"),
        (CLOUD, "cloudevents"),
        (f"[{CLOUD}]", "cloudevents"),
        (f"\n[\n {CLOUD}\n]\n", "cloudevents"),
        (CLOUD[:-1] + ',"stream":"a"}', "cloudevents"),
    ],
)
def test_the_format_is_told_from_the_content_whatever_the_name(
    content: str, format: str, tmp_path: Path
) -> None:
    path = tmp_path / "something.sqlite"
    path.write_text(content)

    assert detect(path) == format


def test_databases_are_told_apart(tmp_path: Path) -> None:
    open_log(tmp_path / "mine.jsonl", create=True).close()

    assert detect(LANGGRAPH) == "langgraph"
    assert detect(tmp_path / "mine.jsonl") == "laban"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n \r\n", "is empty"),
        (b"\x89PNG\r\n", "no known format"),
        (b'{"message": "hello"}\n', "no known format (jsonl, cloudevents, langgraph): convert"),
        (b'[{"id": 1}]', "no known format"),
        (b'{"span": "streamed", "type": "x", "text": "stream"}\n' * 3, "no known format"),
        (b'{\n  "stream": "a",\n  "type": "b"\n}\n', "no known format"),
        (b"SQLite format 3\x00 and then nothing", "damaged SQLite database"),
    ],
)
def test_what_cannot_be_told_is_refused_in_one_line(
    content: bytes, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)

    for attempt in (detect, lambda path: import_source([path], MemoryLog())):
        with pytest.raises(LabanError) as error:
            attempt(path)
        assert message in str(error.value)
        assert "\n" not in str(error.value)


def test_a_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection:
        connection.execute("CREATE TABLE checkpoints (id)")

    with pytest.raises(LabanError, match="in no known format"):
        detect(tmp_path / "x.db")


def test_a_log_of_our_own_is_to_be_opened_not_imported(tmp_path: Path) -> None:
    open_log(tmp_path / "mine.laban", create=True).close()

    with pytest.raises(LabanError, match="laban open"):
        import_source([tmp_path / "mine.laban"], MemoryLog())


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    for attempt in (detect, lambda path: import_source([path], MemoryLog())):
        with pytest.raises(LabanError, match=r"There is no file .*nothing"):
            attempt(tmp_path / "nothing")
    with pytest.raises(LabanError, match="Nothing was named"):
        import_source([], MemoryLog())
    with pytest.raises(LabanError, match="holds no files"):
        import_source([tmp_path], MemoryLog())
    with pytest.raises(LabanError, match="is a folder"):
        detect(tmp_path)


def test_a_folder_is_read_file_by_file_in_order_of_name(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "b.jsonl").write_text(event("3"))
    (tmp_path / "a.jsonl").write_text(event("1") + event("2"))
    (tmp_path / "run" / "c.json").write_text(CLOUD)
    (tmp_path / "README.md").write_text("Not a log.")
    (tmp_path / "empty.jsonl").touch()
    log = MemoryLog()

    report = import_source([tmp_path], log)

    assert [e.id for e in log.read()] == ["1", "2", "3", "c1"]
    assert (report.format, report.events, report.level) == ("cloudevents+jsonl", 4, "comparable")
    assert [(f.kind, f.count) for f in report.findings] == [("skipped", 2)]
    assert {f.origin for f in log.findings()} == {"README.md", "empty.jsonl"}


def test_a_folder_with_nothing_to_import_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("Not a log.")

    with pytest.raises(LabanError, match="None of the 1 files"):
        import_source([tmp_path], MemoryLog())


def test_the_same_line_in_two_files_is_two_events(tmp_path: Path) -> None:
    for name in ("run_a", "run_b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "log.jsonl").write_text('{"stream":"s","type":"Started"}\n')
    files = [tmp_path / "run_a" / "log.jsonl", tmp_path / "run_b" / "log.jsonl"]

    assert import_source([tmp_path], MemoryLog()).events == 2
    assert import_source(files, MemoryLog()).events == 2


def test_progress_goes_up_to_the_size_of_all_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).write_text("".join(event(f"{name}{n}") for n in range(40_000)))
    seen: list[tuple[int, int]] = []
    total = sum(path.stat().st_size for path in tmp_path.iterdir())

    import_source([tmp_path], MemoryLog(), progress=lambda done, total: seen.append((done, total)))

    assert len(seen) > 2
    assert seen == sorted(seen)
    assert seen[-1] == (total, total)


def test_an_import_that_was_cut_off_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("".join(event(str(n), data={"pad": "x" * 300}) for n in range(30_000)))
    log = SqliteLog.create(tmp_path / "x.laban")

    def give_up(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_source([path], log, progress=give_up)
    kept = log.head()
    report = import_source([path], log)

    assert 0 < kept < 30_000
    assert (report.events, report.duplicates, log.head()) == (30_000 - kept, kept, 30_000)
    log.close()


def test_a_pipe_is_read_like_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    lines = "".join(event(str(n)) for n in range(5_000))
    writer = threading.Thread(target=pipe.write_text, args=(lines,))
    writer.start()
    log = MemoryLog()

    report = import_source([pipe], log)

    writer.join()
    assert (report.format, report.events) == ("jsonl", 5_000)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with path.open("w") as file:
        file.write("[" + CLOUD)
        for n in range(200_000):
            file.write(
                "," + CLOUD.replace("c1", str(n))[:-1] + ',"data":{"pad":"%s"}}' % ("x" * 500)
            )
        file.write("]")
    program = (
        "import resource, sys\n"
        "from laban.store.importers import import_source\n"
        "from laban.store.log import EventLog\n"
        "class Sink:\n"
        "    def head(self): return 0\n"
        "    def append(self, *events): return [1] * len(events)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "import_source([sys.argv[1]], Sink())\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, path], capture_output=True, text=True, check=True
    )

    assert path.stat().st_size > 90 << 20
    assert int(done.stdout) < 70  # MiB
