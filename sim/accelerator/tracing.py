"""A crisis played once with arrays whose numbers are not known yet: what it needs, and what comes of it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from threading import Lock
from typing import Any, NamedTuple

import numpy as np

from sim.accelerator.functions import TracedNumPy
from sim.accelerator.places import AsksForNumbers
from sim.accelerator.traced import Traced, plain
from sim.crisis import Crisis
from sim.errors import WrongInput
from sim.scenario.scenario import Scenario
from sim.worlds import axis
from sim.worlds.axis import Array
from sim.worlds.randomness import Luck, Stream, normal_at

MODEL = ("sim.", "agents.")  # whose modules are traced
_one_at_a_time = Lock()


class Draw(NamedTuple):
    """What a crisis draws of the worlds' luck, by `Luck`'s own words."""

    how: str  # uniforms, coarse, one_uniform_each
    stream: Stream
    what: int | tuple[str, ...]  # how many, or of which labels

    @property
    def rows(self) -> int:
        return self.what if isinstance(self.what, int) else len(self.what)

    @property
    def dtype(self) -> type[np.generic]:
        return np.uint16 if self.how == "coarse" else np.float64

    def of(self, luck: Luck) -> Array:
        """In these worlds, (rows, worlds)."""
        return np.asarray(getattr(luck, self.how)(self.stream, self.what))


@dataclass(frozen=True, slots=True, eq=False)
class TracedLuck(Luck):
    """Luck that is not known yet: ``draw`` says what array stands for a draw."""

    draw: Callable[[Draw], Any]

    def uniforms(self, stream: Stream, width: int) -> Any:
        return Traced(self.draw(Draw("uniforms", stream, width)))

    def coarse(self, stream: Stream, width: int, here: Any = None) -> Any:
        return Traced(self.draw(Draw("coarse", stream, width)))

    def normals(self, stream: Stream, width: int) -> Any:
        return normal_at(self.coarse(stream, width))

    def one_uniform_each(self, stream: Stream, labels: Any) -> Any:
        return Traced(self.draw(Draw("one_uniform_each", stream, tuple(labels))))


def traced_block(
    case: Scenario, worlds: int, point: Mapping[str, Any], draw: Callable[[Draw], Any]
) -> dict[str, dict[str, Any] | Any]:
    """What `sim.measures.Block` holds after the crisis, by field, as JAX's arrays; the columns by name.

    ``point``: numbers by full key, JAX's arrays (worlds,). Raises `WrongInput` where a rule cannot be compiled.
    """
    places = np.arange(worlds)
    try:
        with _traced_numpy():
            given = {key: Traced(numbers) for key, numbers in point.items()}
            luck = TracedLuck(0, places, draw)
            block = Crisis(case, worlds=places, seed=0, point=given, checked=True, luck=luck).play()
    except AsksForNumbers as error:
        raise WrongInput(f"{case.name}: cannot be compiled: {_where_in_the_model(error)} {error}") from error
    found = {field.name: getattr(block, field.name) for field in fields(block)}
    columns = {name: plain(column) for name, column in found.pop("columns").items() if name != "world"}
    return {"columns": columns} | {name: plain(array) for name, array in found.items()}


@contextmanager
def _traced_numpy() -> Iterator[None]:
    """The model's modules see `TracedNumPy`, and take all rows at once: what is compiled is cut for its machine."""
    traced, near = TracedNumPy(), axis.NEAR
    with _one_at_a_time:
        seen = [
            module
            for name, module in list(sys.modules.items())
            if _of_the_model(name) and getattr(module, "np", None) is np
        ]
        try:
            axis.NEAR = 2**62
            for module in seen:
                module.np = traced  # type: ignore[attr-defined]
            yield
        finally:
            axis.NEAR = near
            for module in seen:
                module.np = np  # type: ignore[attr-defined]


def _where_in_the_model(error: BaseException) -> str:
    steps = traceback.walk_tb(error.__traceback__)
    frame, line = [step for step in steps if _of_the_model(step[0].f_globals["__name__"])][-1]
    return f"{frame.f_code.co_filename}, line {line}, {frame.f_code.co_name}:"


def _of_the_model(module: str) -> bool:
    return module.startswith(MODEL) and not module.startswith(__package__)
