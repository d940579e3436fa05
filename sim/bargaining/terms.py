"""What a package means: to the state's budget, to a member's pay, to a member's job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.worlds.axis import Worlds

FULL_PROTECTION = 1.0


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


def burden(package: NDArray[np.float64], issues: Mapping[str, Any], ballots: Sequence[str]) -> Burden:
    """Add up what a package, shape (issues, worlds), costs and gives members."""
    by_ballot = {ballot: np.zeros(package.shape[-1]) for ballot in ("benefits", "wages")}
    protection = np.zeros(package.shape[-1])
    for amount, issue, ballot in zip(package, issues.values(), ballots, strict=True):
        if _matters(issue.burden):
            by_ballot[ballot] += issue.burden * amount
        if _matters(issue.protects):
            protection += issue.protects * amount
    return Burden(by_ballot["benefits"], by_ballot["wages"], np.minimum(protection, FULL_PROTECTION, out=protection))


def terms(package: NDArray[np.float64], issues: Mapping[str, Any], ballots: Sequence[str]) -> Terms:
    """Add up a package, shape (issues, worlds), over issues (their numbers by name, and the ballot each is on)."""
    savings, wage_savings, structural = np.zeros((3, package.shape[-1]))
    for amount, issue, ballot in zip(package, issues.values(), ballots, strict=True):
        saved = issue.saves * amount
        savings += saved
        structural += issue.structural * saved
        if ballot == "wages":
            wage_savings += saved
    return Terms(savings, wage_savings, structural, *burden(package, issues, ballots))


def _matters(weight: Worlds) -> bool:
    """False for a number that is zero in all worlds."""
    return np.ndim(weight) > 0 or weight != 0
