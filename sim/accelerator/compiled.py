"""A case compiled by JAX for some worlds at once, on a processor or a graphics card."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from sim.accelerator.tracing import Draw, traced_block
from sim.errors import WrongInput
from sim.measures import Block
from sim.scenario.scenario import Scenario
from sim.worlds.axis import BLOCK
from sim.worlds.randomness import Luck

KEPT = 4  # compiled crises
MOST = 65_536  # worlds of a block on a card; of Connecticut they take some gigabytes of its memory


class Compiled:
    """The crisis of a case, compiled once for so many worlds at a time; seed, worlds and numbers are given at the run.

    The rules are the model's own and so is every world's luck: outcomes are those of `sim.simulate_block`, world by
    world, and amounts differ in the last digits, since sums and powers are rounded in another order.
    """

    def __init__(self, case: Scenario, worlds: int, given: tuple[str, ...] = (), device: str = "cpu") -> None:
        """``given``: full keys of the numbers that every run brings; ``device``: cpu, gpu or tpu, as JAX calls them.

        Takes minutes for Connecticut 2011. Raises `WrongInput`.
        """
        if case.plugins:
            raise WrongInput(f"{case.name}: code of your own ({', '.join(case.plugins)}) cannot be compiled")
        self.worlds, self.given, self.device = worlds, given, device_named(device)
        self.draws: list[Draw] = []
        with jax.enable_x64(True), jax.default_device(self.device), jax.default_matmul_precision("highest"):
            number = jax.ShapeDtypeStruct((worlds,), np.float64)
            point = dict.fromkeys(given, number)

            def noting(draw: Draw) -> Any:
                self.draws.append(draw)
                return jax.numpy.empty((draw.rows, worlds), draw.dtype)

            jax.eval_shape(lambda point: traced_block(case, worlds, point, noting), point)
            drawn = [jax.ShapeDtypeStruct((draw.rows, worlds), draw.dtype) for draw in self.draws]

            def run(point: Mapping[str, Any], drawn: list[Any]) -> Any:
                coming = iter(drawn)
                return traced_block(case, worlds, point, lambda _: next(coming))

            self._run = jax.jit(run).lower(point, drawn).compile()

    def block(self, seed: int, worlds: NDArray[np.int64], point: Mapping[str, Any] | None = None) -> Block:
        """These worlds, as many as it is compiled for; ``point`` holds the given numbers, one or one a world."""
        found = jax.tree.map(np.asarray, self.run(self.drawn(seed, worlds), point or {}))
        return Block(**found | {"columns": {"world": np.asarray(worlds), **found["columns"]}})

    def drawn(self, seed: int, worlds: NDArray[np.int64]) -> list[Any]:
        """The luck of these worlds, on the device."""
        luck = Luck.of(seed, worlds)
        with jax.enable_x64(True):
            return jax.device_put([draw.of(luck) for draw in self.draws], self.device)

    def run(self, drawn: list[Any], point: Mapping[str, Any]) -> dict[str, Any]:
        """What `Block` holds, on the device, of the worlds with this luck; see `traced_block`."""
        numbers = {key: np.broadcast_to(np.asarray(point[key], dtype=float), self.worlds) for key in self.given}
        with jax.enable_x64(True), jax.default_device(self.device):
            return self._run(numbers, drawn)


def device_named(name: str) -> Any:
    """The first such device that JAX can use. Raises `WrongInput`."""
    try:
        return jax.devices(name)[0]
    except RuntimeError as error:
        raise WrongInput(f"device: JAX finds no {name!r} here ({str(error).splitlines()[0]})") from None


def compiled_for(device: str, case: Scenario, worlds: int, point: Mapping[str, Any]) -> Compiled:
    """A case compiled for so many worlds in as few blocks of one size as fit; ``point``: numbers by full key.

    Waits until it is compiled, unless it has been before. Raises `WrongInput`.
    """
    if many := [key for key, amount in point.items() if np.ndim(amount)]:
        raise WrongInput(f"{case.name}: {many[0]}: on a device it is one for all worlds, got an array")
    blocks = -(-worlds // (BLOCK if device == "cpu" else MOST))
    return _compiled(_Known(case.fingerprint(), case), worlds // blocks, tuple(sorted(point)), device)


@dataclass(frozen=True)
class _Known:
    """A case, told from others by all that is in it."""

    fingerprint: str
    case: Scenario = field(compare=False)


@lru_cache(maxsize=KEPT)
def _compiled(known: _Known, worlds: int, given: tuple[str, ...], device: str) -> Compiled:
    return Compiled(known.case, worlds, given, device)
