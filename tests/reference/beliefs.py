"""Threats, news and what members believe: the chance that the layoff list is carried out, and one's own risk.

`docs/bargaining.md`, section 4; `docs/odd.md`, 7.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any


def logistic(x: float) -> float:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + math.exp(-x)) if x > -700 else 0.0


def mean(amounts: Sequence[float], weights: Sequence[float]) -> float:
    """Weighted mean."""
    return sum(a * w for a, w in zip(amounts, weights, strict=True)) / sum(weights)


def re_aimed(listed: Sequence[float], members: Sequence[float], target: int | None, aim: float) -> list[float]:
    """A list of which every unit's part ``aim`` goes to one unit, which cannot have more posts listed than members.

    By unit, share of its posts. The list keeps its length.
    """
    if target is None:
        return list(listed)
    given = [share * (1 - aim) for share in listed]
    moved = sum(
        aim * share * people for u, (share, people) in enumerate(zip(listed, members, strict=True)) if u != target
    )
    given[target] = min(1.0, listed[target] + moved / members[target])
    return given


def exposure(listed: Sequence[float], members: Sequence[float]) -> list[float]:
    """How far an act that points to a list speaks to each unit: in full from the average share of posts on it."""
    average = mean(listed, members)
    return [min(1.0, share / average) if average > 0 else 0.0 for share in listed]


class Beliefs:
    """Log-odds by unit that the list is meant; evidence adds up."""

    def __init__(self, prior: float, units: int) -> None:
        self.log_odds = [math.log(prior / (1 - prior))] * units
        self.pressure = 0.0  # weight of the threats so far, which breeds resentment

    def after_threat(self, exposed: Sequence[float], likelihood_ratio: float) -> None:
        """An act moves a unit as far as it is exposed to the list."""
        weight = math.log(likelihood_ratio)
        self.log_odds = [odds + part * weight for odds, part in zip(self.log_odds, exposed, strict=True)]
        self.pressure += max(weight, 0.0)

    def after_news(self, likelihood_ratio: float) -> None:
        """News moves everybody alike."""
        self.log_odds = [odds + math.log(likelihood_ratio) for odds in self.log_odds]

    def by_unit(self) -> list[float]:
        """The chance that the list is carried out, as each unit sees it."""
        return [logistic(odds) for odds in self.log_odds]


def risk_by_band(listed: float, seniority: Any, strict: float) -> list[float]:
    """Chance of being on the list by seniority band, most junior first; averages to the unit's share.

    The strict part takes the most junior first; the rest falls evenly on those under ten years, then on the others.
    """
    shares = [float(share) for share in seniority.share]
    junior = [years <= 10 for years in seniority.years_high]
    juniors = sum(share for share, young in zip(shares, junior, strict=True) if young)
    below = [sum(shares[:band]) for band in range(len(shares) + 1)]
    risk = []
    for young, (start, end) in zip(junior, pairwise(below), strict=True):
        by_rank = min(max((listed - start) / (end - start), 0.0), 1.0)
        evenly = min(1.0, listed / juniors) if young else max(0.0, listed - juniors) / (1 - juniors)
        risk.append(strict * by_rank + (1 - strict) * evenly)
    return risk


def belongs(when: str, *, agreed: bool, ratified: tuple[bool, bool]) -> bool:
    """Does an act or a piece of news happen in this world, by its condition?"""
    if when == "no_deal":
        return not agreed
    if when == "refused":
        return agreed and not ratified[0]
    return not any(ratified)
