"""Decoding LangGraph's values promises: all of it arrives, none of it runs."""

from __future__ import annotations

import json
import pickle
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.msgpack import Ext, encode

from laban.store.importers import import_source
from laban.store.importers.langgraph_decode import decode
from laban.store.jsontext import to_json
from laban.store.memory import MemoryLog

FORBIDDEN = "antigravity"  # a module that nothing imports, and that would open a browser


def made(code: int, *payload: object) -> bytes:
    return encode(Ext(code, encode(payload)))


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (made(0, "uuid", "UUID", "ab"), {"$type": "uuid.UUID", "arg": "ab"}),
        (made(0, "builtins", "set", [2, 10, 1]), {"$type": "builtins.set", "arg": [1, 10, 2]}),
        (made(1, "a.b", "C", [1, "x"]), {"$type": "a.b.C", "args": [1, "x"]}),
        (made(2, "a.b", "C", {"k": None}), {"$type": "a.b.C", "kwargs": {"k": None}}),
        (made(3, "d", "D", "x", "parse"), {"$type": "d.D", "arg": "x", "method": "parse"}),
        (made(4, "m", "V1", {"a": 1}), {"$type": "m.V1", "kwargs": {"a": 1}}),
        (made(5, "m", "V2", {"a": 1}, "construct"), {"$type": "m.V2", "kwargs": {"a": 1}}),
        (
            made(6, "<f8", [1], "C", b"\x00\x01"),
            {
                "$type": "numpy.ndarray",
                "kwargs": {
                    "dtype": "<f8",
                    "shape": [1],
                    "order": "C",
                    "buffer": {"$bytes": "AAE="},
                },
            },
        ),
        (encode(Ext(7, encode([1]))), {"$type": "langgraph.DeltaSnapshot", "arg": [1]}),
        (encode(Ext(99, b"\xc1")), {"$opaque": "wQ==", "type": "msgpack extension 99"}),
        (encode({"a": b"\x00"}), {"a": {"$bytes": "AA=="}}),
        (encode({1: "a", None: "b"}), {"$map": [[1, "a"], [None, "b"]]}),
        (encode({"$type": "os.system"}), {"$map": [["$type", "os.system"]]}),
        (encode([float("inf"), float("-inf")]), [{"$float": "inf"}, {"$float": "-inf"}]),
        (encode(2**64 - 1), 2**64 - 1),
    ],
)
def test_values_become_inert_json(stored: bytes, expected: object) -> None:
    assert decode("msgpack", stored) == expected


@pytest.mark.parametrize(
    ("kind", "stored", "expected"),
    [
        ("null", b"", None),
        (None, b"", None),
        (None, None, None),
        ("bytes", b"\x00", {"$bytes": "AA=="}),
        ("bytearray", b"\x00", {"$bytes": "AA=="}),
        ("json", b'{"a": [1.5, null]}', {"a": [1.5, None]}),
        ("json", '{"a": "é"}', {"a": "é"}),
        (None, b'{"a": 1}', {"a": 1}),
        ("json", b"NaN", {"$float": "nan"}),
        ("json", b'"\\ud800"', "\\ud800"),
        (
            "json",
            b'{"lc": 2, "type": "constructor", "id": ["a", "b", "C"], "kwargs": {"x": 1}}',
            {"$type": "a.b.C", "kwargs": {"x": 1}},
        ),
        ("pickle", b"\x80\x04.", {"$pickle": "gAQu"}),
        (None, b"\x80\x04.", {"$pickle": "gAQu"}),
        ("msgpack+aes", b"\x01", {"$opaque": "AQ==", "type": "msgpack+aes"}),
        ("msgpack", b"\xc1", {"$opaque": "wQ==", "type": "msgpack"}),
        ("json", b"{", {"$opaque": "ew==", "type": "json"}),
    ],
)
def test_each_way_of_storing_is_known_or_kept_as_it_is(
    kind: str | None, stored: bytes | str | None, expected: object
) -> None:
    assert decode(kind, stored) == expected


class Malice:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return __import__, (FORBIDDEN,)


ATTACKS = [
    ("msgpack", made(0, "os", "system", "touch PWNED")),
    ("msgpack", made(1, "subprocess", "check_call", [["touch", "PWNED"]])),
    ("msgpack", made(2, FORBIDDEN, "anything", {})),
    ("msgpack", made(3, FORBIDDEN, "anything", "x", "run")),
    ("msgpack", made(5, FORBIDDEN, "anything", {}, "model_validate_json")),
    ("json", b'{"lc":2,"type":"constructor","id":["os","system"],"args":["touch PWNED"]}'),
    ("json", b'{"lc":1,"type":"constructor","id":["antigravity","x"],"kwargs":{}}'),
    ("pickle", pickle.dumps(Malice())),
    (None, pickle.dumps(Malice())),
]


@pytest.mark.parametrize(("kind", "stored"), ATTACKS)
def test_a_class_that_a_database_names_is_never_imported_nor_called(
    kind: str | None, stored: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    modules = set(sys.modules)
    with closing(sqlite3.connect("db")) as connection, connection:
        connection.execute(
            "CREATE TABLE checkpoints (thread_id, checkpoint_ns, checkpoint_id,"
            " parent_checkpoint_id, type, checkpoint, metadata)"
        )
        connection.execute(
            "CREATE TABLE writes"
            " (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, value)"
        )
        for id in ("1", "2"):
            connection.execute(
                "INSERT INTO checkpoints VALUES ('t', '', ?, '1', ?, ?, ?)",
                (id, kind, stored, stored),
            )
        connection.execute(
            "INSERT INTO writes VALUES ('t', '', '1', 'x', 0, 'c', ?, ?)", (kind, stored)
        )
    log = MemoryLog()

    import_source(["db"], log)

    assert log.head() > 0
    assert set(sys.modules) - modules <= {"uuid"}
    assert [path.name for path in tmp_path.iterdir()] == ["db"]


@pytest.mark.parametrize(
    "stored",
    [
        b"\x91" * 100_000 + b"\xc0",
        b"\x81\xa1a" * 400 + b"\xc0",
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff\x01",
        b"\xc9\xff\xff\xff\xff\x00",
    ],
)
def test_a_bomb_is_kept_not_unfolded(stored: bytes) -> None:
    value = decode("msgpack", stored)

    assert isinstance(value, dict)
    assert value["type"] == "msgpack"


def test_extensions_inside_extensions_are_followed_only_so_far() -> None:
    stored = encode(None)
    for _ in range(400):
        stored = made(0, "a", "B", Ext(0, stored))

    value = decode("msgpack", stored)

    assert isinstance(value, dict)
    assert value["type"] == "msgpack"


_plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(value=_plain)
def test_plain_values_stay_what_they_are(value: Any) -> None:
    decoded = decode("msgpack", encode(value))

    if "inf" not in repr(value) and "$" not in repr(value):
        assert decoded == value
    assert json.loads(to_json(decoded)) == decoded


@given(kind=st.sampled_from(["msgpack", "json", "pickle", "bytes", "else", None]), raw=st.binary())
def test_any_bytes_become_json_that_can_be_stored(kind: str | None, raw: bytes) -> None:
    value = decode(kind, raw)

    assert json.loads(to_json(value).encode("utf-8")) == value
