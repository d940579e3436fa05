"""What the zones of the stage share: sizes of words, the paler colours of what is not done yet, a box to draw in."""

from __future__ import annotations

from typing import NamedTuple

from experiments.charts.palette import INK
from experiments.page.svg import Picture

SMALL, BODY, HEAD = 12.0, 12.5, 13.5
LETTER = 6.7  # how much room a letter of `SMALL` takes, at most
DEEP = "#00507D"  # darker than vermilion in grey too
PALE_YES, PALE_NO = "#CFE2EE", "#F9E3D6"
REFUSES = "xxxx"
LEAST_ROW = 19.0  # of a union with a name
OTHERWISE = "Otherwise in the run compared: "


class Box(NamedTuple):
    """Where a zone is."""

    x: float
    y: float
    wide: float
    high: float


def frame(picture: Picture, x: float, y: float, wide: float, high: float) -> None:
    """Around who stands otherwise in the run that is compared: ink on white, so that it shows on any colour."""
    for colour, width in (("#FFFFFF", 3.2), (INK, 1.6)):
        picture.rect(x, y, wide, high, fill="none", stroke=colour, stroke_width=width, pointer_events="none")


def cut(text: str, letters: int) -> str:
    """What fits."""
    return text if len(text) <= letters else text[: max(letters - 1, 1)] + "…"
