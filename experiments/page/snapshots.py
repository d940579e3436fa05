"""What can be seen of a run on each of its dates, as plain numbers and words.

A model is stepped once and looked at after every step (`WatchedCrisis`); what was seen stays, so that a finished run
can be rewound and the model let go. All numbers are of the one world that is told.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from sim.aid import shares_of_cut
from sim.model import BudgetCrisis
from sim.outcomes import OUTCOMES
from sim.package import Frontier, scale, value_of
from sim.rule import Rule
from sim.scenario import Scenario
from sim.session import Chambers, threatened_aid
from sim.story import first
from sim.tally import Count, Tally

# --- what does not change in a run ------------------------------------------------------------------------------------


class IssueSeen(NamedTuple):
    """One thing that is bargained over."""

    name: str
    unit: str
    low: float
    high: float


class SeatSeen(NamedTuple):
    """One seat of a chamber."""

    name: str
    chamber: str
    district: int
    party: str
    recorded: str


class TownSeen(NamedTuple):
    """One town."""

    name: str
    budget: float  # M$/yr
    people: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSeen:
    """What a run is about."""

    name: str
    title: str
    world: int
    seed: int
    agenda: tuple[tuple[datetime.date, str], ...]  # date and phase of every step
    issues: tuple[IssueSeen, ...]
    rounds: int
    gap: float  # M$/yr
    ratification: str  # the rule in words
    seats: tuple[SeatSeen, ...]
    towns: tuple[TownSeen, ...]
    boundaries: str  # path of the towns' outlines, empty where the case has none


# --- what does --------------------------------------------------------------------------------------------------------


class OfferSeen(NamedTuple):
    """An offer at the table."""

    round: int  # from 1
    date: datetime.date
    proposer: str
    package: tuple[float, ...]
    savings: float  # M$/yr
    accepted: bool


class TableSeen(NamedTuple):
    """Both sides' values as they are today, each on its own scale: 0 its worst package, 1 its ideal."""

    frontier: tuple[tuple[float, float], ...]  # governor's and coalition's value of the best packages there are
    offers: tuple[tuple[float, float], ...]  # likewise of the offers made so far
    no_deal: tuple[float, float]  # what no deal is worth; above 1: nothing beats it


class UnionSeen(NamedTuple):
    """A union in a vote."""

    name: str
    members: float
    yes: float
    cast: float
    approves: bool
    pivotal: bool  # its own turning would have turned the result

    @property
    def yes_share(self) -> float:
        """Share of yes among its ballots."""
        return self.yes / self.cast if self.cast else 0.0


class ConditionSeen(NamedTuple):
    """One condition of the rule in a vote."""

    words: str
    amount: float
    quota: float
    whole: float
    unit: str


class VoteSeen(NamedTuple):
    """A vote of the members."""

    number: int
    date: datetime.date
    rule: str
    carried: bool
    unions: tuple[UnionSeen, ...]
    conditions: tuple[ConditionSeen, ...]


class RollCallSeen(NamedTuple):
    """A roll call in both chambers."""

    question: str
    date: datetime.date
    carried: bool
    verdict: str  # in words
    votes: tuple[str, ...]  # "yes", "no" or "absent", by seat


class TownsSeen(NamedTuple):
    """What the towns lose, M$/yr, by town."""

    kind: str  # "threatened" or "cut"
    loss: tuple[float, ...]
    mills: tuple[float, ...]  # rise of the tax rate


class Payer(NamedTuple):
    """A part of the gap, M$/yr."""

    name: str
    amount: float
    firm: bool  # settled, or pencilled in


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A run as it stands after a step; every field is the history up to then."""

    case: CaseSeen
    step: int  # steps made so far
    date: datetime.date
    phase: str
    events: tuple[dict[str, Any], ...] = ()
    offers: tuple[OfferSeen, ...] = ()
    table: TableSeen | None = None
    expected: tuple[tuple[str, float, bool], ...] = ()  # union, members, whether its leader expects a yes
    votes: tuple[VoteSeen, ...] = ()
    roll_calls: tuple[RollCallSeen, ...] = ()
    towns: TownsSeen | None = None
    payers: tuple[Payer, ...] = ()
    belief: float = 0.0  # share of posts that members expect to go
    outcome: str = ""

    @property
    def over(self) -> bool:
        """Has the run come to its end?"""
        return self.step == len(self.case.agenda)


class WatchedCrisis(BudgetCrisis):
    """The model of one world, looked at after every step. A drop-in for Mesa's own page."""

    def __init__(self, *, scenario: Scenario | str = "connecticut-2011", **kwargs: Any) -> None:
        # Mesa's page accepts a model with further keywords only where they are called kwargs
        super().__init__(scenario=scenario, **({"world": 0, "collect": False} | kwargs))
        self.snapshots = [Snapshot(case=see_case(self), step=0, date=self.date, phase="")]

    def step(self) -> None:
        """The next happening, and a look at what it changed."""
        super().step()
        self.snapshots.append(look(self, self.snapshots[-1]))


def see_case(model: BudgetCrisis) -> CaseSeen:
    """What stays the same in this run."""
    case, halls = model.case, model.halls
    towns = () if halls is None else tuple(TownSeen(t.name, t.budget, t.population) for t in halls.towns)
    return CaseSeen(
        name=case.name,
        title=case.title,
        world=int(model.worlds[0]),
        seed=model.seed,
        agenda=tuple((happening.date, happening.phase) for happening in model.agenda),
        issues=tuple(IssueSeen(i.name.replace("_", " "), i.unit, *map(float, i.range)) for i in case.issues),
        rounds=int(model.value.calendar.talks.rounds),
        gap=first(model.gap),
        ratification=model.value.rules.ratification.world(0).words(len(case.unions.names)),
        seats=tuple(
            SeatSeen(seat.name, seat.chamber, seat.district, party, seat.recorded_vote)
            for seat, party in zip(case.seats, case.legislators.party if case.seats else (), strict=True)
        ),
        towns=towns,
        boundaries=_boundaries(case),
    )


def _boundaries(case: Scenario) -> str:
    towns = case.sections.towns
    name = getattr(towns, "boundaries", "") if towns is not None else ""
    return str(case.table_path(name)) if name else ""


# --- looking ----------------------------------------------------------------------------------------------------------


def look(model: BudgetCrisis, before: Snapshot) -> Snapshot:
    """What the step just made has changed."""
    events = model.story.events
    new = events[len(before.events) :]
    votes, roll_calls, towns = before.votes, before.roll_calls, before.towns
    if any("unions_yes" in event for event in new):
        votes = (*votes, _see_vote(model, len(votes)))
    if any("aid_spared" in event for event in new):
        roll_calls = (*roll_calls, *_see_session(model))
        towns = _threatened(model, model.session.aid_scope * model.session.authority_share)
    elif any("house_yes" in event for event in new):
        roll_calls = (*roll_calls, _see_budget(model))
    elif any("approved" in event for event in new):
        roll_calls = (*roll_calls, _see_approval(model))
    elif any("share" in event for event in new):
        towns = _threatened(model, _feared_share(model))
    over = before.step + 1 == len(before.case.agenda)
    if over and model.halls is not None:
        towns = TownsSeen("cut", tuple(model.hit.town_loss.tolist()), tuple(model.hit.town_mills.tolist()))
    offers = before.offers + tuple(_see_offer(event) for event in new if "package" in event)
    return Snapshot(
        case=before.case,
        step=before.step + 1,
        date=model.date,
        phase=model.phase,
        events=(*before.events, *new),
        offers=offers,
        table=before.table if model.talks is None or before.votes else _see_table(model, offers),
        expected=_see_expected(model) or before.expected,
        votes=votes,
        roll_calls=roll_calls,
        towns=towns,
        payers=_see_money(model, over=over),
        belief=first(model.mean_risk),
        outcome=OUTCOMES[int(model.outcome[0])] if over else "",
    )


def _see_offer(event: Mapping[str, Any]) -> OfferSeen:
    return OfferSeen(
        round=event["round"],
        date=datetime.date.fromisoformat(event["date"]),
        proposer=event["actor"],
        package=tuple(event["package"].values()),
        savings=event["savings"],
        accepted=event["accepted"],
    )


def _see_table(model: BudgetCrisis, offers: tuple[OfferSeen, ...]) -> TableSeen:
    """Everything at today's weights, so that offers, frontier and no-deal values can be told apart at a glance."""
    governor, coalition = (model.talks.side(name) for name in ("governor", "coalition"))
    low, high = model.talks.low, model.talks.high
    rulers = [scale(side.weights, low, high) for side in (governor, coalition)]
    own, other = Frontier(governor.weights, coalition.weights, low, high).corners()
    frontier = [(first(rulers[0].of(x)), first(rulers[1].of(y))) for x, y in zip(own, other, strict=True)]
    made = []
    for offer in offers:
        package = np.array(offer.package)[:, None]
        values = [
            ruler.of(value_of(package, np.asarray(side.weights).reshape(len(package), -1)))
            for ruler, side in zip(rulers, (governor, coalition), strict=True)
        ]
        made.append((first(values[0]), first(values[1])))
    return TableSeen(tuple(frontier), tuple(made), (first(governor.reservation), first(coalition.reservation)))


def _see_expected(model: BudgetCrisis) -> tuple[tuple[str, float, bool], ...]:
    """Which unions the leaders expect to say yes to the tentative deal, once there is one and nobody has voted."""
    if not model.agreed[0] or model.tallies:
        return ()
    deal = model.terms_of(model.package)
    yes = model.hearing.expects_yes(deal.protection, deal.benefits_burden, deal.wages_burden)[:, 0]
    return tuple(
        (union.name, first(members), bool(says))
        for union, members, says in zip(model.unions, model.union_members, yes, strict=True)
    )


def rule_in_force(model: BudgetCrisis, vote: int) -> Rule:
    """The rule a vote of this number is counted by in the world that is told."""
    rules = model.value.rules
    changed = vote == 1 and rules.revised is not None and bool(model.rule_changed[0])
    return (rules.revised if changed else rules.ratification).world(0)


def _see_vote(model: BudgetCrisis, vote: int) -> VoteSeen:
    rule, tally = rule_in_force(model, vote), model.tallies[vote].world(0)
    count = Count(tally, rule.tie)
    pivotal = rule.pivotal(tally)[:, 0]
    unions = tuple(
        UnionSeen(name, first(members), first(yes), first(yes) + first(no), bool(approves), bool(decides))
        for name, members, yes, no, approves, decides in zip(
            tally.names, tally.members, tally.yes_ballots, tally.no_ballots, count.approves[:, 0], pivotal, strict=True
        )
    )
    return VoteSeen(
        number=vote + 1,
        date=model.date,
        rule=rule.words(len(tally.names)),
        carried=bool(model.ratified[vote][0]),
        unions=unions,
        conditions=_see_conditions(rule, tally, count),
    )


def _see_conditions(rule: Rule, tally: Tally, count: Count) -> tuple[ConditionSeen, ...]:
    bodies = len(tally.names)
    wholes = {"members": first(count.members), "ballots": first(count.cast)}
    seen = []
    for _, leaf in rule.condition.leaves():
        unit = leaf.measure(rule.noun)
        seen.append(
            ConditionSeen(
                words=leaf.words(bodies, rule.noun),
                amount=first(leaf.amount(count)),
                quota=first(leaf.quota(count)),
                whole=wholes.get(unit, float(bodies)),
                unit=unit,
            )
        )
    return tuple(seen)


# --- the state house --------------------------------------------------------------------------------------------------


def _see_budget(model: BudgetCrisis) -> RollCallSeen:
    """The recorded roll call over again."""
    chambers = model.chambers
    says_yes = _bill(chambers, 0.0, chambers.asked(taxes=chambers.legislature.budget_taxes))
    return _roll_call(model, "on the budget", bool(model.budget.carried[0]), says_yes)


def _see_session(model: BudgetCrisis) -> list[RollCallSeen]:
    """The roll calls of the session: on striking aid where that came up, and on the bill."""
    chambers, result = model.chambers, model.session
    asked = first(model.request.aid_scope)
    seen = []
    if chambers.legislature.rule == "open" and asked > 0:
        follow = chambers.follow
        votes = {id(m): bool(m.strikes_aid(asked, follow)[0]) for side in chambers.members.values() for m in side}
        seen.append(_roll_call(model, "to strike town aid from the bill", bool(result.struck[0]), votes))
    scope = 0.0 if result.struck[0] else asked
    says_yes = _bill(chambers, scope, chambers.asked(jobs=model.jobs_at_stake))
    question = f"power to cut any line by {first(model.request.share):.0%}"
    question += ", town aid included" if scope > 0 else ", town aid left out"
    return [*seen, _roll_call(model, question, bool(result.passed[0]), says_yes)]


def _see_approval(model: BudgetCrisis) -> RollCallSeen:
    """The agreement: put to a vote, or standing by silence, and then this is how they would have voted."""
    chambers = model.chambers
    says_yes = _bill(chambers, 0.0, chambers.asked(extra=chambers.legislature.agreement))
    silent = chambers.legislature.approval == "deemed" and bool(model.approved[0])
    question = "the agreement, had it come to a vote" if silent else "to approve the agreement"
    return _roll_call(model, question, bool(model.approved[0]), says_yes, verdict="it stands by silence" * silent)


def _bill(chambers: Chambers, scope: float, asked: Mapping[bool, Any]) -> dict[int, bool]:
    """How every member votes on a bill, by identity; see `Chambers.bill`, which only counts them.

    Where the votes that lack most cheaply are bought, it is theirs that turn.
    """
    votes: dict[int, bool] = {}
    for members in chambers.members.values():
        prices = {id(m): first(m.price(scope, asked[m.seat.of_governors_party])) for m in members}
        yes = {key for key, price in prices.items() if price <= 0}
        lacking = max(sum(bool(m.here[0]) for m in members) // 2 + 1 - len(yes), 0)
        cheapest = sorted((price, key) for key, price in prices.items() if price > 0)[:lacking]
        if sum(price for price, _ in cheapest) <= first(chambers.legislature.favours):
            yes |= {key for _, key in cheapest}
        votes |= {key: key in yes for key in prices}
    return votes


def _roll_call(
    model: BudgetCrisis, question: str, carried: bool, says_yes: Mapping[int, bool], *, verdict: str = ""
) -> RollCallSeen:
    votes = tuple(
        "absent" if not member.here[0] else "yes" if says_yes[id(member)] else "no" for member in model.legislators
    )
    return RollCallSeen(question, model.date, carried, verdict or ("carried" if carried else "fell"), votes)


def _feared_share(model: BudgetCrisis) -> Any:
    """Share of town aid that the request puts at risk, as towns fear it."""
    return model.request.aid_scope * threatened_aid(
        model.request.share, 1.0, feared=getattr(getattr(model.value, "legislature", None), "feared", 1.0)
    )


def _threatened(model: BudgetCrisis, share: Any) -> TownsSeen | None:
    if model.halls is None:
        return None
    cut = first(share) * first(model.value.money.aid_total)
    loss = tuple(cut * first(part) for part in shares_of_cut(model.halls, model.value.towns.spread))
    return TownsSeen("threatened", loss, (0.0,) * len(loss))


# --- money ------------------------------------------------------------------------------------------------------------


def _see_money(model: BudgetCrisis, *, over: bool) -> tuple[Payer, ...]:
    """Who fills the gap: at the end as settled, before it what is in sight."""
    if over:
        return tuple(Payer(name, first(amount), True) for name, amount in model.money.items())
    gap = first(model.gap)
    revenue = min(first(model.revenue), gap)
    savings = 0.0
    if model.agreed[0]:
        savings = min(first(model.terms_of(model.package).savings), gap - revenue)
    open_ = gap - revenue - savings
    payers = (Payer("savings", savings, False), Payer("revenue", revenue, False), Payer("open", open_, False))
    return tuple(payer for payer in payers if payer.amount > 0)


# --- a whole run ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that is over, or waits for somebody who plays by hand."""

    snapshots: tuple[Snapshot, ...]
    outcome: str  # empty while it waits
    measures: Mapping[str, float]

    @property
    def last(self) -> Snapshot:
        """As far as it has come."""
        return self.snapshots[-1]

    def at(self, step: int) -> Snapshot:
        """The snapshot after so many steps, or the last there is."""
        return self.snapshots[min(max(step, 0), len(self.snapshots) - 1)]


@lru_cache(maxsize=24)
def record(scenario: Scenario, seed: int, world: int) -> Run:
    """Play one world to its end and keep what was seen. The same few runs serve everybody who looks at them."""
    model = WatchedCrisis(scenario=scenario, world=world, seed=seed)
    try:
        while model.running:
            model.step()
        return finished(model)
    finally:
        model.release()


def finished(model: WatchedCrisis) -> Run:
    """A run that is over: its snapshots, outcome and measures."""
    columns = model.results().columns
    return Run(
        snapshots=tuple(model.snapshots),
        outcome=model.snapshots[-1].outcome,
        measures={name: column[0].item() for name, column in columns.items() if name not in ("world", "outcome")},
    )
