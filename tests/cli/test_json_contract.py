"""What programs may rely on: the keys that --json gives, and the exit status beside them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

ENVELOPE = {
    "position", "stream", "stream_position", "id", "type", "source", "time",
    "correlation_id", "causation_id", "data", "metadata",
}  # fmt: skip
SCORE = "/applicant-04/score"

CONTRACT: list[tuple[list[str], int, set[str]]] = [
    (["demo", "--json"], 0, {"log", "events", "position"}),
    (["import", "events.jsonl", "-o", "new.laban", "--json"], 0,
     {"log", "format", "events", "streams", "sources", "level", "findings"}),
    (["log", "credit.laban", "--from", "60", "--to", "60", "--json"], 0, ENVELOPE),
    (["state", "credit.laban", SCORE, "--json"], 0, {"position", "pointer", "value"}),
    (["diff", "credit.laban", "22", "23", "--json"], 1, {"changes"}),
    (["history", "credit.laban", SCORE, "--json"], 0, {"rows"}),
    (["why", "credit.laban", SCORE, "--json"], 0,
     {"pointer", "value", "position", "event", "chain", "guarantee"}),
    (["bisect", "credit.laban", "--where", "data['approved']", "--json"], 0,
     {"found", "position", "event", "good", "bad", "edges", "probes", "undefined", "guarantee"}),
    (["bisect", "credit.laban", "--where", "False", "--json"], 1,
     {"found", "position", "event", "good", "bad", "edges", "probes", "undefined", "guarantee"}),
    (["bisect", "credit.laban", "--json", "run", "false"], 1,
     {"found", "position", "event", "good", "bad", "edges", "probes", "undefined", "guarantee"}),
    (["bisect", "credit.laban", "start", "--json"], 0,
     {"found", "position", "event", "good", "bad", "edges", "probes", "undefined", "guarantee",
      "next", "steps"}),
    (["compare", "credit.laban", "credit.laban", "--json"], 0,
     {"identical", "roots", "downstream", "guarantee"}),
    (["minimize", "credit.laban", "--where", "type == 'score_corrected'", "-o", "s.laban",
      "--json"], 0,
     {"log", "from", "kept", "dropped", "positions", "probes", "unresolved", "guarantee"}),
    (["minimize", "credit.laban", "--where", "False", "-o", "s.laban", "--json"], 1,
     {"log", "from", "kept", "dropped", "positions", "probes", "unresolved", "guarantee"}),
    (["fork", "credit.laban", "--at", "@266", "--drop", "-o", "new.laban", "--json"], 0,
     {"log", "forked_from", "edits", "fingerprint", "same_rules", "events", "same", "new", "gone",
      "decisions_new", "decisions_gone", "fell_away", "first", "used", "stood_in", "unneeded"}),
    (["check", "credit.laban", "--json"], 1, {"findings"}),
    (["stats", "credit.laban", "--json"], 0,
     {"events", "seconds", "types", "sources", "rules", "correlations", "sequences", "circuits",
      "sagas", "spending", "memory"}),
    (["sql", "credit.laban", "SELECT 1 AS one", "--json"], 0, {"rows"}),
    (["export", "credit.laban", "--to", "jsonl", "-o", "out.jsonl", "--json"], 0,
     {"log", "format", "path", "events"}),
    (["export", "credit.laban", "--to", "pytest", "--expect", f"{SCORE}=1", "-o", "t", "--json"], 0,
     {"log", "format", "path", "events_path", "events", "tests", "failures"}),
]  # fmt: skip
NAMES = [" ".join(args) for args, _, _ in CONTRACT]


@pytest.mark.parametrize(("args", "status", "keys"), CONTRACT, ids=NAMES)
def test_json_has_the_promised_keys(
    args: list[str], status: int, keys: set[str], laban: Callable[..., Result]
) -> None:
    result = laban(*args)

    assert result.exit_code == status, result.stderr
    assert json.loads(result.stdout).keys() >= keys


def shown(result: Result) -> Any:
    return json.loads(result.stdout)


def test_the_parts_inside_have_the_promised_keys(laban: Callable[..., Result]) -> None:
    changes = shown(laban("diff", "credit.laban", "22", "23", "--json"))["changes"]
    rows = shown(laban("history", "credit.laban", SCORE, "--json"))["rows"]
    why = shown(laban("why", "credit.laban", SCORE, "--json"))
    parts = ("--correlation", "credit-0004", "credit-0005", "--json")
    roots = shown(laban("compare", "credit.laban", *parts))["roots"]
    findings = shown(laban("import", "damaged.jsonl", "-o", "x.laban", "--json"))["findings"]

    assert all(change.keys() >= {"pointer", "before", "after", "position"} for change in changes)
    assert all(row.keys() >= {"position", "value", "type", "source", "id"} for row in rows)
    assert all(event.keys() == ENVELOPE for event in [why["event"], *why["chain"]])
    assert all(
        root.keys() >= {"stream", "stream_position", "a", "b", "differences"} for root in roots
    )
    assert roots[0]["a"].keys() == roots[0]["b"].keys() == ENVELOPE
    assert roots[0]["differences"][0].keys() >= {"pointer", "a", "b"}
    assert all(finding.keys() == {"kind", "count", "detail"} for finding in findings)
    assert changes
    assert rows
    assert findings


@pytest.fixture(autouse=True)
def _damaged(folder: Any) -> None:
    (folder / "damaged.jsonl").write_text('{"stream": "a", "type": "b"}\n{"stream":\n')
