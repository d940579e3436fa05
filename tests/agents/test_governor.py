"""What a governor of a user's own decides is asked of him, not read from his numbers."""

from __future__ import annotations

import numpy as np

from agents.governor import Governor
from sim import load_scenario
from sim.crisis import Crisis
from sim.record import Lobbying, Threatened

CASE = load_scenario("connecticut-2011")


def said(kind, governor):
    """What is said of this kind in 60 worlds under this governor."""
    seen = []
    crisis = Crisis(CASE, worlds=np.arange(60), seed=5, kinds={"governor": governor}, observers=[seen.append])
    crisis.play()
    return [one for one in seen if isinstance(one, kind)]


def test_one_who_wants_to_know_what_a_threat_adds_is_told_while_there_are_talks():
    gains = []

    class Curious(Governor):
        weighs_gains = True

        def threatens(self, threat, where, gain):
            gains.append((threat.name, gain))
            return where

    said(Threatened, Curious)
    told = {name for name, gain in gains if gain is not None}
    during = {name for name, _ in gains if CASE.calendar.talks.end > CASE.sections.threats[_place(name)].date}
    assert told == during and during


def _place(name: str) -> int:
    return [threat.name for threat in CASE.sections.threats].index(name)


def test_where_he_cannot_ask_for_town_aid_a_refusal_stirs_no_mayor():
    class NeverForAid(Governor):
        may_ask_for_aid = False

    occasions = [{one.occasion for one in said(Lobbying, governor)} for governor in (Governor, NeverForAid)]
    assert "refusal" in occasions[0] and "refusal" not in occasions[1]
