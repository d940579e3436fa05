"""Pictures as SVG text that stands alone: all looks are in attributes, so a downloaded figure is the one on the screen.

A mark with a ``tip`` can be pointed at, or reached by keyboard, and says its tip.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html import escape
from textwrap import wrap
from typing import Any

from experiments.charts.palette import FAINT, INK, QUIET
from sim import wording

FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', Arial, sans-serif"
SMALL, BODY, TITLE = 14.7, 15.0, 15.5  # on pictures 600 wide, which a laptop shows at three quarters: 11 px
SOFT = "#5F5F5F"  # words that stand back; dark enough to be read
WAITING_WIDTH = 56  # letters in a line
TO_ESCAPE = re.compile("[&<>\"']")
HATCH_LINE = "#FFFFFF"
HATCHES = {
    "////": '<path d="M0 8L8 0" {s}/>',
    "xxxx": '<path d="M0 8L8 0M0 0L8 8" {s}/>',
    "..": '<circle cx="4" cy="4" r="1.3" fill="#FFFFFF"/>',
    "\\\\\\\\": '<path d="M0 0L8 8" {s}/>',
    "--": '<path d="M0 4H8" {s}/>',
}


class Picture:
    """Collects marks; ``str()`` gives the SVG. ``words`` say to who cannot see it what it shows."""

    def __init__(self, width: float, height: float, words: str) -> None:
        self.width, self.height, self.words = width, height, words
        self._marks: list[str] = []
        self._patterns: dict[str, str] = {}

    def __str__(self) -> str:
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" role="img" '
            f'aria-label="{escape(self.words, quote=True)}" font-family="{FONT}" font-size="{BODY}" fill="{INK}">'
        )
        definitions = f"<defs>{''.join(self._patterns.values())}</defs>" if self._patterns else ""
        return f"{head}{definitions}{''.join(self._marks)}</svg>"

    def mark(self, name: str, *, tip: str = "", inside: str = "", **attributes: Any) -> None:
        """Any element. Attributes are written with - for _, and left out where None."""
        told = f' data-tip="{escape(tip, quote=True)}"' if tip else ""
        self._marks.append(f"<{name}{_written(attributes)}{told}>{inside}</{name}>")

    def text(self, x: float, y: float, words: str, *, anchor: str = "start", **attributes: Any) -> None:
        """Words at a place; ``anchor`` is start, middle or end."""
        self.mark(
            "text", inside=escape(words), x=x, y=y, text_anchor=None if anchor == "start" else anchor, **attributes
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, **attributes: Any) -> None:
        """A straight line."""
        self.mark("line", x1=x1, y1=y1, x2=x2, y2=y2, **{"stroke": QUIET, "stroke_width": 1, **attributes})

    def rect(self, x: float, y: float, width: float, height: float, *, tip: str = "", **attributes: Any) -> None:
        """A rectangle; one of no extent is left out."""
        if width > 0 and height > 0:
            self.mark("rect", tip=tip, x=x, y=y, width=width, height=height, **attributes)

    def path(
        self, points: Iterable[Sequence[float]], *, closed: bool = False, tip: str = "", **attributes: Any
    ) -> None:
        """A polyline through points."""
        steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        look = {"fill": "none", **attributes}
        self.mark("path", tip=tip, d=f"M{steps}{'Z' if closed else ''}", **look)

    def hatched(self, colour: str, hatch: str) -> str:
        """The fill of this colour with this hatch, as in the printed charts."""
        if not hatch:
            return colour
        name = f"hatch-{colour.strip('#')}-{list(HATCHES).index(hatch)}"
        lines = HATCHES[hatch].format(s=f'stroke="{HATCH_LINE}" stroke-width="1.4"')
        self._patterns[colour + hatch] = (
            f'<pattern id="{name}" width="8" height="8" patternUnits="userSpaceOnUse">'
            f'<rect width="8" height="8" fill="{colour}"/>{lines}</pattern>'
        )
        return f"url(#{name})"

    def shape(self, kind: str, x: float, y: float, r: float, *, tip: str = "", **attributes: Any) -> None:
        """A mark told apart by its form: circle, diamond, square, ring, star."""
        if kind in ("circle", "ring"):
            look = {"fill": "#FFFFFF"} if kind == "ring" else {}
            self.mark("circle", tip=tip, cx=x, cy=y, r=r, **{**attributes, **look})
        elif kind == "square":
            self.mark("rect", tip=tip, x=x - r, y=y - r, width=2 * r, height=2 * r, **attributes)
        elif kind == "diamond":
            wide = 1.25 * r
            self.path([(x, y - wide), (x + wide, y), (x, y + wide), (x - wide, y)], closed=True, tip=tip, **attributes)
        else:
            self.path(_star(x, y, 1.6 * r), closed=True, tip=tip, **attributes)

    def wait(self, words: str) -> None:
        """Says why there is nothing to see yet."""
        self.rect(0.5, 0.5, self.width - 1, self.height - 1, fill="#FAFAFA", stroke=FAINT, rx=6)
        lines = wrap(words, WAITING_WIDTH)
        for place, line in enumerate(lines):
            y = self.height / 2 + (place - (len(lines) - 1) / 2) * 22
            self.text(self.width / 2, y, line, anchor="middle", fill=SOFT, font_size=16)


def _written(attributes: dict[str, Any]) -> str:
    return "".join(_attribute(key, value) for key, value in attributes.items() if value is not None)


@lru_cache(maxsize=2**15, typed=True)  # most marks of a day stand where they stood the day before
def _attribute(key: str, value: Any) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    safe = escape(text, quote=True) if TO_ESCAPE.search(text) else text  # outlines are long and need none
    return f' {key.replace("_", "-")}="{safe}"'


def _star(x: float, y: float, r: float) -> list[tuple[float, float]]:
    """Five points, drawn without trigonometry at run time: unit vectors of a star that stands upright."""
    outer = ((0, -1), (0.951, -0.309), (0.588, 0.809), (-0.588, 0.809), (-0.951, -0.309))
    inner = ((0.235, -0.324), (0.38, 0.124), (0, 0.4), (-0.38, 0.124), (-0.235, -0.324))
    return [(x + r * a, y + r * b) for pair in zip(outer, inner, strict=True) for a, b in pair]


def musd(amount: float) -> str:
    """M$ a year, as told."""
    return f"{wording.millions(amount)} M$"


def percent(share: float, digits: int = 1) -> str:
    """A share as told: 58.3 %, never broken before its sign."""
    return wording.percent(share, digits).replace(" ", "\u00a0")


def day(date: Any) -> str:
    """A date in a picture: 24 Jun."""
    return f"{date.day} {date:%b}"
