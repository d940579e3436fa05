"""Who there is, and what is true before anybody acts."""

from __future__ import annotations

import datetime
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from agents.governor import Governor, governor_weights
from agents.legislator import Legislator, make_legislators
from agents.mayor import Mayor
from agents.union import Union, Unit
from sim.bargaining.talks import Talks
from sim.bargaining.terms import Burden, Terms, burden, terms
from sim.bargaining.union_tables import UnionTables
from sim.outcomes import (
    NO_TENTATIVE_DEAL,
)
from sim.public.aid import TownsHit, make_mayors
from sim.public.beliefs import Beliefs
from sim.public.cuts import year_left
from sim.ratification.ballots import DRAWS_A_UNIT, Electorate
from sim.ratification.tally import Tally
from sim.scenario.scenario import Scenario, Values
from sim.session import (
    LUCK_A_SEAT,
    Chambers,
    Request,
    RollCall,
)
from sim.story import Story
from sim.worlds.axis import Worlds, single, total, weighted_mean
from sim.worlds.randomness import Luck, coarse, normals


class Stage(mesa.Model):
    """The state of a crisis over many worlds: its agents, and what has happened so far, as masks and amounts."""

    case: Scenario
    value: Values  # the scenario's numbers in these worlds
    worlds: NDArray[np.int64]  # their addresses
    seed: int
    story: Story | None
    date: datetime.date
    phase: str

    def _build_state(self) -> None:
        """What is true at the start; every array has shape (worlds,)."""
        n = len(self.worlds)
        self.agreed = np.zeros(n, bool)
        self.in_zone = np.zeros(n, bool)  # some package serves both sides, as far as they can tell at the deadline
        self.ratified = [np.zeros(n, bool), np.zeros(n, bool)]
        self.approved = np.ones(n, bool)  # by the legislature
        self.approval: RollCall | None = None  # its vote on an agreement, the same whenever one is ratified
        self.rule_changed = np.zeros(n, bool)
        self.leaders_expected = np.zeros(n, bool)
        self.revenue = np.zeros(n)
        self.threat_cost = np.zeros(n)  # to the governor, of issuing and withdrawing threats, M$/yr
        self.aims: dict[str, tuple[int, Worlds]] = {}  # lists re-aimed: at which unit, and which part; it stays so
        self.threats_out: list[tuple[Any, NDArray[np.bool_]]] = []
        self.outcome = np.full(n, NO_TENTATIVE_DEAL, dtype=np.int8)
        self.talks: Talks | None = None  # the coalition's table, or that of the union that leads
        self.union_tables: UnionTables | None = None  # where every union has one of its own
        self.package = np.zeros((len(self.case.issues), n))  # what was agreed, in the units of the issues
        self.talks_over = False
        self.leaked = np.zeros(n)  # burdens of the coalition's offers that the press had, added up
        self.leaks = np.zeros(n)  # and how many there were
        self.voted = [np.zeros(n, bool), np.zeros(n, bool)]
        self.tallies: list[Tally] = []
        self.local_risk: Worlds = 0.0  # of municipal colleagues, should there be no deal
        self.low = np.array([issue.range[0] for issue in self.case.issues], float)
        self.high = np.array([issue.range[1] for issue in self.case.issues], float)
        self.request: Request | None = None
        self.chorus = np.zeros(n)

    def _build_agents(self) -> None:
        value, case, n = self.value, self.case, len(self.worlds)
        self.gap = np.broadcast_to(value.money.gap, n).astype(float)
        issues = list(value.issues.values())
        weights = governor_weights(
            [issue.saves for issue in issues],
            [issue.structural for issue in issues],
            structural_weight=value.governor.structural_weight,
        )
        self.governor = Governor(self, gap=self.gap, weights=weights)
        self.beliefs = Beliefs(value.belief.prior)
        threats = case.sections.threats
        first_list = threats[0].list if threats else next(iter(case.units.list_share), None)
        # share of each unit's posts on the list that the latest threat points to, (units, 1) or (units, worlds)
        self.listed = np.zeros((len(case.units.names), 1))
        if first_list is not None:
            self.listed = case.units.list_share[first_list][:, None]
        self.unions = self._build_unions()
        self.units = [unit for union in self.unions for unit in union.units]
        self.union_members = np.stack([union.members for union in self.unions])
        self.all_members = total(self.union_members)
        self._build_chambers()
        self.halls = case.town_halls
        self.mayors: list[Mayor] = []
        if self.halls is not None:
            self.mayors = make_mayors(self, self.halls, value=value.towns, seed=self.seed, worlds=self.worlds)
        self.hit = TownsHit.unharmed(len(self.mayors), n)

    def _build_chambers(self) -> None:
        """Every seat with its lasting lean in every world, and how the governor misreads each chamber."""
        case = self.case
        self.legislators: list[Legislator] = []
        self.chambers: Chambers | None = None
        if case.roll_call is None:
            return
        legislature = self.value.legislature
        luck = coarse(self.seed, Luck.LEGISLATORS, self.worlds, LUCK_A_SEAT * len(case.seats))
        coefficients = case.roll_call.drawn(self.seed, self.worlds)
        self.legislators = make_legislators(self, case.seats, coefficients, legislature, luck)
        self.chambers = Chambers(self.legislators, legislature, worlds=len(self.worlds))
        self.whip_luck = normals(self.seed, Luck.WHIPS, self.worlds, 2)

    def _build_unions(self) -> list[Union]:
        """Unions and units with their lasting luck: moods, ballots, and what each leader mishears."""
        value, case, n = self.value, self.case, len(self.worlds)
        count = len(case.units.names)
        moods = single(case.unit_moods(self.seed, self.worlds, value.members.trust_spread))
        self.vote_moods = coarse(self.seed, Luck.VOTE_MOOD, self.worlds, 2 * count).reshape(2, count, n)
        ballots = coarse(self.seed, Luck.BALLOTS, self.worlds, DRAWS_A_UNIT * count).reshape(count, DRAWS_A_UNIT, n)
        misreading = normals(self.seed, Luck.LEADERS, self.worlds, len(case.unions.names)) * value.leaders.noise
        wage_loss = case.units.raise_due_pct[:, None] + value.members.step
        average = weighted_mean(wage_loss, case.units.members)
        unions = []
        for union, name in enumerate(case.unions.names):
            rows = case.unions.units[union]
            shares = case.units.members[rows] / case.units.members[rows].sum()
            units = []
            for row, share in zip(rows, shares.tolist(), strict=True):
                members = np.round(case.units.members[row] * value.unions.members_scale) * np.ones(n)
                units.append(
                    Unit(
                        name=case.units.names[row],
                        index=int(row),
                        share=share,
                        burden_factor=np.squeeze(single(wage_loss[row] / average)),
                        turnout_base=float(case.units.turnout_base[row]),
                        dual_payroll=float(case.units.municipal_share[row]),
                        members=members,
                        mood=moods[row],
                        electorate=Electorate(members, ballots[row]),
                    )
                )
            unions.append(Union(self, name=name, units=units, misreading=misreading[union]))
        return unions

    def tell(self, kind: str, **facts: Any) -> None:
        """Into the story, where there is one world and so somebody to tell."""
        if self.story is not None:
            getattr(self.story, kind)(**facts)

    def _round_dates(self) -> list[datetime.date]:
        """Rounds spread evenly from the first day of talks to the deadline."""
        talks = self.case.calendar.talks
        rounds = int(self.value.calendar.talks.rounds)
        days = (talks.deadline - talks.start).days
        return [talks.start + datetime.timedelta(days=round(days * (k + 1) / rounds)) for k in range(rounds)]

    def _where(self, when: str) -> NDArray[np.bool_]:
        """The worlds in which an act or a piece of news belongs."""
        if when == "no_deal":
            return ~self.agreed
        if when == "refused":
            return self.agreed & ~self.ratified[0]
        return ~(self.ratified[0] | self.ratified[1])

    def terms_of(self, package: NDArray[np.float64]) -> Terms:
        """A package in savings, burden and protection."""
        return terms(package, self.value.issues, [issue.ballot for issue in self.case.issues])

    def burden_of(self, package: NDArray[np.float64]) -> Burden:
        """What members look at in a package."""
        return burden(package, self.value.issues, [issue.ballot for issue in self.case.issues])

    def share_listed(self, here: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """Share of each unit's posts on the list in force, (units, worlds) or (units, 1); None: in all worlds."""
        listed = single(self.listed, here if self.listed.shape[-1] > 1 else None)
        scale = single(self.value.unions.list_scale, here)
        shares = np.empty(np.broadcast_shapes(listed.shape, scale.shape), scale.dtype)
        for share, of_unit in zip(shares, listed, strict=True):
            np.minimum(np.multiply(scale, of_unit, out=share), 1.0, out=share)
        return shares

    def deal_of(self, union: int) -> Terms:
        """The terms that this union's members vote on; all have the same where they sat at one table."""
        return self.deal if self.union_tables is None else self.deals[union]

    def _pay(self, unit: Unit) -> NDArray[np.float64]:
        """A year's pay of all members of a unit, 1,000 $, (worlds,)."""
        return self.case.units.pay_kusd[unit.index] * unit.members

    @property
    def year_left(self) -> float:
        """Share of the first budget year that a layoff saves when its notice goes out with the real ones."""
        calendar = self.case.calendar
        leads = [threat.lead_weeks for threat in self.case.sections.threats]
        notice = calendar.settlement if calendar.window is None else calendar.window.notices
        lead = datetime.timedelta(weeks=leads[-1] if leads else 0)
        return max(year_left(notice, lead, calendar.fiscal_year), 0.05)

    @property
    def mean_belief(self) -> NDArray[np.float64]:
        """Chance that the average listed post goes, as members see it, (worlds,)."""
        posts = self.listed * self.case.units.members[:, None]
        beliefs = self.beliefs.of_units()
        beliefs = np.broadcast_to(beliefs, (len(posts), beliefs.shape[1]))
        expected = total(listed * belief for listed, belief in zip(posts, beliefs, strict=True))
        return np.broadcast_to(expected / np.maximum(total(posts), 1e-9), len(self.worlds)).astype(float)
