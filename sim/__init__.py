"""The process: what is at stake, who threatens, who votes under which rule, who pays.

``from sim import load_scenario, simulate, BudgetCrisis``. Names are loaded when they are first used, because
importing Mesa takes a second that a reader of a scenario need not wait.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.mesa_model import BudgetCrisis
    from sim.scenario.scenario import Scenario, load_scenario
    from sim.worlds.blocks import simulate, simulate_block

__all__ = ["BudgetCrisis", "Scenario", "load_scenario", "simulate", "simulate_block"]

_HOME = {
    "BudgetCrisis": "sim.mesa_model",
    "Scenario": "sim.scenario.scenario",
    "load_scenario": "sim.scenario.scenario",
    "simulate": "sim.worlds.blocks",
    "simulate_block": "sim.worlds.blocks",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """The names above too, so that ``help`` and completion find them."""
    return sorted({*globals(), *__all__})
