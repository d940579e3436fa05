"""Talks without a crisis around them, for benchmarks and first steps."""

from __future__ import annotations

import numpy as np

from agents.tactics import make_tactic
from sim.bargaining.side import Side
from sim.bargaining.talks import Talks


def talks_alone(
    worlds: int,
    rounds: int,
    *,
    issues: int = 6,
    seed: int = 2011,
    speeds: tuple[float, float] = (0.5, 0.5),
    reservation: float = 0.3,
) -> Talks:
    """Bilateral talks and nothing else, held to the end: two time-dependent sides over random weights.

    For benchmarks and first steps. Both know the other's weights; issues run from 0 to 1 and are opposed.
    """
    random = np.random.default_rng(seed)
    wants, costs = random.uniform(0.1, 1.0, size=(2, issues, worlds))
    first, second = (
        Side(
            name=name, weights=weights, reservation=reservation, tactic=make_tactic("time_dependent", {"speed": speed})
        )
        for name, weights, speed in (("first", wants, speeds[0]), ("second", -costs, speeds[1]))
    )
    return Talks(
        sides=(first, second), low=np.zeros(issues), high=np.ones(issues), rounds=rounds, worlds=worlds
    ).hold_all()
