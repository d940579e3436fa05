"""Which of the things nobody knows decide how the crisis ends?

Base case: Connecticut 2011 as it ships, all uncertainties drawn. The study's own worlds give a tornado; a design of
Saltelli over the ranges of all uncertainties, in which a world's luck is a factor like any other, gives Sobol indices
of the first vote and of the savings; PRIM looks for the corner in which the first vote fails.
Files: tornado, sobol_ratified_1, sobol_savings, tables/sensitivity.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from experiments.charts import draw_sobol, draw_tornado, sobol_caption, tornado_caption, tornado_rows, write_table
from experiments.paper.findings import percent
from experiments.paper.write_up import Page, main
from experiments.runs.designs import ListOfPoints
from experiments.runs.study import Study
from experiments.sensitivity.analysis import Analysis, analyse
from experiments.sensitivity.factors import LUCK, factors
from experiments.statistics.effect_modifiers import uncertain_numbers

MEASURES = ("ratified_1", "savings")
SOBOL_WORLDS, PRIM_WORLDS = 90_000, 8_000
SMALL = 20_000  # worlds of the study below which the rest is kept small too: a trial run

STUDY = Study(
    name="sensitivity",
    question="Which of the things nobody knows decide how the crisis ends?",
    scenario="connecticut-2011",
    worlds=20_000,
    design=ListOfPoints(at=[{}]),
    measures=("deal", "outcome", "tentative_deal", "ratified_1", "savings", "posts_lost"),
)


def write(page: Page) -> None:
    """Tornado, Sobol indices and a box, with the parameters that lead each."""
    part = min(1.0, len(page.runs) / SMALL)
    chosen = factors(page.scenario, ["uncertainty"])
    sobol = analyse(
        page.scenario,
        chosen,
        method="sobol",
        worlds=max(int(SOBOL_WORLDS * part), 4000),
        measures=MEASURES,
        seed=page.study.seed,
    )
    prim = analyse(
        page.scenario,
        chosen,
        method="prim",
        worlds=max(int(PRIM_WORLDS * part), 400),
        measures=("ratified_1",),
        seed=page.study.seed,
    )
    table = pd.DataFrame(sobol.rows)
    tornado = _tornado(page)
    first, savings = (table[table["measure"] == measure].drop(columns="measure") for measure in MEASURES)
    page.says(
        finding=_leaders(first, "whether the first vote ratifies"),
        bargain=_leaders(savings, "the savings in force at the end"),
        luck=_luck(first),
        widest=_widest(tornado),
        box=_box(prim),
        change=(
            "What would change this: other ranges. An index is a share of the variance that these ranges make; a "
            "parameter whose range is narrow for good reason scores low however strongly it acts"
        ),
    )
    page.draw(
        "tornado",
        lambda ax: draw_tornado(ax, tornado).set_xlabel("share ratified at the first vote"),
        data=tornado,
        caption=tornado_caption(tornado).replace("Deal rate", "Share of worlds ratified at the first vote"),
        preset="double",
        height_mm=100,
    )
    for name, rows, what in (
        ("sobol_ratified_1", first, "whether the first vote ratifies"),
        ("sobol_savings", savings, "the savings in force at the end, M$ a year"),
    ):
        page.draw(
            name,
            lambda ax, rows=rows: draw_sobol(ax, rows),
            data=rows,
            caption=f"{_caption(rows)} Measure: {what}. Intervals hold for all parameters at once.",
            height_mm=100,
        )
    write_table(
        table.sort_values(["measure", "ST"], ascending=[True, False]),
        page.folder,
        "sensitivity",
        caption="Sobol indices of all uncertainties and of luck, with half widths of simultaneous 95 % intervals.",
        formats=dict.fromkeys(("S1", "S1_conf", "ST", "ST_conf"), ".3f"),
    )


def _caption(rows: pd.DataFrame) -> str:
    """SALib's n counts base points, each of which stands for a run a parameter."""
    return sobol_caption(rows).replace(" runs:", " base points of the design:")


def _tornado(page: Page) -> pd.DataFrame:
    """First votes at either end of every uncertainty, all else as drawn."""
    runs = page.runs
    numbers = uncertain_numbers(page.scenario, page.study.seed, runs["world"].to_numpy(np.int64))
    frame = pd.DataFrame({"deal": runs["ratified_1"].to_numpy(bool), **numbers})
    return tornado_rows(frame, list(numbers))


def _leaders(rows: pd.DataFrame, what: str) -> str:
    """Parameters whose total index is clearly above zero, largest first, at most five."""
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


def _luck(rows: pd.DataFrame) -> str:
    """How much chance has a part in, and whether mostly together with the parameters."""
    row = rows[rows["parameter"] == LUCK].iloc[0]
    together = ", most of it together with the parameters" if row["ST"] - row["S1"] > row["S1"] + row["ST_conf"] else ""
    size = f"{100 * row['ST']:.0f} % ± {100 * row['ST_conf']:.0f}"
    return f"Stream (moods, misreadings, ballots) takes part in {size} of the variance of the first vote{together}"


def _widest(tornado: pd.DataFrame) -> str:
    row = tornado.iloc[0]
    ends = " and ".join(
        f"{percent(row[f'{end}_rate'])} ({100 * row[f'{end}_low']:.1f} to {100 * row[f'{end}_high']:.1f}; n = "
        f"{int(row[f'{end}_n']):,}) in its {words} fifth"
        for end, words in (("low", "lowest"), ("high", "highest"))
    )
    return f"The first vote ratifies in most unequal shares over `{row['parameter']}`: {ends}"


def _box(found: Analysis) -> str:
    """PRIM's first sentence, about worlds in which the first vote does not ratify."""
    boxes: list[dict[str, Any]] = [box for part in found.discovered for box in part["boxes"]]
    if not boxes:
        return "PRIM finds no corner that holds the failures of the first vote better than chance"
    sentence = boxes[0]["sentence"].replace("no ratified 1", "no ratification at the first vote")
    return re.sub(r"(?<=\d)%", " %", sentence)


if __name__ == "__main__":
    main(STUDY, write)
