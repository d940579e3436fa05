"""From the recommendation to the second vote: campaign, ballots, the rule, and a change of it."""

from __future__ import annotations

from reference.ballots import hold_vote
from reference.beliefs import mean
from reference.campaign import clarified, week
from reference.expectations import terms, would_carry
from reference.leaders import leans_to_change, waives
from reference.lobbying import feared_cut, mayors_answer
from reference.packages import Deal
from reference.rules import Vote, carries
from reference.session import approve
from reference.state import OneWorld, payroll


def recommend(world: OneWorld) -> None:
    """The leaders put what was agreed to their members: one deal for all, or to each union its own."""
    if not world.agreed:
        return
    if world.pattern is None:
        world.deal = terms(world, world.package)
        world.deals = [world.deal] * len(world.unions)
        expected = [leader.expects_yes(world.deal) for leader in world.leaders]
    else:
        nothing = [0.0] * len(world.issues)
        world.deals = [terms(world, table.package if table.agreed else nothing) for table in world.tables]
        weights = [payroll(union) for union in world.unions]
        world.deal = Deal(*(mean(part, weights) for part in zip(*world.deals, strict=True)))
        expected = [
            table.agreed and leader.expects_yes(deal)
            for table, leader, deal in zip(world.tables, world.leaders, world.deals, strict=True)
        ]
    world.leaders_expected = would_carry(world, expected)
    world.tell("Recommendation", expected=world.leaders_expected, by_union=expected, deal=list(world.deal))


def campaign(world: OneWorld, vote: int) -> None:
    """One week before a vote."""
    numbers = world.numbers.campaign
    meetings = numbers.second_meetings_per_week if vote else numbers.meetings_per_week
    for unit in world.units:
        unit.information = week(
            unit.information,
            meetings=meetings * unit.meetings,
            reach=numbers.reach,
            misinform=min(numbers.misinform * unit.rumours, 1.0),
            correction=numbers.correction,
        )
    if world.belongs("refused") if vote else world.agreed:
        world.tell("CampaignWeek", vote=vote, information=[list(unit.information) for unit in world.units])


def first_vote(world: OneWorld) -> None:
    """Members vote on the tentative deal; where they ratify it, the legislature has the last word.

    Where they refuse it, mayors fear what he may ask for, though nobody knows yet what it will be.
    """
    if world.agreed:
        world.ratified[0] = carries(world.numbers.rules.ratification, hold_vote(world, 0))
        world.tell("Result", vote=0, ratified=world.ratified[0])
        approve(world, world.ratified[0])
        if world.numbers.governor.request_aid:
            mayors_answer(world, 0.0 if world.ratified[0] else feared_cut(world))


def amend_rule(world: OneWorld) -> None:
    """After a refusal the leaders vote on another rule, and on letting it take effect at once."""
    rules, leaders = world.numbers.rules, world.numbers.leaders
    if not world.belongs("refused"):
        return
    vote, names = world.votes[0], list(world.case.unions.names)
    cast = [yes + no for yes, no in zip(vote.yes, vote.no, strict=True)]
    overall = sum(vote.yes) / max(sum(cast), 1)
    leans = [
        leans_to_change(yes / of if of else 0.5, overall, leader.risk, risk_weight=leaders.risk_weight)
        for yes, of, leader in zip(vote.yes, cast, world.leaders, strict=True)
    ]
    favour = [one > 0 for one in leans]
    world.campaigning = favour  # who wants the deal to stand now campaigns for it
    if rules.amendment is None:
        return
    at_once = [waives(one, collegiality=leaders.collegiality) for one in leans]
    in_time = rules.waiver is None or carries(rules.waiver, Vote.of_leaders(names, at_once))
    world.rule_changed = carries(rules.amendment, Vote.of_leaders(names, favour)) and in_time
    world.tell("Amendment", favour=favour, changed=world.rule_changed)


def revise_deal(world: OneWorld) -> None:
    """The same economics in a clearer text."""
    for unit in world.units:
        unit.information = clarified(unit.information, world.numbers.campaign.clarified)
    world.revised = True
    if world.belongs("refused"):
        world.tell("Revision", information=[list(unit.information) for unit in world.units])


def second_vote(world: OneWorld) -> None:
    """The same people vote again, under the rule as it then stands."""
    if world.belongs("refused"):
        rules = world.numbers.rules
        rule = rules.revised if world.rule_changed and rules.revised is not None else rules.ratification
        world.ratified[1] = carries(rule, hold_vote(world, 1))
        world.tell("Result", vote=1, ratified=world.ratified[1])
        approve(world, world.ratified[1])
        if world.ratified[1]:
            mayors_answer(world, 0.0)
