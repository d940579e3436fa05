"""Who holds power in the coalition under each of its rules?

Base case: Connecticut 2011 as it ships; the rules of June 2011, of August 2011 and of later years. Power is exact, by
counting every coalition of unions. Beside it stands what comes of it: how often each union alone could have turned the
first vote, in worlds that voted under the rule of June.
Files: power (Banzhaf index under two rules), pivotal, tables/power.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from experiments.charts import draw_power, power_caption, write_table
from experiments.charts.chart_data import power_table
from experiments.explanation.anatomy import witnessed
from experiments.paper.findings import Estimate, compare_shares, percent, share, share_words, shares_verdict
from experiments.paper.write_up import Page, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study
from sim.ratification.power import analyse_power
from sim.ratification.rule import Rule
from sim.worlds.blocks import blocks

UNIONS, SHARE = "rule.unions_needed", "rule.share_needed"
OF, COUNT = "rules.ratification.all_of.1.of", "rules.ratification.all_of.1.count"
JUNE: dict[str, Any] = {UNIONS: 14, SHARE: 0.8, OF: "members", COUNT: "bloc"}
AUGUST: dict[str, Any] = {UNIONS: 8, SHARE: 0.5, OF: "ballots", COUNT: "per_capita"}
LATER: dict[str, Any] = {UNIONS: 10, SHARE: "2/3", OF: "members", COUNT: "bloc"}  # two thirds of unions and of weight
LATER_POINT = LATER | {SHARE: 2 / 3}  # a table of points holds numbers

STUDY = Study(
    name="union_power",
    question="Who holds power in the coalition under each of its rules?",
    scenario="connecticut-2011",
    worlds=2000,
    design=ListOfPoints(at=[JUNE, AUGUST, LATER_POINT]),
    measures=("deal", "outcome", "tentative_deal", "ratified_1", "unions_yes_1", "bloc_share_1", "yes_share_1"),
)


def write(page: Page) -> None:
    """Exact indices under the three rules, and who was pivotal in simulated votes under the first."""
    case = page.scenario
    rules: dict[str, Rule] = {
        "June 2011": case.with_settings(JUNE).rules.ratification,
        "August 2011": case.with_settings(AUGUST).rules.ratification,
        "later": case.with_settings(LATER).rules.ratification,
    }
    members = np.rint(case.unions.members).astype(np.int64)
    table = power_table(rules, case.unions.names, members)
    exact = {name: analyse_power(rule, case.unions.names, members) for name, rule in rules.items()}
    june, august = exact["June 2011"], exact["August 2011"]
    largest = int(np.argmax(members))
    giant = case.unions.names[largest]
    pivotal, nobody = _pivotal(page)
    page.says(
        finding=(
            f"Under the rule of June {giant}, with {percent(float(june.weight_share[largest]))} of members, holds "
            f"{percent(float(june.banzhaf[largest]))} of the power by Banzhaf's index, under that of August "
            f"{percent(float(august.banzhaf[largest]))}; these are exact counts and need no interval"
        ),
        blockers=(
            f"Under the rule of June {_blockers(june.blockers)} can block alone, and {june.winning:,} of "
            f"{2 ** len(members):,} coalitions win; under that of August {_blockers(august.blockers)} can, and "
            f"{august.winning:,} win"
        ),
        turned=_most_often(pivotal),
        alone=f"No union alone could have turned {share_words(nobody)} of these refusals",
        vote=shares_verdict(
            compare_shares(page.at(JUNE)["ratified_1"], page.at(LATER_POINT)["ratified_1"]),
            "The rule of later years, in place of June's,",
            "the share ratified at the first vote",
        ),
        change=page.would_change(
            page.at(LATER_POINT)["ratified_1"].to_numpy(float) - page.at(JUNE)["ratified_1"].to_numpy(float),
            "what the later rule adds at the first vote",
            worlds=page.at(JUNE)["world"],
        ),
    )
    shown = table[table["rule"].isin(["June 2011", "August 2011"])]
    page.draw(
        "power",
        lambda ax: draw_power(ax, shown),
        data=table,
        caption=power_caption(shown),
        preset="double",
        height_mm=105,
    )
    columns = ["rule", "body", "weight_share", "banzhaf", "shapley_shubik", "can_block_alone"]
    write_table(
        table[columns],
        page.folder,
        "power",
        caption="Exact power of each union under three rules.",
        formats=dict.fromkeys(("weight_share", "banzhaf", "shapley_shubik"), ".1%"),
    )
    write_table(
        pivotal, page.folder, "pivotal", caption="Refusals that a union alone could have turned, rule of June 2011."
    )


def _most_often(pivotal: pd.DataFrame) -> str:
    """The union that could most often have turned a refusal alone, and how many others may be its equal."""
    rows = pivotal.sort_values("turns", ascending=False, kind="stable")
    first, others = rows.iloc[0], rows.iloc[1:]
    level = int((others["high"] >= first["low"]).sum())
    reach = f"{level} of the others reach it with their intervals"
    apart = reach if level else "none of the others reaches it with its interval"
    return (
        f"Of refusals under the rule of June, {first['union']} alone could have turned {percent(first['turns'])} "
        f"(95 % interval, Bonferroni over {len(rows)}, {100 * first['low']:.1f} to {100 * first['high']:.1f}; n = "
        f"{int(first['n']):,} refusals), the largest share; {apart}"
    )


def _blockers(names: tuple[str, ...]) -> str:
    return "nobody" if not names else " and ".join(names) if len(names) <= 3 else f"{len(names)} unions"


def _pivotal(page: Page) -> tuple[pd.DataFrame, Estimate]:
    """A row a union: the share of refused first votes that it alone could have turned; and those that nobody could."""
    voted = page.at(JUNE)
    signed, ratified = voted["tentative_deal"].to_numpy(bool), voted["ratified_1"].to_numpy(bool)
    refused = voted["world"].to_numpy(np.int64)[signed & ~ratified]
    turned = np.zeros((len(page.scenario.unions.names), len(refused)), bool)
    for places in blocks(len(refused)):
        model = witnessed(page.scenario.with_settings(JUNE), seed=page.study.seed, worlds=refused[places])
        turned[:, places] = model.ballots[0].rule.pivotal(model.ballots[0].tally)
    rows = []
    for name, row in zip(page.scenario.unions.names, turned, strict=True):
        found = share(row, family=len(turned))
        rows.append({"union": name, "turns": found.value, "low": found.low, "high": found.high, "n": found.n})
    return pd.DataFrame(rows), share(~turned.any(axis=0))


if __name__ == "__main__":
    main(STUDY, write)
