"""What would have saved the vote of June?

Base case: Connecticut 2011 as it ships. Every change is tried alone, in the same worlds with the same luck; what counts
is how many of the worlds whose members refused in June would have ratified, and how many that ratified would not have.
Levers are points of the study; what nobody could choose (moods, misreadings) is replayed in the refusing worlds.
A rule that leaders look to at the table also changes the deal; so the rule of August is tried twice, with such leaders
and on the ballots of June as they were cast.
Files: saved (paired differences), tables/changes.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.charts import write_table
from experiments.paper.comparisons import modifier_words
from experiments.paper.figures import draw_differences
from experiments.paper.sentences import MUSD, POINTS, in_short, share_words, verdict
from experiments.paper.write_up import Page, Paper, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study
from experiments.statistics.estimates import share
from experiments.statistics.paired_tests import PairedDifference, compare_means, compare_shares
from sim.wording import percent
from sim.worlds.blocks import blocks, simulate_block

UNIONS, SHARE = "rule.unions_needed", "rule.share_needed"
OF, COUNT = "rules.ratification.all_of.1.of", "rules.ratification.all_of.1.count"
MEETINGS, BLACKOUT, FORESEE = "campaign.meetings_per_week", "calendar.talks.blackout", "leaders.foresee"
THREATENS, AID, OPENER = "governor.threatens", "governor.request_aid", "calendar.talks.opener"
BASE: dict[str, Any] = {
    UNIONS: 14,
    SHARE: 0.8,
    OF: "members",
    COUNT: "bloc",
    MEETINGS: 22.0,
    BLACKOUT: True,
    FORESEE: "majority",
    THREATENS: "on the dates",
    AID: True,
    OPENER: "governor",
}
SAME_BALLOTS, AT_THE_TABLE = "August's rule on June's ballots", "August's rule, looked to at the table"
LEVERS: dict[str, dict[str, Any]] = {
    "one union fewer needed": {UNIONS: 13},
    "two unions fewer needed": {UNIONS: 12},
    "a majority of unions needed": {UNIONS: 8},
    "half of members needed": {SHARE: 0.5},
    AT_THE_TABLE: {UNIONS: 8, SHARE: 0.5, OF: "ballots", COUNT: "per_capita", FORESEE: "rule"},
    "twice the meetings": {MEETINGS: 44.0},
    "no meetings": {MEETINGS: 0.0},
    "offers read in the press": {BLACKOUT: False},
    "leaders who look to the rule in force": {FORESEE: "rule"},
    "threats only where they pay": {THREATENS: "when it pays"},
    "town aid left out of the request": {AID: False},
    "the coalition opening": {OPENER: "coalition"},
}
# what nobody could choose, set for all worlds alike
CIRCUMSTANCES: dict[str, dict[str, float]] = {
    "leaders without illusion": {"leaders.optimism": 0.0},
    "leaders who read each union right": {"leaders.optimism": 0.0, "leaders.noise": 0.0},
    "no false claims": {"campaign.misinform": 0.0},
    "no weariness after 2009": {"members.fatigue": 0.0},
    "no resentment of threats": {"members.reactance": 0.0},
}

STUDY = Study(
    name="june_vote",
    question="What would have saved the vote of June?",
    scenario="connecticut-2011",
    worlds=3000,
    design=ListOfPoints(at=[BASE, *(BASE | change for change in LEVERS.values())]),
    measures=(
        *("deal", "outcome", "tentative_deal", "ratified_1", "unions_yes_1", "yes_share_1", "bloc_share_1"),
        "deal_savings",
    ),
)


class Tried(NamedTuple):
    """Every change tried alone, in the same worlds."""

    base: pd.DataFrame
    refused: NDArray[np.bool_]  # (worlds,): a tentative deal that members refused in June
    ratified: dict[str, NDArray[np.bool_]]  # (worlds,) by change
    net: dict[str, PairedDifference]  # of the share ratified, by change
    rows: pd.DataFrame  # a row a change, the one that saves most first


@cache
def _tried(page: Page) -> Tried:
    base = page.at({"point": 0})
    levers = {name: page.at({"point": place}) for place, name in enumerate(LEVERS, start=1)}
    ratified = {name: rows["ratified_1"].to_numpy(bool) for name, rows in levers.items()}
    ratified[SAME_BALLOTS] = (base["unions_yes_1"].to_numpy(float) >= 8) & (base["yes_share_1"].to_numpy(float) > 0.5)
    for name, change in CIRCUMSTANCES.items():
        ratified[name] = _first_votes(page, base["world"].to_numpy(np.int64), change)
    before = base["ratified_1"].to_numpy(bool)
    refused = base["tentative_deal"].to_numpy(bool) & ~before
    net = {name: compare_shares(before, now, len(ratified)) for name, now in ratified.items()}
    rows = pd.DataFrame([_row(name, now, before, refused, net[name]) for name, now in ratified.items()])
    return Tried(base, refused, ratified, net, rows.sort_values("saved", ascending=False, kind="stable"))


def _first_votes(page: Page, worlds: NDArray[np.int64], change: dict[str, float]) -> NDArray[np.bool_]:
    """The first vote in these worlds, replayed with a circumstance changed."""
    return np.concatenate(
        [
            simulate_block(page.scenario, seed=page.study.seed, worlds=worlds[ids], point=change).columns["ratified_1"]
            for ids in blocks(len(worlds))
        ]
    ).astype(bool)


def _row(
    name: str, now: NDArray[np.bool_], before: NDArray[np.bool_], refused: NDArray[np.bool_], net: PairedDifference
) -> dict[str, Any]:
    """Of the worlds that refused how many a change saves, of those that ratified how many it loses."""
    saved = share(now[refused], net.family)
    return {
        "change": name,
        "n": net.n,
        "refused": saved.n,
        "saved": saved.value,
        "saved_low": saved.low,
        "saved_high": saved.high,
        "lost": float((~now[before]).mean()) if before.any() else 0.0,
        "net": net.difference,
        "net_low": net.low,
        "net_high": net.high,
        "p_value": net.p_value,
    }


def _finding(page: Page) -> str:
    """The three changes that save most."""
    rows, many = _tried(page).rows, len(_tried(page).rows)
    said = [
        f"{row.change} ({percent(row.saved, 1)}, {100 * row.saved_low:.1f} to {100 * row.saved_high:.1f}; it loses "
        f"{percent(row.lost, 1)} of those ratified)"
        for row in rows.head(3).itertuples()
    ]
    return (
        f"Of {many} single changes these save the largest shares of refused deals: {'; '.join(said)} (95 % Wilson "
        f"intervals, Bonferroni over {many}; n = {int(rows['refused'].iloc[0]):,} refusing worlds, each replayed with "
        "its own luck)"
    )


def _rule(page: Page) -> str:
    tried = _tried(page)
    return verdict(
        compare_shares(*(tried.ratified[name][tried.refused] for name in (SAME_BALLOTS, AT_THE_TABLE))),
        "August's rule, looked to at the table, against the same rule on June's ballots as cast,",
        "the share of June's refused deals that are ratified",
        POINTS,
    )


def _spent(page: Page) -> str:
    after = page.at({"point": 1 + list(LEVERS).index(AT_THE_TABLE)})
    return verdict(
        compare_means(_tried(page).base["deal_savings"], after["deal_savings"]),
        "That rule, looked to at the table,",
        "the savings that leaders sign for",
        MUSD,
    )


def _harmful(page: Page) -> str:
    """Changes that clearly lower the share ratified."""
    net = _tried(page).net
    worse = [name for name in net if net[name].verdict(POINTS.matters) == "lowers"]
    if not worse:
        return "No change among them clearly lowers the share ratified in June"
    said = "; ".join(f"{name} ({in_short(net[name])})" for name in sorted(worse, key=lambda n: net[n].difference))
    return f"These clearly lower the share ratified in June: {said} ({next(iter(net.values())).n:,} pairs of worlds)"


def _change(page: Page) -> str:
    tried = _tried(page)
    best = tried.rows["change"].iloc[0]
    saved = np.where(tried.refused, 1.0 * tried.ratified[best], np.nan)
    return modifier_words(page, saved, f"the share of refused deals saved by {best}", worlds=tried.base["world"])


def _table_and_figure(page: Page) -> None:
    rows, many = _tried(page).rows, len(_tried(page).rows)
    shares = ("saved", "saved_low", "saved_high", "lost", "net", "net_low", "net_high")
    write_table(
        rows[["change", "refused", *shares, "p_value"]],
        page.folder,
        "changes",
        caption=(
            "One change at a time: share of refused deals it saves, share of ratified ones it loses, and net change of "
            f"the share ratified in June, with intervals at 95 % (Bonferroni over {many}) and McNemar tests."
        ),
        formats=dict.fromkeys(shares, ".1%") | {"p_value": "p"},
    )
    draw_differences(
        page,
        "saved",
        rows.rename(columns={"net": "difference", "net_low": "low", "net_high": "high"}).assign(family=many),
        what="share ratified at the first vote, one change at a time",
    )


PAPER = Paper(
    says={
        "base": lambda page: (
            f"At the first vote members refuse a tentative deal in {share_words(share(_tried(page).refused))} of worlds"
        ),
        "finding": _finding,
        "rule": _rule,
        "spent": _spent,
        "harmful": _harmful,
        "change": _change,
    },
    draws=(_table_and_figure,),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
