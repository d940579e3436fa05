"""What is so at this point of a crisis, in every world: born whole, and moved by acts alone."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from agents.chamber import Expectation
from agents.governor import Request
from agents.leader import Hearing
from sim.bargaining.package import Issue
from sim.bargaining.talks import Talks
from sim.bargaining.terms import Terms
from sim.bargaining.union_tables import UnionTables
from sim.outcomes import NO_TENTATIVE_DEAL
from sim.public.beliefs import Beliefs, Threat, in_order_of_date
from sim.public.cuts import Means
from sim.ratification.tally import Tally
from sim.record import Grant, Happening
from sim.scenario.numbers import Numbers
from sim.worlds.axis import Array, Worlds, single

Mask = NDArray[np.bool_]


class Weighed(NamedTuple):
    """What members and their leaders make of the threats so far."""

    belief: Array  # that a listed post goes, by unit, (units, worlds), or (1, worlds) where nothing tells them apart
    risks: Array  # share of each union's posts that its members expect to go, (unions, worlds)
    mean_risk: Array  # over all members, (worlds,)
    member_weights: Array  # what a unit of each issue is worth to the average member, share of pay, (rows, worlds)
    hearing: Hearing  # what the leaders hear of it


@dataclass(slots=True, kw_only=True)
class State:
    """Arrays have shape (worlds,) unless named; masks say in which worlds."""

    date: datetime.date
    phase: str
    worlds: int

    # money
    gap: Array  # M$/yr the budget lacks
    revenue: Array  # M$/yr found since that may fill it

    # talks
    low: Array  # least on the table, (issues,), in the issues' own units, as the next
    high: Array
    talks: Talks | None = None  # the coalition's table, or that of the union that leads; None: nobody bargains
    tables: UnionTables | None = None  # where every union has one of its own
    misjudgement: tuple[Worlds | None, Worlds | None] = (None, None)  # of the other's floor, on the other's scale
    talks_over: bool = False
    package: Array  # what was agreed, (issues, worlds), in the issues' own units
    agreed: Mask  # there is a tentative deal
    agreed_day: Array  # on which it was struck at the table, from 0 on the first of the talks; NaN without one
    in_zone: Mask  # some package serves both sides, as far as they can tell at the deadline
    leaked: Array  # burdens of the coalition's offers that the press had, added up, share of a year's pay
    leaks: Array  # and how many there were

    # threats and beliefs
    beliefs: Beliefs  # by unit, that the list is carried out
    listed: Array  # share of posts on the list that the latest threat points to, (units, 1) or (units, worlds)
    re_aimed: dict[str, Array]  # lists that threats have re-aimed, by name, as ``listed``: it stays so
    threats_out: list[tuple[Threat, Mask]]  # issued and not taken back
    threat_cost: Array  # to the governor, of issuing and withdrawing, M$/yr
    weighed: Weighed | None = None  # None: beliefs have moved since
    relieved: bool = False  # threats have been taken back where there is a deal, and members there not heard since
    unheard: bool = False  # what surrounds the members' word has moved, and their leaders have not heard it yet
    untold: bool = False  # something has happened of which the sides at the table have not taken stock yet
    told: Array | None = None  # what labour at the coalition's table has said it wants, (rows, worlds)

    # what no deal would bring
    request: Request | None = None  # what the governor would ask for; None: not worked out yet
    expected: Expectation | None = None  # what he expects to be granted
    foreseen_toll: Array | None = None  # what he foresees a request to take from support, logits, (seats, worlds)
    with_deal: Means | None = None  # instruments he would have left with a deal
    without_deal: Means | None = None
    local_risk: Worlds = 0.0  # share of payroll that towns sharing a union would lay off without a deal
    counted: bool = False  # has the roll call been held from which whips know members' leans?
    aid_threat: Array  # cut of town aid that threatens today, M$/yr

    # the members' word
    deal: Terms | None = None  # the terms put to the vote
    deals: list[Terms] | None = None  # by union, where each had a table of its own
    tallies: list[Tally]  # benefits ballots by union, one a vote held
    voted: list[Mask]  # at the first and at the second vote
    ratified: list[Mask]
    rule_changed: Mask
    campaigning: Mask  # leaders who campaign for the deal after a refusal, (unions, worlds)
    clearer: bool = False  # has the text been made clearer?

    # the state house
    granted: Grant | None = None  # by the session; None: it has not met
    approved: Mask  # by the legislature

    # the end
    outcome: NDArray[np.int8]  # code of `sim.outcomes`

    @classmethod
    def born(cls, numbers: Numbers, worlds: int, *, date: datetime.date) -> Self:
        """Before anybody acts."""
        case = numbers.scenario
        threats = in_order_of_date(case.sections.threats)
        first_list = threats[0].list if threats else next(iter(case.units.list_share), None)
        listed = np.zeros(len(case.units.names)) if first_list is None else case.units.list_share[first_list]

        def never() -> Mask:
            return np.zeros(worlds, bool)

        def nothing() -> Array:
            return np.zeros(worlds)

        return cls(
            date=date,
            phase="",
            worlds=worlds,
            gap=np.broadcast_to(numbers.money.gap, worlds).astype(float),
            revenue=nothing(),
            low=_bounds(case.issues, 0),
            high=_bounds(case.issues, 1),
            package=np.zeros((len(case.issues), worlds)),
            agreed=never(),
            agreed_day=np.full(worlds, np.nan),
            in_zone=never(),
            leaked=nothing(),
            leaks=nothing(),
            beliefs=Beliefs(numbers.belief.prior),
            listed=listed[:, None],
            re_aimed={},
            threats_out=[],
            threat_cost=nothing(),
            aid_threat=nothing(),
            tallies=[],
            voted=[never(), never()],
            ratified=[never(), never()],
            rule_changed=never(),
            campaigning=np.zeros((len(case.unions.names), worlds), bool),
            approved=np.ones(worlds, bool),
            outcome=np.full(worlds, NO_TENTATIVE_DEAL, dtype=np.int8),
        )

    def where(self, when: str) -> Mask:
        """The worlds in which an act or a piece of news belongs: see `sim.public.beliefs.When`."""
        if when == "no_deal":
            return ~self.agreed
        if when == "refused":
            return self.agreed & ~self.ratified[0]
        return ~(self.ratified[0] | self.ratified[1])

    def deal_of(self, union: int) -> Terms:
        """The terms that this union's members vote on; all have the same where they sat at one table."""
        assert self.deal is not None, "nothing has been put to the vote"
        return self.deal if self.deals is None else self.deals[union]

    @property
    def everywhere(self) -> Mask:
        """All worlds."""
        return np.ones(self.worlds, bool)

    @property
    def leaked_burden(self) -> Array:
        """The burden members have read about, share of a year's pay; none where no offer of their side leaked."""
        return np.where(self.leaks > 0, self.leaked / np.maximum(self.leaks, 1), np.inf)

    def share_listed(self, scale: Worlds, here: NDArray[np.int64] | None = None) -> Array:
        """Share of each unit's posts on the list in force, (units, worlds) or (units, 1); ``here``: in these worlds.

        ``scale``: posts on the lists against the table.
        """
        return np.minimum(single(scale, here) * single(self.listed, here), single(1.0))


def _bounds(issues: tuple[Issue, ...], end: int) -> Array:
    return np.array([issue.range[end] for issue in issues], float)


def today(state: State, where: Mask | None = None) -> dict[str, Any]:
    """Date, phase and worlds of a `Happening` that happens now; in all worlds unless said."""
    return {"date": state.date, "phase": state.phase, "where": state.everywhere if where is None else where}


Happenings = list[Happening]
