"""What is at stake: the gap and who fills it, the threats, and what members make of them."""

from __future__ import annotations

from experiments.charts.palette import INK, PAYER_FILLS, VERMILION
from experiments.page.moments import Snapshot
from experiments.page.svg import SOFT, Picture, day, musd, percent
from experiments.page.views.money import NAMES as PAYERS
from experiments.page.views.stage.zone import BODY, HEAD, LETTER, SMALL, Box, cut


def draw_stakes(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    """The gap and who fills it, the threats, and what members make of them."""
    picture.text(box.x + 8, box.y + 18, "At stake", font_weight="600", font_size=HEAD)
    picture.text(box.x + box.wide - 8, box.y + 18, f"{musd(snapshot.case.gap)} a year", anchor="end", font_size=BODY)
    _gap_bar(picture, snapshot, Box(box.x + 8, box.y + 28, box.wide - 16, 26))
    y = box.y + 74
    expected = f"Without a deal members expect {percent(snapshot.belief)} of {snapshot.case.listed} to go"
    picture.text(box.x + 8, y, expected if snapshot.step else "Without a deal: layoffs, cuts, less aid", font_size=BODY)
    picture.rect(box.x + 8, y + 7, box.wide - 16, 8, fill="#F0F0F0")
    picture.rect(box.x + 8, y + 7, (box.wide - 16) * min(snapshot.belief / 0.2, 1), 8, fill=VERMILION)
    picture.text(box.x + 8, y + 29, "0", font_size=SMALL, fill=SOFT)
    picture.text(
        box.x + box.wide - 8,
        y + 29,
        f"{percent(0.2, 0)} of {snapshot.case.listed}",
        anchor="end",
        font_size=SMALL,
        fill=SOFT,
    )
    for place, threat in enumerate(snapshot.threats[-4:]):
        line = f"{threat.name}, {day(threat.date)}" + (": withdrawn" if threat.withdrawn else "")
        tip = f"The governor acts: {threat.name}, on {day(threat.date)}.\nWants to be believed. "
        tip += f"The average member then gave the list a chance of {percent(threat.belief, 0)}."
        x, row = box.x + 8, y + 50 + 18 * place
        fill = "#FFFFFF" if threat.withdrawn else VERMILION
        picture.shape("square", x + 5, row - 4, 5, tip=tip, fill=fill, stroke=VERMILION)
        picture.text(x + 16, row, cut(line, int((box.wide - 32) / LETTER)), font_size=SMALL)
    if not snapshot.threats:
        picture.text(box.x + 8, y + 52, "No threat has been made.", font_size=SMALL, fill=SOFT)


def _gap_bar(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    parts = [payer for payer in snapshot.payers if payer.amount > 0.05]
    scale = box.wide / max(sum(payer.amount for payer in parts), snapshot.case.gap, 1e-9)
    x = box.x
    for payer in parts:
        tip = (
            f"{PAYERS.get(payer.name, payer.name)}: {musd(payer.amount)} a year{'' if payer.firm else ', not settled'}"
        )
        wide = payer.amount * scale
        if payer.name == "open":
            picture.rect(x, box.y, wide, box.high, tip=tip, fill="#FFFFFF", stroke=INK, stroke_dasharray="4 3")
        else:
            look_of = PAYER_FILLS.get(payer.name, PAYER_FILLS["deficit"])
            fill, opacity = picture.hatched(look_of.colour, look_of.hatch), 1 if payer.firm else 0.55
            picture.rect(x, box.y, wide, box.high, tip=tip, fill=fill, opacity=opacity, stroke="#FFFFFF")
        name = PAYERS.get(payer.name, payer.name)
        if wide > LETTER * len(name) + 6:
            halo = {"stroke": "#FFFFFF", "stroke_width": 3, "paint_order": "stroke"}
            picture.text(x + wide / 2, box.y + 17, name, anchor="middle", font_size=SMALL, **halo)
        x += wide
