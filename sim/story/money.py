"""Who pays, in words: how the gap is filled, and what the towns do."""

from __future__ import annotations

from sim.outcomes import OUTCOMES
from sim.record import Absorption, Filling
from sim.story.teller import Teller, Telling
from sim.story.threats import listed_of
from sim.wording import listed, millions

PAYERS = {
    "savings": "the deal",
    "revenue": "better revenue",
    "layoffs": "layoffs",
    "programmes": "cuts in programmes",
    "aid": "town aid",
    "taxes": "taxes",
    "deficit": "a deficit that stays",
}

TOLD_PART = 0.0005  # of the gap; less is not told


def filling(story: Teller, said: Filling) -> None:
    """Who pays."""
    amounts = {name: story.here(amount) for name, amount in said.money.items()}
    outcome = OUTCOMES[int(said.outcome[story.place])].replace("_", " ")
    gap = story.here(said.gap)
    on_pay = listed_of(story.case) == "pay"
    payers = PAYERS | ({"layoffs": "a cut of pay"} if on_pay else {})
    parts = [
        f"{millions(amount, of=gap)} from {payers[name]}"
        for name, amount in amounts.items()
        if amount > TOLD_PART * gap
    ]
    story.say(
        said,
        "settlement",
        f"{outcome}: of the {millions(gap)} M$ a year, {listed(parts) if parts else 'nothing is needed'}",
        **amounts,
    )
    posts = story.here(said.posts)
    if posts >= 1 and not on_pay:
        story.say(said, "settlement", f"{posts:,.0f} posts are lost", posts_lost=posts)


def absorption(story: Teller, said: Absorption) -> None:
    """What the towns do."""
    aid = story.here(said.aid)
    if aid <= 0.5:
        return
    rise = story.here(said.everywhere(said.mill_rise))
    local = story.here(said.everywhere(said.local_posts))
    story.say(
        said,
        "towns",
        f"absorb {millions(aid)} M$ less aid: taxes rise by {rise:.2f} mills on average, "
        f"{local:,.0f} local posts are lost",
        mill_rise=rise,
        local_posts=local,
    )


TOLD: Telling = {
    Filling: filling,
    Absorption: absorption,
}
