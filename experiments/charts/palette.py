"""Colours, markers, dashes and hatches. No series is told apart by its colour alone.

The hues are those of Okabe and Ito (2008), "Color Universal Design", some lightened or darkened so that neighbours also
differ in grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

INK = "#222222"
QUIET = "#8C8C8C"
FAINT = "#DDDDDD"
BLUE = "#0072B2"
ORANGE = "#E69F00"
VERMILION = "#D55E00"
GREEN = "#009E73"
SKY = "#56B4E9"
PURPLE = "#CC79A7"
SHARES = "cividis"  # matplotlib's name of the colours of shares on a map, from dark to light


class Series(NamedTuple):
    """How one of several lines looks."""

    colour: str
    marker: str
    dashes: Any  # a matplotlib line style
    filled: bool = True

    def line(self) -> dict[str, Any]:
        """Keywords for ``Axes.plot``."""
        face = self.colour if self.filled else "white"
        return {
            "color": self.colour,
            "marker": self.marker,
            "linestyle": self.dashes,
            "markerfacecolor": face,
            "markeredgecolor": self.colour,
        }


class Fill(NamedTuple):
    """How one of several areas looks."""

    colour: str
    hatch: str = ""

    def patch(self) -> dict[str, Any]:
        """Keywords for ``Axes.bar`` and patches."""
        return {"facecolor": self.colour, "hatch": self.hatch, "edgecolor": "white" if self.hatch else "none"}


SERIES = (
    Series(BLUE, "o", "-"),
    Series(ORANGE, "s", "--", filled=False),
    Series(GREEN, "^", "-."),
    Series(VERMILION, "D", ":", filled=False),
    Series(PURPLE, "v", (0, (5, 1, 1, 1, 1, 1))),
    Series("#444444", "P", (0, (1, 1))),
)

DARK, LIGHT = Fill("#00507D"), Fill("#F0B45A", "\\\\\\\\")  # of two bars side by side

OUTCOME_FILLS = MappingProxyType(
    {
        "ratified_first_vote": DARK,
        "ratified_second_vote": Fill("#3E9BCB", "////"),
        "refused_by_legislature": Fill("#7A4B00", ".."),
        "refused": Fill(VERMILION, "xxxx"),
        "no_tentative_deal": LIGHT,
        "no_zone_of_agreement": Fill("#B5B5B5"),
    }
)

# from dark to light in grey, neighbours never both plain
PAYER_FILLS = MappingProxyType(
    {
        "savings": DARK,
        "revenue": Fill("#3E9BCB", "////"),
        "programmes": Fill("#00785A", ".."),
        "aid": LIGHT,
        "layoffs": Fill(VERMILION, "xxxx"),
        "taxes": Fill("#D9A6C2", "--"),
        "deficit": Fill("#C9C9C9"),
    }
)


# a group keeps its look in every figure
NAMED = MappingProxyType({"per capita": SERIES[0], "bloc": SERIES[1], "governor": SERIES[0], "coalition": SERIES[3]})


def series(index: int) -> Series:
    """The look of the index-th of several lines; six differ, then they repeat."""
    return SERIES[index % len(SERIES)]


def looks_of(groups: Sequence[Any]) -> list[Series]:
    """The looks of several groups: their own where all of them have one, else in order."""
    words = [str(group).replace("_", " ") for group in groups]
    named = [next((look for name, look in NAMED.items() if word.endswith(name)), None) for word in words]
    if groups and all(look is not None for look in named):
        return [look for look in named if look is not None]
    return [series(index) for index in range(len(groups))]
