"""The mayors together: how hard they lobby against a cut of aid, and where towns find what they lose."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from agents.mayor import Mayor
from experiments.page.decisions.matter import Decision, Matter, number, today
from experiments.page.hand import Question
from sim.acts.session import request_authority
from sim.acts.settlement import settle
from sim.acts.threats import hear_news, threaten
from sim.acts.vote import first_vote
from sim.public.towns import INSTRUMENTS
from sim.story import first
from sim.wording import money, percent
from sim.worlds.axis import single, total

ORDERS = {  # in which all towns may find what they lose, besides each in its own
    "layoffs last": ("reserves", "deferral", "concessions", "taxes", "layoffs"),
    "taxes last": ("reserves", "deferral", "concessions", "layoffs", "taxes"),
}


def _ask_lobbying(matter: Matter) -> Question:
    loss, state, halls = matter.given[0], matter.crisis.state, matter.body.halls
    people = np.array(halls.people_share)[:, None]
    return matter.question(
        about="lobbying against the cut of aid",
        asks="How hard do the mayors lobby against the cut of aid?",
        knows=(
            today(matter),
            f"A cut of {money(first(state.aid_threat))} threatens: {percent(first(total(people * loss)), 1)} of the "
            "budget in the average inhabitant's town.",
            "Left to themselves they would "
            f"lobby at {percent(first(total(people * matter.answer)), 1)} of their full effort.",
        ),
        stake="Legislators hear the mayors of their towns, the louder the more there are: it takes from their support "
        "for a bill that cuts aid. None lobbies at more than full effort.",
        until="It holds until the threat changes. What the chambers leave in the bill may be cut in the end.",
        own="100",
        package=(100.0,),
        fields=number("lobby at", "% of their own effort", 0, 300),
    )


def _put_lobbying(matter: Matter, said: str, own: str) -> Any:
    return np.clip(matter.answer * single(float(said) / 100), 0, 1)


def _ask_absorbing(matter: Matter) -> Question:
    loss = matter.given[0]
    return matter.question(
        about="where towns find lost aid",
        asks="Where do the towns find the aid that they lose?",
        knows=(
            f"Aid is cut by {money(first(total(loss)))}, in {int((loss[:, 0] > 0).sum())} towns.",
            "Each means has its cap: a floor under reserves, what may be put off, what unions may concede, how many "
            "may be laid off, how far the tax rate may rise.",
        ),
        stake="You want services kept at the tax rate that is set.",
        until="This is the last decision.",
        own="own",
        choices=(
            ("own", "Each in its own order"),
            ("layoffs last", "Reserves, putting off, concessions, then taxes, and layoffs last"),
            ("taxes last", "Reserves, putting off, concessions, then layoffs, and taxes last"),
        ),
    )


def _put_absorbing(matter: Matter, said: str, own: str) -> Any:
    as_told = copy(matter.body)
    order = [INSTRUMENTS.index(name) for name in ORDERS[said]]
    as_told.ranked = np.broadcast_to(order, matter.body.ranked.shape)
    return matter.models(as_told)


DECISIONS = (
    Decision(Mayor, "lobby", (threaten, hear_news, first_vote, request_authority), _ask_lobbying, _put_lobbying),
    Decision(Mayor, "absorb", (settle,), _ask_absorbing, _put_absorbing),
)
