"""The smallest single change of each lever, and apart from these of each uncertainty, that turns a world's outcome.

Everything is found by replay with the same luck: a number by scanning its range in both directions and bisecting, a
word or a switch by trying each of its other values. A stated change is rounded to what can be read, away from where
things stand, and replayed as stated.
Source of the idea: but-for causation as in law, and counterfactual explanations (Wachter, Mittelstadt, Russell 2018).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.explanation.line_search import smallest_turns
from experiments.explanation.replays import Replays
from sim.errors import WrongInput
from sim.scenario.scenario import Scenario

SCAN = 12  # values tried in each direction before bisecting


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """A parameter that may be turned: a number with a range, or a word or switch with other values."""

    key: str
    name: str  # what a reader types: the short one where there is one
    role: str  # "lever" or "uncertainty"
    unit: str
    low: float = np.nan
    high: float = np.nan
    whole: bool = False
    options: tuple[Any, ...] = ()  # of a word or a switch, the one in force left out

    @property
    def is_number(self) -> bool:
        return not self.options

    @property
    def told(self) -> dict[str, Any]:
        """How whatever is said of it begins."""
        return {"key": self.key, "name": self.name, "role": self.role, "unit": self.unit}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A single change that turned a world when it was applied and replayed."""

    world: int
    key: str
    name: str
    role: str
    unit: str
    before: Any
    after: Any
    share_of_range: float  # |after - before| over the parameter's range; NaN for a word or a switch
    monotone: bool  # every value tried beyond it turned the world too, and none on the way
    up_to: Any  # the farthest value of the scan up to which the world stays turned
    half_turns: bool  # does half the change do? (never, where the response is monotone)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def knobs(scenario: Scenario, roles: Iterable[str] = ("lever", "uncertainty")) -> list[Knob]:
    """Every lever and uncertainty of a scenario that is not pinned to a value without alternatives."""
    wanted, found = set(roles), []
    for row in scenario.parameters():
        if row["role"] not in wanted:
            continue
        value, low, high = row["value"], row["low"], row["high"]
        said = {"key": row["name"], "name": row["short"] or row["name"], "role": row["role"], "unit": row["unit"]}
        if isinstance(value, (bool, str)):
            options = (True, False) if isinstance(value, bool) else row["choices"]
            others = tuple(option for option in options if option != value)
            if others:
                found.append(Knob(**said, options=others))
        elif low is not None and low < high:
            found.append(Knob(**said, low=float(low), high=float(high), whole=row["whole"]))
    return found


def smallest_flips(replays: Replays, chosen: Sequence[Knob], *, scan: int = SCAN) -> list[Flip]:
    """For every world and knob the smallest change that turns the world's deal into no deal or the reverse.

    One flip a world and number, in the nearer direction (as a share of the range); one a world and other word.
    """
    numbers = [knob for knob in chosen if knob.is_number]
    found = _turned_numbers(replays, numbers, scan) if numbers and len(replays.worlds) else []
    for knob in chosen:
        found += [flip for option in knob.options for flip in _turned_by_word(replays, knob, option)]
    return found


class _Rays:
    """All rays of all worlds and numbers: from the value in force to either end of its range."""

    def __init__(self, replays: Replays, numbers: Sequence[Knob]) -> None:
        self.replays, self.numbers = replays, numbers
        place, number, start, end = [], [], [], []
        for index, knob in enumerate(numbers):
            now = value_now(replays, knob)
            for limit in (knob.low, knob.high):
                off = (now > limit) if limit == knob.low else (now < limit)
                place.append(np.flatnonzero(off))
                number.append(np.full(off.sum(), index))
                start.append(now[off])
                end.append(np.full(off.sum(), limit))
        self.place, self.number = np.concatenate(place), np.concatenate(number)
        self.start, self.end = np.concatenate(start), np.concatenate(end)
        is_whole = np.array([knob.whole for knob in numbers])[self.number]
        self.whole = np.where(is_whole, np.round(np.abs(self.end - self.start)), 0).astype(np.int64)
        self.keys = np.array([knob.key for knob in numbers], dtype=object)[self.number]
        self.extent = np.array([knob.high - knob.low for knob in numbers])[self.number]

    def value(self, ray: NDArray[np.int64], step: NDArray[np.float64]) -> NDArray[np.float64]:
        """The parameter's value after a step; the end itself at step 1."""
        start, end = self.start[ray], self.end[ray]
        value = np.where(step == 1, end, start + step * (end - start))
        return np.where(self.whole[ray] > 0, np.round(value), value)

    def turned(self, ray: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Does the world of the ray end otherwise than it did, with this value?"""
        place = self.place[ray]
        return self.replays.deals(place, self.keys[ray], value) != self.replays.deal[place]


def _turned_numbers(replays: Replays, numbers: Sequence[Knob], scan: int) -> list[Flip]:
    rays = _Rays(replays, numbers)
    search = smallest_turns(
        lambda ray, step: rays.turned(ray, rays.value(ray, step)), len(rays.place), whole=rays.whole, scan=scan
    )
    ray = np.flatnonzero(np.isfinite(search.step))
    exact = rays.value(ray, search.step[ray])
    stated = readable(rays.start[ray], exact, rays.end[ray], rays.whole[ray] > 0)
    stands = rays.turned(ray, stated)
    after = np.where(stands, stated, exact)
    half = rays.start[ray] + (after - rays.start[ray]) / 2
    half = np.where(rays.whole[ray] > 0, rays.start[ray] + np.trunc(half - rays.start[ray]), half)
    moved = np.flatnonzero(half != rays.start[ray])
    half_turns = np.zeros(len(ray), bool)
    half_turns[moved] = rays.turned(ray[moved], half[moved])
    share = np.abs(after - rays.start[ray]) / rays.extent[ray]
    # the nearer of the two directions of a world and a number
    order = np.lexsort((share, rays.number[ray], rays.place[ray]))
    pair = np.stack([rays.place[ray[order]], rays.number[ray[order]]], axis=1)
    nearer = order[np.any(np.diff(pair, axis=0, prepend=-1) != 0, axis=1)] if len(order) else order
    flips = []
    for i in nearer.tolist():
        knob = numbers[rays.number[ray[i]]]
        last = rays.value(ray[i : i + 1], search.last[ray[i : i + 1]])[0]
        flips.append(
            Flip(
                world=int(replays.worlds[rays.place[ray[i]]]),
                **knob.told,
                before=_number(rays.start[ray[i]], knob.whole),
                after=_number(after[i], knob.whole),
                share_of_range=float(share[i]),
                monotone=bool(search.monotone[ray[i]] and not half_turns[i]),
                up_to=_number(last, knob.whole),
                half_turns=bool(half_turns[i]),
            )
        )
    return flips


def _turned_by_word(replays: Replays, knob: Knob, option: Any) -> list[Flip]:
    """Worlds that another word or the other switch turns; none where the scenario does not allow it."""
    try:
        turned = replays.deals_with(knob.key, option) != replays.deal
    except WrongInput:
        return []
    before = replays.scenario.entry(knob.key).value.value
    return [
        Flip(
            world=int(world),
            **knob.told,
            before=before,
            after=option,
            share_of_range=np.nan,
            monotone=True,
            up_to=option,
            half_turns=False,
        )
        for world in replays.worlds[turned]
    ]


def value_now(replays: Replays, knob: Knob) -> NDArray[np.float64]:
    """A number as it was in each world, (worlds,)."""
    if knob.key in replays.base:
        return replays.base[knob.key]
    return np.full(len(replays.worlds), float(replays.scenario.entry(knob.key).value.value))


def readable(
    start: NDArray[np.float64], exact: NDArray[np.float64], end: NDArray[np.float64], whole: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """``exact`` rounded away from ``start`` to two digits of the change, and not past ``end``; whole numbers stay."""
    change = np.abs(exact - start)
    with np.errstate(divide="ignore"):
        unit = 10.0 ** (np.floor(np.log10(np.where(change > 0, change, 1.0))) - 1)
    up = exact > start
    rounded = np.where(up, np.ceil(exact / unit - 1e-9), np.floor(exact / unit + 1e-9)) * unit
    digits = np.maximum(-np.round(np.log10(unit)), 0).astype(int)
    rounded = np.array([round(value, digit) for value, digit in zip(rounded.tolist(), digits.tolist(), strict=True)])
    rounded = np.where(up, np.minimum(rounded, end), np.maximum(rounded, end)) if len(rounded) else rounded
    return np.where(whole, exact, rounded)


def _number(value: float, whole: bool) -> float | int:
    return round(value) if whole else float(value)
