"""Rows of a run table put into groups by parameter, and the deal rate of each group with its interval."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from experiments.statistics import CONFIDENCE, wilson_interval

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


def interval_words(band: Band = "pointwise", confidence: float = CONFIDENCE) -> str:
    """How a caption names the interval."""
    if band == "simultaneous":
        return f"{confidence:.0%} simultaneous band (Wilson, Bonferroni over the points)"
    return f"pointwise {confidence:.0%} Wilson intervals"


def count_words(counts: Sequence[int], unit: str = "worlds") -> str:
    """``n = 400 worlds``, or the range where groups differ in size."""
    least, most = int(min(counts)), int(max(counts))
    return f"n = {least:,} {unit}" if least == most else f"n = {least:,} to {most:,} {unit}"


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
        return sorted(distinct, key=as_number)  # type: ignore[arg-type,return-value]
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


def label_of(name: str) -> str:
    """A parameter's or measure's name as axis text: ``rule.unions_needed`` becomes ``unions needed``."""
    return name.rsplit(".", 1)[-1].replace("_", " ")
