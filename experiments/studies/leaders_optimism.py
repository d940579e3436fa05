"""Do deals fail because leaders think better of their members' mood than they should?

Base case: Connecticut 2011 as it ships. Sweep: leaders' optimism (how much better than true they think members like a
deal) by the noise of each leader's own misreading. Leaders sign only what they expect to be ratified, so optimism lets
more be signed, and more of it fail.
Files: ratified (map over optimism and noise), by_optimism (tentative deal, first vote, deal at either vote).
"""

from __future__ import annotations

from experiments.paper.comparisons import Comparison, Modifier, together
from experiments.paper.figures import Lines, Map
from experiments.paper.write_up import Paper, main
from experiments.runs.designs import Grid
from experiments.runs.study import Study

OPTIMISM, NOISE = "leaders.optimism", "leaders.noise"
OPTIMISMS = (-0.4, 0.0, 0.4, 0.8, 1.2, 1.6, 2.0)
NOISES = (0.0, 0.2, 0.4, 0.6)
USUAL = {NOISE: 0.4}
SOBER, HOPEFUL = {OPTIMISM: 0.0} | USUAL, {OPTIMISM: 1.2} | USUAL

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
OVERRATING = "Overrating members' goodwill by 1.2 logits, against leaders without illusion,"
STAGES = {"tentative deal": "tentative_deal", "ratified at first vote": "ratified_1", "deal at either vote": "deal"}
PAPER = Paper(
    says=together(
        finding=Comparison(OVERRATING, SOBER, HOPEFUL, label="hope, on the first vote"),
        tentative=Comparison("The same hope", SOBER, HOPEFUL, "tentative_deal", "hope, on a tentative deal"),
        either=Comparison("It", SOBER, HOPEFUL, "deal", "hope, on a deal at either vote"),
    )
    | {
        "price": Comparison("It", SOBER, HOPEFUL, "deal_savings", what="the savings that leaders sign for"),
        "change": Modifier("what hope does to the first vote", SOBER, HOPEFUL),
    },
    axes={OPTIMISM: "leaders' optimism (logits)", NOISE: "noise of a leader's reading (logits)"},
    draws=(
        Map(name="ratified", x=OPTIMISM, y=NOISE),
        Lines(name="by_optimism", x=OPTIMISM, where=USUAL, by="share", measure=STAGES),
    ),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
