"""Does a stricter rule of ratification cost deals, and what does it buy the members at the table?

Base case: Connecticut 2011 as it ships. Sweep: unions that must agree (of 15) by the share of members that the agreeing
unions must hold, counted in bloc; with leaders content with a majority of members, as the case ships, and with leaders
who sign only what they expect to carry under the rule in force (Schelling 1960; Putnam 1988).
Files: deal_map (chance at the first vote), deals_by_unions_needed, savings.
"""

from __future__ import annotations

from experiments.paper.comparisons import Comparison, Modifier, Several, together
from experiments.paper.figures import Lines, Map, Means
from experiments.paper.write_up import Paper, main
from experiments.runs.designs import Grid
from experiments.runs.study import Study

UNIONS, SHARE, FORESEE = "rule.unions_needed", "rule.share_needed", "leaders.foresee"
AS_SHIPPED, LOOKING_AHEAD = {FORESEE: "majority"}, {FORESEE: "rule"}
RULE_OF_JUNE = {UNIONS: 14, SHARE: 0.8}
RULE_OF_AUGUST = {UNIONS: 8, SHARE: 0.5}  # its share was counted per capita; see the study on counting
JUNE, AUGUST = RULE_OF_JUNE | AS_SHIPPED, RULE_OF_AUGUST | AS_SHIPPED
FOUR_FIFTHS = {SHARE: 0.8}

STUDY = Study(
    name="ratification_rule",
    question="Does a stricter rule of ratification cost deals, and what does it buy?",
    scenario="connecticut-2011",
    worlds=1000,
    design=Grid(vary={UNIONS: "8:15:1", SHARE: [0.5, 0.6, 0.7, 0.8, 0.9], FORESEE: ["majority", "rule"]}),
    measures=("deal", "outcome", "tentative_deal", "ratified_1", "deal_savings", "deal_burden"),
)
BOTH = "Asking for the unions and the share of August in place of June's"
FEWER = "Asking for as few unions as in August, with the share of June,"
SMALLER = "Asking for the share of August, with the unions of June,"
MARKED = {"June": (14, 0.8), "August": (8, 0.5)}
IN_BLOC = " Shares count in bloc. Marked: the thresholds in force in June and in August."
BOUND = FOUR_FIFTHS | LOOKING_AHEAD
PAPER = Paper(
    says=together(
        finding=Comparison(BOTH, JUNE, AUGUST, label="unions and share of August"),
        conditions=Several(
            Comparison(FEWER, JUNE, AUGUST | FOUR_FIFTHS, label="unions of August alone"),
            Comparison(SMALLER, JUNE, AUGUST | {UNIONS: 14}, label="share of August alone"),
        ),
    )
    | {
        "any_vote": Comparison("The same change", JUNE, AUGUST, "deal"),
        "bargain": Comparison(
            "Where leaders look to the rule in force, the laxer rule",
            *(RULE_OF_JUNE | LOOKING_AHEAD, RULE_OF_AUGUST | LOOKING_AHEAD, "deal_savings"),
            what="the savings of a tentative deal, where there is one under both rules,",
        ),
        "change": Modifier("what the laxer rule adds at the first vote", JUNE, AUGUST),
    },
    axes={UNIONS: "unions of 15 that must agree", SHARE: "share of members they must hold"},
    draws=(
        Map(name="deal_map", x=UNIONS, y=SHARE, where=AS_SHIPPED, marked=MARKED, note=IN_BLOC),
        Lines(
            name="deals_by_unions_needed",
            x=UNIONS,
            where=FOUR_FIFTHS | AS_SHIPPED,
            by="ratified",
            measure={"ratified at the first vote": "ratified_1", "ratified at either vote": "deal"},
            band="simultaneous",
            note=" They must also hold the share of members of the rule of June.",
        ),
        Means(
            name="savings", x=UNIONS, measure="deal_savings", where=BOUND, note=" Leaders look to the rule in force."
        ),
    ),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
