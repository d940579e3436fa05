"""Every column of the table of results, in its order, and which of them a case has."""

from __future__ import annotations

from functools import cache
from typing import Any

from sim.measures.legislature import OF_LEGISLATURE
from sim.measures.measure import Measure
from sim.measures.money import OF_MONEY, OF_OUTCOME
from sim.measures.talks import OF_TALKS
from sim.measures.votes import OF_VOTES
from sim.scenario.scenario import Scenario

MEASURES: tuple[Measure, ...] = (*OF_OUTCOME, *OF_TALKS, *OF_VOTES, *OF_LEGISLATURE, *OF_MONEY)


def measures_of(case: Scenario) -> tuple[Measure, ...]:
    """The columns that a case's table has, in their order."""
    has = {
        "": True,
        "legislature": bool(case.seats),
        "budget_vote": bool(case.seats) and case.calendar.budget_vote is not None,
    }
    return tuple(measure for measure in MEASURES if has[measure.needs])


@cache
def read_from(kind: Any, *which: str) -> tuple[Measure, ...]:
    """The columns that are read from a class of happening, in their order; ``which``: see `Measure.of`."""
    return tuple(m for m in MEASURES if issubclass(kind, m.happening) and (not m.of or m.of in which))


def described_measures(case: Scenario) -> list[dict[str, str]]:
    """Every column of a case's table of results: name, unit, meaning, the happening it is read from, when blank."""
    return [
        {
            "name": measure.name,
            "unit": measure.unit,
            "meaning": measure.meaning,
            "happening": measure.happening.__name__,
            "blank": measure.blank and f"where {measure.blank}",
        }
        for measure in measures_of(case)
    ]
