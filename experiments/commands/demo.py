"""``planb demo``: a narrated world, an ensemble and a chart, in about ten seconds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from experiments.commands import options

if TYPE_CHECKING:
    import pandas as pd

    from sim.scenario.scenario import Scenario

CASE = "connecticut-2011"
RULE = "rule.unions_needed"
UNIONS_NEEDED = (8, 10, 12, 13, 14, 15)
WORLDS = 5_000


@click.command()
@options.seed
@click.option(
    "--out", default="results/demo", show_default=True, type=click.Path(path_type=Path), help="Where to write."
)
@options.as_json
def command(seed: int, out: Path, as_json: bool) -> None:
    """Ten seconds: a narrated world, an ensemble and a chart; writes results/demo/."""
    case = options.scenario_with(CASE, ())
    from experiments.commands.ensemble import as_text as ensemble_as_text
    from experiments.runs.ensemble import run_ensemble
    from experiments.runs.narration import as_text, play

    told = play(case, seed=seed, world=refused_and_ratified_later(case, seed=seed))
    summary = run_ensemble(case, worlds=WORLDS, seed=seed).as_dict()
    charts = draw(case, seed=seed, out=out)
    (out / "story.txt").write_text(as_text(told) + "\n", encoding="utf-8")
    shown = [as_text(told), "", ensemble_as_text(summary), "", *(f"chart: {chart}" for chart in charts)]
    document = {"story": told, "ensemble": summary, "charts": [str(chart) for chart in charts]}
    options.answer(document, shown, as_json=as_json)


def refused_and_ratified_later(case: Scenario, *, seed: int) -> int:
    """The first world that goes through every phase: the members refuse, and ratify at the second vote."""
    import numpy as np

    from sim import simulate_block
    from sim.outcomes import RATIFIED_SECOND_VOTE

    outcomes = simulate_block(case, seed=seed, worlds=np.arange(200)).columns["outcome"]
    return int(np.argmax(outcomes == RATIFIED_SECOND_VOTE))


def draw(case: Scenario, *, seed: int, out: Path) -> list[Path]:
    """How often a deal succeeds against how many unions must agree, and the funnel of outcomes; the PNG files."""
    from experiments.charts.deal_rate import draw_deal_rate
    from experiments.charts.form import new_figure, save_figure, style
    from experiments.charts.funnel import draw_funnel

    table = unions_needed(case, seed=seed)
    drawn = []
    with style():
        figure, ax = new_figure()
        votes = by_vote(table)
        draw_deal_rate(ax, votes, RULE, by="ratified").set_xlabel("unions of 15 that must agree")
        caption = (
            f"How often a deal succeeds against the number of unions that must agree ({CASE}, {WORLDS // 5:,} worlds a "
            "point, the same worlds at every point). Bars are 95 % Wilson intervals."
        )
        drawn += save_figure(figure, out, "deal_rate", data=votes, caption=caption)
        figure, ax = new_figure()
        here = table[table[RULE] == 14]
        draw_funnel(ax, here)
        caption = f"Where deals fail under the rule of June 2011 ({CASE}, n = {len(here):,} worlds)."
        drawn += save_figure(figure, out, "funnel", data=here[["world", "outcome"]], caption=caption)
    return [path for path in drawn if path.suffix == ".png"]


def by_vote(table: pd.DataFrame) -> pd.DataFrame:
    """Every world twice: was its deal ratified at the first vote, and was it at either?"""
    import pandas as pd

    rows = table[["world", RULE]]
    first = rows.assign(ratified="ratified at the first vote", deal=table["outcome"] == "ratified_first_vote")
    return pd.concat([first, rows.assign(ratified="ratified at either vote", deal=table["deal"])], ignore_index=True)


def unions_needed(case: Scenario, *, seed: int) -> pd.DataFrame:
    """The same worlds at every threshold, a row a world and threshold."""
    import pandas as pd

    from sim import simulate

    tables = [
        simulate(case, worlds=WORLDS // 5, seed=seed, point={RULE: needed}).table.assign(**{RULE: needed})
        for needed in UNIONS_NEEDED
    ]
    return pd.concat(tables, ignore_index=True)
