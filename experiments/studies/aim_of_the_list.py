"""Does it help to aim the list of layoffs at the units that refused?

Base case: Connecticut 2011 as it ships; only worlds whose members refused in June matter. Sweep: the share of the posts
on the lists of June and July that is moved to one unit, for four units in turn: corrections (refused by far, a large
unit of the largest union), clerical (nearly split), maintenance (a union of its own, narrowly refused) and the state
police (a union of its own, refused). The lists keep their length, so everybody else is safer.
Files: ratified_again, change (paired differences).
"""

from __future__ import annotations

from experiments.paper.comparisons import Comparison, ModifierOfLargest, together
from experiments.paper.figures import Lines
from experiments.paper.write_up import Paper, at, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study

UNIT, AIM = "threats.june_list.aim_at", "threats.june_list.aim"
UNIT_AGAIN, AIM_AGAIN = "threats.july_notices.aim_at", "threats.july_notices.aim"  # the notices follow the list
UNITS = ("NP-4 corrections", "NP-3 clerical", "NP-2 maintenance and service", "NP-1 state police")
AIMS = (0.0, 0.15, 0.3, 0.5)
AS_IT_WAS = {UNIT: UNITS[0], AIM: 0.0}

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
AGAIN = "the share of refused deals that are ratified at the second vote"
AIMED = together(
    **{
        name: Comparison(
            f"Moving half of the posts on the list to {unit}",
            *(AS_IT_WAS, {UNIT: unit, AIM: AIMS[-1]}, "ratified_2", f"aiming half the list at {unit}", AGAIN),
        )
        for name, unit in zip(("finding", "clerical", "maintenance", "police"), UNITS, strict=True)
    }
)
PAPER = Paper(
    # the worlds that held a second vote with the list as it was
    within=lambda page: (rows := at(page.all_runs, AS_IT_WAS))["world"][rows["yes_share_2"].notna()],
    about=", among the worlds that refused at the first",
    says=AIMED | {"change": ModifierOfLargest("what {} adds at the second vote", tuple(AIMED.values()))},
    differences="change",
    axes={AIM: "share of the list's posts moved to one unit"},
    columns={"unit": lambda runs: runs[UNIT]},
    draws=(Lines(name="ratified_again", x=AIM, by="unit", measure="ratified_2", wide=True),),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
