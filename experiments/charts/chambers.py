"""A chamber as seats in half circles, coloured by vote."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.charts.groups import world_words
from experiments.charts.palette import BLUE, INK

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


def draw_chamber(ax: Axes, frame: pd.DataFrame, *, title: str = "", legend: bool = True) -> Axes:
    """The seats of one chamber: yes on the left, then absent, then no; the marker's form is the party.

    ``frame`` has a row a seat: vote ("yes", "no" or "absent") and party.
    """
    order = {"yes": 0, "absent": 1, "no": 2}
    parties = sorted(frame["party"].unique())
    # the bigger party sits at the outer ends of both camps, so that dissenters stand in the middle
    larger = frame["party"].value_counts().index[0]
    inner = np.where(frame["vote"] == "no", frame["party"] == larger, frame["party"] != larger)
    camp = frame["vote"].map(order)
    rows = frame.assign(_camp=camp, _inner=np.where(frame["vote"] == "no", ~inner, inner)).sort_values(
        ["_camp", "_inner"], kind="stable"
    )
    places = seat_places(len(rows))
    size = min(46.0, 3000.0 / max(len(rows), 1))
    for vote, look in LOOKS.items():
        for party, mark in zip(parties, MARKS, strict=False):
            here = ((rows["vote"] == vote) & (rows["party"] == party)).to_numpy()
            if here.any():
                x, y = places[here].T
                ax.scatter(x, y, s=size, marker=mark, label=f"{party} {vote}", **look)
    yes, no = int((rows["vote"] == "yes").sum()), int((rows["vote"] == "no").sum())
    ax.text(0, 0.02, f"{yes}–{no}", ha="center", va="bottom", fontsize="large", fontweight="bold", color=INK)
    ax.set(xlim=(-1.1, 1.1), ylim=(-0.06, 1.1), aspect="equal")
    ax.axis("off")
    if title:
        ax.set_title(title, loc="center")
    if legend:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=3, handletextpad=0.2, columnspacing=0.9)
    return ax


def chambers_caption(frame: pd.DataFrame) -> str:
    """Caption stub; a roll call is a count."""
    counts = []
    for chamber, rows in frame.groupby("chamber", sort=False):
        yes, no, away = (int((rows["vote"] == vote).sum()) for vote in ("yes", "no", "absent"))
        counts.append(f"{str(chamber).capitalize()} {yes}–{no}" + (f", {away} absent" if away else ""))
    world = f", {world_words(frame)}" if "world" in frame else ""
    question = f" on: {frame['question'].iloc[0]}" if "question" in frame else ""
    return (
        f"Roll call{question}{world}. {'; '.join(counts)} (n = {len(frame)} seats, a count, no interval). Form: party."
    )
