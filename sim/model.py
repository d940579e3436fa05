"""The crisis itself: who acts when, over many worlds at once.

`BudgetCrisis` is a `mesa.Model`; one `step` is one dated happening, the same date in every world, and a mask says in
which worlds it happens. The rules stand in the files of their topic and the agents apply them; this file only says
in which order, and hands one phase's result to the next. Read `_agenda` first: it is the calendar of a crisis.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import mesa
import numpy as np
from numpy.typing import NDArray

from agents.coalition import Hearing, members_weights, reservation_value
from agents.governor import Governor, governor_weights
from agents.legislator import Legislator, make_legislators
from agents.mayor import Mayor
from agents.tactics import make_tactic
from agents.union import Conditions, Union, Unit, leans_to_change
from sim.aid import TownsHit, absorb, lobby, make_mayors, threatened_local_risk
from sim.ballots import DRAWS_A_UNIT, Electorate
from sim.beliefs import Beliefs, exposure, re_aimed
from sim.blocks import Block
from sim.campaign import clarify, one_week
from sim.cuts import Means, means_at_hand, posts_by_unit, posts_lost, reservation_savings, water_fill, year_left
from sim.efficiency import judged
from sim.estimate import guess, misjudged
from sim.outcomes import (
    NO_TENTATIVE_DEAL,
    NO_ZONE_OF_AGREEMENT,
    RATIFIED_FIRST_VOTE,
    RATIFIED_SECOND_VOTE,
    REFUSED,
    REFUSED_BY_LEGISLATURE,
    SUCCESSES,
)
from sim.package import Frontier, scale
from sim.protocols import ALL_PROTOCOLS
from sim.randomness import Luck, coarse_uniforms, normals
from sim.scenario import Scenario, load_scenario
from sim.session import (
    LUCK_A_SEAT,
    Chambers,
    Expectation,
    Request,
    expected_passage,
    hold_session,
    largest_scope,
    threatened_aid,
    vote_on_agreement,
    vote_on_budget,
    vote_on_taxes,
)
from sim.story import Story
from sim.talks import RoundRecord, Side, Talks, luck_of_talks
from sim.tally import Tally
from sim.terms import Terms, terms
from sim.union_tables import LABOUR, UnionTables
from sim.worlds import Worlds, total, weighted_mean

DEAL_MEASURES = (  # names of the fields of `Efficiency` in the table of results; the governor is the first side
    "governor_utility",
    "coalition_utility",
    "to_frontier",
    "to_nash",
    "to_kalai_smorodinsky",
    "to_egalitarian",
    "governor_surplus_share",
    "gains_realised",
)


class Happening(NamedTuple):
    """Something that the calendar brings, in all worlds on the same day."""

    date: datetime.date
    phase: str
    do: Callable[[], None]


class BudgetCrisis(mesa.Model):
    """One crisis in many worlds: real Mesa agents, each of whose quantities is an array over worlds.

    ``worlds`` is how many (addresses 0, 1, ...) or an array of addresses, in any order; ``world`` names a single one.
    ``point`` gives parameters one value or one a world; other keywords are settings by key or short name, as in
    ``BudgetCrisis(**{"members.trust": 1.5})``. Raises `WrongInput` for what no scenario has.
    """

    def __init__(
        self,
        *,
        scenario: Scenario | str = "connecticut-2011",
        worlds: int | NDArray[np.int64] = 1,
        world: int | None = None,
        seed: int = 2011,
        point: Mapping[str, Any] | None = None,
        collect: bool = True,
        **settings: Any,
    ) -> None:
        super().__init__(rng=seed)
        case = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        self.case = case.with_settings(settings) if settings else case
        addresses = [world] if world is not None else np.arange(worlds) if isinstance(worlds, int) else worlds
        self.worlds = np.asarray(addresses, dtype=np.int64)
        self.seed = seed
        self.value = self.case.values(seed, self.worlds, point or {})
        self._build_state()
        self._build_agents()
        self.story = Story(self) if len(self.worlds) == 1 else None
        self.agenda = self._agenda()
        self.date = self.agenda[0].date
        self._next = 0
        self.datacollector = _collector() if collect else None

    # --- the calendar -----------------------------------------------------------------------------------------

    def _agenda(self) -> list[Happening]:
        """Everything that can happen, in the order of its dates; a phase without a body is left out."""
        calendar, value = self.case.calendar, self.value
        days: list[Happening] = []

        def on(date: datetime.date, phase: str, do: Callable[..., None], *args: Any) -> None:
            days.append(Happening(date, phase, lambda: do(*args)))

        on(calendar.talks.start, "talks", self.open_talks)
        for date in self._round_dates():
            on(date, "talks", self.hold_round)
        if self.chambers is not None and calendar.budget_vote is not None:
            on(calendar.budget_vote, "session", self.vote_on_budget)
        for name, news in value.news.items():
            on(news.date, "news", self.hear_news, name)
        for name, threat in value.threats.items():
            on(threat.date, "threat", self.threaten, name)
        on(calendar.talks.deadline, "talks", self.close_talks)
        on(calendar.recommendation, "campaign", self.recommend)
        for week in range(int(value.calendar.campaign.weeks)):
            on(calendar.recommendation + datetime.timedelta(weeks=week + 1), "campaign", self.campaign, 1)
        on(calendar.first_vote, "vote", self.first_vote)
        if self.chambers is not None and calendar.request is not None and calendar.session is not None:
            on(calendar.request, "session", self.request_authority)
            on(calendar.session, "session", self.hold_session)
        if calendar.window is not None:
            window = calendar.window
            on(window.amendment, "window", self.amend_rule)
            on(window.revised, "window", self.revise_deal)
            for week in range((window.vote - window.revised).days // 7):
                on(window.revised + datetime.timedelta(weeks=week + 1), "campaign", self.campaign, 2)
            on(window.vote, "vote", self.second_vote)
        on(calendar.settlement, "settlement", self.settle)
        return sorted(days, key=lambda happening: happening.date)

    def _round_dates(self) -> list[datetime.date]:
        """Rounds spread evenly from the first day of talks to the deadline."""
        talks = self.case.calendar.talks
        rounds = int(self.value.calendar.talks.rounds)
        days = (talks.deadline - talks.start).days
        return [talks.start + datetime.timedelta(days=round(days * (k + 1) / rounds)) for k in range(rounds)]

    def step(self) -> None:
        """The next happening of the calendar."""
        happening = self.agenda[self._next]
        self.date = happening.date
        self.phase = happening.phase
        happening.do()
        self._next += 1
        self.running = self._next < len(self.agenda)
        if self.datacollector is not None:
            self.datacollector.collect(self)

    def release(self) -> None:
        """Forget the agents. Mesa 3.3 keeps every model that ever had agents, by its counter of their numbers."""
        self.remove_all_agents()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)

    # --- who there is -----------------------------------------------------------------------------------------

    def _build_state(self) -> None:
        """What is true at the start; every array has shape (worlds,)."""
        n = len(self.worlds)
        self.agreed = np.zeros(n, bool)
        self.in_zone = np.zeros(n, bool)  # some package serves both sides, as far as they can tell at the deadline
        self.ratified = [np.zeros(n, bool), np.zeros(n, bool)]
        self.approved = np.ones(n, bool)  # by the legislature
        self.rule_changed = np.zeros(n, bool)
        self.leaders_expected = np.zeros(n, bool)
        self.revenue = np.zeros(n)
        self.threat_cost = np.zeros(n)  # to the governor, of issuing and withdrawing threats, M$/yr
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
        self._build_chambers()
        self.halls = case.town_halls
        self.mayors: list[Mayor] = []
        if self.halls is not None:
            self.mayors = make_mayors(self, self.halls, value=value.towns, seed=self.seed, worlds=self.worlds)
        self.hit = TownsHit.unharmed(len(self.mayors), n)

    def _build_chambers(self) -> None:
        """Every seat with its lasting lean in every world, and how the governor misreads each chamber."""
        case, legislature = self.case, getattr(self.value, "legislature", None)
        self.legislators: list[Legislator] = []
        self.chambers: Chambers | None = None
        if case.roll_call is None:
            return
        luck = coarse_uniforms(self.seed, Luck.LEGISLATORS, self.worlds, LUCK_A_SEAT * len(case.seats))
        coefficients = case.roll_call.drawn(self.seed, self.worlds)
        self.legislators = make_legislators(self, case.seats, coefficients, legislature, luck)
        self.chambers = Chambers(self.legislators, legislature, worlds=len(self.worlds))
        self.whip_luck = normals(self.seed, Luck.WHIPS, self.worlds, 2)

    def tell(self, kind: str, **facts: Any) -> None:
        """Into the story, where there is one world and so somebody to tell."""
        if self.story is not None:
            getattr(self.story, kind)(**facts)

    def _build_unions(self) -> list[Union]:
        """Unions and units with their lasting luck: moods, ballots, and what each leader mishears."""
        value, case, n = self.value, self.case, len(self.worlds)
        count = len(case.units.names)
        moods = case.unit_moods(self.seed, self.worlds, value.members.trust_spread)
        later = normals(self.seed, Luck.VOTE_MOOD, self.worlds, 2 * count) * value.members.mood_spread
        self.vote_moods = later.reshape(2, count, n)
        ballots = normals(self.seed, Luck.BALLOTS, self.worlds, DRAWS_A_UNIT * count).reshape(count, DRAWS_A_UNIT, n)
        misreading = normals(self.seed, Luck.LEADERS, self.worlds, len(case.unions.names)) * value.leaders.noise
        wage_loss = case.units.raise_due_pct[:, None] + value.members.step
        average = weighted_mean(wage_loss, case.units.members)
        unions = []
        for union, name in enumerate(case.unions.names):
            units = []
            for row in case.unions.units[union]:
                members = np.round(case.units.members[row] * value.unions.members_scale) * np.ones(n)
                units.append(
                    Unit(
                        name=case.units.names[row],
                        index=int(row),
                        burden_factor=wage_loss[row] / average,
                        turnout_base=float(case.units.turnout_base[row]),
                        dual_payroll=float(case.units.municipal_share[row]),
                        members=members,
                        mood=moods[row],
                        electorate=Electorate(members, ballots[row]),
                    )
                )
            unions.append(Union(self, name=name, units=units, misreading=misreading[union]))
        return unions

    # --- talks ------------------------------------------------------------------------------------------------

    def open_talks(self) -> None:
        """Both sides work out what no deal is worth to them, and sit down."""
        self.weigh_beliefs()
        self.weigh_alternatives()
        if self.case.sections.coalition is None or self.value.calendar.talks.table == "last_offer":
            # nobody bargains: the employer's last offer goes to the members as it is
            amounts = [np.broadcast_to(issue.last_offer, len(self.worlds)) for issue in self.value.issues.values()]
            self.package, self.agreed = np.stack(amounts).astype(float), np.ones(len(self.worlds), bool)
            return
        self.misjudgement = self._misjudgement()
        if self.value.calendar.talks.table == "pattern":
            names = self.case.unions.names
            tables = [self._table(name, partial(self.leader_expects, union)) for union, name in enumerate(names)]
            payroll = np.stack([total(self._pay(unit) for unit in union.units) for union in self.unions])
            leader = self.value.calendar.talks.pattern_leader
            first = names.index(leader) if leader else int(np.argmax(self.union_members[:, 0]))
            self.union_tables = UnionTables(tables, payroll, leader=first)
            self.talks = self.union_tables.leader
        else:
            self.talks = self._table("", self.forecast_carries)
        self._back_to_the_table()

    def _misjudgement(self) -> tuple[Worlds | None, Worlds | None]:
        """How far either side is off about what no deal is worth to the other; None where its tactic does not ask."""
        bargainers = (self.value.governor, self.value.coalition)
        asks = [
            make_tactic(side.tactic).reads_the_other and side.misjudges is not None and np.any(side.misjudges)
            for side in bargainers
        ]
        if not any(asks):
            return None, None
        luck = normals(self.seed, Luck.FLOORS, self.worlds, len(bargainers))
        errors = [
            own_luck * side.misjudges if asked else None
            for own_luck, side, asked in zip(luck, bargainers, asks, strict=True)
        ]
        return errors[0], errors[1]

    def _table(self, whose: str, acceptable: Callable[[NDArray[np.float64]], NDArray[np.bool_]]) -> Talks:
        """The governor and the coalition, or one union, at a table; what they want is told them before they talk."""
        value, talks, n = self.value, self.value.calendar.talks, len(self.worlds)
        governor = Side(
            name="governor",
            weights=self.governor.weights,
            reservation=np.zeros(n),
            tactic=make_tactic(value.governor.tactic, vars(value.governor)),
            believed=self.governors_guess(self.member_weights),
            learning=value.governor.learning,
        )
        coalition = Side(
            name=LABOUR,
            weights=self.member_weights,
            reservation=np.zeros(n),
            tactic=make_tactic(value.coalition.tactic, vars(value.coalition)),
            believed=self.coalitions_guess(self.member_weights),
            learning=value.coalition.learning,
            acceptable=acceptable,
        )
        return Talks(
            sides=(governor, coalition),
            low=self.low,
            high=self.high,
            rounds=int(talks.rounds),
            worlds=n,
            opener=talks.opener,
            protocol=talks.protocol,
            luck=self._luck_of_talks(whose, governor, coalition),
        )

    def _luck_of_talks(self, whose: str, *sides: Side) -> NDArray[np.float64] | None:
        """Drawn only where a tactic or the protocol needs it, since most do not; every table has its own."""
        talks = self.value.calendar.talks
        if not (ALL_PROTOCOLS[talks.protocol].draws or any(side.tactic.draws for side in sides)):
            return None
        return luck_of_talks(self.seed, self.worlds, int(talks.rounds), table=whose)

    def _back_to_the_table(self) -> None:
        """While talks go on: both sides' values and no-deal values as they are now."""
        if self.talks is None or self.talks_over:
            return
        if self.union_tables is None:
            self._tell_both_sides(self.talks, self.member_weights, self.forecast_carries)
            return
        for union, table in enumerate(self.union_tables.tables):
            self._tell_both_sides(table, self.union_weights(union), partial(self.leader_expects, union))

    def _tell_both_sides(
        self,
        talks: Talks,
        labours: NDArray[np.float64],
        ratifiable: Callable[[NDArray[np.float64]], NDArray[np.bool_]],
    ) -> None:
        """What each side of a table now wants, guesses of the other, and has without a deal."""
        talks.update(
            "governor",
            reservation=self.governors_floor,
            believed=self.governors_guess(labours),
        )
        talks.update(LABOUR, weights=labours, believed=self.coalitions_guess(labours))
        offer = talks.side(LABOUR).frontier.offer
        talks.update(LABOUR, reservation=reservation_value(offer, ratifiable, len(self.worlds)))
        for side, error in zip(talks.sides, self.misjudgement, strict=True):
            if error is not None:
                believed = misjudged(np.asarray(talks.other(side).reservation), error)
                talks.update(side.name, believed_reservation=believed)

    @property
    def governors_floor(self) -> NDArray[np.float64]:
        """What no deal is worth to him on his scale, (worlds,).

        The same at every table: a union's part of the savings he could do without is its part of what he could have.
        """
        return scale(self.governor.weights, self.low, self.high).of(self.governor.reservation)

    def governors_guess(self, labours: NDArray[np.float64]) -> NDArray[np.float64]:
        """The weights of labour at a table as he guesses them, (issues, worlds)."""
        insight = self.value.governor.insight
        return guess(self.governor.weights, labours, self.low, self.high, insight)

    def coalitions_guess(self, labours: NDArray[np.float64]) -> NDArray[np.float64]:
        """The governor's weights as leaders with these weights guess them, (issues, worlds)."""
        insight = self.value.coalition.insight
        return guess(labours, self.governor.weights, self.low, self.high, insight)

    def hold_round(self) -> None:
        """One round of offers in the worlds that have not agreed."""
        if self.union_tables is not None:
            self.hold_round_at_every_table(self.union_tables)
        elif self.talks is not None and self.talks.running:
            self.note_round(self.talks.hold_round())

    def hold_round_at_every_table(self, tables: UnionTables) -> None:
        """One round wherever a union still talks; a deal where those that have settled could ratify it together."""
        if not tables.running:
            return
        before, leads = tables.settled, tables.leader.running
        records = tables.hold_round()
        self.agreed, self.package = self.would_carry(tables.settled), tables.package
        tables.note(self.agreed)
        if leads:
            self.note_offer(records[0])
            self.tell("round", record=records[0])
        self.tell("settlements", fresh=tables.settled & ~before)

    def note_round(self, record: RoundRecord) -> None:
        """What a round changes, whoever played it: the model's tactics, or somebody by hand."""
        assert self.talks is not None
        self.agreed, self.package = self.talks.agreed, self.talks.package
        self.note_offer(record)
        self.tell("round", record=record)

    def note_offer(self, record: RoundRecord) -> None:
        """What the press would know without a blackout: the burden of the coalition's own offers, averaged."""
        if record.proposer == LABOUR and not self.value.calendar.talks.blackout:
            offered = self.terms_of(record.package)
            self.leaked += np.where(record.live, offered.benefits_burden + offered.wages_burden, 0.0)
            self.leaks += record.live

    def leaked_burden(self) -> Worlds:
        """The burden members have read about, share of a year's pay; none where no offer of their side leaked."""
        return np.where(self.leaks > 0, self.leaked / np.maximum(self.leaks, 1), np.inf)

    def close_talks(self) -> None:
        """The deadline: was there anything to agree on, and was it agreed?"""
        if self.talks is None:
            self.in_zone = np.ones(len(self.worlds), bool)
        else:
            floor = self.governors_floor
            self.in_zone = (floor <= 1) & self.expected_at_his_floor(floor)
        self.outcome = np.where(self.agreed, REFUSED, np.where(self.in_zone, NO_TENTATIVE_DEAL, NO_ZONE_OF_AGREEMENT))
        self.talks_over = True
        self.withdraw_threats(self.agreed)
        self.tell("deadline")

    def expected_at_his_floor(self, floor: Worlds) -> NDArray[np.bool_]:
        """Would the deal that leaves the governor what no deal does, and is best for labour, be ratified? (worlds,)"""
        if self.union_tables is None:
            both = Frontier(self.governor.weights, self.member_weights, self.low, self.high)
            return self.forecast_carries(both.offer(floor))
        expected = []
        for union in range(len(self.unions)):
            both = Frontier(self.governor.weights, self.union_weights(union), self.low, self.high)
            expected.append(self.leader_expects(union, both.offer(floor)))
        return self.would_carry(np.stack(expected))

    def weigh_beliefs(self) -> None:
        """What members make of the threats so far: each unit's risk, and the coalition's weights and hearing of it."""
        value, members = self.value, self.value.members
        scale = value.unions.list_scale
        for unit in self.units:
            share = np.minimum(self.listed[unit.index] * scale, 1.0)
            unit.risk = share * self.beliefs.of_unit(unit.index)
        total = sum(unit.members for unit in self.units)
        self.mean_risk = sum(unit.members * unit.risk for unit in self.units) / total
        issues = list(value.issues.values())
        self.member_weights = members_weights(
            [issue.burden for issue in issues],
            [issue.protects for issue in issues],
            risk=self.mean_risk,
            loss=members.loss_if_laid_off,
            loss_aversion=members.loss_aversion,
        )
        heard = [union.hearing(members, value.leaders, self.beliefs.pressure) for union in self.unions]
        n = len(self.worlds)
        self.hearing = Hearing(
            *(np.stack([np.broadcast_to(part, n) for part in parts]) for parts in zip(*heard, strict=True))
        )

    def forecast_carries(self, package: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Do the leaders expect this package to be ratified? (worlds,)"""
        deal = self.terms_of(package)
        return self.would_carry(self.hearing.expects_yes(deal.protection, deal.benefits_burden, deal.wages_burden))

    def leader_expects(self, union: int, package: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Does the leader of this union expect its members to say yes to a package of their own? (worlds,)"""
        deal = self.terms_of(package)
        hearing = self.hearing.of_union(union)
        return hearing.expects_yes(deal.protection, deal.benefits_burden, deal.wages_burden)[0]

    def union_weights(self, union: int) -> NDArray[np.float64]:
        """What a unit of each issue is worth to the average member of one union, (issues, worlds)."""
        members, factor = self.value.members, self.hearing.wage_factor[union]
        burdens = [
            issue.burden * factor if on.ballot == "wages" else issue.burden
            for issue, on in zip(self.value.issues.values(), self.case.issues, strict=True)
        ]
        return members_weights(
            burdens,
            [issue.protects for issue in self.value.issues.values()],
            risk=self.unions[union].risk,
            loss=members.loss_if_laid_off,
            loss_aversion=members.loss_aversion,
        )

    def would_carry(self, yes: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Would a deal be ratified if these unions said yes, (unions, worlds), all their members with them? (worlds,)

        Under the rule in force, or, where the leaders do not look that far, by most of the members.
        """
        if self.value.leaders.foresee == "majority":
            return 2 * total(np.where(yes, self.union_members, 0.0)) > total(self.union_members)
        ballots = np.where(yes, self.union_members, 0.0)
        tally = Tally(
            names=self.case.unions.names,
            members=self.union_members,
            yes_ballots=ballots,
            no_ballots=self.union_members - ballots,
        )
        return self.value.rules.ratification.carries(tally)

    def terms_of(self, package: NDArray[np.float64]) -> Terms:
        """A package in savings, burden and protection."""
        return terms(package, self.value.issues, [issue.ballot for issue in self.case.issues])

    # --- threats and news -------------------------------------------------------------------------------------

    def _where(self, when: str) -> NDArray[np.bool_]:
        """The worlds in which an act or a piece of news belongs."""
        if when == "no_deal":
            return ~self.agreed
        if when == "refused":
            return self.agreed & ~self.ratified[0]
        return ~(self.ratified[0] | self.ratified[1])

    def threaten(self, name: str) -> None:
        """The governor acts to be believed; members weigh it, and so do both sides at the table."""
        threat, members = self.value.threats[name], self.case.units.members
        acts = self._where(threat.when)
        listed = self.case.units.list_share[threat.list]
        target = self.case.units.names.index(threat.aim_at) if threat.aim_at else None
        aimed = re_aimed(listed, members, target, threat.aim if threat.aim is not None else 0.0)
        if self.value.governor.threatens == "when it pays" and not self.talks_over:
            acts = acts & self.threat_pays(threat, aimed)
        self.listed = aimed
        self.beliefs.threaten(exposure(aimed, members), threat.believed, acts)
        self.threat_cost = self.threat_cost + np.where(acts, threat.cost, 0.0)
        self.threats_out.append((threat, acts))
        self.weigh_beliefs()
        self.tell("threat", threat=threat, acts=acts)
        self._back_to_the_table()

    def threat_pays(self, threat: Any, aimed: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Is a threat worth its price? He expects half of what it adds to the savings that leaders could carry home."""
        listed, before = self.listed, self.ratifiable_savings()
        self.listed = aimed
        self.beliefs.threaten(exposure(aimed, self.case.units.members), threat.believed, True)
        self.weigh_beliefs()
        gain = 0.5 * (self.ratifiable_savings() - before)
        self.beliefs.take_back()
        self.listed = listed
        return gain > threat.cost + threat.withdrawal

    def ratifiable_savings(self) -> NDArray[np.float64]:
        """The largest savings that the leaders now expect to carry home, M$/yr, (worlds,)."""
        both = Frontier(self.member_weights, self.governor.weights, self.low, self.high)
        least = reservation_value(both.offer, self.forecast_carries, len(self.worlds))
        return np.where(least > 1, 0.0, self.terms_of(both.offer(least)).savings)

    def withdraw_threats(self, where: NDArray[np.bool_]) -> None:
        """A deal withdraws what was threatened; that has a price too."""
        left = []
        for threat, acts in self.threats_out:
            self.threat_cost = self.threat_cost + np.where(acts & where, threat.withdrawal, 0.0)
            left.append((threat, acts & ~where))
        self.threats_out = left

    def hear_news(self, name: str) -> None:
        """Something nobody at the table does: it moves beliefs and, where it is money, the gap."""
        news = self.value.news[name]
        happens = self._where(news.when)
        self.beliefs.hear(news.believed, happens)
        if news.revenue is not None:
            self.revenue = self.revenue + np.where(happens, news.revenue * news.usable, 0.0)
        self.weigh_beliefs()
        self.weigh_alternatives()
        self.tell("news", news=news, happens=happens)
        self._back_to_the_table()

    # --- campaign and votes -----------------------------------------------------------------------------------

    def recommend(self) -> None:
        """The leaders put the tentative deal to their members."""
        if self.union_tables is None:
            self.deal = self.terms_of(np.where(self.agreed, self.package, 0.0))
            self.leaders_expected = self.agreed & self.forecast_carries(self.package)
        else:
            self.deals = self.union_tables.terms(self.terms_of)
            self.deal = self.union_tables.add_up(self.deals)
            yes = self.union_tables.settled & self._expected(self.deals)
            self.leaders_expected = self.agreed & self.would_carry(yes)
        self.tell("recommendation")

    def _expected(self, deals: Sequence[Terms]) -> NDArray[np.bool_]:
        """Which unions their leaders expect to say yes to settlements of their own, (unions, worlds)."""
        return np.stack(
            [
                self.hearing.of_union(union).expects_yes(deal.protection, deal.benefits_burden, deal.wages_burden)[0]
                for union, deal in enumerate(deals)
            ]
        )

    def campaign(self, vote: int) -> None:
        """One week: meetings inform, outsiders misinform. Harmless in worlds without a deal, which do not vote."""
        value = self.value.campaign
        meetings = value.meetings_per_week if vote == 1 else value.second_meetings_per_week
        for union in self.unions:
            union.information = one_week(
                union.information,
                meetings=meetings,
                reach=value.reach,
                misinform=value.misinform,
                correction=value.correction,
            )
        self.tell("campaign", vote=vote)

    def first_vote(self) -> None:
        """Members vote on the tentative deal; where they ratify it, the legislature has the last word."""
        rule = self.value.rules.ratification
        tally = self.count_votes(vote=0, voting=self.agreed)
        self.ratified[0] = self.agreed & rule.carries(tally)
        self.tell("vote", vote=0, rule=rule, tally=tally)
        self.approve_agreement(vote=0)

    def deal_of(self, union: int) -> Terms:
        """The terms that this union's members vote on; all have the same where they sat at one table."""
        return self.deal if self.union_tables is None else self.deals[union]

    def count_votes(self, *, vote: int, voting: NDArray[np.bool_]) -> Tally:
        """Two ballots in every unit; the unions' benefits ballots are what the rule is about."""
        members = self.value.members
        conditions = Conditions(
            pressure=self.beliefs.pressure,
            local_risk=self.local_risk,
            leaked_burden=None if self.value.calendar.talks.blackout else self.leaked_burden(),
        )
        bands, strict = self.case.seniority, members.strict_seniority
        for place, union in enumerate(self.unions):
            for unit in union.units:
                share = np.minimum(self.listed[unit.index] * self.value.unions.list_scale, 1.0)
                union.learn_risk(unit, share, self.beliefs.of_unit(unit.index), bands, strict=strict)
            rows = [unit.index for unit in union.units]
            union.vote(members, self.deal_of(place), conditions, self.vote_moods[vote, rows], bands)
            if self.union_tables is not None:
                union.discard_ballots(~self.union_tables.settled[place])
        ballots = [union.tally() for union in self.unions]
        tally = Tally(
            names=self.case.unions.names,
            members=self.union_members,
            yes_ballots=np.stack([ballot.yes for ballot in ballots]),
            no_ballots=np.stack([ballot.cast - ballot.yes for ballot in ballots]),
        )
        self.tallies.append(tally)
        self.voted[vote] = voting
        return tally

    def approve_agreement(self, *, vote: int) -> None:
        """The legislature's last word on a ratified agreement, given by silence or by a vote."""
        if self.chambers is None:
            return
        approval = vote_on_agreement(self.chambers)
        self.approved = np.where(self.ratified[vote], approval.carried, self.approved)
        self.tell("approval", vote=vote, approval=approval)

    # --- the state house --------------------------------------------------------------------------------------

    def weigh_alternatives(self) -> None:
        """What no deal is worth to the governor: what he may expect to be allowed to cut, and what that costs him."""
        value, n = self.value, len(self.worlds)
        if self.request is None:
            self.plan_request()
        money, governor = value.money, value.governor
        left = np.maximum(self.gap - self.revenue, 0.0)
        without_deal = self.means(self.expected.share, self.expected.aid_share, layoffs=1.0)
        with_deal = self.means(np.broadcast_to(money.standing_authority, n), np.zeros(n), layoffs=0.0)
        self.governor.reservation = reservation_savings(
            left, with_deal, without_deal, standing=governor.standing, deficit_cost=money.deficit_cost
        )

    def plan_request(self) -> None:
        """What the governor would ask for, how loud the mayors would be, and what he expects the chambers to grant."""
        value, n = self.value, len(self.worlds)
        money, governor = value.money, value.governor
        nothing = np.zeros(n)
        standing = np.broadcast_to(money.standing_authority, n)
        if self.chambers is None:
            # no body to ask: the employer's announced plan is the default
            share = np.broadcast_to(governor.request_share, n)
            scope = np.full(n, float(governor.request_aid))
            self.request = Request(share=share, aid_scope=scope)
            self.expected = Expectation(passes=nothing + 1, struck=nothing, share=share, aid_share=share * scope)
        else:
            legislature = value.legislature
            threat = threatened_aid(governor.request_share, money.aid_total, feared=legislature.feared)
            if self.halls is not None:
                lobbying = lobby(self.mayors, self.halls, np.broadcast_to(threat, n), value=value.towns)
                for row, member in enumerate(self.legislators):
                    member.hear_towns(lobbying.loss_share[row], lobbying.felt[row], legislature)
                self.chorus = lobbying.chorus
            misread = self.whip_luck * legislature.whip_error
            scope = np.full(n, float(governor.request_aid))
            if legislature.request == "anticipated":
                scope = scope * largest_scope(self.chambers, misread, jobs=self.jobs_at_stake)
            self.request = Request(share=governor.request_share, aid_scope=scope)
            self.expected = expected_passage(
                self.chambers, self.request, standing_share=standing, misread=misread, jobs=self.jobs_at_stake
            )
        if self.halls is not None:
            expected_cut = self.expected.aid_share * money.aid_total
            self.local_risk = threatened_local_risk(self.mayors, self.halls, expected_cut, value=value.towns)

    @property
    def jobs_at_stake(self) -> Worlds:
        """Share of the state's posts on the list in force, (worlds,) or a number."""
        members = self.case.units.members
        return weighted_mean(self.listed, members) * self.value.unions.list_scale

    def means(self, share: Worlds, aid_share: Worlds, *, layoffs: Worlds, taxes_pass: Worlds = True) -> Means:
        """The instruments within a power to cut, as shares of any line and of town aid.

        ``layoffs``: the share of posts on the list that nobody has protected. What is left of the year when the notices
        have run out bounds what they save.
        """
        value = self.value
        return means_at_hand(
            value.instruments,
            [instrument.needs for instrument in self.case.sections.instruments],
            len(self.worlds),
            authority=share * value.money.cuttable,
            aid_authority=aid_share * value.money.aid_total,
            taxes_pass=taxes_pass,
            reach={"layoffs": layoffs * self.year_left},
            extra_cost={"layoffs": value.governor.layoff_standing},
        )

    def vote_on_budget(self) -> None:
        """The budget that counts on the savings; the one roll call that is on record by member."""
        assert self.chambers is not None
        self.budget = vote_on_budget(self.chambers)
        self.tell("budget")

    def request_authority(self) -> None:
        """Where there is no ratified deal the governor asks for more power to cut, and the mayors speak up."""
        self.tell("request")

    def hold_session(self) -> None:
        """Both chambers decide what the governor may cut, and what is spared."""
        value = self.value
        assert self.chambers is not None and self.request is not None
        self.session = hold_session(
            self.chambers, self.request, standing_share=value.money.standing_authority, jobs=self.jobs_at_stake
        )
        if self.halls is not None:
            threat = self.session.aid_scope * self.session.authority_share * value.money.aid_total
            self.local_risk = threatened_local_risk(self.mayors, self.halls, threat, value=value.towns)
        self.tell("session")

    # --- the window -------------------------------------------------------------------------------------------

    def amend_rule(self) -> None:
        """Leaders vote on changing the rule; without waiving the notice period the change comes too late."""
        refused = self._where("refused")
        rules = self.value.rules
        if rules.amendment is None:
            return
        tally = self.tallies[0]
        cast = tally.yes_ballots + tally.no_ballots
        own = tally.yes_ballots / np.maximum(cast, 1)
        overall = sum(tally.yes_ballots) / np.maximum(sum(cast), 1)
        risk = np.stack([union.risk for union in self.unions])
        leaders = self.value.leaders
        lean = leans_to_change(own, overall, risk, risk_weight=leaders.risk_weight)
        favour = lean > 0
        changed = refused & rules.amendment.carries(Tally.of_leaders(self.case.unions.names, np.asarray(favour)))
        waives = lean + leaders.collegiality > 0
        in_time = rules.waiver is None or rules.waiver.carries(Tally.of_leaders(self.case.unions.names, np.asarray(waives)))
        self.rule_changed = changed & in_time
        self.tell("amendment", favour=favour)

    def revise_deal(self) -> None:
        """The same economics in a clearer text: part of the false claims falls away, and a new campaign starts."""
        for union in self.unions:
            union.information = clarify(union.information, self.value.campaign.clarified)
        self.tell("revision")

    def second_vote(self) -> None:
        """The same people vote again, under the rule as it then stands."""
        refused = self._where("refused")
        rules = self.value.rules
        tally = self.count_votes(vote=1, voting=refused)
        revised = rules.ratification if rules.revised is None else rules.revised
        self.ratified[1] = refused & np.where(
            self.rule_changed, revised.carries(tally), rules.ratification.carries(tally)
        )
        self.tell("vote", vote=1, rule=revised if self.rule_changed[0] else rules.ratification, tally=tally)
        self.approve_agreement(vote=1)

    # --- the end ----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """What is left of the gap is filled by whoever may be made to pay; the towns absorb what reaches them."""
        value = self.value
        money = value.money
        in_force = (self.ratified[0] | self.ratified[1]) & self.approved
        self.outcome = np.where(self.ratified[0], RATIFIED_FIRST_VOTE, self.outcome)
        self.outcome = np.where(self.ratified[1], RATIFIED_SECOND_VOTE, self.outcome)
        self.outcome = np.where(
            (self.ratified[0] | self.ratified[1]) & ~self.approved, REFUSED_BY_LEGISLATURE, self.outcome
        ).astype(np.int8)
        self.in_force = in_force
        self.withdraw_threats(in_force)
        savings, exposed = self.kept_bargain()
        share, aid_share = self.powers_held(in_force)
        taxes_pass: Worlds = True
        if self.chambers is not None and "taxes" in value.instruments and value.instruments["taxes"].allowed:
            taxes_pass = vote_on_taxes(self.chambers, value.instruments["taxes"].capacity).carried
        means = self.means(share, aid_share, layoffs=exposed, taxes_pass=taxes_pass)
        left = self.gap - savings
        revenue = np.clip(self.revenue, 0.0, np.maximum(left, 0.0))
        filled = water_fill(means, left - revenue)
        self.money = {"savings": savings, "revenue": revenue}
        self.money |= {name: filled.of(name) for name in ("layoffs", "programmes", "aid", "taxes")}
        self.money["deficit"] = filled.deficit
        self.authority_held = share * money.cuttable
        self.authority_share, self.aid_share = share, aid_share
        posts = posts_lost(filled.of("layoffs"), saved_a_post=money.layoff_saves, year_left=self.year_left)
        members = np.stack([unit.members for unit in self.units])
        listed = self.listed * members * self.unprotected
        self.posts_by_unit = posts_by_unit(np.asarray(posts), listed, members)
        self.posts = posts
        if self.halls is not None:
            self.hit = absorb(
                self.mayors, self.halls, filled.of("aid"), value=value.towns, seed=self.seed, worlds=self.worlds
            )
        self.tell("settlement")

    def kept_bargain(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Savings of the deal in force, M$/yr, and the share of listed posts it leaves exposed, each (worlds,).

        A unit that refuses the wages part keeps its raises, so the state saves less, and loses its protection.
        """
        n = len(self.worlds)
        self.unprotected = np.ones((len(self.units), n))
        if not self.tallies:
            return np.zeros(n), np.ones(n)
        payroll, refusing, forgone, listed, exposed = (np.zeros(n) for _ in range(5))
        for place, union in enumerate(self.unions):
            deal = self.deal_of(place)
            for unit in union.units:
                wages = unit.wages[0]
                if len(unit.wages) > 1:
                    wages = wages.where(self.ratified[0], unit.wages[1])
                accepts = self.in_force & (2 * wages.yes > wages.cast)
                bill = self._pay(unit)
                payroll += bill
                refusing += bill * ~accepts
                if self.union_tables is not None:
                    forgone += deal.wage_savings * bill * ~accepts
                posts = self.listed[unit.index] * unit.members
                listed += posts
                bare = np.where(accepts, 1 - deal.protection, 1.0)
                self.unprotected[unit.index] = bare
                exposed += posts * bare
        if self.union_tables is None:
            forgone = self.deal.wage_savings * refusing
        savings = self.deal.savings - forgone / payroll
        # what a deal saves beyond the gap is no part of filling it
        counted = np.where(self.in_force, np.minimum(savings, self.gap), 0.0)
        return counted, exposed / np.maximum(listed, 1e-9)

    def _pay(self, unit: Unit) -> NDArray[np.float64]:
        """A year's pay of all members of a unit, 1,000 $, (worlds,)."""
        return self.case.units.pay_kusd[unit.index] * unit.members

    def powers_held(self, in_force: NDArray[np.bool_]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Power to cut any line and town aid at the end, shares, (worlds,); it lapses where a deal is in force."""
        standing = np.broadcast_to(self.value.money.standing_authority, len(self.worlds))
        if self.chambers is None:
            return np.where(in_force, standing, self.expected.share), np.where(in_force, 0.0, self.expected.aid_share)
        granted, scope = self.session.authority_share, self.session.aid_scope
        # the session meets only where no deal was ratified before it
        met = ~self.ratified[0]
        return np.where(in_force | ~met, standing, granted), np.where(in_force | ~met, 0.0, scope * granted)

    @property
    def year_left(self) -> float:
        """Share of the first budget year that a layoff saves when its notice goes out with the real ones."""
        calendar = self.case.calendar
        leads = [threat.lead_weeks for threat in self.case.sections.threats]
        notice = calendar.settlement if calendar.window is None else calendar.window.notices
        lead = datetime.timedelta(weeks=leads[-1] if leads else 0)
        return max(year_left(notice, lead, calendar.fiscal_year), 0.05)

    # --- what comes of it -------------------------------------------------------------------------------------

    def results(self) -> Block:
        """A row a world, and what is by unit, union and town."""
        columns: dict[str, NDArray[Any]] = {
            "world": self.worlds,
            "outcome": self.outcome,
            "deal": np.isin(self.outcome, SUCCESSES),
            **self._talks_columns(),
            **self._deal_columns(),
        }
        for vote in (0, 1):
            columns |= self._vote_columns(vote)
        columns |= self._session_columns() | self.money | {"posts_lost": self.posts} | self.hit.columns
        unions, units = len(self.unions), len(self.units)
        shares = [np.full((2, rows, len(self.worlds)), np.nan) for rows in (units, unions)]
        for vote, tally in enumerate(self.tallies):
            voting = self.voted[vote]
            by_unit = np.stack([unit.benefits[vote].yes_share for unit in self.units])
            shares[0][vote] = np.where(voting, by_unit, np.nan)
            shares[1][vote] = np.where(voting, _yes_shares(tally), np.nan)
            if self.union_tables is not None:
                settled = self.union_tables.settled
                shares[0][vote, ~settled[[row for row, union in enumerate(self.unions) for _ in union.units]]] = np.nan
                shares[1][vote, ~settled] = np.nan
        return Block(
            columns=columns,
            unit_yes=shares[0],
            union_yes=shares[1],
            unit_posts=self.posts_by_unit.mean(axis=1),
            town_loss=self.hit.town_loss,
            town_mills=self.hit.town_mills,
            town_layoffs=self.hit.town_posts,
        )

    def _talks_columns(self) -> dict[str, NDArray[Any]]:
        unknown = np.full(len(self.worlds), np.nan)
        columns = {
            "tentative_deal": self.agreed,
            "in_zone": self.in_zone,
            "reservation_savings": np.broadcast_to(self.governor.reservation, len(self.worlds)).astype(float),
            "deal_savings": np.where(self.agreed, self.deal.savings, np.nan),
            "structural_savings": np.where(self.agreed, self.deal.structural, np.nan),
            "deal_burden": np.where(self.agreed, self.deal.benefits_burden + self.deal.wages_burden, np.nan),
            "deal_protection": np.where(self.agreed, self.deal.protection, np.nan),
            "leaders_expected": self.leaders_expected,
            "leaders_surprised": self.leaders_expected & ~self.ratified[0],
            "belief": self.mean_belief,
            "threat_cost": self.threat_cost,
        }
        if self.talks is None:
            return columns | {"agreed_round": unknown, "agreed_day": unknown}
        talks = self.talks if self.union_tables is None else self.union_tables
        rounds = np.where(self.agreed, talks.agreed_round, -1)
        start = self.case.calendar.talks.start
        days = np.array([(date - start).days for date in self._round_dates()] + [0])
        return columns | {
            "agreed_round": np.where(self.agreed, rounds + 1.0, np.nan),
            "agreed_day": np.where(self.agreed, days[np.minimum(rounds, len(days) - 1)], np.nan),
        }

    def _deal_columns(self) -> dict[str, NDArray[Any]]:
        """How good the deal is for both sides, by what they knew when they made it; NaN without a deal.

        Where unions sat at tables of their own, the average over the payroll of those that settled.
        """
        if self.talks is None:
            return {name: np.full(len(self.worlds), np.nan) for name in DEAL_MEASURES}
        if self.union_tables is None:
            found = judged(self.talks)
        else:
            found = self.union_tables.average([judged(table) for table in self.union_tables.tables])
        return {name: np.where(self.agreed, column, np.nan) for name, column in zip(DEAL_MEASURES, found, strict=True)}

    def _vote_columns(self, vote: int) -> dict[str, NDArray[Any]]:
        """Of the votes cast: how many unions approve, the share of yes, the weight behind it; NaN without a vote."""
        number = vote + 1
        if vote >= len(self.tallies):
            names = ("unions_yes", "yes_share", "bloc_share", "turnout")
            columns = {f"{name}_{number}": np.full(len(self.worlds), np.nan) for name in names}
            return columns | {f"ratified_{number}": np.zeros(len(self.worlds), bool)}
        tally, voting = self.tallies[vote], self.voted[vote]
        approving = tally.yes_ballots > tally.no_ballots
        yes, cast, members, weight = (
            sum(rows)
            for rows in (
                tally.yes_ballots,
                tally.yes_ballots + tally.no_ballots,
                tally.members,
                np.where(approving, tally.members, 0.0),
            )
        )
        known = {
            "unions_yes": sum(approving.astype(float)),
            "yes_share": yes / np.maximum(cast, 1),
            "bloc_share": weight / members,
            "turnout": cast / members,
        }
        columns = {f"{name}_{number}": np.where(voting, column, np.nan) for name, column in known.items()}
        return columns | {f"ratified_{number}": self.ratified[vote]}

    def _session_columns(self) -> dict[str, NDArray[Any]]:
        n = len(self.worlds)
        columns = {
            "rule_changed": self.rule_changed,
            "approved": self.approved,
            "authority_share": np.array(self.authority_share, float),
            "chorus": self.chorus,
            "local_risk": np.broadcast_to(self.local_risk, n).astype(float),
        }
        if self.chambers is None:
            return columns
        if self.case.calendar.budget_vote is not None:
            columns |= {
                "budget_house_yes": self.budget.house.yes.astype(float),
                "budget_senate_yes": self.budget.senate.yes.astype(float),
            }
        met, result = ~self.ratified[0], self.session
        known = {
            "request_passed": result.passed,
            "aid_struck": result.struck,
            "aid_spared": result.aid_spared,
            "house_yes": result.house.yes,
            "house_no": result.house.no,
            "senate_yes": result.senate.yes,
            "senate_no": result.senate.no,
        }
        return columns | {name: np.where(met, column, np.nan) for name, column in known.items()}

    @property
    def mean_belief(self) -> NDArray[np.float64]:
        """Chance that the average listed post goes, as members see it, (worlds,)."""
        posts = self.listed * self.case.units.members[:, None]
        expected = sum(row * self.beliefs.of_unit(unit) for unit, row in enumerate(posts))
        return np.broadcast_to(expected / np.maximum(sum(posts), 1e-9), len(self.worlds)).astype(float)


def _yes_shares(tally: Tally) -> NDArray[np.float64]:
    """Share of yes by body, (bodies, worlds)."""
    return tally.yes_ballots / np.maximum(tally.yes_ballots + tally.no_ballots, 1)


def _collector() -> mesa.DataCollector:
    """What Mesa users plot: averages over the worlds of a model, after every step."""
    return mesa.DataCollector(
        model_reporters={
            "date": lambda model: model.date,
            "phase": lambda model: model.phase,
            "agreed": lambda model: float(model.agreed.mean()),
            "ratified": lambda model: float((model.ratified[0] | model.ratified[1]).mean()),
            "belief": lambda model: float(np.nanmean(model.mean_belief)),
            "reservation_savings": lambda model: float(np.mean(model.governor.reservation)),
        }
    )
