"""Charts a paper can use: each function draws on axes it is given, from a data frame; none simulates, shows or saves.

    with charts.style("single"):
        figure, ax = charts.new_figure("single")
        charts.draw_deal_rate(ax, frame, "rule.unions_needed")
        charts.save_figure(figure, folder, "deal_rate", data=frame, caption="...")

or in one step from a results folder: ``charts.draw_kind(folder, "deal_rate")``, for the kinds in `CHARTS`.
matplotlib is imported when a figure is made, not when this package is.
"""

from experiments.charts.chambers import chambers_caption, draw_chamber
from experiments.charts.deal_map import deal_map_caption, draw_deal_map
from experiments.charts.deal_rate import deal_rate_caption, draw_deal_rate
from experiments.charts.form import PRESETS, new_figure, save_figure, style
from experiments.charts.funnel import draw_funnel, funnel_caption, funnel_stages
from experiments.charts.groups import rates_by
from experiments.charts.kinds import CHARTS, Options, draw_kind
from experiments.charts.offers import draw_offers, offers_caption
from experiments.charts.paired import draw_paired, paired_caption, paired_rows
from experiments.charts.power import draw_power, power_caption
from experiments.charts.results import Results
from experiments.charts.sobol import draw_sobol, sobol_caption
from experiments.charts.tables import as_latex, write_table
from experiments.charts.time_to_deal import draw_time_to_deal, survival, time_to_deal_caption
from experiments.charts.tornado import draw_tornado, tornado_caption, tornado_rows
from experiments.charts.town_map import draw_town_map, read_boundaries, town_map_caption, town_map_table
from experiments.charts.union_votes import draw_union_votes, union_votes_caption
from experiments.charts.utility_space import draw_utility_space, utility_space_caption
from experiments.charts.vote_share import draw_vote_share, threshold_rates, vote_share_caption
from experiments.charts.who_pays import draw_who_pays, mean_payments, who_pays_caption

__all__ = [
    "CHARTS",
    "PRESETS",
    "Options",
    "Results",
    "as_latex",
    "chambers_caption",
    "deal_map_caption",
    "deal_rate_caption",
    "draw_chamber",
    "draw_deal_map",
    "draw_deal_rate",
    "draw_funnel",
    "draw_kind",
    "draw_offers",
    "draw_paired",
    "draw_power",
    "draw_sobol",
    "draw_time_to_deal",
    "draw_tornado",
    "draw_town_map",
    "draw_union_votes",
    "draw_utility_space",
    "draw_vote_share",
    "draw_who_pays",
    "funnel_caption",
    "funnel_stages",
    "mean_payments",
    "new_figure",
    "offers_caption",
    "paired_caption",
    "paired_rows",
    "power_caption",
    "rates_by",
    "read_boundaries",
    "save_figure",
    "sobol_caption",
    "style",
    "survival",
    "threshold_rates",
    "time_to_deal_caption",
    "tornado_caption",
    "tornado_rows",
    "town_map_caption",
    "town_map_table",
    "union_votes_caption",
    "utility_space_caption",
    "vote_share_caption",
    "who_pays_caption",
    "write_table",
]
