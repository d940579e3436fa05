"""Every kind of chart, and how one is drawn from a results folder. A new one is a file here and a line in `CHARTS`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from experiments.charts.chambers import chambers
from experiments.charts.chart import Chart, Drawn, Options
from experiments.charts.deal_map import deal_map
from experiments.charts.deal_rate import deal_rate
from experiments.charts.form import save_figure, style
from experiments.charts.funnel import funnel
from experiments.charts.measure import measure
from experiments.charts.offers import offers
from experiments.charts.paired import paired
from experiments.charts.power import power
from experiments.charts.results import RUNS, Results
from experiments.charts.sobol import sobol
from experiments.charts.time_to_deal import time_to_deal
from experiments.charts.tornado import tornado
from experiments.charts.town_map import town_map
from experiments.charts.union_votes import union_votes
from experiments.charts.utility_space import utility_space
from experiments.charts.vote_share import vote_share
from experiments.charts.who_pays import who_pays
from experiments.charts.words import pooled_words
from sim.errors import WrongInput, nearest

CHARTS: dict[str, Chart] = {
    chart.kind: chart
    for chart in (
        *(deal_rate, deal_map, measure, funnel, time_to_deal, vote_share, who_pays, tornado, paired),
        *(offers, utility_space, union_votes, power, chambers, town_map, sobol),
    )
}


def draw_kind(folder: str | Path | Results, kind: str, options: Options | None = None) -> list[Path]:
    """Draw one kind of chart from a results folder into its figures/, under its kind, and measure if unusual.

    Raises: WrongInput if there is no such kind, or the folder lacks what it needs.
    """
    chosen = options or Options()
    results = folder if isinstance(folder, Results) else Results(folder)
    drawn = drawn_kind(results, kind, chosen)
    unusual = chosen.measure and chosen.measure != chart_named(kind).usual
    name = f"{kind}_{chosen.measure}" if unusual else kind
    return save_figure(drawn.figure, results.folder, name, data=drawn.data, caption=drawn.caption, preset=chosen.preset)


def drawn_kind(results: Results, kind: str, options: Options) -> Drawn:
    """One kind of chart, saved nowhere. Raises `WrongInput` as `draw_kind` does."""
    chart = chart_named(kind)
    refusal = chart.refusal(results, options)
    if refusal:
        raise WrongInput(f"chart {kind}: {refusal}")
    with style(options.preset):
        drawn = chart.draw(results, options)
    if chart.table != RUNS or chart.varied:
        return drawn
    return drawn._replace(caption=drawn.caption + pooled_words([p for p in results.parameters if p != options.by]))


def chart_named(kind: str) -> Chart:
    """The chart of this kind. Raises `WrongInput`."""
    if kind not in CHARTS:
        raise WrongInput(f"chart: unknown kind {kind!r}{nearest(kind, CHARTS)}; 'planb chart --list' shows all")
    return CHARTS[kind]


def require_heeded(kinds: Sequence[str], options: Options) -> None:
    """Refuse an option that none of these kinds has a use for. Raises `WrongInput`."""
    for name in ("x", "y", "by", "vote", "band", "base"):
        given = getattr(options, name) != getattr(Options(), name)
        if given and not any(f"--{name}" in CHARTS[kind].shows for kind in kinds):
            raise WrongInput(f"chart {', '.join(kinds)}: has no use for --{name}; 'planb chart --list' says what has")


def drawable(results: Results, options: Options) -> tuple[list[str], dict[str, str]]:
    """The kinds this folder has all for, and why the others cannot be drawn."""
    refusals = {kind: chart.refusal(results, options) for kind, chart in CHARTS.items()}
    return [kind for kind, why in refusals.items() if not why], {kind: why for kind, why in refusals.items() if why}
