"""Does it matter whether yes is counted in blocs or per capita?

Base case: Connecticut 2011 as it ships, where a union's whole weight goes with its majority. Sweep: the share that the
rule of ratification asks for, counted in bloc (share of members in unions that said yes) or per capita (share of yes
among ballots), with a majority of unions needed besides. Leaders reckon a union with all its members under either
count, so the deal is the same and the count alone differs.
Files: thresholds (how often a vote reaches any share, both counts), ratified.
"""

from __future__ import annotations

from experiments.charts import draw_vote_share, threshold_rates, vote_share_caption
from experiments.paper.comparisons import Comparison, Modifier, together
from experiments.paper.figures import Lines
from experiments.paper.write_up import Page, Paper, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study

UNIONS, SHARE = "rule.unions_needed", "rule.share_needed"
OF, COUNT = "rules.ratification.all_of.1.of", "rules.ratification.all_of.1.count"
BLOC, PER_CAPITA = {OF: "members", COUNT: "bloc"}, {OF: "ballots", COUNT: "per_capita"}
SHARES = (0.5, 0.55, 0.6, 2 / 3, 0.7, 0.75, 0.8, 0.9)
MARKED = {"one half": 0.5, "two thirds": 2 / 3, "four fifths": 0.8}
MAJORITY = 8  # of 15 unions

STUDY = Study(
    name="counting",
    question="Does it matter whether yes is counted in blocs or per capita?",
    scenario="connecticut-2011",
    worlds=2000,
    design=ListOfPoints(
        at=[{UNIONS: MAJORITY, SHARE: share, **count} for count in (BLOC, PER_CAPITA) for share in SHARES]
    ),
    measures=("deal", "outcome", "ratified_1", "yes_share_1", "bloc_share_1", "unions_yes_1", "deal_savings"),
)


def _counted(subject: str, share: str) -> Comparison:
    """In bloc against per capita, where the rule asks for this share."""
    asked = {SHARE: MARKED[share]}
    return Comparison(subject, asked | BLOC, asked | PER_CAPITA, label=f"per capita for bloc, at {share}")


def _thresholds(page: Page) -> None:
    """How often a vote reaches any share, by both counts."""
    votes = page.at({SHARE: MARKED["four fifths"]} | BLOC)
    rates = threshold_rates(votes, vote=1)
    page.chart("thresholds", draw_vote_share, votes, vote_share_caption, data=rates, vote=1, thresholds=MARKED)


FOUR_FIFTHS = _counted("Counting per capita in place of in bloc, at four fifths,", "four fifths")
PAPER = Paper(
    says=together(
        finding=FOUR_FIFTHS,
        middle=_counted("At two thirds the same change", "two thirds"),
        low=_counted("At one half it", "one half"),
    )
    | {"change": Modifier("what counting per capita does at four fifths", FOUR_FIFTHS.before, FOUR_FIFTHS.after)},
    axes={SHARE: "share of yes that the rule asks for", "counted": "how it is counted"},
    columns={"counted": lambda runs: runs[COUNT].map({"bloc": "counted in bloc", "per_capita": "counted per capita"})},
    draws=(_thresholds, Lines(name="ratified", x=SHARE, by="counted", note=" A majority of unions is needed besides.")),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
