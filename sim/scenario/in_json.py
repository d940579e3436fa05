"""A resolved scenario in JSON's types, for manifests and hashes, and its parameters as rows of a table."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from sim.ratification.rule import Rule
from sim.scenario.entries import Entry
from sim.scenario.parameters import Parameter
from sim.scenario.posterior import POSTERIOR, POSTERIOR_MOODS
from sim.scenario.schema import spellings

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario


def resolved(scenario: Scenario) -> dict[str, Any]:
    """Its sections, its settings and a hash of every table it read."""
    found = {
        "scenario": scenario.name,
        "settings": {key: plain(value) for key, value in scenario.settings.items()},
        "sections": plain(scenario.sections),
        "tables": {
            name: hashlib.sha256((scenario.folder / name).read_bytes()).hexdigest() for name in _tables(scenario)
        },
    }
    if scenario.plugins:
        found["plugins"] = {role: [one.name, one.sha256] for role, one in scenario.plugins.items()}
    return found


def hash_of(document: dict[str, Any]) -> str:
    """A hash that is the same exactly when every word and number of a document is."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _tables(scenario: Scenario) -> list[str]:
    """Names of the tables that were read, in the case's folder."""
    sections = scenario.sections
    names = [sections.unions.table, sections.unions.seniority]
    if sections.legislature is not None:
        names += [sections.legislature.table, sections.legislature.coefficients, sections.legislature.covariance]
    if sections.towns is not None:
        names.append(sections.towns.table)
        if scenario.district_towns is not None:
            names.append(sections.towns.districts)
    if scenario.posterior is not None:
        names.append(POSTERIOR)
    if scenario.posterior_moods is not None:
        names.append(POSTERIOR_MOODS)
    return names


def plain(node: Any) -> Any:
    """JSON's types only."""
    if isinstance(node, Parameter):
        kept = {"role": node.role, "value": node.value, "unit": node.unit, "source": node.source}
        return kept | ({"low": node.low, "high": node.high} if node.low is not None else {})
    if isinstance(node, Rule):
        return {"words": node.words(), **{path: str(value) for path, value in node.thresholds().items()}}
    if isinstance(node, BaseModel):
        return {name: plain(getattr(node, field)) for field, name in spellings(type(node))}
    if isinstance(node, Mapping):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, (tuple, list)):
        return [plain(item) for item in node]
    if isinstance(node, (datetime.date, Fraction)):
        return str(node)
    return node


def parameter_rows(scenario: Scenario) -> list[dict[str, Any]]:
    """One row a parameter or threshold; see `Scenario.parameters`."""
    short = {full: name for name, full in scenario.short_names.items()}
    rows = []
    for entry in scenario.entries.values():
        if entry.kind == "parameter":
            row = entry.value.model_dump(exclude={"at_least", "at_most"})
        elif entry.kind == "threshold":
            row = _threshold_row(entry, len(scenario.unions.names))
        else:
            continue
        head = {"name": entry.key, "short": short.get(entry.key, "")}
        rows.append(head | row | {"pinned": entry.key in scenario.settings})
    return rows


def _threshold_row(entry: Entry, bodies: int) -> dict[str, Any]:
    """A threshold of a rule as the row of a parameter."""
    whole = entry.key.endswith(".at_least")
    rule = entry.key.split(".")[1]
    what = "Bodies that must approve" if whole else "Share that must be reached"
    return {
        "role": "lever",
        "value": int(entry.value) if whole else float(entry.value),
        "low": 1 if whole else 0.01,
        "high": bodies if whole else 1.0,
        "unit": "bodies" if whole else "share",
        "source": f"the case's {rule} rule",
        "meaning": f"{what} under the {rule} rule",
        "choices": (),
        "whole": whole,
    }
