"""One crisis in one world, from the first offer to who pays: the calendar. `docs/odd.md`, section 3."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from functools import partial

from reference.at_the_table import close_talks, hold_round, move_deadline, open_talks, rounds_beyond
from reference.ratification import amend_rule, campaign, first_vote, recommend, revise_deal, second_vote
from reference.request import request_authority
from reference.session import hold_session, vote_on_budget
from reference.settlement import settle
from reference.state import Act, OneWorld
from reference.threats import hear_news, threaten
from sim.scenario.scenario import Scenario

Day = tuple[datetime.date, Callable[[OneWorld], None]]


def agenda(world: OneWorld) -> list[Day]:
    """What the calendar brings, by date; on one day in the order of this list."""
    calendar, numbers, window = world.case.calendar, world.numbers, world.case.calendar.window
    days: list[Day] = [(calendar.talks.start, open_talks), *rounds_of_talks(world)]
    if world.chambers is not None and calendar.budget_vote is not None:
        days.append((calendar.budget_vote, vote_on_budget))
    days += [(news.date, partial(hear_news, name=name)) for name, news in numbers.news.items()]
    days += [(threat.date, partial(threaten, name=name)) for name, threat in numbers.threats.items()]
    days += [*more_time(world), (calendar.recommendation, recommend)]
    days += weeks_of_campaign(calendar.recommendation, int(numbers.calendar.campaign.weeks), vote=0)
    days.append((calendar.first_vote, first_vote))
    if world.chambers is not None and calendar.request is not None and calendar.session is not None:
        days += [(calendar.request, request_authority), (calendar.session, hold_session)]
    if window is not None:
        days += [(window.amendment, amend_rule), (window.revised, revise_deal)]
        days += weeks_of_campaign(window.revised, (window.vote - window.revised).days // 7, vote=1)
        days.append((window.vote, second_vote))
    days.append((calendar.settlement, settle))
    return sorted(days, key=lambda day: day[0])


def rounds_of_talks(world: OneWorld) -> Iterator[Day]:
    """From the first day to the deadline, evenly or crowding towards the end."""
    talks, rounds = world.case.calendar.talks, int(world.numbers.calendar.talks.rounds)
    length = (talks.deadline - talks.start).days
    for turn in range(rounds):
        gone = 1 - ((rounds - 1 - turn) / rounds) ** (world.numbers.calendar.talks.crowding or 1.0)
        yield talks.start + datetime.timedelta(round(length * gone)), hold_round


def more_time(world: OneWorld) -> Iterator[Day]:
    """The end of the talks, and before it the rounds of those who move the deadline."""
    deadline, extra = world.case.calendar.talks.deadline, rounds_beyond(world)
    if not extra:
        yield deadline, close_talks
        return
    extension = int(world.numbers.calendar.talks.extension)
    until = deadline + datetime.timedelta(extension)
    yield deadline, partial(move_deadline, until=until)
    for turn in range(1, extra + 1):
        yield deadline + datetime.timedelta(round(extension * turn / extra)), hold_round
    yield until, close_talks


def weeks_of_campaign(start: datetime.date, weeks: int, *, vote: int) -> Iterator[Day]:
    """Up to a vote, the first or the second."""
    for number in range(weeks):
        yield start + datetime.timedelta(weeks=number + 1), partial(campaign, vote=vote)


def play(case: Scenario, *, seed: int, world: int) -> list[Act]:
    """The dated acts of one world."""
    state = OneWorld(case, seed, world)
    for date, happens in agenda(state):
        state.date = date
        happens(state)
    return state.acts
