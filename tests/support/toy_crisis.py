"""A crisis of three lines with the interface of the real one, so that tests of running studies take milliseconds.

A deal comes about with probability ``rate`` (plus ``bonus`` under the tactic "firm"); a world that is a multiple of
``trap`` raises, unless ``trap`` is zero.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from sim.errors import WrongInput, nearest
from sim.worlds.randomness import uniforms

NUMBERS = {"rate": (0.0, 1.0, False), "luck": (0.0, 1e6, False), "trap": (0, 10**9, True), "pause": (0.0, 9.0, False)}
START = {"rate": 0.3, "luck": 0.0, "trap": 0, "pause": 0.0, "tactic": "mild"}
TACTICS = ("mild", "firm")


@dataclass(frozen=True, eq=False)
class ToyScenario:
    name: str = "toy"
    folder: Path = Path("nowhere/toy")
    file: str = "scenario.toml"
    settings: dict[str, Any] = field(default_factory=dict)
    seats: tuple[()] = ()
    plugins: dict[str, Any] = field(default_factory=dict)

    def parameters(self) -> list[dict[str, Any]]:
        def row(name: str, low: float | None, high: float | None, whole: bool) -> dict[str, Any]:
            about = {"name": name, "short": "", "role": "uncertainty", "value": START[name]}
            return about | {"low": low, "high": high, "whole": whole, "unit": "toys", "meaning": f"The {name}"}

        return [*(row(name, *ends) for name, ends in NUMBERS.items()), row("tactic", None, None, False)]

    def entry(self, key: str) -> Any:
        if key not in START:
            raise WrongInput(f"toy: unknown key {key!r}{nearest(key, START)}")
        return SimpleNamespace(key=key, varies=key != "tactic")

    def check_point(self, point: dict[str, Any]) -> dict[str, Any]:
        for key, value in point.items():
            if not self.entry(key).varies:
                if value not in TACTICS:
                    raise WrongInput(f"toy: tactic: must be one of {', '.join(TACTICS)}, got {value!r}")
                continue
            low, high, _ = NUMBERS[key]
            odd = np.asarray(value)[(np.asarray(value) < low) | (np.asarray(value) > high)]
            if odd.size:
                raise WrongInput(f"toy: {key}: must lie in [{low:g}, {high:g}], got {odd.flat[0]:g}")
        return point

    def with_settings(self, settings: dict[str, Any]) -> ToyScenario:
        return replace(self, settings=self.settings | self.check_point(settings))

    def as_dict(self) -> dict[str, Any]:
        return {"scenario": self.name, "settings": self.settings}

    def fingerprint(self) -> str:
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Block:
    columns: dict[str, Any]


def simulate_block(scenario: ToyScenario, *, seed: int, worlds: Any, point: Any = None) -> Block:
    value = START | scenario.settings | dict(point or {})
    if np.any(np.asarray(value["pause"]) > 0):
        time.sleep(float(np.max(value["pause"])))
    trap = np.broadcast_to(np.asarray(value["trap"]), worlds.shape)
    if np.any((trap > 0) & (worlds % np.maximum(trap, 1) == 0)):
        raise ArithmeticError("the trap snapped")
    draws = uniforms(seed, 99, worlds, 4)
    u = (draws[0] + np.asarray(value["luck"]) * np.sqrt(2)) % 1  # luck makes another world of it
    deal = u < np.asarray(value["rate"]) + (0.1 if value["tactic"] == "firm" else 0.0)
    savings = np.where(deal, 100 * draws[1], np.nan)
    return Block(
        {
            "world": worlds,
            "outcome": np.where(deal, 0, 2).astype(np.int8),
            "deal": deal,
            "savings": savings,
            "posts_lost": np.floor(1000 * draws[2]).astype(np.int64),
        }
    )


def dying_block(scenario: ToyScenario, *, seed: int, worlds: Any, point: Any = None) -> Block:
    """Like `simulate_block`, but whoever runs world 13 dies of it."""
    if 13 in worlds:
        os._exit(9)
    return simulate_block(scenario, seed=seed, worlds=worlds, point=point)
