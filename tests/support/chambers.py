"""Chambers for tests: the real ones in a few worlds, and made-up ones without noise."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from agents.legislator import Legislator, make_legislators
from sim.public.aid import lobby, make_mayors
from sim.scenario.scenario import Scenario, load_scenario
from sim.scenario.seats import Seat
from sim.session import LUCK_A_SEAT, Chambers, threatened_aid
from sim.worlds.randomness import Luck, coarse


def real_chambers(
    *,
    worlds: np.ndarray,
    seed: int = 2011,
    scenario: Scenario | None = None,
    threat_scale: float = 1.0,
    **settings: Any,
) -> Chambers:
    """The chambers of Connecticut, mayors heard; settings by full key with ``__`` for the dot."""
    case = (scenario or load_scenario("connecticut-2011")).with_settings(
        {key.replace("__", "."): value for key, value in settings.items()}
    )
    value = case.values(seed, worlds, {})
    model = mesa.Model(rng=seed)
    luck = coarse(seed, Luck.LEGISLATORS, worlds, LUCK_A_SEAT * len(case.seats))
    members = make_legislators(model, case.seats, case.roll_call.drawn(seed, worlds), value.legislature, luck)
    mayors = make_mayors(model, case.town_halls, value=value.towns, seed=seed, worlds=worlds)
    threat = threatened_aid(value.governor.request_share, value.money.aid_total, feared=value.legislature.feared)
    heard = lobby(
        mayors, case.town_halls, np.broadcast_to(threat * threat_scale, len(worlds)).astype(float), value=value.towns
    )
    for row, member in enumerate(members):
        member.hear_towns(heard.loss_share[row], heard.felt[row], value.legislature)
    return Chambers(members, value.legislature, worlds=len(worlds))


def quiet_chambers(house: np.ndarray, senate: np.ndarray, **numbers: Any) -> Chambers:
    """Chambers without noise or absence; a row is a member's support for a bill, logits, (members, worlds)."""
    legislature = SimpleNamespace(
        **{
            "rule": "closed",
            "request": "anticipated",
            "approval": "vote",
            "tie_breaker": False,
            "loyalty": 1.0,
            "follow": 0.0,
            "jobs": 0.0,
            "agreement": 0.0,
            "tax_aversion": 0.0,
            "budget_taxes": 0.0,
            "steadiness": 1.0,
            "absence": 0.0,
            "favours": 0.0,
            "margin": 0.0,
        }
        | numbers
    )
    model = mesa.Model(rng=1)
    members = []
    for chamber, rows in (("house", house), ("senate", senate)):
        for district, support in enumerate(np.asarray(rows, dtype=float)):
            seat = Seat(
                name=f"{chamber} {district}",
                chamber=chamber,
                district=district,
                of_governors_party=True,
                governor_share=0.5,
                own_margin=None,
                district_opinion=0.0,
                aid_dependence=0.25,
            )
            still = np.zeros(len(support))
            members.append(Legislator(model, seat=seat, support=support, lean=still, day=still + 0.5))
    worlds = len(members[0].support)
    return Chambers(members, legislature, worlds=worlds)
