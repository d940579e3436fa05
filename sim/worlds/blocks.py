"""From a scenario to a table: the model run in blocks of worlds, a row a world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agents.body import Body
from sim.accelerator import compiler
from sim.crisis import Crisis
from sim.errors import ModelFault, WrongInput, whole_number
from sim.in_short import InShort
from sim.measures import MEASURES, Block
from sim.outcomes import OUTCOMES
from sim.scenario.scenario import Scenario, load_scenario
from sim.wording import percent
from sim.worlds import checks
from sim.worlds.axis import BLOCK

if TYPE_CHECKING:
    import pandas as pd

MAY_BE_BLANK = frozenset(measure.name for measure in MEASURES if measure.blank)


def simulate_block(
    scenario: Scenario,
    *,
    seed: int,
    worlds: NDArray[np.int64],
    point: Mapping[str, Any] | None = None,
    kinds: Mapping[str, type[Body]] | None = None,
) -> Block:
    """Run these worlds at once. ``point`` gives a parameter one value, or one value a world, by its name.

    ``kinds``: bodies of a user's own in the place of ours, by role. Raises `ModelFault`, with the worlds, where a
    tactic, a body or a rule gives what its contract does not allow.
    """
    return _sound(worlds, lambda: Crisis(scenario, seed=seed, worlds=worlds, point=point, kinds=kinds).play())


def _sound(worlds: NDArray[np.int64], run: Callable[[], Block]) -> Block:
    """What a run of these worlds gives. Raises `ModelFault`, with the worlds, also where a column cannot be right."""
    try:
        block = run()
        checks.columns(block.columns, len(worlds), blank=MAY_BE_BLANK)
    except ModelFault as fault:
        raise fault.at(worlds) from fault
    return block


def blocks(total: int, size: int = BLOCK) -> Iterator[NDArray[np.int64]]:
    """World addresses 0 to total - 1, cut into blocks."""
    for start in range(0, total, size):
        yield np.arange(start, min(start + size, total), dtype=np.int64)


def simulated(
    scenario: Scenario,
    *,
    seed: int,
    worlds: int,
    point: Mapping[str, Any] | None = None,
    block: int = BLOCK,
    device: str | None = None,
) -> Iterator[Block]:
    """Worlds 0 to ``worlds`` - 1, block by block; see `simulate`. Those that fill no compiled block run by NumPy."""
    if device is None:
        return (simulate_block(scenario, seed=seed, worlds=ids, point=point) for ids in blocks(worlds, block))
    shared, numbers = scenario.structure(point or {})
    case = scenario.with_settings(shared)
    compiled = compiler().compiled_for(device, case, worlds, numbers)
    return (
        _sound(ids, partial(compiled.block, seed, ids, numbers))
        if len(ids) == compiled.worlds
        else simulate_block(case, seed=seed, worlds=ids, point=numbers)
        for ids in blocks(worlds, compiled.worlds)
    )


@dataclass(frozen=True, slots=True, repr=False)
class Runs(InShort):
    """What `simulate` returns: ``table`` has a row a world; ``blocks`` hold what is by unit, union and town."""

    scenario: Scenario
    seed: int
    blocks: list[Block]

    def in_short(self) -> dict[str, str]:
        """Of which case, how many worlds, and how often a deal came about."""
        deals = sum(int(block.columns["deal"].sum()) for block in self.blocks)
        worlds = sum(len(block.columns["deal"]) for block in self.blocks)
        rate = percent(deals / worlds, 1) if worlds else ""
        facts = {"case": self.scenario.name, "seed": str(self.seed), "worlds": f"{worlds:,}", "deal rate": rate}
        return facts | {"see": ".table, a row a world"}

    @property
    def table(self) -> pd.DataFrame:
        """A data frame with a row a world; ``outcome`` by name."""
        import pandas as pd

        names = self.blocks[0].columns
        columns = {name: np.concatenate([block.columns[name] for block in self.blocks]) for name in names}
        columns["outcome"] = np.array(OUTCOMES)[columns["outcome"]]
        return pd.DataFrame(columns)


def simulate(
    scenario: Scenario | str | Path,
    *,
    worlds: int = 10_000,
    seed: int = 2011,
    point: Mapping[str, Any] | None = None,
    block: int = BLOCK,
    device: str | None = None,
) -> Runs:
    """Run worlds 0 to ``worlds`` - 1 of a scenario, or of one by its name, folder or file.

    ``point`` gives parameters one value, or one a world. The block size changes nothing but speed and memory.
    ``device``: compiled by JAX for a cpu, gpu or tpu (extra ``[jax]``), see `sim.accelerator`; None: by NumPy. Raises
    `WrongInput`.
    """
    case = load_scenario(scenario) if isinstance(scenario, (str, Path)) else scenario
    if not isinstance(case, Scenario):
        raise WrongInput(f"scenario must be a Scenario, or the name or path of one, got {scenario!r}")
    total, block = whole_number("worlds", worlds, least=1), whole_number("block", block, least=1)
    return Runs(case, seed, list(simulated(case, seed=seed, worlds=total, point=point, block=block, device=device)))
