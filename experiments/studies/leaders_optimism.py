"""Do deals fail because leaders think better of their members' mood than they should?

Base case: Connecticut 2011 as it ships. Sweep: leaders' optimism (how much better than true they think members like a
deal) by the noise of each leader's own misreading. Leaders sign only what they expect to be ratified, so optimism lets
more be signed, and more of it fail.
Files: ratified (map over optimism and noise), by_optimism (tentative deal, first vote, deal at either vote).
"""

from __future__ import annotations

import pandas as pd

from experiments.charts import draw_deal_map, draw_deal_rate, rates_by
from experiments.charts.groups import count_words, interval_words
from experiments.paper.findings import compare_means, compare_shares, means_verdict, shares_verdict
from experiments.paper.write_up import Page, main
from experiments.runs.designs import Grid
from experiments.runs.study import Study

OPTIMISM, NOISE = "leaders.optimism", "leaders.noise"
OPTIMISMS = (-0.4, 0.0, 0.4, 0.8, 1.2, 1.6, 2.0)
NOISES = (0.0, 0.2, 0.4, 0.6)
USUAL_NOISE = 0.4
SOBER, HOPEFUL = 0.0, 1.2

STUDY = Study(
    name="leaders_optimism",
    question="Do deals fail because leaders are too hopeful about their members?",
    scenario="connecticut-2011",
    worlds=1000,
    design=Grid(vary={OPTIMISM: list(OPTIMISMS), NOISE: list(NOISES)}),
    measures=(
        *("deal", "outcome", "tentative_deal", "ratified_1", "yes_share_1", "deal_savings", "deal_burden"),
        "leaders_surprised",
    ),
)


def write(page: Page) -> None:
    """Leaders without illusion against hopeful ones, at the usual noise."""
    sober, hopeful = (page.at({OPTIMISM: value, NOISE: USUAL_NOISE}) for value in (SOBER, HOPEFUL))
    subject = f"Overrating members' goodwill by {HOPEFUL:g} logits, against leaders without illusion,"
    page.says(
        finding=shares_verdict(
            compare_shares(sober["ratified_1"], hopeful["ratified_1"], family=3),
            subject,
            "the share ratified at the first vote",
        ),
        tentative=shares_verdict(
            compare_shares(sober["tentative_deal"], hopeful["tentative_deal"], family=3),
            "The same hope",
            "the share of worlds with a tentative deal",
        ),
        either=shares_verdict(
            compare_shares(sober["deal"], hopeful["deal"], family=3),
            "It",
            "the share with a deal at either vote",
        ),
        price=means_verdict(
            compare_means(sober["deal_savings"], hopeful["deal_savings"]),
            "It",
            "the savings that leaders sign for",
            "M$ a year",
        ),
        change=page.would_change(
            hopeful["ratified_1"].to_numpy(float) - sober["ratified_1"].to_numpy(float),
            "what hope does to the first vote",
            worlds=sober["world"],
        ),
    )
    runs = page.runs.assign(deal=page.runs["ratified_1"])
    rates = rates_by(runs, [OPTIMISM, NOISE])
    page.draw(
        "ratified",
        lambda ax: draw_deal_map(ax, runs, OPTIMISM, NOISE, label="ratified at the first vote").set(
            xlabel="leaders' optimism (logits)", ylabel="noise of a leader's reading (logits)"
        ),
        data=rates,
        caption=(
            "Share of worlds ratified at the first vote over leaders' optimism and the noise of each leader's reading, "
            f"{count_words(rates['n'])} a cell. Line: 50 %, where it is crossed. Hatched: cells whose interval covers "
            f"one half ({interval_words()})."
        ),
    )
    rows = page.at({NOISE: USUAL_NOISE})
    stages = pd.concat(
        [
            rows.assign(share=name, deal=rows[measure])
            for name, measure in (
                ("tentative deal", "tentative_deal"),
                ("ratified at first vote", "ratified_1"),
                ("deal at either vote", "deal"),
            )
        ]
    )
    rates = rates_by(stages, ["share", OPTIMISM])
    page.draw(
        "by_optimism",
        lambda ax: draw_deal_rate(ax, stages, OPTIMISM, by="share").set(
            xlabel="leaders' optimism (logits)", ylabel="share of worlds"
        ),
        data=rates,
        caption=(
            f"Tentative deals, first votes won and deals at either vote against leaders' optimism. "
            f"{count_words(rates['n'])} a point; {interval_words()}."
        ),
        height_mm=68,
    )


if __name__ == "__main__":
    main(STUDY, write)
