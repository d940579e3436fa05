"""Rows of a run table put into groups by parameter, and the deal rate of each group with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from experiments.statistics.intervals import CONFIDENCE, wilson_interval

if TYPE_CHECKING:
    import pandas as pd

Band = Literal["pointwise", "simultaneous"]


def rates_by(
    frame: pd.DataFrame,
    parameters: Sequence[str],
    *,
    success: str = "deal",
    band: Band = "pointwise",
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Share of rows with ``success`` by value of the parameters: their columns, then n, successes, rate, low, high.

    A simultaneous band holds at all k values at once: each Wilson interval is taken at confidence
    1 - (1 - confidence) / k (Bonferroni).
    """
    grouped = frame.groupby(list(parameters), sort=True, observed=True)[success]
    table = grouped.agg(n="size", successes="sum").reset_index()
    level = 1 - (1 - confidence) / len(table) if band == "simultaneous" else confidence
    low, high = wilson_interval(table["successes"], table["n"], level)
    rate = table["successes"].astype(float) / table["n"]
    return table.assign(rate=rate, low=low, high=high)


def in_classes(frame: pd.DataFrame, parameters: Sequence[str], *, classes: int = 20, most: int = 60) -> pd.DataFrame:
    """A sampled parameter has too many values to group by: put those with more than ``most`` into equal classes.

    A value becomes the middle of its class, to four digits.
    """
    result = frame
    for name in parameters:
        if frame[name].dtype.kind != "f" or frame[name].nunique() <= most:
            continue
        edges = np.linspace(frame[name].min(), frame[name].max(), classes + 1)
        place = np.clip(np.searchsorted(edges, frame[name], side="right") - 1, 0, classes - 1)
        middles = np.array([float(f"{middle:.4g}") for middle in (edges[1:] + edges[:-1]) / 2])
        result = result.assign(**{name: middles[place]})
    return result


def interval_words(band: Band = "pointwise", confidence: float = CONFIDENCE) -> str:
    """How a caption names the interval."""
    if band == "simultaneous":
        return f"{as_percent(confidence)} simultaneous band (Wilson, Bonferroni over the points)"
    return f"pointwise {as_percent(confidence)} Wilson intervals"


def count_words(counts: Sequence[int], unit: str = "worlds") -> str:
    """``n = 400 worlds``, or the range where groups differ in size."""
    least, most = int(min(counts)), int(max(counts))
    return f"n = {least:,} {unit}" if least == most else f"n = {least:,} to {most:,} {unit}"


def world_words(frame: pd.DataFrame) -> str:
    """How a caption names the single world that a table tells of."""
    if not {"world", "seed"} <= set(frame.columns):
        return "one world (n = 1, no interval)"
    return f"one world (world {frame['world'].iloc[0]} of seed {frame['seed'].iloc[0]}; n = 1, no interval)"


def positions(values: Sequence[Any]) -> tuple[np.ndarray, list[str] | None]:
    """Where to put parameter values on an axis: numbers (also fractions as "4/5") at their place, words in a row.

    Returns the places and, for words, their labels.
    """
    places = [as_number(value) for value in values]
    if all(place is not None for place in places):
        return np.array(places, float), None
    return np.arange(len(places), dtype=float), [str(value) for value in values]


def in_order(values: Iterable[Any]) -> list[Any]:
    """Distinct values, numbers and fractions by size ("2/3" before "3/4"), words by the alphabet."""
    distinct = list(dict.fromkeys(values))
    if all(as_number(value) is not None for value in distinct):
        return sorted(distinct, key=as_number)  # type: ignore[arg-type]
    return sorted(distinct, key=str)


def as_number(value: Any) -> float | None:
    """A number, or a fraction in words, as a float; None for other words and for switches."""
    if isinstance(value, (bool, np.bool_)):
        return None
    if isinstance(value, str):
        try:
            return float(Fraction(value))
        except (ValueError, ZeroDivisionError):
            return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def group_label(by: str, value: Any) -> str:
    """How a legend names a group: words stand alone, unless they are values of a parameter (``governor.tactic``)."""
    return value if isinstance(value, str) and "." not in by else f"{label_of(by)} {value}"


def label_of(name: str) -> str:
    """A name as text: ``members.trust`` becomes ``members: trust``; a rule's threshold needs no section."""
    parts = [part.replace("_", " ") for part in name.split(".") if not part.isdecimal()]
    return parts[-1] if len(parts) == 1 or parts[0] in ("rule", "rules") else f"{parts[-2]}: {parts[-1]}"


def as_percent(share: float) -> str:
    """A share as text, in the form the axes use."""
    return f"{share:.0%}".replace("%", " %")
