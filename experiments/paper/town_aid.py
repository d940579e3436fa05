"""When is town aid spared? A table of what moves the chambers, in the worlds that come to a special session.

    python -m experiments.paper.town_aid [FOLDER]

Runs the study ``town-aid`` into the folder (results/town-aid) unless it is there already, and writes
``tables/town_aid.csv``: a row a point, with the shares of sessions in which aid was struck, the request refused, or
either, each with its Wilson interval. All points meet the same worlds, so they differ by what is varied.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.runs.runner import run
from experiments.runs.study import load_study
from experiments.statistics.intervals import wilson_interval

MEASURES = ("request_passed", "aid_struck", "aid_spared")


class Row(NamedTuple):
    """One point of the study; shares of its sessions."""

    varied: str
    value: float
    sessions: int
    struck: float
    refused: float
    spared: float
    spared_low: float
    spared_high: float


def rows_of(columns: Mapping[str, NDArray[Any]], base: Mapping[str, float], varied: list[str]) -> Iterator[Row]:
    """A row a point of a one-at-a-time study. ``columns``: its runs; ``base``: the value of each varied parameter."""
    for point in np.unique(columns["point"]):
        here = columns["point"] == point
        moved = [name for name in varied if columns[name][here][0] != base[name]]
        name = moved[0] if moved else "as it is"
        met = here & np.isfinite(columns["request_passed"])
        sessions = int(met.sum())
        spared = int(columns["aid_spared"][met].sum())
        low, high = wilson_interval(spared, sessions)
        yield Row(
            varied=name,
            value=float(columns[name][here][0]) if moved else float("nan"),
            sessions=sessions,
            struck=float(np.mean(columns["aid_struck"][met])) if sessions else float("nan"),
            refused=1 - float(np.mean(columns["request_passed"][met])) if sessions else float("nan"),
            spared=spared / max(sessions, 1),
            spared_low=float(low),
            spared_high=float(high),
        )


def town_aid_table(folder: Path) -> list[Row]:
    """The table from a results folder of the study."""
    import pyarrow.parquet as pq

    varied = list(load_study("town-aid").design.model_dump()["vary"])
    table = pq.read_table(folder / "runs.parquet", columns=["point", *varied, *MEASURES])
    columns = {name: table[name].to_numpy().astype(float) for name in table.column_names}
    first = columns["point"] == columns["point"].min()  # the base case comes first
    return list(rows_of(columns, {name: columns[name][first][0] for name in varied}, varied))


def write(rows: list[Row], path: Path) -> None:
    """As a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(Row._fields)
        out.writerows([row.varied, *(f"{value:.6g}" for value in row[1:])] for row in rows)


def main(folder: Path = Path("results/town-aid")) -> None:
    """Run if need be, write the table, print it."""
    if not (folder / "runs.parquet").is_file():
        run(load_study("town-aid"), folder)
    rows = town_aid_table(folder)
    write(rows, folder / "tables" / "town_aid.csv")
    print(f"{'varied':26s} {'value':>7s} {'sessions':>8s} {'struck':>7s} {'refused':>7s} {'spared':>7s}  interval")
    for row in rows:
        value = "" if np.isnan(row.value) else f"{row.value:g}"
        print(
            f"{row.varied:26s} {value:>7s} {row.sessions:8d} {row.struck:7.1%} {row.refused:7.1%} {row.spared:7.1%}"
            f"  {row.spared_low:.1%} to {row.spared_high:.1%}"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1])) if len(sys.argv) > 1 else main()
