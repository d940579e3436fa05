"""A run: one world stepped once, looked at after every step, and then let go.

What was seen stays, so a finished run can be rewound without the model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from experiments.page.moments import Snapshot
from experiments.page.observe import Now, after, at_start
from experiments.page.poll import poll
from sim.crisis import Crisis
from sim.mesa_model import BudgetCrisis
from sim.outcomes import OUTCOMES
from sim.scenario.scenario import Scenario
from sim.story import Story


class Watched:
    """One world, looked at after every step."""

    def __init__(self, scenario: Scenario, *, world: int, seed: int) -> None:
        self.crisis = Crisis(scenario, worlds=np.array([world]), seed=seed)
        self.story = Story(self.crisis.numbers)
        self.snapshots = [at_start(self.crisis)]

    def step(self) -> None:
        """The next day, and a look at what it changed."""
        crisis, told = self.crisis, len(self.story.events)
        happenings = crisis.step()
        for happening in happenings:
            self.story.tell(happening)
        state, events = crisis.state, self.story.events[told:]
        now = Now(crisis.steps, state.date, state.phase)
        seen = after(self.snapshots[-1], happenings, events, crisis.numbers, now)
        self.snapshots.append(asked(seen, crisis))

    def finished(self) -> Run:
        """A run that is over: its snapshots, outcome and measures."""
        columns = self.crisis.measures.block().columns
        return Run(
            snapshots=tuple(self.snapshots),
            outcome=OUTCOMES[int(columns["outcome"][0])],
            measures={name: column[0].item() for name, column in columns.items() if name not in ("world", "outcome")},
        )


def snapshot_of(model: BudgetCrisis) -> Snapshot:
    """A Mesa model of one world as it stands, read from its record."""
    assert model.record is not None, "the record of a single world is kept"
    crisis = model.crisis
    now = Now(crisis.steps, model.date, model.phase)
    return asked(after(at_start(crisis), model.record, model.story(), crisis.numbers, now), crisis)


def asked(seen: Snapshot, crisis: Crisis) -> Snapshot:
    """The same with everybody's leaning today; before the first day nobody has any."""
    if not crisis.steps:
        return seen
    package = None if seen.on_table is None else np.array(seen.on_table)[:, None]
    return after(seen, [poll(crisis, package)], [], crisis.numbers, Now(seen.step, seen.date, seen.phase))


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
    watched = Watched(scenario, world=world, seed=seed)
    while watched.crisis.running:
        watched.step()
    return watched.finished()
