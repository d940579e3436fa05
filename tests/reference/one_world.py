"""What one world is made of: the scenario's numbers as they are in it, and its luck, purpose by purpose."""

from __future__ import annotations

from dataclasses import dataclass, fields
from types import SimpleNamespace
from typing import Any

import numpy as np
from pydantic import BaseModel

from sim.ratification.ballots import DRAWS_A_UNIT
from sim.scenario.numbers import Numbers
from sim.scenario.scenario import Scenario
from sim.scenario.seats import COVARIATES
from sim.worlds.randomness import Stream, coarse, normals, uniform_at

SECTIONS = tuple(field.name for field in fields(Numbers) if field.name != "scenario")


def numbers_of(case: Scenario, seed: int, world: int) -> Any:
    """Every parameter of the scenario as one number, by section and name."""
    numbers = case.values(seed, np.array([world]))
    return SimpleNamespace(**{name: _alone(getattr(numbers, name)) for name in SECTIONS})


def _alone(node: Any) -> Any:
    if isinstance(node, BaseModel):
        return SimpleNamespace(**{name: _alone(value) for name, value in vars(node).items()})
    if isinstance(node, dict):
        return {name: _alone(value) for name, value in node.items()}
    return float(node[0]) if isinstance(node, np.ndarray) else node


@dataclass(frozen=True, kw_only=True)
class WorldsLuck:
    """All that chance decides in one world. Uniforms lie in (0, 1), normals have mean 0 and deviation 1."""

    unit_moods: list[float]  # lasting goodwill of each unit beyond the average, logits
    misreadings: list[float]  # of each union's leader, normals
    vote_moods: list[list[float]]  # of each vote, by unit, normals
    union_moods: list[list[float]]  # of each vote, by union: the part that its units share, normals
    wages_moods: list[float]  # what each unit thinks of its own ballot on wages, normals
    giving_up: list[list[float]]  # by unit: noes who said yes, and no, to their wages, normals
    swing: float  # what else has moved everybody between two votes, a normal
    ballots: list[list[float]]  # by unit, in the order in which they are counted, normals
    coefficients: list[float]  # of the fitted roll call, normals
    leans: list[float]  # of each seat, lasting, uniforms
    days: list[float]  # of each seat on the day of the special session, uniforms
    whips: list[float]  # of either chamber, normals
    resolves: list[float]  # of each town's mayor, uniforms
    town_bargains: list[float]  # of each town with its own unions, uniforms


def luck_of(case: Scenario, seed: int, world: int, trust_spread: float, mood_shared: float) -> WorldsLuck:
    """This world's luck, from the streams that the model draws from."""
    units, unions = len(case.units.names), len(case.unions.names)
    seats, towns = len(case.seats), 0 if case.towns is None else len(case.towns.names)

    def normal(stream: Stream, width: int) -> list[float]:
        return [float(one) for one in normals(seed, stream, np.array([world]), width)[:, 0]]

    def uniform(stream: Stream, width: int) -> list[float]:
        return [float(one) for one in uniform_at(coarse(seed, stream, np.array([world]), width))[:, 0]]

    moods, ballots = normal(Stream.VOTE_MOOD, 2 * units), normal(Stream.BALLOTS, DRAWS_A_UNIT * units)
    in_unions, giving_up = normal(Stream.UNION_MOODS, 3 * unions), normal(Stream.GIVING_UP, 2 * units)
    legislators = uniform(Stream.LEGISLATORS, 2 * seats)
    return WorldsLuck(
        unit_moods=[float(one) for one in case.unit_moods(seed, np.array([world]), trust_spread, mood_shared)[:, 0]],
        misreadings=normal(Stream.LEADERS, unions),
        vote_moods=[moods[:units], moods[units:]],
        union_moods=[in_unions[unions : 2 * unions], in_unions[2 * unions :]],
        wages_moods=normal(Stream.WAGES_MOOD, units),
        giving_up=[[giving_up[unit], giving_up[units + unit]] for unit in range(units)],
        swing=normal(Stream.SWING, 1)[0],
        ballots=[ballots[DRAWS_A_UNIT * unit :][:DRAWS_A_UNIT] for unit in range(units)],
        coefficients=normal(Stream.COEFFICIENTS, len(COVARIATES)),
        leans=legislators[:seats],
        days=legislators[seats:],
        whips=normal(Stream.WHIPS, 2),
        resolves=uniform(Stream.MAYORS, towns),
        town_bargains=uniform(Stream.TOWN_UNIONS, towns),
    )
