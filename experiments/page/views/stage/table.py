"""The table: governor and coalition, their offers between them, and the text that is talked about."""

from __future__ import annotations

from textwrap import wrap

from experiments.charts.palette import BLUE, GREEN, INK, QUIET
from experiments.page.moments import Snapshot
from experiments.page.svg import SOFT, Picture, day, musd
from experiments.page.views.offers import look
from experiments.page.views.stage.zone import BODY, HEAD, LETTER, SMALL, Box, cut
from sim.wording import issue_in_words, money


def draw_table(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    """Governor and coalition, their offers between them on a line of savings, and the text that is talked about."""
    low, high, y = box.x + 66, box.x + box.wide - 66, box.y + 66
    _person(picture, "governor", box.x + 32, y - 8, _governor_tip(snapshot))
    _person(picture, "coalition", box.x + box.wide - 32, y - 8, _coalition_tip(snapshot))
    picture.text(box.x + 8, box.y + 18, "Governor", font_weight="600", font_size=HEAD)
    other = "Coalition" if len(snapshot.case.unions) > 1 else snapshot.case.unions[0][0]
    picture.text(box.x + box.wide - 8, box.y + 18, other, anchor="end", font_weight="600", font_size=HEAD)
    picture.line(low, y, high, y, stroke=QUIET, stroke_width=2)
    top = max([snapshot.case.gap, *(offer.savings for offer in snapshot.offers)]) or 1.0

    def at(savings: float) -> float:
        return low + min(max(savings / top, 0.0), 1.0) * (high - low)

    picture.text(low, y + 30, "0", anchor="middle", font_size=SMALL, fill=SOFT)
    picture.text((low + high) / 2, y + 44, "savings, M$ a year", anchor="middle", font_size=SMALL, fill=SOFT)
    picture.line(at(snapshot.case.gap), y - 16, at(snapshot.case.gap), y + 16, stroke=INK, stroke_width=2)
    gap = f"gap {snapshot.case.gap:,.0f}"
    aside = at(snapshot.case.gap) > high - 24  # the figure stands there
    picture.text(
        min(at(snapshot.case.gap), high + 4), y + 30, gap, anchor="end" if aside else "middle", font_size=SMALL
    )
    if snapshot.reservation is not None and snapshot.reservation > 0:
        x = at(snapshot.reservation)
        tip = f"Below {musd(snapshot.reservation)} a year the governor would sooner cut than sign."
        picture.line(x, y - 20, x, y + 20, stroke=BLUE, stroke_width=2, stroke_dasharray="4 3")
        picture.rect(x - 6, y - 20, 12, 40, tip=tip, fill="transparent")
    for offer in snapshot.offers:
        colour, shape = look(offer.proposer)
        latest = offer is snapshot.offers[-1] or offer is snapshot.offers[-2 if len(snapshot.offers) > 1 else -1]
        tip = f"Round {offer.round}, {day(offer.date)}: {offer.proposer} names {money(offer.savings)}"
        if offer.accepted:
            picture.shape("star", at(offer.savings), y, 8, tip=tip + "; accepted", fill=GREEN, stroke=INK)
        else:
            size, opacity = (7.0, 1.0) if latest else (3.0, 0.25)
            picture.shape(shape, at(offer.savings), y, size, tip=tip, fill=colour, opacity=opacity)
    _text_on_table(picture, snapshot, Box(box.x + 8, y + 52, box.wide - 16, box.high - 118))


def _text_on_table(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    """The package that is talked about, every issue with its unit."""
    letters = int(box.wide / LETTER)
    if snapshot.on_table is None:
        issues = ", ".join(issue.name for issue in snapshot.case.issues)
        for place, line in enumerate(wrap(f"To be bargained over: {issues}.", letters)):
            picture.text(box.x, box.y + 14 + 17 * place, line, font_size=BODY, fill=SOFT)
        return
    deal = next((offer for offer in snapshot.offers if offer.accepted), None)
    told = deal or (snapshot.offers[-1] if snapshot.offers else None)
    title = "The employer's last offer" if told is None else f"{told.proposer} names {money(told.savings)}"
    title = f"Tentative deal, {money(deal.savings)}" if deal else title
    picture.text(box.x, box.y + 14, cut(title[0].upper() + title[1:], letters), font_weight="600", font_size=BODY)
    for place, (issue, amount) in enumerate(zip(snapshot.case.issues, snapshot.on_table, strict=True)):
        y = box.y + 32 + 16.5 * place
        if y > box.y + box.high:
            break
        words = issue_in_words(issue, amount, spelled_out=True)
        picture.text(box.x, y, cut(words[0].upper() + words[1:], letters), font_size=SMALL)


def _person(picture: Picture, side: str, x: float, y: float, tip: str) -> None:
    """A head and shoulders, told apart by what is on the chest."""
    colour, shape = look(side)
    picture.mark("path", d=f"M{x - 20} {y + 30}a20 20 0 0 1 40 0z", fill=colour)
    picture.mark("circle", cx=x, cy=y - 2, r=10, fill=colour)
    picture.shape(shape, x, y + 21, 4, fill="#FFFFFF")
    picture.rect(x - 22, y - 14, 44, 46, tip=tip, fill="transparent")


def _governor_tip(snapshot: Snapshot) -> str:
    lines = [f"The governor. Wants a gap of {musd(snapshot.case.gap)} a year filled, by savings that last."]
    if snapshot.reservation is not None:
        floor = max(snapshot.reservation, 0.0)
        lines.append(f"Believes: without a deal he would do as well as with one that saves {musd(floor)} a year.")
    mine = [offer for offer in snapshot.offers if offer.proposer == "governor"]
    if mine:
        lines.append(f"Last asked for {money(mine[-1].savings)}, on {day(mine[-1].date)}.")
    if snapshot.table is not None:
        lines.append(f"No deal is worth {snapshot.table.no_deal[0]:.2f} to him, his ideal package 1.")
    return "\n".join(lines)


def _coalition_tip(snapshot: Snapshot) -> str:
    lines = ["The leaders at the table. Want what their members will ratify."]
    expecting = [leaning for leaning in snapshot.leanings if leaning.expects is not None]
    if expecting:
        yes = sum(bool(leaning.expects) for leaning in expecting)
        lines.append(f"{yes} of {len(expecting)} leaders expect their members to say yes to what is on the table.")
    mine = [offer for offer in snapshot.offers if offer.proposer not in ("governor", "both", "mediator")]
    if mine:
        lines.append(f"Last offered {money(mine[-1].savings)}, on {day(mine[-1].date)}.")
    if snapshot.table is not None:
        lines.append(f"No deal is worth {snapshot.table.no_deal[1]:.2f} to them, their ideal package 1.")
    return "\n".join(lines)
