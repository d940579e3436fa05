"""The crisis in plain Mesa: one world a model, 372 institutions, and members who cast ballots or are counted."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from statistics import NormalDist
from types import SimpleNamespace
from typing import Any, ClassVar, NamedTuple

import mesa
import numpy as np

from reference.plain.money import Instrument, affordable, cost_of, fill, within
from reference.plain.people import CastBallots, CountedBallots, Union, Unit
from reference.plain.statehouse import Legislator, called_down, chance_of_majority, roll_call
from reference.plain.talks import CLOSE, Frontier, Package, Side, guess
from reference.plain.towns import Mayor
from sim.bargaining.rows import rows_of
from sim.public.beliefs import exposure, re_aimed
from sim.public.cuts import year_left
from sim.ratification.conditions import AllOf, AnyOf, AtLeast, Share
from sim.scenario.scenario import Scenario, load_scenario
from sim.scenario.seats import COVARIATES

BISECTIONS = 10


class Piece(NamedTuple):
    """What a unit of a piece of an issue means."""

    saves: float
    structural: float
    burden: float
    protects: float


class Deal(NamedTuple):
    """A package in the units people argue in."""

    savings: float
    wage_savings: float
    benefits_burden: float
    wages_burden: float
    protection: float


def mean(amounts: Sequence[float], weights: Sequence[float]) -> float:
    """Weighted mean."""
    return sum(a * w for a, w in zip(amounts, weights, strict=True)) / sum(weights)


def carries(rule: Any, approves: list[bool], members: list[int], yes: int, cast: int) -> bool:
    """Does a vote carry under a ratification rule, or a part of one?"""
    if isinstance(rule, AllOf):
        return all(carries(part, approves, members, yes, cast) for part in rule.parts)
    if isinstance(rule, AnyOf):
        return any(carries(part, approves, members, yes, cast) for part in rule.parts)
    if isinstance(rule, AtLeast):
        return bool(sum(approves) >= rule.at_least)
    assert isinstance(rule, Share) and rule.of in ("members", "ballots")
    if rule.count == "per_capita":
        amount, whole = yes, cast if rule.of == "ballots" else sum(members)
    else:
        amount, whole = sum(m for m, approving in zip(members, approves, strict=True) if approving), sum(members)
    share: Any = rule.share.value
    margin = amount * share.denominator - whole * share.numerator
    return margin >= 0 if rule.exactly_enough else margin > 0


@lru_cache(maxsize=8)
def prepared(case: Scenario) -> tuple[Any, list[tuple[str, float, float]], list[dict[str, float]]]:
    """What is the same in all worlds: usual values as a tree, what is drawn and from where, seats as the fit sees them.

    Reading files and tables anew in every world would slow a user down who does not notice; this one does.
    """
    usual = case.with_settings({"case.uncertainties": "start"}).values(0, np.arange(1))
    drawn = [
        (row["name"], row["low"], row["high"])
        for row in case.parameters()
        if row["role"] == "uncertainty" and not row["pinned"]
    ]
    return usual, drawn, [{n: a for n, a in seat.covariates.items() if a} for seat in case.seats]


@lru_cache(maxsize=8)
def scenario(name: str, settings: tuple[tuple[str, Any], ...]) -> Scenario:
    """A scenario that ships, with settings."""
    return load_scenario(name).with_settings(dict(settings))


def copied(node: Any) -> Any:
    """A tree of numbers of one's own."""
    if isinstance(node, SimpleNamespace):
        return SimpleNamespace(**{key: copied(value) for key, value in vars(node).items()})
    return {key: copied(value) for key, value in node.items()} if isinstance(node, dict) else node


class PlainCrisis(mesa.Model):
    """One world. ``ballots`` says whether members are objects who cast ballots or are counted by the unit."""

    ballots: ClassVar[type[CastBallots] | type[CountedBallots]] = CountedBallots

    def __init__(self, *, world: int = 0, case: Scenario | str = "connecticut-2011", **settings: Any) -> None:
        super().__init__(rng=world)
        # a case with everything there is: a user writes for the case at hand
        self.case: Any = case if isinstance(case, Scenario) else scenario(case, tuple(sorted(settings.items())))
        usual, drawn, covariates = prepared(self.case)
        self.numbers = copied(usual)
        for key, low, high in drawn:
            *path, last = key.split(".")
            node = self.numbers
            for part in path:
                node = node[part] if isinstance(node, dict) else getattr(node, part)
            node.__dict__[last] = self.random.uniform(low, high)  # sections are frozen for everybody else
        self.bands = [float(share) for share in self.case.seniority.share]
        self.outcome = "no_tentative_deal"
        self.agreed = self.over = self.rule_changed = False
        self.ratified = [False, False]
        self.approved = True
        self.revenue = self.local_risk = 0.0
        self.acts: list[list[Any]] = []  # of each threat: how far it speaks to each unit, its weight, the affront
        self.harm_begun = self.revised = False
        self.campaigning: list[bool] = []
        self.swing = self.random.gauss(0, 1)
        self.package: Package = []
        self.deal = Deal(0.0, 0.0, 0.0, 0.0, 0.0)
        self.sitting = False
        self.share = self.aid_share = 0.0
        self.money: dict[str, float] = {}
        self._seat_everybody(covariates)
        self.agenda = self._agenda()
        self.next = 0
        self.datacollector = mesa.DataCollector(model_reporters={"outcome": "outcome", "revenue": "revenue"})

    def _seat_everybody(self, covariates: list[dict[str, float]]) -> None:
        case, numbers = self.case, self.numbers
        # a package is an amount of every piece of the issues on which a unit is worth the same throughout
        rows = rows_of(numbers.issues, case.issues)
        self.low, self.high = rows.pieces.low[:, 0].tolist(), rows.pieces.high[:, 0].tolist()
        self.span = [most - least for least, most in zip(self.low, self.high, strict=True)]
        self.whose = rows.pieces.issue.tolist()
        columns = (rows.saves, rows.structural, rows.burden, rows.protects)
        self.issues = [Piece(*row) for row in zip(*(column[:, 0].tolist() for column in columns), strict=True)]
        self.on_benefits = (~rows.on_wages).tolist()
        weight = numbers.governor.structural_weight
        counts = [1 + weight * piece.structural for piece in self.issues]
        saved = [max(piece.saves, 0.0) * width for piece, width in zip(self.issues, self.span, strict=True)]
        average = mean(counts, saved)  # what the average dollar on the table counts
        self.governor_weights = [
            piece.saves * count / average for piece, count in zip(self.issues, counts, strict=True)
        ]
        self.table_members = [float(members) for members in case.units.members]
        self.listed = [float(share) for share in case.units.list_share[case.sections.threats[0].list]]
        self.log_odds = math.log(numbers.belief.prior / (1 - numbers.belief.prior))
        wage_loss = [float(raise_due) + numbers.members.step for raise_due in case.units.raise_due_pct]
        average = mean(wage_loss, self.table_members)
        self.unions = [self._union(place, wage_loss, average) for place in range(len(case.unions.names))]
        self.units = [unit for union in self.unions for unit in union.units]
        self.union_members = [union.members for union in self.unions]
        fit = case.roll_call
        luck = fit.root @ self.rng.standard_normal(len(COVARIATES))
        drawn = dict(zip(COVARIATES, (float(c) for c in fit.mean + luck), strict=True))
        self.legislators = [Legislator(self, seat, c, drawn) for seat, c in zip(case.seats, covariates, strict=True)]
        self.misread = [self.random.gauss(0, numbers.legislature.whip_error) for _ in ("house", "senate")]
        halls = case.town_halls
        self.mayors = [
            Mayor(self, *town)
            for town in zip(halls.towns, halls.orders, halls.aid_share, halls.people_share, strict=True)
        ]
        self.dual_mayors = [self.mayors[row] for row in sorted(halls.dual_payroll)]

    def _union(self, place: int, wage_loss: list[float], average: float) -> Union:
        common = [self.random.gauss(0, 1) for _ in range(3)]  # of its units' moods: lasting, and at either vote
        rows = [int(row) for row in self.case.unions.units[place]]
        units = [Unit(self, row, place, common, wage_loss[row], average) for row in rows]
        return Union(self, self.case.unions.names[place], units)

    def _agenda(self) -> list[tuple[datetime.date, Callable[[], None]]]:
        calendar, numbers = self.case.calendar, self.numbers
        talks, window = calendar.talks, calendar.window
        days: list[tuple[datetime.date, Callable[[], None]]] = [(talks.start, self.open_talks)]
        self.rounds, length = int(numbers.calendar.talks.rounds), (talks.deadline - talks.start).days
        crowding = numbers.calendar.talks.crowding or 1.0
        left = [((self.rounds - 1 - turn) / self.rounds) ** crowding for turn in range(self.rounds)]
        meetings = [round(length * (1 - share)) for share in left]
        days += [(talks.start + datetime.timedelta(meeting), self.hold_round) for meeting in meetings]
        days += [(news.date, partial(self.hear_news, news)) for news in numbers.news.values()]
        days += [(threat.date, partial(self.threaten, threat)) for threat in numbers.threats.values()]
        days.append((talks.deadline, self.close_talks))
        for week in range(int(numbers.calendar.campaign.weeks)):
            days.append((calendar.recommendation + datetime.timedelta(weeks=week + 1), self.first_campaign))
        days.append((calendar.first_vote, self.first_vote))
        days.append((calendar.session, self.hold_session))
        days += [(window.amendment, self.amend_rule), (window.revised, self.revise_deal)]
        for week in range((window.vote - window.revised).days // 7):
            days.append((window.revised + datetime.timedelta(weeks=week + 1), self.second_campaign))
        days += [(window.vote, self.second_vote), (calendar.settlement, self.settle)]
        return sorted(days, key=lambda day: day[0])

    def step(self) -> None:
        """The next happening of the calendar."""
        self.agenda[self.next][1]()
        self.next += 1
        self.running = self.next < len(self.agenda)
        self.datacollector.collect(self)

    # --- talks

    def open_talks(self) -> None:
        """Both sides work out what no deal is worth to them, and sit down."""
        self.weigh_beliefs()
        self.plan_request()
        self.weigh_alternatives()
        nothing = Frontier(self.governor_weights, self.governor_weights, self.low, self.high)
        self.governor = Side(self.numbers.governor, nothing)
        self.coalition = Side(self.numbers.coalition, nothing)
        self.turn, self.meets = 0, True
        self.back_to_the_table()

    def back_to_the_table(self) -> None:
        """Both sides' values and no-deal values as they are now."""
        if self.over:
            return
        mine, theirs, low, high = self.governor_weights, self.member_weights, self.low, self.high
        governor, coalition = self.numbers.governor, self.numbers.coalition
        believed = guess(mine, theirs, self.span, self.whose, governor.insight)
        need = max(self.numbers.money.gap - self.revenue, 0.0)
        beyond = 1.0 if governor.beyond_need is None else governor.beyond_need
        self.governor.frontier = Frontier(mine, believed, low, high, need=need, beyond=beyond)
        self.governor.reservation = self.governor.frontier.on_scale(self.reservation)
        believed = guess(theirs, mine, self.span, self.whose, coalition.insight)
        self.coalition.frontier = Frontier(theirs, believed, low, high)
        self.coalition.reservation = self.lowest_that_carries(self.coalition.frontier)

    def lowest_that_carries(self, frontier: Frontier) -> float:
        """The lowest value on the leaders' frontier that they expect to carry home; above 1 if there is none."""
        worst, best = 0.0, 1.0
        if not self.forecast_carries(frontier.offer(best)):
            return 2.0
        for _ in range(BISECTIONS):
            middle = 0.5 * (worst + best)
            if self.forecast_carries(frontier.offer(middle)):
                best = middle
            else:
                worst = middle
        return best

    def hold_round(self) -> None:
        """One side offers; the other takes what is worth what it would ask for next."""
        if self.agreed:
            return
        if self.turn and not self.meet():
            self.turn += 1
            return
        sides = (self.governor, self.coalition)
        first = self.turn % 2 if self.numbers.calendar.talks.opener == "governor" else 1 - self.turn % 2
        proposer, other = sides[first], sides[1 - first]
        package = proposer.frontier.offer(proposer.aspiration(self.turn, self.rounds))
        worth = other.frontier.value(package)
        if (
            worth >= other.aspiration(self.turn + 1, self.rounds) - CLOSE
            and proposer.floor <= 1 + CLOSE
            and self.forecast_carries(package)
        ):
            self.agreed, self.package = True, self.last_look(package)
            self.withdraw()
        self.turn += 1

    def meet(self) -> bool:
        """Either side may walk out after a round; once broken off they meet where both are willing."""
        sides = (self.numbers.governor, self.numbers.coalition)
        if self.meets:
            self.meets = all(self.random.random() >= (side.walks_out or 0.0) for side in sides)
        else:
            self.meets = all(self.random.random() < (1 if side.returns is None else side.returns) for side in sides)
        return self.meets

    def last_look(self, package: Package) -> Package:
        """Before they sign each proposes what is worth as much to itself and, as it thinks, more to the other."""
        if not self.numbers.calendar.talks.last_look:
            return package
        for side, other in ((self.governor, self.coalition), (self.coalition, self.governor)):
            here, there = side.frontier, other.frontier
            trade = here.offer(here.value(package))
            better = there.value(trade) > there.value(package) + CLOSE
            if better and here.value(trade) >= here.value(package) - CLOSE and self.forecast_carries(trade):
                package = trade
        return package

    def close_talks(self) -> None:
        """The deadline: was there anything to agree on, and was it agreed?"""
        floor, self.over = self.governor.reservation, True
        if self.agreed:
            self.outcome, self.deal = "refused", self.terms_of(self.package)
            return
        both = self.governor.frontier.against(self.member_weights)
        in_zone = floor <= 1 and self.forecast_carries(both.offer(floor))
        self.outcome = "no_tentative_deal" if in_zone else "no_zone_of_agreement"

    def terms_of(self, package: Package) -> Deal:
        """A package in savings, burden and protection."""
        savings = wage_savings = benefits = wages = protection = 0.0
        for amount, issue, on_benefits in zip(package, self.issues, self.on_benefits, strict=True):
            savings += issue.saves * amount
            protection += issue.protects * amount
            if on_benefits:
                benefits += issue.burden * amount
            else:
                wages += issue.burden * amount
                wage_savings += issue.saves * amount
        return Deal(savings, wage_savings, benefits, wages, min(protection, 1.0))

    def forecast_carries(self, package: Package) -> bool:
        """Do the leaders expect a package to be ratified?"""
        deal = self.terms_of(package)
        pain, leaders = self.numbers.members.sensitivity * self.numbers.members.loss_aversion, self.numbers.leaders
        margin = 0.0
        if leaders.price_of_refusal is not None and leaders.unforeseen is not None:
            chance = leaders.price_of_refusal / (1 + leaders.price_of_refusal)
            margin = leaders.unforeseen * NormalDist().inv_cdf(min(max(chance, 0.001), 0.999))
        deal_felt = deal.protection, deal.benefits_burden, deal.wages_burden, pain, margin
        yes = [u.expects_yes(*deal_felt) for u in self.unions]
        held = sum(m for m, approving in zip(self.union_members, yes, strict=True) if approving)
        if self.numbers.leaders.foresee == "majority":
            return 2 * held > sum(self.union_members)
        rule = self.case.rules.ratification.condition
        return carries(rule, yes, self.union_members, held, sum(self.union_members))

    # --- threats and news

    def belief_of(self, row: int) -> float:
        """Probability that a unit's members give the list."""
        odds = self.log_odds + sum(exposed[row] * weight for exposed, weight, _ in self.acts)
        return 1 / (1 + math.exp(-odds))

    def belongs(self, when: str) -> bool:
        """Does an act or a piece of news belong in this world?"""
        if when == "no_deal":
            return not self.agreed
        refused = not any(self.ratified)
        return refused if when == "always" else refused and self.agreed

    def weigh_beliefs(self) -> None:
        """What members make of the threats so far, and their leaders of them."""
        members = self.numbers.members
        for unit in self.units:
            unit.risk = unit.share_listed(self) * self.belief_of(unit.row)
        risk = mean([unit.risk for unit in self.units], [unit.members for unit in self.units])
        self.member_weights = [
            risk * members.loss_if_laid_off * issue.protects - members.loss_aversion * issue.burden
            for issue in self.issues
        ]
        for union in self.unions:
            union.listen()

    def threaten(self, threat: Any) -> None:
        """The governor acts to be believed."""
        units = self.case.units
        target = units.names.index(threat.aim_at) if threat.aim_at else None
        aimed = re_aimed(units.list_share[threat.list], units.members, target, threat.aim or 0.0)
        self.listed = aimed[:, 0].tolist()
        if self.belongs(threat.when):
            weight = math.log(threat.believed)
            self.acts.append([exposure(aimed, units.members)[:, 0].tolist(), weight, threat.resented])
            self.harm_begun = self.harm_begun or threat.begins_harm
        self.weigh_beliefs()
        self.back_to_the_table()

    @property
    def resentment(self) -> float:
        """Affronts that are not forgiven."""
        return sum(affront for _, _, affront in self.acts)

    def withdraw(self) -> None:
        """A deal takes back what was threatened: members believe and resent it less."""
        for act in self.acts:
            act[1] *= 1 - self.numbers.belief.fades
            act[2] *= 1 - self.numbers.members.forgiven
        self.weigh_beliefs()

    def hear_news(self, news: Any) -> None:
        """Something nobody at the table does."""
        if self.belongs(news.when):
            self.log_odds += math.log(news.believed)
            if news.revenue is not None:
                self.revenue += news.revenue * news.usable
        self.weigh_beliefs()
        self.weigh_alternatives()
        self.back_to_the_table()

    # --- votes

    def first_campaign(self) -> None:
        """A week before the first vote."""
        if self.agreed:
            self.campaign(self.numbers.campaign.meetings_per_week)

    def second_campaign(self) -> None:
        """A week before the second vote."""
        if self.belongs("refused"):
            self.campaign(self.numbers.campaign.second_meetings_per_week)

    def campaign(self, meetings: float) -> None:
        """Meetings inform, outsiders misinform."""
        numbers = self.numbers.campaign
        informing = 1 - (1 - numbers.reach) ** meetings
        for unit in self.units:
            unit.ballots.campaign(informing, numbers.misinform, numbers.correction)

    def vote(self, rule: Any) -> bool:
        """Every unit votes; does the rule carry?"""
        for unit in self.units:
            unit.vote(self)
        approves = [2 * union.yes > union.cast for union in self.unions]
        yes, cast = sum(union.yes for union in self.unions), sum(union.cast for union in self.unions)
        for union in self.unions:
            union.first_yes, union.first_cast = union.yes, union.cast
        return carries(rule.condition, approves, self.union_members, yes, cast)

    def first_vote(self) -> None:
        """Members vote; where they ratify, the legislature has the last word."""
        if self.agreed:
            self.ratified[0] = self.vote(self.case.rules.ratification)
            self.approve(0)

    def approve(self, vote: int) -> None:
        """The legislature's last word on a ratified agreement."""
        if self.ratified[vote]:
            self.come_to_a_special_session()
            favour = self.numbers.legislature.agreement + self.own_side()
            calls = roll_call(self.legislators, lambda m: m.votes_yes(0.0, favour))
            if self.numbers.legislature.approval == "deemed":
                self.approved = not called_down(self.legislators, calls, favour)
            else:
                self.approved = calls.majorities(self.numbers.legislature.tie_breaker)

    def amend_rule(self) -> None:
        """Leaders vote on changing the rule, and on letting the change take effect at once."""
        if not self.belongs("refused"):
            return
        overall = sum(u.yes for u in self.unions) / max(sum(u.cast for u in self.unions), 1)
        leaders, rules = self.numbers.leaders, self.case.rules
        leans = [
            (u.yes / u.cast if u.cast else 0.5) - 0.5 + overall - 0.5 + leaders.risk_weight * u.risk
            for u in self.unions
        ]
        one_each, count = [1] * len(leans), len(leans)
        favour = self.campaigning = [lean > 0 for lean in leans]
        waive = [lean + leaders.collegiality > 0 for lean in leans]
        self.rule_changed = carries(rules.amendment.condition, favour, one_each, sum(favour), count) and carries(
            rules.waiver.condition, waive, one_each, sum(waive), count
        )

    def revise_deal(self) -> None:
        """The same economics in a clearer text."""
        if self.belongs("refused"):
            self.revised = True
            for unit in self.units:
                unit.ballots.clarify(self.numbers.campaign.clarified)

    def second_vote(self) -> None:
        """The same people vote again, under the rule as it then stands."""
        if self.belongs("refused"):
            rules = self.case.rules
            self.ratified[1] = self.vote(rules.revised if self.rule_changed else rules.ratification)
            self.approve(1)

    # --- the state house

    def own_side(self, jobs: float = 0.0) -> float:
        """What a bill without taxes has over the budget for the governor's side, logits."""
        numbers = self.numbers.legislature
        return numbers.tax_aversion * numbers.budget_taxes / 100 - numbers.jobs * jobs

    @property
    def jobs_at_stake(self) -> float:
        """Share of the state's posts on the list in force."""
        return mean([min(one * self.numbers.unions.list_scale, 1.0) for one in self.listed], self.table_members)

    def plan_request(self) -> None:
        """What the governor asks for, how loud the mayors are, and what he expects the chambers to grant."""
        numbers, money, governor = self.numbers.legislature, self.numbers.money, self.numbers.governor
        threat = numbers.feared * governor.request_share * money.aid_total
        districts = self.case.town_halls.districts
        loss, felt = [0.0] * districts.seats, [0.0] * districts.seats
        for mayor in self.mayors:
            mayor.lobby(threat)
        pairs = self.case.district_towns
        for seat, town, weight in zip(pairs.seat.tolist(), pairs.town.tolist(), pairs.weight.tolist(), strict=True):
            mayor = self.mayors[town]
            loss[seat] += weight * threat * mayor.aid_share / mayor.town.budget
            felt[seat] += weight * mayor.effort
        chorus = sum(mayor.people_share * mayor.effort for mayor in self.mayors)
        together = 1 + self.numbers.towns.together * chorus
        for member, lost, heard in zip(self.legislators, loss, felt, strict=True):
            member.toll = numbers.exposure * lost + numbers.lobbying * together * heard
        self.scope = float(governor.request_aid)
        open_rule, follow = numbers.rule == "open", numbers.loyalty * numbers.follow
        shift = self.own_side(self.jobs_at_stake)
        struck, with_aid, without = float(open_rule and self.scope > 0), 1.0, 1.0
        for house, misread in zip((True, False), self.misread, strict=True):
            strike, whole, spared = [], [], []
            for member in self.legislators:
                if member.house != house:
                    continue
                leaning = member.support + misread + (shift if member.his else 0.0)
                toll = self.scope * member.toll
                spared.append(math.tanh(leaning / 2))
                if self.scope:
                    whole.append(math.tanh((leaning - toll) / 2))
                    strike.append(math.tanh((toll - follow * member.side) / 2))
            without *= chance_of_majority(spared)
            with_aid *= chance_of_majority(whole) if self.scope else 1.0
            struck *= chance_of_majority(strike) if open_rule and self.scope else 1.0
        with_aid = with_aid if self.scope else without
        passes = struck * without + (1 - struck) * with_aid
        self.share = money.standing_authority + passes * max(governor.request_share - money.standing_authority, 0.0)
        self.aid_share = (1 - struck) * with_aid * self.scope * governor.request_share
        self.local_risk = self.risk_in_the_towns(self.aid_share * money.aid_total)

    def risk_in_the_towns(self, threat: float) -> float:
        """Share of payroll that towns sharing a union with the state would lay off under a threatened cut."""
        wages = max(sum(m.town.budget for m in self.dual_mayors), 1e-6) * self.numbers.towns.payroll_share
        return sum(mayor.feared_layoffs(threat) for mayor in self.dual_mayors) / wages

    def come_to_a_special_session(self) -> None:
        """Everybody comes, or not, once: one session follows the other."""
        if not self.sitting:
            self.sitting = True
            for member in self.legislators:
                member.come()

    def hold_session(self) -> None:
        """Strike aid, or not; then pass the bill, or leave the governor with what the law gives him."""
        numbers, money = self.numbers.legislature, self.numbers.money
        self.share = money.standing_authority
        if self.ratified[0]:
            self.aid_share = 0.0
            return
        self.come_to_a_special_session()
        scope, follow = self.scope, numbers.loyalty * numbers.follow
        if (
            numbers.rule == "open"
            and scope
            and roll_call(self.legislators, lambda m: m.strikes_aid(scope, follow)).majorities()
        ):
            scope = 0.0
        favour = self.own_side(self.jobs_at_stake)
        calls = roll_call(self.legislators, lambda m: m.votes_yes(scope, favour))
        if calls.majorities(numbers.tie_breaker):
            share = self.numbers.governor.request_share
            self.share, self.aid_share = max(share, self.numbers.money.standing_authority), scope * share
        else:
            self.aid_share = 0.0
        self.local_risk = self.risk_in_the_towns(self.aid_share * money.aid_total)

    # --- money

    def means(self, share: float, aid_share: float, layoffs: float) -> list[Instrument]:
        """The instruments within a power to cut; ``layoffs``: the share of listed posts that nobody protects."""
        calendar, money = self.case.calendar, self.numbers.money
        lead = datetime.timedelta(weeks=self.case.sections.threats[-1].lead_weeks)
        self.year_left = max(year_left(calendar.window.notices, lead, calendar.fiscal_year), 0.05)
        at_hand = []
        for item in self.case.sections.instruments:
            numbers = self.numbers.instruments[item.name]
            cap = numbers.capacity * float(numbers.allowed)
            cost = numbers.cost
            if item.name == "layoffs":
                cap *= layoffs * self.year_left
                cost += self.numbers.governor.layoff_standing
            at_hand.append(Instrument(item.name, item.needs, cost, numbers.slope / 100, cap))
        return within(at_hand, share * money.cuttable, aid_share * money.aid_total)

    def weigh_alternatives(self) -> None:
        """What no deal is worth to the governor, in savings he can do without."""
        money = self.numbers.money
        left = max(money.gap - self.revenue, 0.0)
        alone = self.means(self.share, self.aid_share, 1.0)
        amounts = fill(alone, left)
        no_deal = cost_of(alone, amounts, max(left - sum(amounts), 0.0), money.deficit_cost)
        with_deal = self.means(money.standing_authority, 0.0, 0.0)
        filled = affordable(with_deal, no_deal + self.numbers.governor.standing, money.deficit_cost)
        self.reservation = min(max(left - filled, 0.0), left)

    def settle(self) -> None:
        """What is left of the gap is filled, and the towns absorb what reaches them."""
        money, deal = self.numbers.money, self.deal
        for vote, name in enumerate(("ratified_first_vote", "ratified_second_vote")):
            if self.ratified[vote]:
                self.outcome = name if self.approved else "refused_by_legislature"
        in_force = any(self.ratified) and self.approved
        if in_force:
            self.share, self.aid_share = money.standing_authority, 0.0
        savings, exposed, bare = 0.0, 1.0, [1.0] * len(self.units)
        if in_force:
            bare = [1 - deal.protection if unit.accepts_wages else 1.0 for unit in self.units]
            bill = [unit.pay * unit.members for unit in self.units]
            refusing = sum(b for b, unit in zip(bill, self.units, strict=True) if not unit.accepts_wages) / sum(bill)
            savings = min(deal.savings - deal.wage_savings * refusing, money.gap)
            posts = [self.listed[unit.row] * unit.members for unit in self.units]
            exposed = sum(p * b for p, b in zip(posts, bare, strict=True)) / max(sum(posts), 1e-9)
        means = self.means(self.share, self.aid_share, exposed)
        left = money.gap - savings
        revenue = min(max(self.revenue, 0.0), max(left, 0.0))
        amounts = fill(means, left - revenue)
        self.money = {"savings": savings, "revenue": revenue}
        self.money |= {instrument.name: amount for instrument, amount in zip(means, amounts, strict=True)}
        self.money["deficit"] = max(left - revenue - sum(amounts), 0.0)
        posts = self.money["layoffs"] / (money.layoff_saves * self.year_left)
        width = [self.listed[u.row] * u.members * b for u, b in zip(self.units, bare, strict=True)]
        self.posts_by_unit = [
            min(posts * w / max(sum(width), 1e-12), u.members) for w, u in zip(width, self.units, strict=True)
        ]
        aid = self.money["aid"]
        if aid > 0:
            for mayor in self.mayors:
                mayor.absorbed = mayor.absorb(aid * mayor.aid_share, self.random.random())


class OneAgentAMember(PlainCrisis):
    """Every member of every unit is an object and casts a ballot."""

    ballots = CastBallots
