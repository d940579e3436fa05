"""The settings as the page shows them: grouped by role and topic, with unit, range, meaning and source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.page.setup import SIDES, Setup, seats_of
from sim.scenario.scenario import Scenario

LUCK = ("@scenario", "@seed", "@world", "@chair")  # of the page itself, no keys of a scenario
FIRST = ("rules", "governor", "coalition", "calendar")  # what visitors change first
ROLES = {
    "lever": ("Levers", "what somebody could choose"),
    "uncertainty": ("Uncertainties", "what nobody knows; every world draws its own unless you set it"),
    "fact": ("Facts", "what is on record; change one to ask what if"),
}
Refusals = Mapping[str, tuple[str, str]]  # key, with @B behind it for the second run -> the text refused, and why


def groups(
    scenario: Scenario, setup: Setup, drawn: Mapping[str, Any], scenarios: Mapping[str, str], refused: Refusals
) -> list[dict[str, Any]]:
    """What `Controls` shows. ``drawn``: this world's number for every key."""
    chairs = dict.fromkeys((*SIDES, "both", *seats_of(scenario), setup.chair or "nobody"))
    shown = [_luck(setup, scenarios, refused, ["nobody", *(chair for chair in chairs if chair != "nobody")])]
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for parameter in scenario.parameters():
        section = parameter["name"].split(".")[0]
        rows.setdefault((parameter["role"], section), []).append(_row(parameter, setup, drawn, refused))
    for role, (title, about) in ROLES.items():
        sections = [section for known, section in rows if known == role]
        for section in sorted(sections, key=importance):
            group = _group(section.replace("_", " "), about, rows[role, section])
            wrong = any(row["error"] or row["contrast_error"] for row in group["rows"])
            shown.append(group | {"role": title, "open": wrong})
    return shown


def importance(section: str) -> tuple[int, str]:
    """Sorts sections: what visitors change first, then by name."""
    return FIRST.index(section) if section in FIRST else len(FIRST), section


def _group(title: str, about: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    pinned = sum(row["pinned"] for row in rows)
    return {"title": title, "about": about, "rows": rows, "pinned": pinned, "open": False}


def _luck(setup: Setup, scenarios: Mapping[str, str], refused: Refusals, chairs: list[str]) -> dict[str, Any]:
    rows = [
        _plain("@scenario", "case", setup.scenario, refused, kind="choice", choices=list(scenarios),
               note=scenarios.get(setup.scenario, ""), meaning="Which case is played.", source="sim/scenarios"),
        _plain("@seed", "seed", str(setup.seed), refused, note="whole number; all luck hangs on it",
               meaning="The seed of all luck.", source="the same seed gives the same worlds"),
        _plain("@world", "world", str(setup.world), refused, note="whole number; another world is other luck",
               meaning="Which of the seed's worlds is told.", source="planb play --world"),
        _plain("@chair", "who plays", setup.chair or "nobody", refused, kind="choice",
               choices=chairs,
               note="take a seat and decide by hand; both: governor and coalition at one screen",
               meaning="Who is played by hand.",
               source="the rest is played by the model"),
    ]  # fmt: skip
    return {"title": "The case and its luck", "about": "", "role": "", "rows": rows, "pinned": 0, "open": True}


def _plain(key: str, label: str, value: str, refused: Refusals, **told: Any) -> dict[str, Any]:
    text, error = refused.get(key, (value, ""))
    usual = {"kind": "number", "choices": [], "drawn": "", "step": 0, "low": 0, "high": 0, "free": ""}
    fixed = {"pinned": False, "comparable": False, "contrast": None, "contrast_error": ""}
    return usual | fixed | {"key": key, "label": label, "value": text, "error": error} | told


def _row(parameter: Mapping[str, Any], setup: Setup, drawn: Mapping[str, Any], refused: Refusals) -> dict[str, Any]:
    key = parameter["name"]
    pinned = setup.setting(key)
    usual = "" if parameter["role"] == "uncertainty" else told(parameter["value"])
    text, error = refused.get(key, (pinned if pinned is not None else usual, ""))
    changed = setup.change[1] if setup.change is not None and setup.change[0] == key else None
    contrast, contrast_error = refused.get(key + "@B", (changed, ""))
    choices = list(parameter["choices"]) or (["true", "false"] if isinstance(parameter["value"], bool) else [])
    low, high = parameter["low"], parameter["high"]
    return {
        "key": key,
        "label": label(parameter),
        "kind": "choice" if choices else "number",
        "choices": choices,
        "value": text,
        "error": error,
        "drawn": told(drawn[key]) if key in drawn else "",
        "low": low,
        "high": high,
        "step": _slider_step(parameter),
        "note": _note(parameter),
        "meaning": parameter["meaning"],
        "source": parameter["source"],
        "pinned": pinned is not None,
        "free": "drawn by every world again" if parameter["role"] == "uncertainty" else f"back to {usual}",
        "comparable": True,
        "contrast": contrast,
        "contrast_error": contrast_error,
    }


def label(parameter: Mapping[str, Any]) -> str:
    """The short name where there is one, else the key without its section."""
    name = parameter.get("short") or parameter["name"].partition(".")[2]
    return name.replace("_", " ").replace(".", " · ")


def _note(parameter: Mapping[str, Any]) -> str:
    """Unit and range; of a choice, whose list says what there is, what it is about."""
    low, high, unit = parameter["low"], parameter["high"], parameter["unit"]
    if parameter["choices"] or isinstance(parameter["value"], bool):
        return str(parameter["meaning"])
    if low is None or high is None:
        return unit
    return f"{unit}, from {low:g} to {high:g}"


def _slider_step(parameter: Mapping[str, Any]) -> float:
    """How far one press of an arrow moves; 0 where there is no range to slide over."""
    low, high = parameter["low"], parameter["high"]
    if low is None or high is None or not high > low or isinstance(parameter["value"], (bool, str)):
        return 0
    if parameter.get("whole"):
        return 1
    return float(10 ** math.floor(math.log10((high - low) / 40)))


def told(value: Any) -> str:
    """A number as a field shows it: four digits will do to read, the run keeps them all."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, str)):
        return str(value)
    try:
        return f"{float(value):.4g}"
    except (TypeError, ValueError):
        return str(value)


def contrast_to(row: Mapping[str, Any]) -> str:
    """A first value for the second run: the other end of the range, or the next choice."""
    value = row["value"] or row["drawn"]
    if row["choices"]:
        place = row["choices"].index(value) if value in row["choices"] else -1
        return str(row["choices"][(place + 1) % len(row["choices"])])
    if row["low"] is None or row["high"] is None:
        return str(value)
    try:
        near = float(value) - row["low"] < row["high"] - float(value)
    except ValueError:
        return f"{row['high']:g}"
    return f"{row['high'] if near else row['low']:g}"


def numbers_drawn(scenario: Scenario, seed: int, world: int) -> dict[str, Any]:
    """Every number as this world has it, by key: what was drawn where nothing is pinned."""
    values = scenario.values(seed, np.array([world]))
    found: dict[str, Any] = {}
    for key, entry in scenario.entries.items():
        if entry.kind != "parameter":
            continue
        node: Any = values
        for part in key.split("."):
            node = node[part] if isinstance(node, dict) else getattr(node, part, None)
            if node is None:
                break
        if node is not None and not isinstance(node, (bool, str)):
            found[key] = np.asarray(node, dtype=float).reshape(-1)[0]
    return found
