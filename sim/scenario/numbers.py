"""The numbers of a case in some worlds: its sections, with a number or an array in every parameter's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from agents.coalition import CoalitionPreferences
from agents.governor import GovernorPreferences
from agents.leader import LeaderPreferences
from agents.legislator import Legislature
from agents.members import Members
from sim.bargaining.package import Issue
from sim.public.beliefs import Belief, News, Threat
from sim.public.campaign import Campaign
from sim.public.cuts import Instrument
from sim.public.towns import Towns
from sim.ratification.rule import Rule
from sim.scenario.file import NAMED_LISTS, Rules, ScenarioFile
from sim.scenario.parameters import Parameter, Section
from sim.scenario.schema import spellings
from sim.scenario.sections import Calendar, Membership, Money
from sim.worlds.axis import with_numbers

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Sections by name; lists of named things are dicts; the rules carry the thresholds of each world."""

    scenario: Scenario
    calendar: Calendar
    money: Money
    issues: Mapping[str, Issue]
    members: Members
    belief: Belief
    campaign: Campaign
    leaders: LeaderPreferences
    governor: GovernorPreferences
    coalition: CoalitionPreferences | None
    threats: Mapping[str, Threat]
    news: Mapping[str, News]
    unions: Membership
    rules: Rules
    legislature: Legislature | None
    instruments: Mapping[str, Instrument]
    towns: Towns | None
    others: Mapping[str, Section]  # sections of bodies of a user's own, by role

    @classmethod
    def of(cls, scenario: Scenario, numbers: Mapping[str, Any]) -> Numbers:
        """``numbers`` by dotted key stand in the place of what the file says."""
        sections = scenario.sections
        named = {field: name for field, name in spellings(type(sections)) if field not in ("case", "names")}
        known = {field: _filled(getattr(sections, field), name, numbers) for field, name in named.items()}
        others = {name: known[name] for name in known if name not in ScenarioFile.model_fields}
        ours = {name: known[name] for name in known if name not in others}
        return cls(scenario=scenario, others=others, **ours)


def _filled(node: Any, key: str, numbers: Mapping[str, Any]) -> Any:
    """The same tree with numbers in the place of parameters."""
    if isinstance(node, Parameter):
        return numbers.get(key, node.value)
    if isinstance(node, Rule):
        own = {name[len(key) + 1 :]: value for name, value in numbers.items() if name.startswith(key + ".")}
        return node.with_thresholds(own) if own else node
    if isinstance(node, BaseModel):
        filled = {
            field: _filled(getattr(node, field), f"{key}.{name}", numbers) for field, name in spellings(type(node))
        }
        return with_numbers(node, filled)
    if isinstance(node, tuple) and node and isinstance(node[0], BaseModel):
        return {item.name: _filled(item, f"{key}.{item.name}", numbers) for item in node}
    return {} if node == () and key in NAMED_LISTS else node
