"""The governor's acts, each with its price, and news."""

from __future__ import annotations

from typing import Any

from reference.alternatives import weigh_alternatives
from reference.beliefs import exposure, re_aimed
from reference.expectations import labours_weights, mood, ratifiable, terms, weigh_beliefs
from reference.leaders import least_ratifiable
from reference.lobbying import mayors_answer, open_share
from reference.packages import Package, best_offer
from reference.positions import back_to_the_table
from reference.request import plan_request
from reference.state import OneWorld


def threaten(world: OneWorld, name: str) -> None:
    """The governor acts to be believed; a list that he publishes is from now on the one in force."""
    threat, tabled = world.numbers.threats[name], world.tabled_members
    target, aim = world.aims.get(threat.list, (None, 0.0))
    if threat.aim_at:
        target, aim = world.case.units.names.index(threat.aim_at), threat.aim or 0.0
    listed = re_aimed([float(s) for s in world.case.units.list_share[threat.list]], tabled, target, aim)
    acts = world.belongs(threat.when)
    if acts and world.numbers.governor.threatens == "when it pays" and not world.talks_over:
        acts = pays(world, threat, listed)
    if acts:
        world.aims[threat.list] = target, aim
        other_posts, world.listed = listed != world.listed, listed
        world.beliefs.after_threat(exposure(listed, tabled), threat.believed, threat.resented)
        world.threat_cost += threat.cost
        world.threats_out.append((threat, world.beliefs.threats[-1]))
        if other_posts and not world.talks_over:  # other jobs are at stake: his whips count again
            plan_request(world)
    weigh_beliefs(world)
    back_to_the_table(world)
    if acts:
        expected = list(world.expected)
        world.tell("Threat", name=name, cost=world.threat_cost, floor=world.floor, expected=expected, **mood(world))
        if threat.aid is not None:  # nobody fears less for a list that names less
            mayors_answer(world, max(world.aid_threat, threat.aid * open_share(world)))


def pays(world: OneWorld, threat: Any, listed: list[float]) -> bool:
    """He expects half of what it adds to the savings leaders could carry home; is that worth its price?"""
    before, list_in_force = ratifiable_savings(world), world.listed
    world.listed = listed
    world.beliefs.after_threat(exposure(listed, world.tabled_members), threat.believed, threat.resented)
    weigh_beliefs(world)
    after = ratifiable_savings(world)
    world.beliefs.take_back()
    world.listed = list_in_force
    weigh_beliefs(world)
    return 0.5 * (after - before) > threat.cost + threat.withdrawal


def ratifiable_savings(world: OneWorld) -> float:
    """The largest savings that leaders expect to carry home, M$/yr."""
    labours = labours_weights(world)

    def at(value: float) -> Package:
        return best_offer(value, labours, world.governor, world.low, world.high)

    least = least_ratifiable(lambda value: ratifiable(world, at(value)))
    return 0.0 if least > 1 else terms(world, at(least)).savings


def withdraw_threats(world: OneWorld) -> None:
    """What was threatened is withdrawn, at a price; members believe and resent it less."""
    numbers = world.numbers
    for threat, said in world.threats_out:
        world.threat_cost += threat.withdrawal
        world.beliefs.fade(said, fades=numbers.belief.fades, forgiven=numbers.members.forgiven)
    if world.threats_out:
        world.tell("Withdrawal", cost=world.threat_cost)
    world.threats_out = []
    weigh_beliefs(world)


def hear_news(world: OneWorld, name: str) -> None:
    """Something nobody at the table does; money that is found narrows the gap."""
    news = world.numbers.news[name]
    if not world.belongs(news.when):
        return
    before = open_share(world)
    world.beliefs.after_news(news.believed)
    if news.revenue is not None:
        world.revenue += news.revenue * (1.0 if news.usable is None else news.usable)
        weigh_alternatives(world)
    weigh_beliefs(world)
    back_to_the_table(world)
    world.tell("News", name=name, floor=world.floor, **mood(world))
    if news.revenue is not None:
        mayors_answer(world, world.aid_threat * open_share(world) / max(before, 1e-9))
