"""The crisis as a Mesa model: `step`, agents, a `DataCollector`; Mesa's page and `batch_run` work on it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cache
from typing import Any, Literal, cast

import mesa
import numpy as np
from numpy.typing import NDArray

from agents.body import Body
from sim.acts.beliefs import mean_belief, weigh
from sim.agent_reports import Reports, reporters
from sim.crisis import Crisis, Day, Observer
from sim.errors import WrongInput, whole_number
from sim.measures import Block
from sim.record import Happening
from sim.scenario.scenario import Scenario, load_scenario
from sim.story import Story

USUAL_SEED = 2011


class BudgetCrisis(mesa.Model):
    """One crisis in many worlds, each of whose quantities is an array over worlds.

    ``worlds`` is how many (addresses 0, 1, ...) or an array of addresses, in any order; ``world`` names a single one.
    ``point`` gives parameters one value or one a world; other keywords are settings by key or short name, as in
    ``BudgetCrisis(**{"members.trust": 1.5})``. ``agents`` puts bodies of your own in the place of ours, by role, as in
    ``agents={"governor": MyGovernor}``. ``collect="agents"`` reports of a single world what each wants, believes and
    decided too (`sim.agent_reports`). ``record=True`` keeps every happening; ``observers`` are handed each as it
    happens. Raises `WrongInput` for what no scenario has.
    """

    def __init__(
        self,
        *,
        scenario: Scenario | str = "connecticut-2011",
        worlds: int | NDArray[np.int64] = 1,
        world: int | None = None,
        seed: int | None = None,
        point: Mapping[str, Any] | None = None,
        agents: Mapping[str, type[Body]] | None = None,
        observers: Sequence[Observer] = (),
        record: bool | None = None,
        collect: bool | Literal["agents"] = True,
        **kwargs: Any,  # settings; Mesa's page takes further keywords only where they are called so
    ) -> None:
        # Mesa 3.5 hands over None for another run of its batch
        self.seed = USUAL_SEED if seed is None else whole_number("seed", seed, least=0)
        super().__init__(rng=self.seed)
        case = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        case = case.with_settings(kwargs) if kwargs else case
        addresses = [world] if world is not None else np.arange(worlds) if isinstance(worlds, int) else worlds
        self.worlds = np.asarray(addresses, dtype=np.int64)
        self.crisis = Crisis(case, worlds=self.worlds, seed=self.seed, point=point, kinds=agents, observers=observers)
        kept = len(self.worlds) == 1 if record is None else record
        self.record: list[Happening] | None = [] if kept else None
        if self.record is not None:
            self.crisis.observers.append(self.record.append)
        self._everybody: list[mesa.Agent] | None = None
        self.reports = Reports() if collect == "agents" else None
        if self.reports is not None and (len(self.worlds) != 1 or self.record is None):
            raise WrongInput("collect='agents' reports of a single world whose record is kept")
        self.datacollector = _collector(by_agent=collect == "agents") if collect else None

    @property
    def case(self) -> Scenario:
        """The scenario, with its settings."""
        return self.crisis.case

    @property
    def scenario(self) -> None:
        """What Mesa 3.5 calls a scenario; this model has none. Its page would put one in the place of the case."""
        return None

    @scenario.setter
    def scenario(self, given: object) -> None:
        """Mesa gives every model one."""

    @property
    def agenda(self) -> list[Day]:
        """The days of the crisis; may be changed before they are played."""
        return self.crisis.agenda

    @property
    def date(self) -> Any:
        """Today."""
        return self.crisis.state.date

    @property
    def phase(self) -> str:
        """What today is about."""
        return self.crisis.state.phase

    @property
    def agents(self) -> Any:
        """Every body as a Mesa agent of its own; made when somebody first asks."""
        if self._everybody is None:
            self._everybody = []
            for kind in self.crisis.bodies.all():
                for row in range(kind.bodies):
                    agent: Any = kind.one(row, _as_agent(cast(Hashable, type(kind))))
                    mesa.Agent.__init__(agent, self)
                    self._everybody.append(agent)
        return super().agents

    def step(self) -> None:
        """The next day of the calendar."""
        happenings = self.crisis.step()
        if self.reports is not None:
            state, bodies = self.crisis.state, self.crisis.bodies
            share = weigh(state, bodies, self.crisis.numbers).mean_risk
            self.reports.read(happenings, reservation=bodies.governor.reservation, expected_share=share)
        self.running = self.crisis.running
        if self.datacollector is not None:
            self.datacollector.collect(self)

    def results(self) -> Block:
        """A row a world, and what is by unit, union and town."""
        return self.crisis.measures.block()

    def story(self, place: int = 0) -> list[dict[str, Any]]:
        """The world at this place as dated events. Raises `ValueError` where no record is kept."""
        if self.record is None:
            raise ValueError("no record was kept; say record=True")
        return Story(self.crisis.numbers, self.record, place=place).events

    def release(self) -> None:
        """Forget the agents. Mesa 3.3 keeps every model that ever had agents, by its counter of their numbers."""
        self.remove_all_agents()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)


@cache
def _as_agent(kind: Any) -> Any:
    """The same kind of body, as Mesa's agents are."""
    return type(kind.__name__, (kind, mesa.Agent), {"__doc__": kind.__doc__, "__module__": kind.__module__})


def _collector(*, by_agent: bool) -> mesa.DataCollector:
    """What Mesa users plot: averages over the worlds of a model, after every step; ``by_agent`` also what each does."""
    return mesa.DataCollector(
        model_reporters={
            "date": lambda model: model.date,
            "phase": lambda model: model.phase,
            "agreed": lambda model: float(model.crisis.state.agreed.mean()),
            "ratified": lambda model: float(np.logical_or(*model.crisis.state.ratified).mean()),
            "belief": lambda model: float(np.nanmean(mean_belief(model.crisis.state, model.crisis.bodies))),
            "reservation_savings": lambda model: float(np.mean(model.crisis.bodies.governor.reservation)),
        },
        agent_reporters=reporters(lambda model: model.reports) if by_agent else None,
    )
