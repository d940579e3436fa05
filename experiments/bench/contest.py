"""Contestants take turns in one process, round after round, so that a busy machine is busy for all of them."""

from __future__ import annotations

import gc
import os
import platform
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from experiments.runs.manifest import version_of

PACKAGES = ("planb", "numpy", "scipy", "mesa", "negmas")


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


def contest(
    contestants: list[Contestant], *, rounds: int, seconds: float, warmed: bool = True
) -> dict[str, list[float]]:
    """Rates by name, one a round; everybody runs once before the clock starts, unless nobody is to be ``warmed``."""
    if warmed:
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


def machine() -> dict[str, str]:
    """What was measured on: date, processor and versions in words; no path and no name of a machine."""
    found = {"date": date.today().isoformat(), "processor": f"{_processor()}, {os.cpu_count()} cores"}
    found |= {"system": f"{platform.system()} {platform.machine()}", "python": platform.python_version()}
    return found | {package: version_of(package) or "not installed" for package in PACKAGES}


def _processor() -> str:
    """The processor's name, as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def load() -> float:
    """How many processes have wanted to run in the last minute; NaN where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
