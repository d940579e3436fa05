"""One world explained: where it ended, what decided it, what would have turned it, and the offer that would have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from experiments.explanation.anatomy import anatomy, witnessed
from experiments.explanation.flips import SCAN, Flip, Knob, knobs, smallest_flips
from experiments.explanation.offers import nearest_offers
from experiments.explanation.replays import Replays
from sim.scenario.scenario import Scenario

COARSE_SCAN = 6  # of a number of the calendar, each value of which takes a block of its own


def explain_world(
    scenario: Scenario,
    *,
    seed: int,
    world: int,
    point: Mapping[str, Any] | None = None,
    tick: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Any]:
    """Everything ``planb explain`` says of a world, as plain data. ``tick`` hears how many of its parts are done."""
    model = witnessed(scenario, seed=seed, worlds=np.array([world]), point=point)
    found = anatomy(model)
    replays = Replays(scenario=scenario, seed=seed, worlds=np.array([world]), point=point or {})
    parts, flips = parts_of(scenario), list[Flip]()
    for done, part in enumerate(parts):
        tick(done, len(parts) + 1)
        flips += flips_of(replays, part)
    tick(len(parts), len(parts) + 1)
    offers = None if found["deal"] else nearest_offers(replays, 0)
    tick(len(parts) + 1, len(parts) + 1)
    flips = smallest_first(flips)
    return {
        "scenario": scenario.name,
        "seed": seed,
        "settings": {key: str(value) for key, value in scenario.settings.items()},
        "point": dict(point or {}),
        **found,
        "flips": {
            "levers": [_told(flip) for flip in flips if flip.role == "lever"],
            "uncertainties": [_told(flip) for flip in flips if flip.role == "uncertainty"],
        },
        "turn_nothing": _unturned(knobs(scenario), flips),
        "nearest_offer": offers,
        "replays": replays.ran,
    }


def parts_of(scenario: Scenario) -> list[list[Knob]]:
    """Levers and uncertainties as they are searched: numbers that may differ between worlds at once, others singly."""
    every = knobs(scenario)
    varying = [knob for knob in every if knob.is_number and scenario.entry(knob.key).varies]
    return [varying, *([knob] for knob in every if knob not in varying)]


def flips_of(replays: Replays, part: list[Knob]) -> list[Flip]:
    """What one of these parts turns."""
    singly = any(not replays.scenario.entry(knob.key).varies for knob in part)
    return smallest_flips(replays, part, scan=COARSE_SCAN if singly else SCAN)


def smallest_first(flips: Iterable[Flip]) -> list[Flip]:
    """By the share of the range that they move; then words and switches, by name."""
    return sorted(flips, key=lambda flip: (not np.isfinite(flip.share_of_range), flip.share_of_range, flip.name))


def _told(flip: Flip) -> dict[str, Any]:
    """A flip as data, and how to play it."""
    value = str(flip.after).lower() if isinstance(flip.after, bool) else flip.after
    return flip.as_dict() | {"set": f"{flip.name}={value}"}


def _unturned(all_knobs: list[Knob], flips: list[Flip]) -> dict[str, list[str]]:
    """Levers and uncertainties with which nothing that was tried turns the world."""
    turned = {flip.key for flip in flips}
    return {
        role: [knob.name for knob in all_knobs if knob.role == role and knob.key not in turned]
        for role in ("lever", "uncertainty")
    }
