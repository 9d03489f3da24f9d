"""Rows written out as they come: CSV, JSON and Parquet, in bounded memory."""

from __future__ import annotations

import csv
import json
import math
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, NoReturn

import pyarrow as pa
from pyarrow import parquet

from laban.store.errors import UnwritableError
from laban.store.jsontext import to_json

from .session import Answer
from .values import Value, plain

GROUP_ROWS = 131_072  # a Parquet row group, unless it takes more than GROUP_BYTES
GROUP_BYTES = 64 << 20


def write_csv(answer: Answer, file: IO[str]) -> int:
    """
    Write a header and the rows, quoted as RFC 4180 says, and return how many rows.

    Null is the empty field; lists and structs are JSON. Open *file* with `newline=""`.
    """
    writer, count = csv.writer(file, lineterminator="\n"), 0
    writer.writerow(answer.columns)
    for batch in answer:
        writer.writerows([_csv_cell(value) for value in row] for row in plain(batch))
        count += batch.num_rows
    return count


def write_json(answer: Answer, file: IO[str]) -> int:
    """
    Write one JSON object with `columns`, `rows` and `truncated`, and return how many rows.

    A row is an object, on a line of its own; a value of DuckDB's type JSON stands in it with its
    exact text. A second column of the same name gets the name with `_2`.
    """
    names, count = _distinct(answer.columns), 0
    keys = [f"{to_json(name)}:" for name in names]
    is_json = [type == "JSON" for type in answer.types]
    file.write(f'{{"columns":{to_json(names)},"rows":[')
    for batch in answer:
        for row in plain(batch):
            cells = [
                key + (_embedded(value) if raw else json_text(value))
                for key, raw, value in zip(keys, is_json, row, strict=True)
            ]
            file.write(f"{',' if count else ''}\n{{{','.join(cells)}}}")
            count += 1
    file.write(f'\n],"truncated":{to_json(answer.truncated)}}}\n')
    return count


def write_parquet(answer: Answer, path: Path) -> int:
    """
    Write the rows to a new Parquet file at *path* and return how many.

    A Parquet file that was there is replaced once all is written. Raises UnwritableError,
    also for any other file that was there: it might be the log itself.
    """
    if path.is_file() and _start(path) not in (b"", b"PAR1"):
        raise UnwritableError(f"{path} is there already and no Parquet file: choose another name.")
    partial = path.with_name(f"{path.name}.partial")
    try:
        count = _write_groups(answer, partial)
        partial.replace(path)
    except OSError as error:
        reason = error.strerror or error
        raise UnwritableError(
            f"{path} cannot be written ({reason}): choose a folder you may write to."
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return count


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def json_text(value: Value) -> str:
    """Return *value* as JSON; decimals keep their digits, NaN and infinity become texts."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float) and not math.isfinite(value):
        return to_json(str(value))
    if isinstance(value, list):
        return f"[{','.join(map(json_text, value))}]"
    if isinstance(value, dict):
        members = (f"{to_json(key)}:{json_text(item)}" for key, item in value.items())
        return f"{{{','.join(members)}}}"
    return to_json(value)


def _write_groups(answer: Answer, path: Path) -> int:
    count, size, group = 0, 0, list[pa.RecordBatch]()
    with parquet.ParquetWriter(path, answer.schema, compression="zstd") as writer:
        for batch in answer:
            group.append(batch)
            count, size = count + batch.num_rows, size + batch.nbytes
            if size >= GROUP_BYTES or sum(map(len, group)) >= GROUP_ROWS:
                writer.write_table(pa.Table.from_batches(group, answer.schema))
                size, group = 0, []
        if group:
            writer.write_table(pa.Table.from_batches(group, answer.schema))
    return count


def _csv_cell(value: Value) -> Any:
    return json_text(value) if isinstance(value, bool | list | dict) else value


def _embedded(value: Any) -> str:
    """Return the text of a JSON value, or the text as a string where it is no strict JSON."""
    if value is None:
        return "null"
    try:
        json.loads(value, parse_constant=_refuse)
    except ValueError:
        return to_json(value)
    return str(value).replace("\r", " ").replace("\n", " ")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _distinct(names: list[str]) -> list[str]:
    """Return *names* with those that came before told apart by a number."""
    distinct: dict[str, None] = {}
    for name in names:
        fresh, number = name, 2
        while fresh in distinct:
            fresh, number = f"{name}_{number}", number + 1
        distinct[fresh] = None
    return list(distinct)
