"""Does it matter whether yes is counted in blocs or per capita?

Base case: Connecticut 2011 as it ships, where a union's whole weight goes with its majority. Sweep: the share that the
rule of ratification asks for, counted in bloc (share of members in unions that said yes) or per capita (share of yes
among ballots), with a majority of unions needed besides. Leaders reckon a union with all its members under either
count, so the deal is the same and the count alone differs.
Files: thresholds (how often a vote reaches any share, both counts), ratified.
"""

from __future__ import annotations

from experiments.charts import draw_deal_rate, draw_vote_share, rates_by, threshold_rates, vote_share_caption
from experiments.charts.groups import count_words, interval_words
from experiments.paper.findings import compare_shares, shares_verdict
from experiments.paper.write_up import Page, main
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


def write(page: Page) -> None:
    """The two counts at four fifths and at one half."""
    found = {}
    for name, share in (("high", 0.8), ("middle", 2 / 3), ("low", 0.5)):
        bloc, heads = (page.at({SHARE: share, COUNT: count[COUNT]}) for count in (BLOC, PER_CAPITA))
        found[name] = compare_shares(bloc["ratified_1"], heads["ratified_1"], family=3)
    what = "the share ratified at the first vote"
    bloc, heads = (page.at({SHARE: 0.8, COUNT: count[COUNT]}) for count in (BLOC, PER_CAPITA))
    page.says(
        finding=shares_verdict(found["high"], "Counting per capita in place of in bloc, at four fifths,", what),
        middle=shares_verdict(found["middle"], "At two thirds the same change", what),
        low=shares_verdict(found["low"], "At one half it", what),
        change=page.would_change(
            heads["ratified_1"].to_numpy(float) - bloc["ratified_1"].to_numpy(float),
            "what counting per capita does at four fifths",
            worlds=bloc["world"],
        ),
    )
    votes = page.at({SHARE: 0.8, COUNT: "bloc"})
    thresholds = threshold_rates(votes, vote=1)
    page.draw(
        "thresholds",
        lambda ax: draw_vote_share(ax, votes, vote=1, thresholds=MARKED),
        data=thresholds,
        caption=vote_share_caption(thresholds, vote=1),
    )
    counted = page.runs[COUNT].map({"bloc": "counted in bloc", "per_capita": "counted per capita"})
    runs = page.runs.assign(deal=page.runs["ratified_1"], counted=counted)
    rates = rates_by(runs, ["counted", SHARE])
    page.draw(
        "ratified",
        lambda ax: draw_deal_rate(ax, runs, SHARE, by="counted").set(
            xlabel="share of yes that the rule asks for", ylabel="share ratified at the first vote"
        ),
        data=rates,
        caption=(
            "Share of worlds ratified at the first vote against the share the rule asks for, counted in bloc or per "
            f"capita, with a majority of unions needed besides. {count_words(rates['n'])} a point; {interval_words()}."
        ),
    )


if __name__ == "__main__":
    main(STUDY, write)
