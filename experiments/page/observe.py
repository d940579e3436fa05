"""What a step has changed, read from its happenings and written down as a snapshot."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from experiments.page.moments import (
    CaseSeen,
    ConditionSeen,
    IssueSeen,
    Leaning,
    OfferSeen,
    Payer,
    RollCallSeen,
    SeatLeaning,
    SeatSeen,
    Snapshot,
    TableSeen,
    ThreatSeen,
    TownSeen,
    TownsSeen,
    UnionSeen,
    VoteSeen,
)
from experiments.page.poll import Poll
from sim.bargaining.efficiency import scaled_bend
from sim.bargaining.terms import terms
from sim.crisis import Crisis
from sim.outcomes import OUTCOMES
from sim.public.aid import shares_of_cut, threatened_aid
from sim.ratification.rule import Rule
from sim.ratification.tally import Count, Tally
from sim.record import (
    Absorption,
    Amendment,
    Ballots,
    Filling,
    Grant,
    Happening,
    LastOffer,
    Lobbying,
    Offer,
    Opening,
    Recommendation,
    Reported,
    Requested,
    RollCall,
    TentativeDeal,
    Threatened,
    Withdrawal,
)
from sim.scenario.numbers import Numbers
from sim.scenario.scenario import Scenario
from sim.story import first, question_in_words
from sim.story.threats import listed_of, title

SIDES = ("governor", "coalition")


def at_start(crisis: Crisis) -> Snapshot:
    """Before anybody acts."""
    case, numbers = crisis.case, crisis.numbers
    parties = case.legislators.party if case.seats and case.legislators is not None else ()
    halls = case.town_halls
    seen = CaseSeen(
        name=case.name,
        title=case.title,
        world=int(crisis.worlds[0]),
        seed=crisis.seed,
        agenda=tuple((day.date, day.phase) for day in crisis.agenda),
        issues=tuple(IssueSeen(i.name.replace("_", " "), i.unit, i.range) for i in case.issues),
        rounds=int(numbers.calendar.talks.rounds),
        gap=first(numbers.money.gap),
        ratification=numbers.rules.ratification.world(0).words(len(case.unions.names)),
        unions=tuple(zip(case.unions.names, case.unions.members.tolist(), strict=True)),
        seats=tuple(
            SeatSeen(seat.name, seat.chamber, seat.district, party, seat.recorded_vote)
            for seat, party in zip(case.seats, parties, strict=True)
        ),
        towns=() if halls is None else tuple(TownSeen(t.name, t.budget, t.population) for t in halls.towns),
        boundaries=_boundaries(case),
        listed=listed_of(case),
    )
    nothing_yet = Snapshot(case=seen, step=0, date=crisis.agenda[0].date, phase="")
    return replace(nothing_yet, payers=_in_sight(nothing_yet, numbers))


def _boundaries(case: Scenario) -> str:
    towns = case.sections.towns
    name = getattr(towns, "boundaries", "") if towns is not None else ""
    return str(case.table_path(name)) if name else ""


class Now(NamedTuple):
    """How far a run has come."""

    step: int
    date: datetime.date
    phase: str


def after(
    before: Snapshot, happenings: Sequence[Happening], events: Sequence[dict[str, Any]], numbers: Numbers, now: Now
) -> Snapshot:
    """The snapshot once these have happened in the one world; ``events``: the story's words for them."""
    seen = replace(before, **now._asdict(), events=(*before.events, *events))
    for happening in happenings:
        if happening.where[0]:
            seen = _fold(seen, happening, numbers)
    return seen


def _fold(seen: Snapshot, said: Happening, numbers: Numbers) -> Snapshot:
    """One happening more."""
    match said:
        case Opening():
            return replace(seen, reservation=first(said.reservation))
        case LastOffer():
            return replace(seen, on_table=tuple(said.package[:, 0].tolist()))
        case Offer():
            offers = (*seen.offers, _offer(said, numbers))
            table = _table(said, offers)
            return replace(seen, offers=offers, table=table, on_table=offers[-1].package)
        case TentativeDeal():
            savings = first(_terms(said.package, numbers).savings)
            deal = tuple(said.package[:, 0].tolist())
            return replace(seen, payers=_in_sight(seen, numbers, savings=savings), on_table=deal)
        case Threatened():
            threat = ThreatSeen(title(said.name), said.date, first(said.belief), withdrawn=False)
            return replace(seen, threats=(*seen.threats, threat))
        case Withdrawal():
            taken = {title(name) for name, gone in zip(said.names, said.withdrawn[:, 0], strict=True) if gone}
            threats = tuple(
                threat._replace(withdrawn=threat.withdrawn or threat.name in taken) for threat in seen.threats
            )
            return replace(seen, threats=threats)
        case Lobbying():
            return replace(seen, efforts=tuple(said.effort[:, 0].tolist()), chorus=first(said.chorus))
        case Amendment():
            changed = said.revised is not None and bool(said.changed[0])
            return replace(seen, rule=said.revised.words(len(said.favour)) if changed and said.revised else "")
        case Poll():
            floor = None if seen.reservation is None else first(said.reservation)
            seen = replace(seen, belief=first(said.expected_share), reservation=floor)
            return replace(seen, leanings=_leanings(said), seats=_seat_leanings(said))
        case Reported():
            found = 0.0 if said.usable is None else first(said.usable)
            payers = _in_sight(seen, numbers, revenue=found)
            return replace(seen, payers=payers)
        case Recommendation():
            names, members = numbers.scenario.unions.names, numbers.scenario.unions.members
            expects = said.expects_yes[:, 0]
            return replace(seen, expected=tuple(zip(names, members.tolist(), expects.tolist(), strict=True)))
        case Ballots():
            return replace(seen, votes=(*seen.votes, _vote(said)))
        case RollCall():
            return replace(seen, roll_calls=(*seen.roll_calls, _roll_call(said, numbers)))
        case Requested():
            feared = 1.0 if numbers.legislature is None else numbers.legislature.feared
            return replace(
                seen, towns=_threatened(said.aid_scope * threatened_aid(said.share, 1.0, feared=feared), numbers)
            )
        case Grant():
            return replace(seen, towns=_threatened(said.aid_scope * said.authority_share, numbers))
        case Filling():
            payers = tuple(Payer(name, first(amount), True) for name, amount in said.money.items())
            towns = seen.towns if numbers.scenario.town_halls is None else _no_cut(numbers)
            return replace(seen, payers=payers, towns=towns, outcome=OUTCOMES[int(said.outcome[0])])
        case Absorption():
            towns = TownsSeen("cut", tuple(said.loss[:, 0].tolist()), tuple(said.mills[:, 0].tolist()))
            return replace(seen, towns=towns)
    return seen


def _leanings(said: Poll) -> tuple[Leaning, ...]:
    """Each union's answer in the one world."""
    unions = len(said.risk)
    about = [said.would, said.expects, said.gain, said.loss]
    answers = [[None] * unions if part is None else np.broadcast_to(part, (unions, 1))[:, 0].tolist() for part in about]
    own = [np.broadcast_to(part, (unions, 1))[:, 0].tolist() for part in (said.risk, said.goodwill)]
    return tuple(Leaning(*row) for row in zip(*own, *answers, strict=True))


def _seat_leanings(said: Poll) -> tuple[SeatLeaning, ...]:
    if said.lean is None or said.toll is None:
        return ()
    pairs = zip(said.lean[:, 0].tolist(), said.toll[:, 0].tolist(), strict=True)
    return tuple(SeatLeaning(lean, toll) for lean, toll in pairs)


# --- the table --------------------------------------------------------------------------------------------------------


def _offer(said: Offer, numbers: Numbers) -> OfferSeen:
    return OfferSeen(
        round=said.round + 1,
        date=said.date,
        proposer=said.proposer,
        package=tuple(said.package[:, 0].tolist()),
        savings=first(_terms(said.package, numbers).savings),
        accepted=bool(said.accepted[0]),
    )


def _table(said: Offer, offers: tuple[OfferSeen, ...]) -> TableSeen:
    """Everything at today's weights, so that offers, frontier and no-deal values can be told apart at a glance."""
    both = said.frontier()
    bend = scaled_bend(both, len(said.where))
    frontier = [(first(x), first(y)) for x, y in zip(bend.own, bend.other, strict=True)]
    packages = (np.array(offer.package)[:, None] for offer in offers)
    made = [(first(both.own_value(package)), first(both.others_value(package))) for package in packages]
    no_deal = (first(said.reservations["governor"]), first(said.reservations["coalition"]))
    return TableSeen(tuple(frontier), tuple(made), no_deal)


def _terms(package: Any, numbers: Numbers) -> Any:
    return terms(package, numbers.rows)


# --- votes ------------------------------------------------------------------------------------------------------------


def _vote(said: Ballots) -> VoteSeen:
    rule, tally = said.rule_at(0), said.tally.world(0)
    count = Count(tally, rule.tie)
    pivotal = rule.pivotal(tally)[:, 0]
    unions = tuple(
        UnionSeen(name, first(members), first(yes), first(yes) + first(no), bool(approves), bool(decides))
        for name, members, yes, no, approves, decides in zip(
            tally.names, tally.members, tally.yes_ballots, tally.no_ballots, count.approves[:, 0], pivotal, strict=True
        )
    )
    return VoteSeen(
        number=said.vote,
        date=said.date,
        rule=rule.words(len(tally.names)),
        carried=bool(said.ratified[0]),
        unions=unions,
        conditions=_conditions(rule, tally, count),
    )


def _conditions(rule: Rule, tally: Tally, count: Count) -> tuple[ConditionSeen, ...]:
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


def _roll_call(said: RollCall, numbers: Numbers) -> RollCallSeen:
    """A roll call by seat, with its question in words."""
    silent = said.silent is not None and bool(said.silent[0])
    carried = bool(said.carried[0])
    votes = tuple(
        "absent" if not here else "yes" if yes else "no"
        for here, yes in zip(said.here[:, 0].tolist(), said.yes[:, 0].tolist(), strict=True)
    )
    verdict = "it stands by silence" if silent else "carried" if carried else "fell"
    return RollCallSeen(question_in_words(said, numbers), said.date, carried, verdict, votes, said.question)


def _threatened(share: Any, numbers: Numbers) -> TownsSeen | None:
    halls = numbers.scenario.town_halls
    if halls is None or numbers.towns is None:
        return None
    cut = first(share) * first(numbers.money.aid_total)
    loss = tuple((cut * shares_of_cut(halls, numbers.towns.spread)[:, 0]).tolist())
    return TownsSeen("threatened", loss, (0.0,) * len(loss))


def _no_cut(numbers: Numbers) -> TownsSeen:
    halls = numbers.scenario.town_halls
    nothing = (0.0,) * (0 if halls is None else len(halls.towns))
    return TownsSeen("cut", nothing, nothing)


# --- money ------------------------------------------------------------------------------------------------------------


def _in_sight(
    seen: Snapshot, numbers: Numbers, *, savings: float | None = None, revenue: float = 0.0
) -> tuple[Payer, ...]:
    """Who would fill the gap as far as is in sight: the deal, better revenue found so far, and what is open."""
    known = {payer.name: payer.amount for payer in seen.payers}
    gap = first(numbers.money.gap)
    found = min(known.get("revenue", 0.0) + revenue, gap)
    saved = known.get("savings", 0.0) if savings is None else savings
    saved = min(saved, gap - found)
    parts = (("savings", saved), ("revenue", found), ("open", gap - found - saved))
    return tuple(Payer(name, amount, False) for name, amount in parts if amount > 0)
