"""What charts are drawn from, made once: a results folder, its figures, one world's tables, a sample."""

from __future__ import annotations

import pandas as pd
import pytest
from chart_runs import RULE, SHARE, ran

from experiments import charts
from experiments.charts.kinds import CHARTS, Options
from experiments.runs.designs import Grid
from experiments.runs.study import Study
from sim import load_scenario


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def figures(folder):
    """Every kind of chart, drawn once and not saved: kind -> figure."""
    results, drawn = charts.Results(folder), {}
    for kind, chart in CHARTS.items():
        with charts.style():
            drawn[kind] = chart.draw(results, Options()).figure
    return drawn


@pytest.fixture(scope="session")
def told(tmp_path_factory):
    """The tables of one world of the shipped case in which there is a session."""
    from experiments.charts import chart_data as chart_tables
    from sim import load_scenario, simulate

    case, place = load_scenario("connecticut-2011"), tmp_path_factory.mktemp("told")
    table = simulate(case, worlds=200).table
    world = int(table.loc[table["house_yes"].notna() & table["agreed_day"].notna(), "world"].iloc[0])
    files = chart_tables.write_run_tables(place, scenario=case, seed=2011, world=world, point={}, forecasts=64)
    return {path.stem: pd.read_csv(path) for path in files}


@pytest.fixture(scope="session")
def sampled(tmp_path_factory):
    """A small sample of every uncertainty of a case whose rule asks for one half, crossed with a lever."""
    from experiments.runs.designs import LatinHypercube

    design = LatinHypercube(parameters="uncertainties", n=30) * Grid(vary={"campaign.meetings_per_week": [0.0, 10.0]})
    return ran(tmp_path_factory.mktemp("sampled") / "out", scenario="single-union", worlds=5, design=design)
