"""The map of two levers: a cell a pair of values, darker where fewer worlds end so, with its number in it."""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import NamedTuple, TypeAlias

from experiments.charts.palette import FAINT, INK, SHARES
from experiments.page.svg import SMALL, SOFT, TITLE, Picture, percent
from experiments.page.views.funnel import NAMES, Tightening, interval
from sim.outcomes import OUTCOMES

LEAST, NARROW = 430.0, 31.0  # width of the picture and of a cell, at least, so that numbers fit
TOP, HIGH, LETTER = 64.0, 40.0, 8.2  # above the cells; height of a cell; width of a letter
READABLE = 11 / SMALL  # pixels on the screen that a unit of the picture needs
COUNTED = {"deal": "a deal", **NAMES}  # what is counted -> in words

Pins: TypeAlias = tuple[tuple[str, str], tuple[str, str]]  # both levers with their values, as settings
Cells: TypeAlias = dict[Pins, Tightening | str]  # how the worlds end, or why there can be none


class Axis(NamedTuple):
    """One lever and its values on the map."""

    key: str
    name: str  # with its unit
    values: tuple[str, ...]  # as settings
    words: tuple[str, ...]  # as read
    a: int  # places of what A and B have
    b: int

    def pin(self, place: int) -> tuple[str, str]:
        """The setting that stands there."""
        return self.key, self.values[place]


class LeverMap(NamedTuple):
    """A map as far as it has come."""

    x: Axis
    y: Axis
    cells: Cells
    wanted: int  # worlds a cell
    b_differs: bool = False  # is B another place on it?

    @property
    def rows(self) -> list[int]:
        """Places of the values up the map, from top to bottom."""
        return list(range(len(self.y.values)))[::-1]

    @property
    def left(self) -> float:
        """Room for the words at the side."""
        return 14 + LETTER * max(map(len, self.y.words))

    @property
    def width(self) -> float:
        """Of the picture: wider where there are many columns."""
        return max(LEAST, self.left + NARROW * len(self.x.words) + 4)

    def cell(self, column: int, row: int) -> Tightening | str | None:
        """What is known there."""
        return self.cells.get((self.x.pin(column), self.y.pin(row)))

    def mark(self, column: int, row: int) -> str:
        """Which run stands there, if any."""
        if self.b_differs and (column, row) == (self.x.b, self.y.b):
            return "B"
        return "A" if (column, row) == (self.x.a, self.y.a) else ""

    def worlds(self) -> str:
        """How many there are, in words."""
        cells = [self.cell(column, row) for column in range(len(self.x.values)) for row in self.rows]
        counts = {cell.worlds for cell in cells if isinstance(cell, Tightening)} or {0}
        many = f"{min(counts):,}" if len(counts) == 1 else f"{min(counts):,} to {max(counts):,}"
        missing = f"; {cells.count(None)} cells to come" if None in cells else " a cell"
        return f"{many} of {self.wanted:,} worlds{missing}"


def share_of(cell: Tightening, counted: str) -> tuple[int, float]:
    """Worlds that end so, and their share."""
    count = cell.deals if counted == "deal" else cell.counts[OUTCOMES.index(counted)]
    return count, count / cell.worlds


@lru_cache(maxsize=128)
def shade(per_cent: int) -> tuple[str, str]:
    """A cell's colour, that of the printed maps, and the ink that stands out most on it."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    colour = colormaps[SHARES](per_cent / 100)[:3]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour)
    return to_hex(colour), "#FFFFFF" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179 else "#000000"


def draw_lever_map(seen: LeverMap, counted: str) -> str:
    """Cells with their numbers in per cent; A and B are framed."""
    x, y = seen.x, seen.y
    longest, left, width = LETTER * max(map(len, x.words)), seen.left, seen.width
    wide, bottom = (width - left - 4) / len(x.words), TOP + HIGH * len(y.words)
    slanted = longest > wide
    height = bottom + (34 + 0.72 * longest if slanted else 48)
    picture = Picture(width, height, f"Share of worlds: {COUNTED[counted]}, by {x.name} and {y.name}")
    picture.text(4, 16, f"Share of worlds, %: {COUNTED[counted]}", font_weight="600", font_size=TITLE)
    picture.text(4, 36, seen.worlds(), fill=SOFT)
    picture.text(4, 57, f"↑ {y.name}")
    for step in range(11):
        picture.rect(width - 110 + 6 * step, 25, 6.5, 12, fill=shade(10 * step)[0])
    picture.text(width - 114, 36, "0", anchor="end")
    picture.text(width - 4, 36, "100", anchor="end")
    for down, row in enumerate(seen.rows):
        top = TOP + HIGH * down
        picture.text(left - 6, top + HIGH / 2 + 5, y.words[row], anchor="end")
        for column in range(len(x.words)):
            _draw_cell(picture, seen, column, row, counted, (left + wide * column, top, wide, HIGH))
    for column, words in enumerate(x.words):
        middle = left + wide * (column + 0.5)
        turn = f"rotate(-45 {middle:.1f} {bottom + 14:.1f})" if slanted else None
        picture.text(middle, bottom + 17, words, anchor="end" if slanted else "middle", transform=turn)
    picture.text(width - 4, height - 8, f"{x.name} →", anchor="end")
    return str(picture)


def _draw_cell(
    picture: Picture, seen: LeverMap, column: int, row: int, counted: str, at: tuple[float, float, float, float]
) -> None:
    cell, mark, (left, top, wide, _) = seen.cell(column, row), seen.mark(column, row), at
    colour, ink, number = "#F6F6F6", SOFT, "" if cell is None else "–"
    if isinstance(cell, Tightening):
        per_cent = 100 * share_of(cell, counted)[1]
        (colour, ink), number = shade(round(per_cent)), f"{per_cent:.0f}"
    picture.rect(*at, fill=colour, stroke=FAINT)
    picture.text(left + wide / 2, top + (33 if mark else 25), number, anchor="middle", fill=ink)
    if mark:
        picture.rect(left + 2, top + 2, wide - 4, HIGH - 4, fill="none", stroke="#FFFFFF", stroke_width=4)
        picture.rect(left + 2, top + 2, wide - 4, HIGH - 4, fill="none", stroke=INK, stroke_width=2)
        picture.rect(left + 2, top + 2, 17, 17, fill="#FFFFFF", stroke=INK)
        picture.text(left + 10.5, top + 16, mark, anchor="middle", font_weight="600")
    picture.rect(*at, fill="transparent", tip=told_of(seen, column, row, counted))


def told_of(seen: LeverMap, column: int, row: int, counted: str) -> str:
    """A cell in words: its values, the share with its 95 % interval, and the worlds behind it."""
    cell, mark = seen.cell(column, row), seen.mark(column, row)
    where = f"{seen.x.name}: {seen.x.words[column]}; {seen.y.name}: {seen.y.words[row]}"
    where += f" (as in {mark})\n" if mark else "\n"
    if not isinstance(cell, Tightening):
        return where + ("on its way" if cell is None else f"cannot be: {cell}")
    count, share = share_of(cell, counted)
    low, high = map(percent, interval(count, cell.worlds))
    return f"{where}{COUNTED[counted]} in {count:,} of {cell.worlds:,} worlds, {percent(share)} ({low} to {high})"


def as_table(seen: LeverMap, counted: str) -> str:
    """The same numbers as an HTML table."""

    def told(column: int, row: int) -> str:
        cell = seen.cell(column, row)
        share = (
            percent(share_of(cell, counted)[1]) if isinstance(cell, Tightening) else "" if cell is None else "cannot be"
        )
        return f"<td>{share} {seen.mark(column, row)}</td>"

    columns = range(len(seen.x.words))
    head = "".join(f"<th scope='col'>{escape(words)}</th>" for words in seen.x.words)
    body = "".join(
        f"<tr><th scope='row'>{escape(seen.y.words[row])}</th>{''.join(told(column, row) for column in columns)}</tr>"
        for row in seen.rows
    )
    caption = f"Share of worlds: {COUNTED[counted]}; down {escape(seen.y.name)}, across {escape(seen.x.name)}"
    return f'<table class="planb-table"><caption>{caption}</caption><tr><td></td>{head}</tr>{body}</table>'
