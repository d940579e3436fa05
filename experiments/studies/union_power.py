"""Who holds power in the coalition under each of its rules?

Base case: Connecticut 2011 as it ships; the rules of June 2011, of August 2011 and of later years. Power is exact, by
counting every coalition of unions. Beside it stands what comes of it: how often each union alone could have turned the
first vote, in worlds that voted under the rule of June.
Files: power (Banzhaf index under two rules), pivotal, tables/power.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.charts import draw_power, power_caption, write_table
from experiments.charts.chart_data import power_table
from experiments.explanation.anatomy import witnessed
from experiments.paper.comparisons import Comparison, Modifier
from experiments.paper.sentences import share_words
from experiments.paper.write_up import Page, Paper, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study
from experiments.statistics.estimates import share
from sim.ratification.power import Power, analyse_power
from sim.ratification.rule import Rule
from sim.wording import percent
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


RULES = {"June 2011": JUNE, "August 2011": AUGUST, "later": LATER}
SHOWN = ["June 2011", "August 2011"]
LATER_RULE = Comparison("The rule of later years, in place of June's,", JUNE, LATER_POINT)


def _rules(page: Page) -> dict[str, Rule]:
    return {name: page.scenario.with_settings(settings).rules.ratification for name, settings in RULES.items()}


def _exact(page: Page) -> list[Power]:
    """Exact power under the two rules of 2011, by counting every coalition."""
    unions, rules = page.scenario.unions, _rules(page)
    return [analyse_power(rules[name], unions.names, np.rint(unions.members)) for name in SHOWN]


def _finding(page: Page) -> str:
    june, august = _exact(page)
    largest = int(np.argmax(june.weight_share))
    return (
        f"Under the rule of June {june.names[largest]}, with {percent(float(june.weight_share[largest]), 1)} of "
        f"members, holds {percent(float(june.banzhaf[largest]), 1)} of the power by Banzhaf's index, under that of "
        f"August {percent(float(august.banzhaf[largest]), 1)}; these are exact counts and need no interval"
    )


def _blockers(page: Page) -> str:
    def words(power: Power) -> str:
        names = power.blockers
        return "nobody" if not names else " and ".join(names) if len(names) <= 3 else f"{len(names)} unions"

    june, august = _exact(page)
    return (
        f"Under the rule of June {words(june)} can block alone, and {june.winning:,} of {2 ** len(june.names):,} "
        f"coalitions win; under that of August {words(august)} can, and {august.winning:,} win"
    )


@cache
def _turned(page: Page) -> NDArray[np.bool_]:
    """Could this union alone have turned this refusal of a first vote under the rule of June? (unions, refusals)"""
    voted = page.at(JUNE)
    signed, ratified = voted["tentative_deal"].to_numpy(bool), voted["ratified_1"].to_numpy(bool)
    refused = voted["world"].to_numpy(np.int64)[signed & ~ratified]
    turned = np.zeros((len(page.scenario.unions.names), len(refused)), bool)
    for places in blocks(len(refused)):
        model = witnessed(page.scenario.with_settings(JUNE), seed=page.study.seed, worlds=refused[places])
        turned[:, places] = model.ballots[0].rule.pivotal(model.ballots[0].tally)
    return turned


def _pivotal(page: Page) -> pd.DataFrame:
    """A row a union: the share of refused first votes that it alone could have turned."""
    turned = _turned(page)
    rows = []
    for name, row in zip(page.scenario.unions.names, turned, strict=True):
        found = share(row, family=len(turned))
        rows.append({"union": name, "turns": found.value, "low": found.low, "high": found.high, "n": found.n})
    return pd.DataFrame(rows)


def _most_often(pivotal: pd.DataFrame) -> str:
    """The union that could most often have turned a refusal alone, and how many others may be its equal."""
    rows = pivotal.sort_values("turns", ascending=False, kind="stable")
    first, others = rows.iloc[0], rows.iloc[1:]
    level = int((others["high"] >= first["low"]).sum())
    reach = f"{level} of the others reach it with their intervals"
    apart = reach if level else "none of the others reaches it with its interval"
    return (
        f"Of refusals under the rule of June, {first['union']} alone could have turned {percent(first['turns'], 1)} "
        f"(95 % interval, Bonferroni over {len(rows)}, {100 * first['low']:.1f} to {100 * first['high']:.1f}; n = "
        f"{int(first['n']):,} refusals), the largest share; {apart}"
    )


def _tables(page: Page) -> None:
    """Power under every rule, drawn for the two of 2011, and who was pivotal."""
    unions = page.scenario.unions
    table = power_table(_rules(page), unions.names, np.rint(unions.members))
    shown = table[table["rule"].isin(SHOWN)]
    page.chart("power", draw_power, shown, power_caption(shown), data=table, wide=True, height_mm=105)
    shares = ("weight_share", "banzhaf", "shapley_shubik")
    write_table(
        table[["rule", "body", *shares, "can_block_alone"]],
        page.folder,
        "power",
        caption="Exact power of each union under three rules.",
        formats=dict.fromkeys(shares, ".1%"),
    )
    write_table(
        _pivotal(page),
        page.folder,
        "pivotal",
        caption="Refusals that a union alone could have turned, rule of June 2011.",
        formats=dict.fromkeys(("turns", "low", "high"), ".1%"),
    )


PAPER = Paper(
    says={
        "finding": _finding,
        "blockers": _blockers,
        "turned": lambda page: _most_often(_pivotal(page)),
        "alone": lambda page: (
            f"No union alone could have turned {share_words(share(~_turned(page).any(axis=0)))} of these refusals"
        ),
        "vote": LATER_RULE,
        "change": Modifier("what the later rule adds at the first vote", JUNE, LATER_POINT),
    },
    draws=(_tables,),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
