"""The form of a figure: its size on the page, its look, and the five files it is saved as.

Nothing here touches matplotlib's global settings: figures are made and saved inside a context of their own.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from experiments.charts.words import in_lines
from sim.errors import WrongInput, nearest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import ArrayLike

STYLE_SHEET = Path(__file__).with_name("style.mplstyle")
MM_PER_INCH = 25.4
BESIDE = 26  # letters of a legend that has room beside another
DATES = {
    ".pdf": "CreationDate",
    ".svg": "Date",
    ".png": "Software",
}  # each would say when, or by what, it was made


class Preset(NamedTuple):
    """What a figure is made for."""

    width_mm: float
    dots_per_inch: int = 300


# the one for slides is drawn small and comes out sharp when enlarged to the slide, where 7 pt become 15
PRESETS = MappingProxyType({"single": Preset(89), "double": Preset(183), "slides": Preset(115, dots_per_inch=660)})


def preset_named(name: str) -> Preset:
    """The preset of this name. Raises: WrongInput if there is none."""
    if name not in PRESETS:
        raise WrongInput(f"preset: unknown {name!r}{nearest(name, PRESETS)}")
    return PRESETS[name]


@contextlib.contextmanager
def style(preset: str = "single") -> Iterator[None]:
    """matplotlib's settings for one figure; what was set before returns afterwards."""
    import matplotlib as mpl

    # matplotlib's own defaults first, so that a user's matplotlibrc changes no figure
    sheet = mpl.rc_params_from_file(STYLE_SHEET, use_default_template=True)
    settings = {key: value for key, value in sheet.items() if not key.startswith("backend")}
    with mpl.rc_context({**settings, "savefig.dpi": preset_named(preset).dots_per_inch}):
        yield


def new_figure(
    preset: str = "single", *, height_mm: float = 62, rows: int = 1, columns: int = 1, **grid: Any
) -> tuple[Figure, Any]:
    """A figure of a preset's width and its axes, one or an array of them; to be made and drawn on inside `style`.

    ``grid`` goes to ``subplots``.
    """
    from matplotlib.figure import Figure

    width_mm = preset_named(preset).width_mm
    figure = Figure(figsize=(width_mm / MM_PER_INCH, height_mm / MM_PER_INCH), layout="constrained")
    return figure, figure.subplots(rows, columns, **grid)


def save_figure(
    figure: Figure,
    folder: str | Path,
    name: str,
    *,
    data: pd.DataFrame,
    caption: str,
    preset: str = "single",
    kinds: Sequence[str] = (".pdf", ".svg", ".png"),
) -> list[Path]:
    """Write ``folder/figures/NAME`` as pdf, svg, png, csv (the numbers in it) and txt (its caption).

    ``kinds``: of these pictures only.

    The same figure gives the same bytes: no dates, no random identifiers, fonts embedded.
    """
    target = Path(folder) / "figures"
    target.mkdir(parents=True, exist_ok=True)
    stem = target / name
    with style(preset):
        for suffix in kinds:
            figure.savefig(stem.with_suffix(suffix), metadata={DATES[suffix]: None})
    stem.with_suffix(".csv").write_text(as_csv(data), encoding="utf-8", newline="\n")
    stem.with_suffix(".txt").write_text(caption.strip() + "\n", encoding="utf-8", newline="\n")
    return [stem.with_suffix(suffix) for suffix in (*kinds, ".csv", ".txt")]


def as_svg(figure: Figure, name: str, words: str) -> str:
    """The figure as SVG that stands inside a page beside others; ``words`` tell it to who cannot see it."""
    text = io.StringIO()
    with style():
        figure.savefig(text, format="svg", metadata={"Date": None})
    _, head, rest = text.getvalue().partition("<svg ")
    rest = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", rest, flags=re.DOTALL)
    rest = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", rest)  # figures share names of letters and clips
    return f'{head}role="img" aria-label="{escape(words)}" stroke-linejoin="round" {rest.strip()}'


def as_csv(data: pd.DataFrame) -> str:
    """The numbers in a figure as they are written beside it."""
    text: str = data.to_csv(index=False, float_format="%.6g", lineterminator="\n")
    return text


def name_rows(ax: Axes, places: ArrayLike, names: Iterable[str]) -> None:
    """Write what each row is on the left, without ticks; a long name in two lines, and no more of it."""
    ax.set_yticks(places, [in_lines(name, most=2) for name in names])
    ax.tick_params(axis="y", length=0)


def legend_above(ax: Axes, columns: int = 2, *, side: str = "left", **options: Any) -> None:
    """A legend over the axes, where it cannot cover the data; ``side="right"`` where long labels stand on the left."""
    at: dict[str, Any] = {"loc": f"lower {side}", "bbox_to_anchor": (float(side == "right"), 1.0)}
    long = any(len(label) > BESIDE for label in ax.get_legend_handles_labels()[1])
    ax.legend(ncols=1 if long else columns, **at, **options)


def percent_axis(ax: Axes, which: str = "y") -> None:
    """Write a share in [0, 1] on this axis as per cent."""
    from matplotlib.ticker import FuncFormatter

    axis = ax.yaxis if which == "y" else ax.xaxis
    axis.set_major_formatter(FuncFormatter(lambda share, _: f"{round(100 * share, 6):g} %".replace("-", "−")))
