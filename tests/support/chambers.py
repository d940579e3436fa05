"""Chambers for tests: the real ones in a few worlds, made-up ones without noise, and acts on them without a crisis."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any

import numpy as np

from agents.chamber import Assembly, Count, Expectation
from agents.governor import Request
from agents.legislator import Legislator
from sim.acts import session
from sim.acts.approval import vote_on_agreement as agreement_stands
from sim.bodies import Bodies
from sim.crisis import Crisis
from sim.record import Grant, RollCall
from sim.scenario.scenario import Scenario, load_scenario
from sim.scenario.seats import Seat
from sim.worlds.axis import with_numbers
from sim.worlds.randomness import Luck


def real_chambers(
    *,
    worlds: np.ndarray,
    seed: int = 2011,
    scenario: Scenario | None = None,
    threat_scale: float = 1.0,
    **settings: Any,
) -> Assembly:
    """The chambers of Connecticut, mayors heard; settings by full key with ``__`` for the dot."""
    from sim.acts.lobbying import feared_cut, mayors_answer

    case = (scenario or load_scenario("connecticut-2011")).with_settings(
        {key.replace("__", "."): value for key, value in settings.items()}
    )
    crisis = Crisis(case, worlds=worlds, seed=seed)
    threat = feared_cut(crisis.state, crisis.numbers) * threat_scale
    mayors_answer(threat, "request", crisis.state.everywhere, crisis.state, crisis.bodies)
    return crisis.bodies.assembly


def quiet_chambers(house: np.ndarray, senate: np.ndarray, **numbers: Any) -> Assembly:
    """Chambers without noise or absence; a row is a member's support for a bill, logits, (members, worlds)."""
    usual = load_scenario("connecticut-2011").values(1, np.arange(1), {}).legislature
    quiet = {
        "rule": "closed",
        "request": "anticipated",
        "approval": "vote",
        "tie_breaker": False,
        "recall": False,
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
    legislature = with_numbers(usual, vars(usual) | quiet | numbers)
    rows = [np.asarray(support, dtype=float) for support in (*house, *senate)]
    seats = [
        Seat(
            name=f"{chamber} {district}",
            chamber=chamber,
            district=district,
            of_governors_party=True,
            governor_share=0.5,
            own_margin=None,
            district_opinion=0.0,
            aid_dependence=0.25,
        )
        for chamber, seated in (("house", house), ("senate", senate))
        for district in range(len(seated))
    ]
    worlds = len(rows[0])
    coefficients = dict.fromkeys(seats[0].covariates, 0.0)
    members = Legislator(seats, legislature, coefficients, Luck(1, np.arange(worlds)))
    members.support = np.stack(rows)
    members.lean = np.zeros_like(members.support)
    members.day = members.lean + 0.5
    members.as_recorded()
    return Assembly(members, whip_error=0.0)


def rows_of(assembly: Assembly, chamber: str) -> np.ndarray:
    """Rows of a chamber's members."""
    return getattr(assembly, chamber).rows


def hold_session(assembly: Assembly, request: Request, *, standing_share: float, jobs: Any = 0.0) -> SimpleNamespace:
    """What a session makes of a request; roll calls as counts by chamber."""
    worlds = assembly.members.lean.shape[-1]
    amendment, grant = None, None
    for said in _session(assembly, request, worlds, standing_share, jobs):
        if isinstance(said, RollCall) and said.question == "strike_aid":
            amendment = said
        elif isinstance(said, Grant):
            grant = said
    nobody = Count(np.zeros(worlds, np.int32), np.zeros(worlds, np.int32))
    return SimpleNamespace(
        passed=grant.passed,
        struck=grant.struck,
        aid_spared=grant.aid_spared,
        authority_share=grant.authority_share,
        aid_scope=grant.aid_scope,
        house=Count(grant.house_yes, grant.house_no),
        senate=Count(grant.senate_yes, grant.senate_no),
        strike_house=nobody if amendment is None else Count(amendment.house_yes, amendment.house_no),
        strike_senate=nobody if amendment is None else Count(amendment.senate_yes, amendment.senate_no),
    )


def _session(assembly: Assembly, request: Request, worlds: int, standing_share: float, jobs: Any) -> list[Any]:
    scope = np.broadcast_to(np.asarray(request.aid_scope, float), worlds)
    state = SimpleNamespace(
        request=Request(request.share, scope),
        ratified=[np.zeros(worlds, bool)],
        worlds=worlds,
        date=datetime.date(2011, 7, 1),
        phase="session",
        everywhere=np.ones(worlds, bool),
        listed=np.broadcast_to(np.asarray(jobs, float), (1, worlds)),
    )
    numbers = SimpleNamespace(
        money=SimpleNamespace(standing_authority=standing_share),
        unions=SimpleNamespace(list_scale=1.0),
        scenario=SimpleNamespace(units=SimpleNamespace(members=np.ones(1))),
    )
    bodies = Bodies(
        governor=None, coalition=None, leaders=None, unions=None, units=None, assembly=assembly, mayors=None
    )
    return session.hold_session(state, bodies, numbers, None)


def expected_passage(
    assembly: Assembly, request: Request, *, standing_share: float, misread: np.ndarray, jobs: Any = 0.0
) -> Expectation:
    """What the governor expects of a request."""
    worlds = assembly.members.lean.shape[-1]
    return assembly.expected_passage(
        request.share,
        np.broadcast_to(np.asarray(request.aid_scope, float), worlds),
        standing_share=np.broadcast_to(standing_share, worlds),
        misread=misread,
        asked=assembly.asked(jobs=jobs),
        toll=assembly.members.toll,
    )


def largest_scope(assembly: Assembly, misread: np.ndarray, *, margin: Any = 0.0, jobs: Any = 0.0) -> np.ndarray:
    """How much power over aid he asks for."""
    return assembly.largest_scope(misread, margin=margin, asked=assembly.asked(jobs=jobs), toll=assembly.members.toll)


def vote_on_agreement(assembly: Assembly) -> SimpleNamespace:
    """The roll call on an agreement, and where it stands."""
    roll, carried, called = agreement_stands(assembly)
    return SimpleNamespace(house=roll.house, senate=roll.senate, carried=carried, called=called)


def vote_on_budget(assembly: Assembly) -> SimpleNamespace:
    """The recorded roll call over again."""
    assembly.meet(special=False)
    roll = assembly.bill(asked=assembly.asked(taxes=assembly.preferences.budget_taxes))
    return SimpleNamespace(house=roll.house, senate=roll.senate, carried=assembly.carried(roll))
