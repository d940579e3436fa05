"""A run: the model stepped once, looked at after every step, and then let go.

What was seen stays, so a finished run can be rewound without the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from experiments.page.moments import Snapshot
from experiments.page.observe import look, see_case
from sim.crisis import BudgetCrisis
from sim.scenario.scenario import Scenario


class WatchedCrisis(BudgetCrisis):
    """The model of one world, looked at after every step. A drop-in for Mesa's own page."""

    def __init__(self, *, scenario: Scenario | str = "connecticut-2011", **kwargs: Any) -> None:
        # Mesa's page accepts a model with further keywords only where they are called kwargs
        super().__init__(scenario=scenario, **({"world": 0, "collect": False} | kwargs))
        self.snapshots = [Snapshot(case=see_case(self), step=0, date=self.date, phase="")]

    def step(self) -> None:
        """The next happening, and a look at what it changed."""
        super().step()
        self.snapshots.append(look(self, self.snapshots[-1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that is over, or waits for somebody who plays by hand."""

    snapshots: tuple[Snapshot, ...]
    outcome: str  # empty while it waits
    measures: Mapping[str, float]

    @property
    def last(self) -> Snapshot:
        """As far as it has come."""
        return self.snapshots[-1]

    def at(self, step: int) -> Snapshot:
        """The snapshot after so many steps, or the last there is."""
        return self.snapshots[min(max(step, 0), len(self.snapshots) - 1)]


@lru_cache(maxsize=24)
def record(scenario: Scenario, seed: int, world: int) -> Run:
    """Play one world to its end and keep what was seen. The same few runs serve everybody who looks at them."""
    model = WatchedCrisis(scenario=scenario, world=world, seed=seed)
    try:
        while model.running:
            model.step()
        return finished(model)
    finally:
        model.release()


def finished(model: WatchedCrisis) -> Run:
    """A run that is over: its snapshots, outcome and measures."""
    columns = model.results().columns
    return Run(
        snapshots=tuple(model.snapshots),
        outcome=model.snapshots[-1].outcome,
        measures={name: column[0].item() for name, column in columns.items() if name not in ("world", "outcome")},
    )
