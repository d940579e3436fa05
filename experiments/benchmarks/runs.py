"""What a world costs in a run of ten thousand and in one of ten million: studies through the runner, one core each."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from experiments.benchmarks.growth import VARIED
from experiments.designs import Grid
from experiments.loop import Options
from experiments.memory import keep_freed_memory
from experiments.runner import run
from experiments.store import Folder
from experiments.study import Study
from experiments.tasks import peak_bytes
from sim.blocks import simulate_block
from sim.scenario import Scenario, load_scenario

POINTS = "1:3.25:0.25"  # ten of them
MEASURES = ("deal", "outcome", "savings", "yes_share_1", "ratified_1", "aid_spared")
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run through the runner: its worlds, and what they cost."""

    worlds: int
    seconds: float  # of one core, in the tasks
    peak_bytes: int  # the most memory the process held
    bytes_a_row: float  # of the table on disk


def through_the_runner(case: Scenario, sizes: tuple[int, ...] = SIZES) -> list[Run]:
    """Every size in a process of its own, one after the other, the smaller ones as often as takes some seconds."""
    context = multiprocessing.get_context("spawn")
    runs = []
    for size in sizes:
        with ProcessPoolExecutor(1, mp_context=context, initializer=keep_freed_memory) as pool:
            runs.append(pool.submit(_run, str(case.folder), dict(case.settings), size).result())
    return runs


def _run(folder: str, settings: dict[str, Any], worlds: int) -> Run:
    case = load_scenario(folder).with_settings(settings)
    simulate_block(case, seed=0, worlds=np.arange(64))  # what is loaded once is no part of a world's cost
    grid = Grid(vary={VARIED: POINTS})
    study = Study(name="runs", scenario=case, worlds=max(worlds // 10, 1), design=grid, measures=MEASURES)
    seconds, rows = 0.0, 0
    for _ in range(max(1, 100_000 // worlds)):
        with TemporaryDirectory() as scratch:
            outcome = run(study, Path(scratch) / "runs", options=Options(workers=1))
            with Folder.open(outcome.folder) as done:
                totals = done.ledger.totals()
            seconds, rows = seconds + totals.seconds, rows + totals.rows
    return Run(
        worlds=worlds,
        seconds=seconds * totals.rows / rows,
        peak_bytes=peak_bytes(),
        bytes_a_row=totals.bytes / totals.rows,
    )
