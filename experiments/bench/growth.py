"""How the cost of a world grows with the size of the case: more units, members, legislators, towns, rounds, points."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from experiments.bench.contest import Contestant, rate
from experiments.bench.contestants import SEED, in_blocks
from sim.scenario.scenario import Scenario, load_scenario
from sim.worlds.blocks import simulate_block

VARIED = "members.trust"  # what distinct points differ in
Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """One line of a table: a size, and what a world costs there."""

    of: str
    size: int
    worlds_per_second: float


def copies(rows: list[Row], column: str, times: int, *, step: int = 0) -> Iterator[Row]:
    """The rows so many times over, each under a name (or a number) of its own."""
    for copy in range(times):
        for row in rows:
            name = row[column]
            other = str(int(name) + copy * step) if step else f"{name} {copy + 1}" if copy else name
            yield row | {column: other}


def enlarged(folder: Path, into: Path, *, units: int = 1, legislators: int = 1, towns: int = 1) -> Scenario:
    """A case with its tables so many times as long: the same units, seats and towns under new names."""
    shutil.copytree(folder, into)

    def rewrite(table: str, change: Callable[[list[Row]], list[Row]]) -> None:
        with (into / table).open(newline="") as file:
            rows = list(csv.DictReader(file))
        with (into / table).open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(change(rows))

    def pairs(rows: list[Row]) -> list[Row]:
        seats = list(copies(rows, "district", legislators, step=1000))
        shared = [row | {"weight": str(float(row["weight"]) / towns)} for row in seats]
        return list(copies(shared, "town", towns))

    rewrite("units.csv", lambda rows: list(copies(rows, "unit", units)))
    rewrite("legislators.csv", lambda rows: list(copies(rows, "district", legislators, step=1000)))
    rewrite("towns.csv", lambda rows: list(copies(rows, "town", towns)))
    rewrite("district_towns.csv", pairs)
    return load_scenario(into)


def points_in_blocks(case: Scenario, block: int, worlds_a_point: int | None) -> Callable[[], int]:
    """Rows of a design: every point in the same few worlds; or one point in as many worlds as there are rows."""
    done = 0

    def run() -> int:
        nonlocal done
        rows = np.arange(done, done + block)
        done += block
        if worlds_a_point is None:
            simulate_block(case, seed=SEED, worlds=rows, point={VARIED: 2.0})
        else:
            values = 1.0 + (rows // worlds_a_point) * 0.61803398875 % 1.0
            simulate_block(case, seed=SEED, worlds=rows % worlds_a_point, point={VARIED: values})
        return block

    return run


def growth(case: Scenario, *, block: int, rounds: int, seconds: float, quick: bool) -> list[Growth]:
    """Every table, its sizes taking turns."""
    times = (1, 2) if quick else (1, 2, 4)
    runs: list[tuple[str, int, Callable[[], int]]] = []
    with TemporaryDirectory() as scratch:
        sizes = {"units": len(case.units.names), "legislators": len(case.seats)}
        sizes["towns"] = len(case.town_halls.towns) if case.town_halls is not None else 0
        for table, size in sizes.items():
            for k in times:
                larger = enlarged(case.folder, Path(scratch) / f"{table}-{k}", **{table: k})
                runs.append((table, k * size, in_blocks(larger, block)))
        members = int(case.units.members.sum())
        for k in times:
            scaled = case.with_settings({"unions.members_scale": float(k)})
            runs.append(("members", k * members, in_blocks(scaled, block)))
        for held in (13, 26, 52):
            longer = case.with_settings({"calendar.talks.rounds": held})
            runs.append(("rounds", held, in_blocks(longer, block)))
        widths = (64, 256) if quick else (64, 256, 1024, 2048, 4096, 8192)
        runs += [("worlds in a block", size, in_blocks(case, size)) for size in widths]
        runs.append(("worlds a point", block, points_in_blocks(case, block, None)))
        runs += [("worlds a point", n, points_in_blocks(case, block, n)) for n in (100, 10, 1)]
        contestants = [Contestant(name=f"{of} {size}", run=run) for of, size, run in runs]
        rates = [[rate(contestant, seconds) for contestant in contestants] for _ in range(rounds + 1)][1:]
    return [
        Growth(of=of, size=size, worlds_per_second=median(one[place] for one in rates))
        for place, (of, size, _) in enumerate(runs)
    ]
