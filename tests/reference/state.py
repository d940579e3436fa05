"""The state of one crisis in one world: who there is, and what has happened so far."""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

from reference.beliefs import Beliefs, Said, belongs, mean
from reference.campaign import Information
from reference.chambers import Chambers
from reference.leaders import Leader
from reference.legislators import Legislator, coefficients_drawn, lean, support
from reference.members import Electorate
from reference.one_world import luck_of, numbers_of
from reference.packages import Deal, Package, governors_weights, rows_of
from reference.rules import Vote
from reference.talks import Pattern, Table
from reference.towns import mayors_of
from sim.scenario.scenario import Scenario


class Act(NamedTuple):
    """Something that happened, and what it was like: amounts, lists by body, words."""

    date: datetime.date
    kind: str
    facts: dict[str, Any]


class Unit:
    """One bargaining unit."""

    def __init__(self, crisis: OneWorld, row: int) -> None:
        case, numbers, luck = crisis.case, crisis.numbers, crisis.luck
        table = case.units
        wage_loss = [float(due) + numbers.members.step for due in table.raise_due_pct]
        self.row = row
        self.tabled_members = float(table.members[row])
        self.members = round(self.tabled_members * numbers.unions.members_scale)
        self.pay = float(table.pay_kusd[row])
        self.wage_factor = wage_loss[row] / mean(wage_loss, crisis.tabled_members)
        self.habit = float(table.turnout_base[row])
        self.days_before = int(table.days_before[row])  # the count, on which it votes
        self.meetings, self.rumours = float(table.meetings[row]), float(table.rumours[row])  # against the campaign's
        self.information = Information()
        self.dual_payroll = float(table.municipal_share[row])
        self.union = int(table.union[row])
        self.mood = luck.unit_moods[row]
        self.wages_mood = luck.wages_moods[row] * numbers.members.wages_spread
        self.electorate = Electorate(self.members, luck.ballots[row])
        self.accepts_wages = [False, False]  # at either vote

    @property
    def bill(self) -> float:
        """A year's pay of all its members, 1,000 $."""
        return self.pay * self.members


def payroll(units: list[Unit]) -> float:
    """A year's pay of all their members, 1,000 $."""
    return sum(unit.bill for unit in units)


class OneWorld:
    """A crisis as it stands on a day."""

    def __init__(self, case: Scenario, seed: int, world: int) -> None:
        self.case = case
        self.numbers = numbers_of(case, seed, world)
        members = self.numbers.members
        self.luck = luck_of(case, seed, world, members.trust_spread, members.mood_shared)
        self.acts: list[Act] = []
        self.date = case.calendar.talks.start
        self.agreed = self.gave_up = self.talks_over = self.in_zone = self.rule_changed = self.leaders_expected = False
        self.ratified = [False, False]
        self.approved = True
        self.outcome = "no_tentative_deal"
        self.floor = 0.0  # savings below which the governor would rather have no deal, M$/yr
        self.aid = 0.0  # part of the power he asks for that reaches town aid
        self.aid_threat = 0.0  # cut of town aid that threatens today, M$/yr
        self.expected = (0.0, 0.0)  # power over any line and over aid that he expects, shares
        self.granted = (0.0, 0.0)  # and that the session gave him
        self.package: Package = []  # what was agreed
        self.deals: list[Deal] = []  # what each union votes on
        self.revenue = self.threat_cost = self.local_risk = 0.0
        self.threats_out: list[tuple[Any, Said]] = []
        self.campaigning = [False] * len(case.unions.names)  # leaders who want a refused deal to stand
        self.revised = False  # is its text clearer?
        self.leaked: list[float] = []  # burdens of labour's offers that the press had
        self.votes: list[Vote] = []
        self.tables: list[Table] = []  # none where nobody bargains
        self.pattern: Pattern | None = None  # where every union has a table of its own
        self.issues = rows_of(list(self.numbers.issues.values()), case.issues)
        self.on_ballot = [row.ballot for row in self.issues]
        self.low, self.high = [row.least for row in self.issues], [row.most for row in self.issues]
        self._seat_everybody()

    def _seat_everybody(self) -> None:
        case, numbers, luck = self.case, self.numbers, self.luck
        self.tabled_members = [float(one) for one in case.units.members]
        self.unions = [[Unit(self, int(row)) for row in rows] for rows in case.unions.units]
        self.units = sorted((unit for union in self.unions for unit in union), key=lambda unit: unit.row)
        self.leaders = [self._leader(union, luck.misreadings[row]) for row, union in enumerate(self.unions)]
        lists = case.units.list_share
        first = case.sections.threats[0].list if case.sections.threats else next(iter(lists), None)
        self.listed = [0.0] * len(self.units) if first is None else [float(share) for share in lists[first]]
        self.aims: dict[str, tuple[int | None, float]] = {}  # of lists that were published: at which unit, which part
        self.beliefs = Beliefs(numbers.belief.prior, len(self.units))
        self.governor = governors_weights(self.issues, numbers.governor.structural_weight)
        self.chambers = None if case.roll_call is None else self._chambers()
        self.mayors = [] if case.town_halls is None else mayors_of(case, numbers.towns, luck.resolves)

    def _leader(self, union: list[Unit], misreading: float) -> Leader:
        of_tabled = [unit.tabled_members for unit in union]
        return Leader(
            members=sum(unit.members for unit in union),
            tabled_members=sum(of_tabled),
            heard_mood=mean([unit.mood for unit in union], of_tabled) + misreading * self.numbers.leaders.noise,
            wage_factor=mean([unit.wage_factor for unit in union], of_tabled),
        )

    def _chambers(self) -> Chambers:
        case, luck, legislature = self.case, self.luck, self.numbers.legislature
        coefficients = coefficients_drawn(case.roll_call, luck.coefficients)
        members = []
        for seat, lasting, day in zip(case.seats, luck.leans, luck.days, strict=True):
            speaks_for = support(seat, coefficients, legislature.loyalty)
            vote = seat.recorded_vote if legislature.recall else ""
            members.append(Legislator(seat, speaks_for, lean(lasting, speaks_for, vote), day))
        return Chambers(members, legislature, [one * legislature.whip_error for one in luck.whips])

    def tell(self, kind: str, **facts: Any) -> None:
        """It happened today."""
        self.acts.append(Act(self.date, kind, facts))

    def belongs(self, when: str) -> bool:
        """Does an act or a piece of news happen here?"""
        return belongs(when, agreed=self.agreed, ratified=(self.ratified[0], self.ratified[1]))
