"""A table for a paper: LaTeX to be included with \\input, and the same numbers as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.charts.form import as_csv
from sim.wording import p_words

if TYPE_CHECKING:
    import pandas as pd

P_VALUES = dict.fromkeys(("p", "p_value"), "p")  # columns and their format
SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
SPECIAL |= {letter: f"\\{letter}" for letter in "&%$#_{}"}
SPECIAL |= {"—": "---", "–": "--", "−": "$-$", "<": "$<$", ">": "$>$"}


def write_table(
    frame: pd.DataFrame, folder: str | Path, name: str, *, caption: str, formats: Mapping[str, str] | None = None
) -> list[Path]:
    """Write ``folder/tables/NAME`` as tex (booktabs) and csv.

    ``formats`` are format specifications by column, such as ".1%" or ",.0f", and "p" for a p-value, which columns of
    that name have unless told otherwise. The CSV keeps names and numbers as they are.
    """
    target = Path(folder) / "tables"
    target.mkdir(parents=True, exist_ok=True)
    tex, csv = target / f"{name}.tex", target / f"{name}.csv"
    tex.write_text(as_latex(frame, name, caption=caption, formats=formats), encoding="utf-8")
    csv.write_text(as_csv(frame), encoding="utf-8", newline="\n")
    return [tex, csv]


def as_latex(frame: pd.DataFrame, name: str, *, caption: str, formats: Mapping[str, str] | None = None) -> str:
    """A table environment with the label tab:NAME; numbers stand right, words left; it needs the package booktabs."""
    titles = [str(column).replace("_", " ") for column in frame.columns]
    sides = "".join("r" if frame[column].dtype.kind in "iuf" else "l" for column in frame.columns)
    written = P_VALUES | dict(formats or {})
    cells = [
        [escaped(cell_text(value, written.get(column, ""))) for value in frame[column]] for column in frame.columns
    ]
    rows = [" & ".join(row) + r" \\" for row in zip(*cells, strict=True)]
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escaped(caption)}}}",
        rf"\label{{tab:{name}}}",
        rf"\begin{{tabular}}{{{sides}}}",
        r"\toprule",
        " & ".join(escaped(title) for title in titles) + r" \\",
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def cell_text(value: Any, specification: str = "") -> str:
    """One cell as text; an em dash where there is no value, yes and no for truth; no zero for what is not quite."""
    if value is None or (isinstance(value, (float, np.floating)) and np.isnan(value)):
        return "—"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if specification == "p":
        return p_words(value).removeprefix("p ").removeprefix("= ")
    if specification:
        return _not_quite(value, specification)
    return f"{value:.3g}" if isinstance(value, (float, np.floating)) else str(value)


def _not_quite(value: float, specification: str) -> str:
    """A number by its specification; a share that is not quite none or all is not written as if it were."""
    text = format(value, specification)
    if not specification.endswith("%") or float(text[:-1]) not in (-100, 0, 100) or value in (-1, 0, 1):
        return text
    edge = 10.0 ** -(len(text) - 2 - text.find(".")) if "." in text else 1.0
    if abs(value) < 0.5:
        return f"{'> −' if value < 0 else '< '}{format(edge / 100, specification)}"
    return f"{'< −' if value < 0 else '> '}{format(1 - edge / 100, specification)}"


def escaped(text: str) -> str:
    """Text in which LaTeX finds no commands."""
    return "".join(SPECIAL.get(letter, letter) for letter in text)
