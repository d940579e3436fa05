"""Who sets the agenda and whose vote decides: what a chamber would pass, known in advance.

One dimension, take it or leave it; utilities fall with the distance from a member's ideal point.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.worlds.axis import Worlds


def setter_proposal(setter_ideal: Worlds, pivot_ideal: Worlds, reversion: Worlds) -> NDArray[np.float64]:
    """The proposal a setter likes best among those the pivot accepts under a closed rule, (worlds,).

    The pivot accepts what is no farther from its ideal point than the reversion is; indifference counts as yes, as in
    the paper. Source: Romer & Rosenthal (1978), Public Choice 33(4).
    """
    slack = np.abs(reversion - pivot_ideal)
    return np.minimum(np.maximum(setter_ideal, pivot_ideal - slack), pivot_ideal + slack)


def pivot(points: NDArray[np.float64], quota: Any) -> NDArray[np.float64]:
    """The ``quota``-th highest of the members' points, (members, worlds) -> (worlds,); a number or one a world.

    So many members accept a proposal that rises to it: with a bare majority of an odd chamber it is the median.
    """
    place = np.clip(len(points) - np.asarray(quota), 0, len(points) - 1)
    if place.ndim == 0:
        return np.partition(points, int(place), axis=0)[int(place)]
    return np.take_along_axis(np.sort(points, axis=0), place[None, :], axis=0)[0]


def majority(members: int) -> int:
    """The least number of members that outvotes the rest."""
    return members // 2 + 1


def gridlock_interval(pivots: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Status quos that nothing beats when every pivot must agree, (pivots, worlds) -> two of (worlds,).

    From the lowest to the highest pivot: any move within it makes one of them worse off.
    Source: Krehbiel (1998), Pivotal Politics; Tsebelis (2002), Veto Players.
    """
    return pivots.min(axis=0), pivots.max(axis=0)


def price_of_majority(prices: NDArray[np.float64], quota: Any) -> NDArray[np.float64]:
    """The least a proposer pays for ``quota`` votes, (members, worlds) -> (worlds,).

    Infinite where they cannot be had; ``quota`` is a number or one a world.

    A member votes yes when paid what he would forgo: ``prices``, nothing or less where he is for it anyway, infinite
    where he is away. The cheapest are bought and nobody else is paid, a minimal winning coalition.
    Source: Baron & Ferejohn (1989), American Political Science Review 83(4), closed rule.
    """
    dearest_last = np.sort(np.maximum(prices, 0.0), axis=0)
    bought = np.arange(len(prices))[:, None] < quota
    return np.asarray(sum(np.where(bought, dearest_last, 0.0)))
