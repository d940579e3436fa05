"""How many worlds a question needs: for a stable variance, for a narrow interval, for a difference to be seen.

Sources: Lee, Filatova, Ligmann-Zielinska et al. (2015), JASSS 18(4) 4, on the stability of the coefficient of
variation; Byrne (2013), Proceedings of ICCM, on intervals; Connor (1987), Biometrics 43, for paired shares.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.statistics.intervals import CONFIDENCE, normal_quantile, wilson_half_width, worlds_at_most

TOLERANCE = 0.05  # how far a coefficient of variation may still move
ORDERS = 20  # in which the same worlds are added up: what counts is no order in particular
POWER = 0.8
HALF_WIDTH = 0.01
DIFFERENCE, CHANGED = 0.02, 0.05  # of two deal rates, and the share of worlds that end otherwise
MEASURES = ("deal", "savings", "layoffs", "programmes", "aid", "deficit", "posts_lost", "yes_share_1", "agreed_day")
MOST_ROWS = 20_000  # worlds of a point whose variance is looked at
CHECKED = 64  # numbers of worlds at which the coefficient is looked at


def stable_from(values: ArrayLike, *, tolerance: float = TOLERANCE) -> int | None:
    """Worlds from which the coefficient of variation no longer moves by more than ``tolerance``.

    None where it still does among the last tenth of the worlds given, or the mean is zero. Values that are NaN, where
    a phase did not happen, are left out. The median over several orders of the same worlds.
    """
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if len(known) < 20 or np.isclose(known.mean(), 0):
        return None
    if np.ptp(known) == 0:
        return 2
    sizes = np.unique(np.geomspace(10, len(known), CHECKED).astype(int))
    shuffled = np.random.default_rng(0).permuted(np.broadcast_to(known, (ORDERS, len(known))), axis=1)
    coefficient = _coefficients(shuffled, sizes)
    # farthest that it moves from a size to any larger one
    later_most = np.maximum.accumulate(coefficient[:, ::-1], axis=1)[:, ::-1]
    later_least = np.minimum.accumulate(coefficient[:, ::-1], axis=1)[:, ::-1]
    with np.errstate(invalid="ignore"):  # infinite as long as nothing was seen
        moves = np.maximum(later_most - coefficient, coefficient - later_least)
    found = int(np.median(sizes[np.argmax(moves <= tolerance, axis=1)]))
    return found if found <= 0.9 * len(known) else None


def _coefficients(rows: NDArray[np.float64], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standard deviation over mean of the first so many values of each row, (rows, sizes)."""
    total, squares = np.cumsum(rows, axis=1)[:, sizes - 1], np.cumsum(rows * rows, axis=1)[:, sizes - 1]
    mean = total / sizes
    variance = np.maximum(squares / sizes - mean * mean, 0) * sizes / (sizes - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(mean == 0, np.inf, np.sqrt(variance) / np.abs(mean))


def worlds_for_difference(difference: float, changed: float) -> int:
    """Pairs of worlds in which a difference of two deal rates is seen four times in five, at 95 % confidence.

    ``changed``: share of worlds that end otherwise at one of the two points than at the other, at least the
    difference itself. Points of a study meet the same worlds, so few worlds change and few are needed.
    """
    if not 0 < difference <= changed <= 1:
        raise ValueError(f"needs 0 < difference <= changed <= 1, got {difference!r} and {changed!r}")
    z, z_power = normal_quantile(CONFIDENCE), normal_quantile(2 * POWER - 1)
    root = z * math.sqrt(changed) + z_power * math.sqrt(max(changed - difference**2, 0.0))
    return math.ceil((root / difference) ** 2)


def precision_of(worlds: int) -> dict[str, Any]:
    """What so many worlds a point are good for whatever comes out, and what finer answers would take."""
    return {
        "worlds_a_point": int(worlds),
        "half_width_at_worst": round(float(wilson_half_width(worlds / 2, worlds)), 5),
        "for_half_width": {"half_width": HALF_WIDTH, "worlds": worlds_at_most(HALF_WIDTH)},
        "for_difference": {
            "difference": DIFFERENCE,
            "changed": CHANGED,
            "worlds": worlds_for_difference(DIFFERENCE, CHANGED),
        },
    }


def adequacy(columns: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """`precision_of` for the worlds of one point, with what they themselves say.

    That is the half-width of its deal rate, and from how many worlds the variance of each measure is stable: None where
    that is more than there are.
    """
    deal = np.asarray(columns["deal"], bool)
    return precision_of(len(deal)) | {
        "half_width": round(float(wilson_half_width(deal.sum(), len(deal))), 5),
        "variance_stable_from": {name: stable_from(columns[name][:MOST_ROWS]) for name in MEASURES if name in columns},
        "tolerance": TOLERANCE,
    }


def of_folder(path: Path) -> dict[str, Any] | None:
    """`adequacy` of the first point of a finished study, its variances from its first rows; None where it has none."""
    from pyarrow import parquet

    file = parquet.ParquetFile(path / "runs.parquet")
    names = ["point", *(name for name in MEASURES if name in file.schema_arrow.names)]
    if file.num_row_groups == 0 or "deal" not in names:
        return None
    rows = file.read_row_group(0, columns=names)
    here = rows["point"].to_numpy() == 0
    if not here.any():
        return None
    deals = parquet.read_table(path / "runs.parquet", columns=["deal"], filters=[("point", "==", 0)])["deal"].to_numpy()
    return adequacy({name: rows[name].to_numpy()[here] for name in names[1:]} | {"deal": deals})


def in_words(found: Mapping[str, Any]) -> str:
    """The same in a sentence."""
    finer, difference = found["for_half_width"], found["for_difference"]
    if "half_width" in found:
        known_to = f"worlds give the first point's deal rate to +- {found['half_width']:.3f}"
    else:
        known_to = f"worlds a point give a deal rate to +- {found['half_width_at_worst']:.3f} at worst"
    said = (
        f"{found['worlds_a_point']:,} {known_to}; +- {finer['half_width']:g} takes at most "
        f"{finer['worlds']:,}; "
        f"a difference of {difference['difference']:g} where {100 * difference['changed']:g} % of worlds change takes "
        f"{difference['worlds']:,} common worlds"
    )
    stable = found.get("variance_stable_from", {})
    known = [worlds for worlds in stable.values() if worlds is not None]
    if known:
        said += f"; the variance of {len(known)} of {len(stable)} measures is stable from {max(known):,} worlds"
    return said
