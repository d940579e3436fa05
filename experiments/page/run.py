"""A run: one world stepped once, looked at after every step, and then let go.

What was seen stays, so a finished run can be rewound without the model.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from agents.body import Body
from experiments.page.moments import Snapshot
from experiments.page.observe import Now, after, at_start
from experiments.page.poll import poll
from sim.acts.deadline import move_deadline
from sim.acts.settlement import accepting
from sim.acts.talks import hold_round
from sim.crisis import Crisis
from sim.mesa_model import BudgetCrisis
from sim.outcomes import OUTCOMES
from sim.record import Filling
from sim.scenario.scenario import Scenario
from sim.story import Story, first
from sim.worlds.axis import Array


class Watched:
    """One world, looked at after every step."""

    def __init__(
        self, scenario: Scenario, *, world: int, seed: int, kinds: Mapping[str, type[Body]] | None = None
    ) -> None:
        self.crisis = Crisis(scenario, worlds=np.array([world]), seed=seed, kinds=kinds)
        self.story = Story(self.crisis.numbers)
        self.snapshots = [at_start(self.crisis)]
        self.posts: Array = np.zeros((self.crisis.bodies.units.bodies, 1))  # lost, by unit

    def step(self) -> None:
        """The next day, and a look at what it changed."""
        crisis, told = self.crisis, len(self.story.events)
        happenings = crisis.step()
        for happening in happenings:
            self.story.tell(happening)
            if isinstance(happening, Filling):
                self.posts = happening.unit_posts
        state, events = crisis.state, self.story.events[told:]
        now = Now(crisis.steps, state.date, state.phase)
        seen = after(self.snapshots[-1], happenings, events, crisis.numbers, now)
        self.snapshots.append(asked(seen, crisis))

    def finished(self) -> Run:
        """A run that is over: its snapshots, outcome and measures."""
        columns = self.crisis.measures.block().columns
        return Run(
            snapshots=_looking_ahead(self.snapshots),
            outcome=OUTCOMES[int(columns["outcome"][0])],
            measures={name: column[0].item() for name, column in columns.items() if name not in ("world", "outcome")},
            pay=_pay(self.crisis, self.posts),
        )


def _looking_ahead(snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
    """The snapshots of a run that is over, each with the next day that brings anything."""
    looking, coming = [snapshots[-1]], None
    for before, after_it in reversed(list(pairwise(snapshots))):
        if len(after_it.events) > len(before.events):
            coming = before.step  # the day that leads from here to there
        looking.append(replace(before, decided_next=coming))
    return tuple(reversed(looking))


def _pay(crisis: Crisis, posts: Array) -> tuple[tuple[float, float], ...]:
    """What the end costs the average member of each union, years of pay: what a deal takes, and layoffs.

    ``posts``: lost by unit, (units, worlds).
    """
    state, bodies, numbers = crisis.state, crisis.bodies, crisis.numbers
    units, in_force = bodies.units, (state.ratified[0] | state.ratified[1])[0] and state.approved[0]
    gone = first(numbers.members.loss_if_laid_off) * bodies.unions.sum(posts)[:, 0] / bodies.unions.members[:, 0]
    taken = np.zeros(len(gone))
    if in_force:
        accepts = accepting(state, units, numbers.rows)
        wages = bodies.unions.average(units.burden_factor * accepts)[:, 0]  # what a unit refuses it does not give up
        deals = [state.deal_of(union) for union in range(len(gone))]
        taken = np.array([first(deal.benefits_burden) for deal in deals])
        taken += wages * [first(deal.wages_burden) for deal in deals]
    return tuple(zip(taken.tolist(), gone.tolist(), strict=True))


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


class Decided(NamedTuple):
    """What somebody decided, beside what the model's own body would have."""

    step: int  # that shows what came of it
    date: datetime.date
    seat: str
    about: str
    said: str
    own: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run that is over, or waits for somebody who plays by hand."""

    snapshots: tuple[Snapshot, ...]
    outcome: str  # empty while it waits
    measures: Mapping[str, float]
    pay: tuple[tuple[float, float], ...] = ()  # by union, see `_pay`
    decided: tuple[Decided, ...] = ()  # by hand, besides offers and answers to them

    @property
    def last(self) -> Snapshot:
        """As far as it has come."""
        return self.snapshots[-1]

    @property
    def told(self) -> list[int]:
        """How many sentences the story has after each step; on a day that brings nothing no more than before."""
        return [len(seen.events) for seen in self.snapshots]

    def at(self, step: int) -> Snapshot:
        """The snapshot after so many steps, or the last there is."""
        return self.snapshots[min(max(step, 0), len(self.snapshots) - 1)]


@lru_cache(maxsize=24)
def record(scenario: Scenario, seed: int, world: int) -> Run:
    """Play one world to its end and keep what was seen. The same few runs serve everybody who looks at them."""
    return _to_the_end(Watched(scenario, world=world, seed=seed))


@lru_cache(maxsize=24)
def without_deal(scenario: Scenario, seed: int, world: int) -> Run:
    """The same world where both sides sit down and no round is held."""
    watched = Watched(scenario, world=world, seed=seed)
    watched.crisis.agenda = [day for day in watched.crisis.agenda if day.act not in (hold_round, move_deadline)]
    return _to_the_end(watched)


def _to_the_end(watched: Watched) -> Run:
    while watched.crisis.running:
        watched.step()
    return watched.finished()
