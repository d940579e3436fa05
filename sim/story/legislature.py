"""The state house in words: the budget, power asked for and granted, what mayors say to it, approval."""

from __future__ import annotations

from sim.record import Approval, Grant, Lobbying, Requested, RollCall
from sim.scenario.numbers import Numbers
from sim.story.teller import Teller, Telling, first
from sim.wording import percent

HEARD = 0.005  # share of full effort; mayors are told of when they speak up louder


def roll_call(story: Teller, said: RollCall) -> None:
    """The budget passes, or not; the other roll calls are told with what they decide."""
    if said.question != "budget":
        return
    passed = bool(said.carried[story.place])
    story.say(
        said,
        "legislature",
        f"{'passes' if passed else 'refuses'} a budget that counts on the savings: {_counts(story, said)}",
        house_yes=story.here(said.house_yes),
        senate_yes=story.here(said.senate_yes),
        passed=passed,
    )


def _counts(story: Teller, said: RollCall | Grant | Approval, between: str = ", ") -> str:
    """The roll call of each chamber that the case has, named where it has both."""
    counts = {
        "house": f"{story.here(said.house_yes):.0f}-{story.here(said.house_no):.0f}",
        "senate": f"{story.here(said.senate_yes):.0f}-{story.here(said.senate_no):.0f}",
    }
    there = {seat.chamber for seat in story.case.seats}
    if len(there) == 1:
        return counts[there.pop()]
    return between.join(f"{name.title()} {count}" for name, count in counts.items())


def request(story: Teller, said: Requested) -> None:
    """What the governor asks the legislature for."""
    with_aid, share = story.here(said.aid_scope) > 0, story.here(said.share)
    story.say(
        said,
        "governor",
        f"asks for power to cut any line by {percent(share)}, town aid {'included' if with_aid else 'left out'}",
        share=share,
        aid=with_aid,
    )


def lobbying(story: Teller, said: Lobbying) -> None:
    """What the mayors say to it."""
    chorus = story.here(said.chorus)
    if chorus > HEARD:
        words = f"speak up against a cut of aid, at {percent(chorus)} of their full effort"
        story.say(said, "mayors", words, effort=chorus)


def grant(story: Teller, said: Grant) -> None:
    """How the chambers voted."""
    passed, struck, spared = (bool(part[story.place]) for part in (said.passed, said.struck, said.aid_spared))
    both = len({seat.chamber for seat in story.case.seats}) > 1
    verb = ("pass it" if passed else "refuse it") if both else ("passes it by" if passed else "refuses it by")
    voted = (_counts(story, said, " and "), verb) if both else (verb, _counts(story, said))
    story.say(
        said,
        "legislature",
        f"{' '.join(voted)}{', after taking town aid out' if struck else ''}: "
        f"he may cut {percent(story.here(said.authority_share))} of a line; "
        f"{'town aid is spared' if spared else 'town aid may be cut too'}",
        passed=passed,
        aid_spared=spared,
        house_yes=story.here(said.house_yes),
        house_no=story.here(said.house_no),
        senate_yes=story.here(said.senate_yes),
        senate_no=story.here(said.senate_no),
    )


def approval(story: Teller, said: Approval) -> None:
    """The legislature's last word on a ratified agreement."""
    stands = bool(said.approved[story.place])
    if said.silent[story.place]:
        words = "calls no vote on the agreement, which stands after thirty days"
    else:
        verdict = "approves the agreement" if stands else "votes the agreement down"
        words = f"{verdict}: {_counts(story, said)}"
    story.say(said, "legislature", words, approved=stands)


def question_in_words(said: RollCall, numbers: Numbers) -> str:
    """What a roll call is about, in the one world."""
    silent = said.silent is not None and bool(said.silent[0])
    aid = "included" if said.with_aid is not None and said.with_aid[0] else "left out"
    return {
        "budget": "on the budget",
        "strike_aid": "to strike town aid from the bill",
        "authority": f"power to cut any line by {percent(first(numbers.governor.request_share))}, town aid {aid}",
        "agreement": "the agreement, had it come to a vote" if silent else "to approve the agreement",
    }.get(said.question, said.question.replace("_", " "))


TOLD: Telling = {
    RollCall: roll_call,
    Requested: request,
    Lobbying: lobbying,
    Grant: grant,
    Approval: approval,
}
