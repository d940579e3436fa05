"""Offers by issue over the rounds: a small panel an issue, both sides in it."""

from __future__ import annotations

from experiments.charts.palette import BLUE, FAINT, GREEN, INK, QUIET, VERMILION
from experiments.page.moments import IssueSeen, OfferSeen, Snapshot
from experiments.page.svg import SMALL, SOFT, Picture, day
from sim.wording import issue_in_words, money

LOOKS = {
    "governor": (BLUE, "circle"),
    "coalition": (VERMILION, "diamond"),
    "both": (GREEN, "square"),
    "either": (GREEN, "square"),
    "mediator": (GREEN, "square"),
}
COLUMNS, WIDTH = 3, 600.0
PANEL_HEIGHT, TOP = 146.0, 26.0


def look(proposer: str) -> tuple[str, str]:
    """Colour and form of a side."""
    return LOOKS.get(proposer, (QUIET, "square"))


def draw_offers(snapshot: Snapshot) -> str:
    """Every offer so far, by round; the accepted one is a star."""
    issues, offers = snapshot.case.issues, snapshot.offers
    rows = -(-len(issues) // COLUMNS)
    picture = Picture(WIDTH, TOP + rows * PANEL_HEIGHT, f"{len(offers)} offers so far, by issue and round")
    if not offers:
        picture.wait("No offer at a common table yet." if snapshot.step else "The talks have not begun.")
        return str(picture)
    _legend(picture, offers)
    for place, issue in enumerate(issues):
        left = (place % COLUMNS) * WIDTH / COLUMNS
        top = TOP + (place // COLUMNS) * PANEL_HEIGHT
        _panel(picture, snapshot, issue, place, left, top)
    return str(picture)


def _legend(picture: Picture, offers: tuple[OfferSeen, ...]) -> None:
    x = 6.0
    for proposer in dict.fromkeys(offer.proposer for offer in offers):
        colour, shape = look(proposer)
        picture.shape(shape, x, 9, 4.2, fill=colour)
        picture.text(x + 10, 13, f"{proposer} asks")
        x += 26 + 7.8 * len(f"{proposer} asks")
    if any(offer.accepted for offer in offers):
        picture.shape("star", x, 9, 5, fill=GREEN, stroke=INK, stroke_width=0.8)
        picture.text(x + 12, 13, "accepted")


def _panel(picture: Picture, snapshot: Snapshot, issue: IssueSeen, place: int, left: float, top: float) -> None:
    """One issue: its range upward, the rounds to the right."""
    plot_left, plot_width = left + 34, WIDTH / COLUMNS - 48
    plot_top, plot_height = top + 39, PANEL_HEIGHT - 63
    rounds, (low, high) = max(snapshot.case.rounds, 2), issue.range

    def at(offer: OfferSeen) -> tuple[float, float]:
        share = (offer.package[place] - low) / (high - low)
        return plot_left + (offer.round - 1) / (rounds - 1) * plot_width, plot_top + (1 - share) * plot_height

    picture.text(left + 4, top + 14, issue.name.capitalize(), font_weight="600")
    picture.text(left + 4, top + 31, _short(issue.unit, 22), font_size=SMALL, fill=SOFT)
    picture.rect(plot_left, plot_top, plot_width, plot_height, fill="#FAFAFA", stroke=FAINT)
    for amount, y in ((high, plot_top + 8), (low, plot_top + plot_height)):
        picture.text(plot_left - 5, y, f"{amount:g}", anchor="end", font_size=SMALL, fill=SOFT)
    picture.text(plot_left, plot_top + plot_height + 14, "round 1", font_size=SMALL, fill=SOFT)
    end = plot_left + plot_width
    picture.text(end, plot_top + plot_height + 14, str(rounds), anchor="end", font_size=SMALL, fill=SOFT)
    for proposer in dict.fromkeys(offer.proposer for offer in snapshot.offers):
        mine = [offer for offer in snapshot.offers if offer.proposer == proposer]
        colour, shape = look(proposer)
        if len(mine) > 1:
            picture.path([at(offer) for offer in mine], stroke=colour, stroke_width=1.2, opacity=0.55)
        for offer in mine:
            x, y = at(offer)
            asked = issue_in_words(issue, offer.package[place], spelled_out=True)
            tip = f"round {offer.round}, {day(offer.date)}: {proposer} asks {asked}; the whole offer: "
            tip += money(offer.savings)
            if offer.accepted:
                picture.shape("star", x, y, 5, tip=tip + "; accepted", fill=GREEN, stroke=INK, stroke_width=0.8)
            else:
                picture.shape(shape, x, y, 2.8, tip=tip, fill=colour)


def _short(unit: str, letters: int) -> str:
    return unit if len(unit) <= letters else unit[: letters - 1] + "…"
