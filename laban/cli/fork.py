"""`laban fork`"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from laban.store.terminal import fit, safe

from .advice import word
from .foreign import as_log
from .opening import open_timeline
from .output import Progress, counted, hint, print_json, print_line, terminal_width
from .params import ADDRESS_HELP, choreography_option, json_option, log_argument
from .program import command
from .render import event_text, value_text

if TYPE_CHECKING:
    from laban.replay.choreography import Choreography
    from laban.replay.fork import Edit, Forked, StandIn
    from laban.replay.timeline import Timeline
    from laban.store.event import NewEvent

SHOWN = 10  # edits


@command(
    "fork",
    "laban fork credit.laban --at @266 --set '/data/rating=\"medium\"' -o what-if.laban",
    "laban fork credit.laban --at @266 --drop --with-effects -o what-if.laban",
    "laban fork credit.laban --at @266 --before @200 -o what-if.laban --json",
    "laban fork shop.laban --at @1 --drop --choreography shop.py --stand-in nearest -o new.laban",
    "laban fork shop.laban --choreography new-shop.py --stand-in constant=say.json -o new.laban",
)
@log_argument
@click.option("--at", "address", metavar="ADDRESS", help=f"The event: {ADDRESS_HELP}")
@click.option(
    "--set", "sets", metavar="POINTER=JSON", multiple=True, help="Change it: /data/amount=5."
)
@click.option("--drop", is_flag=True, help="Let it not happen.")
@click.option(
    "--insert", "files", metavar="FILE", multiple=True, help="Events after it, as JSON Lines."
)
@click.option("--before", metavar="ADDRESS", help="Move it before another event.")
@choreography_option
@click.option(
    "--stand-in",
    metavar="HOW",
    help="Who answers actions with other inputs: nearest, constant=FILE, agents or fail.",
)
@click.option("--with-effects", is_flag=True, help="Drop what the event led to, too.")
@click.option("-o", "output", metavar="NEW", required=True, type=click.Path(), help="The new log.")
@json_option
def fork(path: str, output: str, as_json: bool, **options: Any) -> None:
    """
    Make a log in which one event is another one.

    Without --choreography nothing reacts: all other events are copied. With one, all is decided
    anew, and agents answer as recorded wherever they are asked the same. Where they are not, or
    were not asked before, --stand-in answers: the recorded answer to the most similar request
    (nearest), the answers by action in a JSON file (constant=FILE), the choreography's own agents,
    which really run (agents), or nobody (fail). Other rules alone need no edit. LOG never changes.
    """
    _check_options(options)
    answer, start_ns = _forked(str(as_log(Path(path))), Path(output), options)
    if as_json:
        print_json(_fields(answer, output))
        return
    for line in _lines(answer, output, start_ns):
        print_line(fit(line, terminal_width()))
    sys.stdout.flush()  # hints come after it
    if answer.fingerprint is None and not options["with_effects"]:
        for line in _untouched(answer):
            hint(line)
    hint(safe(f"See where they part: laban compare {word(path)} {word(output)}"))


def _check_options(options: dict[str, Any]) -> None:
    edited = options["sets"] or options["drop"] or options["files"] or options["before"]
    if edited and options["address"] is None:
        raise click.UsageError("Name the event to edit by --at: @266, '#event-id'.")
    if not edited and options["choreography"] is None:
        raise click.UsageError(
            "Nothing is changed: give --set, --drop, --insert or --before, or other rules by "
            "--choreography."
        )
    if options["choreography"] is None and options["stand_in"]:
        raise click.UsageError("--stand-in answers what rules ask for: give --choreography, too.")
    if options["with_effects"] and (options["choreography"] or not options["drop"]):
        raise click.UsageError(
            "--with-effects goes with --drop, and without --choreography, which works them out."
        )


def _forked(path: str, output: Path, options: dict[str, Any]) -> tuple[Forked, int | None]:
    from laban.replay.fork import fork as fork_log
    from laban.store.sqlite import SqliteLog

    rules = _rules(options["choreography"])
    stand_in = _stand_in(options["stand_in"])
    with open_timeline(path) as timeline, SqliteLog.making(output) as new:
        with Progress("forking") as advance, redirect_stdout(sys.stderr):
            answer = fork_log(
                timeline.log,
                timeline.resolve(options["address"] or "@0"),
                _edits(timeline, options),
                new,
                choreography=rules,
                stand_in=stand_in,
                with_effects=options["with_effects"],
                progress=advance,
            )
        return answer, timeline.start_ns


def _rules(target: str | None) -> Choreography | None:
    if target is None:
        return None
    from laban.replay.choreography.loading import load_choreography

    return load_choreography(target)


def _stand_in(how: str | None) -> StandIn | str | None:
    """Return the stand-in that --stand-in names."""
    name, equals, answers = (how or "").partition("=")
    if not equals or name != "constant":
        return how or None
    from laban.replay.fork import constant, read_answers

    text = answers if answers.lstrip().startswith("{") else Path(answers).read_text("utf-8")
    return constant(read_answers(text))


def _edits(timeline: Timeline, options: dict[str, Any]) -> list[Edit]:
    from laban.replay.fork import Drop, ForkError, Insert, Move, Set

    edits: list[Edit] = []
    for each in options["sets"]:
        pointer, equals, value = each.partition("=")
        if not equals:
            raise ForkError(f"--set {each!r} gives no value: write {each}=JSON.")
        edits.append(Set(pointer, value))
    if options["drop"]:
        edits.append(Drop())
    if options["before"]:
        edits.append(Move(timeline.resolve(options["before"])))
    edits += [Insert(tuple(_events(Path(file)))) for file in options["files"]]
    return edits


def _events(path: Path) -> Iterator[NewEvent]:
    """Yield the events of a JSON Lines file. Raises ForkError for a line that is none."""
    from laban.replay.fork import ForkError
    from laban.store.importers.jsonl import read_jsonl
    from laban.store.importers.source import SourceFile

    content = path.read_bytes()
    count = 0
    for batch in read_jsonl(BytesIO(content), SourceFile(path, path.name, len(content))):
        for finding in batch.findings:
            if finding.kind == "malformed":
                raise ForkError(f"{path}, line {finding.line}: {finding.detail}.")
        count += len(batch.events)
        yield from batch.events
    if not count:
        raise ForkError(f"{path} holds no event: write one a line, as JSON.")


def _fields(answer: Forked, output: str) -> dict[str, Any]:
    from msgspec.structs import asdict

    fields = {name: getattr(answer, name) for name in answer.__struct_fields__}
    return {"log": output, **fields, "forked_from": asdict(answer.forked_from)}


def _lines(answer: Forked, output: str, start_ns: int | None) -> Iterator[str]:
    yield (
        f"{safe(output)}: {counted(answer.same, 'event')} as recorded, {answer.new:,} new or "
        f"other, {answer.gone:,} of the original gone"
    )
    for edit in answer.edits[:SHOWN]:
        yield f"  edit         {_edit(edit)}"
    if answer.first is not None:
        yield f"  first effect {event_text(answer.first, start_ns)}"
    elif answer.fingerprint is not None:
        yield "  first effect none: everything else is as recorded"
    if answer.fingerprint is None:
        return
    rules = "those that recorded the log" if answer.same_rules else "other ones"
    yield f"  rules        {rules}"
    yield f"  decisions    {answer.decisions_new:,} new or other, {answer.decisions_gone:,} gone"
    stood_in = "".join(f", {count:,} stood in ({name})" for name, count in answer.stood_in.items())
    yield (
        f"  answers      {answer.used:,} as recorded{stood_in}, "
        f"{answer.unneeded:,} not needed any more"
    )
    if answer.fell_away:
        yield (
            f"  outside      {counted(answer.fell_away, 'event')} fell away: the recorded cause "
            "does not happen"
        )


def _edit(edit: dict[str, Any]) -> str:
    if "insert" in edit:
        return f"@{edit['at']}  {counted(len(edit['insert']), 'event')} inserted after it"
    head = safe(f"@{edit['at']}  {edit['type']}  {edit['stream']}")
    if "drop" in edit:
        return f"{head}  dropped"
    if "before" in edit:
        return f"{head}  moved before @{edit['before']}"
    return f"{head}  {safe(edit['set'])} = {value_text(edit['value'])}"


def _untouched(answer: Forked) -> Iterator[str]:
    yield "Nothing reacts: give --choreography to decide what follows from it."
    if answer.fell_away:
        yield (
            f"{counted(answer.fell_away, 'event')} came of it, directly or not, and stay: "
            "--with-effects drops them, too."
        )
