"""A mayor: lobbies while aid is threatened; when it is cut, finds the money in his town's own order of preference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.public.towns import Limits, Town
from sim.worlds.axis import Worlds, logistic


def lobbying(loss_share: Worlds, cushion_share: Worlds, *, resolve: Worlds) -> NDArray[np.float64]:
    """Effort in [0, 1] a mayor spends against an aid cut; all shares of the town's budget, shape (worlds,).

    Nothing while the free balance covers the loss, then in proportion to what it does not cover.
    """
    return np.minimum(np.maximum(resolve * (loss_share - cushion_share), 0.0), 1.0)


def concession_chance(to_find: NDArray[np.float64], *, goodwill: Worlds, fear: Worlds) -> NDArray[np.float64]:
    """Chance that a town's own unions concede: the likelier, the more is still to be found, (worlds,).

    ``to_find`` is a share of the budget: what is not conceded is laid off, or so the mayor says. ``fear`` in logits
    per share of the budget.
    """
    return logistic(goodwill + fear * to_find)


class Absorption(NamedTuple):
    """Where a town finds the money it lost, M$/yr, each (worlds,); the first six add up to the loss."""

    reserves: NDArray[np.float64]
    deferral: NDArray[np.float64]
    concessions: NDArray[np.float64]
    layoffs: NDArray[np.float64]
    taxes: NDArray[np.float64]
    unabsorbed: NDArray[np.float64]  # what no instrument may take: the town runs a deficit
    chance: NDArray[np.float64]  # with which its own unions conceded, where it came to that


def absorb(loss: NDArray[np.float64], town: Town, order: Sequence[str], *, limits: Limits, luck: Worlds) -> Absorption:
    """A town meets a loss, M$/yr, (worlds,), one instrument after the other, each up to its cap.

    ``luck``, a uniform a world, says whether the town's own unions concede: they do where it is below the chance.
    """
    reach = {
        "reserves": lambda: np.maximum(town.free_balance - limits.reserve_floor * town.budget, 0.0),
        "deferral": lambda: limits.deferrable * loss,
        "concessions": lambda: limits.concessions * town.budget,
        "layoffs": lambda: limits.layoffs * town.budget,
        "taxes": lambda: limits.tax_cap * (town.grand_list / 1000),
    }
    found = dict.fromkeys(reach, np.zeros_like(loss))
    to_find, chance = loss, np.zeros_like(loss)
    for instrument in order:
        amount = np.minimum(to_find, reach[instrument]())
        if instrument == "concessions":
            chance = concession_chance(to_find / town.budget, goodwill=limits.goodwill, fear=limits.fear)
            amount = np.where(luck < chance, amount, 0.0)
        found[instrument] = amount
        to_find = to_find - amount
        if not to_find.any():
            break
    return Absorption(**found, unabsorbed=to_find, chance=chance)


class Mayor(mesa.Agent):
    """Holds one town's books and hands them to the rules above; decides nothing itself."""

    def __init__(self, model: mesa.Model, *, town: Town, order: Sequence[str], resolve: Worlds) -> None:
        super().__init__(model)
        self.town, self.order, self.resolve = town, tuple(order), resolve

    def lobby(self, loss_share: Worlds, *, cushion_counted: Worlds) -> NDArray[np.float64]:
        """Effort in [0, 1] against losing this share of the budget, (worlds,)."""
        return lobbying(loss_share, cushion_counted * self.town.cushion_share, resolve=self.resolve)

    def absorb(self, loss: NDArray[np.float64], *, limits: Limits, luck: Worlds) -> Absorption:
        """Where the town finds a loss of aid, M$/yr, (worlds,)."""
        return absorb(loss, self.town, self.order, limits=limits, luck=luck)
