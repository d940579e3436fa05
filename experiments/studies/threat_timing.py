"""When should notices of layoffs go out, if they are to bring a deal?

Base case: Connecticut 2011 as it ships, where notices were ordered on 10 May, seventeen days before the deadline.
Sweep: the date of the notices, and of no notices before the deadline at all (they are ordered on the last day).
Files: time_to_deal (Kaplan-Meier, by date), ratified.
"""

from __future__ import annotations

import datetime

from experiments.charts import draw_deal_rate, draw_time_to_deal, rates_by, survival
from experiments.charts.groups import count_words, interval_words
from experiments.charts.time_to_deal import time_to_deal_caption
from experiments.paper.findings import compare_means, compare_shares, means_verdict, shares_verdict
from experiments.paper.write_up import Page, main
from experiments.runs.designs import Grid
from experiments.runs.study import Study

DATE = "threats.may_notices.date"
ON_RECORD, LAST_DAY = datetime.date(2011, 5, 10), datetime.date(2011, 5, 27)
EARLY = datetime.date(2011, 3, 15)
SHOWN = (EARLY, ON_RECORD, LAST_DAY)  # curves in the chart of time

STUDY = Study(
    name="threat_timing",
    question="When should notices of layoffs go out, if they are to bring a deal?",
    scenario="connecticut-2011",
    worlds=2000,
    design=Grid(vary={DATE: [EARLY, datetime.date(2011, 4, 5), datetime.date(2011, 4, 26), ON_RECORD, LAST_DAY]}),
    measures=("deal", "outcome", "tentative_deal", "agreed_day", "ratified_1", "deal_savings", "threat_cost"),
)


def write(page: Page) -> None:
    """Early notices against notices on the last day, for the time to a deal, its savings, and the vote."""
    early, late = page.at({DATE: EARLY}), page.at({DATE: LAST_DAY})
    calendar = page.scenario.calendar.talks
    deadline = (calendar.deadline - calendar.start).days
    page.says(
        finding=shares_verdict(
            compare_shares(late["ratified_1"], early["ratified_1"], family=2),
            f"Ordering the notices on {_day(EARLY)} in place of the last day of talks",
            "the share ratified at the first vote",
        ),
        any_vote=shares_verdict(
            compare_shares(late["deal"], early["deal"], family=2), "It", "the share with a deal at either vote"
        ),
        time=means_verdict(
            compare_means(late["agreed_day"], early["agreed_day"], family=2),
            "Among worlds that agree in both cases, it",
            "the day of agreement, counted from the first meeting,",
            "",
            digits=1,
        ),
        bargain=means_verdict(
            compare_means(late["deal_savings"], early["deal_savings"], family=2),
            "It",
            "the savings of a tentative deal",
            "M$ a year",
        ),
        change=page.would_change(
            early["ratified_1"].to_numpy(float) - late["ratified_1"].to_numpy(float),
            "what early notices add at the first vote",
            worlds=early["world"],
        ),
    )
    # month and day as numbers, so that dates stand in their order
    notices = [f"notices {date:%m-%d}" for date in page.runs[DATE]]
    runs = page.runs.assign(notices=notices, deal=page.runs["ratified_1"])
    shown = runs[runs[DATE].isin(SHOWN)]
    curves = survival(shown, deadline=deadline, by="notices")
    page.draw(
        "time_to_deal",
        lambda ax: draw_time_to_deal(ax, shown, deadline=deadline, by="notices"),
        data=curves,
        caption=time_to_deal_caption(curves, deadline=deadline),
    )
    dated = runs.assign(date=runs["notices"].str.removeprefix("notices "))
    rates = rates_by(dated, ["date"], band="simultaneous")
    page.draw(
        "ratified",
        lambda ax: draw_deal_rate(ax, dated, "date", band="simultaneous").set(
            xlabel="notices ordered on (month-day)", ylabel="share ratified at the first vote"
        ),
        data=rates,
        caption=(
            f"Share of worlds ratified at the first vote by the date of the notices of May, {count_words(rates['n'])} "
            f"a point; {interval_words('simultaneous')}. On record: {_day(ON_RECORD)}."
        ),
    )


def _day(date: datetime.date) -> str:
    return f"{date.day} {date:%b}"


if __name__ == "__main__":
    main(STUDY, write)
