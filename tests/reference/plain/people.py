"""Unions, their units and their members: members as Python objects who cast ballots, or counted by the unit."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import mesa

from reference.beliefs import exposure

if TYPE_CHECKING:
    from reference.plain.model import PlainCrisis

UNAWARE, INFORMED, MISINFORMED = range(3)


def logistic(x: float) -> float:
    """1 / (1 + exp(-x))."""
    return 1 / (1 + math.exp(-x))


class Question:
    """What a ballot puts to the members of a unit: its appeal to an average member, and what risk and news add."""

    __slots__ = ("by_band", "common", "news")

    def __init__(self, common: float, protection: float, risk: list[float], news: tuple[float, float, float]) -> None:
        self.common = common
        self.by_band = [protection * one for one in risk]  # logits, by seniority
        self.news = news  # logits, by what a member knows


class Member(mesa.Agent):
    """One member of a unit: a place in the seniority list, a lasting reluctance, and what he has heard."""

    def __init__(self, model: Any, band: int) -> None:
        super().__init__(model)
        self.band = band
        self.reluctance = model.random.random()
        self.diligence = model.random.random()
        self.knows = UNAWARE
        self.votes = self.gone = self.said_no = False

    def hear(self, informing: float, misinform: float, correction: float) -> None:
        """A week of campaign: a meeting, or else a false claim."""
        if self.knows == INFORMED:
            return
        luck = self.model.random.random()
        if self.knows == MISINFORMED:
            if luck < informing * correction:
                self.knows = INFORMED
        elif luck < informing:
            self.knows = INFORMED
        elif luck < informing + (1 - informing) * misinform:
            self.knows = MISINFORMED

    def says_yes(self, question: Question) -> bool:
        """The ballot he casts."""
        appeal = question.common + question.by_band[self.band] + question.news[self.knows]
        return self.reluctance < 1 / (1 + math.exp(-appeal))


class CastBallots:
    """A unit's members, one object each."""

    def __init__(self, model: PlainCrisis, members: int) -> None:
        self.model = model
        bands = model.random.choices(range(len(model.bands)), weights=model.bands, k=members)
        self.members = [Member(model, band) for band in bands]
        self.asked = False

    def campaign(self, informing: float, misinform: float, correction: float) -> None:
        """A week in which everybody may hear something."""
        for member in self.members:
            member.hear(informing, misinform, correction)

    def clarify(self, share: float) -> None:
        """A clarified text: some of the misinformed know the terms after all."""
        for member in self.members:
            if member.knows == MISINFORMED and self.model.random.random() < share:
                member.knows = INFORMED

    def give_up(self, share: float) -> None:
        """Some who voted no stay at home from now on."""
        for member in self.members:
            member.gone = member.votes and member.said_no and self.model.random.random() < share

    def turn_out(self, turnout: float) -> int:
        """Who votes; whoever voted before and has not given up votes again. How many ballots are cast."""
        for member in self.members:
            member.votes = (member.votes or member.diligence < turnout) and not member.gone
        return sum(member.votes for member in self.members)

    def count(self, question: Question) -> int:
        """Ballots that say yes; whether a member's first was a no is remembered."""
        first, self.asked = not self.asked, True
        yes = 0
        for member in self.members:
            if member.votes:
                says = member.says_yes(question)
                yes += says
                member.said_no = not says if first else member.said_no
        return yes


class Cohort:
    """Voters who came in at one vote: how many have a reluctance below each chance they were asked about."""

    def __init__(self, people: int) -> None:
        self.people = people
        self.known = [(0.0, 0), (1.0, people)]
        self.asked: list[tuple[float, int]] = []  # in the order of asking

    def count(self, p: float, model: PlainCrisis) -> int:
        """How many have a reluctance below ``p``, given every count taken of them before."""
        place = bisect_right(self.known, p, key=lambda known: known[0])
        place = min(max(place, 1), len(self.known) - 1)
        (low, least), (high, most) = self.known[place - 1], self.known[place]
        share = (p - low) / (high - low) if high > low else 0.0
        count = least + int(model.rng.binomial(most - least, share))
        self.known.insert(place, (p, count))
        self.asked.append((p, count))
        return count

    def give_up(self, share: float, model: PlainCrisis) -> int:
        """Of those who said no to the first of two questions, this share stays away; how many that is."""
        (p, yes), (other, other_yes) = self.asked
        middle = other_yes - yes if other > p else 0
        gone = [int(model.rng.binomial(people, share)) for people in (middle, self.people - yes - middle)]
        self.people -= sum(gone)
        self.asked[1] = other, other_yes - (gone[0] if other > p else 0)
        self.known = sorted([(0.0, 0), *self.asked, (1.0, self.people)])
        return sum(gone)


class CountedBallots:
    """A unit's members, counted: alike but for seniority and news, so that a number drawn stands for them."""

    def __init__(self, model: PlainCrisis, members: int) -> None:
        self.model, self.members = model, members
        self.shares = [1.0, 0.0, 0.0]  # unaware, informed, misinformed
        self.turnout = 0.0
        self.gone = 0
        self.cohorts: list[Cohort] = []

    def campaign(self, informing: float, misinform: float, correction: float) -> None:
        """A week of campaign moves the shares."""
        unaware, informed, misinformed = self.shares
        learned, corrected = informing * unaware, informing * correction * misinformed
        misled = misinform * (unaware - learned)
        self.shares = [unaware - learned - misled, informed + learned + corrected, misinformed + misled - corrected]

    def clarify(self, share: float) -> None:
        """A clarified text: some of the misinformed know the terms after all."""
        cleared = share * self.shares[MISINFORMED]
        self.shares[INFORMED] += cleared
        self.shares[MISINFORMED] -= cleared

    def give_up(self, share: float) -> None:
        """Some who voted no stay at home from now on."""
        self.gone += self.cohorts[0].give_up(share, self.model)

    def turn_out(self, turnout: float) -> int:
        """Who voted before votes again; some who did not join where turnout rises. How many ballots are cast."""
        absent = self.members - self.gone - sum(cohort.people for cohort in self.cohorts)
        joining = max((turnout - self.turnout) / (1 - self.turnout), 0.0)
        self.cohorts.append(Cohort(int(self.model.rng.binomial(absent, joining))))
        self.turnout = max(turnout, self.turnout)
        return sum(cohort.people for cohort in self.cohorts)

    def count(self, question: Question) -> int:
        """Ballots that say yes."""
        p = 0.0
        for known, news in zip(self.shares, question.news, strict=True):
            for share, risk in zip(self.model.bands, question.by_band, strict=True):
                p += known * share * logistic(question.common + risk + news)
        return sum(cohort.count(min(p, 1.0), self.model) for cohort in self.cohorts)


class Unit:
    """One bargaining unit and its ballots."""

    def __init__(
        self, model: PlainCrisis, row: int, union: int, common: list[float], wage_loss: float, average: float
    ) -> None:
        case, numbers = model.case, model.numbers
        self.row, self.union, self.common = row, union, common
        self.members = round(float(case.units.members[row]) * numbers.unions.members_scale)
        self.wage_factor = wage_loss / average
        self.turnout_base = float(case.units.turnout_base[row])
        self.dual_payroll = float(case.units.municipal_share[row])
        self.pay = float(case.units.pay_kusd[row])
        self.votes_held = 0
        self.mood = self.alike(model, 0) * numbers.members.trust_spread
        self.wages_mood = numbers.members.wages_trust + model.random.gauss(0, numbers.members.wages_spread)
        self.risk = 0.0
        self.ballots = model.ballots(model, self.members)
        self.yes = self.cast = 0
        self.accepts_wages = False

    def share_listed(self, model: PlainCrisis) -> float:
        """Share of its posts on the list in force."""
        return min(model.listed[self.row] * model.numbers.unions.list_scale, 1.0)

    def vote(self, model: PlainCrisis) -> None:
        """Two ballots: on benefits, and on the wages of the unit itself."""
        members, deal = model.numbers.members, model.deal
        listed, belief = self.share_listed(model), model.belief_of(self.row)
        risk = [belief * share for share in risk_by_band(listed, model.case.seniority, members.strict_seniority)]
        protection = members.sensitivity * members.loss_if_laid_off * deal.protection
        mood = members.trust + self.mood - members.fatigue - members.reactance * model.resentment
        if self.votes_held:
            mood += self.come_round(model)
            self.ballots.give_up(members.gives_up)
        self.votes_held += 1
        mood += self.alike(model, self.votes_held) * members.mood_spread
        stakes = members.sensitivity * members.loss_if_laid_off * members.solidarity
        mood += stakes * self.dual_payroll * model.local_risk
        news = (0.0, members.informed, -members.misinformed)
        turnout = min(max(self.turnout_base + members.turnout_stakes * listed * belief, 0.02), 0.98)
        self.cast = self.ballots.turn_out(turnout)
        pain = members.sensitivity * members.loss_aversion
        wages = self.wage_factor * deal.wages_burden
        self.yes = self.ballots.count(Question(mood - pain * (deal.benefits_burden + wages), protection, risk, news))
        wages_yes = self.ballots.count(Question(mood + self.wages_mood - pain * wages, protection, risk, news))
        self.accepts_wages = 2 * wages_yes > self.cast

    def alike(self, model: PlainCrisis, occasion: int) -> float:
        """A normal of which part of the variance is common to the union: lasting, or of a vote."""
        shared = model.numbers.members.mood_shared
        return math.sqrt(1 - shared) * model.random.gauss(0, 1) + math.sqrt(shared) * self.common[occasion]

    def come_round(self, model: PlainCrisis) -> float:
        """What has happened since they refused, logits."""
        members, unions = model.numbers.members, model.unions
        begun = exposure(model.listed, model.table_members)[self.row] if model.harm_begun else 0.0
        others = [union for place, union in enumerate(unions) if place != self.union]
        yes = sum(union.members for union in others if 2 * union.first_yes > union.first_cast)
        return float(
            members.anger_spent
            + members.last_word * model.numbers.calendar.window.last_word
            + members.harm_begun * begun
            + members.clearer * model.revised
            + members.leaders_campaign * model.campaigning[self.union]
            + members.others_yes * yes / sum(union.members for union in others)
            + members.swing_spread * model.swing
        )


def risk_by_band(listed: float, seniority: Any, strict: float) -> list[float]:
    """Chance of being on the list, by seniority: most junior first, part of it evenly on those under ten years."""
    junior = sum(share for share, high in zip(seniority.share, seniority.years_high, strict=True) if high <= 10)
    risk, below = [], 0.0
    for share, years_high in zip(seniority.share, seniority.years_high, strict=True):
        by_rank = min(max((listed - below) / share, 0.0), 1.0)
        if years_high <= 10:
            even = min(1.0, listed / max(junior, 1e-12))
        else:
            even = max(0.0, (listed - junior) / max(1 - junior, 1e-12))
        risk.append(float(even + strict * (by_rank - even)))
        below += share
    return risk


class Union(mesa.Agent):
    """A union's units, and a leader who reads their members through a glass of his own."""

    def __init__(self, model: Any, name: str, units: list[Unit]) -> None:
        super().__init__(model)
        self.name, self.units = name, units
        self.members = sum(unit.members for unit in units)
        self.misreading = model.random.gauss(0, model.numbers.leaders.noise)
        self.wage_factor = sum(unit.members * unit.wage_factor for unit in units) / self.members
        self.mood = sum(unit.members * unit.mood for unit in units) / self.members
        self.goodwill = self.gain = self.risk = 0.0
        self.first_yes = self.first_cast = 0
        self.dual_payroll = sum(unit.members * unit.dual_payroll for unit in units) / self.members

    @property
    def yes(self) -> int:
        """Benefits ballots that said yes."""
        return sum(unit.yes for unit in self.units)

    @property
    def cast(self) -> int:
        """Benefits ballots."""
        return sum(unit.cast for unit in self.units)

    def listen(self) -> None:
        """The leader takes in what members think now."""
        model = self.model
        members, leaders = model.numbers.members, model.numbers.leaders
        self.risk = sum(unit.members * unit.risk for unit in self.units) / self.members
        heard = members.trust + self.mood - members.fatigue - members.reactance * model.resentment
        stakes = members.sensitivity * members.loss_if_laid_off * members.solidarity
        heard += stakes * self.dual_payroll * model.local_risk
        self.goodwill = heard + leaders.optimism + self.misreading
        self.gain = members.sensitivity * members.loss_if_laid_off * self.risk

    def expects_yes(self, protection: float, benefits: float, wages: float, pain: float, margin: float = 0.0) -> bool:
        """Does he expect his members to approve?"""
        return self.goodwill + self.gain * protection > pain * (benefits + self.wage_factor * wages) + margin
