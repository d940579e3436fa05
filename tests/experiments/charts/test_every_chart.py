"""Every kind of chart draws, comes out the same, and keeps its words inside the figure."""

from __future__ import annotations

import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest
from chart_runs import RULE, runs

from experiments import charts
from experiments.charts.kinds import CHARTS, Options, draw_kind, drawn_kind
from experiments.runs.designs import Grid
from experiments.runs.study import Study
from sim import load_scenario
from sim.scenario.folder import SHIPPED


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


def test_a_chart_of_pooled_points_counts_worlds_not_rows(folder):
    with charts.style():
        for kind in ("funnel", "time_to_deal", "vote_share", "who_pays", "measure"):
            drawn = CHARTS[kind].draw(charts.Results(folder), Options())
            assert drawn.data["n"].max() <= 60, kind
