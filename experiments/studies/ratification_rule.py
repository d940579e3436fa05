"""Does a stricter rule of ratification cost deals, and what does it buy the members at the table?

Base case: Connecticut 2011 as it ships. Sweep: unions that must agree (of 15) by the share of members that the agreeing
unions must hold, counted in bloc; with leaders content with a majority of members, as the case ships, and with leaders
who sign only what they expect to carry under the rule in force (Schelling 1960; Putnam 1988).
Files: deal_map (chance at the first vote), deals_by_unions_needed, savings.
"""

from __future__ import annotations

from experiments.charts import draw_deal_map, draw_deal_rate, rates_by
from experiments.charts.groups import count_words, interval_words
from experiments.charts.measure import draw_measure, means_by, measure_caption
from experiments.paper.findings import compare_means, compare_shares, means_verdict, shares_verdict
from experiments.paper.write_up import Page, main
from experiments.runs.designs import Grid
from experiments.runs.study import Study

UNIONS, SHARE, FORESEE = "rule.unions_needed", "rule.share_needed", "leaders.foresee"
AS_SHIPPED, LOOKING_AHEAD = {FORESEE: "majority"}, {FORESEE: "rule"}
JUNE = {UNIONS: 14, SHARE: 0.8}
AUGUST = {UNIONS: 8, SHARE: 0.5}  # its share was counted per capita; see the study on counting

STUDY = Study(
    name="ratification_rule",
    question="Does a stricter rule of ratification cost deals, and what does it buy?",
    scenario="connecticut-2011",
    worlds=1000,
    design=Grid(vary={UNIONS: "8:15:1", SHARE: [0.5, 0.6, 0.7, 0.8, 0.9], FORESEE: ["majority", "rule"]}),
    measures=("deal", "outcome", "tentative_deal", "ratified_1", "deal_savings", "deal_burden"),
)


def write(page: Page) -> None:
    """The rules of June and August against each other, each condition alone, and the map between them."""
    june, august = page.at(JUNE | AS_SHIPPED), page.at(AUGUST | AS_SHIPPED)
    bound, freer = page.at(JUNE | LOOKING_AHEAD), page.at(AUGUST | LOOKING_AHEAD)
    first = compare_shares(june["ratified_1"], august["ratified_1"], family=3)
    page.says(
        finding=shares_verdict(
            first,
            "Asking for the unions and the share of August in place of June's",
            "the share of worlds in which the first vote ratifies",
        ),
        conditions=_conditions(page),
        any_vote=shares_verdict(
            compare_shares(june["deal"], august["deal"]),
            "The same change",
            "the share of worlds with a deal at either vote",
        ),
        bargain=means_verdict(
            compare_means(bound["deal_savings"], freer["deal_savings"]),
            "Where leaders look to the rule in force, the laxer rule",
            "the savings of a tentative deal, where there is one under both rules,",
            "M$ a year",
        ),
        change=page.would_change(
            august["ratified_1"].to_numpy(float) - june["ratified_1"].to_numpy(float),
            "what the laxer rule adds at the first vote",
            worlds=june["world"],
        ),
    )
    runs = page.at(AS_SHIPPED)
    runs = runs.assign(deal=runs["ratified_1"])
    rates = rates_by(runs, [UNIONS, SHARE])
    page.draw(
        "deal_map",
        lambda ax: draw_deal_map(
            ax,
            runs,
            UNIONS,
            SHARE,
            label="ratified at the first vote",
            marked={"June": (14, 0.8), "August": (8, 0.5)},
        ).set(xlabel="unions of 15 that must agree", ylabel="share of members they must hold"),
        data=rates,
        caption=(
            "Share of worlds in which the first vote ratifies, over the unions that must agree and the share of "
            f"members they must hold (in bloc), {count_words(rates['n'])} a cell. Line: 50 %. Hatched: cells whose "
            f"interval covers one half ({interval_words()}). Marked: the thresholds in force in June and in August."
        ),
    )
    _draw_deals(page)
    savings = means_by(page.at({SHARE: JUNE[SHARE]} | LOOKING_AHEAD), "deal_savings", UNIONS)
    page.draw(
        "savings",
        lambda ax: draw_measure(ax, savings, UNIONS, label="savings of a tentative deal", unit="M$ a year").set_xlabel(
            "unions of 15 that must agree"
        ),
        data=savings,
        caption=measure_caption(savings, UNIONS, label="savings of a tentative deal", unit="M$ a year")
        + " Leaders who look to the rule in force.",
    )


def _conditions(page: Page) -> str:
    """Each of the two conditions alone, relaxed from June to August."""
    june = page.at(JUNE | AS_SHIPPED)["ratified_1"]
    what = "the share ratified at the first vote"
    fewer = compare_shares(june, page.at(JUNE | AS_SHIPPED | {UNIONS: AUGUST[UNIONS]})["ratified_1"], family=3)
    smaller = compare_shares(june, page.at(JUNE | AS_SHIPPED | {SHARE: AUGUST[SHARE]})["ratified_1"], family=3)
    return (
        f"{shares_verdict(fewer, 'Asking for as few unions as in August, with the share of June,', what)}. "
        f"{shares_verdict(smaller, 'Asking for the share of August, with the unions of June,', what)}."
    )


def _draw_deals(page: Page) -> None:
    import pandas as pd

    rows = page.at({SHARE: JUNE[SHARE]} | AS_SHIPPED)
    by_vote = pd.concat(
        [
            rows.assign(ratified="ratified at the first vote", deal=rows["ratified_1"]),
            rows.assign(ratified="ratified at either vote"),
        ]
    )
    rates = rates_by(by_vote, ["ratified", UNIONS], band="simultaneous")
    page.draw(
        "deals_by_unions_needed",
        lambda ax: draw_deal_rate(ax, by_vote, UNIONS, by="ratified", band="simultaneous").set(
            xlabel="unions of 15 that must agree", ylabel="share of worlds ratified"
        ),
        data=rates,
        caption=(
            "Share of worlds ratified against the unions that must agree, which must also hold the share of members "
            f"of the rule of June. {count_words(rates['n'])} a point; {interval_words('simultaneous')}."
        ),
    )


if __name__ == "__main__":
    main(STUDY, write)
