"""Looking at the model: what the step just made has changed, written down as a snapshot."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import numpy as np

from experiments.page.moments import (
    CaseSeen,
    ConditionSeen,
    IssueSeen,
    OfferSeen,
    Payer,
    RollCallSeen,
    SeatSeen,
    Snapshot,
    TableSeen,
    TownSeen,
    TownsSeen,
    UnionSeen,
    VoteSeen,
)
from experiments.page.svg import percent
from sim.bargaining.package import Frontier, scale, value_of
from sim.crisis import BudgetCrisis
from sim.outcomes import OUTCOMES
from sim.public.aid import shares_of_cut
from sim.ratification.rule import Rule
from sim.ratification.tally import Count, Tally
from sim.scenario.scenario import Scenario
from sim.session import Chambers, threatened_aid
from sim.story import first


def see_case(model: BudgetCrisis) -> CaseSeen:
    """What stays the same in this run."""
    case, halls = model.case, model.halls
    parties = case.legislators.party if case.seats and case.legislators is not None else ()
    towns = () if halls is None else tuple(TownSeen(t.name, t.budget, t.population) for t in halls.towns)
    return CaseSeen(
        name=case.name,
        title=case.title,
        world=int(model.worlds[0]),
        seed=model.seed,
        agenda=tuple((happening.date, happening.phase) for happening in model.agenda),
        issues=tuple(IssueSeen(i.name.replace("_", " "), i.unit, *map(float, i.range)) for i in case.issues),
        rounds=int(model.value.calendar.talks.rounds),
        gap=first(model.gap),
        ratification=model.value.rules.ratification.world(0).words(len(case.unions.names)),
        seats=tuple(
            SeatSeen(seat.name, seat.chamber, seat.district, party, seat.recorded_vote)
            for seat, party in zip(case.seats, parties, strict=True)
        ),
        towns=towns,
        boundaries=_boundaries(case),
    )


def _boundaries(case: Scenario) -> str:
    towns = case.sections.towns
    name = getattr(towns, "boundaries", "") if towns is not None else ""
    return str(case.table_path(name)) if name else ""


# --- looking ----------------------------------------------------------------------------------------------------------


def look(model: BudgetCrisis, before: Snapshot) -> Snapshot:
    """What the step just made has changed."""
    assert model.story is not None, "only a model of one world is told"
    events = model.story.events
    new = events[len(before.events) :]
    votes, roll_calls, towns = before.votes, before.roll_calls, before.towns
    if any("unions_yes" in event for event in new):
        votes = (*votes, _see_vote(model, len(votes)))
    if any("aid_spared" in event for event in new):
        roll_calls = (*roll_calls, *_see_session(model))
        towns = _threatened(model, model.session.aid_scope * model.session.authority_share)
    elif any("house_yes" in event for event in new):
        roll_calls = (*roll_calls, _see_budget(model))
    elif any("approved" in event for event in new):
        roll_calls = (*roll_calls, _see_approval(model))
    elif any("share" in event for event in new):
        towns = _threatened(model, _feared_share(model))
    over = before.step + 1 == len(before.case.agenda)
    if over and model.halls is not None:
        towns = TownsSeen("cut", tuple(model.hit.town_loss.tolist()), tuple(model.hit.town_mills.tolist()))
    offers = before.offers + tuple(_see_offer(event) for event in new if "package" in event)
    return Snapshot(
        case=before.case,
        step=before.step + 1,
        date=model.date,
        phase=model.phase,
        events=(*before.events, *new),
        offers=offers,
        table=before.table if model.talks is None or before.votes else _see_table(model, offers),
        expected=_see_expected(model) or before.expected,
        votes=votes,
        roll_calls=roll_calls,
        towns=towns,
        payers=_see_money(model, over=over),
        belief=first(model.mean_risk),
        outcome=OUTCOMES[int(model.outcome[0])] if over else "",
    )


def _see_offer(event: Mapping[str, Any]) -> OfferSeen:
    return OfferSeen(
        round=event["round"],
        date=datetime.date.fromisoformat(event["date"]),
        proposer=event["proposer"],
        package=tuple(event["package"].values()),
        savings=event["savings"],
        accepted=event["accepted"],
    )


def _see_table(model: BudgetCrisis, offers: tuple[OfferSeen, ...]) -> TableSeen:
    """Everything at today's weights, so that offers, frontier and no-deal values can be told apart at a glance."""
    assert model.talks is not None
    governor, coalition = (model.talks.side(name) for name in ("governor", "coalition"))
    low, high = model.talks.low, model.talks.high
    rulers = [scale(side.weights, low, high) for side in (governor, coalition)]
    own, other = Frontier(governor.weights, coalition.weights, low, high).corners()
    frontier = [(first(rulers[0].of(x)), first(rulers[1].of(y))) for x, y in zip(own, other, strict=True)]
    made = []
    for offer in offers:
        package = np.array(offer.package)[:, None]
        values = [
            ruler.of(value_of(package, np.asarray(side.weights).reshape(len(package), -1)))
            for ruler, side in zip(rulers, (governor, coalition), strict=True)
        ]
        made.append((first(values[0]), first(values[1])))
    return TableSeen(tuple(frontier), tuple(made), (first(governor.reservation), first(coalition.reservation)))


def _see_expected(model: BudgetCrisis) -> tuple[tuple[str, float, bool], ...]:
    """Which unions the leaders expect to say yes to the tentative deal, once there is one and nobody has voted."""
    if not model.agreed[0] or model.tallies:
        return ()
    deal = model.terms_of(model.package)
    yes = model.hearing.expects_yes(deal.protection, deal.benefits_burden, deal.wages_burden)[:, 0]
    return tuple(
        (union.name, first(members), bool(says))
        for union, members, says in zip(model.unions, model.union_members, yes, strict=True)
    )


def rule_in_force(model: BudgetCrisis, vote: int) -> Rule:
    """The rule a vote of this number is counted by in the world that is told."""
    rules = model.value.rules
    changed = vote == 1 and rules.revised is not None and bool(model.rule_changed[0])
    return (rules.revised if changed else rules.ratification).world(0)


def _see_vote(model: BudgetCrisis, vote: int) -> VoteSeen:
    rule, tally = rule_in_force(model, vote), model.tallies[vote].world(0)
    count = Count(tally, rule.tie)
    pivotal = rule.pivotal(tally)[:, 0]
    unions = tuple(
        UnionSeen(name, first(members), first(yes), first(yes) + first(no), bool(approves), bool(decides))
        for name, members, yes, no, approves, decides in zip(
            tally.names, tally.members, tally.yes_ballots, tally.no_ballots, count.approves[:, 0], pivotal, strict=True
        )
    )
    return VoteSeen(
        number=vote + 1,
        date=model.date,
        rule=rule.words(len(tally.names)),
        carried=bool(model.ratified[vote][0]),
        unions=unions,
        conditions=_see_conditions(rule, tally, count),
    )


def _see_conditions(rule: Rule, tally: Tally, count: Count) -> tuple[ConditionSeen, ...]:
    bodies = len(tally.names)
    wholes = {"members": first(count.members), "ballots": first(count.cast)}
    seen = []
    for _, leaf in rule.condition.leaves():
        unit = leaf.measure(rule.noun)
        seen.append(
            ConditionSeen(
                words=leaf.words(bodies, rule.noun),
                amount=first(leaf.amount(count)),
                quota=first(leaf.quota(count)),
                whole=wholes.get(unit, float(bodies)),
                unit=unit,
            )
        )
    return tuple(seen)


# --- the state house --------------------------------------------------------------------------------------------------


def _see_budget(model: BudgetCrisis) -> RollCallSeen:
    """The recorded roll call over again."""
    chambers = model.chambers
    assert chambers is not None
    says_yes = _bill(chambers, 0.0, chambers.asked(taxes=chambers.legislature.budget_taxes))
    return _roll_call(model, "on the budget", bool(model.budget.carried[0]), says_yes)


def _see_session(model: BudgetCrisis) -> list[RollCallSeen]:
    """The roll calls of the session: on striking aid where that came up, and on the bill."""
    chambers, result, request = model.chambers, model.session, model.request
    assert chambers is not None and request is not None
    asked = first(request.aid_scope)
    seen = []
    if chambers.legislature.rule == "open" and asked > 0:
        follow = chambers.follow
        votes = {id(m): bool(m.strikes_aid(asked, follow)[0]) for side in chambers.members.values() for m in side}
        seen.append(_roll_call(model, "to strike town aid from the bill", bool(result.struck[0]), votes))
    scope = 0.0 if result.struck[0] else asked
    says_yes = _bill(chambers, scope, chambers.asked(jobs=model.jobs_at_stake))
    question = f"power to cut any line by {percent(first(request.share), 0)}"
    question += ", town aid included" if scope > 0 else ", town aid left out"
    return [*seen, _roll_call(model, question, bool(result.passed[0]), says_yes)]


def _see_approval(model: BudgetCrisis) -> RollCallSeen:
    """The agreement: put to a vote, or standing by silence, and then this is how they would have voted."""
    chambers = model.chambers
    assert chambers is not None
    says_yes = _bill(chambers, 0.0, chambers.asked(extra=chambers.legislature.agreement))
    silent = chambers.legislature.approval == "deemed" and bool(model.approved[0])
    question = "the agreement, had it come to a vote" if silent else "to approve the agreement"
    return _roll_call(model, question, bool(model.approved[0]), says_yes, verdict="it stands by silence" * silent)


def _bill(chambers: Chambers, scope: float, asked: Mapping[bool, Any]) -> dict[int, bool]:
    """How every member votes on a bill, by identity; see `Chambers.bill`, which only counts them.

    Where the votes that lack most cheaply are bought, it is theirs that turn.
    """
    votes: dict[int, bool] = {}
    for members in chambers.members.values():
        prices = {id(m): first(m.price(scope, asked[m.seat.of_governors_party])) for m in members}
        yes = {key for key, price in prices.items() if price <= 0}
        lacking = max(sum(bool(m.here[0]) for m in members) // 2 + 1 - len(yes), 0)
        cheapest = sorted((price, key) for key, price in prices.items() if price > 0)[:lacking]
        if sum(price for price, _ in cheapest) <= first(chambers.legislature.favours):
            yes |= {key for _, key in cheapest}
        votes |= {key: key in yes for key in prices}
    return votes


def _roll_call(
    model: BudgetCrisis, question: str, carried: bool, says_yes: Mapping[int, bool], *, verdict: str = ""
) -> RollCallSeen:
    votes = tuple(
        "absent" if not member.here[0] else "yes" if says_yes[id(member)] else "no" for member in model.legislators
    )
    return RollCallSeen(question, model.date, carried, verdict or ("carried" if carried else "fell"), votes)


def _feared_share(model: BudgetCrisis) -> Any:
    """Share of town aid that the request puts at risk, as towns fear it."""
    request, legislature = model.request, getattr(model.value, "legislature", None)
    assert request is not None
    return request.aid_scope * threatened_aid(request.share, 1.0, feared=getattr(legislature, "feared", 1.0))


def _threatened(model: BudgetCrisis, share: Any) -> TownsSeen | None:
    if model.halls is None:
        return None
    cut = first(share) * first(model.value.money.aid_total)
    loss = tuple(cut * first(part) for part in shares_of_cut(model.halls, model.value.towns.spread))
    return TownsSeen("threatened", loss, (0.0,) * len(loss))


# --- money ------------------------------------------------------------------------------------------------------------


def _see_money(model: BudgetCrisis, *, over: bool) -> tuple[Payer, ...]:
    """Who fills the gap: at the end as settled, before it what is in sight."""
    if over:
        return tuple(Payer(name, first(amount), True) for name, amount in model.money.items())
    gap = first(model.gap)
    revenue = min(first(model.revenue), gap)
    savings = 0.0
    if model.agreed[0]:
        savings = min(first(model.terms_of(model.package).savings), gap - revenue)
    open_ = gap - revenue - savings
    payers = (Payer("savings", savings, False), Payer("revenue", revenue, False), Payer("open", open_, False))
    return tuple(payer for payer in payers if payer.amount > 0)
