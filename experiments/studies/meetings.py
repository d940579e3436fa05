"""Can meetings make up for misinformation?

Base case: Connecticut 2011 as it ships, with about 22 information meetings a week. Sweep: meetings a week before the
first vote, by the rate at which outsiders misinform members who have not heard the terms. The deal itself stays the
same: the campaign comes after it.
Files: map (chance at the first vote), ratified.
"""

from __future__ import annotations

from experiments.paper.comparisons import Comparison, Modifier, together
from experiments.paper.figures import Lines, Map
from experiments.paper.write_up import Paper, main
from experiments.runs.designs import Grid
from experiments.runs.study import Study

MEETINGS, MISINFORM = "campaign.meetings_per_week", "campaign.misinform"
NUMBERS = (0.0, 11.0, 22.0, 33.0, 44.0, 60.0)
RATES = (0.0, 0.03, 0.06, 0.12, 0.25)
USUAL, WORST = 0.06, RATES[-1]
NONE, MANY = {MEETINGS: 0.0, MISINFORM: USUAL}, {MEETINGS: 60.0, MISINFORM: USUAL}
QUIET, LOUD = {MEETINGS: 22.0, MISINFORM: 0.0}, {MEETINGS: 22.0, MISINFORM: WORST}
ANSWERED = {MEETINGS: 60.0, MISINFORM: WORST}

STUDY = Study(
    name="meetings",
    question="Can meetings make up for misinformation?",
    scenario="connecticut-2011",
    worlds=1000,
    design=Grid(vary={MEETINGS: list(NUMBERS), MISINFORM: list(RATES)}),
    measures=("deal", "outcome", "tentative_deal", "ratified_1", "yes_share_1"),
)
FALSE_CLAIMS = f"Letting false claims reach {100 * WORST:g} % of the uninformed a week, in place of none,"
ANSWERING = "Answering these claims with 60 meetings a week in place of 22, against a campaign without false claims,"
HOLDING = "Holding 60 meetings a week in place of none"
PAPER = Paper(
    says=together(
        finding=Comparison(HOLDING, NONE, MANY, label="60 meetings for none"),
        misinformation=Comparison(FALSE_CLAIMS, QUIET, LOUD, label="false claims for none, at 22 meetings"),
        answer=Comparison(ANSWERING, QUIET, ANSWERED, label="false claims and 60 meetings, for none and 22"),
    )
    | {
        "ballots": Comparison(HOLDING, NONE, MANY, "yes_share_1"),
        "change": Modifier("what the meetings add at the first vote", NONE, MANY),
    },
    axes={
        "misinformed": "the share of the uninformed whom false claims reach a week",
        MEETINGS: "meetings a week",
        MISINFORM: "misinformed a week (share)",
    },
    columns={"misinformed": lambda runs: runs[MISINFORM]},
    draws=(
        Map(name="map", x=MEETINGS, y=MISINFORM),
        Lines(name="ratified", x=MEETINGS, by="misinformed", where={MISINFORM: (0.0, USUAL, WORST)}),
    ),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
