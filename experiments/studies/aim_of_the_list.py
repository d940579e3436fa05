"""Does it help to aim the list of layoffs at the units that refused?

Base case: Connecticut 2011 as it ships; only worlds whose members refused in June matter. Sweep: the share of the posts
on the lists of June and July that is moved to one unit, for four units in turn: corrections (refused by far, a large
unit of the largest union), clerical (nearly split), maintenance (a union of its own, narrowly refused) and the state
police (a union of its own, refused). The lists keep their length, so everybody else is safer.
Files: ratified_again, change (paired differences).
"""

from __future__ import annotations

import pandas as pd

from experiments.charts import draw_deal_rate, draw_paired, rates_by
from experiments.charts.groups import count_words, interval_words
from experiments.paper.findings import Comparison, compare_shares, shares_verdict
from experiments.paper.write_up import Page, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study

UNIT, AIM = "threats.june_list.aim_at", "threats.june_list.aim"
UNIT_AGAIN, AIM_AGAIN = "threats.july_notices.aim_at", "threats.july_notices.aim"  # the notices follow the list
UNITS = ("NP-4 corrections", "NP-3 clerical", "NP-2 maintenance and service", "NP-1 state police")
AIMS = (0.0, 0.15, 0.3, 0.5)

STUDY = Study(
    name="aim_of_the_list",
    question="Does it help to aim the list of layoffs at the units that refused?",
    scenario="connecticut-2011",
    worlds=2000,
    design=ListOfPoints(
        at=[{UNIT: unit, UNIT_AGAIN: unit, AIM: aim, AIM_AGAIN: aim} for unit in UNITS for aim in AIMS]
    ),
    measures=("deal", "outcome", "ratified_1", "ratified_2", "yes_share_2", "unions_yes_2", "rule_changed"),
)


def write(page: Page) -> None:
    """The second vote with the list as it was and with half of it moved to each unit, in worlds that refused."""
    as_it_was = page.at({UNIT: UNITS[0], AIM: 0.0})
    refused = as_it_was["world"][as_it_was["yes_share_2"].notna()]
    base = page.at({UNIT: UNITS[0], AIM: 0.0}, refused)
    found = {unit: _compared(page, base, unit, refused) for unit in UNITS}
    strongest = max(UNITS, key=lambda unit: abs(found[unit].difference))
    aimed = page.at({UNIT: strongest, AIM: AIMS[-1]}, refused)
    page.says(
        **{
            name: shares_verdict(
                found[unit],
                f"Moving half of the posts on the list to {unit}",
                "the share of refused deals that are ratified at the second vote",
            )
            for name, unit in zip(("finding", "clerical", "maintenance", "police"), UNITS, strict=True)
        },
        change=page.would_change(
            aimed["ratified_2"].to_numpy(float) - base["ratified_2"].to_numpy(float),
            f"what aiming at {strongest} adds at the second vote",
            worlds=refused,
        ),
    )
    runs = page.runs[page.runs["world"].isin(refused)].assign(deal=lambda rows: rows["ratified_2"])
    runs = runs.rename(columns={UNIT: "unit"})
    rates = rates_by(runs, ["unit", AIM])
    page.draw(
        "ratified_again",
        lambda ax: draw_deal_rate(ax, runs, AIM, by="unit").set(
            xlabel="share of the list's posts moved to one unit", ylabel="ratified at the second vote"
        ),
        data=rates,
        caption=(
            "Share of worlds ratified at the second vote, among those refused at the first, against the share of the "
            f"list aimed at one unit. {count_words(rates['n'])} a point; {interval_words()}."
        ),
        preset="double",
        height_mm=65,
    )
    rows = pd.DataFrame([{"change": f"half the list to {unit}", **found[unit]._asdict()} for unit in UNITS])
    page.draw(
        "change",
        lambda ax: draw_paired(ax, rows).set_xlabel("change of the share ratified at the second vote, points"),
        data=rows,
        caption=(
            "Change of the share ratified at the second vote when half of the list is aimed at one unit, in the same "
            f"worlds, {count_words(rows['n'], 'pairs of worlds')}; 95 % intervals for matched pairs (Agresti–Min), "
            f"Bonferroni over {len(UNITS)}."
        ),
        preset="double",
        height_mm=45,
    )


def _compared(page: Page, base: pd.DataFrame, unit: str, refused: pd.Series) -> Comparison:
    aimed = page.at({UNIT: unit, AIM: AIMS[-1]}, refused)
    return compare_shares(base["ratified_2"], aimed["ratified_2"], family=len(UNITS))


if __name__ == "__main__":
    main(STUDY, write)
