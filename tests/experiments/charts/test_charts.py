"""Charts: every kind draws, says what it lacks, comes out the same, and can be read without colour."""

from __future__ import annotations

import dataclasses
import itertools
import json
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from colour_vision import VISION, lightness, seen_with

from experiments import charts
from experiments.charts.groups import in_classes, in_order
from experiments.charts.kinds import CHARTS, Options, draw_kind, drawn_kind
from experiments.charts.results import RUNS
from experiments.charts.words import group_label, label_of, value_words
from experiments.runs.designs import Grid, ListOfPoints
from experiments.runs.manifest import read_manifest, write_manifest
from experiments.runs.study import Study
from sim import load_scenario
from sim.errors import WrongInput
from sim.outcomes import OUTCOMES
from sim.scenario.folder import SHIPPED

RULE, SHARE = "rule.unions_needed", "rule.share_needed"


def runs(worlds: int = 60) -> pd.DataFrame:
    """A study of four rules in the same worlds, made up: the harder the rule, the rarer a deal."""
    luck = np.random.default_rng(11)
    ease, late, split = luck.random((3, worlds))
    tables = []
    for point, (unions, share) in enumerate(itertools.product((8, 14), (0.5, 0.8))):
        deal = ease > (unions - 7) / 10 + share / 5
        outcome = np.where(
            deal, np.where(split < 0.3, OUTCOMES[0], OUTCOMES[1]), np.array(OUTCOMES)[2 + np.arange(worlds) % 4]
        )
        met = outcome != "no_tentative_deal"
        money = {"savings": 700.0 * deal, "revenue": 100.0, "programmes": 150.0, "aid": 20.0 * ~deal}
        money |= {"layoffs": 500.0 * ~deal, "taxes": 0.0, "deficit": 50.0 + 180.0 * ~deal}
        columns = {
            "point": point,
            "world": np.arange(worlds),
            RULE: unions,
            SHARE: share,
            "outcome": outcome,
            "deal": deal,
        }
        columns |= {"deal_savings": np.where(met, 700 + 100 * ease, np.nan)}
        columns |= {"agreed_day": np.where(met, np.round(30 + 55 * late), np.nan)}
        columns |= {
            f"{count}_{vote}": np.where(met, ease, np.nan) for count in ("yes_share", "bloc_share") for vote in (1, 2)
        }
        tables.append(pd.DataFrame(columns | money))
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A results folder with all that charts can be fed with: a small study of the shipped case, and what it leads to.

    Nothing in it is made up, so that a new measure or chart finds its columns here without a change of this file.
    """
    from experiments.charts.chart_data import write_run_tables
    from experiments.runs.runner import run
    from experiments.sensitivity.analysis import analyse, write
    from experiments.sensitivity.factors import factors

    place = tmp_path_factory.mktemp("results") / "small"
    study = Study(
        name="small", scenario="connecticut-2011", worlds=60, design=Grid(vary={RULE: [8, 14], SHARE: [0.5, 0.8]})
    )
    run(study, place, workers=1)
    table = pd.read_parquet(place / "runs.parquet")
    met = table[table["house_yes"].notna() & table["agreed_day"].notna()].iloc[0]
    case, point = load_scenario("connecticut-2011"), {RULE: int(met[RULE]), SHARE: float(met[SHARE])}
    write_run_tables(place, scenario=case, seed=2011, world=int(met["world"]), point=point, forecasts=64)
    some = factors(case, ranges={"members.trust": None, "coalition.speed": None})
    write(analyse(case, some, worlds=400, measures=("deal", "savings")), place)
    return place


@pytest.fixture(scope="module")
def figures(folder):
    """Every kind of chart, drawn once and not saved: kind -> figure."""
    results, drawn = charts.Results(folder), {}
    for kind, chart in CHARTS.items():
        with charts.style():
            drawn[kind] = chart.draw(results, Options()).figure
    return drawn


# --- every kind -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CHARTS)
def test_every_kind_draws_something_and_names_its_axes(figures, kind):
    for ax in figures[kind].axes:
        assert ax.has_data() or ax.get_label() == "<colorbar>"
        assert ax.get_ylabel() or ax.get_yticklabels() or not ax.axison


@pytest.mark.parametrize("kind", CHARTS)
def test_nothing_is_cut_off_at_the_edge_of_a_column(figures, kind):
    figure = figures[kind]
    with charts.style():
        figure.draw_without_rendering()
        reach = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert min(reach.x0, reach.y0) > -0.02, reach
    assert reach.x1 < width + 0.02 and reach.y1 < height + 0.02, reach


@pytest.mark.parametrize("kind", ["deal_rate", "chambers"])
@pytest.mark.parametrize("preset", ["double", "slides"])
def test_presets_differ_in_width(folder, kind, preset):
    with charts.style(preset):
        figure = CHARTS[kind].draw(charts.Results(folder), Options(preset=preset)).figure
    assert figure.get_size_inches()[0] * 25.4 == pytest.approx(charts.PRESETS[preset].width_mm)


def test_a_figure_is_five_files_and_its_caption_says_n_and_the_interval(folder, tmp_path):
    frame = runs()
    rates = charts.rates_by(frame, [RULE])
    with charts.style():
        figure, ax = charts.new_figure()
        assert charts.draw_deal_rate(ax, frame, RULE) is ax
    files = charts.save_figure(figure, tmp_path, "rate", data=rates, caption=charts.deal_rate_caption(rates, RULE))
    assert sorted(path.name for path in files) == ["rate.csv", "rate.pdf", "rate.png", "rate.svg", "rate.txt"]
    caption = (tmp_path / "figures" / "rate.txt").read_text()
    assert "n = 60 worlds" in caption and "95 % Wilson" in caption
    assert len(pd.read_csv(tmp_path / "figures" / "rate.csv")) == 2


@pytest.mark.parametrize("kind", ["deal_map"])
def test_the_same_numbers_give_the_same_bytes(folder, kind):
    first = {path.name: path.read_bytes() for path in draw_kind(folder, kind)}
    again = {path.name: path.read_bytes() for path in draw_kind(folder, kind)}
    assert first == again


def test_fonts_are_embedded_and_the_png_has_300_dots_an_inch(folder):
    from PIL import Image

    files = {path.suffix: path for path in draw_kind(folder, "funnel")}
    pdf = files[".pdf"].read_bytes()
    assert b"/FontFile2" in pdf and b"/Type3" not in pdf  # TrueType, not outlines drawn by procedure
    assert b"CreationDate" not in pdf
    with Image.open(files[".png"]) as image:
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        assert image.width == pytest.approx(89 / 25.4 * 300, abs=1)
    ElementTree.parse(files[".svg"])


def test_charts_leave_matplotlibs_settings_alone(figures, folder):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    draw_kind(folder, "deal_rate")
    assert dict(mpl.rcParams) == before


def test_importing_experiments_does_not_import_matplotlib():
    code = "import sys, experiments, experiments.charts; print(any(m in sys.modules for m in ('matplotlib', 'pandas')))"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )


# --- legible without colour -------------------------------------------------------------------------------------------

ENOUGH = 12  # difference in L*, of 100: five classes of a map are told apart at a glance


def look_of(handle):
    """Form and colour of one entry of a legend."""
    from matplotlib.collections import Collection, PathCollection
    from matplotlib.colors import to_rgb
    from matplotlib.lines import Line2D

    if isinstance(handle, Line2D):
        hollow = to_rgb(handle.get_markerfacecolor()) == (1, 1, 1)
        form = ("line", handle.get_marker(), handle.get_linestyle(), hollow, handle.get_linewidth())
        return form, to_rgb(handle.get_color())
    if isinstance(handle, PathCollection):
        outlined = len(handle.get_edgecolor()) > 0
        return ("seat", len(handle.get_paths()[0].vertices), outlined), to_rgb(handle.get_facecolor()[0])
    if isinstance(handle, Collection):
        return ("lines", float(handle.get_linewidth()[0])), to_rgb(handle.get_color()[0])
    return ("area", handle.get_hatch()), to_rgb(handle.get_facecolor())


@pytest.mark.parametrize("kind", CHARTS)
def test_series_differ_in_form_or_in_grey_for_every_kind_of_eye(figures, kind):
    of_axes = [ax.get_legend() for ax in figures[kind].axes]
    for legend in [*figures[kind].legends, *filter(None, of_axes)]:
        looks = [look_of(handle) for handle in legend.legend_handles]
        for (form, colour), (other_form, other_colour) in itertools.combinations(looks, 2):
            if form != other_form:
                continue
            for vision in VISION:
                apart = abs(lightness(seen_with(vision, colour)) - lightness(seen_with(vision, other_colour)))
                assert apart >= ENOUGH, (kind, vision, form, colour, other_colour)


def test_the_map_gets_lighter_with_the_deal_rate_for_every_kind_of_eye():
    from matplotlib import colormaps

    colours = colormaps["cividis"](np.linspace(0, 1, 64))[:, :3]
    for vision in VISION:
        assert np.all(np.diff(lightness(seen_with(vision, colours))) > 0)


def test_lightness_of_white_grey_and_black():
    assert lightness([[1, 1, 1], [0.5, 0.5, 0.5], [0, 0, 0]]) == pytest.approx([100, 53.39, 0], abs=0.01)


def test_without_green_cones_a_red_and_a_green_that_differ_otherwise_come_close():
    red, green = np.array([0.8, 0.3, 0.2]), np.array([0.45, 0.5, 0.1])
    apart = {vision: np.abs(seen_with(vision, red) - seen_with(vision, green)).sum() for vision in VISION}
    assert apart["deuteranopia"] < apart["usual"] / 2


# --- the numbers are the library's ------------------------------------------------------------------------------------


def test_deal_rates_have_the_wilson_intervals_of_two_libraries():
    from scipy.stats import binomtest
    from statsmodels.stats.proportion import proportion_confint

    rates = charts.rates_by(runs(), [RULE, SHARE])
    low, high = proportion_confint(rates["rate"] * rates["n"], rates["n"], method="wilson")
    assert rates["low"].to_numpy() == pytest.approx(low) and rates["high"].to_numpy() == pytest.approx(high)
    one = binomtest(round(rates["rate"][0] * rates["n"][0]), int(rates["n"][0])).proportion_ci(method="wilson")
    assert (rates["low"][0], rates["high"][0]) == pytest.approx((one.low, one.high))


def test_a_simultaneous_band_is_the_pointwise_one_at_a_level_shared_out():
    from statsmodels.stats.proportion import proportion_confint

    band = charts.rates_by(runs(), [RULE, SHARE], band="simultaneous")
    low, high = proportion_confint(band["rate"] * band["n"], band["n"], alpha=0.05 / len(band), method="wilson")
    assert band["low"].to_numpy() == pytest.approx(low) and band["high"].to_numpy() == pytest.approx(high)


@pytest.mark.parametrize("seed", range(3))
def test_points_that_are_pooled_have_the_interval_of_a_bootstrap_over_worlds(seed):
    """Ten points in the same 1,000 worlds: n is 1,000, and the interval 2.6 times that of 10,000 independent rows."""
    luck = np.random.default_rng(seed)
    ease, noise = luck.random(1000), luck.normal(0, 0.1, (10, 1000))
    deal = ease + noise > np.linspace(0.3, 0.6, 10)[:, None]
    frame = pd.DataFrame({"world": np.tile(np.arange(1000), 10), "deal": deal.ravel(), "days": deal.ravel() * 30.0})
    frame[RULE] = 8
    row = charts.rates_by(frame, [RULE]).iloc[0]
    by_world = deal.mean(axis=0)
    resampled = by_world[luck.integers(0, 1000, (4000, 1000))].mean(axis=1)
    low, high = np.quantile(resampled, [0.025, 0.975])
    assert row["n"] == 1000 and row["rows"] == 10_000
    assert row["high"] - row["low"] == pytest.approx(high - low, rel=0.1)
    mean = charts.means_by(frame, "days", RULE).iloc[0]
    assert mean["high"] - mean["low"] == pytest.approx(30 * (high - low), rel=0.1)
    naive = charts.rates_by(frame.drop(columns="world"), [RULE]).iloc[0]
    assert (row["high"] - row["low"]) > 2 * (naive["high"] - naive["low"])


def test_a_chart_of_pooled_points_counts_worlds_not_rows(folder):
    with charts.style():
        for kind in ("funnel", "time_to_deal", "vote_share", "who_pays", "measure"):
            drawn = CHARTS[kind].draw(charts.Results(folder), Options())
            assert drawn.data["n"].max() <= 60, kind


def test_a_world_a_row_is_wilsons_and_students_interval_whether_or_not_it_has_an_address():
    frame = runs().query("point == 0")
    with_address, without = charts.rates_by(frame, [RULE]), charts.rates_by(frame.drop(columns="world"), [RULE])
    pd.testing.assert_frame_equal(with_address, without)


def test_groups_keep_their_look_in_every_figure():
    from experiments.charts.palette import NAMED, looks_of

    assert looks_of(["counted in bloc", "counted per capita"]) == [NAMED["bloc"], NAMED["per capita"]]
    assert looks_of(["per_capita", "bloc"]) == [NAMED["per capita"], NAMED["bloc"]]
    assert len(set(looks_of(["bloc", "something else"]))) == 2


def test_a_map_puts_values_where_they_are(folder):
    """An uneven grid has uneven cells, so that a contour is straight where the rate is."""
    x, y = "campaign.meetings_per_week", "campaign.misinform"
    cells = [(a, b, k < 10 * a) for a in (0.0, 0.1, 0.2, 0.9) for b in (0.0, 1.0) for k in range(10)]
    frame = pd.DataFrame(cells, columns=[x, y, "deal"])
    with charts.style():
        _, ax = charts.new_figure()
        charts.draw_deal_map(ax, frame, x, y)
    mesh, edges = ax.collections[0], [0.0, 0.05, 0.15, 0.55]
    assert np.asarray(mesh.get_coordinates())[0, 1:4, 0].tolist() == pytest.approx(edges[1:])
    line = np.concatenate([path.vertices for path in ax.collections[-1].get_paths()])
    assert line[:, 0] == pytest.approx(0.5, abs=1e-9)  # between 0.2 and 0.9 the rate is linear


def test_the_two_solutions_are_seen_where_they_fall_together():
    both = pd.DataFrame(
        [("Nash", 0.5, 0.5), ("Kalai–Smorodinsky", 0.5, 0.5)], columns=["what", "governor", "coalition"]
    )
    with charts.style():
        _, ax = charts.new_figure()
        charts.draw_utility_space(ax, both)
    size = {line.get_label(): (line.get_zorder(), line.get_markersize()) for line in ax.lines}
    order = [line.get_label() for line in ax.lines]
    assert order.index("Nash") > order.index("Kalai–Smorodinsky") and size["Nash"][1] < size["Kalai–Smorodinsky"][1]


def test_an_offer_worth_more_than_enough_is_within_the_picture():
    offers = pd.DataFrame([("governor's offer", 1.2, 0.1), ("coalition's offer", -0.2, 1.0)])
    offers.columns = ["what", "governor", "coalition"]
    with charts.style():
        _, ax = charts.new_figure()
        charts.draw_utility_space(ax, offers)
    assert ax.get_xlim()[0] < -0.2 and ax.get_xlim()[1] > 1.2


@pytest.mark.parametrize("carried, words", [(True, "17–17, tie broken for yes"), (False, "17–17, a tie")])
def test_a_tie_says_how_it_ended(carried, words):
    seats = pd.DataFrame({"chamber": "senate", "party": "D", "vote": ["yes"] * 17 + ["no"] * 17, "carried": carried})
    assert words in charts.chambers_caption(seats)


def test_paired_says_how_many_points_it_shows_and_how_they_are_adjusted(folder):
    with charts.style():
        caption = CHARTS["paired"].draw(charts.Results(folder), Options()).caption
    assert "All 3 points are shown" in caption and "all 3 at once (max-t)" in caption and "±1 points" in caption
    many = charts.paired_rows(
        pd.concat([runs().query("point == 0").assign(point=k) for k in range(30)]), [RULE], base=0
    )
    assert "20 of 29 points are shown, those that change most" in charts.paired_caption(many)


def test_time_to_deal_is_kaplan_and_meiers_with_scipys_interval():
    from scipy.stats import CensoredData, ecdf

    frame, deadline = runs().query("point == 0"), 70.0
    curve = charts.survival(frame, deadline=deadline).iloc[1:]
    agreed = (frame["agreed_day"] <= deadline).to_numpy()
    times = np.where(agreed, frame["agreed_day"], deadline)
    estimate = ecdf(CensoredData.right_censored(times, ~agreed)).sf
    interval = estimate.confidence_interval(method="log-log")
    assert curve["without_deal"].to_numpy() == pytest.approx(estimate.evaluate(curve["time"]))
    assert curve["low"].to_numpy() == pytest.approx(interval.low.evaluate(curve["time"]))
    assert curve["high"].to_numpy() == pytest.approx(interval.high.evaluate(curve["time"]))


def test_no_deal_at_all_is_a_flat_curve():
    curve = charts.survival(pd.DataFrame({"agreed_day": [np.nan, np.nan]}), deadline=90)
    assert curve["without_deal"].tolist() == [1.0]


def test_a_threshold_reached_exactly_counts_as_reached():
    votes = pd.DataFrame({"yes_share_1": [0.5, 0.6], "bloc_share_1": [0.8, np.nan]})
    rates = charts.threshold_rates(votes).set_index(["count", "threshold"])
    assert rates.loc[("per capita", 0.5), "rate"] == 1 and rates.loc[("bloc", 0.8), "rate"] == 1
    assert rates.loc[("bloc", 0.8), "n"] == 1


def test_the_funnel_accounts_for_every_world():
    stages = charts.funnel_stages(runs())
    worlds = len(runs())
    assert stages["ended"].sum() + stages["through"].iloc[-2:].sum() == worlds
    assert stages["through"].iloc[4] == stages["through"].iloc[-2:].sum() == runs()["deal"].sum()


def test_the_funnel_reads_outcomes_as_codes_too():
    frame = runs()
    codes = frame.assign(outcome=frame["outcome"].map({name: code for code, name in enumerate(OUTCOMES)}))
    pd.testing.assert_frame_equal(charts.funnel_stages(frame), charts.funnel_stages(codes))


def test_a_tornado_of_one_at_a_time_holds_the_others_at_the_base_case():
    points = [(14, 0.8)] * 3 + [(8, 0.8), (14, 0.5)]
    rates = {(14, 0.8): 0.5, (8, 0.8): 0.9, (14, 0.5): 0.6}
    frame = pd.DataFrame(
        [{RULE: u, SHARE: s, "deal": w < 100 * rates[u, s]} for u, s in dict.fromkeys(points) for w in range(100)]
    )
    rows = charts.tornado_rows(frame, [RULE, SHARE]).set_index("parameter")
    assert rows.loc[RULE, "low_rate"] == pytest.approx(0.9) and rows.loc[RULE, "high_rate"] == pytest.approx(0.5)
    assert rows.loc[SHARE, "low_rate"] == pytest.approx(0.6) and rows["base_rate"].iloc[0] == pytest.approx(0.5)


def test_a_bar_of_a_tornado_is_the_change_in_the_worlds_that_both_points_know():
    """A laxer rule saves 50 more in every world with a deal, and brings deals that save little: the bar is 50."""
    strict = [{RULE: 14, SHARE: 0.8, "world": w, "savings": 700.0 + w % 7 if w < 60 else np.nan} for w in range(100)]
    laxer = [row | {RULE: 8, "savings": row["savings"] + 50 if row["world"] < 60 else 100.0} for row in strict]
    poor = [row | {SHARE: 0.5, "savings": row["savings"] if row["world"] % 7 else np.nan} for row in strict]
    rows = charts.tornado_rows(pd.DataFrame(strict + laxer + poor), [RULE, SHARE], success="savings")
    rows = rows.set_index("parameter")
    base = np.mean([700 + w % 7 for w in range(60)])
    assert rows["base_rate"].to_numpy() == pytest.approx(base)
    found = rows.loc[RULE]
    assert (found["low_rate"], found["low_n"]) == (pytest.approx(base + 50), 60)
    assert found["low_low"] <= found["low_rate"] <= found["low_high"] < base + 50.001
    assert rows.loc[SHARE, "low_rate"] == pytest.approx(base)  # no world's savings move


@pytest.mark.parametrize("kind", ["deal_rate", "tornado", "paired", "power", "union_votes"])
def test_long_names_are_written_inside_the_figure(tmp_path, kind):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    from experiments.charts.chart_data import write_run_tables
    from experiments.runs.runner import run

    shutil.copytree(SHIPPED / "single-union", tmp_path / "long")
    for file, name, long in (
        ("scenario.toml", '"wage_freeze"', '"freeze_of_all_wages_and_steps_of_every_employee_of_the_city"'),
        ("units.csv", "City Employees", "Amalgamated Federation of Clerical and Technical Employees of the City"),
    ):
        path = tmp_path / "long" / file
        path.write_text(path.read_text(encoding="utf-8").replace(name, long), encoding="utf-8")
    case = load_scenario(tmp_path / "long")
    key = "issues.freeze_of_all_wages_and_steps_of_every_employee_of_the_city.protects"
    design = Grid(vary={key: [0.2, 0.5], "members.trust": [1, 2]})
    run(Study(name="a", scenario=str(tmp_path / "long"), worlds=8, design=design), tmp_path / "a", workers=1)
    write_run_tables(tmp_path / "a", scenario=case, seed=2011, world=0, point={key: 0.2})
    figure = drawn_kind(charts.Results(tmp_path / "a"), kind, Options()).figure
    with charts.style():
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        (ax, *_), inside = figure.axes, figure.bbox.padded(1)
        reach = ax.get_tightbbox(canvas.get_renderer())
    assert inside.x0 <= reach.x0 and reach.x1 <= inside.x1 and inside.y0 <= reach.y0 and reach.y1 <= inside.y1
    assert ax.get_position().width > 0.25


def test_long_legends_stand_one_below_the_other(tmp_path):
    from experiments.runs.runner import run

    vary = {"members.trust": [1, 2], "legislature.tie_breaker": [True, False]}
    run(Study(name="a", scenario="connecticut-2011", worlds=8, design=Grid(vary=vary)), tmp_path / "a", workers=1)
    figure = drawn_kind(charts.Results(tmp_path / "a"), "deal_rate", Options()).figure
    with charts.style():
        figure.canvas.draw()
        legend = figure.axes[0].get_legend().get_window_extent()
    assert figure.bbox.x0 <= legend.x0 and legend.x1 <= figure.bbox.x1
    assert figure.axes[0].get_position().width > 0.6


def test_an_axis_says_in_which_unit_a_parameter_is(tmp_path):
    from experiments.runs.runner import run

    vary = {"money.gap": [800, 1000], "governor.tactic": ["linear", "conceder"]}
    run(Study(name="a", scenario="connecticut-2011", worlds=8, design=Grid(vary=vary)), tmp_path / "a", workers=1)
    results = charts.Results(tmp_path / "a")
    for kind in ("deal_rate", "measure", "deal_map"):
        assert drawn_kind(results, kind, Options(x="money.gap")).figure.axes[0].get_xlabel() == "money: gap, M$/yr"
    drawn = drawn_kind(results, "paired", Options(x="money.gap"))
    assert drawn.figure.axes[0].get_xlabel() == "money: gap, M$/yr"
    assert (
        drawn_kind(results, "measure", Options(x="governor.tactic")).figure.axes[0].get_xlabel() == "governor: tactic"
    )


def test_a_tornado_of_words_shows_those_that_differ_most():
    rates = {"boulware": 0.5, "conceder": 0.9, "linear": 0.6, "trade_off": 0.55}
    frame = pd.DataFrame(
        [
            {"governor.tactic": tactic, SHARE: share, "world": world, "deal": world < 100 * rate}
            for tactic, rate in rates.items()
            for share in (0.5, 0.8)
            for world in range(100)
        ]
    )
    rows = charts.tornado_rows(frame, ["governor.tactic", SHARE])
    tactic = rows.set_index("parameter").loc["governor.tactic"]
    assert (tactic["low_value"], tactic["high_value"]) == ("boulware", "conceder")
    assert "Of words: those at which it is least and greatest." in charts.tornado_caption(rows)


def test_who_pays_adds_up_to_the_gap():
    means = charts.mean_payments(runs())
    assert means[["savings", "revenue", "programmes", "aid", "layoffs", "taxes", "deficit"]].sum(axis=1).to_numpy() == (
        pytest.approx(1000)
    )


@pytest.mark.parametrize("seats", [1, 2, 15, 36, 151, 435])
def test_every_seat_has_a_place_of_its_own(seats):
    from experiments.charts.chambers import seat_places

    places = seat_places(seats)
    assert places.shape == (seats, 2) and len(np.unique(places.round(6), axis=0)) == seats
    assert np.all(places[:, 1] > -1e-9)


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, words",
    [(1350.0, "1350"), (6163.25, "6163"), (12345.6, "12346"), (0.30000000000000004, "0.3"), (False, "false"), (8, "8")],
)
def test_a_value_is_written_as_a_reader_would(value, words):
    assert value_words(value) == words
    assert group_label("money.gap", value) == f"money: gap {words}"


def test_fractions_stand_in_order_of_size():
    assert in_order(["9/10", "2/3", "4/5", "1/2"]) == ["1/2", "2/3", "4/5", "9/10"]


@pytest.mark.parametrize(
    "name, label",
    [("rule.unions_needed", "unions needed"), ("members.trust", "members: trust"), ("deal", "deal"),
     ("threats.may_menu.believed", "may menu: believed"),
     ("rules.ratification.all_of.0.at_least", "ratification: at least")],
)  # fmt: skip
def test_a_label_tells_parameters_of_one_name_apart(name, label):
    assert label_of(name) == label


def test_a_sampled_parameter_is_put_into_classes():
    frame = pd.DataFrame({"members.trust": np.linspace(0, 1, 500), RULE: np.arange(500) % 8})
    classes = in_classes(frame, ["members.trust", RULE])
    assert classes["members.trust"].nunique() == 20 and classes[RULE].nunique() == 8
    assert np.abs(classes["members.trust"] - frame["members.trust"]).max() <= 0.026


def test_a_table_in_latex_has_no_stray_commands(tmp_path):
    frame = pd.DataFrame({"union": ["A&R Local 4200", "4Cs"], "yes_share": [0.512, np.nan], "members": [5000, 900]})
    charts.write_table(frame, tmp_path, "votes", caption="Yes, 100 %", formats={"yes_share": ".1%", "members": ",d"})
    tex = (tmp_path / "tables" / "votes.tex").read_text()
    assert r"A\&R Local 4200 & 51.2\% & 5,000 \\" in tex and r"4Cs & --- & 900 \\" in tex
    assert r"\begin{tabular}{lrr}" in tex and r"yes share" in tex and r"100 \%" in tex
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "tables" / "votes.csv"), frame)


def test_a_table_in_latex_writes_nothing_as_zero_that_is_not(tmp_path):
    frame = pd.DataFrame({"p_value": [1e-9, 0.0312, 1.0], "low": [0.00001, 0.0, 0.25], "high": [0.0004, 0.012, 0.5]})
    tex = charts.as_latex(frame, "changes", caption="c", formats={"low": ".1%", "high": ".1%"})
    assert r"$<$ 0.001 & $<$ 0.1\% & $<$ 0.1\% \\" in tex and r"0.031 & 0.0\% & 1.2\% \\" in tex and "1.000" in tex


def test_the_caption_of_sobol_indices_says_which_worlds_are_behind_each(folder):
    """400 worlds for three factors: 48 x 5 for the totals, 160 of their own for the first order, but for luck."""
    caption = (folder / "figures" / "sobol_deal.txt").read_text()
    rows = pd.read_csv(folder / "sensitivity.csv").query("measure == 'deal'")
    totals = rows["n_ST"].iloc[0]
    apart = rows.set_index("parameter")["n_S1"]
    assert totals + apart.max() == 400 or totals + apart.min() == 400
    assert f"interactions; n = {totals:,} worlds" in caption and str(apart["trust"]) in caption


# --- refusals ---------------------------------------------------------------------------------------------------------


def without(folder, tmp_path, table):
    """The folder, but for one table."""
    import shutil

    place = shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("figures"))
    charts.Results(place).path_of(table).unlink()
    return place


@pytest.mark.parametrize("kind", CHARTS)
def test_a_folder_that_lacks_the_table_is_refused_and_told_where_it_comes_from(folder, tmp_path, kind):
    table = CHARTS[kind].table
    with pytest.raises(WrongInput, match=rf"chart {kind}: .*{table}.* is missing; it comes from .*planb "):
        draw_kind(without(folder, tmp_path, table), kind)


@pytest.mark.parametrize("kind", [kind for kind, chart in CHARTS.items() if chart.table == RUNS])
def test_runs_that_lack_a_column_are_refused_with_its_name(folder, tmp_path, kind):
    place, chart = without(folder, tmp_path, RUNS), CHARTS[kind]
    needed = [need.format(vote=1) for need in chart.needs if need not in ("point", "world")]
    needed += [] if chart.measures == "none" else [chart.usual]
    pd.read_parquet(folder / "runs.parquet").drop(columns=needed[-1]).to_parquet(place / "runs.parquet")
    with pytest.raises(WrongInput, match=f"has no (column|measure) .*{needed[-1]}"):
        draw_kind(place, kind)


def test_a_map_of_one_parameter_is_refused(folder, tmp_path):
    place = without(folder, tmp_path, RUNS)
    pd.read_parquet(folder / "runs.parquet").drop(columns=SHARE).to_parquet(place / "runs.parquet")
    manifest = json.loads((place / "manifest.json").read_text())
    (place / "manifest.json").write_text(json.dumps(manifest | {"parameters": [RULE]}))
    with pytest.raises(WrongInput, match=f"it needs 2 at least, and has {RULE}"):
        draw_kind(place, "deal_map")


def test_a_map_of_a_design_that_moves_one_parameter_at_a_time_is_refused(folder, tmp_path):
    place = without(folder, tmp_path, "sensitivity")
    manifest = json.loads((place / "manifest.json").read_text())
    manifest["study"]["design"] = {"kind": "one_at_a_time"}
    (place / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(WrongInput, match="one at a time, and it needs them together"):
        draw_kind(place, "deal_map")


def call(*arguments):
    from experiments.commands.chart import command

    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_the_command_draws_by_name_and_by_option(folder):
    result = call(folder, "funnel", "--kind", "deal-rate", "--json")
    assert result.exit_code == 0, result.output
    assert set(json.loads(result.output)["charts"]) == {"funnel", "deal_rate"}
    assert (folder / "figures" / "deal_rate.png").is_file()


def test_without_a_kind_the_command_draws_what_it_can_and_says_what_it_cannot(folder, tmp_path):
    place = tmp_path / "few"
    place.mkdir()
    runs()[["point", "world", RULE, "outcome", "deal"]].to_parquet(place / "runs.parquet")
    result = call(place, "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert set(told["charts"]) == {"deal_rate", "funnel", "paired"}
    assert "agreed_day" in told["not_drawn"]["time_to_deal"] and not told["failed"]


def test_one_kind_that_fails_does_not_keep_the_others_from_being_drawn(folder, monkeypatch):
    broken = dataclasses.replace(CHARTS["funnel"], draw=lambda *_: 1 / 0)
    monkeypatch.setitem(CHARTS, "funnel", broken)
    result = call(folder, "funnel", "deal_rate")
    assert result.exit_code == 1 and "planb: chart funnel: failed: ZeroDivisionError" in result.stderr
    assert "deal_rate.png" in result.stdout


def test_a_kind_asked_for_that_cannot_be_drawn_is_named_and_the_others_are_drawn(folder, tmp_path):
    place = without(folder, tmp_path, "offers")
    result = call(place, "offers", "funnel")
    assert result.exit_code == 2 and "planb: chart offers: " in result.stderr
    assert (place / "figures" / "funnel.png").is_file()


@pytest.mark.parametrize(
    "arguments, told",
    [
        (("deal_rate", "--x", "rule.union_needed"), "did you mean 'rule.unions_needed'"),
        (("paired", "--base", "9"), "points are 0 to 3"),
        (("--measure", "postslost"), "did you mean 'posts_lost'"),
    ],
)
def test_what_is_mistyped_is_answered_with_the_nearest(folder, arguments, told):
    result = call(folder, *arguments)
    assert result.exit_code == 2 and told in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments, told",
    [
        (("deal_mop",), "did you mean 'deal_map'"),
        (("funnel", "--preset", "singel"), "did you mean 'single'"),
        (("funnel", "who_pays", "--vote", "2"), "chart funnel, who_pays: has no use for --vote"),
        (("power", "--band", "simultaneous"), "chart power: has no use for --band"),
    ],
)
def test_a_word_that_is_none_is_refused_before_anything_is_drawn(folder, arguments, told):
    result = call(folder, *arguments)
    assert isinstance(result.exception, WrongInput) and told in str(result.exception)


# --- the measure asked for, or none -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CHARTS)
def test_every_kind_shows_each_measure_it_is_asked_for_or_refuses_by_name(folder, kind):
    results, chart = charts.Results(folder), CHARTS[kind]
    shown, refused = [], []
    for name in results.measures if chart.measures != "own" else ["deal", "savings", "posts_lost"]:
        try:
            with charts.style():
                drawn = chart.draw(results, Options(measure=name)) if not _refusal(results, chart, name) else None
        except WrongInput as error:
            assert name in str(error)
            drawn = None
        (refused if drawn is None else shown).append(name)
        if drawn is not None and name != chart.usual:
            axes = drawn.figure.axes
            told = " ".join([drawn.caption, *(ax.get_ylabel() + ax.get_xlabel() for ax in axes)])
            assert chart.measures == "own" or name in told or name.replace("_", " ") in told, (kind, name, told)
    if chart.measures == "none":
        assert not shown
    elif chart.measures == "shares":
        assert "ratified_1" in shown and "posts_lost" in refused
    elif chart.measures == "any":
        assert {"ratified_1", "posts_lost"} <= set(shown)
    else:
        assert shown == ["deal", "savings"]


def _refusal(results, chart, name):
    why = chart.refusal(results, Options(measure=name))
    assert not why or name in why, why
    return why


def test_the_numbers_drawn_are_those_of_the_measure(folder):
    runs = pd.read_parquet(folder / "runs.parquet")
    results = charts.Results(folder)
    with charts.style():
        rates = CHARTS["deal_map"].draw(results, Options(measure="ratified_1")).data
        change = CHARTS["paired"].draw(results, Options(measure="posts_lost")).data
    assert rates["rate"].to_numpy() == pytest.approx(runs.groupby([RULE, SHARE])["ratified_1"].mean().to_numpy())
    means = runs.groupby("point")["posts_lost"].mean()
    assert change["difference"].to_numpy() == pytest.approx((means - means[0])[1:].to_numpy())


@pytest.mark.parametrize("kind", ["deal_rate", "measure"])
def test_lines_by_the_first_parameter_stand_over_another_and_never_over_itself(folder, kind):
    results = charts.Results(folder)
    first, other = results.parameters
    drawn = drawn_kind(results, kind, Options(by=first))
    assert list(drawn.data.columns[:2]) == [first, other] and len(drawn.data) == 4
    with pytest.raises(WrongInput, match=f"--by '{first}': is --x already"):
        drawn_kind(results, kind, Options(x=first, by=first))


def test_a_curve_of_differences_needs_points_that_differ_in_its_parameter_alone(tmp_path):
    from experiments.runs.runner import run

    corners = ListOfPoints(at=[{RULE: 8, SHARE: 0.5}, {RULE: 14, SHARE: 0.8}])
    study = Study(name="a", scenario="connecticut-2011", worlds=8, design=corners)
    run(study, tmp_path / "a", workers=1)
    with pytest.raises(
        WrongInput, match=f"--x '{RULE}': no point differs from point 0 in that alone; try another --base"
    ):
        drawn_kind(charts.Results(tmp_path / "a"), "paired", Options(x=RULE))


def test_a_folder_of_one_point_has_all_charts_but_those_of_differences(tmp_path):
    from experiments.runs.runner import run

    study = Study(name="a", scenario="connecticut-2011", worlds=8, design=ListOfPoints(at=[{RULE: 8}]))
    run(study, tmp_path / "a", workers=1)
    result = call(tmp_path / "a")
    assert result.exit_code == 0 and "failed" not in result.stderr and "paired" in result.output.splitlines()[-1]
    with pytest.raises(WrongInput, match="has one point, and a difference needs two"):
        drawn_kind(charts.Results(tmp_path / "a"), "paired", Options())


def test_a_folder_of_an_unfinished_study_is_told_to_be_one(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "half")
    (tmp_path / "half" / "runs.parquet").unlink()
    manifest = read_manifest(tmp_path / "half")
    write_manifest(tmp_path / "half", manifest | {"state": "stopped"})
    result = call(tmp_path / "half", "funnel")
    assert result.exit_code == 2 and f"; the study is unfinished: 'planb resume {tmp_path / 'half'}'" in result.stderr


def test_no_such_folder_is_a_wrong_input(tmp_path):
    assert "no such results folder" in str(call(tmp_path / "nowhere").exception)


# --- the tables of one run --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """The tables of one world of the shipped case in which there is a session."""
    from experiments.charts import chart_data as chart_tables
    from sim import load_scenario, simulate

    case, place = load_scenario("connecticut-2011"), tmp_path_factory.mktemp("told")
    table = simulate(case, worlds=200).table
    world = int(table.loc[table["house_yes"].notna() & table["agreed_day"].notna(), "world"].iloc[0])
    files = chart_tables.write_run_tables(place, scenario=case, seed=2011, world=world, point={}, forecasts=64)
    return {path.stem: pd.read_csv(path) for path in files}


def test_the_offers_of_a_world_end_where_they_were_accepted(told):
    offers, space = told["offers"], told["utility_space"].set_index("what")
    assert offers["accepted"].tolist() == [False] * (len(offers) - 1) + [True]
    made = space[space.index.str.endswith("'s offer")]
    assert made.iloc[-1].equals(space.loc["accepted"])
    frontier = space.loc["frontier"]
    assert frontier["governor"].is_monotonic_increasing and frontier["coalition"].is_monotonic_decreasing
    assert np.all(np.interp(made["governor"], frontier["governor"], frontier["coalition"]) >= made["coalition"] - 1e-4)


def test_nobody_asks_for_less_than_no_deal_is_worth(told):
    for side in ("governor", "coalition"):
        asked = told["offers"].dropna(subset=[f"aspiration_{side}"])
        assert np.all(asked[f"aspiration_{side}"] >= asked[f"no_deal_{side}"] - 1e-6)


def test_every_seat_every_union_and_every_town_has_its_row(told):
    assert told["roll_call"].groupby("chamber").size().to_dict() == {"house": 151, "senate": 36}
    assert len(told["unions"]) == 15 and len(told["towns"]) == 169
    assert told["unions"]["real"].notna().sum() >= 4  # unions whose June tally is on record
    assert told["power"].groupby("rule")["banzhaf"].sum().to_numpy() == pytest.approx(1, abs=1e-5)


def test_a_sample_of_few_points_is_put_into_classes_and_a_grid_of_as_many_values_is_not():
    trust, speed = np.linspace(0, 1, 40), np.random.default_rng(0).permutation(np.linspace(0, 2, 40))
    sample = pd.DataFrame({"members.trust": trust, "governor.speed": speed})
    grid = pd.DataFrame(itertools.product(trust, speed), columns=list(sample))
    for frame, values in ((sample, 20), (grid, 40), (sample[["members.trust"]], 40)):
        assert in_classes(frame, ["members.trust"], among=list(frame))["members.trust"].nunique() == values


def ran(folder, **said):
    from experiments.runs.runner import run

    run(Study(name="ran", **said), folder, workers=1)
    return charts.Results(folder)


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    """A small sample of every uncertainty of a case whose rule asks for one half, crossed with a lever."""
    from experiments.runs.designs import LatinHypercube

    design = LatinHypercube(parameters="uncertainties", n=30) * Grid(vary={"campaign.meetings_per_week": [0.0, 10.0]})
    return ran(tmp_path_factory.mktemp("sampled") / "out", scenario="single-union", worlds=5, design=design)


def test_rows_of_a_sample_are_named_by_their_point_since_nobody_reads_thirty_settings(sampled):
    drawn = drawn_kind(sampled, "paired", Options(base=3))
    beside = {"campaign: meetings per week 0", "campaign: meetings per week 10"}
    assert set(drawn.data["change"]) <= {f"point {k}" for k in range(60)} | beside
    assert "each point against point 3" in drawn.caption


def test_a_map_has_its_line_where_cells_are_missing_on_a_grid_and_none_in_a_sample(sampled):
    cells = [(a, b, a + b > 1.1) for a in (0.0, 0.5, 1.0) for b in (0.0, 0.5, 1.0) if (a, b) != (0.0, 0.0)]
    frame = pd.DataFrame(cells, columns=["members.trust", "governor.speed", "deal"])
    with charts.style():
        for line in (True, False):
            _, ax = charts.new_figure()
            charts.draw_deal_map(ax, frame, "members.trust", "governor.speed", line=line)
            assert (len(ax.collections) > 1) is line
    drawn = drawn_kind(sampled, "deal_map", Options()).figure
    assert len(drawn.axes[0].collections) == 1


def test_a_chart_of_all_points_together_says_so_and_marks_no_share_that_no_rule_asks_for(sampled, tmp_path):
    pooled = f"Pooled over {len(sampled.parameters)} other parameters"
    for kind in ("funnel", "vote_share", "who_pays"):
        assert pooled in drawn_kind(sampled, kind, Options()).caption
    assert _marked(drawn_kind(sampled, "vote_share", Options()).figure) == ["one half"]
    known = ran(tmp_path / "out", scenario="connecticut-2011", worlds=40, design=Grid(vary={"members.trust": [1.0]}))
    assert _marked(drawn_kind(known, "vote_share", Options()).figure) == ["one half", "80 %"]


def _marked(figure) -> list[str]:
    return [words.get_text() for words in figure.axes[0].texts]
