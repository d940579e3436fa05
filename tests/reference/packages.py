"""A package: what it saves, costs and protects, what it is worth to a side, and the best one to offer.

`docs/bargaining.md`, section 1. A package is an amount of every row: an issue, or a piece of one on which a unit is
worth the same throughout. The amounts of an issue's rows add up to the issue's.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

Package = list[float]
Weights = Sequence[float]  # what a unit of each issue is worth to a side


class Row(NamedTuple):
    """A piece of an issue, and what a unit of it means."""

    issue: int
    least: float
    most: float
    saves: float  # M$/yr
    structural: float
    burden: float  # share of a year's pay
    protects: float
    ballot: str


def rows_of(issues: Sequence[Any], declared: Sequence[Any]) -> list[Row]:
    """The pieces of all issues, from each one's low end up."""
    rows = []
    for place, (issue, on) in enumerate(zip(issues, declared, strict=True)):
        bottom, top = on.range
        cuts = [1.0, 2.0] if on.accumulates else []  # the years of the budget
        cuts += [] if issue.bend is None else [issue.bend]
        cuts += [1 / issue.protects] if issue.protects else []  # who is wholly protected is protected no more
        ends = [bottom, *sorted(cut for cut in cuts if bottom < cut < top), top]
        for start, end in pairwise(ends):
            beyond = issue.bend is not None and start >= issue.bend
            saves, burden = issue.saves, issue.burden
            if on.accumulates:  # two thirds of two years' savings come from the first, a third from the second
                saves *= {0.0: 4 / 3, 1.0: 2 / 3}.get(start, 0.0)
            saves *= issue.saves_beyond if beyond and issue.saves_beyond is not None else 1.0
            burden *= issue.burden_beyond if beyond and issue.burden_beyond is not None else 1.0
            covered = start * issue.protects >= 1 - 1e-12
            least, most = (start, end) if start == bottom else (0.0, end - start)
            protects = 0.0 if covered else issue.protects
            rows.append(Row(place, least, most, saves, issue.structural, burden, protects, on.ballot))
    return rows


def in_rows(amounts: Sequence[float], rows: Sequence[Row]) -> Package:
    """Amounts of issues, as they lie on their pieces."""
    left = list(amounts)
    package = []
    for row in rows:
        held = min(max(left[row.issue], row.least), row.most)
        package.append(held)
        left[row.issue] -= held
    return package


def in_issues(package: Package, rows: Sequence[Row]) -> list[float]:
    """The pieces of every issue added up."""
    amounts = [0.0] * (rows[-1].issue + 1)
    for row, held in zip(rows, package, strict=True):
        amounts[row.issue] += held
    return amounts


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


def governors_weights(rows: Sequence[Row], structural_weight: float) -> list[float]:
    """Dollars saved; one that lasts counts for more, by so much that the average dollar on the table counts as one."""
    counts = [1 + structural_weight * row.structural for row in rows]
    listed = [max(row.saves, 0.0) * (row.most - row.least) for row in rows]
    average = sum(amount * count for amount, count in zip(listed, counts, strict=True)) / max(sum(listed), 1e-12)
    return [row.saves * count / average for row, count in zip(rows, counts, strict=True)]


class Satiation(NamedTuple):
    """On a side's ruler: beyond so much of the sum, more is worth only so much of what it was before."""

    enough: float
    beyond: float

    @property
    def _full(self) -> float:
        return min(self.enough, 1.0)

    def of(self, added: float) -> float:
        """What a sum is worth."""
        return min(added, self.enough + self.beyond * (added - self.enough)) / self._full

    def back(self, worth_it: float) -> float:
        """The sum that is worth so much."""
        wanted = worth_it * self._full
        return wanted if wanted <= self.enough else self.enough + (wanted - self.enough) / max(self.beyond, 1e-12)


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


def guess(own: Weights, truth: Weights, rows: Sequence[Row], insight: float) -> list[float]:
    """The other's weights as a side guesses them: from all issues mattering alike to the truth, by its insight.

    How an issue's worth falls from piece to piece is known, and which end the other wants; of one who does not care for
    an issue it is expected that he wants the opposite.
    """
    swing = [abs(weight) * (row.most - row.least) for weight, row in zip(truth, rows, strict=True)]
    issues = rows[-1].issue + 1
    of_issue, way = [0.0] * issues, [0.0] * issues
    for row, one in zip(rows, swing, strict=True):
        of_issue[row.issue] += one / max(sum(swing), 1e-12)
        way[row.issue] += row.most - row.least
    guessed = []
    for mine, weight, row in zip(own, truth, rows, strict=True):
        importance = (1 - insight) / issues + insight * of_issue[row.issue]
        if of_issue[row.issue] > 0:
            guessed.append(weight / sum(swing) * importance / of_issue[row.issue])
        else:
            guessed.append(-importance / way[row.issue] * ((mine > 0) - (mine < 0)))
    return guessed
