"""The views: one file each, a pure function from a snapshot to an SVG picture. A new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from experiments.page.moments import CaseSeen, Snapshot
from experiments.page.views.money import draw_money
from experiments.page.views.offers import draw_offers
from experiments.page.views.unions import draw_unions
from experiments.page.views.utility import draw_utility


class View(NamedTuple):
    """A picture of a run, and what a newcomer should know of it."""

    name: str
    title: str
    about: str
    draw: Callable[[Snapshot], str]
    needs: Callable[[CaseSeen], bool] = lambda case: True  # a case without the body has no such view


VIEWS: tuple[View, ...] = (
    View(
        "offers",
        "Offers, issue by issue",
        "What each side asks for in every round. Sides concede towards each other until one accepts or time is up.",
        draw_offers,
        lambda case: case.rounds > 0,
    ),
    View(
        "utility",
        "Offers in the eyes of both sides",
        "How good every offer is for either side. Only what lies beyond both no-deal values serves both; the line is "
        "the best there is. Yesterday's offers are shown at today's values.",
        draw_utility,
    ),
    View(
        "unions",
        "The members' vote",
        "One row a union, the largest first: how many said yes. Beyond one half a union approves; the rule says how "
        "many must, and with how many members. ◀: turning alone, it would have turned the result.",
        draw_unions,
    ),
    View(
        "money",
        "Who fills the gap",
        "The money the budget lacks, a year, and where it comes from. Pale parts are in sight but not settled.",
        draw_money,
    ),
)
