"""The mean of any measure against one parameter, such as the savings of a deal against the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.charts.chart import Drawn, Options, chart, one, x_and_by
from experiments.charts.curve import draw_curve
from experiments.charts.groups import held_or_pooled, in_classes, means_by
from experiments.charts.results import Results
from experiments.charts.words import count_words, label_of, unit_of
from sim.errors import WrongInput

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes


def draw_measure(
    ax: Axes, means: pd.DataFrame, parameter: str, *, by: str | None = None, label: str, unit: str
) -> Axes:
    """Mean with its interval at each value of ``parameter``, a line for each value of ``by``; see `means_by`."""
    ylabel = f"{label}\n{unit} ({count_words(means['n'], 'a point')})"
    return draw_curve(ax, means, parameter, value="mean", by=by, ylabel=ylabel)


def measure_caption(means: pd.DataFrame, parameter: str, *, label: str, unit: str) -> str:
    """Caption stub with n and the interval method."""
    key = f" (`{parameter}`)" if "." in parameter else ""
    return (
        f"Mean {label}, {unit}, against {label_of(parameter)}{key}, where it is known: "
        f"{count_words(means['n'])} at each of {len(means)} points; pointwise 95 % intervals (Student's t)."
    )


@chart(
    shows="mean of any measure against one varied parameter, with its interval (--measure, --x, --by)",
    measures="any",
    usual="deal_savings",
    varied=1,
)
def measure(results: Results, options: Options) -> Drawn:
    x, by = x_and_by(results, options)
    name = measure.measure(options)
    runs = results.runs([*results.parameters, name])
    runs, pooled = held_or_pooled(runs, results.parameters, [x, by] if by else [x])
    means = means_by(in_classes(runs, [x], among=results.parameters), name, x, by=by)
    if means.empty:
        raise WrongInput(f"chart measure: {name} is known in no world of {results.folder}")
    label, unit = label_of(name), unit_of(name)
    look: dict[str, Any] = {"by": by, "label": label, "unit": unit}
    figure = one(options, 62, lambda ax: draw_measure(ax, means, x, **look).set_xlabel(results.axis(x)))
    return Drawn(figure, means, measure_caption(means, x, label=label, unit=unit) + pooled)
