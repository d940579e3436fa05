"""Do mayors keep town aid out of the governor's reach, and does it matter how aid is spread?

Base case: Connecticut 2011 as it ships; the chambers meet where the members have refused or no deal came. Sweep: the
weight of mayors' lobbying with their legislators, by how evenly aid is spread over the towns: as it is (cities get
most) or evenly per head.
Files: spared (share of sessions that keep aid out), towns (loss per head of a cut as large as that listed in June, aid
as it is and spread evenly).
"""

from __future__ import annotations

import pandas as pd

from experiments.charts import (
    draw_deal_rate,
    draw_town_map,
    rates_by,
    read_boundaries,
    town_map_caption,
    town_map_table,
)
from experiments.charts.groups import count_words, interval_words
from experiments.paper.findings import compare_means, compare_shares, means_verdict, share, share_words, shares_verdict
from experiments.paper.write_up import Page, main
from experiments.runs.designs import Grid
from experiments.runs.study import Study
from sim.public.aid import loss_per_head, shares_of_cut

LOBBYING, SPREAD = "legislature.lobbying", "towns.spread"
WEIGHTS = (0.0, 0.35, 0.7, 1.4, 2.8)
SPREADS = (0.0, 0.5, 1.0)
USUAL, HEAVY = 0.7, 2.8
LISTED_CUT = 54.4  # M$ a year of town aid, list of 28 June 2011 (evidence/timeline.csv)
NAMED = ("Hartford", "New Haven", "Bridgeport", "Waterbury", "Stamford")
UNIT = "$ per head a year"

STUDY = Study(
    name="mayors",
    question="Do mayors keep town aid out of the governor's reach, and does it matter how aid is spread?",
    scenario="connecticut-2011",
    worlds=3000,
    design=Grid(vary={LOBBYING: list(WEIGHTS), SPREAD: list(SPREADS)}),
    measures=(
        *("deal", "outcome", "ratified_1", "request_passed", "aid_struck", "aid_spared", "chorus", "local_risk"),
        *("aid", "local_layoffs_posts", "mill_rise_mean", "reservation_savings", "deal_savings"),
    ),
)


def write(page: Page) -> None:
    """No lobbying against the usual and the heaviest, and even aid against aid as it is, in worlds with a session."""
    silent, usual = page.at({LOBBYING: 0.0, SPREAD: 0.0}), page.at({LOBBYING: USUAL, SPREAD: 0.0})
    heavy, even = page.at({LOBBYING: HEAVY, SPREAD: 0.0}), page.at({LOBBYING: USUAL, SPREAD: 1.0})
    what = "the share of sessions that keep town aid out of the power to cut"
    spared = share_words(share(usual["aid_spared"]))
    page.says(
        base=f"With lobbying at its middle weight and aid as it is, the towns are spared in {spared} of sessions",
        finding=shares_verdict(
            compare_shares(silent["aid_spared"], usual["aid_spared"], family=3),
            "Lobbying at its middle weight, against none,",
            what,
        ),
        heavy=shares_verdict(
            compare_shares(usual["aid_spared"], heavy["aid_spared"], family=3), "Four times that weight", what
        ),
        spread=shares_verdict(
            compare_shares(usual["aid_spared"], even["aid_spared"], family=3),
            "Spreading aid evenly per head, so that every legislator's towns lose,",
            what,
        ),
        table=means_verdict(
            compare_means(silent["deal_savings"], heavy["deal_savings"]),
            "Heavy lobbying, which narrows what the governor may expect to cut without a deal,",
            "the savings of a tentative deal",
            "M$ a year",
            digits=1,
        ),
        change=page.would_change(
            heavy["aid_spared"].to_numpy(float) - silent["aid_spared"].to_numpy(float),
            "what heavy lobbying adds to sessions that spare aid",
            worlds=heavy["world"],
        ),
    )
    sessions = page.runs.dropna(subset=["aid_spared"])
    shown = sessions.assign(deal=sessions["aid_spared"] > 0, aid=sessions[SPREAD].map(_spread_words))
    rates = rates_by(shown, ["aid", LOBBYING])
    page.draw(
        "spared",
        lambda ax: draw_deal_rate(ax, shown, LOBBYING, by="aid").set(
            xlabel="weight of lobbying (logits at full effort)", ylabel="sessions that spare town aid"
        ),
        data=rates,
        caption=(
            "Share of special sessions that keep town aid out of the governor's power, against the weight of mayors' "
            f"lobbying, by how aid is spread. {count_words(rates['n'], 'sessions')} a point; {interval_words()}."
        ),
    )
    _draw_towns(page)


def _spread_words(spread: float) -> str:
    return {0.0: "aid as it is", 1.0: "aid even per head"}.get(spread, "half way")


def _draw_towns(page: Page) -> None:
    """The listed cut by town, with aid as it is and spread evenly, on one scale."""
    halls = page.scenario.town_halls
    assert halls is not None and page.scenario.sections.towns is not None
    boundaries = read_boundaries(page.scenario.table_path(page.scenario.sections.towns.boundaries))
    as_it_is, even = (loss_per_head(halls, LISTED_CUT * shares_of_cut(halls, spread)[:, 0]) for spread in (0.0, 1.0))
    page.draw(
        "towns",
        lambda ax: draw_town_map(ax, as_it_is, boundaries, unit=UNIT, names=NAMED),
        data=town_map_table(as_it_is, boundaries, unit=UNIT),
        caption=town_map_caption(
            as_it_is, what=f"Loss of aid in a cut of {LISTED_CUT:g} M$ a year shared in proportion to aid", unit=UNIT
        ),
        preset="double",
        height_mm=115,
    )
    losses = pd.Series(as_it_is)
    hardest = losses.sort_values(ascending=False)
    page.counts(
        listed_cut=f"{LISTED_CUT:g} M$",
        hardest_hit=hardest.index[0],
        hardest_loss=f"{hardest.iloc[0]:,.0f} $",
        least_hit=hardest.index[-1],
        least_loss=f"{hardest.iloc[-1]:,.2f} $",
        median_loss=f"{losses.median():,.1f} $",
        even_loss=f"{next(iter(even.values())):,.1f} $",
        towns=f"{len(losses)}",
    )


if __name__ == "__main__":
    main(STUDY, write)
