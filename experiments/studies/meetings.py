"""Can meetings make up for misinformation?

Base case: Connecticut 2011 as it ships, with about 22 information meetings a week. Sweep: meetings a week before the
first vote, by the rate at which outsiders misinform members who have not heard the terms. The deal itself stays the
same: the campaign comes after it.
Files: map (chance at the first vote), ratified.
"""

from __future__ import annotations

from experiments.charts import draw_deal_map, draw_deal_rate, rates_by
from experiments.charts.groups import count_words, interval_words
from experiments.paper.findings import compare_means, compare_shares, means_verdict, shares_verdict
from experiments.paper.write_up import Page, main
from experiments.runs.designs import Grid
from experiments.runs.study import Study

MEETINGS, MISINFORM = "campaign.meetings_per_week", "campaign.misinform"
NUMBERS = (0.0, 11.0, 22.0, 33.0, 44.0, 60.0)
RATES = (0.0, 0.03, 0.06, 0.12, 0.25)

STUDY = Study(
    name="meetings",
    question="Can meetings make up for misinformation?",
    scenario="connecticut-2011",
    worlds=1000,
    design=Grid(vary={MEETINGS: list(NUMBERS), MISINFORM: list(RATES)}),
    measures=("deal", "outcome", "tentative_deal", "ratified_1", "yes_share_1"),
)


def write(page: Page) -> None:
    """None against many meetings where misinformation is as on record, and misinformation at its worst undone."""
    usual, worst = 0.06, RATES[-1]
    none, many = page.at({MEETINGS: 0.0, MISINFORM: usual}), page.at({MEETINGS: 60.0, MISINFORM: usual})
    quiet, loud = page.at({MEETINGS: 22.0, MISINFORM: 0.0}), page.at({MEETINGS: 22.0, MISINFORM: worst})
    answered = page.at({MEETINGS: 60.0, MISINFORM: worst})
    what = "the share ratified at the first vote"
    page.says(
        finding=shares_verdict(
            compare_shares(none["ratified_1"], many["ratified_1"], family=3),
            "Holding 60 meetings a week in place of none",
            what,
        ),
        misinformation=shares_verdict(
            compare_shares(quiet["ratified_1"], loud["ratified_1"], family=3),
            f"Letting false claims reach {100 * worst:g} % of the uninformed a week, in place of none,",
            what,
        ),
        answer=shares_verdict(
            compare_shares(quiet["ratified_1"], answered["ratified_1"], family=3),
            "Answering these claims with 60 meetings a week in place of 22, against a campaign without false claims,",
            what,
        ),
        ballots=means_verdict(
            compare_means(100 * none["yes_share_1"], 100 * many["yes_share_1"]),
            "Holding 60 meetings a week in place of none",
            "the yes among ballots",
            "per cent",
            digits=1,
        ),
        change=page.would_change(
            many["ratified_1"].to_numpy(float) - none["ratified_1"].to_numpy(float),
            "what the meetings add at the first vote",
            worlds=none["world"],
        ),
    )
    runs = page.runs.assign(deal=page.runs["ratified_1"])
    rates = rates_by(runs, [MEETINGS, MISINFORM])
    page.draw(
        "map",
        lambda ax: draw_deal_map(ax, runs, MEETINGS, MISINFORM, label="ratified at the first vote").set(
            xlabel="meetings a week", ylabel="misinformed a week (share)"
        ),
        data=rates,
        caption=(
            "Share of worlds ratified at the first vote over meetings a week and the share of uninformed members whom "
            f"false claims reach a week, {count_words(rates['n'])} a cell. Line: 50 %, where it is crossed. Hatched: "
            f"cells whose interval covers one half ({interval_words()})."
        ),
    )
    some = runs[runs[MISINFORM].isin((0.0, 0.06, worst))].rename(columns={MISINFORM: "misinformed"})
    rates = rates_by(some, ["misinformed", MEETINGS])
    page.draw(
        "ratified",
        lambda ax: draw_deal_rate(ax, some, MEETINGS, by="misinformed").set(
            xlabel="meetings a week", ylabel="share ratified at the first vote"
        ),
        data=rates,
        caption=(
            "Share of worlds ratified at the first vote against meetings a week, by how many of the uninformed false "
            f"claims reach a week. {count_words(rates['n'])} a point; {interval_words()}."
        ),
    )


if __name__ == "__main__":
    main(STUDY, write)
