"""Does a more credible threat of layoffs bring more deals, or does it breed resentment?

Base case: Connecticut 2011 as it ships. Sweep: how strongly the acts of May (the menu, the notices) move members'
belief, as a likelihood ratio, by reactance: the resentment that a threat breeds however little it is believed. A ratio
of one is a threat that nobody credits. The acts reach only worlds without a deal by then.
Files: ratified (chance at the first vote), savings.
"""

from __future__ import annotations

import datetime

from experiments.charts import draw_deal_rate, rates_by
from experiments.charts.groups import count_words, interval_words
from experiments.charts.measure import draw_measure, means_by, measure_caption
from experiments.paper.findings import compare_means, compare_shares, means_verdict, share, share_words, shares_verdict
from experiments.paper.write_up import Page, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study

MENU, NOTICES, REACTANCE = "threats.may_menu.believed", "threats.may_notices.believed", "members.reactance"
RATIOS = (1.0, 1.5, 2.0, 3.0, 4.0)
REACTANCES = (0.0, 0.15, 0.3)
MENU_DAY = (datetime.date(2011, 5, 6) - datetime.date(2011, 3, 2)).days  # from the first meeting to the menu

STUDY = Study(
    name="threat_credibility",
    question="Does a more credible threat of layoffs bring more deals?",
    scenario="connecticut-2011",
    worlds=1500,
    design=ListOfPoints(
        at=[{MENU: ratio, NOTICES: ratio, REACTANCE: resentment} for ratio in RATIOS for resentment in REACTANCES]
    ),
    measures=("deal", "outcome", "tentative_deal", "agreed_day", "ratified_1", "deal_savings", "belief"),
)


def write(page: Page) -> None:
    """Credible against incredible threats, at no and at high reactance, in the worlds that faced them."""
    everywhere = page.at({NOTICES: RATIOS[0], REACTANCE: 0.0})
    # before the menu all points are the same, so any of them says where it came too late
    still_talking = ~(everywhere["agreed_day"] < MENU_DAY)
    faced = everywhere["world"][still_talking]
    idle = page.at({NOTICES: RATIOS[0], REACTANCE: 0.0}, faced)
    believed = page.at({NOTICES: RATIOS[-1], REACTANCE: 0.0}, faced)
    resented = page.at({NOTICES: RATIOS[-1], REACTANCE: REACTANCES[-1]}, faced)
    what = "the share ratified at the first vote, among the worlds that were still without a deal,"
    page.says(
        reach=f"The acts of May came in time to matter in {share_words(share(still_talking))} of worlds; "
        "in the others the two sides had agreed before",
        finding=shares_verdict(
            compare_shares(idle["ratified_1"], believed["ratified_1"], family=2),
            f"A threat that is {RATIOS[-1]:g} times as likely if it is meant, against one that nobody credits,",
            what,
        ),
        reactance=shares_verdict(
            compare_shares(believed["ratified_1"], resented["ratified_1"], family=2),
            "Resentment of a threat that is believed, at the top of its range against none,",
            what,
        ),
        bargain=means_verdict(
            compare_means(idle["deal_savings"], believed["deal_savings"]),
            "The credible threat",
            "the savings of a tentative deal in those worlds",
            "M$ a year",
        ),
        change=page.would_change(
            believed["deal_savings"].to_numpy(float) - idle["deal_savings"].to_numpy(float),
            "what the credible threat adds to the savings of a deal",
            worlds=faced,
            unit="M$ a year",
        ),
    )
    runs = page.runs[page.runs["world"].isin(faced)]
    shown = runs.assign(deal=runs["ratified_1"]).rename(columns={NOTICES: "likelihood ratio", REACTANCE: "reactance"})
    rates = rates_by(shown, ["reactance", "likelihood ratio"])
    page.draw(
        "ratified",
        lambda ax: draw_deal_rate(ax, shown, "likelihood ratio", by="reactance").set(
            xlabel="credibility of the acts of May (likelihood ratio)", ylabel="share ratified at the first vote"
        ),
        data=rates,
        caption=(
            "Share of worlds ratified at the first vote against the credibility of the threats of May, by reactance, "
            f"among worlds without a deal on 6 May. {count_words(rates['n'])} a point; {interval_words()}."
        ),
    )
    savings = means_by(shown, "deal_savings", "likelihood ratio", by="reactance")
    page.draw(
        "savings",
        lambda ax: draw_measure(
            ax, savings, "likelihood ratio", by="reactance", label="savings of a tentative deal", unit="M$ a year"
        ).set_xlabel("credibility of the acts of May (likelihood ratio)"),
        data=savings,
        caption=measure_caption(savings, "likelihood ratio", label="savings of a tentative deal", unit="M$ a year"),
    )


if __name__ == "__main__":
    main(STUDY, write)
