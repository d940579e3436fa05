"""When should notices of layoffs go out, if they are to bring a deal?

Base case: Connecticut 2011 as it ships, where notices were ordered on 10 May, seventeen days before the deadline.
Sweep: the date of the notices, and of no notices before the deadline at all (they are ordered on the last day).
Files: time_to_deal (Kaplan-Meier, by date), ratified.
"""

from __future__ import annotations

import datetime

from experiments.paper.comparisons import Comparison, Modifier, together
from experiments.paper.figures import Lines, Times
from experiments.paper.write_up import Paper, main
from experiments.runs.designs import Grid
from experiments.runs.study import Study

DATE = "threats.may_notices.date"
ON_RECORD, LAST_DAY = datetime.date(2011, 5, 10), datetime.date(2011, 5, 27)
FIRST = datetime.date(2011, 3, 15)
EARLY, LATE = {DATE: FIRST}, {DATE: LAST_DAY}

STUDY = Study(
    name="threat_timing",
    question="When should notices of layoffs go out, if they are to bring a deal?",
    scenario="connecticut-2011",
    worlds=2000,
    design=Grid(vary={DATE: [FIRST, datetime.date(2011, 4, 5), datetime.date(2011, 4, 26), ON_RECORD, LAST_DAY]}),
    measures=("deal", "outcome", "tentative_deal", "agreed_day", "ratified_1", "deal_savings", "threat_cost"),
)
ORDERING = "Ordering the notices on 15 Mar in place of the last day of talks"
PAPER = Paper(
    says=together(
        finding=Comparison(ORDERING, LATE, EARLY, label="early notices, on the first vote"),
        any_vote=Comparison("It", LATE, EARLY, "deal", "early notices, on a deal at either vote"),
    )
    | together(
        time=Comparison("Among worlds that agree in both cases, it", LATE, EARLY, "agreed_day"),
        bargain=Comparison("It", LATE, EARLY, "deal_savings"),
    )
    | {"change": Modifier("what early notices add at the first vote", LATE, EARLY)},
    axes={"date": "notices ordered on (month-day; 05-10 on record)"},
    columns={  # month and day as numbers, so that dates stand in their order
        "date": lambda runs: [f"{date:%m-%d}" for date in runs[DATE]],
        "notices": lambda runs: [f"notices {date:%m-%d}" for date in runs[DATE]],
    },
    draws=(
        Times(by="notices", where={DATE: (FIRST, ON_RECORD, LAST_DAY)}),
        Lines(name="ratified", x="date", band="simultaneous"),
    ),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
