"""The towns' outlines as SVG paths, and how dark a loss is."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.charts.town_map import read_boundaries

LIMITS = (0.001, 0.005, 0.01, 0.02, 0.04)  # share of the budget; always the same, so that maps can be compared
SHADES = ("#F4F4F0", "#D9EDB9", "#8FCFBA", "#41A9C4", "#2166AC", "#12305F")


def shade(share: float) -> int:
    """Which class a loss belongs to."""
    return sum(share >= limit for limit in LIMITS)


@lru_cache(maxsize=8)
def town_paths(boundaries: str, *, wide: float, left: float, top: float, least: float) -> tuple[dict[str, str], float]:
    """Every town's outline as an SVG path, and the height of the map; a degree of longitude as long as it is there.

    Corners nearer than ``least`` to the one before are left out.
    """
    rings = read_boundaries(Path(boundaries))
    points = [point for outline in rings.values() for ring in outline for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = wide / ((east - west) * squeeze)

    def drawn(ring: NDArray[np.float64]) -> str:
        spots: list[tuple[float, float]] = []
        for x, y in ring:
            spot = left + (x - west) * squeeze * scale, top + (north - y) * scale
            if not spots or math.dist(spot, spots[-1]) >= least:
                spots.append(spot)
        return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in spots) + "Z"

    paths = {name: "".join(drawn(ring) for ring in outline) for name, outline in rings.items()}
    return paths, (north - south) * scale
