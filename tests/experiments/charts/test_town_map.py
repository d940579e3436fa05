"""The map of the towns: every town in its place, darker for more, hatched where nothing is known."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from experiments.charts.form import new_figure, style
from experiments.charts.town_map import class_breaks, draw_town_map, read_boundaries, town_map_caption, town_map_table
from sim.errors import WrongInput
from sim.scenario.tables import read_towns

CASE = Path(__file__).parents[3] / "sim" / "scenarios" / "connecticut-2011"


@pytest.fixture(scope="module")
def boundaries():
    return read_boundaries(CASE / "ct_towns.geojson")


@pytest.fixture(scope="module")
def names():
    return read_towns(CASE / "towns.csv").names


def drawn(values, boundaries, **options):
    with style():
        _, ax = new_figure(height_mm=80)
        return draw_town_map(ax, values, boundaries, unit="$ a head", **options)


def legend_words(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_every_town_of_the_table_has_a_boundary_and_no_other(boundaries, names):
    assert sorted(boundaries) == sorted(names)
    assert len(boundaries) == 169


def test_outlines_are_closed(boundaries):
    assert all(np.array_equal(ring[0], ring[-1]) for rings in boundaries.values() for ring in rings)


def test_the_state_has_its_area_and_its_proportions(boundaries):
    """5,543 square miles with its water (Census), here in square kilometres; simplified outlines lose little."""
    north = 41.5
    area = 0.0
    for rings in boundaries.values():
        for ring in rings:
            x, y = ring.T * np.array([[111.2 * math.cos(math.radians(north))], [111.2]])
            area += abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2
    assert 12_500 < area < 14_400
    aspect = drawn({"Hartford": 1.0}, boundaries).get_aspect()
    assert aspect == pytest.approx(1 / math.cos(math.radians(north)), rel=2e-3)


def test_towns_fall_into_classes_that_count_them_all(boundaries, names):
    ax = drawn({name: float(place) for place, name in enumerate(names)}, boundaries)
    assert sum(len(collection.get_paths()) for collection in ax.collections) == 169
    assert len(ax.collections) == 5
    assert max(len(collection.get_paths()) for collection in ax.collections) < 40


def test_more_is_darker_in_grey(boundaries, names):
    ax = drawn({name: float(place) for place, name in enumerate(names)}, boundaries)
    greys = [np.dot(collection.get_facecolor()[0][:3], [0.299, 0.587, 0.114]) for collection in ax.collections]
    assert (np.diff(greys) < -0.08).all()
    assert greys[0] < 0.97, "the lightest class is not the paper"


def test_a_town_without_a_value_is_hatched_and_counted(boundaries, names):
    values = dict.fromkeys(names, 1.0) | {"Hartford": math.nan}
    del values["Stamford"]
    ax = drawn(values, boundaries)
    assert ax.collections[-1].get_hatch()
    assert len(ax.collections[-1].get_paths()) == 2
    assert legend_words(ax) == ["1  (167 towns)", "no value  (2 towns)"]


def test_classes_may_be_given_and_values_beyond_them_stay_on_the_map(boundaries):
    ax = drawn({"Hartford": 41.0, "Stamford": -3.0, "Avon": 10.0}, boundaries, breaks=[0, 10, 20])
    assert legend_words(ax) == ["0 to 10  (1 town)", "10 to 20  (2 towns)", "no value  (166 towns)"]


def test_named_towns_are_written(boundaries):
    ax = drawn({"Hartford": 1.0}, boundaries, names=("New Haven",))
    assert "New Haven" in [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("values", [{"Hartfort": 1.0}, {"hartford": 1.0}])
def test_an_unknown_town_is_refused_with_the_nearest(boundaries, values):
    with pytest.raises(WrongInput, match="did you mean 'Hartford'"):
        drawn(values, boundaries)


def test_breaks_are_round_and_cover_all_values():
    values = np.random.default_rng(1).lognormal(3, 1, 169)
    limits = class_breaks(values)
    assert limits == sorted(limits)
    assert limits[0] <= values.min() and values.max() <= limits[-1]
    assert all(float(f"{limit:.2g}") == pytest.approx(limit) for limit in limits)
    assert class_breaks([3.0, 3.0]) == [3.0, 3.0]
    assert class_breaks([0.0, 0.0, 0.0, 5.0], 4) == [0.0, 1.2, 5.0]
    with pytest.raises(ValueError, match="no town"):
        class_breaks([math.nan])


def test_numbers_and_caption_go_with_the_map(boundaries):
    values = {"Hartford": 40.8, "Stamford": 6.1, "Avon": math.nan}
    table = town_map_table(values, boundaries, unit="$ a head")
    assert len(table) == 169
    assert table["$ a head"].notna().sum() == 2
    caption = town_map_caption(values, what="Aid lost", unit="$ a head")
    assert "from 6.1 in Stamford to 40.8 in Hartford" in caption


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("not json", "not a GeoJSON"),
        (json.dumps({"features": [{"properties": {}, "geometry": None}]}), "feature 0 needs a property 'town'"),
    ],
)
def test_a_file_that_is_no_map_is_refused_by_name(tmp_path, text, message):
    file = tmp_path / "towns.geojson"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WrongInput, match=rf"towns.geojson: .*{message}"):
        read_boundaries(file)
    with pytest.raises(WrongInput, match="elsewhere"):
        read_boundaries(tmp_path / "elsewhere.geojson")
