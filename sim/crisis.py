"""The crisis: its calendar, and one step after the other, in many worlds at once.

Read `agenda_of` first: it is the calendar of a crisis. What happens on a day is an act (`sim/acts/`), which asks the
bodies (`agents/`) and says what happened (`sim/record/`). One step is one day's act, the same day in every world.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.body import Body
from sim.acts.deadline import close_talks, move_deadline
from sim.acts.rounds import dates_beyond, round_dates
from sim.acts.session import hold_session, request_authority, vote_on_budget
from sim.acts.settlement import settle
from sim.acts.talks import hold_round, open_talks
from sim.acts.threats import hear_news, threaten
from sim.acts.vote import campaign, first_vote, recommend, second_vote
from sim.acts.window import amend_rule, revise_deal
from sim.bodies import Bodies
from sim.errors import ModelFault
from sim.measures import Block, Measures
from sim.record import Happening
from sim.scenario.draws import numbers_in_worlds
from sim.scenario.numbers import Numbers
from sim.scenario.scenario import Scenario
from sim.state import Happenings, State
from sim.worlds import checks
from sim.worlds.randomness import Luck

Act = Callable[[State, Bodies, Numbers, Luck], Happenings]
Observer = Callable[[Happening], object]


class Day(NamedTuple):
    """Something that the calendar brings, in all worlds on the same day."""

    date: datetime.date
    phase: str
    act: Act


def agenda_of(numbers: Numbers) -> list[Day]:
    """Everything that can happen, in the order of its dates; a phase without a body is left out."""
    case, calendar = numbers.scenario, numbers.calendar
    talks, first, legislature = calendar.talks, calendar.recommendation, bool(case.seats)
    days = [Day(talks.start, "talks", open_talks)]
    days += [Day(date, "talks", hold_round) for date in round_dates(numbers)]
    if legislature and calendar.budget_vote is not None:
        days.append(Day(calendar.budget_vote, "session", vote_on_budget))
    days += _acts(numbers, after_refusal=False)
    last_day = case.calendar.talks.end
    if last_day > talks.deadline:
        days.append(Day(talks.deadline, "talks", move_deadline))
        days += [Day(date, "talks", hold_round) for date in dates_beyond(numbers)]
    days.append(Day(last_day, "talks", close_talks))
    days.append(Day(first, "campaign", recommend))
    days += _campaign(1, first, int(calendar.campaign.weeks))
    days.append(Day(calendar.first_vote, "vote", first_vote))
    days += _acts(numbers, after_refusal=True)
    if legislature and calendar.request is not None and calendar.session is not None:
        days.append(Day(calendar.request, "session", request_authority))
        days.append(Day(calendar.session, "session", hold_session))
    if calendar.window is not None:
        window = calendar.window
        days.append(Day(window.amendment, "window", amend_rule))
        days.append(Day(window.revised, "window", revise_deal))
        days += _campaign(2, window.revised, (window.vote - window.revised).days // 7)
        days.append(Day(window.vote, "vote", second_vote))
    days.append(Day(calendar.settlement, "settlement", settle))
    return in_order(days)


def _acts(numbers: Numbers, *, after_refusal: bool) -> list[Day]:
    """News and threats; those that answer a refusal come after the vote, also where they come on its day."""
    news = [
        Day(one.date, "news", partial(hear_news, name=name))
        for name, one in numbers.news.items()
        if (one.when == "refused") == after_refusal
    ]
    threats = [
        Day(one.date, "threat", partial(threaten, name=name))
        for name, one in numbers.threats.items()
        if (one.when == "refused") == after_refusal
    ]
    return news + threats


def _campaign(vote: int, start: datetime.date, weeks: int) -> list[Day]:
    return [
        Day(start + datetime.timedelta(weeks=week), "campaign", partial(campaign, vote=vote, week=week, weeks=weeks))
        for week in range(1, weeks + 1)
    ]


def _own_act(body: Body) -> Act:
    """What a body of a user's own does on its day; what it says and moves is held to what it may be."""

    def act(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
        says, of, worlds = body.act(state, bodies, numbers, luck), f"{type(body).__name__}.act", {state.worlds}
        if not isinstance(says, list) or not all(isinstance(one, Happening) for one in says):
            raise ModelFault(f"{of}: must say what happened, a list of Happening, got {says!r:.60}")
        masks = (state.agreed, *state.ratified, state.approved, state.rule_changed)
        checks.answer(masks, of=of, worlds=worlds, switch=True)
        amounts = (state.gap, state.revenue, state.listed, state.threat_cost, state.aid_threat)
        checks.answer(amounts, of=of, worlds=worlds)
        if state.granted is not None:
            power = (state.granted.authority_share, state.granted.aid_scope)
            checks.answer(power, of=f"{of}, the power granted", worlds=worlds, least=0.0, most=1.0)
        return says

    return act


def in_order(days: Sequence[Day]) -> list[Day]:
    """By date; what falls on one day stays in the order in which it was put down."""
    return sorted(days, key=lambda day: day.date)


class Crisis:
    """One case in many worlds: state, bodies, numbers, luck, and the days to come.

    ``agenda`` is a list anybody may change before it is played: a day put in, taken out, or given another act. What
    happens is handed to every observer as it happens.
    """

    def __init__(
        self,
        case: Scenario,
        *,
        worlds: NDArray[np.int64],
        seed: int,
        point: Mapping[str, Any] | None = None,
        kinds: Mapping[str, type[Body]] | None = None,
        observers: Sequence[Observer] = (),
        checked: bool = False,
        luck: Luck | None = None,
    ) -> None:
        """``worlds``: addresses in any order; ``point``: parameters, one value or one a world; ``kinds``: bodies of a
        user's own by role; ``checked``: see `Scenario.values`; ``luck``: where it does not come from the seed as usual.
        Raises `WrongInput`."""
        self.case, self.seed, self.worlds = case, seed, np.asarray(worlds, dtype=np.int64)
        self.luck = Luck(seed, self.worlds) if luck is None else luck
        self.numbers = numbers_in_worlds(case, self.luck, point or {}, checked=checked)
        self.agenda = agenda_of(self.numbers)
        self.state = State.born(self.numbers, len(self.worlds), date=self.agenda[0].date)
        named = {role: one.kind for role, one in case.plugins.items() if not role.endswith(".tactic")}
        self.bodies = Bodies.of(self.numbers, self.state, self.luck, named | dict(kinds or {}))
        others: Mapping[str, Any] = self.numbers.others
        own = [Day(others[role].date, role, _own_act(body)) for role, body in self.bodies.others.items()]
        self.agenda = in_order([*self.agenda, *own])
        self.measures = Measures(case, self.worlds)
        self.observers: list[Observer] = [self.measures, *observers]
        self.steps = 0

    @property
    def running(self) -> bool:
        """Is there a day left?"""
        return self.steps < len(self.agenda)

    def step(self) -> Happenings:
        """The next day's act, and what happened."""
        day = self.agenda[self.steps]
        self.state.date, self.state.phase = day.date, day.phase
        happenings = day.act(self.state, self.bodies, self.numbers, self.luck)
        for happening in happenings:
            for observe in self.observers:
                observe(happening)
        self.steps += 1
        return happenings

    def until(self, date: datetime.date) -> None:
        """Everything that comes before this day."""
        while self.running and self.agenda[self.steps].date < date:
            self.step()

    def play(self) -> Block:
        """Every day that is left, and the results."""
        while self.running:
            self.step()
        return self.measures.block()
