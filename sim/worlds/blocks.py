"""From a scenario to a table: the model run in blocks of worlds, a row a world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import ModelFault
from sim.outcomes import OUTCOMES
from sim.worlds import checks

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.scenario import Scenario

BLOCK = 16_384  # worlds a block: hundreds of agents are called once a block, and larger blocks gain nothing more


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some worlds of one scenario, run to the end."""

    columns: dict[str, NDArray[Any]]  # name -> (worlds,); "world", "outcome", "deal" and every measure
    unit_yes: NDArray[np.float64]  # yes share on the benefits ballot, (votes, units, worlds), NaN without a vote
    union_yes: NDArray[np.float64]  # likewise by union, (votes, unions, worlds)
    unit_posts: NDArray[np.float64]  # state posts lost by unit, mean over worlds, (units,)
    town_loss: NDArray[np.float64]  # aid lost by town, M$, mean over worlds, (towns,)
    town_mills: NDArray[np.float64]  # rise of the tax rate, mills, mean over worlds, (towns,)
    town_layoffs: NDArray[np.float64]  # local posts lost, mean over worlds, (towns,)

    def first(self, worlds: int) -> Block:
        """What is by world in the first so many worlds; means over worlds stay those of the block."""
        if worlds >= len(self.columns["world"]):
            return self
        return replace(
            self,
            columns={name: column[:worlds].copy() for name, column in self.columns.items()},
            unit_yes=self.unit_yes[..., :worlds].copy(),
            union_yes=self.union_yes[..., :worlds].copy(),
        )


def simulate_block(
    scenario: Scenario, *, seed: int, worlds: NDArray[np.int64], point: Mapping[str, Any] | None = None
) -> Block:
    """Run these worlds at once. ``point`` gives a parameter one value, or one value a world, by its name.

    Raises `ModelFault`, with the worlds, where a tactic or a rule gives what its contract does not allow.
    """
    from sim.crisis import BudgetCrisis

    model = BudgetCrisis(scenario=scenario, worlds=worlds, seed=seed, point=point, collect=False)
    try:
        while model.running:
            model.step()
        results = model.results()
        checks.columns(results.columns, len(worlds))
        return results
    except ModelFault as fault:
        raise fault.at(worlds) from fault
    finally:
        model.release()
        # it refers to itself; left to the garbage collector, blocks pile up and cost a tenth of all
        model.__dict__.clear()


def blocks(total: int, size: int = BLOCK) -> Iterator[NDArray[np.int64]]:
    """World addresses 0 to total - 1, cut into blocks."""
    for start in range(0, total, size):
        yield np.arange(start, min(start + size, total), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Runs:
    """What `simulate` returns: ``table`` has a row a world; ``blocks`` hold what is by unit, union and town."""

    scenario: Scenario
    seed: int
    blocks: list[Block]

    @property
    def table(self) -> pd.DataFrame:
        """A data frame with a row a world; ``outcome`` by name."""
        import pandas as pd

        names = self.blocks[0].columns
        columns = {name: np.concatenate([block.columns[name] for block in self.blocks]) for name in names}
        columns["outcome"] = np.array(OUTCOMES)[columns["outcome"]]
        return pd.DataFrame(columns)


def simulate(
    scenario: Scenario,
    *,
    worlds: int = 10_000,
    seed: int = 2011,
    point: Mapping[str, Any] | None = None,
    block: int = BLOCK,
) -> Runs:
    """Run worlds 0 to ``worlds`` - 1 of a scenario. The block size changes nothing but speed and memory."""
    return Runs(
        scenario, seed, [simulate_block(scenario, seed=seed, worlds=ids, point=point) for ids in blocks(worlds, block)]
    )
