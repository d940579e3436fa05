"""What a world costs in a run of ten thousand and in one of ten million: studies through the runner, one core each."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from experiments.bench.growth import VARIED
from experiments.runs.designs import Grid
from experiments.runs.loop import Options
from experiments.runs.memory import keep_freed_memory
from experiments.runs.runner import run
from experiments.runs.store import Folder
from experiments.runs.study import Study
from experiments.runs.tasks import peak_bytes
from sim.scenario.scenario import Scenario, load_scenario
from sim.worlds.axis import BLOCK
from sim.worlds.blocks import simulate_block

POINTS = "1:3.25:0.25"  # ten of them
MEASURES = ("deal", "outcome", "savings", "yes_share_1", "ratified_1", "aid_spared")
SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
SOME = 200_000  # worlds that a smaller run takes its mean over


class Run(NamedTuple):
    """A run through the runner: its worlds, and what they cost."""

    worlds: int
    seconds: float  # of one core, in the tasks
    peak_bytes: int  # the most memory the process held
    bytes_a_row: float  # of the table on disk


def through_the_runner(case: Scenario, sizes: tuple[int, ...] = SIZES, *, some: int = SOME) -> list[Run]:
    """Every size in a process of its own, up and down again, so that a machine that slows down is slow for all.

    A smaller run is held again and again, up to ``some`` worlds in all.
    """
    found: dict[int, list[Run]] = {size: [] for size in sizes}
    for size in (*sizes, *sizes[-2::-1]):
        task = (str(case.folder), dict(case.settings), size, max(1, some // size))
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context, initializer=keep_freed_memory) as pool:
            found[size].append(pool.submit(_run, *task).result())
    return [runs[0]._replace(seconds=mean(run.seconds for run in runs)) for runs in found.values()]


def _run(folder: str, settings: dict[str, Any], worlds: int, times: int) -> Run:
    case = load_scenario(folder).with_settings(settings)
    # what a process loads and asks for once is no part of a world's cost
    simulate_block(case, seed=0, worlds=np.arange(min(worlds, BLOCK)))
    grid = Grid(vary={VARIED: POINTS})
    study = Study(name="runs", scenario=case, worlds=max(worlds // 10, 1), design=grid, measures=MEASURES)
    seconds = 0.0
    for _ in range(times):
        with TemporaryDirectory() as scratch:
            outcome = run(study, Path(scratch) / "runs", options=Options(workers=1))
            with Folder.open(outcome.folder) as done:
                totals = done.totals()
            seconds += totals.seconds
            table = (outcome.folder / "runs.parquet").stat().st_size
    return Run(worlds=worlds, seconds=seconds / times, peak_bytes=peak_bytes(), bytes_a_row=table / totals.rows)
