"""The map of deal rates over two parameters: values in their places, and a line where it means something."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from chart_runs import RULE, SHARE, without

from experiments import charts
from experiments.charts.kinds import Options, draw_kind, drawn_kind
from experiments.charts.results import RUNS
from sim.errors import WrongInput


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
