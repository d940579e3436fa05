"""Two results folders held against each other: which rows differ, in what, and by how much."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.runs.manifest import differences, read_manifest, table_of

FACTS = ("planb", "python", "packages", "platform", "study", "seed", "scenario_sha256", "code_sha256", "points_sha256")
KEYS = ["point", "world"]
SHOWN = 10  # rows and facts


def compare(a: Path, b: Path) -> dict[str, Any]:
    """Rows of one table only, columns that differ in rows of both, and the first such rows.

    Columns are read one at a time, so memory grows with the rows, not with the columns.

    Raises: WrongInput if a folder has no sound table.
    """
    manifests = read_manifest(a), read_manifest(b)
    files = [table_of(path, manifest) for path, manifest in zip((a, b), manifests, strict=True)]
    keys = [_keys(file) for file in files]
    both, in_a, in_b = np.intersect1d(*keys, assume_unique=True, return_indices=True)
    names = [file.schema_arrow.names for file in files]
    common = [name for name in names[0] if name in names[1] and name not in KEYS]
    columns, any_differs = {}, np.zeros(len(both), bool)
    for name in common:
        found = _column(*(_values(f, name)[at] for f, at in zip(files, (in_a, in_b), strict=True)))
        any_differs |= found["differs"]
        if found["differs"].any():
            columns[name] = {"rows": int(found["differs"].sum()), **found["by"]}
    first = both[any_differs][:SHOWN]
    facts = [{key: manifest.get(key) for key in FACTS} for manifest in manifests]
    only = [int(len(own) - len(both)) for own in keys]
    named = [[name for name in mine if name not in other] for mine, other in (names, names[::-1])]
    return {
        "a": str(a),
        "b": str(b),
        "same": not (any_differs.any() or sum(only) or named[0] or named[1]),
        "same_exact_hash": manifests[0].get("table_sha256") == manifests[1].get("table_sha256"),
        "same_rounded_hash": manifests[0].get("rounded_sha256") == manifests[1].get("rounded_sha256"),
        "rows_in_both": len(both),
        "rows_only_in_a": only[0],
        "rows_only_in_b": only[1],
        "columns_only_in_a": named[0],
        "columns_only_in_b": named[1],
        "rows_that_differ": int(any_differs.sum()),
        "columns": columns,
        "first": [f"{key >> 40}:{key & (2**40 - 1)}" for key in first.tolist()],
        "facts_that_differ": list(differences(*facts))[:SHOWN],
    }


def _keys(file: Any) -> NDArray[np.int64]:
    """Point and world of every row as one number: designs have below 2^23 points, and worlds end at 10^12 < 2^40."""
    table = file.read(columns=KEYS)
    point, world = (table[name].to_numpy().astype(np.int64) for name in KEYS)
    return np.asarray((point << 40) | world)


def _values(file: Any, name: str) -> NDArray[Any]:
    """A column of the table; words as objects."""
    return np.asarray(file.read(columns=[name])[name].to_pandas())


def _column(a: NDArray[Any], b: NDArray[Any]) -> dict[str, Any]:
    """Where two columns differ, and by how much at most: in units, and as a share of the larger."""
    if a.dtype == object or b.dtype == object or a.dtype == bool:
        return {"differs": np.asarray(a != b, dtype=bool), "by": {}}
    wide_a, wide_b = a.astype(np.float64), b.astype(np.float64)
    differs = (wide_a != wide_b) & ~(np.isnan(wide_a) & np.isnan(wide_b))
    gap = np.abs(wide_a - wide_b)[differs]
    size = np.maximum(np.abs(wide_a), np.abs(wide_b))[differs]
    known = np.isfinite(gap)
    if not known.any():
        return {"differs": differs, "by": {"one_is_blank": int((~known).sum())}}
    most = {"at_most": float(gap[known].max()), "at_most_relative": float((gap[known] / size[known]).max())}
    return {"differs": differs, "by": most | ({"one_is_blank": int((~known).sum())} if (~known).any() else {})}
