"""What happened, world by world, as a table for process tracing: ``events.parquet``.

A row is a happening in a world: world, date, phase, actor, happening, and its amounts by name, as ``favour/CEUI``; in a
results folder the point too. Worlds are known by their addresses, so the record of worlds that were run without one is
made by running them again. That goes in batches that depend on the worlds asked for alone, and amounts have the seven
digits of the table of results, so the file is the same to the byte however the study was run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.runs.files import put_in_place
from sim.crisis import Crisis
from sim.record import Happening, labels
from sim.worlds.blocks import blocks

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

NAME = "events.parquet"
AT_ONCE = 256  # rows of a batch


class Batch(NamedTuple):
    """Worlds to be run at once, (rows,); one may come several times, at several points."""

    scenario: Scenario  # with the words, switches and dates that all rows share
    worlds: NDArray[np.int64]
    point: Mapping[str, Any]  # parameter -> (rows,), or a number for all
    numbers: NDArray[np.int64] | None = None  # of the points, (rows,); None: there is but one


def first_worlds(scenario: Scenario, worlds: int) -> Iterator[Batch]:
    """Worlds 0 to ``worlds`` - 1 of a scenario."""
    yield from (Batch(scenario, ids, {}) for ids in blocks(worlds, AT_ONCE))


def write_events(path: Path, batches: Iterable[Batch], *, seed: int) -> int:
    """Run these worlds with everything that happens, in their order; returns the happenings written.

    The file has its name once it is whole; without a happening there is none.
    """
    from pyarrow import parquet

    temporary, writer, rows = path.with_suffix(".parquet.tmp"), None, 0
    try:
        for batch in batches:
            table = happenings(batch, seed)
            writer = writer or parquet.ParquetWriter(
                temporary, table.schema, compression="zstd", write_page_checksum=True
            )
            writer.write_table(table)
            rows += table.num_rows
        if writer is not None:
            writer.close()
            put_in_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return rows


def happenings(batch: Batch, seed: int) -> Any:
    """What happens in the worlds of a batch, world after world, as an Arrow table."""
    import pyarrow as pa

    record: list[Happening] = []
    worlds, point = batch.worlds, batch.point
    Crisis(batch.scenario, worlds=worlds, seed=seed, point=point, observers=[record.append]).play()
    names = labels(batch.scenario)
    found = [(place, said) for place in range(len(worlds)) for said in record if said.where[place]]
    keys, values, ends = list[str](), list[float](), [0]
    for place, said in found:
        for name, amount in said.amounts(place, names):
            keys.append(name)
            values.append(amount)
        ends.append(len(keys))
    at = np.array([place for place, _ in found], np.int64)
    columns = {} if batch.numbers is None else {"point": pa.array(batch.numbers[at], pa.int64())}
    columns["world"] = pa.array(worlds[at], pa.int64())
    columns["date"] = pa.array([said.date for _, said in found], pa.date32())
    columns["phase"] = pa.array([said.phase for _, said in found], pa.string())
    columns["actor"] = pa.array([said.who for _, said in found], pa.string())
    columns["happening"] = pa.array([type(said).__name__ for _, said in found], pa.string())
    amounts = np.array(values, np.float32)
    columns["amounts"] = pa.MapArray.from_arrays(
        pa.array(ends, pa.int32()), pa.array(keys, pa.string()), pa.array(amounts)
    )
    return pa.table(columns)
