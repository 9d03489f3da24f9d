"""What a key says when it can do nothing."""

from __future__ import annotations

from laban.store.errors import LabanError


class Refusal(LabanError):
    """A key cannot do here what it stands for; the text says why."""
