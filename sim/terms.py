"""What a package means: to the state's budget, to a member's pay, to a member's job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.worlds import Worlds

FULL_PROTECTION = 1.0


class Terms(NamedTuple):
    """A package in the units people argue in; each shape (worlds,)."""

    savings: Worlds  # M$/yr to the state, average of the two budget years
    wage_savings: Worlds  # part of them that a unit brings by its own wages ballot
    structural: Worlds  # part of them that lasts
    benefits_burden: Worlds  # share of a year's pay, from issues on the benefits ballot
    wages_burden: Worlds  # likewise from the wages ballot, to the average unit
    protection: Worlds  # share of the loss from a layoff that the deal takes away


def terms(package: NDArray[np.float64], issues: Mapping[str, Any], ballots: Sequence[str]) -> Terms:
    """Add up a package, shape (issues, worlds), over issues (their numbers by name, and the ballot each is on)."""
    savings = wage_savings = structural = benefits = wages = protection = np.zeros(package.shape[-1])
    for amount, issue, ballot in zip(package, issues.values(), ballots, strict=True):
        savings = savings + issue.saves * amount
        structural = structural + issue.saves * issue.structural * amount
        if ballot == "benefits":
            benefits = benefits + issue.burden * amount
        else:
            wages = wages + issue.burden * amount
            wage_savings = wage_savings + issue.saves * amount
        protection = protection + issue.protects * amount
    return Terms(savings, wage_savings, structural, benefits, wages, np.minimum(protection, FULL_PROTECTION))
