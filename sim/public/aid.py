"""What a cut of state aid means: to each town, to a legislator's district, to workers whom town and state share."""

from __future__ import annotations

from math import fsum

import numpy as np
from numpy.typing import NDArray

from sim.public.towns import TownHalls
from sim.worlds.axis import Array, Worlds


def threatened_aid(share: Worlds, aid_total: Worlds, *, feared: Worlds) -> Worlds:
    """Aid that towns and legislators expect to lose to a power over this share of it, M$/yr."""
    return feared * share * aid_total


def shares_of_cut(halls: TownHalls, spread: Worlds) -> Array:
    """Each town's part of a cut of aid, (towns, worlds) or (towns, 1): in proportion to the aid it gets.

    ``spread`` moves the aid itself, at the same total and the same budgets, from where it is (0) to evenly per head
    (1), so that no town ever loses more than it gets.
    """
    precision = np.result_type(spread, np.float32) if isinstance(spread, np.ndarray) else np.float64
    aid, evenly = halls.shares
    return aid.astype(precision) + spread * (evenly - aid).astype(precision)


def loss_in_districts(halls: TownHalls, threat: Array, *, spread: Worlds) -> Array:
    """What a district's towns would lose of their budgets, (seats, worlds). Linear in the cut, so averaged once."""
    as_it_is, evenly = halls.loss_in_districts
    here, apart = as_it_is.astype(threat.dtype), (evenly - as_it_is).astype(threat.dtype)
    return threat * (here + spread * apart)


def loss_per_head(halls: TownHalls, town_loss: NDArray[np.float64]) -> dict[str, float]:
    """Dollars of aid a year that each town's inhabitants lose, from what the towns lose in M$/yr, (towns,)."""
    return {town.name: 1e6 * loss / town.population for town, loss in zip(halls.towns, town_loss, strict=True)}


def dual_wages(halls: TownHalls, payroll_share: Worlds) -> Worlds:
    """Wages of the towns that share a union with the state, M$/yr; never zero, so that none divides none."""
    return max(fsum(halls.towns[row].budget for row in halls.dual_payroll), 1e-6) * payroll_share
