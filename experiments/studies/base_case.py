"""How often does a deal succeed, and what becomes of the gap?

Base case: Connecticut 2011 as it ships, nothing changed: many worlds that differ in luck and in what nobody knows.
Files: funnel, union_votes (forecast and real), vote_share, time_to_deal, who_pays, chambers, offers, utility_space,
tables/outcomes.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.charts import (
    chambers_caption,
    draw_chamber,
    draw_funnel,
    draw_offers,
    draw_union_votes,
    draw_utility_space,
    draw_vote_share,
    draw_who_pays,
    funnel_caption,
    funnel_stages,
    mean_payments,
    offers_caption,
    threshold_rates,
    union_votes_caption,
    utility_space_caption,
    vote_share_caption,
    who_pays_caption,
    write_table,
)
from experiments.charts.chart_data import (
    offers_table,
    recorded_first_vote,
    roll_call_table,
    told,
    unions_table,
    utility_space_table,
)
from experiments.paper.figures import Times
from experiments.paper.sentences import mean_words, percent, share_words
from experiments.paper.write_up import Page, Paper, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study
from experiments.statistics.estimates import mean, share
from sim.outcomes import OUTCOMES
from sim.worlds.blocks import blocks, simulate_block

FORECASTS = 3000  # worlds behind the forecast by union
SPAN = {"share": "value", "low": "low", "high": "high"}

STUDY = Study(
    name="base_case",
    question="How often does a deal succeed, and what becomes of the gap?",
    scenario="connecticut-2011",
    worlds=10_000,
    design=ListOfPoints(at=[{}]),
)


def _share(page: Page, measure: str, known: str | None = None) -> str:
    """The share of worlds in which a measure holds; of those in which ``known`` is."""
    runs = page.runs if known is None else page.runs.dropna(subset=[known])
    return share_words(share(runs[measure]))


def _first(page: Page) -> str:
    first, second = (
        share_words(share(page.runs["outcome"] == name)) for name in ("ratified_first_vote", "ratified_second_vote")
    )
    return f"The first vote ratifies in {first}, the second in {second}"


def _yes(page: Page) -> str:
    shares = page.runs["yes_share_1"]
    found, (low, high) = mean(shares), np.nanquantile(shares, [0.05, 0.95])
    return (
        f"The yes among ballots of a first vote is {percent(found.value)} on average (95 % interval "
        f"{100 * found.low:.1f} to {100 * found.high:.1f}); nine worlds in ten lie between {percent(float(low))} and "
        f"{percent(float(high))}"
    )


@cache
def _forecast(page: Page) -> pd.DataFrame:
    """Yes shares of the first vote by union, beside the real ones."""
    worlds = min(FORECASTS, len(page.runs))
    run = [simulate_block(page.scenario, seed=page.study.seed, worlds=ids) for ids in blocks(worlds)]
    return unions_table(page.scenario, run, vote=1, real=recorded_first_vote(page.scenario))


def _union_words(page: Page) -> str:
    known = _forecast(page).dropna(subset=["real"])
    inside = (known["q05"] <= known["real"]) & (known["real"] <= known["q95"])
    outside = ", ".join(known["union"][~inside])
    misses = f"; outside lie {outside}" if outside else ""
    return (
        f"Of {len(known)} unions whose share of yes in June is on record, {int(inside.sum())} lie within the range of "
        f"nine in ten worlds{misses}"
    )


def _outcomes(page: Page) -> None:
    """The table of outcomes, and the numbers that the report says in words."""
    shares = [share(page.runs["outcome"] == name) for name in OUTCOMES]
    table = pd.DataFrame(
        {
            "outcome": [name.replace("_", " ") for name in OUTCOMES],
            "worlds": [int((page.runs["outcome"] == name).sum()) for name in OUTCOMES],
            **{end: [getattr(found, part) for found in shares] for end, part in SPAN.items()},
        }
    )
    write_table(
        table,
        page.folder,
        "outcomes",
        caption="How the crisis ends: share of worlds by outcome, with 95 % Wilson intervals.",
        formats=dict.fromkeys(SPAN, ".1%"),
    )
    page.counts(worlds=f"{len(page.runs):,}", deal_rate=percent(share(page.runs["deal"]).value))


def _draw_many(page: Page) -> None:
    runs, forecast = page.runs, _forecast(page)
    stages, thresholds, payments = funnel_stages(runs), threshold_rates(runs, vote=1), mean_payments(runs)
    page.draw("funnel", lambda ax: draw_funnel(ax, runs), data=stages, caption=funnel_caption(stages))
    page.draw(
        "union_votes",
        lambda ax: draw_union_votes(ax, forecast),
        data=forecast,
        caption=union_votes_caption(forecast),
        height_mm=85,
    )
    page.draw(
        "vote_share",
        lambda ax: draw_vote_share(ax, runs, vote=1),
        data=thresholds,
        caption=vote_share_caption(thresholds, vote=1),
    )
    page.draw(
        "who_pays",
        lambda ax: draw_who_pays(ax, runs),
        data=payments,
        caption=who_pays_caption(payments),
        preset="double",
        height_mm=72,
    )


def _draw_one(page: Page) -> None:
    """The first world that goes through every phase: refused in June, ratified in August."""
    outcome = page.runs["outcome"]
    full = page.runs["world"][outcome == "ratified_second_vote"]
    world = int(full.iloc[0]) if len(full) else int(page.runs["world"].iloc[0])
    model = told(page.scenario, seed=page.study.seed, world=world)
    offers, space = offers_table(model), utility_space_table(model)
    seats = roll_call_table(model)
    model.release()
    page.counts(told_world=str(world), told_outcome=str(outcome.iloc[world]).replace("_", " "))

    def draw_both(axes: NDArray[np.object_]) -> None:
        for ax, side in zip(axes, ("governor", "coalition"), strict=True):
            draw_offers(ax, offers, side=side)

    page.draw(
        "offers",
        draw_both,
        data=offers,
        caption=f"World {world}. {offers_caption(offers)}",
        preset="double",
        columns=2,
    )
    page.draw(
        "utility_space",
        lambda ax: draw_utility_space(ax, space),
        data=space,
        caption=f"World {world}. {utility_space_caption(space)}",
        height_mm=95,
    )
    if len(seats):
        chambers = list(seats.groupby("chamber", sort=False))

        def draw_houses(axes: NDArray[np.object_]) -> None:
            for ax, (name, rows) in zip(np.ravel(axes), chambers, strict=True):
                draw_chamber(ax, rows, title=str(name).capitalize(), legend=True)

        page.draw(
            "chambers",
            draw_houses,
            data=seats,
            caption=f"World {world}. {chambers_caption(seats)}",
            preset="double",
            height_mm=72,
            columns=len(chambers),
        )


PAPER = Paper(
    says={
        "finding": lambda page: f"A deal succeeds, at either vote, in {_share(page, 'deal')} of worlds",
        "first": _first,
        "revote": lambda page: (
            f"Of deals refused at the first vote {_share(page, 'ratified_2', 'yes_share_2')} are ratified at the second"
        ),
        "yes": _yes,
        "savings": lambda page: (
            f"A tentative deal saves {mean_words(mean(page.runs['deal_savings']), 'M$ a year')} on average"
        ),
        "aid": lambda page: (
            f"Where the chambers meet, they keep town aid out in {_share(page, 'aid_spared')} of sessions"
        ),
        "unions": _union_words,
        "change": "What would change it: every study below changes one thing of this base case",
    },
    draws=(_outcomes, _draw_many, Times(), _draw_one),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
