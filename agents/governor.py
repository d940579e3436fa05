"""The governor: what savings are worth to him, and what he is left with when there is no deal."""

from __future__ import annotations

from collections.abc import Sequence

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.worlds.axis import Worlds


def governor_weights(
    saves: Sequence[Worlds], structural: Sequence[Worlds], *, structural_weight: Worlds
) -> NDArray[np.float64]:
    """What one unit of each issue is worth to the governor, M$/yr, (issues, worlds).

    He wants both: a dollar that lasts counts as one saved now and ``structural_weight`` more.
    """
    worth = [amount * (1 + structural_weight * lasting) for amount, lasting in zip(saves, structural, strict=True)]
    return np.stack(np.broadcast_arrays(*worth))


class Governor(mesa.Agent):
    """Holds the gap and the power to fill it, and hands them to the rules; decides nothing itself."""

    def __init__(self, model: mesa.Model, *, gap: NDArray[np.float64], weights: NDArray[np.float64]) -> None:
        super().__init__(model)
        self.gap = gap  # M$/yr the budget lacks, (worlds,)
        self.weights = weights  # what a unit of each issue is worth to him, M$/yr, (issues, worlds)
        self.reservation: Worlds = 0.0  # savings below which he would rather cut, M$/yr, (worlds,)
