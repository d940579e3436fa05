"""Why a member says yes, who turns out, and how a unit's ballots are counted. `docs/bargaining.md`, section 5."""

from __future__ import annotations

import math
from bisect import insort

from reference.beliefs import logistic


def felt(burden: float, leaked: float | None, weight: float) -> float:
    """A burden as members feel it: what exceeds the terms they had read about hurts again."""
    return burden if leaked is None else burden + weight * max(0.0, burden - leaked)


def chance_of_yes(
    common: float, protection: float, risk: list[float], bands: list[float], information: list[tuple[float, float]]
) -> float:
    """That a member drawn from a unit says yes: the logistic of his appeal, over bands of seniority and what he knows.

    ``common``: what speaks for it to everybody, logits; ``protection``: per unit of ``risk``, by band; ``bands``:
    shares of members; ``information``: what knowing something adds, logits, and the share of members who know it.
    """
    return sum(
        share * part * logistic(common + protection * at_risk + shift)
        for share, at_risk in zip(bands, risk, strict=True)
        for shift, part in information
    )


def turnout(habit: float, stakes: float, *, per_stake: float) -> float:
    """Share who vote: the unit's habit, and more where more posts are at risk."""
    return min(max(habit + per_stake * stakes, 0.02), 0.98)


def binomial(score: float, people: float, chance: float) -> int:
    """The binomial count at a normal score, by the expansion of Cornish and Fisher (Abramowitz & Stegun 26.2.49)."""
    mean, deviation = people * chance, math.sqrt(people * chance * (1 - chance))
    bound = 3 * deviation  # the correction has no meaning where hardly anybody is in doubt
    skewness = min(max((1 - 2 * chance) * (score * score - 1) / 6, -bound), bound)
    return int(min(max(math.floor(mean + score * deviation + skewness + 0.5), 0), people))


class Cohort:
    """People who came to vote together, each with a lasting reluctance: yes where the chance of a yes exceeds it."""

    def __init__(self, people: int) -> None:
        self.people = people
        self.asked: list[tuple[float, int]] = []  # in the order of asking
        self.known = [(0.0, 0), (1.0, people)]  # how many have a reluctance below a chance, for every chance so far

    def count(self, chance: float, score: float) -> int:
        """How many say yes; drawn between the counts already known."""
        low, least = max(known for known in self.known if known[0] <= chance)
        high, most = min((known for known in self.known if known[0] > chance), default=(1.0, self.people))
        count = least + binomial(score, most - least, (chance - low) / max(high - low, 1e-12))
        insort(self.known, (chance, count))
        self.asked.append((chance, count))
        return count

    def give_up(self, share: float, scores: list[float]) -> int:
        """Of those who said no to the first of one or two questions, this share stays away; how many that is."""
        (p, yes), (other, other_yes) = self.asked[0], self.asked[-1]
        middle = other_yes - yes if other > p else 0
        gone = [binomial(scores[0], middle, share), binomial(scores[1], self.people - yes - middle, share)]
        self.people -= sum(gone)
        if other > p:
            self.asked[-1] = other, other_yes - gone[0]
        self.known = sorted([(0.0, 0), *self.asked, (1.0, self.people)])
        return sum(gone)


class Electorate:
    """A unit's members over the votes of one crisis: the same people, and those who join where turnout rises."""

    def __init__(self, members: int, scores: list[float]) -> None:
        self.members = members
        self.scores = iter(scores)
        self.turnout = 0.0
        self.cohorts: list[Cohort] = []
        self.gone = 0

    def give_up(self, share: float, scores: list[float]) -> None:
        """Some who voted no stay at home from now on."""
        self.gone += self.cohorts[0].give_up(share, scores)

    def turn_out(self, expected: float) -> int:
        """Who voted before votes again. How many ballots are cast."""
        absent = self.members - self.gone - sum(cohort.people for cohort in self.cohorts)
        joining = max((expected - self.turnout) / (1 - self.turnout), 0.0)
        self.cohorts.append(Cohort(binomial(next(self.scores), absent, joining)))
        self.turnout = max(expected, self.turnout)
        return sum(cohort.people for cohort in self.cohorts)

    def count_yes(self, chance: float) -> int:
        """Ballots that say yes to one question."""
        return sum(cohort.count(chance, next(self.scores)) for cohort in self.cohorts)
