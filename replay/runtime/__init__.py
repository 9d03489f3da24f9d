"""The live runtime: agents at work under a choreography, everything recorded as it happens."""

from __future__ import annotations

from .ledger import RulesDifferError
from .outside import Outside
from .runtime import Runtime

__all__ = ["Outside", "RulesDifferError", "Runtime"]
