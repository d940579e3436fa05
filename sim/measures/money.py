"""The columns read from the end: how the crisis ends, and who pays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.measures.measure import Measure
from sim.outcomes import NO_TENTATIVE_DEAL, SUCCESSES
from sim.record import Absorption, Filling
from sim.worlds.axis import Array, total


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


OF_OUTCOME: tuple[Measure, ...] = (
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
)
OF_MONEY: tuple[Measure, ...] = (
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
        meaning="The employer's posts lost",
        happening=Filling,
        read=lambda filling, _: filling.posts,
    ),
    _of_towns("reserves_drawn", "M$/yr", "Lost aid met from towns' reserves", lambda t: total(t.reserves)),
    _of_towns("town_deferral", "M$/yr", "Put off into the second year", lambda t: total(t.deferral)),
    _of_towns("town_concessions", "M$/yr", "Conceded by towns' own unions", lambda t: total(t.concessions)),
    _of_towns("local_layoffs", "M$/yr", "Met by towns' layoffs", lambda t: total(t.layoffs)),
    _of_towns("local_taxes", "M$/yr", "Met by property tax", lambda t: total(t.taxes)),
    _of_towns("town_unabsorbed", "M$/yr", "What no instrument of a town may take", lambda t: total(t.unabsorbed)),
    _of_towns("local_layoffs_posts", "posts", "Local posts lost", lambda t: t.local_posts),
    _of_towns(
        "mill_rise_mean", "mills", "Rise of the tax rate in the average inhabitant's town", lambda t: t.mill_rise
    ),
)
