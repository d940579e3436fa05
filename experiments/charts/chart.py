"""What a chart is: an object that says what it shows and needs, and makes the figure, its numbers and its caption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from experiments.charts.form import new_figure
from experiments.charts.results import RUNS, Results
from experiments.charts.words import Band
from sim.errors import WrongInput, nearest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ANY_RUN = "any study: planb run STUDY, or planb sweep SCENARIO --vary KEY=START:STOP:STEP"
TWO_VARIED = "a study of two parameters: planb run ratification_rule, or planb sweep SCENARIO --vary ... --vary ..."
SEVERAL = "a study with a one_at_a_time, latin_hypercube or sobol design, such as planb run town-aid"
ONE_RUN = "planb chart {folder} --run POINT:WORLD, which plays one world of the study again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a user may choose for any chart; a chart takes what concerns it."""

    preset: str = "single"
    x: str | None = None  # a varied parameter
    y: str | None = None
    by: str | None = None
    vote: int = 1
    band: Band = "pointwise"
    measure: str | None = None  # a column of the runs, or a measure of a sensitivity analysis
    base: int = 0  # point that paired differences are taken against


class Drawn(NamedTuple):
    """A finished figure, the numbers in it and its caption."""

    figure: Figure
    data: pd.DataFrame
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """One kind of chart."""

    kind: str
    shows: str
    draw: Callable[[Results, Options], Drawn] = field(repr=False)
    provided_by: str = ANY_RUN
    table: str = RUNS  # runs.parquet, else tables/NAME.csv
    needs: Sequence[str] = ()  # columns of the table beside the measure; {vote} stands for the vote asked for
    measures: Literal["none", "shares", "any", "own"] = "none"  # which can be asked for; "own": those its table names
    usual: str = "deal"  # the measure, unless another is asked for
    varied: int = 0  # varied parameters it needs at least
    together: bool = False  # must they vary together?

    def measure(self, options: Options) -> str:
        """The measure to show."""
        return options.measure or self.usual

    def refusal(self, results: Results, options: Options) -> str:
        """Why it cannot be drawn, in one line, and where what is missing comes from; empty where it can."""
        lack = self.lacks(results, options)
        if lack and results.unfinished:
            return f"{lack}{results.unfinished}"
        if lack:
            return f"{lack}; it comes from {self.provided_by.format(folder=results.folder)}"
        return self._misses(results, options)

    def lacks(self, results: Results, options: Options) -> str:
        """What the folder lacks for this kind, in words; empty where it lacks nothing."""
        path, there = results.path_of(self.table), results.columns(self.table)
        if not there:
            return f"{path} is missing"
        absent = [name for need in self.needs if (name := need.format(vote=options.vote)) not in there]
        if absent:
            return f"{path} has no column {', '.join(absent)}"
        if len(results.parameters) < self.varied:
            found = ", ".join(results.parameters) or "none"
            return f"{results.folder} varies too few parameters: it needs {self.varied} at least, and has {found}"
        if self.together and results.one_at_a_time:
            return f"{results.folder} varies its parameters one at a time, and it needs them together"
        return ""

    def _misses(self, results: Results, options: Options) -> str:
        """Why it cannot show the measure."""
        name = self.measure(options)
        if self.measures == "none":
            return f"it shows no measure of choice, so not {options.measure!r}" if options.measure else ""
        if self.measures == "own":
            return ""
        if name not in results.measures:
            return f"{results.path_of(RUNS)} has no measure {name!r}{nearest(name, results.measures)}"
        if self.measures == "shares" and not results.is_share(name):
            return f"it shows shares of worlds, and {name!r} is an amount; chart measure shows its mean"
        return ""


def chart(**about: Any) -> Callable[[Callable[[Results, Options], Drawn]], Chart]:
    """Makes a `Chart` of the function below, whose name is the kind."""
    return lambda draw: Chart(kind=draw.__name__, draw=draw, **about)


def one(options: Options, height_mm: float, draw: Callable[[Axes], Any]) -> Figure:
    """A figure of one panel."""
    figure, ax = new_figure(options.preset, height_mm=height_mm)
    draw(ax)
    return figure


def varied_parameter(results: Results, option: str, asked: str) -> str:
    """What ``--OPTION`` asks for, which must be a varied parameter. Raises `WrongInput`."""
    if asked not in results.parameters:
        raise WrongInput(f"--{option} {asked!r}: is not varied in {results.folder}{nearest(asked, results.parameters)}")
    return asked


def by_parameter(results: Results, options: Options) -> str | None:
    """The parameter of ``--by``, if one is asked for. Raises `WrongInput`."""
    return varied_parameter(results, "by", options.by) if options.by else None


def x_and_by(results: Results, options: Options) -> tuple[str, str | None]:
    """The parameters of ``--x``, the first varied one that is not ``--by``, and of ``--by``. Raises `WrongInput`."""
    by = by_parameter(results, options)
    usual = next((name for name in results.parameters if name != by), by)
    x = varied_parameter(results, "x", options.x or str(usual))
    if x == by:
        raise WrongInput(f"--by {by!r}: is --x already")
    return x, by
