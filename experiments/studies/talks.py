"""Do the deadline, the tactics or the blackout decide whether the two sides agree?

Base case: Connecticut 2011 as it ships. Sweep: one thing about the talks changed at a time: an earlier deadline, fewer
or more rounds, offers read in the press, the coalition opening, other ways of conceding on either side.
Files: time_to_deal (Kaplan-Meier by way of conceding), deals and savings (paired differences against the base case),
utility_space (the offers of one world).
"""

from __future__ import annotations

import datetime
from typing import Any

import pandas as pd

from experiments.charts import (
    draw_paired,
    draw_time_to_deal,
    draw_utility_space,
    survival,
    time_to_deal_caption,
    utility_space_caption,
)
from experiments.charts.chart_data import told, utility_space_table
from experiments.charts.groups import count_words
from experiments.paper.findings import (
    Comparison,
    compare_means,
    compare_shares,
    means_verdict,
    points_words,
    shares_verdict,
)
from experiments.paper.write_up import Page, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study

ROUNDS, DEADLINE, BLACKOUT = "calendar.talks.rounds", "calendar.talks.deadline", "calendar.talks.blackout"
OPENER, GOVERNOR, COALITION = "calendar.talks.opener", "governor.tactic", "coalition.tactic"
BASE: dict[str, Any] = {
    DEADLINE: datetime.date(2011, 5, 27),
    ROUNDS: 26,
    BLACKOUT: True,
    OPENER: "governor",
    GOVERNOR: "time_dependent",
    COALITION: "time_dependent",
}
CHANGES: dict[str, dict[str, Any]] = {
    "a deadline three weeks earlier": {DEADLINE: datetime.date(2011, 5, 6)},
    "half as many rounds": {ROUNDS: 13},
    "twice as many rounds": {ROUNDS: 52},
    "offers read in the press": {BLACKOUT: False},
    "the coalition opening": {OPENER: "coalition"},
    "a governor who concedes early": {GOVERNOR: "conceder"},
    "a governor who answers in kind": {GOVERNOR: "relative_tit_for_tat"},
    "a coalition that concedes early": {COALITION: "conceder"},
    "a coalition that concedes late": {COALITION: "boulware"},
    "a coalition that answers in kind": {COALITION: "relative_tit_for_tat"},
}
CURVES = ("a governor who concedes early", "a coalition that concedes early", "a coalition that concedes late")

STUDY = Study(
    name="talks",
    question="Do the deadline, the tactics or the blackout decide whether the two sides agree?",
    scenario="connecticut-2011",
    worlds=1500,
    design=ListOfPoints(at=[BASE, *(BASE | change for change in CHANGES.values())]),
    measures=("deal", "outcome", "tentative_deal", "agreed_day", "ratified_1", "deal_savings", "structural_savings"),
)


def write(page: Page) -> None:
    """Each change against the base case, for a tentative deal, the first vote, a deal at all, and its savings."""
    points = {name: page.runs[page.runs["point"] == place] for place, name in enumerate(["as it was", *CHANGES])}
    base = points["as it was"]
    many = len(CHANGES)
    found = {
        measure: {name: compare_shares(base[measure], points[name][measure], many) for name in CHANGES}
        for measure in ("tentative_deal", "ratified_1")
    }
    savings = {name: compare_means(base["deal_savings"], points[name]["deal_savings"], many) for name in CHANGES}
    largest = max(CHANGES, key=lambda name: abs(savings[name].difference))
    page.says(
        finding=_clear_ones(found["tentative_deal"], "with a tentative deal"),
        votes=_clear_ones(found["ratified_1"], "ratified at the first vote"),
        blackout=shares_verdict(
            found["ratified_1"]["offers read in the press"],
            "Letting the press read the offers",
            "the share ratified at the first vote",
        ),
        bargain=means_verdict(
            savings[largest],
            f"The largest effect on savings has {largest}: it",
            "the savings of a tentative deal",
            "M$ a year",
        ),
        change=page.would_change(
            points[largest]["deal_savings"].to_numpy(float) - base["deal_savings"].to_numpy(float),
            f"what {largest} does to savings",
            worlds=base["world"],
            unit="M$ a year",
        ),
    )
    for name, measure in (("deals", "tentative_deal"), ("votes", "ratified_1")):
        rows = pd.DataFrame([{"change": change, **row._asdict()} for change, row in found[measure].items()])
        words = {"deals": "with a tentative deal", "votes": "ratified at the first vote"}[name]
        page.draw(
            name,
            lambda ax, rows=rows, words=words: draw_paired(ax, rows).set_xlabel(f"change of the share {words}, points"),
            data=rows,
            caption=(
                f"Change of the share of worlds {words}, one change of the talks at a time against the base case, in "
                f"the same worlds, {count_words(rows['n'], 'pairs of worlds')}; 95 % intervals for matched pairs "
                f"(Agresti–Min), Bonferroni over {many}."
            ),
            preset="double",
            height_mm=68,
        )
    _draw_times(page, points)
    _draw_utility_space(page, base)


def _clear_ones(found: dict[str, Comparison], what: str) -> str:
    """The changes whose interval excludes zero, largest first; or that there are none."""
    clear = sorted((name for name in found if found[name].clear), key=lambda name: -abs(found[name].difference))
    pairs = next(iter(found.values())).n
    support = f"95 % intervals, Bonferroni over {len(found)}; McNemar; {pairs:,} pairs of worlds"
    if not clear:
        return f"Of {len(found)} changes of the talks none clearly moves the share of worlds {what} ({support})"
    said = "; ".join(f"{name} ({points_words(found[name])})" for name in clear)
    return f"Of {len(found)} changes of the talks these clearly move the share of worlds {what}: {said} ({support})"


def _draw_times(page: Page, points: dict[str, pd.DataFrame]) -> None:
    calendar = page.scenario.calendar.talks
    deadline = (calendar.deadline - calendar.start).days
    shown = pd.concat([points[name].assign(talks=name) for name in ("as it was", *CURVES)])
    curves = survival(shown, deadline=deadline, by="talks")
    page.draw(
        "time_to_deal",
        lambda ax: draw_time_to_deal(ax, shown, deadline=deadline, by="talks"),
        data=curves,
        caption=time_to_deal_caption(curves, deadline=deadline),
        preset="double",
        height_mm=75,
    )


def _draw_utility_space(page: Page, base: pd.DataFrame) -> None:
    world = int(base["world"][base["tentative_deal"].astype(bool)].iloc[0])
    model = told(page.scenario, seed=page.study.seed, world=world)
    table = utility_space_table(model)
    model.release()
    page.draw(
        "utility_space",
        lambda ax: draw_utility_space(ax, table),
        data=table,
        caption=f"World {world}. {utility_space_caption(table)}",
        height_mm=85,
    )


if __name__ == "__main__":
    main(STUDY, write)
