"""How fast a case compiled for a device is, from ten thousand worlds at once to a million, beside NumPy's blocks."""

from __future__ import annotations

import time
from functools import partial
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from experiments.bench.contest import Contestant, contest, ratio
from experiments.bench.contestants import SEED, fresh, in_blocks
from sim.accelerator import compiler
from sim.scenario.scenario import Scenario
from sim.worlds.axis import BLOCK

SIZES = {"cpu": (1_024, BLOCK), "gpu": (10_000, 100_000, 1_000_000), "tpu": (10_000, 100_000)}
QUICK = (256,)
NUMPY = "NumPy"


class Speed(NamedTuple):
    """So many worlds at once; rates are worlds a second."""

    worlds: int
    compile_seconds: float
    with_luck: float  # luck drawn by the processor, results brought back
    alone: float  # the device by itself
    against_numpy: float  # with luck, against NumPy's blocks on one core in the same rounds


def on_device(case: Scenario, device: str, *, quick: bool) -> list[Speed]:
    """Every size compiled, then all by turns. Raises `WrongInput`."""
    compiled, crises, seconds = compiler().Compiled, {}, {}
    for size in QUICK if quick else SIZES[device]:
        start = time.perf_counter()
        crises[size] = compiled(case, size, device=device)
        seconds[size] = time.perf_counter() - start
    contestants = [Contestant(name=NUMPY, run=in_blocks(case, BLOCK))]
    for size, crisis in crises.items():
        contestants += [
            Contestant(name=f"{size}", run=fresh(size, partial(crisis.block, SEED))),
            Contestant(name=f"{size} alone", run=partial(_alone, crisis, crisis.drawn(SEED, np.arange(size)))),
        ]
    rates = contest(contestants, rounds=1 if quick else 5, seconds=0.1 if quick else 2.0)
    return [
        Speed(
            worlds=size,
            compile_seconds=seconds[size],
            with_luck=median(rates[f"{size}"]),
            alone=median(rates[f"{size} alone"]),
            against_numpy=ratio(rates, f"{size}", NUMPY),
        )
        for size in crises
    ]


def _alone(crisis: Any, drawn: list[Any]) -> int:
    crisis.run(drawn, {})["columns"]["outcome"].block_until_ready()
    return crisis.worlds


def as_lines(speeds: list[Speed]) -> str:
    """A table to read."""
    lines = [f"{'worlds at once':>14} {'compiled, s':>12} {'worlds/s':>12} {'device alone':>13} {'against NumPy':>14}"]
    lines += [
        f"{one.worlds:>14,} {one.compile_seconds:>12.1f} {one.with_luck:>12,.0f} {one.alone:>13,.0f} "
        f"{one.against_numpy:>14.2f}"
        for one in speeds
    ]
    return "\n".join(lines)
