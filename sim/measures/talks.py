"""The columns read from the talks, and from the deal that came of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np

from sim.bargaining.efficiency import DEAL_MEASURES
from sim.bargaining.impasse import IN_WORDS, Reason
from sim.measures.measure import Columns, Measure
from sim.record import Ballots, Deadline, Filling, Recommendation
from sim.worlds.axis import Array


def _where(known: Array, values: Any) -> Array:
    return np.where(known, values, np.nan)


def _judged(deadline: Deadline, _: Columns, *, name: str) -> Any:
    return np.nan if deadline.judged is None else deadline.judged[name]


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


NO_DEAL = "there is no tentative deal"
OF_TALKS: tuple[Measure, ...] = (
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
        meaning="Chance that members give the average listed post to go, at the end",
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
        blank="there is a deal, or one at the table that leads, or the sides made no offers of their own",
    ),
    *_efficiency(),
)
