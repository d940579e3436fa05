"""Runs to draw charts of: made up, or a small study of a shipped case; and the command that draws them."""

from __future__ import annotations

import itertools
import shutil

import numpy as np
import pandas as pd
from click.testing import CliRunner

from experiments import charts
from experiments.runs.study import Study
from sim.outcomes import OUTCOMES

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


def ran(folder, **said):
    """The results of a study of these words, run into the folder."""
    from experiments.runs.runner import run

    run(Study(name="ran", **said), folder, workers=1)
    return charts.Results(folder)


def without(folder, tmp_path, table):
    """The folder, but for one table."""
    place = shutil.copytree(folder, tmp_path / "copy", ignore=shutil.ignore_patterns("figures"))
    charts.Results(place).path_of(table).unlink()
    return place


def call(*arguments):
    """``planb chart`` with these words."""
    from experiments.commands.chart import command

    return CliRunner().invoke(command, [str(argument) for argument in arguments])
