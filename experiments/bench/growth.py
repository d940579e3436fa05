"""How the cost of a world grows with the size of the case: more units, unions, members, legislators, towns, rounds."""

from __future__ import annotations

import csv
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.bench.contest import Contestant, contest
from experiments.bench.contestants import SEED, fresh, in_blocks
from sim.scenario.posterior import POSTERIOR_MOODS
from sim.scenario.scenario import Scenario, load_scenario
from sim.worlds.blocks import simulate_block

VARIED = "members.trust"  # what distinct points differ in
MANY = (1, 10, 133)  # times the unions of a case: two thousand of Connecticut's fifteen
FEW = 16  # worlds of a block with as many unions as that
COPY = re.compile(r"(, (unit|union) \d+)+$")  # what the name of a copy has over the original's
Row = dict[str, str]


class Growth(NamedTuple):
    """One line of a table: a size, and what a world costs there."""

    of: str
    size: int
    worlds_per_second: float


def copies(rows: list[Row], times: int, *columns: str, step: int = 0) -> Iterator[Row]:
    """The rows so many times over, each copy under names (or numbers) of its own in these columns."""
    for copy in range(times):
        for row in rows:
            own = {
                name: str(int(row[name]) + copy * step) if step else f"{row[name]}, {columns[0]} {copy + 1}"
                for name in columns
            }
            yield row | own if copy else row


def read(table: Path) -> list[Row]:
    """The rows of a table."""
    with table.open(newline="") as file:
        return list(csv.DictReader(file))


def enlarged(
    folder: Path, into: Path, *, units: int = 1, unions: int = 1, legislators: int = 1, towns: int = 1
) -> Scenario:
    """A case with its tables so many times as long: the same units, unions, seats and towns under new names."""
    shutil.copytree(folder, into)

    def rewrite(table: str, change: Callable[[list[Row]], Iterable[Row]]) -> None:
        changed = list(change(read(into / table)))
        with (into / table).open("w", newline="") as file:
            writer = csv.DictWriter(file, list(changed[0]))
            writer.writeheader()
            writer.writerows(changed)

    def pairs(rows: list[Row]) -> Iterable[Row]:
        seats = copies(rows, legislators, "district", step=1000)
        return copies([row | {"weight": str(float(row["weight"]) / towns)} for row in seats], towns, "town")

    rewrite("units.csv", lambda rows: copies(list(copies(rows, units, "unit")), unions, "union", "unit"))
    rewrite("legislators.csv", lambda rows: copies(rows, legislators, "district", step=1000))
    rewrite("towns.csv", lambda rows: copies(rows, towns, "town"))
    rewrite("district_towns.csv", pairs)
    if (into / POSTERIOR_MOODS).is_file():  # a copy of a unit is in its original's mood
        names = [row["unit"] for row in read(into / "units.csv")]
        rewrite(POSTERIOR_MOODS, lambda rows: [{name: row[COPY.sub("", name)] for name in names} for row in rows])
    return load_scenario(into)


def points_in_blocks(case: Scenario, block: int, worlds_a_point: int) -> Callable[[], int]:
    """Rows of a design: every point in the same few worlds; or one point, where it has as many worlds as a block."""

    def simulate(rows: NDArray[np.int64]) -> None:
        if worlds_a_point == block:
            simulate_block(case, seed=SEED, worlds=rows, point={VARIED: 2.0})
        else:
            values = 1.0 + (rows // worlds_a_point) * 0.61803398875 % 1.0
            simulate_block(case, seed=SEED, worlds=rows % worlds_a_point, point={VARIED: values})

    return fresh(block, simulate)


def growth(case: Scenario, *, block: int, rounds: int, seconds: float, quick: bool) -> list[Growth]:
    """Every table, its sizes taking turns."""
    times = (1, 2) if quick else (1, 2, 4)
    many = (1, 2) if quick else MANY
    sizes = {
        "units": (len(case.units.names), times, block),
        "legislators": (len(case.seats), times, block),
        "towns": (len(case.town_halls.towns) if case.town_halls is not None else 0, times, block),
        "unions": (len(case.unions.names), many, FEW),
    }
    runs: list[tuple[str, int, Callable[[], int]]] = []
    with TemporaryDirectory() as scratch:
        for table, (size, multiples, worlds) in sizes.items():
            for k in multiples:
                larger = enlarged(case.folder, Path(scratch) / f"{table}-{k}", **{table: k})
                runs.append((table, k * size, in_blocks(larger, worlds)))
        members = int(case.units.members.sum())
        for k in times:
            scaled = case.with_settings({"unions.members_scale": float(k)})
            runs.append(("members", k * members, in_blocks(scaled, block)))
        for held in (13, 26) if quick else (13, 26, 52):
            longer = case.with_settings({"calendar.talks.rounds": held})
            runs.append(("rounds", held, in_blocks(longer, block)))
        widths = (64, 256) if quick else (64, 256, 1024, 2048, 4096, 8192)
        runs += [("worlds in a block", size, in_blocks(case, size)) for size in widths]
        runs += [("worlds a point", n, points_in_blocks(case, block, n)) for n in (block, 100, 10, 1)]
        contestants = [Contestant(name=f"{of} {size}", run=run) for of, size, run in runs]
        rates = list(contest(contestants, rounds=rounds, seconds=seconds, warmed=not quick).values())
    return [
        Growth(of=of, size=size, worlds_per_second=median(own)) for (of, size, _), own in zip(runs, rates, strict=True)
    ]
