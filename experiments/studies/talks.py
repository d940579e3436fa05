"""Do the deadline, the tactics or the blackout decide whether the two sides agree?

Base case: Connecticut 2011 as it ships, with what both sides know of each other, what their public demands bind them
to and how readily they walk out held at their starts. Sweep: one thing about the talks changed at a time: an earlier
deadline, fewer or more rounds, another protocol, a mediator, offers read in the press, the coalition opening, sides
that misread each other, words that bind nobody, other ways of conceding on either side.
Files: time_to_deal (Kaplan-Meier by way of conceding), deals and savings (paired differences against the base case),
utility_space (the offers of one world).
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

from experiments.paper.comparisons import ClearOnes, ModifierOfLargest, largest, one_at_a_time
from experiments.paper.figures import Differences, Times, draw_utility_space_of
from experiments.paper.write_up import Page, Paper, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study

ROUNDS, DEADLINE, BLACKOUT = "calendar.talks.rounds", "calendar.talks.deadline", "calendar.talks.blackout"
OPENER, GOVERNOR, COALITION = "calendar.talks.opener", "governor.tactic", "coalition.tactic"
PROTOCOL, MEDIATOR, LAST_LOOK = "calendar.talks.protocol", "calendar.talks.mediator", "calendar.talks.last_look"
KNOWING, BOUND, LEAVING = (
    tuple(f"{side}.{number}" for side in ("governor", "coalition")) for number in ("insight", "revoking", "walks_out")
)
BASE: dict[str, Any] = {
    DEADLINE: datetime.date(2011, 5, 27),
    ROUNDS: 26,
    BLACKOUT: True,
    OPENER: "governor",
    GOVERNOR: "time_dependent",
    COALITION: "time_dependent",
    PROTOCOL: "alternating_offers",
    MEDIATOR: 0,
    LAST_LOOK: True,
    **dict.fromkeys(KNOWING, 0.7),
    **dict.fromkeys(BOUND, 0.5),
    **dict.fromkeys(LEAVING, 0.015),
}
CHANGES: dict[str, dict[str, Any]] = {
    "a deadline three weeks earlier": {DEADLINE: datetime.date(2011, 5, 6)},
    "half as many rounds": {ROUNDS: 13},
    "twice as many rounds": {ROUNDS: 52},
    "both naming demands at once": {PROTOCOL: "simultaneous_demands"},
    "one offer to take or leave": {PROTOCOL: "take_it_or_leave_it"},
    "a mediator's text from the start": {PROTOCOL: "single_text"},
    "a mediator for the last six rounds": {MEDIATOR: 6},
    "no last look for a better trade": {LAST_LOOK: False},
    "sides that know nothing of each other": dict.fromkeys(KNOWING, 0.0),
    "demands that bind nobody": dict.fromkeys(BOUND, 0.0),
    "demands twice as dear to take back": dict.fromkeys(BOUND, 1.0),
    "nobody walking out": dict.fromkeys(LEAVING, 0.0),
    "offers read in the press": {BLACKOUT: False},
    "the coalition opening": {OPENER: "coalition"},
    "a governor who concedes early": {GOVERNOR: "conceder"},
    "a governor who answers in kind": {GOVERNOR: "relative_tit_for_tat"},
    "a coalition that concedes early": {COALITION: "conceder"},
    "a coalition that concedes late": {COALITION: "boulware"},
    "a coalition that answers in kind": {COALITION: "relative_tit_for_tat"},
}
NAMES = ("as it was", *CHANGES)  # of the points, in order
CURVES = ("as it was", *(name for name in CHANGES if "concedes" in name))

STUDY = Study(
    name="talks",
    question="Do the deadline, the tactics or the blackout decide whether the two sides agree?",
    scenario="connecticut-2011",
    worlds=1500,
    design=ListOfPoints(at=[BASE, *(BASE | change for change in CHANGES.values())]),
    measures=(
        *("deal", "outcome", "tentative_deal", "agreed_day", "ratified_1", "deal_savings", "structural_savings"),
        *("no_deal_no_zone", "no_deal_demands", "no_deal_time", "no_deal_unseen_zone", "gains_realised"),
    ),
)
DEALS, VOTES, SAVINGS = (one_at_a_time(CHANGES, name) for name in ("tentative_deal", "ratified_1", "deal_savings"))
PRESS = next(change for change in VOTES if change.label == "offers read in the press")


def _bargain(page: Page) -> str:
    change = largest(page, SAVINGS)
    return replace(change, subject=f"The largest effect on savings has {change.label}: it").sentence(page)


def _utility_space(page: Page) -> None:
    """The offers of the first world with a tentative deal."""
    base = page.at({"point": 0})
    draw_utility_space_of(page, int(base["world"][base["tentative_deal"].astype(bool)].iloc[0]))


PAPER = Paper(
    says={
        "finding": ClearOnes(DEALS, "changes of the talks", "worlds with a tentative deal"),
        "votes": ClearOnes(VOTES, "changes of the talks", "worlds ratified at the first vote"),
        "blackout": replace(PRESS, subject="Letting the press read the offers", label=""),
        "bargain": _bargain,
        "change": ModifierOfLargest("what {} does to savings", SAVINGS),
    },
    columns={"talks": lambda runs: [NAMES[point] for point in runs["point"]]},
    draws=(
        Differences("deals", DEALS),
        Differences("votes", VOTES),
        Times(by="talks", where={"talks": CURVES}, wide=True),
        _utility_space,
    ),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
