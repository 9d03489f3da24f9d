"""From a session to what is kept of its log, and back."""

from __future__ import annotations

from pathlib import Path

from laban.replay.pointer import BadPointerError, parse_pointer
from laban.store.errors import LabanError
from laban.tui.session import Session

from .keeping import FORMAT, Keeper, Kept, KeptBreakpoint, KeptWatch


class Memory:
    """Remembers a session from one time to the next."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keeper: Keeper | None = None

    def begin(self, folder: Path | None, *, go: bool) -> str:
        """
        Set what is kept, and with *go* go where the log was left; return what to say.

        What does not fit the log any more is left out: this never keeps a log from opening.
        """
        session = self._session
        self._keeper = Keeper(folder, session.log)
        try:
            kept = self._keeper.read()
        except LabanError as error:
            return str(error)
        if kept is None:
            return ""
        left_out = _set(session, kept)
        session.marks.all |= kept.marks
        session.pins += filter(_is_pointer, kept.pins)
        said = ""
        if go and 0 < kept.position <= session.head:
            session.begin(kept.position, kept.selected if _is_pointer(kept.selected) else "")
            session.listing.kept = kept.filter
            said = f"back at @{kept.position:,}, where you left"
        if left_out:
            said = f"{said or 'opened'}; left out what cannot be read: {', '.join(left_out)}"
        return said

    def keep(self) -> None:
        """Keep where the session stands and what is set in it, where that is not kept yet."""
        session = self._session
        if self._keeper is None:
            return
        filter = session.listing.filter
        self._keeper.write(
            Kept(
                log=self._keeper.identity,
                format=FORMAT,
                position=session.position,
                selected=session.selected,
                breakpoints=[KeptBreakpoint(*each) for each in session.breakpoints.kept()],
                watches=[KeptWatch(each.text, each.enabled) for each in session.watches.all],
                marks=dict(session.marks.all),
                pins=list(session.pins),
                filter=filter.text if filter else "",
            )
        )


def _is_pointer(text: str) -> bool:
    try:
        parse_pointer(text)
    except BadPointerError:
        return False
    return True


def _set(session: Session, kept: Kept) -> list[str]:
    """Set the breakpoints and watches, and return those that are none."""
    left_out = []
    for point in kept.breakpoints:
        try:
            session.breakpoints.restore(point.text, point.hits, point.stop)
        except LabanError:
            left_out.append(point.text)
    for watch in kept.watches:
        try:
            session.watches.add(watch.text)
        except LabanError:
            left_out.append(watch.text)
        else:
            session.watches.all[-1].enabled = watch.enabled
    return left_out
