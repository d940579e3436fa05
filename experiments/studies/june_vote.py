"""What would have saved the vote of June?

Base case: Connecticut 2011 as it ships. Every change is tried alone, in the same worlds with the same luck; what counts
is how many of the worlds whose members refused in June would have ratified, and how many that ratified would not have.
Levers are points of the study; what nobody could choose (moods, misreadings) is replayed in the refusing worlds.
A rule that leaders look to at the table also changes the deal; so the rule of August is tried twice, with such leaders
and on the ballots of June as they were cast.
Files: saved (paired differences), tables/changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.charts import draw_paired, write_table
from experiments.charts.groups import count_words
from experiments.paper.findings import (
    Comparison,
    compare_means,
    compare_shares,
    means_verdict,
    percent,
    points_words,
    share,
    share_words,
    shares_verdict,
)
from experiments.paper.write_up import Page, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study
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


def write(page: Page) -> None:
    """A row a change: of the worlds that refused how many it saves, of those that ratified how many it loses."""
    base = page.runs[page.runs["point"] == 0]
    after = {name: page.runs[page.runs["point"] == place + 1] for place, name in enumerate(LEVERS)}
    ratified = {name: rows["ratified_1"].to_numpy(bool) for name, rows in after.items()}
    ratified[SAME_BALLOTS] = (base["unions_yes_1"].to_numpy(float) >= 8) & (base["yes_share_1"].to_numpy(float) > 0.5)
    worlds = base["world"].to_numpy(np.int64)
    for name, change in CIRCUMSTANCES.items():
        ratified[name] = _first_votes(page, worlds, change)
    before = base["ratified_1"].to_numpy(bool)
    refused = base["tentative_deal"].to_numpy(bool) & ~before
    family = len(ratified)
    net = {name: compare_shares(before, now, family) for name, now in ratified.items()}
    rows = pd.DataFrame([_row(name, now, before, refused, net[name]) for name, now in ratified.items()])
    rows = rows.sort_values("saved", ascending=False, kind="stable").reset_index(drop=True)
    best = rows["change"].iloc[0]
    page.says(
        base=f"At the first vote members refuse a tentative deal in {share_words(share(refused))} of worlds",
        finding=_finding(rows, family),
        rule=shares_verdict(
            compare_shares(ratified[SAME_BALLOTS][refused], ratified[AT_THE_TABLE][refused]),
            "August's rule, looked to at the table, against the same rule on June's ballots as cast,",
            "the share of June's refused deals that are ratified",
        ),
        spent=means_verdict(
            compare_means(base["deal_savings"], after[AT_THE_TABLE]["deal_savings"]),
            "That rule, looked to at the table,",
            "the savings that leaders sign for",
            "M$ a year",
        ),
        harmful=_harmful(net),
        change=page.would_change(
            np.where(refused, 1.0 * ratified[best], np.nan),
            f"the share of refused deals saved by {best}",
            worlds=worlds,
        ),
    )
    columns = ["change", "refused", "saved", "saved_low", "saved_high", "lost", "net", "net_low", "net_high", "p_value"]
    formats = dict.fromkeys(("saved", "saved_low", "saved_high", "lost", "net", "net_low", "net_high"), ".1%")
    write_table(
        rows[columns],
        page.folder,
        "changes",
        caption=(
            "One change at a time: share of refused deals it saves, share of ratified ones it loses, and net change of "
            f"the share ratified in June, with intervals at 95 % (Bonferroni over {family}) and exact McNemar tests."
        ),
        formats=formats | {"p_value": ".2g"},
    )
    shown = rows.rename(columns={"net": "difference", "net_low": "low", "net_high": "high"})
    page.draw(
        "saved",
        lambda ax: draw_paired(ax, shown).set_xlabel(
            f"change of the share ratified in June, points ({count_words(shown['n'])})"
        ),
        data=shown,
        caption=(
            "Change of the share of worlds ratified at the first vote, one change at a time in the same worlds. "
            f"{count_words(shown['n'], 'pairs of worlds')} a row; 95 % intervals for matched pairs (Agresti–Min), "
            f"Bonferroni over {family}."
        ),
        preset="double",
        height_mm=88,
    )


def _first_votes(page: Page, worlds: NDArray[np.int64], change: dict[str, float]) -> NDArray[np.bool_]:
    """The first vote in these worlds, replayed with a circumstance changed."""
    return np.concatenate(
        [
            simulate_block(page.scenario, seed=page.study.seed, worlds=worlds[ids], point=change).columns["ratified_1"]
            for ids in blocks(len(worlds))
        ]
    ).astype(bool)


def _row(
    name: str, now: NDArray[np.bool_], before: NDArray[np.bool_], refused: NDArray[np.bool_], net: Comparison
) -> dict[str, Any]:
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


def _finding(rows: pd.DataFrame, family: int) -> str:
    """The three changes that save most."""
    said = [
        f"{row.change} ({percent(row.saved)}, {100 * row.saved_low:.1f} to {100 * row.saved_high:.1f}; it loses "
        f"{percent(row.lost)} of those ratified)"
        for row in rows.head(3).itertuples()
    ]
    refused = int(rows["refused"].iloc[0])
    return (
        f"Of {len(rows)} single changes these save the largest shares of refused deals: {'; '.join(said)} (95 % Wilson "
        f"intervals, Bonferroni over {family}; n = {refused:,} refusing worlds, each replayed with its own luck)"
    )


def _harmful(net: dict[str, Comparison]) -> str:
    """Changes that clearly lower the share ratified."""
    worse = sorted((name for name in net if net[name].high < 0), key=lambda name: net[name].difference)
    if not worse:
        return "No change among them clearly lowers the share ratified in June"
    said = "; ".join(f"{name} ({points_words(net[name])})" for name in worse)
    return f"These clearly lower the share ratified in June: {said} ({next(iter(net.values())).n:,} pairs of worlds)"


if __name__ == "__main__":
    main(STUDY, write)
