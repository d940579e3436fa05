"""The days of the talks: rounds spread evenly or crowding towards the deadline, and some beyond it if it is moved."""

from __future__ import annotations

import datetime

from sim.bargaining.clock import rounds_beyond, times_of_rounds
from sim.scenario.numbers import Numbers


def round_dates(numbers: Numbers) -> list[datetime.date]:
    """From the first day of talks to the deadline, spread evenly or crowding towards the end."""
    talks = numbers.calendar.talks
    days = (talks.deadline - talks.start).days
    shares = times_of_rounds(int(talks.rounds), _crowding(numbers))
    return [talks.start + datetime.timedelta(days=round(days * share)) for share in shares.tolist()]


def dates_beyond(numbers: Numbers) -> list[datetime.date]:
    """Of the rounds after the deadline, where it is moved: spread evenly, the last on the last day; mostly none."""
    talks, extra = numbers.scenario.calendar.talks, rounds_after_the_deadline(numbers)
    days = (talks.end - talks.deadline).days
    return [talks.deadline + datetime.timedelta(days=round(days * turn / extra)) for turn in range(1, extra + 1)]


def rounds_after_the_deadline(numbers: Numbers) -> int:
    """For how many there is room where it is moved; none where it cannot be."""
    talks, rounds = numbers.scenario.calendar.talks, int(numbers.calendar.talks.rounds)
    return rounds_beyond(rounds, (talks.deadline - talks.start).days, (talks.end - talks.deadline).days)


def _crowding(numbers: Numbers) -> float:
    """The same in all worlds, which share their calendar."""
    crowding = numbers.calendar.talks.crowding
    return 1.0 if crowding is None else float(crowding)
