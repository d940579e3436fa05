"""When is town aid spared? What moves the chambers to strike it from the governor's request, or to refuse the request.

Base case: Connecticut 2011 as it ships; only worlds that come to a special session count. Sweep: one thing at a time,
from the weight of lobbying to the discipline of parties and the size of the request; all points meet the same worlds.
Files: differences (of sessions that spare aid, against the base case), tables/town_aid (a row a point).
"""

from __future__ import annotations

import pandas as pd

from experiments.charts import write_table
from experiments.charts.words import label_of
from experiments.paper.comparisons import ClearOnes, one_at_a_time
from experiments.paper.figures import Differences
from experiments.paper.write_up import Page, Paper, main
from experiments.runs.designs import OneAtATime
from experiments.runs.study import Study
from experiments.statistics.estimates import share

VARIED: dict[str, list[float]] = {
    "legislature.lobbying": [0, 1.4, 2.8],
    "legislature.exposure": [0, 20, 80],
    "governor.request_share": [0.06, 0.08, 0.12, 0.15],
    "towns.spread": [0.5, 1],
    "legislature.loyalty": [0.5, 0.75, 1.25, 1.5],
}
POINTS = [(key, value) for key, values in VARIED.items() for value in values]  # after the base case, in order

STUDY = Study(
    name="town-aid",
    question="What moves the chambers to strike town aid from the governor's request, or to refuse it?",
    scenario="connecticut-2011",
    worlds=4000,
    design=OneAtATime(vary=VARIED),
    measures=("deal", "request_passed", "aid_struck", "aid_spared", "house_yes", "senate_yes"),
)
SPARED = one_at_a_time([f"{label_of(key)} {value:g}" for key, value in POINTS], "aid_spared")


def _table(page: Page) -> None:
    """A row a point: shares of its sessions in which aid was struck, the request refused, or either."""
    rows = []
    for point, (key, value) in enumerate([("as it is", float("nan")), *POINTS]):
        met = page.at({"point": point}).dropna(subset=["request_passed"])
        spared = share(met["aid_spared"])
        rows.append(
            {
                "varied": key,
                "value": value,
                "sessions": spared.n,
                "struck": share(met["aid_struck"]).value,
                "refused": 1 - share(met["request_passed"]).value,
                "spared": spared.value,
                "spared_low": spared.low,
                "spared_high": spared.high,
            }
        )
    shares = ("struck", "refused", "spared", "spared_low", "spared_high")
    write_table(
        pd.DataFrame(rows),
        page.folder,
        "town_aid",
        caption="Sessions in which town aid was struck, the request refused, or either; 95 % Wilson intervals.",
        formats=dict.fromkeys(shares, ".1%"),
    )


PAPER = Paper(
    says={"finding": ClearOnes(SPARED, "changes, one at a time,", "sessions that spare town aid")},
    draws=(_table, Differences("differences", SPARED)),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
