"""How often does a deal succeed, and what becomes of the gap?

Base case: Connecticut 2011 as it ships, nothing changed: many worlds that differ in luck and in what nobody knows.
Files: funnel, union_votes (forecast and real), vote_share, time_to_deal, who_pays, chambers, offers, utility_space,
tables/outcomes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.charts import (
    chambers_caption,
    draw_chamber,
    draw_funnel,
    draw_offers,
    draw_time_to_deal,
    draw_union_votes,
    draw_utility_space,
    draw_vote_share,
    draw_who_pays,
    funnel_caption,
    funnel_stages,
    mean_payments,
    offers_caption,
    survival,
    threshold_rates,
    time_to_deal_caption,
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
from experiments.paper.findings import mean, mean_words, percent, share, share_words
from experiments.paper.write_up import Page, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study
from sim.outcomes import OUTCOMES
from sim.worlds.blocks import blocks, simulate_block

FORECASTS = 3000  # worlds behind the forecast by union

STUDY = Study(
    name="base_case",
    question="How often does a deal succeed, and what becomes of the gap?",
    scenario="connecticut-2011",
    worlds=10_000,
    design=ListOfPoints(at=[{}]),
)


def write(page: Page) -> None:
    """Shares of outcomes, the votes against the record, who pays; and one world through all its phases."""
    runs = page.runs
    shares = {name: share(runs["outcome"] == name) for name in OUTCOMES}
    again = runs["ratified_2"][runs["yes_share_2"].notna()]
    forecast = _forecast(page)
    page.says(
        finding=f"A deal succeeds, at either vote, in {share_words(share(runs['deal']))} of worlds",
        first=f"The first vote ratifies in {share_words(shares['ratified_first_vote'])}, the second in "
        f"{share_words(shares['ratified_second_vote'])}",
        revote=f"Of deals refused at the first vote {share_words(share(again))} are ratified at the second",
        yes=f"The yes among ballots of a first vote is {_percent_mean(runs['yes_share_1'])}; "
        f"{_middle(runs['yes_share_1'])}",
        savings=f"A tentative deal saves {mean_words(mean(runs['deal_savings']), 'M$ a year')} on average",
        aid=f"Where the chambers meet, they keep town aid out in {share_words(share(runs['aid_spared']))} of sessions",
        unions=_union_words(forecast),
        change="What would change it: every study below changes one thing of this base case",
    )
    page.counts(worlds=f"{len(runs):,}", deal_rate=percent(share(runs["deal"]).value))
    rows = [{"outcome": name.replace("_", " "), "worlds": int((runs["outcome"] == name).sum())} for name in OUTCOMES]
    table = pd.DataFrame(rows).assign(
        share=[shares[name].value for name in OUTCOMES],
        low=[shares[name].low for name in OUTCOMES],
        high=[shares[name].high for name in OUTCOMES],
    )
    write_table(
        table,
        page.folder,
        "outcomes",
        caption="How the crisis ends: share of worlds by outcome, with 95 % Wilson intervals.",
        formats=dict.fromkeys(("share", "low", "high"), ".1%"),
    )
    _draw_many(page, forecast)
    _draw_one(page)


def _forecast(page: Page) -> pd.DataFrame:
    """Yes shares of the first vote by union, beside the real ones."""
    worlds = min(FORECASTS, len(page.runs))
    run = [simulate_block(page.scenario, seed=page.study.seed, worlds=ids) for ids in blocks(worlds)]
    return unions_table(page.scenario, run, vote=1, real=recorded_first_vote(page.scenario))


def _union_words(forecast: pd.DataFrame) -> str:
    known = forecast.dropna(subset=["real"])
    inside = (known["q05"] <= known["real"]) & (known["real"] <= known["q95"])
    outside = ", ".join(known["union"][~inside])
    misses = f"; outside lie {outside}" if outside else ""
    return (
        f"Of {len(known)} unions whose share of yes in June is on record, {int(inside.sum())} lie within the range of "
        f"nine in ten worlds{misses}"
    )


def _percent_mean(shares: pd.Series) -> str:
    found = mean(shares)
    return f"{percent(found.value)} on average (95 % interval {100 * found.low:.1f} to {100 * found.high:.1f})"


def _middle(shares: pd.Series) -> str:
    low, high = np.nanquantile(shares, [0.05, 0.95])
    return f"nine worlds in ten lie between {percent(float(low))} and {percent(float(high))}"


def _draw_many(page: Page, forecast: pd.DataFrame) -> None:
    runs, calendar = page.runs, page.scenario.calendar.talks
    deadline = (calendar.deadline - calendar.start).days
    stages, thresholds = funnel_stages(runs), threshold_rates(runs, vote=1)
    curves, payments = survival(runs, deadline=deadline), mean_payments(runs)
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
        "time_to_deal",
        lambda ax: draw_time_to_deal(ax, runs, deadline=deadline),
        data=curves,
        caption=time_to_deal_caption(curves, deadline=deadline),
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


if __name__ == "__main__":
    main(STUDY, write)
