"""A chamber as seats in half circles, coloured by vote."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.charts.chart import ONE_RUN, Drawn, Options, chart
from experiments.charts.form import new_figure
from experiments.charts.palette import BLUE, INK
from experiments.charts.results import Results
from experiments.charts.words import world_words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

LOOKS: dict[str, dict[str, Any]] = {
    "yes": {"facecolor": BLUE, "edgecolor": BLUE, "linewidth": 0.6},
    "absent": {"facecolor": "#CFCFCF", "edgecolor": "none", "linewidth": 0},
    "no": {"facecolor": "#FFE3B3", "edgecolor": "#B45F00", "linewidth": 0.9},
}
MARKS = ("o", "s", "^", "D", "v")  # one a party
INNER = 0.42  # radius of the innermost row, the outermost is 1


def seat_places(seats: int) -> NDArray[np.float64]:
    """Places of the seats, left to right by angle, (seats, 2): rows of half circles, seats evenly spaced in them."""
    rows = max(1, round(math.sqrt(seats / 4.5)))
    radii = np.linspace(INNER, 1, rows) if rows > 1 else np.array([0.8])
    ideal = seats * radii / radii.sum()
    counts = np.floor(ideal).astype(int)
    counts[np.argsort(counts - ideal, kind="stable")[: seats - counts.sum()]] += 1
    places = []
    for radius, count in zip(radii, counts, strict=True):
        angles = np.linspace(math.pi, 0, count) if count > 1 else np.array([math.pi / 2])
        places += [(angle, radius) for angle in angles]
    places.sort(key=lambda place: (-round(place[0], 9), place[1]))
    return np.array([(radius * math.cos(angle), radius * math.sin(angle)) for angle, radius in places])


def draw_chamber(ax: Axes, frame: pd.DataFrame, *, title: str = "") -> Axes:
    """The seats of one chamber: yes on the left, then absent, then no; the marker's form is the party.

    ``frame`` has a row a seat: vote ("yes", "no" or "absent") and party.
    """
    parties = sorted(frame["party"].unique())
    # the bigger party sits at the outer ends of both camps, so that dissenters stand in the middle
    larger = frame["party"].value_counts().index[0]
    camp = frame["vote"].map({"yes": 0, "absent": 1, "no": 2})
    rows = frame.assign(_camp=camp, _inner=frame["party"] != larger).sort_values(["_camp", "_inner"], kind="stable")
    places = seat_places(len(rows))
    size = min(46.0, 3000.0 / max(len(rows), 1))
    for vote, look in LOOKS.items():
        for party, mark in zip(parties, MARKS, strict=False):
            here = ((rows["vote"] == vote) & (rows["party"] == party)).to_numpy()
            if here.any():
                x, y = places[here].T
                ax.scatter(x, y, s=size, marker=mark, label=f"{party} {vote}", **look)
    bold: dict[str, Any] = {"fontsize": "large", "fontweight": "bold", "color": INK}
    ax.text(0, 0.02, _result(frame), ha="center", va="bottom", linespacing=1.1, **bold)
    ax.set(xlim=(-1.1, 1.1), ylim=(-0.06, 1.1), aspect="equal")
    ax.axis("off")
    if title:
        ax.set_title(title, loc="center")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, handletextpad=0.2, columnspacing=0.9)
    return ax


def _result(frame: pd.DataFrame) -> str:
    """``82–60``; of a tie also how it ended, where the table says whether the question carried."""
    yes, no = (int((frame["vote"] == vote).sum()) for vote in ("yes", "no"))
    if yes != no or "carried" not in frame:
        return f"{yes}–{no}"
    return f"{yes}–{no}\n{'tie broken for yes' if frame['carried'].iloc[0] else 'a tie'}"


def chambers_caption(frame: pd.DataFrame) -> str:
    """Caption stub; a roll call is a count."""
    counts = []
    for chamber, rows in frame.groupby("chamber", sort=False):
        away = int((rows["vote"] == "absent").sum())
        result = _result(rows).replace("\n", ", ")
        counts.append(f"{str(chamber).capitalize()} {result}" + (f", {away} absent" if away else ""))
    world = f", {world_words(frame)}" if "world" in frame else ""
    question = f" on: {frame['question'].iloc[0]}" if "question" in frame else ""
    end = f"; {'carried' if frame['carried'].iloc[0] else 'not carried'}" if "carried" in frame else ""
    return (
        f"Roll call{question}{world}. {'; '.join(counts)}{end} (n = {len(frame)} seats, a count, no interval). "
        "Form: party."
    )


@chart(
    shows="a roll call of both chambers, seat by seat",
    provided_by=ONE_RUN + " (one in which a chamber votes)",
    table="roll_call",
    needs=("chamber", "party", "vote"),
)
def chambers(results: Results, options: Options) -> Drawn:
    seats = results.table("roll_call", ())
    names = list(dict.fromkeys(seats["chamber"]))
    names.sort(key=lambda name: -(seats["chamber"] == name).sum())
    across = options.preset != "single"
    grid: dict[str, Any] = {"columns": len(names)} if across else {"rows": len(names)}
    if across and len(names) == 2:
        grid["width_ratios"] = [5, 4]
    figure, axes = new_figure(options.preset, height_mm=62 if across else 55 * len(names), squeeze=False, **grid)
    for ax, name in zip(axes.ravel(), names, strict=True):
        draw_chamber(ax, seats[seats["chamber"] == name], title=str(name).capitalize())
    return Drawn(figure, seats, chambers_caption(seats))
