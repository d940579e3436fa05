"""What a crisis is measured by: every result column once, with unit, meaning and the happening it is read from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.efficiency import DEAL_MEASURES
from sim.bargaining.impasse import IN_WORDS, Reason
from sim.outcomes import NO_TENTATIVE_DEAL, SUCCESSES
from sim.record import (
    Absorption,
    Amendment,
    Ballots,
    Deadline,
    Filling,
    Grant,
    Happening,
    Lobbying,
    Recommendation,
    RollCall,
)
from sim.scenario.scenario import Scenario
from sim.worlds.axis import SINGLE, Array, single, total

Columns = dict[str, Array]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One column of the table of results."""

    name: str
    unit: str
    meaning: str
    happening: type[Happening]
    read: Callable[[Any, Columns], Any]  # from the happening, and the columns read before it; (worlds,) or a number
    of: str = ""  # which such happening: the question of a roll call, the occasion of lobbying, the number of a vote
    blank: str = ""  # when it is NaN, in words; never if empty
    otherwise: Any = np.nan  # where no such happening came
    needs: str = ""  # what a case must have for the column to stand in its table: legislature, budget_vote

    def fits(self, happening: Happening) -> bool:
        """Is it read from this one?"""
        kinds = (getattr(happening, name, "") for name in ("question", "occasion", "vote"))
        return not self.of or self.of in {str(kind) for kind in kinds}


def _where(known: Array, values: Any) -> Array:
    return np.where(known, values, np.nan)


def _votes(vote: int) -> Iterator[Measure]:
    """Of the votes cast at one of the two votes."""
    number, at = str(vote), {1: "the first vote", 2: "the second vote"}[vote]

    def column(name: str, unit: str, meaning: str, read: Callable[[Ballots], Array]) -> Measure:
        return Measure(
            name=f"{name}_{number}",
            unit=unit,
            meaning=f"{meaning} at {at}",
            happening=Ballots,
            of=number,
            read=lambda ballots, _: read(ballots) + np.where(ballots.where, 0.0, np.nan),
            blank="no such vote is held",
        )

    def yes_share(ballots: Ballots) -> Array:
        yes, no = ballots.tally.yes_ballots, ballots.tally.no_ballots
        return sum(yes) / np.maximum(sum(yes + no), 1)

    def bloc_share(ballots: Ballots) -> Array:
        return sum(ballots.tally.members * ballots.tally.approves("no")) / sum(ballots.tally.members)

    def turnout(ballots: Ballots) -> Array:
        return sum(ballots.tally.yes_ballots + ballots.tally.no_ballots) / sum(ballots.tally.members)

    yield column("unions_yes", "unions", "Unions that approve", lambda b: sum(b.tally.approves("no").astype(float)))
    yield column("yes_share", "share of ballots", "Yes among ballots cast on the benefits", yes_share)
    yield column("bloc_share", "share of members", "Members of the unions that approve", bloc_share)
    yield column("turnout", "share of members", "Members who cast a ballot", turnout)
    yield Measure(
        name=f"ratified_{number}",
        unit="true or false",
        meaning=f"The members ratify at {at}",
        happening=Ballots,
        of=number,
        read=lambda ballots, _: ballots.ratified,
        otherwise=False,
    )


def _judged(deadline: Deadline, _: Columns, *, name: str) -> Any:
    return np.nan if deadline.judged is None else deadline.judged[name]


def _budget_yes(call: RollCall, _: Columns, *, chamber: str) -> Array:
    return np.asarray(getattr(call, f"{chamber}_yes"), dtype=float)


def _efficiency() -> Iterator[Measure]:
    meanings = dict(
        zip(
            DEAL_MEASURES,
            (
                "What the deal is worth to the governor on his own scale, 0 his worst package and 1 his ideal",
                "What it is worth to labour on its own scale",
                "Distance of the deal from the frontier",
                "Distance from the Nash solution",
                "Distance from the Kalai-Smorodinsky solution",
                "Distance from the egalitarian solution",
                "The governor's part of both sides' gains over no deal",
                "Gains realised of the most that both could have gained",
            ),
            strict=True,
        )
    )
    for name, meaning in meanings.items():
        yield Measure(
            name=name,
            unit="share" if name in ("governor_surplus_share", "gains_realised") else "own scale",
            meaning=f"{meaning}, by what both knew when they made it",
            happening=Deadline,
            read=partial(_judged, name=name),
            blank="there is no tentative deal, or nobody bargained",
        )


def _ended_for(deadline: Deadline, _: Columns, *, reason: Reason) -> Array:
    return np.zeros(len(deadline.where), bool) if deadline.reason is None else deadline.reason == reason


def _no_deal() -> Iterator[Measure]:
    for reason in Reason:
        if reason is Reason.DEAL:
            continue
        yield Measure(
            name=f"no_deal_{reason.name.lower()}",
            unit="true or false",
            meaning=f"No tentative deal, because {IN_WORDS[reason]}",
            happening=Deadline,
            read=partial(_ended_for, reason=reason),
            otherwise=False,
        )


def _of_session(name: str, unit: str, meaning: str) -> Measure:
    field = {"request_passed": "passed", "aid_struck": "struck"}.get(name, name)
    return Measure(
        name=name,
        unit=unit,
        meaning=meaning,
        happening=Grant,
        read=lambda grant, _: getattr(grant, field) + np.where(grant.where, 0.0, np.nan),
        blank="a deal was ratified at the first vote, so the session does not meet",
        needs="legislature",
    )


def _of_money(name: str, meaning: str) -> Measure:
    return Measure(
        name=name, unit="M$/yr", meaning=meaning, happening=Filling, read=lambda filling, _: filling.money[name]
    )


def _of_towns(name: str, unit: str, meaning: str, read: Callable[[Absorption], Array]) -> Measure:
    return Measure(
        name=name,
        unit=unit,
        meaning=meaning,
        happening=Absorption,
        read=lambda towns, _: towns.everywhere(read(towns)),
        otherwise=0.0,
    )


NO_DEAL = "there is no tentative deal"
MEASURES: tuple[Measure, ...] = (
    Measure(
        name="outcome",
        unit="code of the outcome",
        meaning="How the crisis ends",
        happening=Filling,
        read=lambda filling, _: filling.outcome,
        otherwise=NO_TENTATIVE_DEAL,
    ),
    Measure(
        name="deal",
        unit="true or false",
        meaning="A deal is ratified at either vote and stands",
        happening=Filling,
        read=lambda filling, _: np.isin(filling.outcome, SUCCESSES),
        otherwise=False,
    ),
    Measure(
        name="tentative_deal",
        unit="true or false",
        meaning="Both sides reach a deal at the table",
        happening=Deadline,
        read=lambda deadline, _: deadline.agreed,
        otherwise=False,
    ),
    Measure(
        name="in_zone",
        unit="true or false",
        meaning="At the deadline some package served both sides, as far as they could tell",
        happening=Deadline,
        read=lambda deadline, _: deadline.in_zone,
        otherwise=False,
    ),
    Measure(
        name="reservation_savings",
        unit="M$/yr",
        meaning="Savings below which the governor would sooner cut, as it stood at the end",
        happening=Filling,
        read=lambda filling, _: filling.reservation,
    ),
    Measure(
        name="deal_savings",
        unit="M$/yr",
        meaning="Savings of the tentative deal, average of the two budget years",
        happening=Recommendation,
        read=lambda told, _: _where(told.where, told.deal.savings),
        blank=NO_DEAL,
    ),
    Measure(
        name="structural_savings",
        unit="M$/yr",
        meaning="The part of them that lasts",
        happening=Recommendation,
        read=lambda told, _: _where(told.where, told.deal.structural),
        blank=NO_DEAL,
    ),
    Measure(
        name="deal_burden",
        unit="share of a year's pay",
        meaning="What the tentative deal costs the average member a year",
        happening=Recommendation,
        read=lambda told, _: _where(told.where, told.deal.benefits_burden + told.deal.wages_burden),
        blank=NO_DEAL,
    ),
    Measure(
        name="deal_protection",
        unit="share",
        meaning="Part of a layoff's loss that the tentative deal takes away",
        happening=Recommendation,
        read=lambda told, _: _where(told.where, told.deal.protection),
        blank=NO_DEAL,
    ),
    Measure(
        name="leaders_expected",
        unit="true or false",
        meaning="The leaders expected the deal to be ratified when they recommended it",
        happening=Recommendation,
        read=lambda told, _: told.expected,
        otherwise=False,
    ),
    Measure(
        name="leaders_surprised",
        unit="true or false",
        meaning="They expected it and the first vote refused it",
        happening=Ballots,
        of="1",
        read=lambda ballots, columns: columns["leaders_expected"] & ~ballots.ratified,
        otherwise=False,
    ),
    Measure(
        name="belief",
        unit="probability",
        meaning="Chance the average member gives a listed post to go, at the end",
        happening=Filling,
        read=lambda filling, _: filling.belief,
    ),
    Measure(
        name="threat_cost",
        unit="M$/yr",
        meaning="Cost to the governor of all threats issued and withdrawn",
        happening=Filling,
        read=lambda filling, _: filling.threat_cost,
    ),
    Measure(
        name="agreed_round",
        unit="rounds",
        meaning="Round of the tentative deal, from 1",
        happening=Deadline,
        read=lambda deadline, _: (
            np.nan if deadline.agreed_round is None else _where(deadline.agreed, deadline.agreed_round + 1.0)
        ),
        blank="there is no tentative deal, or nobody bargained",
    ),
    Measure(
        name="agreed_day",
        unit="days",
        meaning="Days from the first of the talks to the tentative deal",
        happening=Deadline,
        read=lambda deadline, _: np.nan if deadline.agreed_day is None else deadline.agreed_day,
        blank="there is no tentative deal, or nobody bargained",
    ),
    *_no_deal(),
    Measure(
        name="last_offers_apart",
        unit="M$/yr",
        meaning="What the governor's last offer would have saved beyond labour's",
        happening=Deadline,
        read=lambda deadline, _: np.nan if deadline.last_offers is None else deadline.last_offers,
        blank="there is a deal, or the sides made no offers of their own",
    ),
    *_efficiency(),
    *_votes(1),
    *_votes(2),
    Measure(
        name="rule_changed",
        unit="true or false",
        meaning="The leaders changed their rule in time for the second vote",
        happening=Amendment,
        read=lambda amendment, _: amendment.changed,
        otherwise=False,
    ),
    Measure(
        name="approved",
        unit="true or false",
        meaning="The legislature let a ratified agreement stand; true where none was ratified",
        happening=Filling,
        read=lambda filling, _: filling.approved,
        otherwise=True,
    ),
    Measure(
        name="authority_share",
        unit="share of any line",
        meaning="Power to cut that the governor holds at the end",
        happening=Filling,
        read=lambda filling, _: np.array(filling.authority_share, float),
    ),
    Measure(
        name="chorus",
        unit="share of full effort",
        meaning="Lobbying effort of the average inhabitant's mayor when the governor asks for power over aid",
        happening=Lobbying,
        of="request",
        read=lambda lobbying, _: np.where(lobbying.where, lobbying.chorus, 0.0).astype(float),
        otherwise=0.0,
    ),
    Measure(
        name="local_risk",
        unit="share of payroll",
        meaning="What towns that share a union with the state would lay off without a deal, as last feared",
        happening=Filling,
        read=lambda filling, _: filling.local_risk,
        otherwise=0.0,
    ),
    *(
        Measure(
            name=f"budget_{chamber}_yes",
            unit="members",
            meaning=f"Yes in the {chamber} on the budget",
            happening=RollCall,
            of="budget",
            read=partial(_budget_yes, chamber=chamber),
            needs="budget_vote",
        )
        for chamber in ("house", "senate")
    ),
    _of_session("request_passed", "true or false", "Both chambers pass the bill on the power to cut"),
    _of_session("aid_struck", "true or false", "They strike town aid from it first"),
    _of_session("aid_spared", "true or false", "The session leaves the governor no power over town aid"),
    _of_session("house_yes", "members", "Yes in the house on the bill"),
    _of_session("house_no", "members", "No in the house on the bill"),
    _of_session("senate_yes", "members", "Yes in the senate on the bill"),
    _of_session("senate_no", "members", "No in the senate on the bill"),
    _of_money("savings", "What the deal in force brings towards the gap"),
    _of_money("revenue", "Better revenue used to fill the gap"),
    _of_money("layoffs", "Filled by layoffs"),
    _of_money("programmes", "Filled by cuts in programmes"),
    _of_money("aid", "Filled by cuts of town aid"),
    _of_money("taxes", "Filled by taxes"),
    _of_money("deficit", "What no instrument may fill"),
    Measure(
        name="posts_lost",
        unit="posts",
        meaning="State posts lost",
        happening=Filling,
        read=lambda filling, _: filling.posts,
    ),
    _of_towns("reserves_drawn", "M$/yr", "Lost aid met from towns' reserves", lambda t: total(t.reserves)),
    _of_towns("town_deferral", "M$/yr", "Put off into the second year", lambda t: total(t.deferral)),
    _of_towns("town_concessions", "M$/yr", "Conceded by towns' own unions", lambda t: total(t.concessions)),
    _of_towns("local_layoffs", "M$/yr", "Met by towns' layoffs", lambda t: total(t.layoffs)),
    _of_towns("local_taxes", "M$/yr", "Met by property tax", lambda t: total(t.taxes)),
    _of_towns("town_unabsorbed", "M$/yr", "What no instrument of a town may take", lambda t: total(t.unabsorbed)),
    _of_towns("local_layoffs_posts", "posts", "Local posts lost", lambda towns: total(towns.layoffs) / towns.post_cost),
    _of_towns(
        "mill_rise_mean", "mills", "Rise of the tax rate in the average inhabitant's town", lambda t: t.mill_rise
    ),
)


def measures_of(case: Scenario) -> tuple[Measure, ...]:
    """The columns that a case's table has, in their order."""
    has = {
        "": True,
        "legislature": bool(case.seats),
        "budget_vote": bool(case.seats) and case.calendar.budget_vote is not None,
    }
    return tuple(measure for measure in MEASURES if has[measure.needs])


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some worlds of one scenario, run to the end."""

    columns: Columns  # name -> (worlds,); "world", "outcome", "deal" and every measure
    unit_yes: Array  # yes share on the benefits ballot, (votes, units, worlds), NaN without a vote
    union_yes: Array  # likewise by union, (votes, unions, worlds)
    unit_posts: Array  # state posts lost by unit, mean over worlds, (units,)
    town_loss: Array  # aid lost by town, M$, mean over worlds, (towns,)
    town_mills: Array  # rise of the tax rate, mills, mean over worlds, (towns,)
    town_layoffs: Array  # local posts lost, mean over worlds, (towns,)

    def first(self, worlds: int) -> Block:
        """What is by world in the first so many worlds; means over worlds stay those of the block."""
        if worlds >= len(self.columns["world"]):
            return self
        return replace(
            self,
            columns={name: column[:worlds].copy() for name, column in self.columns.items()},
            unit_yes=self.unit_yes[..., :worlds].copy(),
            union_yes=self.union_yes[..., :worlds].copy(),
        )


def described_measures(case: Scenario) -> list[dict[str, str]]:
    """Every column of a case's table of results: name, unit, meaning, the happening it is read from, when blank."""
    return [
        {
            "name": measure.name,
            "unit": measure.unit,
            "meaning": measure.meaning,
            "happening": measure.happening.__name__,
            "blank": measure.blank and f"where {measure.blank}",
        }
        for measure in measures_of(case)
    ]


class Measures:
    """Reads the columns from happenings as they come; the happenings themselves need not be kept."""

    def __init__(self, case: Scenario, worlds: NDArray[np.int64]) -> None:
        self.case, self.worlds = case, worlds
        self.measures = measures_of(case)
        self._of_kind: dict[type[Happening], list[Measure]] = {}
        self._read: Columns = {}
        self._unit_yes = np.full((2, len(case.units.names), len(worlds)), np.nan, SINGLE)
        self._union_yes = np.full((2, len(case.unions.names), len(worlds)), np.nan, SINGLE)
        towns = 0 if case.town_halls is None else len(case.town_halls.towns)
        self._towns = {name: np.zeros(towns) for name in ("loss", "mills", "posts")}
        self._unit_posts = np.zeros(len(case.units.names))

    def __call__(self, happening: Happening) -> None:
        """Read what is read from this happening."""
        for measure in self._measures_of(type(happening)):
            if measure.fits(happening):
                self._read[measure.name] = self._column(measure.read(happening, self._read))
        if isinstance(happening, Ballots):
            self._note_shares(happening)
        elif isinstance(happening, Filling):
            self._unit_posts = happening.unit_posts.mean(axis=1)
        elif isinstance(happening, Absorption):
            for name in self._towns:
                self._towns[name] = getattr(happening, name).sum(axis=1) / len(self.worlds)

    def _measures_of(self, kind: type[Happening]) -> list[Measure]:
        if kind not in self._of_kind:
            self._of_kind[kind] = [measure for measure in self.measures if issubclass(kind, measure.happening)]
        return self._of_kind[kind]

    def _column(self, values: Any) -> Array:
        values = np.asarray(values)
        return np.array(np.broadcast_to(values, len(self.worlds))) if values.shape != self.worlds.shape else values

    def _note_shares(self, ballots: Ballots) -> None:
        vote, blank = ballots.vote - 1, single(np.where(ballots.where, 0.0, np.nan))
        yes, no = ballots.tally.yes_ballots, ballots.tally.no_ballots
        self._unit_yes[vote] = ballots.unit_yes_share + blank
        self._union_yes[vote] = yes / np.maximum(yes + no, 1) + blank
        if ballots.held is not None:
            of_unit = np.empty(len(self.case.units.names), np.int64)
            for union, rows in enumerate(self.case.unions.units):
                of_unit[rows] = union
            self._union_yes[vote][~ballots.held] = np.nan
            self._unit_yes[vote][~ballots.held[of_unit]] = np.nan

    def block(self) -> Block:
        """The table and what is by unit, union and town, as far as the crisis has gone."""
        columns: Columns = {"world": self.worlds}
        for measure in self.measures:
            known = self._read.get(measure.name)
            columns[measure.name] = self._column(measure.otherwise) if known is None else known
        return Block(
            columns=columns,
            unit_yes=self._unit_yes,
            union_yes=self._union_yes,
            unit_posts=self._unit_posts,
            town_loss=self._towns["loss"],
            town_mills=self._towns["mills"],
            town_layoffs=self._towns["posts"],
        )
