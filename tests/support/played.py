"""A crisis played to its end, with everything that happened in it."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.crisis import Crisis
from sim.record import Happening
from sim.scenario.scenario import Scenario


def played(case: Scenario, *, worlds: np.ndarray, seed: int = 2011, **more: Any) -> tuple[Crisis, list[Happening]]:
    """The crisis after its last day, and its record."""
    record: list[Happening] = []
    crisis = Crisis(case, worlds=worlds, seed=seed, observers=[record.append], **more)
    crisis.play()
    return crisis, record
