"""How far a results folder has come, and what a study would cost before it begins."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from experiments.runs.files import in_use
from experiments.runs.policies import Contour, FixedWorlds
from experiments.runs.progress import duration
from experiments.runs.stages import Stages
from experiments.runs.store import Folder
from experiments.runs.study import Prepared, study_of
from experiments.runs.task_order import Order, Stage, spread_over
from experiments.runs.tasks import MODEL, Task, Work, run_task
from experiments.statistics.intervals import wilson_interval
from experiments.statistics.sample_sizes import precision_of
from sim.worlds.axis import BLOCK

PILOT_ROWS, PILOT_POINTS = 2_048, 64  # at most


def status(path: Path) -> dict[str, Any]:
    """How far a folder has come; reads only, so it may be asked while the study runs."""
    with Folder.open(path) as folder:
        totals, so_far = folder.totals(), folder.progress()
        tasks, planned = (totals.tasks, totals.rows + totals.failed) if folder.complete else _planned(folder)
        deals, worlds = int(so_far.deals.sum()), int(so_far.n.sum())
        # points meet the same worlds, so their rows together are not as many worlds as they seem
        ends = wilson_interval(deals, worlds) if len(so_far.n) == 1 and worlds else (None, None)
        state, stopped = folder.manifest["state"], folder.manifest.get("stopped", "")
        if state in ("running", "repairing") and not in_use(path):
            state, stopped = "stopped", f"its process ended; go on with 'planb resume {path}'"
        low, high = (None if end is None else round(float(end), 4) for end in ends)
        return {
            "folder": str(path),
            "study": folder.manifest["study"]["name"],
            "state": state,
            "points": folder.order.points,
            "tasks_done": totals.tasks,
            "tasks_planned": tasks,
            "worlds_done": totals.rows,
            "worlds_planned": planned,
            "worlds_failed": totals.failed,
            "worlds_lost": totals.lost,
            "fewest_worlds_a_point": int(so_far.n.min()),
            "most_worlds_a_point": int(so_far.n.max()),
            "deal_rate": round(deals / worlds, 4) if worlds else None,
            "deal_rate_low": low,
            "deal_rate_high": high,
            "damaged_parts": len(folder.damaged),
            "table_sha256": folder.manifest.get("table_sha256"),
            "stopped": stopped,
        }


def _planned(folder: Folder) -> tuple[int, int]:
    """Tasks and rows of all stages up to the one that is running."""
    stages = Stages(study_of(folder.manifest).policy, folder.points(), folder.order, folder.shard)
    tasks = 0
    while stage := stages.next_stage():
        tasks += len(stage)
        found = [part for task in stage if (part := folder.part_of(task))]
        if len(found) < len(stage):
            break
        stages.done(found)
    return tasks, stages.rows


def plan(prepared: Prepared, *, model: Any = None, workers: int | None = None) -> dict[str, Any]:
    """Points, runs, and estimated time and disk, from a short pilot spread over the points."""
    study, points = prepared.study, prepared.points
    policy = study.policy
    order = Order.of(points.count, policy.most_worlds, apart=bool(prepared.shaping))
    most = points.count * policy.most_worlds
    work = Work(prepared.scenario, study.seed, BLOCK, study.measures, prepared.shaping, model or MODEL)
    piloted = spread_over(points.count, PILOT_POINTS)
    worlds = max(1, min(policy.most_worlds, PILOT_ROWS // len(piloted)))
    task = Task(0, piloted, 0, worlds, points.rows(piloted))
    run_task(work, Task(0, piloted[:1], 0, 1, points.rows(piloted[:1])))  # imports are not what is timed
    start = time.perf_counter()
    part = run_task(work, task)
    a_second = task.rows / (time.perf_counter() - start)
    cores = workers or os.cpu_count() or 1
    exact = isinstance(policy, FixedWorlds)
    first = order.pieces([Stage(np.arange(points.count), 0, policy.most_worlds)]) if exact else ()
    return {
        "study": study.name,
        "question": study.question,
        "scenario": prepared.scenario.name,
        "points": points.count,
        "worlds_a_point": policy.most_worlds,
        "runs": most,
        "runs_are": "exact" if exact else "at most",
        "rule": "contour" if isinstance(policy, Contour) else "fixed" if exact else "precision",
        "tasks": sum(1 for _ in first) if exact else None,
        "blocks_differ_by": list(prepared.shaping),
        "worlds_a_second_a_core": round(a_second),
        "workers": cores,
        "seconds": round(most / a_second / cores, 1),
        "time": duration(most / a_second / cores),
        "bytes": round(most * len(part.data) / max(part.rows, 1)),
        "replications": precision_of(policy.most_worlds),
        "pilot_failures": [failure.error for failure in part.failures],
    }
