"""What a package means: to the state's budget, to a member's pay, to a member's job."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.rows import FULL_PROTECTION, Rows
from sim.worlds.axis import Worlds, total


class Terms(NamedTuple):
    """A package in the units people argue in; each shape (worlds,)."""

    savings: Worlds  # M$/yr to the state, average of the two budget years
    wage_savings: Worlds  # part of them that a unit brings by its own wages ballot
    structural: Worlds  # part of them that lasts
    benefits_burden: Worlds  # share of a year's pay, from issues on the benefits ballot
    wages_burden: Worlds  # likewise from the wages ballot, to the average unit
    protection: Worlds  # share of the loss from a layoff that the deal takes away


class Burden(NamedTuple):
    """What a package means to members; see `Terms`."""

    benefits_burden: NDArray[np.float64]
    wages_burden: NDArray[np.float64]
    protection: NDArray[np.float64]


def burden(
    package: NDArray[np.float64], rows: Rows, here: NDArray[np.int64] | None = None, *, in_pieces: bool = False
) -> Burden:
    """Add up what a package, shape (issues, worlds here), costs and gives members.

    ``here``: by place, None: all; ``in_pieces``: it comes by piece, (pieces, worlds here).
    """
    amounts = package if in_pieces else rows.pieces.rows(package, here)
    benefits, wages = (costs.added_up(amounts, here) for costs in rows.costs)
    return Burden(benefits, wages, np.minimum(rows.guards.added_up(amounts, here), FULL_PROTECTION))


def terms(package: NDArray[np.float64], rows: Rows) -> Terms:
    """Add up a package, shape (issues, worlds)."""
    saved = rows.saves * rows.pieces.rows(package)
    return Terms(
        savings=total(saved),
        wage_savings=total(saved[rows.on_wages]),
        structural=total(rows.structural * saved),
        **burden(package, rows)._asdict(),
    )
