"""The crisis itself: who acts when, over many worlds at once.

`BudgetCrisis` is a `mesa.Model`; one `step` is one dated happening, the same date in every world, and a mask says in
which worlds it happens. Read `_agenda` first: it is the calendar of a crisis. What happens on each date stands in
`sim/phases/`, a phase a file; the rules they apply stand in the files of their topic, and the agents apply them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.phases.measures import Measures
from sim.scenario.scenario import Scenario, load_scenario
from sim.story import Story

USUAL_SEED = 2011


class Happening(NamedTuple):
    """Something that the calendar brings, in all worlds on the same day."""

    date: datetime.date
    phase: str
    do: Callable[[], None]


class BudgetCrisis(Measures):
    """One crisis in many worlds: real Mesa agents, each of whose quantities is an array over worlds.

    ``worlds`` is how many (addresses 0, 1, ...) or an array of addresses, in any order; ``world`` names a single one.
    ``point`` gives parameters one value or one a world; other keywords are settings by key or short name, as in
    ``BudgetCrisis(**{"members.trust": 1.5})``. Raises `WrongInput` for what no scenario has.
    """

    def __init__(
        self,
        *,
        scenario: Scenario | str = "connecticut-2011",
        worlds: int | NDArray[np.int64] = 1,
        world: int | None = None,
        seed: int | None = None,
        point: Mapping[str, Any] | None = None,
        collect: bool = True,
        **settings: Any,
    ) -> None:
        self.seed = USUAL_SEED if seed is None else int(seed)  # Mesa 3.5 hands over None for another run of its batch
        super().__init__(rng=self.seed)
        case = scenario if isinstance(scenario, Scenario) else load_scenario(scenario)
        self.case = case.with_settings(settings) if settings else case
        addresses = [world] if world is not None else np.arange(worlds) if isinstance(worlds, int) else worlds
        self.worlds = np.asarray(addresses, dtype=np.int64)
        self.value = self.case.values(self.seed, self.worlds, point or {})
        self._build_state()
        self._build_agents()
        self.story = Story(self) if len(self.worlds) == 1 else None
        self.agenda = self._agenda()
        self.date = self.agenda[0].date
        self._next = 0
        self.datacollector = _collector() if collect else None

    def _agenda(self) -> list[Happening]:
        """Everything that can happen, in the order of its dates; a phase without a body is left out."""
        calendar, value = self.case.calendar, self.value
        days: list[Happening] = []

        def on(date: datetime.date, phase: str, do: Callable[..., None], *args: Any) -> None:
            days.append(Happening(date, phase, lambda: do(*args)))

        on(calendar.talks.start, "talks", self.open_talks)
        for date in self._round_dates():
            on(date, "talks", self.hold_round)
        if self.chambers is not None and calendar.budget_vote is not None:
            on(calendar.budget_vote, "session", self.vote_on_budget)
        for name, news in value.news.items():
            on(news.date, "news", self.hear_news, name)
        for name, threat in value.threats.items():
            on(threat.date, "threat", self.threaten, name)
        on(calendar.talks.deadline, "talks", self.close_talks)
        on(calendar.recommendation, "campaign", self.recommend)
        for week in range(int(value.calendar.campaign.weeks)):
            on(calendar.recommendation + datetime.timedelta(weeks=week + 1), "campaign", self.campaign, 1)
        on(calendar.first_vote, "vote", self.first_vote)
        if self.chambers is not None and calendar.request is not None and calendar.session is not None:
            on(calendar.request, "session", self.request_authority)
            on(calendar.session, "session", self.hold_session)
        if calendar.window is not None:
            window = calendar.window
            on(window.amendment, "window", self.amend_rule)
            on(window.revised, "window", self.revise_deal)
            for week in range((window.vote - window.revised).days // 7):
                on(window.revised + datetime.timedelta(weeks=week + 1), "campaign", self.campaign, 2)
            on(window.vote, "vote", self.second_vote)
        on(calendar.settlement, "settlement", self.settle)
        return sorted(days, key=lambda happening: happening.date)

    def step(self) -> None:
        """The next happening of the calendar."""
        happening = self.agenda[self._next]
        self.date = happening.date
        self.phase = happening.phase
        happening.do()
        self._next += 1
        self.running = self._next < len(self.agenda)
        if self.datacollector is not None:
            self.datacollector.collect(self)

    def release(self) -> None:
        """Forget the agents. Mesa 3.3 keeps every model that ever had agents, by its counter of their numbers."""
        self.remove_all_agents()
        getattr(mesa.Agent, "_ids", {}).pop(self, None)


def _collector() -> mesa.DataCollector:
    """What Mesa users plot: averages over the worlds of a model, after every step."""
    return mesa.DataCollector(
        model_reporters={
            "date": lambda model: model.date,
            "phase": lambda model: model.phase,
            "agreed": lambda model: float(model.agreed.mean()),
            "ratified": lambda model: float((model.ratified[0] | model.ratified[1]).mean()),
            "belief": lambda model: float(np.nanmean(model.mean_belief)),
            "reservation_savings": lambda model: float(np.mean(model.governor.reservation)),
        }
    )
