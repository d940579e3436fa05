"""The numbers of a case in some worlds: its sections, with a number or an array in every parameter's place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pydantic import BaseModel

from agents.coalition import CoalitionPreferences
from agents.governor import GovernorPreferences
from agents.leader import LeaderPreferences
from agents.legislator import Legislature
from agents.members import Members
from sim.bargaining.package import Issue
from sim.bargaining.rows import Rows, rows_of
from sim.public.beliefs import Belief, News, Threat
from sim.public.campaign import Campaign
from sim.public.cuts import Instrument
from sim.public.towns import Towns
from sim.ratification.rule import Rule
from sim.scenario.entries import Entry
from sim.scenario.file import NAMED_LISTS, Rules, ScenarioFile
from sim.scenario.parameters import Parameter, Section
from sim.scenario.schema import spellings
from sim.scenario.sections import Calendar, Membership, Money
from sim.worlds.axis import with_numbers

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

Places: TypeAlias = Mapping[str, "str | Places"]  # by field, or by the name of a named thing: a key, or what is below


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
    rows: Rows  # what a unit of every piece of the issues saves, costs and protects
    others: Mapping[str, Section]  # sections of bodies of a user's own, by role

    @classmethod
    def of(cls, scenario: Scenario, numbers: Mapping[str, Any]) -> Numbers:
        """``numbers`` by dotted key stand in the place of what the file says."""
        stated = scenario.stated
        known = _filled(stated.sections, stated.places, numbers)
        others = {name: known[name] for name in known if name not in ScenarioFile.model_fields}
        ours = {name: known[name] for name in known if name not in others}
        rows = rows_of(ours["issues"], scenario.issues)
        return cls(scenario=scenario, rows=rows, others=others, **ours)


class Stated(NamedTuple):
    """A scenario's sections with what the file says in every parameter's place, and where other numbers would go."""

    sections: Mapping[str, Any]  # by field
    places: Places

    @classmethod
    def of(cls, file: ScenarioFile, entries: Mapping[str, Entry], known: Stated | None = None, *changed: str) -> Stated:
        """Worked out once for all worlds; where it is ``known``, only for the sections that have changed."""
        sections, places = ({}, {}) if known is None else (dict(known.sections), dict(known.places))
        for field, name in spellings(type(file)):
            if field not in ("case", "names") and (known is None or name in changed):
                sections[field], places[field] = _stated(getattr(file, field), name, entries)
        return cls(sections, {field: below for field, below in places.items() if below})


def _stated(node: Any, key: str, entries: Mapping[str, Entry]) -> tuple[Any, Any]:
    """The same tree with values in the place of parameters, and the `Places` of what may vary, or its key."""
    if isinstance(node, Parameter):
        return node.value, key if entries[key].varies else None
    if isinstance(node, Rule):
        return node, {path: f"{key}.{path}" for path in node.thresholds()}
    if isinstance(node, BaseModel):
        parts = {
            field: _stated(getattr(node, field), f"{key}.{name}", entries) for field, name in spellings(type(node))
        }
        values: Any = with_numbers(node, {field: value for field, (value, _) in parts.items()})
    elif isinstance(node, tuple) and node and isinstance(node[0], BaseModel):
        parts = {item.name: _stated(item, f"{key}.{item.name}", entries) for item in node}
        values = {name: value for name, (value, _) in parts.items()}
    else:
        return {} if node == () and key in NAMED_LISTS else node, None
    return values, {name: below for name, (_, below) in parts.items() if below}


def _filled(node: Any, places: Places, numbers: Mapping[str, Any]) -> Any:
    """The same tree with these numbers in their places."""
    changed: dict[str, Any] = {}
    for name, below in places.items():
        if not isinstance(below, str):
            changed[name] = _filled(node[name] if isinstance(node, dict) else getattr(node, name), below, numbers)
        elif below in numbers:
            changed[name] = numbers[below]
    if not changed:
        return node
    if isinstance(node, Rule):
        return node.with_thresholds(changed)
    return {**node, **changed} if isinstance(node, dict) else with_numbers(node, {**vars(node), **changed})
