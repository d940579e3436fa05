"""What happened, world by world, as a table for process tracing: ``events.parquet``.

A row is a happening in a world: world, date, phase, actor, happening, and its amounts by name, as ``favour/CEUI``.
Worlds are known by their addresses, so the record of worlds that were run without one is made by running them again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.crisis import Crisis
from sim.record import Happening, labels
from sim.worlds.blocks import blocks

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

AT_ONCE = 256  # worlds


def write_events(
    path: Path, scenario: Scenario, *, seed: int, worlds: int, points: Sequence[Mapping[str, Any]] = ({},)
) -> int:
    """Worlds 0 to ``worlds`` - 1 of every point, run again with everything that happens; returns the rows written.

    ``point`` is a column only where there are several.
    """
    import pyarrow as pa
    from pyarrow import parquet

    amounts = pa.map_(pa.string(), pa.float64())
    known = [("world", pa.int64()), ("date", pa.date32()), ("phase", pa.string()), ("actor", pa.string())]
    schema = pa.schema([*known, ("happening", pa.string()), ("amounts", amounts)])
    if len(points) > 1:
        schema = schema.insert(0, pa.field("point", pa.int64()))
    rows = 0
    with parquet.ParquetWriter(path, schema) as out:
        for number, point in enumerate(points):
            for ids in blocks(worlds, AT_ONCE):
                found = list(_events(scenario, seed, ids, point))
                if len(points) > 1:
                    found = [{"point": number, **row} for row in found]
                out.write_table(pa.Table.from_pylist(found, schema=schema))
                rows += len(found)
    return rows


def _events(scenario: Scenario, seed: int, ids: np.ndarray, point: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    record: list[Happening] = []
    shared, numbers = scenario.structure(point)
    case = scenario.with_settings(shared) if shared else scenario
    Crisis(case, worlds=ids, seed=seed, point=numbers, observers=[record.append]).play()
    names = labels(case)
    for place, world in enumerate(ids.tolist()):
        for said in record:
            if said.where[place]:
                yield {
                    "world": world,
                    "date": said.date,
                    "phase": said.phase,
                    "actor": said.who,
                    "happening": type(said).__name__,
                    "amounts": list(said.amounts(place, names)),
                }
