"""Does a more credible threat of layoffs bring more deals, or does it breed resentment?

Base case: Connecticut 2011 as it ships. Sweep: how strongly the acts of May (the menu, the notices) move members'
belief, as a likelihood ratio, by reactance: the resentment that a threat breeds however little it is believed. A ratio
of one is a threat that nobody credits. The acts reach only worlds without a deal by then.
Files: ratified (chance at the first vote), savings.
"""

from __future__ import annotations

import datetime

import pandas as pd

from experiments.paper.comparisons import Comparison, Modifier, together
from experiments.paper.figures import Lines, Means
from experiments.paper.sentences import share_words
from experiments.paper.write_up import Page, Paper, at, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study
from experiments.statistics.estimates import share

MENU, NOTICES, REACTANCE = "threats.may_menu.believed", "threats.may_notices.believed", "members.reactance"
RATIOS = (1.0, 1.5, 2.0, 3.0, 4.0)
REACTANCES = (0.0, 0.15, 0.3)
MENU_DAY = (datetime.date(2011, 5, 6) - datetime.date(2011, 3, 2)).days  # from the first meeting to the menu
IDLE, BELIEVED = {NOTICES: RATIOS[0], REACTANCE: 0.0}, {NOTICES: RATIOS[-1], REACTANCE: 0.0}
RESENTED = {NOTICES: RATIOS[-1], REACTANCE: REACTANCES[-1]}

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


def _still_talking(page: Page) -> pd.Series:
    """Had a world no deal when the menu came? Before it all points are the same, so any of them says."""
    return ~(at(page.all_runs, IDLE)["agreed_day"] < MENU_DAY)


def _reach(page: Page) -> str:
    return (
        f"The acts of May came in time to matter in {share_words(share(_still_talking(page)))} of worlds; "
        "in the others the two sides had agreed before"
    )


CREDITED = f"A threat that is {RATIOS[-1]:g} times as likely if it is meant, against one that nobody credits,"
RESENTMENT = "Resentment of a threat that is believed, at the top of its range against none,"
WHAT = "the share ratified at the first vote, among the worlds that were still without a deal,"
PAPER = Paper(
    within=lambda page: at(page.all_runs, IDLE)["world"][_still_talking(page)],
    about=", among worlds without a deal on 6 May",
    says={"reach": _reach}
    | together(
        finding=Comparison(CREDITED, IDLE, BELIEVED, label="a threat believed", what=WHAT),
        reactance=Comparison(RESENTMENT, BELIEVED, RESENTED, label="and resented", what=WHAT),
    )
    | {
        "bargain": Comparison(
            "The credible threat",
            IDLE,
            BELIEVED,
            "deal_savings",
            what="the savings of a tentative deal in those worlds",
        ),
        "change": Modifier("what the credible threat adds to the savings of a deal", IDLE, BELIEVED, "deal_savings"),
    },
    axes={"likelihood ratio": "credibility of the acts of May (likelihood ratio)"},
    columns={"likelihood ratio": lambda runs: runs[NOTICES], "reactance": lambda runs: runs[REACTANCE]},
    draws=(
        Lines(name="ratified", x="likelihood ratio", by="reactance"),
        Means(name="savings", x="likelihood ratio", by="reactance", measure="deal_savings"),
    ),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
