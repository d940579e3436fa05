"""The form of a figure: its size on the page, its look, and the five files it is saved as.

Nothing here touches matplotlib's global settings: figures are made and saved inside a context of their own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.errors import WrongInput, nearest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLE_SHEET = Path(__file__).with_name("style.mplstyle")
MM_PER_INCH = 25.4


class Preset(NamedTuple):
    """What a figure is made for."""

    width_mm: float
    text_scale: float  # sizes of the style sheet are for a printed column


PRESETS = MappingProxyType({"single": Preset(89, 1.0), "double": Preset(183, 1.0), "slides": Preset(254, 2.2)})


def preset_named(name: str) -> Preset:
    """The preset of this name.

    Raises
    ------
    WrongInput
        When there is none of this name.
    """
    if name not in PRESETS:
        raise WrongInput(f"preset: unknown {name!r}{nearest(name, PRESETS)}")
    return PRESETS[name]


@contextlib.contextmanager
def style(preset: str = "single") -> Iterator[None]:
    """matplotlib's settings for one figure; what was set before returns afterwards."""
    import matplotlib as mpl

    scale = preset_named(preset).text_scale
    # matplotlib's own defaults first, so that a user's matplotlibrc changes no figure
    sheet = mpl.rc_params_from_file(STYLE_SHEET, use_default_template=True)
    settings = {key: value for key, value in sheet.items() if not key.startswith("backend")}
    for key, value in settings.items():
        sized = key.endswith(("size", "width")) and not key.startswith(
            ("figure.", "savefig.", "animation.", "boxplot.")
        )
        if scale != 1 and sized and isinstance(value, float):
            settings[key] = value * scale
    with mpl.rc_context(settings):
        yield


def new_figure(
    preset: str = "single", *, height_mm: float = 62, rows: int = 1, columns: int = 1, **grid: Any
) -> tuple[Figure, Any]:
    """A figure of a preset's width and its axes (one, or an array of them), to be drawn on inside `style`.

    ``height_mm`` is the height at printed size; slides grow it with their text. ``grid`` goes to ``subplots``.
    """
    from matplotlib.figure import Figure

    width_mm, scale = preset_named(preset)
    figure = Figure(figsize=(width_mm / MM_PER_INCH, height_mm * scale / MM_PER_INCH), layout="constrained")
    return figure, figure.subplots(rows, columns, **grid)


def save_figure(
    figure: Figure, folder: str | Path, name: str, *, data: pd.DataFrame, caption: str, preset: str = "single"
) -> list[Path]:
    """Write ``folder/figures/NAME`` as pdf, svg, png, csv (the numbers in it) and txt (its caption).

    The same figure gives the same bytes: no dates, no random identifiers, fonts embedded.
    """
    target = Path(folder) / "figures"
    target.mkdir(parents=True, exist_ok=True)
    stem = target / name
    undated: dict[str, dict[str, Any]] = {
        ".pdf": {"CreationDate": None},
        ".svg": {"Date": None},
        ".png": {"Software": None},
    }
    written = []
    with style(preset):
        for suffix, metadata in undated.items():
            figure.savefig(stem.with_suffix(suffix), metadata=metadata)
            written.append(stem.with_suffix(suffix))
    data.to_csv(stem.with_suffix(".csv"), index=False, float_format="%.6g", lineterminator="\n")
    stem.with_suffix(".txt").write_text(caption.strip() + "\n", encoding="utf-8", newline="\n")
    return [*written, stem.with_suffix(".csv"), stem.with_suffix(".txt")]


def legend_above(ax: Axes, columns: int = 2, *, side: str = "left", **options: Any) -> None:
    """A legend over the axes, where it cannot cover the data; ``side="right"`` where long labels stand on the left."""
    ax.legend(loc=f"lower {side}", bbox_to_anchor=(float(side == "right"), 1.0), ncols=columns, **options)


def percent(ax: Axes, which: str = "y") -> None:
    """Write a share in [0, 1] on this axis as per cent."""
    from matplotlib.ticker import PercentFormatter

    axis = ax.yaxis if which == "y" else ax.xaxis
    axis.set_major_formatter(PercentFormatter(xmax=1, decimals=0, symbol=" %"))
