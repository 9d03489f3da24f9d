"""The main screen: every pane is a function of the current position."""

from __future__ import annotations

from .screen import DebugScreen

__all__ = ["DebugScreen"]
