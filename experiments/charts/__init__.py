"""Charts a paper can use: each function draws on axes it is given, from a data frame; none simulates, shows or saves.

    with charts.style("single"):
        figure, ax = charts.new_figure("single")
        charts.draw_deal_rate(ax, frame, "rule.unions_needed")
        charts.save_figure(figure, folder, "deal_rate", data=frame, caption="...")

or in one step from a results folder: ``charts.draw_kind(folder, "deal_rate")``, for the kinds in `CHARTS`.
matplotlib is imported when a figure is made, not when this package is.
"""

# ruff: noqa: F401

from experiments.charts.chambers import chambers_caption, draw_chamber
from experiments.charts.chart import Chart, Drawn, Options
from experiments.charts.deal_map import deal_map_caption, draw_deal_map
from experiments.charts.deal_rate import deal_rate_caption, draw_deal_rate
from experiments.charts.form import PRESETS, new_figure, save_figure, style
from experiments.charts.funnel import draw_funnel, funnel_caption, funnel_stages
from experiments.charts.groups import means_by, rates_by
from experiments.charts.kinds import CHARTS, draw_kind
from experiments.charts.measure import draw_measure, measure_caption
from experiments.charts.offers import draw_offers, offers_caption
from experiments.charts.paired import draw_paired, draw_paired_curve, paired_caption, paired_rows
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
