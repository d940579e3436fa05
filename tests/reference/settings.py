"""Settings of the shipped case that reach the rare corners of its rules, and how to see that they do."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from reference.state import Act

SECOND_VOTES = {"rule.unions_needed": "15"}  # all must approve, so that most deals fail at first


class Setting(NamedTuple):
    """What is set, and whether a world's acts reach the corner it is set for."""

    values: dict[str, str]
    reached: Callable[[list[Act]], bool]


def has(kind: str, **facts: object) -> Callable[[list[Act]], bool]:
    """Did such an act happen, with these facts?"""
    return lambda acts: any(
        act.kind == kind and all(act.facts[name] == value for name, value in facts.items()) for act in acts
    )


def every(*corners: Callable[[list[Act]], bool]) -> Callable[[list[Act]], bool]:
    """All of these in one world."""
    return lambda acts: all(corner(acts) for corner in corners)


def some_units_keep_their_raises(acts: list[Act]) -> bool:
    """A deal in force that some unit refused as to wages."""
    ratified = next((act for act in acts if act.kind == "Result" and act.facts["ratified"]), None)
    ballots = [act.facts for act in acts if act.kind == "Ballots"]
    if ratified is None or acts[-1].facts["outcome"] == "refused_by_legislature":
        return False
    last = ballots[ratified.facts["vote"]]
    return any(2 * own <= cast for own, cast in zip(last["own_yes"], last["cast"], strict=True))


def kind(name: str, acts: list[Act]) -> list[Act]:
    """All acts of a kind."""
    return [act for act in acts if act.kind == name]


def lobbying_on(day: str) -> Callable[[list[Act]], bool]:
    """Did mayors speak up on this day?"""
    return lambda acts: any(str(act.date) == day for act in kind("Lobbying", acts))


def never(corner: Callable[[list[Act]], bool]) -> Callable[[list[Act]], bool]:
    """Not that."""
    return lambda acts: not corner(acts)


SETTINGS = {
    "as shipped": Setting({}, has("Result", vote=1, ratified=True)),
    "weak leaders, who look ahead": Setting(
        {"leaders.foresee": "rule", "leaders.optimism": "-0.5", "leaders.noise": "0.6"},
        has("Outcome", outcome="no_zone_of_agreement"),
    ),
    "no blackout, labour opens": Setting(
        {
            "calendar.talks.blackout": "false",
            "calendar.talks.opener": "coalition",
            "members.leaked_reference": "0.3",
        },
        every(has("Offer", proposer="coalition"), has("Ballots")),
    ),
    "every union at its own table, and all are needed": Setting(
        {"calendar.talks.table": "pattern", "leaders.optimism": "1", "coalition.reputation": "1"} | SECOND_VOTES,
        has("Outcome", outcome="no_tentative_deal"),
    ),
    "a pattern that a small union sets, in the open": Setting(
        {
            "calendar.talks.table": "pattern",
            "calendar.talks.blackout": "false",
            "calendar.talks.pattern_leader": "CSPU",
            "leaders.optimism": "-0.3",
            "rule.unions_needed": "8",
            "rule.share_needed": "1/2",
        },
        lambda acts: any(act.kind == "Deadline" and len(set(act.facts["settled"])) == 2 for act in acts),
    ),
    "dual payroll, and aid that is cut": Setting(
        SECOND_VOTES
        | {
            "members.solidarity": "1",
            "legislature.rule": "closed",
            "legislature.exposure": "20",
            "legislature.lobbying": "0.3",
        },
        every(has("Ballots", vote=1), lambda acts: any(a.kind == "Grant" and a.facts["aid"] > 0 for a in acts)),
    ),
    "a deadline that is moved where both would rather talk on": Setting(
        {
            "calendar.talks.deadline": "2011-05-13",
            "calendar.talks.extension": "14",
            "calendar.talks.extension_price": "0.02",
            "calendar.talks.rounds": "12",
            "governor.walks_out": "0.6",
            "governor.returns": "0.2",
        },
        has("Extension"),
    ),
    "sides that yield at the price of their name": Setting(
        {"governor.reputation": "2", "coalition.reputation": "1"},
        every(has("Deadline", agreed=False, in_zone=True), has("Offer")),
    ),
    "towns that absorb a cut spread half per head": Setting(
        SECOND_VOTES
        | {
            "towns.spread": "0.5",
            "legislature.exposure": "20",
            "legislature.rule": "closed",
            "legislature.lobbying": "0.3",
            "members.fatigue": "2.5",
        },
        has("Absorption"),
    ),
    "a request for less than the law gives": Setting(
        {"governor.request_share": "0.03", "legislature.tax_aversion": "0"},
        lambda acts: any(a.kind == "Grant" and a.facts["aid"] > 0 and a.facts["share"] == 0.05 for a in acts),
    ),
    "a list re-aimed at corrections": Setting(SECOND_VOTES | {"threats.june_list.aim": "0.5"}, has("Ballots", vote=1)),
    "a list re-aimed at few, more posts than people": Setting(
        SECOND_VOTES
        | {"threats.june_list.aim": "0.4", "threats.june_list.aim_at": "prosecutors", "unions.list_scale": "1.3"},
        has("Ballots", vote=1),
    ),
    "taxes allowed and disliked": Setting(
        {"instruments.taxes.allowed": "true", "legislature.tax_aversion": "0.12", "instruments.taxes.capacity": "4000"},
        has("RollCall", question="taxes", carried=False),
    ),
    "an agreement that needs a vote and is refused": Setting(
        {"legislature.approval": "vote", "legislature.agreement": "-3", "rule.unions_needed": "6"},
        has("Outcome", outcome="refused_by_legislature"),
    ),
    "a session that never meets, and no agreement in force": Setting(
        {"legislature.agreement": "-6", "rule.unions_needed": "6", "rule.share_needed": "1/2"},
        every(has("Outcome", outcome="refused_by_legislature"), never(has("Grant"))),
    ),
    "no change of the rule": Setting(
        SECOND_VOTES | {"leaders_needed": "15", "leaders.risk_weight": "0", "leaders.collegiality": "0.2"},
        every(has("Amendment", changed=False), has("Ballots", vote=1)),
    ),
    "a last offer, with threats hanging over the vote": Setting(
        {
            "calendar.talks.table": "last_offer",
            "threats.may_menu.when": "always",
            "threats.may_notices.when": "always",
        },
        every(has("Threat", name="may_notices"), has("Ballots")),
    ),
    "units that refuse their wages part": Setting(
        {"members.trust": "1.6", "rule.unions_needed": "3", "rule.share_needed": "1/3"}, some_units_keep_their_raises
    ),
    "a governor who threatens when it pays": Setting(
        {
            "governor.threatens": "when it pays",
            "threats.may_menu.cost": "0.1",
            "threats.may_menu.withdrawal": "0.1",
            "members.reactance": "0",
        },
        never(has("Threat", name="may_notices")),
    ),
    "a menu that would re-aim its list, where it does not pay": Setting(
        {
            "case.uncertainties": "range",
            "governor.threatens": "when it pays",
            "leaders.foresee": "rule",
            "leaders.optimism": "-0.5",
            "members.reactance": "0",
            "threats.may_menu.when": "always",
            "threats.may_menu.cost": "1",
            "threats.may_menu.withdrawal": "0",
            "threats.may_menu.aim_at": "NP-4 corrections",
            "threats.may_menu.aim": "0.5",
            "threats.may_notices.when": "always",
            "threats.may_notices.cost": "0",
            "threats.may_notices.withdrawal": "0",
        },
        every(has("Threat", name="may_notices"), never(has("Threat", name="may_menu"))),
    ),
    "a governor who asks for what passes and has favours to give": Setting(
        {"legislature.request": "anticipated", "legislature.favours": "4"},
        lambda acts: any(act.kind == "Plan" and 0 < act.facts["aid"] < 1 for act in acts),
    ),
    "a setter under a closed rule, members known by their seats alone": Setting(
        {"legislature.request": "anticipated", "legislature.rule": "closed", "legislature.recall": "false"},
        has("RollCall", question="budget", carried=False),
    ),
    "revenue found after the menu, and notices of a longer list": Setting(
        {"news.revenue.date": "2011-05-12", "threats.may_notices.list": "june_list_share"},
        every(has("Threat", name="may_notices"), lobbying_on("2011-05-12")),
    ),
    "lists that name more town aid than is feared": Setting(
        SECOND_VOTES | {"legislature.feared": "0.05", "threats.may_menu.aid": "30"},
        every(has("Ballots", vote=1), lambda acts: any(act.facts["threatened"] > 30 for act in kind("Lobbying", acts))),
    ),
    "the posterior": Setting({"case.uncertainties": "posterior"}, has("Result", vote=1, ratified=True)),
}
