"""What a package means: to the state's budget, to a member's pay, to a member's job."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.rows import FULL_PROTECTION, Rows
from sim.worlds.axis import Worlds


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


def burden(package: NDArray[np.float64], rows: Rows) -> Burden:
    """Add up what a package, shape (issues, worlds), costs and gives members."""
    by_ballot = {ballot: np.zeros(package.shape[-1]) for ballot in ("benefits", "wages")}
    protection = np.zeros(package.shape[-1])
    amounts = rows.pieces.rows(package)
    for place, cost, ballot in rows.burdens:
        by_ballot[ballot] += cost * amounts[place]
    for place, protects in rows.guards:
        protection += protects * amounts[place]
    return Burden(by_ballot["benefits"], by_ballot["wages"], np.minimum(protection, FULL_PROTECTION, out=protection))


def terms(package: NDArray[np.float64], rows: Rows) -> Terms:
    """Add up a package, shape (issues, worlds)."""
    savings, wage_savings, structural = np.zeros((3, package.shape[-1]))
    for amount, saves, lasting, ballot in zip(
        rows.pieces.rows(package), rows.saves, rows.structural, rows.ballots, strict=True
    ):
        saved = saves * amount
        savings += saved
        structural += lasting * saved
        if ballot == "wages":
            wage_savings += saved
    return Terms(savings, wage_savings, structural, *burden(package, rows))
