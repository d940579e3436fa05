"""Charts can be read without colour, by every kind of eye."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from colour_vision import VISION, lightness, seen_with

from experiments.charts.kinds import CHARTS

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


def test_groups_keep_their_look_in_every_figure():
    from experiments.charts.palette import NAMED, looks_of

    assert looks_of(["counted in bloc", "counted per capita"]) == [NAMED["bloc"], NAMED["per capita"]]
    assert looks_of(["per_capita", "bloc"]) == [NAMED["per capita"], NAMED["bloc"]]
    assert len(set(looks_of(["bloc", "something else"]))) == 2
