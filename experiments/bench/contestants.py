"""Who is measured: the model in blocks, what a user would pick instead, and the floor."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from typing import Any

import mesa
import numpy as np

from experiments.bench.checkout import one_world_models
from experiments.bench.contest import Contestant
from experiments.bench.floor import BareFloor, Floor, needs
from experiments.runs.memory import keep_freed_memory
from sim.bargaining.talks import talks_alone
from sim.scenario.scenario import Scenario, load_scenario
from sim.worlds.blocks import simulate_block

SEED = 2011
TALKS_ROUNDS = 40


def in_blocks(case: Scenario, block: int, **point: Any) -> Callable[[], int]:
    """Our model, a block of fresh worlds a turn."""
    places = count()

    def run() -> int:
        first = next(places) * block
        simulate_block(case, seed=SEED, worlds=np.arange(first, first + block), point=point)
        return block

    return run


def plain_mesa(model: type[mesa.Model], case: Scenario, worlds: int) -> Callable[[], int]:
    """A plain Mesa model through `mesa.batch_run`, so many worlds a turn."""
    places = count()

    def run() -> int:
        first = next(places) * worlds
        mesa.batch_run(
            model,
            {"case": case, "world": list(range(first, first + worlds))},
            number_processes=1,
            iterations=1,
            max_steps=10_000,
            data_collection_period=-1,
            display_progress=False,
        )
        return worlds

    return run


def forget_models() -> None:
    """Mesa 3.3 keeps every model that had agents; between turns they are let go, so that none pays for another's."""
    getattr(mesa.Agent, "_ids", {}).clear()


def floor(kind: type[Floor], case: Scenario, worlds: int) -> Callable[[], int]:
    """The draws and logistics of a world, and nothing else; so many worlds a row, which is what suits it."""
    return kind(needs(case, simulate_block(case, seed=SEED, worlds=np.arange(worlds))), worlds).run


def our_talks(worlds: int) -> Callable[[], int]:
    """Our talks phase alone: two time-dependent sides over 40 rounds."""

    def run() -> int:
        talks_alone(worlds, TALKS_ROUNDS)
        return worlds

    return run


def negmas_talks() -> Callable[[], int] | None:
    """A bilateral session of 40 rounds with time-based negotiators in NegMAS; None where it is not installed."""
    try:
        from negmas import make_issue
        from negmas.preferences import LinearAdditiveUtilityFunction
        from negmas.preferences.value_fun import AffineFun
        from negmas.sao import AspirationNegotiator, SAOMechanism
    except ImportError:
        return None
    random = np.random.default_rng(SEED)
    issues = [make_issue(name=f"issue_{row}", values=[level / 4 for level in range(5)]) for row in range(6)]

    def side(sign: float) -> Any:
        weights = random.uniform(0.1, 1.0, size=len(issues))
        weights = sign * weights / weights.sum()
        bias = 0.0 if sign > 0 else 1.0
        functions = [AffineFun(slope=float(weight)) for weight in weights]
        ones = [1.0] * len(issues)
        return LinearAdditiveUtilityFunction(
            values=functions, weights=ones, bias=bias, issues=issues, reserved_value=0.3
        )

    def run() -> int:
        session = SAOMechanism(issues=issues, n_steps=TALKS_ROUNDS // 2)  # two offers make one of its steps
        session.add(AspirationNegotiator(aspiration_type=2.0), ufun=side(1.0))
        session.add(AspirationNegotiator(aspiration_type=2.0), ufun=side(-1.0))
        session.run()
        return 1

    return run


class TwoCores:
    """Our model on two cores: a process each, which both have loaded the scenario before the clock starts."""

    def __init__(self, case: Scenario, block: int, blocks: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(2, mp_context=context, initializer=keep_freed_memory)
        self.block, self.blocks = block, blocks
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
    talks, floor_row = (256, 256) if quick else (4096, 2048)
    members, counted = (1, 2) if quick else (1, 10)
    found = [
        Contestant(name="blocks", run=in_blocks(case, block), about=f"our model, blocks of {block} worlds, one core"),
        Contestant(name="two_cores", run=two.run, about="our model, two processes"),
        Contestant(name="single", run=in_blocks(case, 1), about="our model, one world at a time"),
        Contestant(
            name="mesa_members",
            run=plain_mesa(models.OneAgentAMember, case, members),
            about="plain Mesa through batch_run, one agent a member",
            tidy=forget_models,
        ),
        Contestant(
            name="mesa_counted",
            run=plain_mesa(models.PlainCrisis, case, counted),
            about="plain Mesa through batch_run, institutions only, ballots counted",
            tidy=forget_models,
        ),
        Contestant(
            name="floor",
            run=floor(Floor, case, floor_row),
            about="draws and logistics of a world in NumPy, no model",
        ),
        Contestant(
            name="bare_floor",
            run=floor(BareFloor, case, floor_row),
            about="the same by the model's short cuts: 16 bits, a table, single precision",
        ),
        Contestant(name="talks", run=our_talks(talks), about=f"our talks alone, {TALKS_ROUNDS} rounds"),
    ]
    negmas = negmas_talks()
    if negmas is not None:
        found.append(Contestant(name="negmas", run=negmas, about=f"NegMAS, {TALKS_ROUNDS} rounds, time-based"))
    return found, two
