"""Which of the things nobody knows decide how the crisis ends?

Base case: Connecticut 2011 as it ships, all uncertainties drawn. The study's own worlds give a tornado; a design of
Saltelli over the ranges of all uncertainties, in which a world's luck is a factor like any other, gives Sobol indices
of the first vote and of the savings; PRIM looks for the corner in which the first vote fails.
Files: tornado, sobol_ratified_1, sobol_savings, tables/sensitivity.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from experiments.charts import draw_sobol, draw_tornado, sobol_caption, tornado_caption, tornado_rows, write_table
from experiments.paper.write_up import Page, Paper, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study
from experiments.sensitivity.analysis import Analysis, analyse
from experiments.sensitivity.factors import LUCK, factors
from experiments.statistics.effect_modifiers import uncertain_numbers
from sim.wording import percent

MEASURES = {"ratified_1": "whether the first vote ratifies", "savings": "the savings in force at the end"}
SIZES = {"sobol": (90_000, 4000, tuple(MEASURES)), "prim": (8_000, 400, ("ratified_1",))}  # worlds, least, measures
SMALL = 20_000  # worlds of the study below which the rest is kept small too: a trial run

STUDY = Study(
    name="sensitivity",
    question="Which of the things nobody knows decide how the crisis ends?",
    scenario="connecticut-2011",
    worlds=20_000,
    design=ListOfPoints(at=[{}]),
    measures=("deal", "outcome", "tentative_deal", "ratified_1", "savings", "posts_lost"),
)


@cache
def _analysis(page: Page, method: str) -> Analysis:
    """Sobol or PRIM over all uncertainties, as large as the study's own worlds say that it is no trial."""
    part = min(1.0, len(page.runs) / SMALL)
    most, least, measures = SIZES[method]
    return analyse(
        page.scenario,
        factors(page.scenario, ["uncertainty"]),
        method=method,
        worlds=max(int(most * part), least),
        measures=measures,
        seed=page.study.seed,
    )


@cache
def _sobol(page: Page, measure: str) -> pd.DataFrame:
    table = pd.DataFrame(_analysis(page, "sobol").rows)
    return table[table["measure"] == measure].drop(columns="measure")


@cache
def _tornado(page: Page) -> pd.DataFrame:
    """First votes at either end of every uncertainty, all else as drawn."""
    runs = page.runs
    numbers = uncertain_numbers(page.scenario, page.study.seed, runs["world"].to_numpy(np.int64))
    frame = pd.DataFrame({"deal": runs["ratified_1"].to_numpy(bool), **numbers})
    return tornado_rows(frame, list(numbers))


def _leaders(page: Page, measure: str) -> str:
    """Parameters whose total index is clearly above zero, largest first, at most five."""
    rows, what = _sobol(page, measure), MEASURES[measure]
    known = rows[rows["parameter"] != LUCK].sort_values("ST", ascending=False)
    clear = known[known["ST"] - known["ST_conf"] > 0]
    if clear.empty:
        return f"No parameter's share of the variance of {what} is clearly above zero (n = {int(rows['n'].iloc[0]):,})"
    said = [f"`{row.parameter}` ({100 * row.ST:.0f} % ± {100 * row.ST_conf:.0f})" for row in clear.head(5).itertuples()]
    return (
        f"Of {len(known)} uncertainties {len(clear)} have a share of the variance of {what} that is clearly above "
        f"zero, interactions included; the largest: {', '.join(said)} (Sobol total index, 95 % bootstrap intervals "
        f"that hold at once, n = {int(rows['n'].iloc[0]):,})"
    )


def _luck(page: Page) -> str:
    """How much chance has a part in, and whether mostly together with the parameters."""
    rows = _sobol(page, "ratified_1")
    row = rows[rows["parameter"] == LUCK].iloc[0]
    together = ", most of it together with the parameters" if row["ST"] - row["S1"] > row["S1"] + row["ST_conf"] else ""
    size = f"{100 * row['ST']:.0f} % ± {100 * row['ST_conf']:.0f}"
    return f"Luck (moods, misreadings, ballots) takes part in {size} of the variance of the first vote{together}"


def _widest(page: Page) -> str:
    row = _tornado(page).iloc[0]
    ends = " and ".join(
        f"{percent(row[f'{end}_rate'], 1)} ({100 * row[f'{end}_low']:.1f} to {100 * row[f'{end}_high']:.1f}; n = "
        f"{int(row[f'{end}_n']):,}) in its {words} fifth"
        for end, words in (("low", "lowest"), ("high", "highest"))
    )
    return f"The first vote ratifies in most unequal shares over `{row['parameter']}`: {ends}"


def _box(page: Page) -> str:
    """PRIM's first sentence, about worlds in which the first vote does not ratify."""
    boxes: list[dict[str, Any]] = [box for part in _analysis(page, "prim").discovered for box in part["boxes"]]
    if not boxes:
        return "PRIM finds no corner that holds the failures of the first vote better than chance"
    sentence = boxes[0]["sentence"].replace("no ratified 1", "no ratification at the first vote")
    return re.sub(r"(?<=\d)%", " %", sentence)


def _figures(page: Page) -> None:
    tornado = _tornado(page)
    page.draw(
        "tornado",
        lambda ax: draw_tornado(ax, tornado).set_xlabel("share ratified at the first vote"),
        data=tornado,
        caption=tornado_caption(tornado).replace("Deal rate", "Share of worlds ratified at the first vote"),
        preset="double",
        height_mm=100,
    )
    for measure, what in MEASURES.items():
        rows = _sobol(page, measure)
        # SALib's n counts base points, each of which stands for a run a parameter
        caption = sobol_caption(rows).replace(" runs:", " base points of the design:")
        caption += f" Measure: {what}. Intervals hold for all parameters at once."
        page.chart(f"sobol_{measure}", draw_sobol, rows, caption, height_mm=100)
    write_table(
        pd.DataFrame(_analysis(page, "sobol").rows).sort_values(["measure", "ST"], ascending=[True, False]),
        page.folder,
        "sensitivity",
        caption="Sobol indices of all uncertainties and of luck, with half widths of simultaneous 95 % intervals.",
        formats=dict.fromkeys(("S1", "S1_conf", "ST", "ST_conf"), ".3f"),
    )


PAPER = Paper(
    says={
        "finding": lambda page: _leaders(page, "ratified_1"),
        "bargain": lambda page: _leaders(page, "savings"),
        "luck": _luck,
        "widest": _widest,
        "box": _box,
        "change": "What would change this: other ranges. An index is a share of the variance that these ranges make; a "
        "parameter whose range is narrow for good reason scores low however strongly it acts",
    },
    draws=(_figures,),
)


if __name__ == "__main__":
    main(STUDY, PAPER)
