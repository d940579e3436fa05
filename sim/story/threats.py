"""The governor's threats and the news, in words."""

from __future__ import annotations

from sim.record import Reported, Threatened, Withdrawal
from sim.scenario.scenario import Scenario
from sim.story.teller import Teller, Telling
from sim.wording import listed, millions, percent


def threatened(story: Teller, said: Threatened) -> None:
    """The governor acts."""
    risk, belief = story.here(said.expected_share), story.here(said.belief)
    what = listed_of(story.case)
    story.say(
        said,
        "governor",
        f"{said.act}; members give the {'list' if what == 'posts' else 'threat'} a chance of {percent(belief)}, "
        f"so that {percent(risk, 1)} of all {what} would go",
        expected_share=risk,
        belief=belief,
    )


def listed_of(case: Scenario) -> str:
    """What a list takes: posts, or where it falls on all alike, whatever their seniority, pay."""
    return "posts" if len(case.seniority.share) > 1 else "pay"


def withdrawal(story: Teller, said: Withdrawal) -> None:
    """A deal takes the threats back."""
    taken = [name for name, gone in zip(said.names, said.withdrawn[:, story.place], strict=True) if gone]
    story.say(said, "governor", f"withdraws what he threatened: {listed(map(title, taken))}", withdrawn=taken)


def title(name: str) -> str:
    """A threat's name as told: ``may_menu`` as ``May menu``."""
    return name.replace("_", " ").capitalize()


def news(story: Teller, said: Reported) -> None:
    """The world outside."""
    if said.revenue is None:
        story.say(said, "news", said.event)
        return
    found, usable = story.here(said.revenue), story.here(said.usable)
    story.say(
        said,
        "news",
        f"{said.event} by {millions(found)} M$, of which {millions(usable, of=found)} M$ could go towards the gap",
        revenue=found,
        usable=usable,
    )


TOLD: Telling = {
    Threatened: threatened,
    Withdrawal: withdrawal,
    Reported: news,
}
