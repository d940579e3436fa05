"""The figures of a study as data: which points, which measure, against what; drawn by the functions of the charts.

Axis labels of parameters stand in the paper's ``axes``, those of measures in `MEASURES`; captions are made of both.
Levels carry the interval of each point by itself. What a study claims are differences in the same worlds, which are
known far better; `draw_differences` shows these, from the very comparisons that the sentences are made of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from experiments.charts import (
    draw_deal_map,
    draw_deal_rate,
    draw_offers,
    draw_paired,
    draw_time_to_deal,
    draw_utility_space,
    means_by,
    offers_caption,
    rates_by,
    survival,
    utility_space_caption,
)
from experiments.charts.chart_data import offers_table, told, utility_space_table
from experiments.charts.form import percent_axis
from experiments.charts.measure import draw_measure, measure_caption
from experiments.charts.time_to_deal import time_to_deal_caption
from experiments.charts.words import Band, count_words, interval_words, sentence
from experiments.paper.comparisons import MEASURES, Comparison, Where
from experiments.paper.sentences import PER_CENT, POINTS, Unit
from experiments.statistics.paired_tests import verdict_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from experiments.paper.write_up import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """A share of worlds against a parameter; a line a value of another column, or a line a measure."""

    name: str
    x: str
    measure: str | Mapping[str, str] = "ratified_1"  # or measures by the words for their lines, in the column ``by``
    by: str | None = None
    where: Where = field(default_factory=dict)
    band: Band = "pointwise"
    wide: bool = False
    note: str = ""  # ends the caption

    def draw(self, page: Page) -> None:
        runs, words = self._rows(page), page.axis(self.x)
        rates = rates_by(runs, [self.by, self.x] if self.by else [self.x], band=self.band)
        if isinstance(self.measure, str):
            what, unit = MEASURES[self.measure].axis, MEASURES[self.measure].of
            by = f", by {page.axis(self.by)}" if self.by else ""
        else:
            what, by, unit = "share of worlds", f": {', '.join(self.measure)}", "worlds"
        page.draw(
            self.name,
            lambda ax: draw_deal_rate(ax, runs, self.x, by=self.by, band=self.band).set(xlabel=words, ylabel=what),
            data=rates,
            caption=f"{sentence(what)} against {words}{by}{page.paper.about}. "
            f"{count_words(rates['n'], unit)} a point; {interval_words(self.band)}, each point by itself: differences "
            f"between points are of the same worlds and known better.{self.note}",
            preset="double" if self.wide else "single",
            height_mm=65,
        )

    def _rows(self, page: Page) -> pd.DataFrame:
        import pandas as pd

        rows = page.at(self.where)
        if isinstance(self.measure, str):
            rows = rows.dropna(subset=[self.measure])
            return rows.assign(deal=rows[self.measure] > 0)
        return pd.concat(
            [rows.assign(**{str(self.by): words, "deal": rows[name]}) for words, name in self.measure.items()]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """A share of worlds over two parameters, with the line of one half; ``marked``: points of it by name."""

    name: str
    x: str
    y: str
    measure: str = "ratified_1"
    where: Where = field(default_factory=dict)
    marked: Mapping[str, tuple[object, object]] | None = None
    note: str = ""

    def draw(self, page: Page) -> None:
        runs, what = page.at(self.where), MEASURES[self.measure].axis
        runs = runs.assign(deal=runs[self.measure])
        rates = rates_by(runs, [self.x, self.y])
        labels = {"xlabel": page.axis(self.x), "ylabel": page.axis(self.y)}
        page.draw(
            self.name,
            lambda ax: draw_deal_map(
                ax, runs, self.x, self.y, label=what.removeprefix("share "), marked=self.marked
            ).set(**labels),
            data=rates,
            caption=f"{sentence(what)} over {labels['xlabel']} and {labels['ylabel']}, "
            f"{count_words(rates['n'])} a cell. Line: 50 %, where it is crossed. Hatched: cells whose interval covers "
            f"one half ({interval_words()}).{self.note}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """The mean of a measure against a parameter, where it is known; a line a value of another column."""

    name: str
    x: str
    measure: str
    by: str | None = None
    where: Where = field(default_factory=dict)
    note: str = ""

    def draw(self, page: Page) -> None:
        means = means_by(page.at(self.where), self.measure, self.x, by=self.by)
        words = {"label": MEASURES[self.measure].axis, "unit": MEASURES[self.measure].unit.name}

        def draw(ax: Axes) -> None:
            draw_measure(ax, means, self.x, by=self.by, **words).set_xlabel(page.axis(self.x))
            if MEASURES[self.measure].unit is PER_CENT:
                percent_axis(ax)

        page.draw(self.name, draw, data=means, caption=measure_caption(means, self.x, **words) + self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How many worlds are still without a tentative deal, day by day."""

    by: str | None = None
    where: Where = field(default_factory=dict)
    wide: bool = False

    def draw(self, page: Page) -> None:
        deadline = page.scenario.calendar.talks.days
        runs = page.at(self.where)
        curves = survival(runs, deadline=deadline, by=self.by)
        page.draw(
            "time_to_deal",
            lambda ax: draw_time_to_deal(ax, runs, deadline=deadline, by=self.by),
            data=curves,
            caption=time_to_deal_caption(curves, deadline=deadline),
            preset="double" if self.wide else "single",
            height_mm=75 if self.wide else 62,
        )


@dataclass(frozen=True, slots=True)
class Differences:
    """What each change does to a measure, in the same worlds."""

    name: str
    of: Sequence[Comparison]  # all of one unit

    def draw(self, page: Page) -> None:
        import pandas as pd

        rows = pd.DataFrame([{"change": one.label, **one.found(page)._asdict()} for one in self.of])
        words = {MEASURES[one.measure].axis for one in self.of}
        what = words.pop() if len(words) == 1 else "share of worlds" if self.of[0].unit is POINTS else "mean"
        draw_differences(page, self.name, rows, what=f"{what}{page.paper.about}", unit=self.of[0].unit)


def draw_differences(page: Page, name: str, rows: pd.DataFrame, *, what: str, unit: Unit = POINTS) -> None:
    """Paired differences with their intervals; ``rows``: change, n, difference, low, high, family."""
    label = f"change of the {what.partition(',')[0]}, {unit.name or 'days'}"
    said = [verdict_of(row.low, row.high, unit.matters) for row in rows.itertuples()]
    shown = rows.assign(verdict=said)
    method = "Tango's, which invert McNemar's test" if unit is POINTS else "Student's"
    family = int(rows["family"].max())
    page.draw(
        name,
        lambda ax: draw_paired(ax, shown, scale=unit.scale).set_xlabel(label),
        data=shown,
        caption=f"Change of the {what}, in the same worlds, {count_words(rows['n'], 'pairs of worlds')}; 95 % "
        f"intervals ({method}{f'; Bonferroni over {family}' if family > 1 else ''}). No effect that matters: an "
        f"interval within ±{unit.scale * unit.matters:g} {unit.name or 'days'}.",
        preset="double",
        height_mm=30 + 4 * len(rows),
    )


def draw_offers_of(page: Page, world: int, requests: Mapping[str, Where]) -> None:
    """The governor's offers in one world under settings, by what names them."""
    import pandas as pd

    tables = {
        title: offers_table(told(page.scenario.with_settings(settings), seed=page.study.seed, world=world))
        for title, settings in requests.items()
    }

    def panel(ax: Axes, title: str) -> None:
        draw_offers(ax, tables[title], side="governor", legend=title == next(iter(tables)))
        ax.set_xlabel(f"round ({title})")

    page.panels(
        "offers",
        [partial(panel, title=title) for title in tables],
        pd.concat([table.assign(request=title) for title, table in tables.items()]),
        f"World {world} under two requests. {offers_caption(list(tables.values())[-1])}",
        sharey=True,
    )


def draw_utility_space_of(page: Page, world: int) -> None:
    """The offers of one world in utility space."""
    model = told(page.scenario, seed=page.study.seed, world=world)
    table = utility_space_table(model)
    caption = f"World {world}. {utility_space_caption(table)}"
    page.chart("utility_space", draw_utility_space, table, caption, height_mm=90)


Figure = Lines | Map | Means | Times | Differences
