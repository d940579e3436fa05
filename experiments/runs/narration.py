"""One world played to the end: its story, its outcome and its measures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.crisis import Crisis
from sim.outcomes import OUTCOMES
from sim.record import Happening
from sim.story import Story

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario


def play(scenario: Scenario, *, seed: int, world: int, point: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What ``planb play --json`` prints: scenario, seed, world, outcome, events, measures.

    ``point`` gives parameters the values of a point of a study.
    """
    record: list[Happening] = []
    crisis = Crisis(scenario, worlds=np.array([world]), seed=seed, point=point, observers=[record.append])
    columns = crisis.play().columns
    skip = ("world", "outcome")
    return {
        "scenario": scenario.name,
        "seed": seed,
        "world": world,
        "settings": {key: str(value) for key, value in scenario.settings.items()},
        "skipped": list(scenario.skipped),
        "without_effect": list(scenario.without_effect),
        "beyond_range": list(scenario.beyond_range),
        "outcome": OUTCOMES[int(columns["outcome"][0])],
        "events": Story(crisis.numbers, record).events,
        "measures": {name: column[0].item() for name, column in columns.items() if name not in skip},
    }


def as_text(played: dict[str, Any]) -> str:
    """The story as lines to read: date, who, what; and how it ended. Minor events are left out."""
    lines = [f"{played['scenario']}, world {played['world']} of seed {played['seed']}"]
    lines += [f"skipped: {phase}" for phase in played["skipped"]]
    lines += [f"without effect: {setting}" for setting in played["without_effect"]]
    lines += [f"outside its range: {setting}" for setting in played["beyond_range"]]
    lines.append("")
    lines += [
        f"{event['date']}  {event['actor']:<11} {event['event']}"
        for event in played["events"]
        if not event.get("minor")
    ]
    lines += ["", f"outcome: {played['outcome'].replace('_', ' ')}"]
    return "\n".join(lines)
