"""The file of a scenario: its schema, how it is read, and what a user is told who got it wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from agents.coalition import CoalitionPreferences
from agents.governor import GovernorPreferences
from agents.leader import LeaderPreferences
from agents.legislator import Legislature
from agents.members import Members
from sim.bargaining.package import Issue
from sim.errors import WrongInput, nearest
from sim.public.beliefs import Belief, News, Threat
from sim.public.campaign import Campaign
from sim.public.cuts import Instrument
from sim.public.towns import Towns
from sim.ratification.rule import Rule
from sim.scenario.parameters import ROLES, Section
from sim.scenario.reading import read_toml
from sim.scenario.sections import Calendar, Case, Membership, Money

USUAL = Path(__file__).parents[1] / "scenarios" / "usual.toml"
NAMED_LISTS = ("issues", "threats", "news", "instruments")


class Rules(Section):
    """Who must approve what. A case without a second vote has no rules for it."""

    ratification: Rule = Field(description="Members' ballots on a tentative deal, counted by union")
    revised: Rule | None = Field(default=None, description="Likewise on a revised deal, once leaders changed the rule")
    amendment: Rule | None = Field(default=None, description="Leaders' vote on changing the rule")
    waiver: Rule | None = Field(default=None, description="Leaders' vote on waiving the notice period of a change")


class ScenarioFile(Section):
    """What ``scenario.toml`` may say. A section that is left out is a body or a phase the case does not have."""

    case: Case
    names: dict[str, str] = Field(default_factory=dict, description="Short names for keys of this file")
    calendar: Calendar
    money: Money
    issues: tuple[Issue, ...] = Field(min_length=1)
    members: Members
    belief: Belief
    campaign: Campaign
    leaders: LeaderPreferences
    governor: GovernorPreferences
    coalition: CoalitionPreferences | None = None
    threats: tuple[Threat, ...] = ()
    news: tuple[News, ...] = ()
    unions: Membership
    rules: Rules
    legislature: Legislature | None = None
    instruments: tuple[Instrument, ...] = ()
    towns: Towns | None = None

    @model_validator(mode="after")
    def _items_have_names_of_their_own(self) -> ScenarioFile:
        for key in NAMED_LISTS:
            names = [item.name for item in getattr(self, key)]
            for name in names:
                if not re.fullmatch(r"[A-Za-z_]\w*", name):
                    raise ValueError(f"{key}.name = {name!r} must be one word of letters, digits and _")
                if names.count(name) > 1:
                    raise ValueError(f"{key}.name = {name!r} appears twice")
        return self


def with_usual(file: str, raw: dict[str, Any]) -> dict[str, Any]:
    """The file with the sections it asks for filled up from ``usual.toml``; what it says itself goes before."""
    case = raw.get("case")
    asked = case.get("usual", ()) if isinstance(case, Mapping) else ()
    if not asked or not isinstance(asked, list):
        return raw
    usual = read_toml(USUAL)
    for section in asked:
        if not isinstance(section, str) or section not in usual:
            raise WrongInput(
                f"{file}: case.usual: no section {section!r} in {USUAL.name}{nearest(str(section), usual)}"
            )
    filled = {s: _filled(raw[s], usual[s]) if s in raw else usual[s] for s in asked}
    return raw | filled


def _filled(own: Any, usual: Any) -> Any:
    """A table of the file with the usual keys it does not have; a parameter is taken whole."""
    if not isinstance(own, Mapping) or not isinstance(usual, Mapping) or set(usual) & set(ROLES):
        return own
    return {**usual, **{key: _filled(value, usual[key]) if key in usual else value for key, value in own.items()}}
