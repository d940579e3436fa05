"""A map of the towns, coloured by one value a town."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.charts.chart import ONE_RUN, Drawn, Options, chart, one
from experiments.charts.palette import INK
from experiments.charts.results import Results
from sim.errors import WrongInput, nearest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Rings = list[NDArray[np.float64]]  # a town's outlines, each (points, 2) of longitude and latitude, holes among them

KM_A_DEGREE = 111.2  # of latitude
LIGHTEST, DARKEST = 0.1, 1.0  # part of the colour map in use: its palest end would be taken for paper
NO_DATA: dict[str, Any] = {"facecolor": "white", "edgecolor": "#777777", "hatch": "//////", "linewidth": 0.3}
BORDER: dict[str, Any] = {"edgecolor": "white", "linewidth": 0.35}


def read_boundaries(path: Path) -> dict[str, Rings]:
    """Outlines of the towns by name, from a GeoJSON file whose features have a property "town".

    Raises: WrongInput if the file is not there, is no such GeoJSON, or names a town twice.
    """
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
    except OSError as error:
        raise WrongInput(f"{path.name}: cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise WrongInput(f"{path.name}: is not a GeoJSON collection of features") from error
    outlines: dict[str, Rings] = {}
    for place, feature in enumerate(features):
        try:
            name, shape = feature["properties"]["town"], feature["geometry"]
            polygons = {"Polygon": [shape["coordinates"]], "MultiPolygon": shape["coordinates"]}[shape["type"]]
            rings = [np.asarray(ring, dtype=float)[:, :2] for polygon in polygons for ring in polygon]
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise WrongInput(f"{path.name}: feature {place} needs a property 'town' and a polygon") from error
        if name in outlines:
            raise WrongInput(f"{path.name}: town {name!r} appears twice")
        outlines[name] = rings
    return outlines


def class_breaks(values: Sequence[float], classes: int = 5) -> list[float]:
    """Limits of classes with about as many towns in each, at two significant digits; one more than there are classes.

    A value belongs to the class whose lower limit it reaches. Equal limits are merged, so there may be fewer classes.
    """
    known = np.sort([value for value in values if math.isfinite(value)])
    if not len(known):
        raise ValueError("no town has a value")
    inner = {_rounded(limit) for limit in np.quantile(known, np.linspace(0, 1, classes + 1)[1:-1])}
    low, high = _rounded(known[0], math.floor), _rounded(known[-1], math.ceil)
    return [low, *sorted(limit for limit in inner if low < limit < high), max(high, low)]


def _rounded(amount: float, how: Any = round) -> float:
    """To two significant digits, to the nearest or in the direction of ``how``."""
    if amount == 0:
        return 0.0
    digits = 1 - math.floor(math.log10(abs(amount)))
    # scaled by a whole power of ten on the exact side, so that 0.3 stays 0.3
    return how(amount * 10**digits) / 10**digits if digits >= 0 else float(how(amount / 10**-digits) * 10**-digits)


def draw_town_map(
    ax: Axes,
    values: Mapping[str, float],
    boundaries: Mapping[str, Rings],
    *,
    unit: str,
    breaks: Sequence[float] | None = None,
    names: Sequence[str] = (),
) -> Axes:
    """Towns filled by class of their value, darker for more; hatched where there is no value or it is NaN.

    ``breaks`` are the limits of the classes (default: about as many towns in each), so that two maps can share them;
    values beyond the ends go to the class at that end. ``names`` are written on the map. Raises `WrongInput` for a
    town without a boundary.
    """
    from matplotlib import colormaps
    from matplotlib.patches import Patch

    for name in [*values, *names]:
        if name not in boundaries:
            raise WrongInput(f"town map: no boundary for town {name!r}{nearest(name, boundaries)}")
    known = {name: value for name, value in values.items() if math.isfinite(value)}
    limits = list(breaks) if breaks is not None else class_breaks(list(known.values()))
    count = max(len(limits) - 1, 1)
    shades = colormaps["YlGnBu"](np.linspace(LIGHTEST, DARKEST, count) if count > 1 else [0.5])
    klass = {name: min(max(int(np.searchsorted(limits, v, "right")) - 1, 0), count - 1) for name, v in known.items()}

    legend = []
    for place, shade in enumerate(shades):
        members = [name for name in boundaries if klass.get(name) == place]
        look: dict[str, Any] = {"facecolor": shade, **BORDER}
        _fill(ax, [boundaries[name] for name in members], look)
        legend.append(Patch(label=f"{_range_words(limits, place)}  ({_towns(len(members))})", **look))
    missing = [name for name in boundaries if name not in known]
    if missing:
        _fill(ax, [boundaries[name] for name in missing], NO_DATA)
        legend.append(Patch(label=f"no value  ({_towns(len(missing))})", **NO_DATA))
    _frame(ax, boundaries)
    for name in names:
        _write(ax, name, boundaries[name])
    ax.legend(
        handles=legend,
        title=unit,
        loc="upper left",
        bbox_to_anchor=(0, 0),
        ncols=2 if len(legend) > 3 else len(legend),
        alignment="left",
    )
    return ax


def _fill(ax: Axes, outlines: Sequence[Rings], look: Mapping[str, Any]) -> None:
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path as Outline

    paths = [Outline.make_compound_path(*(Outline(ring, closed=True) for ring in rings)) for rings in outlines]
    ax.add_collection(PathCollection(paths, transform=ax.transData, **look))


def _frame(ax: Axes, boundaries: Mapping[str, Rings]) -> None:
    """The extent of the state at the right proportions, and a scale: a degree of longitude shrinks with latitude."""
    points = np.concatenate([ring for rings in boundaries.values() for ring in rings])
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    shrink = math.cos(math.radians((south + north) / 2))
    margin = 0.01 * (east - west)
    ax.set(xlim=(west - margin, east + margin), ylim=(south - margin, north + margin), aspect=1 / shrink)
    ax.axis("off")
    length = _scale_km((east - west) * shrink * KM_A_DEGREE)
    start, stop = east - length / (KM_A_DEGREE * shrink), east
    ax.plot([start, stop], [south, south], color=INK, linewidth=1.2, solid_capstyle="butt")
    ax.text((start + stop) / 2, south + margin, f"{length:g} km", ha="center", va="bottom", size="small", color=INK)


def _scale_km(width: float) -> float:
    """A round length of at most a fifth of the map's width."""
    magnitude = 10.0 ** math.floor(math.log10(width / 5))
    return max(step * magnitude for step in (1, 2, 5) if step * magnitude <= width / 5)


def _write(ax: Axes, name: str, rings: Rings) -> None:
    """The name on the town's northern border, so that the colour below it shows."""
    from matplotlib.patheffects import withStroke

    points = np.concatenate(rings)
    south, north = points[:, 1].min(), points[:, 1].max()
    middle = points[points[:, 1] > north - 0.25 * (north - south), 0].mean()
    halo = [withStroke(linewidth=1.6, foreground="white")]
    ax.text(middle, north, name, ha="center", va="center", size="small", color=INK, path_effects=halo)


def _range_words(limits: Sequence[float], place: int) -> str:
    if len(limits) == 1 or limits[0] == limits[-1]:
        return f"{limits[0]:,.6g}"
    return f"{limits[place]:,.6g} to {limits[place + 1]:,.6g}"


def _towns(count: int) -> str:
    return f"{count} town" if count == 1 else f"{count} towns"


def town_map_table(values: Mapping[str, float], boundaries: Mapping[str, Rings], *, unit: str) -> pd.DataFrame:
    """The numbers in the map: a row a town with a boundary, blank where there is no value."""
    import pandas as pd

    return pd.DataFrame({"town": list(boundaries), unit: [values.get(name, math.nan) for name in boundaries]})


def town_map_caption(values: Mapping[str, float], *, what: str, unit: str) -> str:
    """Caption stub with the range and how many towns there are."""
    known = {name: value for name, value in values.items() if math.isfinite(value)}
    least, most = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    ends = f"from {known[least]:.3g} in {least} to {known[most]:.3g} in {most}"
    if known[least] == known[most]:
        ends = f"{known[least]:.3g} in each"
    return f"{what}, {unit}, in {len(known)} towns: {ends}. Boundaries: US Census 2010, simplified."


@chart(
    shows="aid lost by town",
    provided_by=ONE_RUN + " (a case with towns)",
    table="towns",
    needs=("town", "n", "aid_lost_per_head"),
)
def town_map(results: Results, options: Options) -> Drawn:
    rows, case = results.table("towns", ()), results.scenario
    name = getattr(case.sections.towns, "boundaries", "") if case is not None else ""
    if case is None or not name:
        raise WrongInput(f"chart town_map: the case of {results.folder} has no boundaries of its towns")
    boundaries, unit = read_boundaries(case.table_path(name)), "$ a head and year"
    values = dict(zip(rows["town"], rows["aid_lost_per_head"], strict=True))
    figure = one(options, 80, lambda ax: draw_town_map(ax, values, boundaries, unit=f"aid lost, {unit}"))
    caption = town_map_caption(values, what=f"Mean aid lost over n = {rows['n'].iloc[0]:,} worlds", unit=unit)
    return Drawn(figure, rows, caption)
