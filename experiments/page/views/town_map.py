"""The towns on a map, by what they stand to lose or lose of their budgets."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path

from experiments.charts.town_map import read_boundaries
from experiments.page.moments import Snapshot, TownSeen, TownsSeen
from experiments.page.svg import SMALL, SOFT, TITLE, Picture, musd, percent

WIDTH = 600.0
TOP, BOTTOM = 26.0, 40.0
LIMITS = (0.001, 0.005, 0.01, 0.02, 0.04)  # share of the budget; always the same, so that maps can be compared
SHADES = ("#F4F4F0", "#D9EDB9", "#8FCFBA", "#41A9C4", "#2166AC", "#12305F")
SILENT = "#F4F4F0"
LEGEND = 124.0  # where its first shade is


def draw_towns(snapshot: Snapshot) -> str:
    """Darker is worse; what nobody threatens yet is left pale."""
    outlines, height = town_paths(snapshot.case.boundaries)
    seen = snapshot.towns
    picture = Picture(WIDTH, height + TOP + BOTTOM, "Map of the towns by loss of state aid")
    loss = seen.loss if seen else (0.0,) * len(snapshot.case.towns)
    mills = seen.mills if seen else (0.0,) * len(snapshot.case.towns)
    picture.text(4, 16, _title(snapshot, seen), font_weight="600", font_size=TITLE)
    for town, amount, rise in zip(snapshot.case.towns, loss, mills, strict=True):
        share = amount / town.budget
        picture.mark(
            "path",
            tip=_tip(town, amount, rise, seen),
            d=outlines.get(town.name, ""),
            fill=SHADES[shade(share)],
            stroke="#8A8A8A",
            stroke_width=0.5,
        )
    _legend(picture, height + TOP + 12)
    return str(picture)


def shade(share: float) -> int:
    """Which class a loss belongs to."""
    return sum(share >= limit for limit in LIMITS)


def _title(snapshot: Snapshot, seen: TownsSeen | None) -> str:
    if seen is None:
        return "No cut of town aid is on the table."
    total = sum(seen.loss)
    if total < 0.05:
        return "Town aid is spared." if seen.kind == "cut" else "Town aid is out of the bill."
    return f"{'Towns lose' if seen.kind == 'cut' else 'Towns fear for'} {musd(total)} a year of state aid"


def _tip(town: TownSeen, amount: float, rise: float, seen: TownsSeen | None) -> str:
    if seen is None or amount <= 0:
        return f"{town.name}: loses nothing; budget {musd(town.budget)}"
    verb = "loses" if seen.kind == "cut" else "may lose"
    words = f"{town.name} {verb} {amount:.2f} M$ a year, {percent(amount / town.budget)} of its budget, "
    words += f"{amount * 1e6 / town.people:,.0f} $ a head"
    return words + (f"; taxes rise by {rise:.2f} mills" if rise > 0.005 else "")


def _legend(picture: Picture, y: float) -> None:
    names = ["none", *(f"≥ {percent(limit)}" for limit in LIMITS)]
    wide = (WIDTH - LEGEND) / len(names)
    picture.text(4, y + 10, "share of budget", font_size=SMALL, fill=SOFT)
    for place, (name, colour) in enumerate(zip(names, SHADES, strict=True)):
        x = LEGEND + place * wide
        picture.rect(x, y, 14, 12, fill=colour, stroke="#8A8A8A", stroke_width=0.5)
        picture.text(x + 19, y + 10, name, font_size=SMALL)


@lru_cache(maxsize=8)
def town_paths(boundaries: str) -> tuple[dict[str, str], float]:
    """Every town's outline as an SVG path, and the height of the map; a degree of longitude as long as it is there."""
    rings = read_boundaries(Path(boundaries))
    points = [point for outline in rings.values() for ring in outline for point in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 8) / ((east - west) * squeeze)

    def spot(point: tuple[float, float]) -> str:
        return f"{4 + (point[0] - west) * squeeze * scale:.1f} {TOP + (north - point[1]) * scale:.1f}"

    paths = {
        name: "".join("M" + "L".join(spot(point) for point in ring) + "Z" for ring in outline)
        for name, outline in rings.items()
    }
    return paths, (north - south) * scale
