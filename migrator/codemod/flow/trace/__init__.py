"""Tracing back: from an expression to the places that make its value, across functions and modules."""

from __future__ import annotations

from migrator.codemod.flow.trace.callers import UNCALLED, Caller, Callers
from migrator.codemod.flow.trace.steps import subscript_step
from migrator.codemod.flow.trace.tracer import Tracer

__all__ = ["UNCALLED", "Caller", "Callers", "Tracer", "subscript_step"]
