"""The head of a chamber: whether the agreement comes to a vote."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.chamber import Chamber
from experiments.page.decisions.matter import Decision, Matter
from experiments.page.hand import Question
from sim.acts.vote import first_vote, second_vote


def _ask_call(matter: Matter) -> Question | None:
    """Where the members have ratified; what they have refused comes to no vote."""
    ratified, wants = matter.crisis.state.ratified, matter.crisis.numbers.legislature
    if not ratified[0 if matter.hand.act is first_vote else 1][0] or wants is None:
        return None
    against, members = matter.given
    caucus = matter.body.majority_party(members)
    here = members.here[caucus][:, 0]
    no = int((against[caucus][:, 0] & here).sum())
    return matter.question(
        about=f"a vote on the agreement in the {matter.body.name}",
        asks=f"Do you call a vote on the agreement in the {matter.body.name}?",
        knows=(
            "Today the members of the unions have ratified it.",
            f"Of the {here.sum()} members of your majority who are there, {no} would vote it down.",
        ),
        stake="An agreement stands after thirty days of silence. A chamber that votes on it and says no ends it.",
        until="It cannot be taken up again.",
        own="yes" if matter.answer[0] else "no",
        choices=(("yes", "Call a vote"), ("no", "Let it stand by silence")),
    )


def _put_call(matter: Matter, said: str, own: str) -> Any:
    return np.full_like(matter.answer, said == "yes")


DECISIONS = (Decision(Chamber, "calls_vote", (first_vote, second_vote), _ask_call, _put_call),)
