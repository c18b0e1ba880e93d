"""Following forward: from an expression to everything that its value reaches, across functions and modules."""

from __future__ import annotations

from migrator.codemod.flow.forward.passing import named_tuple_fields
from migrator.codemod.flow.forward.trail import Event, State, Trail
from migrator.codemod.flow.forward.walker import Walker

__all__ = ["Event", "State", "Trail", "Walker", "named_tuple_fields"]
