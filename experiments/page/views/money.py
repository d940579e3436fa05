"""How the gap is filled: a bar as long as the gap, a part for everybody who pays."""

from __future__ import annotations

from typing import Any

from experiments.charts.palette import INK, PAYER_FILLS
from experiments.page.moments import Payer, Snapshot
from experiments.page.svg import SOFT, TITLE, Picture, musd, percent

WIDTH, HEIGHT = 600.0, 176.0
NAMES = {
    "savings": "union savings",
    "revenue": "better revenue",
    "layoffs": "layoffs",
    "programmes": "programmes cut",
    "aid": "aid to towns cut",
    "taxes": "higher taxes",
    "deficit": "left as a deficit",
    "open": "still open",
}
BAR_TOP, BAR = 34.0, 44.0


def draw_money(snapshot: Snapshot) -> str:
    """Settled parts in full colour, pencilled ones pale; beneath, the same as a table."""
    gap = snapshot.case.gap
    picture = Picture(WIDTH, HEIGHT, f"How a gap of {musd(gap)} a year is filled")
    payers = [payer for payer in snapshot.payers if payer.amount > 0.05]
    settled = any(payer.firm for payer in payers)
    verb = "is met by" if settled else "so far"
    picture.text(4, 18, f"The gap of {musd(gap)} a year {verb}", font_weight="600", font_size=TITLE)
    x, scale = 4.0, (WIDTH - 8) / max(sum(payer.amount for payer in payers), gap, 1e-9)
    for payer in payers:
        _part(picture, payer, x, payer.amount * scale)
        x += payer.amount * scale
    for place, payer in enumerate(payers):
        _row(picture, payer, gap, 12 + (place % 2) * (WIDTH / 2), BAR_TOP + BAR + 24 + (place // 2) * 22)
    if not payers:
        picture.rect(4, BAR_TOP, WIDTH - 8, BAR, fill="#FFFFFF", stroke=INK, stroke_dasharray="4 3")
    return str(picture)


def _fill(picture: Picture, payer: Payer) -> dict[str, Any]:
    if payer.name == "open":
        return {"fill": "#FFFFFF", "stroke": INK, "stroke_dasharray": "4 3"}
    look = PAYER_FILLS.get(payer.name, PAYER_FILLS["deficit"])
    fill = picture.hatched(look.colour, look.hatch)
    return {"fill": fill, "opacity": 1 if payer.firm else 0.55, "stroke": "#FFFFFF"}


def _part(picture: Picture, payer: Payer, x: float, width: float) -> None:
    tip = f"{NAMES.get(payer.name, payer.name)}: {musd(payer.amount)} a year{'' if payer.firm else ', not settled'}"
    picture.rect(x, BAR_TOP, width, BAR, tip=tip, **_fill(picture, payer))


def _row(picture: Picture, payer: Payer, gap: float, x: float, y: float) -> None:
    picture.rect(x, y - 10, 14, 12, **_fill(picture, payer))
    picture.text(x + 22, y, NAMES.get(payer.name, payer.name))
    picture.text(x + 212, y, musd(payer.amount), anchor="end", font_weight="600")
    picture.text(x + 276, y, percent(payer.amount / gap, 0) if gap else "", anchor="end", fill=SOFT)
