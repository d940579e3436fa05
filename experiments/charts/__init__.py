"""Charts a paper can use: each function draws on axes it is given, from a data frame; none simulates, shows or saves.

    with charts.style("single"):
        figure, ax = charts.new_figure("single")
        charts.draw_deal_rate(ax, frame, "rule.unions_needed")
        charts.save_figure(figure, folder, "deal_rate", data=frame, caption="...")

matplotlib is imported when a figure is made, not when this package is.
"""

from experiments.charts.deal_map import deal_map_caption, draw_deal_map
from experiments.charts.deal_rate import deal_rate_caption, draw_deal_rate
from experiments.charts.form import PRESETS, new_figure, save_figure, style
from experiments.charts.funnel import draw_funnel, funnel_caption, funnel_stages
from experiments.charts.groups import rates_by

__all__ = [
    "PRESETS",
    "deal_map_caption",
    "deal_rate_caption",
    "draw_deal_map",
    "draw_deal_rate",
    "draw_funnel",
    "funnel_caption",
    "funnel_stages",
    "new_figure",
    "rates_by",
    "save_figure",
    "style",
]
