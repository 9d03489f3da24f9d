"""A fork without rules: the events after an edit as they were."""

from __future__ import annotations

from collections.abc import Callable

from laban.store.log import EventLog

from .draft import Draft
from .edits import Change, script
from .tally import Tally


def copied(
    log: EventLog,
    change: Change,
    draft: Draft,
    *,
    with_effects: bool,
    report: Callable[[int], object],
) -> Tally:
    """
    Copy all events into *draft* but those that *change* drops.

    *with_effects* drops what has a dropped event for its recorded cause, too; else it is
    counted and stays.
    """
    tally = Tally()
    dropped = {change.was} if change.drop else set()
    alone = len(log.find(change.was)) == 1 if change.was else False
    for item in script(log, change):
        report(item.place)
        event = item.event
        follows = item.old > change.at and not item.edited
        if follows and event.causation_id in dropped:
            dropped.add(event.id)
            tally.fell_away += 1
            if with_effects:
                continue
        elif follows:
            dropped.discard(event.id)  # another source's: from here on, this one is meant
        if item.edited and item.old and alone and event.id != change.was:
            draft.renamed[change.was] = event.id
        made = draft.append(draft.adapted(event) if item.old else event, item.old)
        tally.event(made, same=not item.edited, edited=item.edited)
    draft.flush()
    return tally
