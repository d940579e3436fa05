"""The words of axes, legends and captions: names, units, counts and intervals."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from experiments.statistics.intervals import CONFIDENCE
from sim.wording import percent

if TYPE_CHECKING:
    import pandas as pd

Band = Literal["pointwise", "simultaneous"]
NAMED_POOLED = 8  # parameters that a caption names
LONGEST_PART, LINE, AXIS_LINE = 30, 36, 46  # letters: of a part of a name, of a row's line, of an axis's line


def interval_words(band: Band = "pointwise") -> str:
    """How a caption names the interval."""
    if band == "simultaneous":
        return f"{percent(CONFIDENCE)} simultaneous band (Wilson, Bonferroni over the points)"
    return f"pointwise {percent(CONFIDENCE)} Wilson intervals"


def count_words(counts: Sequence[int], unit: str = "worlds") -> str:
    """``n = 400 worlds``, or the range where groups differ in size."""
    least, most = int(min(counts)), int(max(counts))
    return f"n = {least:,} {unit}" if least == most else f"n = {least:,} to {most:,} {unit}"


def world_words(frame: pd.DataFrame) -> str:
    """How a caption names the single world that a table tells of."""
    if not {"world", "seed"} <= set(frame.columns):
        return "one world (n = 1, no interval)"
    return f"one world (world {frame['world'].iloc[0]} of seed {frame['seed'].iloc[0]}; n = 1, no interval)"


def group_label(by: str, value: Any) -> str:
    """How a legend names a group: words stand alone, unless they are values of a parameter (``governor.tactic``)."""
    return value if isinstance(value, str) and "." not in by else f"{label_of(by)} {value_words(value)}"


def label_of(name: str) -> str:
    """A name as text: ``members.trust`` becomes ``members: trust``; a rule's short name needs no section."""
    parts = [_shortened(part.replace("_", " ")) for part in name.split(".") if not part.isdecimal()]
    if len(parts) == 1 or parts[0] == "rule":
        return parts[-1]
    return f"{parts[1] if parts[0] == 'rules' else parts[-2]}: {parts[-1]}"


def _shortened(part: str) -> str:
    return part if len(part) <= LONGEST_PART else f"{part[: LONGEST_PART - 1].rstrip()}…"


def in_lines(words: str, width: int = LINE, most: int | None = None) -> str:
    """Long words broken into lines, each of theirs by itself; what is beyond ``most`` lines is left out."""
    lines = [
        textwrap.wrap(line, width, max_lines=most, placeholder="…", break_on_hyphens=False) or [""]
        for line in words.split("\n")
    ]
    return "\n".join(itertools.chain.from_iterable(lines))


def rate_label(success: str) -> str:
    """How an axis names the share of worlds in which something holds."""
    return "deal rate" if success == "deal" else f"share of worlds ({success})"


def sentence(words: str) -> str:
    """With a capital, and names as they are."""
    return words[:1].upper() + words[1:]


def unit_of(measure: str) -> str:
    """The unit of a measure, as the model declares it; of a column that it does not declare, "a world"."""
    from sim.measures import MEASURES

    return next((declared.unit for declared in MEASURES if declared.name == measure), "a world")


def value_words(value: Any) -> str:
    """A parameter's value beside a bar or on an axis."""
    if isinstance(value, (bool, np.bool_)):
        return str(value).lower()  # as the files have it
    if not isinstance(value, (float, np.floating)):
        return str(value)
    text = f"{value:.0f}" if abs(float(value)) >= 1000 else f"{value:.3g}"
    return text.replace("-", "−")


def pooled_words(others: Sequence[str]) -> str:
    """How a caption says that points which differ in these parameters are shown together; nothing where none do."""
    named = ", ".join(map(label_of, others)) if len(others) <= NAMED_POOLED else f"{len(others)} other parameters"
    return f" Pooled over {named}; n and intervals count distinct worlds." if others else ""
