"""Every kind of chart that ``planb chart`` draws: what it shows, what it needs, and where that comes from."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from experiments.charts import (
    chambers,
    deal_map,
    deal_rate,
    funnel,
    groups,
    measure,
    offers,
    paired,
    power,
    sobol,
    time_to_deal,
    tornado,
    town_map,
    union_votes,
    utility_space,
    vote_share,
    who_pays,
)
from experiments.charts.form import new_figure, save_figure, style
from experiments.charts.groups import Band
from experiments.charts.results import RUNS, Results
from sim.errors import WrongInput, nearest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_LINES = 6  # values of a second parameter that still make separate lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a user may choose for any chart; a chart takes what concerns it."""

    preset: str = "single"
    x: str | None = None  # a varied parameter
    y: str | None = None
    by: str | None = None
    vote: int = 1
    band: Band = "pointwise"
    measure: str | None = None  # a column of the runs, or a measure of a sensitivity analysis
    base: int = 0  # point that paired differences are taken against


class Drawn(NamedTuple):
    """A finished figure, the numbers in it and its caption."""

    figure: Figure
    data: pd.DataFrame
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One kind of chart."""

    shows: str
    table: str  # "runs" for runs.parquet, else tables/NAME.csv
    needs: Callable[[Options], Sequence[str]]  # columns of the table
    varied: int = 0  # varied parameters it needs at least
    together: bool = False  # must they vary together?
    provided_by: str
    draw: Callable[[Results, Options], Drawn] = field(repr=False)

    def lacks(self, results: Results, options: Options) -> str:
        """What the folder lacks for this kind, in words; empty where it lacks nothing."""
        path, there = results.path_of(self.table), results.columns(self.table)
        if not there:
            return f"{path} is missing"
        absent = [name for name in self.needs(options) if name not in there]
        if absent:
            return f"{path} has no column {', '.join(absent)}"
        if len(results.parameters) < self.varied:
            found = ", ".join(results.parameters) or "none"
            return f"{results.folder} varies too few parameters: it needs {self.varied} at least, and has {found}"
        if self.together and results.design == "one_at_a_time":
            return f"{results.folder} varies its parameters one at a time, and it needs them together"
        return ""


def draw_kind(
    folder: str | Path | Results, kind: str, options: Options | None = None, *, name: str | None = None
) -> list[Path]:
    """Draw one kind of chart from a results folder into its figures/, under its kind or another name.

    Raises
    ------
    WrongInput
        When there is no such kind, or the folder lacks what it needs.
    """
    chosen = options or Options()
    results = folder if isinstance(folder, Results) else Results(folder)
    chart = chart_named(kind)
    lack = chart.lacks(results, chosen)
    if lack:
        provided = chart.provided_by.format(folder=results.folder)
        raise WrongInput(f"chart {kind}: {lack}; it comes from {provided}")
    with style(chosen.preset):
        drawn = chart.draw(results, chosen)
    return save_figure(
        drawn.figure, results.folder, name or kind, data=drawn.data, caption=drawn.caption, preset=chosen.preset
    )


def chart_named(kind: str) -> Chart:
    """The chart of this kind. Raises `WrongInput`."""
    if kind not in CHARTS:
        raise WrongInput(f"chart: unknown kind {kind!r}{nearest(kind, CHARTS)}; 'planb chart --list' shows all")
    return CHARTS[kind]


def drawable(results: Results, options: Options) -> tuple[list[str], dict[str, str]]:
    """The kinds this folder has all for, and what it lacks for the others."""
    lacking = {kind: chart.lacks(results, options) for kind, chart in CHARTS.items()}
    return [kind for kind, lack in lacking.items() if not lack], {kind: lack for kind, lack in lacking.items() if lack}


def varied_parameter(results: Results, asked: str | None, *, place: int, option: str) -> str:
    """The parameter asked for, else the one at this place of the varied ones. Raises `WrongInput`."""
    if asked is None:
        return results.parameters[place]
    if asked not in results.parameters:
        raise WrongInput(f"--{option} {asked!r}: is not varied in {results.folder}{nearest(asked, results.parameters)}")
    return asked


def _one(options: Options, height_mm: float, draw: Callable[[Axes], Any]) -> Figure:
    figure, ax = new_figure(options.preset, height_mm=height_mm)
    draw(ax)
    return figure


# --- from a row a world -----------------------------------------------------------------------------------------------


def _deal_rate(results: Results, options: Options) -> Drawn:
    x = varied_parameter(results, options.x, place=0, option="x")
    by = options.by and varied_parameter(results, options.by, place=0, option="by")
    runs = results.table(RUNS, [*results.parameters, "deal"])
    others = [name for name in results.parameters if name != x]
    if by is None and len(others) == 1 and runs[others[0]].nunique() <= MOST_LINES:
        by = others[0]
    runs, pooled = _held_or_pooled(runs, results.parameters, shown=[x, by] if by else [x])
    runs = groups.in_classes(runs, [x])
    rates = groups.rates_by(runs, [by, x] if by else [x], band=options.band)
    caption = deal_rate.deal_rate_caption(rates, x, options.band) + pooled
    figure = _one(options, 62, lambda ax: deal_rate.draw_deal_rate(ax, runs, x, by=by, band=options.band))
    return Drawn(figure, rates, caption)


def _deal_map(results: Results, options: Options) -> Drawn:
    x = varied_parameter(results, options.x, place=0, option="x")
    rest = [name for name in results.parameters if name != x]
    y = varied_parameter(results, options.y or rest[0], place=0, option="y")
    if x == y:
        raise WrongInput(f"--y {y!r}: is --x already")
    runs = results.table(RUNS, [*results.parameters, "deal"])
    runs, pooled = _held_or_pooled(runs, results.parameters, shown=[x, y])
    runs = groups.in_classes(runs, [x, y], classes=12)
    rates = groups.rates_by(runs, [x, y], band=options.band)
    figure = _one(options, 68, lambda ax: deal_map.draw_deal_map(ax, runs, x, y, band=options.band))
    return Drawn(figure, rates, deal_map.deal_map_caption(rates, x, y, options.band) + pooled)


def _measure(results: Results, options: Options) -> Drawn:
    x = varied_parameter(results, options.x, place=0, option="x")
    by = options.by and varied_parameter(results, options.by, place=0, option="by")
    name = options.measure or "deal_savings"
    runs = results.table(RUNS, [*results.parameters, name])
    runs, pooled = _held_or_pooled(runs, results.parameters, shown=[x, by] if by else [x])
    runs = groups.in_classes(runs, [x])
    means = measure.means_by(runs, name, x, by=by)
    if means.empty:
        raise WrongInput(f"chart measure: {name} is known in no world of {results.folder}")
    label, unit = groups.label_of(name), _unit(name)
    figure = _one(options, 62, lambda ax: measure.draw_measure(ax, means, x, by=by, label=label, unit=unit))
    return Drawn(figure, means, measure.measure_caption(means, x, label=label, unit=unit) + pooled)


def _unit(name: str) -> str:
    """The unit of a column of the runs, as far as its name tells."""
    if name in who_pays.PAYERS or name.endswith("savings"):
        return "M$ a year"
    return next((unit for unit in ("posts", "share", "day", "round") if unit in name), "a world")


def _held_or_pooled(runs: pd.DataFrame, parameters: Sequence[str], *, shown: Sequence[str]) -> tuple[pd.DataFrame, str]:
    """In a one-at-a-time design the points that hold the other parameters at the base case; else all, pooled."""
    others = [name for name in parameters if name not in shown]
    base = tornado.one_at_a_time_base(runs, parameters)
    if base is not None:
        held = runs
        for name in others:
            held = held[held[name] == base[name]]
        return held, " All other parameters as in the base case."
    return runs, f" Pooled over {', '.join(groups.label_of(name) for name in others)}." if others else ""


def _funnel(results: Results, options: Options) -> Drawn:
    runs = results.table(RUNS, ["outcome"])
    stages = funnel.funnel_stages(runs)
    return Drawn(_one(options, 62, lambda ax: funnel.draw_funnel(ax, runs)), stages, funnel.funnel_caption(stages))


def _time_to_deal(results: Results, options: Options) -> Drawn:
    by = options.by and varied_parameter(results, options.by, place=0, option="by")
    runs = results.table(RUNS, [*results.parameters, "agreed_day"])
    deadline = _days_to_deadline(results, runs)
    curves = time_to_deal.survival(runs, deadline=deadline, by=by)
    figure = _one(options, 62, lambda ax: time_to_deal.draw_time_to_deal(ax, runs, deadline=deadline, by=by))
    return Drawn(figure, curves, time_to_deal.time_to_deal_caption(curves, deadline=deadline))


def _days_to_deadline(results: Results, runs: pd.DataFrame) -> float:
    """Days from the first to the last day of talks; the last deal's where that varies or is unknown."""
    if results.scenario is None or any(name.startswith("calendar.talks.") for name in results.parameters):
        latest = runs["agreed_day"].max()
        return float(latest) if math.isfinite(latest) else 1.0
    talks = results.scenario.calendar.talks
    return float((talks.deadline - talks.start).days)


def _vote_share(results: Results, options: Options) -> Drawn:
    runs = results.table(RUNS, _vote_columns(options))
    rates = vote_share.threshold_rates(runs, vote=options.vote)
    if not rates["n"].any():
        raise WrongInput(f"chart vote_share: no world of {results.folder} held vote {options.vote}")
    figure = _one(options, 62, lambda ax: vote_share.draw_vote_share(ax, runs, vote=options.vote))
    return Drawn(figure, rates, vote_share.vote_share_caption(rates, vote=options.vote))


def _vote_columns(options: Options) -> list[str]:
    return [f"{name}_{options.vote}" for name in ("yes_share", "bloc_share")]


def _who_pays(results: Results, options: Options) -> Drawn:
    by = varied_parameter(results, options.by, place=0, option="by") if options.by else "outcome"
    runs = results.table(RUNS, [by, *who_pays.PAYERS])
    means = who_pays.mean_payments(runs, by=by)
    figure = _one(options, 30 + 7 * len(means), lambda ax: who_pays.draw_who_pays(ax, runs, by=by))
    return Drawn(figure, means, who_pays.who_pays_caption(means, by=by))


def _tornado(results: Results, options: Options) -> Drawn:
    rows = tornado.tornado_rows(results.table(RUNS, [*results.parameters, "deal"]), results.parameters)
    height = 24 + 7 * min(len(rows), tornado.SHOWN)
    return Drawn(_one(options, height, lambda ax: tornado.draw_tornado(ax, rows)), rows, tornado.tornado_caption(rows))


def _paired(results: Results, options: Options) -> Drawn:
    runs = results.table(RUNS, ["point", "world", *results.parameters, "deal"])
    points = runs["point"].unique()
    if options.base not in points:
        raise WrongInput(f"--base {options.base}: no such point in {results.folder}; points are 0 to {points.max()}")
    rows = paired.paired_rows(runs, results.parameters, base=options.base)
    height = 26 + (4.6 if len(results.parameters) < 2 else 6) * min(len(rows), paired.SHOWN)
    return Drawn(_one(options, height, lambda ax: paired.draw_paired(ax, rows)), rows, paired.paired_caption(rows))


# --- from other tables ------------------------------------------------------------------------------------------------


def _offers(results: Results, options: Options) -> Drawn:
    rounds = results.table("offers", ())
    across = options.preset != "single"
    shape = {"rows": 1, "columns": 2} if across else {"rows": 2, "columns": 1, "sharex": True}
    figure, axes = new_figure(options.preset, height_mm=62 if across else 105, **shape)
    for ax, side in zip(axes, offers.SIDES, strict=True):
        offers.draw_offers(ax, rounds, side=side, legend=False)
    if not across:
        axes[0].set_xlabel("")
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=5 if options.preset == "double" else 3)
    return Drawn(figure, rounds, offers.offers_caption(rounds))


def _utility_space(results: Results, options: Options) -> Drawn:
    rows = results.table("utility_space", ())
    figure = _one(options, 95, lambda ax: utility_space.draw_utility_space(ax, rows))
    return Drawn(figure, rows, utility_space.utility_space_caption(rows))


def _union_votes(results: Results, options: Options) -> Drawn:
    rows = results.table("unions", ())
    figure = _one(options, 22 + 4.3 * len(rows), lambda ax: union_votes.draw_union_votes(ax, rows))
    return Drawn(figure, rows, union_votes.union_votes_caption(rows))


def _power(results: Results, options: Options) -> Drawn:
    rows = results.table("power", ())
    figure = _one(options, 30 + 5 * rows["body"].nunique(), lambda ax: power.draw_power(ax, rows))
    return Drawn(figure, rows, power.power_caption(rows))


def _chambers(results: Results, options: Options) -> Drawn:
    seats = results.table("roll_call", ())
    names = list(dict.fromkeys(seats["chamber"]))
    names.sort(key=lambda name: -(seats["chamber"] == name).sum())
    across = options.preset != "single"
    grid: dict[str, Any] = {"columns": len(names)} if across else {"rows": len(names)}
    if across and len(names) == 2:
        grid["width_ratios"] = [5, 4]
    figure, axes = new_figure(options.preset, height_mm=62 if across else 55 * len(names), squeeze=False, **grid)
    for ax, name in zip(axes.ravel(), names, strict=True):
        chambers.draw_chamber(ax, seats[seats["chamber"] == name], title=str(name).capitalize())
    return Drawn(figure, seats, chambers.chambers_caption(seats))


def _town_map(results: Results, options: Options) -> Drawn:
    rows = results.table("towns", ())
    boundaries = town_map.read_boundaries(_boundaries(results))
    values = dict(zip(rows["town"], rows["aid_lost_per_head"], strict=True))
    unit = "$ a head and year"
    figure = _one(options, 80, lambda ax: town_map.draw_town_map(ax, values, boundaries, unit=f"aid lost, {unit}"))
    caption = town_map.town_map_caption(values, what=f"Mean aid lost over n = {rows['n'].iloc[0]:,} worlds", unit=unit)
    return Drawn(figure, rows, caption)


def _boundaries(results: Results) -> Path:
    case = results.scenario
    name = getattr(case.sections.towns, "boundaries", "") if case is not None else ""
    if case is None or not name:
        raise WrongInput(f"chart town_map: the case of {results.folder} has no boundaries of its towns")
    return case.table_path(name)


def _sobol(results: Results, options: Options) -> Drawn:
    rows = results.table("sensitivity", ())
    if "measure" in rows:
        measures = list(dict.fromkeys(rows["measure"]))
        chosen = options.measure or ("deal" if "deal" in measures else measures[0])
        if chosen not in measures:
            raise WrongInput(f"--measure {chosen!r}: is not in {results.folder}{nearest(chosen, measures)}")
        rows = rows[rows["measure"] == chosen].drop(columns="measure")
    height = 24 + 7 * min(len(rows), sobol.SHOWN)
    return Drawn(_one(options, height, lambda ax: sobol.draw_sobol(ax, rows)), rows, sobol.sobol_caption(rows))


# --- all kinds --------------------------------------------------------------------------------------------------------

ANY_RUN = "any study: planb run STUDY, or planb sweep SCENARIO --vary KEY=START:STOP:STEP"
TWO_VARIED = "a study of two parameters: planb run ratification_rule, or planb sweep SCENARIO --vary ... --vary ..."
SEVERAL = "a study with a one_at_a_time, latin_hypercube or sobol design, such as planb run town-aid"
ONE_RUN = "planb chart {folder} --run POINT:WORLD, which plays one world of the study again"

CHARTS: dict[str, Chart] = {
    "deal_rate": Chart(
        shows="deal rate against one varied parameter, with its interval (--x, --by, --band)",
        table=RUNS,
        needs=lambda _: ("deal",),
        varied=1,
        provided_by=ANY_RUN,
        draw=_deal_rate,
    ),
    "deal_map": Chart(
        shows="deal rate over two varied parameters, the 50 % contour, uncertain cells hatched (--x, --y, --band)",
        table=RUNS,
        needs=lambda _: ("deal",),
        varied=2,
        together=True,
        provided_by=TWO_VARIED,
        draw=_deal_map,
    ),
    "measure": Chart(
        shows="mean of any measure against one varied parameter, with its interval (--measure, --x, --by)",
        table=RUNS,
        needs=lambda options: (options.measure or "deal_savings",),
        varied=1,
        provided_by=ANY_RUN,
        draw=_measure,
    ),
    "funnel": Chart(
        shows="how far the worlds come, and where they end",
        table=RUNS,
        needs=lambda _: ("outcome",),
        provided_by=ANY_RUN,
        draw=_funnel,
    ),
    "time_to_deal": Chart(
        shows="days to a tentative deal: Kaplan-Meier curve with the deadline (--by)",
        table=RUNS,
        needs=lambda _: ("agreed_day",),
        provided_by=ANY_RUN,
        draw=_time_to_deal,
    ),
    "vote_share": Chart(
        shows="how often a vote meets any threshold, counted in bloc and per capita (--vote)",
        table=RUNS,
        needs=_vote_columns,
        provided_by=ANY_RUN,
        draw=_vote_share,
    ),
    "who_pays": Chart(
        shows="who fills the gap, by outcome or a varied parameter (--by)",
        table=RUNS,
        needs=lambda _: ("outcome", *who_pays.PAYERS),
        provided_by=ANY_RUN,
        draw=_who_pays,
    ),
    "tornado": Chart(
        shows="deal rate at the low and the high end of each varied parameter",
        table=RUNS,
        needs=lambda _: ("deal",),
        varied=2,
        provided_by=SEVERAL,
        draw=_tornado,
    ),
    "paired": Chart(
        shows="change of the deal rate in the same worlds, point by point (--base)",
        table=RUNS,
        needs=lambda _: ("point", "world", "deal"),
        varied=1,
        provided_by=SEVERAL,
        draw=_paired,
    ),
    "offers": Chart(
        shows="one world's offers over the rounds, with aspirations and the worth of no deal",
        table="offers",
        needs=lambda _: ("round", "proposer", "accepted", "value_governor", "no_deal_governor", "aspiration_governor"),
        provided_by=ONE_RUN,
        draw=_offers,
    ),
    "utility_space": Chart(
        shows="one world's offers in utility space, with frontier, Nash and Kalai–Smorodinsky points",
        table="utility_space",
        needs=lambda _: ("what", "governor", "coalition"),
        provided_by=ONE_RUN,
        draw=_utility_space,
    ),
    "union_votes": Chart(
        shows="yes share by union against one half, forecast and real",
        table="unions",
        needs=lambda _: ("union", "n", "q05", "q25", "q50", "q75", "q95"),
        provided_by=ONE_RUN,
        draw=_union_votes,
    ),
    "power": Chart(
        shows="voting power of each union under the case's rules",
        table="power",
        needs=lambda _: ("rule", "body", "weight_share", "banzhaf", "can_block_alone"),
        provided_by=ONE_RUN,
        draw=_power,
    ),
    "chambers": Chart(
        shows="a roll call of both chambers, seat by seat",
        table="roll_call",
        needs=lambda _: ("chamber", "party", "vote"),
        provided_by=ONE_RUN + " (one in which a chamber votes)",
        draw=_chambers,
    ),
    "town_map": Chart(
        shows="aid lost by town",
        table="towns",
        needs=lambda _: ("town", "n", "aid_lost_per_head"),
        provided_by=ONE_RUN + " (a case with towns)",
        draw=_town_map,
    ),
    "sobol": Chart(
        shows="first-order and total Sobol indices with intervals (--measure)",
        table="sensitivity",
        needs=lambda _: ("parameter", "S1", "S1_conf", "ST", "ST_conf"),
        provided_by="planb sensitivity SCENARIO --out {folder}, or planb run sensitivity",
        draw=_sobol,
    ),
}
