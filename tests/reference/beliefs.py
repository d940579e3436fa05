"""Threats, news and what members believe: the chance that the layoff list is carried out, and one's own risk.

`docs/bargaining.md`, section 4; `docs/odd.md`, 7.4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass
class Said:
    """A threat as members weigh it: as evidence that the list is meant, and as an affront."""

    exposed: Sequence[float]  # how far it speaks to each unit
    evidence: float  # log likelihood ratio
    affront: float


class Beliefs:
    """Log-odds by unit that the list is meant; evidence adds up, and what is withdrawn fades."""

    def __init__(self, prior: float, units: int) -> None:
        self.log_odds = [math.log(prior / (1 - prior))] * units  # without the threats
        self.threats: list[Said] = []

    def after_threat(self, exposed: Sequence[float], likelihood_ratio: float, resented: float) -> None:
        """An act moves a unit as far as it is exposed to the list, and offends everybody."""
        self.threats.append(Said(exposed, math.log(likelihood_ratio), resented))

    def take_back(self) -> None:
        """As if the latest had not been said."""
        self.threats.pop()

    def fade(self, threat: Said, *, fades: float, forgiven: float) -> None:
        """It is withdrawn: so much of its weight and of the affront are gone."""
        threat.evidence *= 1 - fades
        threat.affront *= 1 - forgiven

    @property
    def resentment(self) -> float:
        """Affronts that are not forgiven."""
        return sum(threat.affront for threat in self.threats)

    def after_news(self, likelihood_ratio: float) -> None:
        """News moves everybody alike."""
        self.log_odds = [odds + math.log(likelihood_ratio) for odds in self.log_odds]

    def by_unit(self) -> list[float]:
        """The chance that the list is carried out, as each unit sees it."""
        return [
            logistic(odds + sum(said.exposed[unit] * said.evidence for said in self.threats))
            for unit, odds in enumerate(self.log_odds)
        ]


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
