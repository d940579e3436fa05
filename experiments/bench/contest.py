"""Contestants take turns in one process, round after round, so that a busy machine is busy for all of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """Something that does worlds (or talks), and how many at a time."""

    name: str
    run: Callable[[], int]  # does some and says how many
    about: str = ""
    tidy: Callable[[], None] | None = None  # afterwards, outside the clock


def rate(contestant: Contestant, seconds: float) -> float:
    """How many it does a second, by the wall's clock, over at least one turn."""
    gc.collect()
    done, start = 0, time.perf_counter()
    while True:
        done += contestant.run()
        spent = time.perf_counter() - start
        if spent >= seconds:
            break
    if contestant.tidy is not None:
        contestant.tidy()
    return done / spent


def contest(contestants: list[Contestant], *, rounds: int, seconds: float) -> dict[str, list[float]]:
    """Rates by name, one a round; everybody runs once before the clock starts."""
    for contestant in contestants:
        rate(contestant, 0.0)
    rates: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for _ in range(rounds):
        for contestant in contestants:
            rates[contestant.name].append(rate(contestant, seconds))
    return rates


def ratio(rates: Mapping[str, list[float]], quick: str, slow: str) -> float:
    """How many times quicker one is than another: the median over rounds of their ratio in the same round."""
    return median(a / b for a, b in zip(rates[quick], rates[slow], strict=True))
