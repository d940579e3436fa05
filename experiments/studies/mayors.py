"""Do mayors keep town aid out of the governor's reach, and does it matter how aid is spread?

Base case: Connecticut 2011 as it ships; the chambers meet where the members have refused or no deal came. Sweep: the
weight of mayors' lobbying with their legislators, by how evenly aid is spread over the towns: as it is (cities get
most) or evenly per head.
Files: spared (share of sessions that keep aid out), towns (loss per head of a cut as large as that listed in June, aid
as it is and spread evenly).
"""

from __future__ import annotations

import pandas as pd

from experiments.charts import draw_town_map, read_boundaries, town_map_caption, town_map_table
from experiments.paper.comparisons import Comparison, Modifier, Stated, together
from experiments.paper.figures import Lines
from experiments.paper.write_up import Page, Paper, main
from experiments.runs.designs import Grid
from experiments.runs.study import Study
from sim.public.aid import loss_per_head, shares_of_cut

LOBBYING, SPREAD = "legislature.lobbying", "towns.spread"
WEIGHTS = (0.0, 0.35, 0.7, 1.4, 2.8)
SPREADS = {0.0: "aid as it is", 0.5: "half way", 1.0: "aid even per head"}
SILENT, USUAL, HEAVY = ({LOBBYING: weight, SPREAD: 0.0} for weight in (0.0, 0.7, 2.8))
EVEN = {LOBBYING: 0.7, SPREAD: 1.0}
LISTED_CUT = 54.4  # M$ a year of town aid, list of 28 June 2011 (evidence/timeline.csv)
NAMED = ("Hartford", "New Haven", "Bridgeport", "Waterbury", "Stamford")
UNIT = "$ per head a year"

STUDY = Study(
    name="mayors",
    question="Do mayors keep town aid out of the governor's reach, and does it matter how aid is spread?",
    scenario="connecticut-2011",
    worlds=3000,
    design=Grid(vary={LOBBYING: list(WEIGHTS), SPREAD: list(SPREADS)}),
    measures=(
        *("deal", "outcome", "ratified_1", "request_passed", "aid_struck", "aid_spared", "chorus", "local_risk"),
        *("aid", "local_layoffs_posts", "mill_rise_mean", "reservation_savings", "deal_savings"),
    ),
)


def _towns(page: Page) -> None:
    """The listed cut by town as aid is, in a map; and its sizes, also with aid spread evenly, for the report."""
    halls = page.scenario.town_halls
    assert halls is not None and page.scenario.sections.towns is not None
    boundaries = read_boundaries(page.scenario.table_path(page.scenario.sections.towns.boundaries))
    as_it_is, even = (loss_per_head(halls, LISTED_CUT * shares_of_cut(halls, spread)[:, 0]) for spread in (0.0, 1.0))
    what = f"Loss of aid in a cut of {LISTED_CUT:g} M$ a year shared in proportion to aid"
    page.draw(
        "towns",
        lambda ax: draw_town_map(ax, as_it_is, boundaries, unit=UNIT, names=NAMED),
        data=town_map_table(as_it_is, boundaries, unit=UNIT),
        caption=town_map_caption(as_it_is, what=what, unit=UNIT),
        preset="double",
        height_mm=115,
    )
    hardest = pd.Series(as_it_is).sort_values(ascending=False)
    page.counts(
        listed_cut=f"{LISTED_CUT:g} M$",
        hardest_hit=hardest.index[0],
        hardest_loss=f"{hardest.iloc[0]:,.0f} $",
        least_hit=hardest.index[-1],
        least_loss=f"{hardest.iloc[-1]:,.2f} $",
        median_loss=f"{hardest.median():,.1f} $",
        even_loss=f"{next(iter(even.values())):,.1f} $",
        towns=f"{len(hardest)}",
    )


SPARED = "With lobbying at its middle weight and aid as it is, the towns are spared in {} of sessions"
EVENLY = "Spreading aid evenly per head, so that every legislator's towns lose,"
NARROWS = "Heavy lobbying, which narrows what the governor may expect to cut without a deal,"
PAPER = Paper(
    says={"base": Stated(SPARED, "aid_spared", USUAL)}
    | together(
        finding=Comparison(
            "Lobbying at its middle weight, against none,", SILENT, USUAL, "aid_spared", "lobbying against none"
        ),
        heavy=Comparison("Four times that weight", USUAL, HEAVY, "aid_spared", "lobbying four times as heavy"),
        spread=Comparison(EVENLY, USUAL, EVEN, "aid_spared", "aid spread evenly per head"),
    )
    | {
        "table": Comparison(NARROWS, SILENT, HEAVY, "deal_savings", digits=1),
        "change": Modifier("what heavy lobbying adds to sessions that spare aid", SILENT, HEAVY, "aid_spared"),
    },
    axes={LOBBYING: "weight of lobbying (logits at full effort)", "spread": "how aid is spread"},
    columns={"spread": lambda runs: runs[SPREAD].map(SPREADS)},
    draws=(Lines(name="spared", x=LOBBYING, by="spread", measure="aid_spared"), _towns),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
