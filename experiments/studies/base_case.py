"""How often does a deal succeed, and what becomes of the gap?

Base case: Connecticut 2011 as it ships, nothing changed: many worlds that differ in luck and in what nobody knows.
Files: funnel, union_votes (forecast and real), vote_share, time_to_deal, who_pays, chambers, offers, utility_space,
tables/outcomes.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np
import pandas as pd

from experiments.charts import (
    chambers_caption,
    draw_chamber,
    draw_funnel,
    draw_offers,
    draw_union_votes,
    draw_vote_share,
    draw_who_pays,
    funnel_caption,
    funnel_stages,
    mean_payments,
    offers_caption,
    threshold_rates,
    union_votes_caption,
    vote_share_caption,
    who_pays_caption,
    write_table,
)
from experiments.charts.chart_data import offers_table, recorded_first_vote, roll_call_table, told, unions_table
from experiments.paper.comparisons import Stated
from experiments.paper.figures import Times, draw_utility_space_of
from experiments.paper.write_up import Page, Paper, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study
from experiments.statistics.estimates import mean, share
from sim.outcomes import OUTCOMES
from sim.wording import percent
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


def _yes(page: Page) -> str:
    shares = page.runs["yes_share_1"]
    found, (low, high) = mean(shares), np.nanquantile(shares, [0.05, 0.95])
    return (
        f"The yes among ballots of a first vote is {percent(found.value, 1)} on average (95 % interval "
        f"{100 * found.low:.1f} to {100 * found.high:.1f}); nine worlds in ten lie between {percent(float(low), 1)} "
        f"and {percent(float(high), 1)}"
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
    page.counts(worlds=f"{len(page.runs):,}", deal_rate=percent(share(page.runs["deal"]).value, 1))


def _draw_many(page: Page) -> None:
    runs = page.runs
    page.chart("funnel", draw_funnel, runs, funnel_caption, data=funnel_stages(runs))
    page.chart("union_votes", draw_union_votes, _forecast(page), union_votes_caption, height_mm=85)
    rates, marked = threshold_rates(runs, vote=1), {"one half": 0.5, "80 %": 0.8}
    page.chart("vote_share", draw_vote_share, runs, vote_share_caption, data=rates, vote=1, thresholds=marked)
    page.chart("who_pays", draw_who_pays, runs, who_pays_caption, data=mean_payments(runs), wide=True, height_mm=72)


def _draw_one(page: Page) -> None:
    """The first world that goes through every phase: refused in June, ratified in August."""
    outcome = page.runs["outcome"]
    full = page.runs["world"][outcome == "ratified_second_vote"]
    world = int(full.iloc[0]) if len(full) else int(page.runs["world"].iloc[0])
    model = told(page.scenario, seed=page.study.seed, world=world)
    offers, seats = offers_table(model), roll_call_table(model)
    page.counts(told_world=str(world), told_outcome=str(outcome.iloc[world]).replace("_", " "))
    draw_utility_space_of(page, world)
    page.panels(
        "offers",
        [partial(draw_offers, frame=offers, side=side) for side in ("governor", "coalition")],
        offers,
        f"World {world}. {offers_caption(offers)}",
    )
    if len(seats):
        page.panels(
            "chambers",
            [
                partial(draw_chamber, frame=rows, title=str(name).capitalize())
                for name, rows in seats.groupby("chamber", sort=False)
            ],
            seats,
            f"World {world}. {chambers_caption(seats)}",
            height_mm=72,
        )


PAPER = Paper(
    says={
        "finding": Stated("A deal succeeds, at either vote, in {} of worlds", "deal"),
        "first": Stated("The first vote ratifies in {} of worlds", "ratified_1"),
        "second": Stated("The second vote ratifies in {} of worlds", "ratified_2"),
        "revote": Stated(
            "Of deals refused at the first vote {} are ratified at the second", "ratified_2", known="yes_share_2"
        ),
        "yes": _yes,
        "savings": Stated("A tentative deal saves {} on average", "deal_savings"),
        "aid": Stated("Where the chambers meet, they keep town aid out in {} of sessions", "aid_spared"),
        "unions": _union_words,
        "change": "What would change it: every study below changes one thing of this base case",
    },
    draws=(_outcomes, _draw_many, Times(), _draw_one),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
