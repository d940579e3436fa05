"""The figures of docs/validation.md, of what is kept: intervals, reliability, swings, prior beside posterior.

Each is written as svg with its numbers (csv) and its caption (txt) into results/validation/page/figures. No series is
told apart by its colour alone, and what lies on top is darker than what lies below it.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.calibration.scores import QUANTILES
from experiments.calibration.votes import logit
from experiments.charts.form import as_csv, legend_above, new_figure, percent_axis, save_figure, style
from experiments.charts.intervals import RECORD, draw_beside, draw_intervals
from experiments.charts.palette import BLUE, FAINT, INK, QUIET, VERMILION

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FOLDER = "page"  # beside the kept results
ENDS = tuple(QUANTILES)
LEVELS = (("q25", "q75"), ("q05", "q95"))  # of 50 and 90 %
WORDS = {"all": "all ballots"}
Table = Mapping[str, Any]


class Shown(NamedTuple):
    """A figure: its numbers, how it is drawn, what it says without being seen, and its caption."""

    name: str
    data: pd.DataFrame
    draw: Callable[[Any], None]
    alt: str
    caption: str
    shape: Mapping[str, Any]  # of `new_figure`


def figures(manifest: Table, votes: Table) -> list[Shown]:
    """All of them, of the posterior's manifest and of the scores on votes on record."""
    return [_units(manifest), _parameters(manifest), _swings(votes), _reasons(votes), _reliability(votes)]


def write(shown: Iterable[Shown], folder: Path) -> None:
    """Draw and save; the same numbers give the same bytes."""
    for one in shown:
        preset = one.shape["preset"]
        with style(preset):
            figure, axes = new_figure(**one.shape)
            one.draw(axes)
            save_figure(figure, folder, one.name, data=one.data, caption=one.caption, preset=preset, kinds=(".svg",))


def stale(shown: Iterable[Shown], folder: Path) -> str:
    """Why the saved figures do not show these numbers; nothing if they do."""
    for one in shown:
        stem = folder / "figures" / one.name
        if not stem.with_suffix(".svg").is_file():
            return f"{one.name} is missing"
        saved = [stem.with_suffix(suffix).read_text(encoding="utf-8") for suffix in (".csv", ".txt")]
        if saved != [as_csv(one.data), one.caption + "\n"]:
            return f"{one.name} shows other numbers"
    return ""


def in_markdown(one: Shown, where: str) -> str:
    """The figure with the words for who cannot see it, and its caption."""
    return f"![{one.alt}]({where}/{one.name}.svg)\n\n*{one.caption}*"


# --- the intervals of single units, and of single pairs


def _units(manifest: Table) -> Shown:
    fitted, left_out = (
        pd.DataFrame(manifest[name]["results"]).dropna(subset=["seen"])
        for name in ("posterior_predictive", "units_left_out")
    )
    rows = fitted.assign(kind="fitted").sort_values("seen", ignore_index=True)
    order = list(zip(rows["of"], rows["ballot"], strict=True))
    place = {name: number for number, name in enumerate(order)}
    both = pd.concat([rows, left_out.assign(kind="left out")], ignore_index=True)
    both["place"] = [place[key] for key in zip(both["of"], both["ballot"], strict=True)]
    both = both[["kind", "place", "of", "ballot", "seen", *ENDS]]
    labels = [textwrap.fill(f"{of}, wages" if ballot == "wages" else WORDS.get(of, of), 34) for of, ballot in order]

    def draw(axes: Any) -> None:
        for ax, kind, title in zip(
            axes, ("fitted", "left out"), ("fitted, with its own result", "expected from all others"), strict=True
        ):
            own = both[both["kind"] == kind]
            draw_intervals(ax, own, record=own["seen"])
            ax.axvline(0.5, color=INK, linewidth=0.8, linestyle=(0, (4, 2)), zorder=0)
            ax.set(title=title, xlim=(0, 1), xlabel="share of yes")
            percent_axis(ax, "x")
        axes[0].set_yticks(range(len(labels)), labels)
        axes[0].set_ylim(-0.7, len(labels) - 0.3)
        axes[0].legend(loc="lower right")

    own, anew = (_inside(both[both["kind"] == kind]) for kind in ("fitted", "left out"))
    return Shown(
        "intervals",
        both,
        draw,
        f"Intervals of the share of yes of {len(labels)} bodies with what is on record of June 2011. Fitted with their "
        f"own result, {own}; expected from all others, {anew}.",
        "June 2011, the share of yes by body. Thick bars 50 %, thin bars 90 %, dots the median; diamonds the record. "
        f"Left: the same people on another day; {own}. Right: the body's own result left out and the rest fitted anew; "
        f"{anew}. Bodies that hold others overlap.",
        {"preset": "double", "height_mm": 92, "columns": 2, "sharey": True},
    )


def _inside(rows: pd.DataFrame) -> str:
    held = [int(((rows[low] <= rows["seen"]) & (rows["seen"] <= rows[high])).sum()) for low, high in LEVELS]
    return f"{held[0]} of {len(rows)} lie inside 50 %, {held[1]} inside 90 %"


def _swings(votes: Table) -> Shown:
    left_out = votes["pairs"]["left_out"]
    rows = pd.DataFrame(
        {
            "vote": row["id"],
            "better": row["better"],
            "first": row["first"],
            "seen": logit(row["seen"]) - logit(row["first"]),
            **{end: logit(row["terms"][end]) - logit(row["first"]) for end in ENDS},
        }
        for row in left_out["rows"]
    )
    rows["place"] = np.arange(len(rows))[::-1]  # the earliest on top
    mean = float(rows["seen"].mean())

    def draw(ax: Axes) -> None:
        draw_intervals(ax, rows, record=rows["seen"])
        better = rows[rows["better"]]
        filled = {**RECORD, "markerfacecolor": VERMILION}
        ax.plot(better["seen"], better["place"], label="record, better terms", **filled)
        ax.axvline(0, color=INK, linewidth=0.8, label="no change")
        ax.axvline(mean, color=QUIET, linewidth=1, linestyle=(0, (4, 2)), label="mean swing")
        ax.set_yticks(rows["place"], list(rows["vote"]))
        ax.set(xlabel="swing towards yes, logits", ylim=(-0.7, len(rows) - 0.3))
        legend_above(ax, columns=4, side="right")

    held = left_out["coverage"]["terms"]
    up = int((rows["seen"] > 0).sum())
    return Shown(
        "swings",
        rows,
        draw,
        f"Forecast and recorded swing of {len(rows)} pairs of votes. {up} of them move towards yes; the average is "
        f"{mean:.1f} logits. The 50 % interval holds {held['in_50']:.0%}, the 90 % interval {held['in_90']:.0%}.",
        f"How far the same people moved between two votes, {len(rows)} pairs by date, each forecast from the others. "
        "Thick bars 50 %, thin bars 90 %, dots the median; diamonds the record, filled where the terms were better. "
        f"Dashed: the mean swing of all, {mean:.2f} logits. A number behind a name is the vote's.",
        {"preset": "double", "height_mm": 125},
    )


# --- prior beside posterior


def _parameters(manifest: Table) -> Shown:
    found = pd.DataFrame(manifest["parameters"]).sort_values("narrowed_to", ascending=False, kind="stable")
    rows = found[["name", "low", "high"]].assign(prior_q05=0.05, prior_q50=0.5, prior_q95=0.95)
    for end in ("q05", "q50", "q95"):
        rows[f"posterior_{end}"] = (found[end] - found["low"]) / (found["high"] - found["low"])
    most = ", ".join(found["name"].iloc[:-4:-1])

    def draw(ax: Axes) -> None:
        draw_beside(ax, rows)
        ax.set(xlabel="place in the parameter's range", xlim=(0, 1))
        percent_axis(ax, "x")
        ends = ax.secondary_yaxis("right")
        ends.set_yticks(
            range(len(rows)), [f"{row.low:g} to {row.high:g}".replace("-", "−") for row in rows.itertuples()]
        )
        ends.tick_params(length=0)
        ends.spines["right"].set_visible(False)

    untouched = (found["narrowed_to"] > 0.9).sum()
    return Shown(
        "parameters",
        rows,
        draw,
        f"Prior and posterior of {len(rows)} parameters, each in its own range, those that the data narrow most first: "
        f"{most}. {untouched} keep more than nine tenths of their range's width.",
        f"Prior (grey, 5 to 95 % of the range) and posterior (blue, 5 to 95 %, dot the median) of the {len(rows)} "
        f"parameters fitted, by how much the data narrow them; the ranges stand on the right. {untouched} keep more "
        "than nine tenths of their width: of these the data say next to nothing.",
        {"preset": "double", "height_mm": 14 + 3.9 * len(rows)},
    )


def _reasons(votes: Table) -> Shown:
    rows = pd.DataFrame(votes["pairs"]["weights"][::-1])

    def draw(ax: Axes) -> None:
        draw_beside(ax, rows)
        ax.axvline(0, color=INK, linewidth=0.8, zorder=0)
        ax.set_xlabel("logits (forgotten: share of the first result)")

    return Shown(
        "reasons",
        rows,
        draw,
        f"Prior and posterior of the {len(rows)} numbers that say how far people come round between two votes.",
        "What goes with the swing between two votes: prior (grey, 5 to 95 %) and posterior (blue, 5 to 95 %, dot the "
        f"median), from {votes['pairs']['left_out']['votes']} pairs. Reasons with a sign are kept to their side of "
        "zero by their prior.",
        {"preset": "single", "height_mm": 58},
    )


# --- reliability


def _reliability(votes: Table) -> Shown:
    found = votes["first_votes"]["not_selected"]
    curve = pd.DataFrame({name: found["reliability"][name] for name in ("said", "happened", "low", "high")})
    binned = pd.DataFrame(found["bins"])
    rows = pd.concat([curve.assign(kind="curve"), binned.assign(kind="bin")], ignore_index=True)
    chance, inside = found["reliability"]["p_value"], found["reliability"]["inside"]

    def draw(ax: Axes) -> None:
        ax.fill_between(curve["said"], curve["low"], curve["high"], color=FAINT, label="90 % of curves were they right")
        ax.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=(0, (4, 2)), label="as often as said")
        ax.plot(curve["said"], curve["happened"], color=BLUE, drawstyle="steps-mid", label="as often as it was")
        ax.plot(binned["said"], binned["happened"], label="by fifths, with n", **RECORD)
        for row in binned.itertuples():
            beside = (6, -3 if row.happened > 0.05 else 4)  # off the line
            ax.annotate(f"{row.votes:.0f}", (row.said, row.happened), beside, textcoords="offset points", fontsize=6.5)
        ax.set(
            xlabel="probability of a yes, as forecast", ylabel="share that said yes", xlim=(-0.02, 1), ylim=(-0.04, 1)
        )
        for which in ("x", "y"):
            percent_axis(ax, which)
        legend_above(ax, columns=2)

    return Shown(
        "reliability",
        rows,
        draw,
        f"Reliability diagram of {found['votes']} first votes: "
        + "; ".join(
            f"said {row['said']:.0%}, happened {row['happened']:.0%} of {row['votes']}" for row in found["bins"]
        )
        + ".",
        f"First votes by date, {found['votes']} of {found['cases']} cases that were not selected for how they came "
        "out: how often votes were won that were given a probability. Line: the rising curve nearest to what happened; "
        "grey: between its edges 90 % of such curves would lie from end to end were the forecasts right, with votes "
        "hanging together as they have it: those of one fit, and units of one case; the curve lies inside at "
        f"{inside:.0%} of the forecasts, and so much miscalibration comes about by chance with p = {chance:.2f}. "
        "Diamonds: votes by fifths of the probability, with their number.",
        {"preset": "single", "height_mm": 80},
    )
