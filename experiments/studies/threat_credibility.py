"""Does a more credible threat of layoffs bring more deals, or does it breed resentment?

Base case: Connecticut 2011 as it ships. Sweep: how strongly the acts of May (the menu, the notices) move members'
belief, as a likelihood ratio, by how much they are resented, in affronts of the notices; the menu, a plan and no order,
is resented half as much. A ratio of one is a threat that nobody credits, no affront one that nobody minds. What an
affront takes from a deal (`members.reactance`) is drawn as in any world. The acts reach only worlds without a deal by
then.
Files: ratified (chance at the first vote), yes_share, savings.
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

MENU, NOTICES = "threats.may_menu", "threats.may_notices"
RATIOS = (1.0, 1.5, 2.0, 3.0, 4.0)
AFFRONTS = (0.0, 0.75, 1.5)
MENU_DAY = (datetime.date(2011, 5, 6) - datetime.date(2011, 3, 2)).days  # from the first meeting to the menu
WEAK, STRONG = RATIOS[0], RATIOS[-1]
CALM, ANGRY = AFFRONTS[0], AFFRONTS[-1]


def _point(ratio: float, affronts: float) -> dict[str, float]:
    """The acts credited at this ratio, the notices resented as so many affronts."""
    believed = {f"{act}.believed": ratio for act in (MENU, NOTICES)}
    return believed | {f"{MENU}.resented": affronts / 2, f"{NOTICES}.resented": affronts}


STUDY = Study(
    name="threat_credibility",
    question="Does a more credible threat of layoffs bring more deals?",
    scenario="connecticut-2011",
    worlds=4000,
    design=ListOfPoints(at=[_point(ratio, affronts) for ratio in RATIOS for affronts in AFFRONTS]),
    measures=("deal", "outcome", "tentative_deal", "agreed_day", "ratified_1", "yes_share_1", "deal_savings", "belief"),
)


def _still_talking(page: Page) -> pd.Series:
    """Had a world no deal when the menu came? Before it all points are the same, so any of them says."""
    return ~(at(page.all_runs, NEITHER)["agreed_day"] < MENU_DAY)


def _reach(page: Page) -> str:
    return (
        f"The acts of May came in time to matter in {share_words(share(_still_talking(page)))} of worlds; "
        "in the others the two sides had agreed before"
    )


NEITHER, BELIEVED, RESENTED, BOTH = (_point(ratio, anger) for anger in (CALM, ANGRY) for ratio in (WEAK, STRONG))
CREDITED = f"A threat that is {STRONG:g} times as likely if it is meant, against one that nobody credits,"
ANGER = f"A threat that is resented as {ANGRY:g} affronts, against one that nobody resents,"
YES = "the yes among ballots there"


def _ratified(subject: str, before: dict[str, float], after: dict[str, float], label: str) -> Comparison:
    what = "the share ratified at the first vote, among the worlds that were still without a deal,"
    return Comparison(subject, before, after, label=label, what=what)


PAPER = Paper(
    within=lambda page: at(page.all_runs, NEITHER)["world"][_still_talking(page)],
    about=", among worlds without a deal on 6 May",
    says={"reach": _reach}
    | together(
        finding=_ratified(f"{CREDITED} resented by nobody,", NEITHER, BELIEVED, "believed, not resented"),
        resented=_ratified(
            f"{CREDITED} resented as {ANGRY:g} affronts either way,", RESENTED, BOTH, "believed, resented either way"
        ),
        anger=_ratified(f"{ANGER} credited by nobody,", NEITHER, RESENTED, "resented, not believed"),
        reactance=_ratified(f"{ANGER} believed either way,", BELIEVED, BOTH, "resented, believed either way"),
    )
    | together(
        yes=Comparison(CREDITED, NEITHER, BELIEVED, "yes_share_1", what=YES, digits=2),
        no=Comparison(ANGER, BELIEVED, BOTH, "yes_share_1", what=YES, digits=2),
    )
    | {
        "bargain": Comparison(
            *("The credible threat", NEITHER, BELIEVED, "deal_savings"),
            what="the savings of a tentative deal in those worlds",
        ),
        "change": Modifier("what the credible threat adds at the first vote", NEITHER, BELIEVED),
    },
    axes={"likelihood ratio": "credibility of the acts of May (likelihood ratio)", "affronts": "resentment (affronts)"},
    columns={
        "likelihood ratio": lambda runs: runs[f"{NOTICES}.believed"],
        "affronts": lambda runs: runs[f"{NOTICES}.resented"],
    },
    draws=(
        Lines(name="ratified", x="likelihood ratio", by="affronts"),
        Means(name="yes_share", x="likelihood ratio", by="affronts", measure="yes_share_1"),
        Means(name="savings", x="likelihood ratio", by="affronts", measure="deal_savings"),
    ),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
