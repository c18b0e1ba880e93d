"""A local stand-in for OpenAI's Images API: same routes, same refusals, drawn pictures, no network.

The server library and Pillow load when a simulator is made, not when this package is imported.
"""

from __future__ import annotations

from migrator.simulator.contract import ERAS, Era
from migrator.simulator.faults import FAULTS
from migrator.simulator.server import Simulator, SimulatorError, serve

__all__ = ["ERAS", "FAULTS", "Era", "Simulator", "SimulatorError", "serve"]
