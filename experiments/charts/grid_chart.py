"""The chart of a grid: the deal rate against one parameter, or a map over two."""

from __future__ import annotations

from pathlib import Path

from experiments.runs.manifest import read_manifest


def draw_grid(folder: Path) -> list[Path]:
    """Draw a finished folder's deal rate; the files written, none unless the grid has one or two parameters."""
    import pandas as pd

    from experiments.charts.deal_map import deal_map_caption, draw_deal_map
    from experiments.charts.deal_rate import deal_rate_caption, draw_deal_rate
    from experiments.charts.form import new_figure, save_figure, style
    from experiments.charts.groups import rates_by

    names = read_manifest(folder)["parameters"]
    if len(names) not in (1, 2):
        return []
    runs = pd.read_parquet(folder / "runs.parquet", columns=[*names, "deal"])
    if runs.empty:
        return []
    rates = rates_by(runs, names)
    with style():
        figure, ax = new_figure()
        if len(names) == 1:
            draw_deal_rate(ax, runs, names[0])
            return save_figure(figure, folder, "deal_rate", data=rates, caption=deal_rate_caption(rates, names[0]))
        x, y = names
        draw_deal_map(ax, runs, x, y)
        return save_figure(figure, folder, "deal_map", data=rates, caption=deal_map_caption(rates, x, y))
