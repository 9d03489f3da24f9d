"""Where the answers of a bisection under way are kept, given the log that was named."""

from __future__ import annotations

from pathlib import Path

from laban.cli.folders import cache_folder
from laban.replay.bisect import keeping
from laban.store.errors import LabanError


class Kept(keeping.Kept):
    """The session of one log, in its cache folder."""

    def __init__(self, log: str) -> None:
        super().__init__(log, cache_folder(Path(log)))

    def check(self) -> None:
        """Raise LabanError where nothing can be kept."""
        if not self.possible:
            raise LabanError(
                f"No cache can be kept for {self.log}, so answers would be lost: "
                "copy it to a folder you may write to."
            )
