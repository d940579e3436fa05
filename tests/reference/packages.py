"""A package: what it saves, costs and protects, what it is worth to a side, and the best one to offer.

`docs/bargaining.md`, section 1. A package is an amount of every issue, in the issue's own unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

Package = list[float]
Weights = Sequence[float]  # what a unit of each issue is worth to a side


class Deal(NamedTuple):
    """A package in the units people argue in."""

    savings: float  # M$/yr to the state
    wage_savings: float  # part of them that hangs on the wages ballot
    structural: float  # part of them that lasts
    benefits_burden: float  # share of a year's pay
    wages_burden: float
    protection: float  # part of the loss from a layoff that it takes away


def deal_of(package: Package, issues: Sequence[Any], ballots: Sequence[str]) -> Deal:
    """Savings, burden and protection add up over the issues; nobody is protected more than wholly."""
    saved = [issue.saves * amount for issue, amount in zip(issues, package, strict=True)]
    burden = [issue.burden * amount for issue, amount in zip(issues, package, strict=True)]
    on_wages = [ballot == "wages" for ballot in ballots]
    return Deal(
        savings=sum(saved),
        wage_savings=sum(s for s, wages in zip(saved, on_wages, strict=True) if wages),
        structural=sum(s * issue.structural for s, issue in zip(saved, issues, strict=True)),
        benefits_burden=sum(b for b, wages in zip(burden, on_wages, strict=True) if not wages),
        wages_burden=sum(b for b, wages in zip(burden, on_wages, strict=True) if wages),
        protection=min(1.0, sum(issue.protects * amount for issue, amount in zip(issues, package, strict=True))),
    )


def governors_weights(issues: Sequence[Any], structural_weight: float) -> list[float]:
    """Dollars saved; one that lasts counts as one saved now and so much more."""
    return [issue.saves * (1 + structural_weight * issue.structural) for issue in issues]


def members_weights(
    burdens: Weights, protects: Weights, *, risk: float, loss: float, loss_aversion: float
) -> list[float]:
    """Protection against the risk of a layoff, less a certain burden, which weighs heavier."""
    return [risk * loss * guard - loss_aversion * burden for guard, burden in zip(protects, burdens, strict=True)]


def worth(package: Package, weights: Weights) -> float:
    """What a package is worth to a side, in the units of its weights."""
    return sum(weight * amount for weight, amount in zip(weights, package, strict=True))


def ends(weights: Weights, low: Weights, high: Weights) -> tuple[float, float]:
    """The worst and the best that a side can have within the bounds."""
    worst = worth([least if w > 0 else most for w, least, most in zip(weights, low, high, strict=True)], weights)
    ideal = worth([most if w > 0 else least for w, least, most in zip(weights, low, high, strict=True)], weights)
    return worst, ideal


def on_the_ruler(value: float, weights: Weights, low: Weights, high: Weights) -> float:
    """A value on the side's own ruler: 0 its worst package, 1 its ideal."""
    worst, ideal = ends(weights, low, high)
    return (value - worst) / max(ideal - worst, 1e-12)


def best_offer(aspiration: float, own: Weights, other: Weights, low: Weights, high: Weights) -> Package:
    """Of all packages worth the aspiration to a side, the one that is best for the other (Dantzig 1957).

    Everything is given up, but for what the other wants at the same end. Then the side takes back, first what costs the
    other least per unit of its own gain, until it has what it aspires to.
    """
    package: Package = []
    contested: list[tuple[float, int, float, float]] = []  # gain for cost, issue, gain, the way to the own end
    for issue, (mine, theirs, least, most) in enumerate(zip(own, other, low, high, strict=True)):
        up = mine > 0 or (mine == 0 and theirs > 0)
        given_up, way = (least, most - least) if up else (most, least - most)
        cost = -theirs * way
        package.append(given_up if cost > 0 else given_up + way)
        if cost > 0:
            contested.append((mine * way / cost, issue, mine * way, way))
    worst, ideal = ends(own, low, high)
    missing = worst + aspiration * (ideal - worst) - worth(package, own)
    for _, issue, gain, way in sorted(contested, key=lambda entry: -entry[0]):
        part = min(max(missing / gain, 0.0), 1.0) if gain > 0 else float(missing > 0)
        package[issue] += part * way
        missing -= part * gain
    return package


def guess(own: Weights, truth: Weights, low: Weights, high: Weights, insight: float) -> list[float]:
    """The other's weights as a side guesses them: from all issues mattering alike to the truth, by its insight.

    Which end the other wants is known; of one who does not care it is expected that he wants the opposite.
    """
    span = [most - least for least, most in zip(low, high, strict=True)]
    swing = [abs(weight) * way for weight, way in zip(truth, span, strict=True)]
    guessed = []
    for mine, weight, one, way in zip(own, truth, swing, span, strict=True):
        importance = (1 - insight) / len(truth) + insight * one / max(sum(swing), 1e-12)
        wanted = weight if weight != 0 else -mine
        guessed.append(0.0 if wanted == 0 else importance / way * (1 if wanted > 0 else -1))
    return guessed
