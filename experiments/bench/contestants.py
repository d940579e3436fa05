"""Who is measured: the model in blocks and alone, what a user would pick instead, and the floor."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from experiments.bench import talks
from experiments.bench.checkout import one_world_models
from experiments.bench.contest import Contestant
from experiments.bench.floor import BareFloor, Floor, needs
from experiments.explanation.one_world import explain_world
from experiments.runs.memory import keep_freed_memory
from sim.scenario.scenario import Scenario, load_scenario
from sim.worlds.blocks import simulate_block

SEED = 2011
SMALL = 64  # worlds of a small run


def fresh(worlds: int, simulate: Callable[[NDArray[np.int64]], Any]) -> Callable[[], int]:
    """So many worlds a turn, which no turn before had."""
    turns = count()

    def run() -> int:
        simulate(next(turns) * worlds + np.arange(worlds))
        return worlds

    return run


def in_blocks(case: Scenario, block: int) -> Callable[[], int]:
    """Our model, a block a turn."""
    return fresh(block, lambda ids: simulate_block(case, seed=SEED, worlds=ids))


def explained(case: Scenario) -> Callable[[], int]:
    """Why one world failed, and what single change turns it."""
    outcomes = simulate_block(case, seed=SEED, worlds=np.arange(200)).columns["deal"]
    world = int(np.argmin(outcomes))

    def run() -> int:
        explain_world(case, seed=SEED, world=world)
        return 1

    return run


def plain_mesa(model: type[mesa.Model], case: Scenario, worlds: int) -> Callable[[], int]:
    """A plain Mesa model through `mesa.batch_run`, so many worlds a turn."""
    options = {"number_processes": 1, "iterations": 1, "max_steps": 10_000, "data_collection_period": -1}
    return fresh(
        worlds,
        lambda ids: mesa.batch_run(model, {"case": case, "world": ids.tolist()}, display_progress=False, **options),
    )


def forget_models() -> None:
    """Mesa 3.3 keeps every model that had agents; between turns they are let go, so that none pays for another's."""
    getattr(mesa.Agent, "_ids", {}).clear()


class TwoCores:
    """Our model on two cores: a process each, which both have loaded the scenario before the clock starts."""

    def __init__(self, case: Scenario, block: int, blocks: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(2, mp_context=context, initializer=keep_freed_memory)
        self.blocks = blocks
        self.task = (str(case.folder), dict(case.settings), block)
        self.places = count()

    def run(self) -> int:
        """Some blocks in each process."""
        tasks = [self.pool.submit(_blocks, *self.task, next(self.places), self.blocks) for _ in range(2)]
        return sum(task.result() for task in tasks)

    def close(self) -> None:
        """Send the processes home."""
        self.pool.shutdown()


_loaded: dict[str, Scenario] = {}


def _blocks(folder: str, settings: dict[str, Any], block: int, place: int, blocks: int) -> int:
    """What one of the two processes does."""
    if folder not in _loaded:
        _loaded[folder] = load_scenario(folder).with_settings(settings)
    for number in range(place * blocks, (place + 1) * blocks):
        simulate_block(_loaded[folder], seed=SEED, worlds=np.arange(number * block, (number + 1) * block))
    return block * blocks


def contestants(case: Scenario, *, block: int, quick: bool) -> tuple[list[Contestant], TwoCores]:
    """Everybody who can run here. Raises `WrongInput` outside a checkout."""
    models = one_world_models()
    two = TwoCores(case, block, 1 if quick else 4)
    many_talks, floor_row = (256, 256) if quick else (4096, 2048)  # what suits each
    members, counted = (1, 2) if quick else (1, 10)
    floor = needs(case, simulate_block(case, seed=SEED, worlds=np.arange(floor_row)))
    runs: dict[str, tuple[str, Callable[[], int] | None]] = {
        "blocks": (f"our model, blocks of {block} worlds, one core", in_blocks(case, block)),
        "two_cores": ("our model, two processes", two.run),
        "worlds_64": (f"our model, {SMALL} worlds at a time", in_blocks(case, SMALL)),
        "single": ("our model, one world at a time", in_blocks(case, 1)),
        "explain": ("our model, one world explained", explained(case)),
        "mesa_members": (
            "plain Mesa through batch_run, one agent a member",
            plain_mesa(models.OneAgentAMember, case, members),
        ),
        "mesa_counted": (
            "plain Mesa through batch_run, institutions only, ballots counted",
            plain_mesa(models.PlainCrisis, case, counted),
        ),
        "floor": ("draws and logistics of a world in NumPy, no model", Floor(floor, floor_row).run),
        "bare_floor": (
            "the same by the model's short cuts: 16 bits, a table, single precision",
            BareFloor(floor, floor_row).run,
        ),
        "talks": (f"our talks alone, {talks.ROUNDS} rounds, {many_talks} at a time", talks.ours(many_talks)),
        "talks_single": (f"our talks alone, {talks.ROUNDS} rounds, one at a time", talks.ours(1)),
        "mesa_talks": (f"the same talks in plain Mesa, {talks.ROUNDS} rounds", talks.plain_mesa()),
        "negmas": (f"NegMAS, {talks.ROUNDS} rounds, time-based", talks.negmas()),
    }
    found = [
        Contestant(name=name, about=about, run=run, tidy=forget_models if name.startswith("mesa") else None)
        for name, (about, run) in runs.items()
        if run is not None
    ]
    return found, two
