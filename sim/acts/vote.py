"""Leaders recommend, weeks of campaign pass, members vote by unit, and the rule decides."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from agents.members import Conditions, Since
from sim.acts.approval import approve_agreement
from sim.acts.beliefs import conditions_of, terms_of, weigh
from sim.acts.lobbying import feared_cut, mayors_answer
from sim.bargaining.terms import Terms
from sim.bodies import Bodies
from sim.public.beliefs import exposure
from sim.public.campaign import one_week
from sim.ratification.rule import Rule
from sim.ratification.tally import Tally
from sim.record import Ballots, CampaignWeek, Recommendation
from sim.scenario.numbers import Numbers
from sim.state import Happenings, State, today
from sim.worlds.axis import Array, Worlds, in_single, in_worlds, single, total
from sim.worlds.randomness import Luck

Places = NDArray[np.int64]
VOTED_APART = 0.75  # of the worlds


def recommend(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """The leaders put the tentative deal to their members."""
    hearing = weigh(state, bodies, numbers).hearing
    if state.tables is None:
        state.deal = terms_of(np.where(state.agreed, state.package, 0.0), numbers)
        yes = hearing.expects_yes(terms_of(state.package, numbers))
    else:
        state.deals = state.tables.terms(lambda package: terms_of(package, numbers))
        state.deal = state.tables.add_up(state.deals)
        yes = state.tables.settled & np.stack(
            [hearing.of_union(union).expects_yes(deal)[0] for union, deal in enumerate(state.deals)]
        )
    expected = state.agreed & bodies.coalition.content_with(yes, numbers.rules.ratification)
    recommendation = Recommendation(
        **today(state, state.agreed),
        deal=state.deal,
        bargained=state.talks is not None,
        expected=expected,
        expects_yes=yes,
        leaked_burden=None if numbers.calendar.talks.blackout else state.leaked_burden,
    )
    return [recommendation]


def campaign(
    state: State, bodies: Bodies, numbers: Numbers, luck: Luck, *, vote: int, week: int, weeks: int
) -> Happenings:
    """One week before the first or second vote: meetings inform, outsiders misinform.

    Harmless in worlds without a deal, which do not vote.
    """
    value, units = numbers.campaign, bodies.units
    meetings = value.meetings_per_week if vote == 1 else value.second_meetings_per_week
    units.information = one_week(
        units.information,
        meetings=meetings * units.meetings,
        reach=value.reach,
        misinform=np.minimum(value.misinform * units.rumours, 1.0),
        correction=value.correction,
    )
    informed, misinformed = units.information.informed, units.information.misinformed
    apart = np.ndim(informed) > 1 or np.ndim(misinformed) > 1
    week_gone = CampaignWeek(
        **today(state, state.agreed & ~state.ratified[0]),
        vote=vote,
        week=week,
        weeks=weeks,
        informed=_of_all_members(informed, bodies),
        misinformed=_of_all_members(misinformed, bodies),
        unit_informed=np.broadcast_to(informed, units.members.shape) if apart else None,
        unit_misinformed=np.broadcast_to(misinformed, units.members.shape) if apart else None,
    )
    return [week_gone]


def _of_all_members(share: Worlds, bodies: Bodies) -> Worlds:
    """Of the members of all units together, where each unit has a share of its own."""
    members = bodies.units.members
    return share if np.ndim(share) < 2 else total(members * share) / total(members)


def first_vote(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """Members vote on the tentative deal; where they ratify it, the legislature has the last word."""
    rule = numbers.rules.ratification
    tally = count_votes(1, state.agreed, state, bodies, numbers)
    state.ratified[0] = state.agreed & rule.carries(tally)
    happenings = [_ballots(1, rule, None, tally, state, bodies), *approve_agreement(1, state, bodies, numbers)]
    if bodies.governor.may_ask_for_aid:  # without the deal's savings, aid may be asked for
        threat = np.where(state.ratified[0], 0.0, feared_cut(state, numbers))
        happenings += mayors_answer(threat, "refusal", state.agreed, state, bodies)
    return happenings


def second_vote(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """The same people vote again, under the rule as it then stands."""
    refused, rules = state.where("refused"), numbers.rules
    tally = count_votes(2, refused, state, bodies, numbers)
    revised = rules.ratification if rules.revised is None else rules.revised
    carried = np.where(state.rule_changed, revised.carries(tally), rules.ratification.carries(tally))
    state.ratified[1] = refused & carried
    ballots = _ballots(2, rules.ratification, revised, tally, state, bodies)
    stops = mayors_answer(np.zeros(state.worlds), "deal", state.ratified[1], state, bodies)
    return [ballots, *approve_agreement(2, state, bodies, numbers), *stops]


def count_votes(vote: int, voting: NDArray[np.bool_], state: State, bodies: Bodies, numbers: Numbers) -> Tally:
    """One ballot in every unit or two; the unions' ballots on the deal, added up, are what the rule is about."""
    # a second vote held in few of the worlds is counted there alone: a quarter of them vote twice, a tenth off the
    # whole. A first vote never is: who turned out, and how, must be remembered in every world
    here = np.flatnonzero(voting) if vote == 2 and np.count_nonzero(voting) < VOTED_APART * state.worlds else None
    if here is None or len(here):
        cast_ballots(vote, here, state, bodies, numbers)
    else:
        bodies.units.stay_at_home()
    units, unions = bodies.units, bodies.unions
    if state.tables is not None:
        units.discard_ballots(~state.tables.settled[bodies.units.union])
    ballots = units.benefits[-1]
    tally = Tally(
        names=unions.name,
        members=unions.members,
        yes_ballots=unions.sum(ballots.yes).astype(float),
        no_ballots=unions.sum(ballots.cast - ballots.yes).astype(float),
    )
    state.tallies.append(tally)
    state.voted[vote - 1] = voting
    return tally


def cast_ballots(vote: int, here: Places | None, state: State, bodies: Bodies, numbers: Numbers) -> None:
    """Every unit's members come, or stay at home, and cast their ballots; in the worlds ``here``, None: in all."""
    units = bodies.units
    members = in_single(numbers.members, here)
    conditions = conditions_of_vote(vote, state, bodies, numbers).in_single(here)
    day = units.mood_on_the_day(vote - 1, here)
    listed = np.broadcast_to(state.share_listed(numbers.unions.list_scale, here), day.shape)
    belief = np.broadcast_to(state.beliefs.of_units(here=here), day.shape)
    say_yes = partial(
        units.say_yes,
        _deal_by_unit(state, bodies, here),
        members,
        listed=listed,
        belief=belief,
        information=in_worlds(units.information.stacked(state.worlds), here),
        bands=numbers.scenario.seniority,
        day=day,
        here=here,
    )
    chances, turnout = say_yes(conditions), units.expected_turnout(listed * belief, members)
    first_day, *later_days = sorted(set(units.days_before.tolist()), reverse=True)
    out = units.days_before == first_day
    for days in later_days:  # who votes later knows the tallies that are out
        counted = units.would_vote(chances[0], turnout, here, gives_up=members.gives_up)
        known = np.where(out[:, None], counted.carried, in_worlds(_approved_before(vote, state, bodies), here))
        if state.tables is not None:  # without a settlement there was nothing to approve
            known = known & in_worlds(state.tables.settled[bodies.units.union], here)
        again, voting = say_yes(having_heard(conditions, known, here, bodies)), units.days_before == days
        chances = np.where(voting[:, None], again[0], chances[0]), np.where(voting[:, None], again[1], chances[1])
        out |= voting
    asked = chances if numbers.rows.wages_apart else chances[:1]
    units.vote(asked, turnout, here, gives_up=members.gives_up)


def _approved_before(vote: int, state: State, bodies: Bodies) -> NDArray[np.bool_]:
    """Whose union said yes the last time, (units, worlds); none at the first vote."""
    if vote == 1:
        return np.zeros((bodies.units.bodies, state.worlds), dtype=np.bool_)
    first = state.tallies[0]
    return (first.yes_ballots > first.no_ballots)[bodies.units.union]


def having_heard(
    conditions: Conditions, approved: NDArray[np.bool_], here: Places | None, bodies: Bodies
) -> Conditions:
    """What surrounds a vote for those who know that these units, (units, worlds here), have said yes."""
    others = single(said_yes_elsewhere(approved, here, bodies))
    if conditions.since is None:
        return replace(conditions, heard_yes=others)
    return replace(conditions, since=conditions.since._replace(others_yes=others))


def said_yes_elsewhere(approved: NDArray[np.bool_], here: Places | None, bodies: Bodies) -> Array:
    """Members of other unions whose unit said yes, of all members of other unions, (units, worlds here)."""
    members = in_worlds(bodies.units.members, here)
    approving, everybody = bodies.unions.sum(members * approved), bodies.unions.sum(members)
    others = (total(approving) - approving) / np.maximum(total(everybody) - everybody, 1)
    return others[bodies.units.union]


def conditions_of_vote(vote: int, state: State, bodies: Bodies, numbers: Numbers) -> Conditions:
    """What surrounds the first or the second vote."""
    conditions = conditions_of(state, numbers)
    return conditions if vote == 1 else replace(conditions, since=since_the_refusal(state, bodies, numbers))


def since_the_refusal(state: State, bodies: Bodies, numbers: Numbers) -> Since:
    """What has happened since the first vote that may bring members round."""
    assert numbers.calendar.window is not None
    of_unit = bodies.units.union
    exposed = exposure(state.listed, numbers.scenario.units.members)
    begun = [exposed * acts for threat, acts in state.threats_out if threat.begins_harm]
    return Since(
        last_word=numbers.calendar.window.last_word,
        harm_begun=np.maximum.reduce(np.stack(begun)) if begun else 0.0,
        clearer=state.clearer,
        leaders_campaign=state.campaigning[of_unit],
        others_yes=said_yes_elsewhere(_approved_before(2, state, bodies), None, bodies),
        else_moved=bodies.units.swing,
    )


def _deal_by_unit(state: State, bodies: Bodies, here: Places | None) -> Terms:
    """The terms each unit votes on, in single precision: (worlds,), or (units, worlds) where they differ by union."""
    assert state.deal is not None, "nothing has been put to the vote"
    if state.deals is None:
        return Terms(*(single(part, here) for part in state.deal))
    of_unit = bodies.units.union
    parts = zip(*state.deals, strict=True)
    return Terms(*(np.stack([single(part, here) for part in by_union])[of_unit] for by_union in parts))


def _ballots(vote: int, rule: Rule, revised: Rule | None, tally: Tally, state: State, bodies: Bodies) -> Ballots:
    benefits, wages = bodies.units.benefits[-1], bodies.units.wages[-1] if bodies.units.wages else None
    return Ballots(
        **today(state, state.voted[vote - 1]),
        vote=vote,
        rule=rule,
        revised=revised,
        rule_changed=state.rule_changed,
        tally=tally,
        unit_yes=benefits.yes,
        unit_cast=benefits.cast,
        wages_yes=None if wages is None else wages.yes,
        wages_cast=None if wages is None else wages.cast,
        held=None if state.tables is None else state.tables.settled,
        days_before=bodies.units.days_before if bodies.units.days_before.any() else None,
        ratified=state.ratified[vote - 1],
    )
