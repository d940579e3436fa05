"""The talks: two sides, or a side and each union, from the first round to the deadline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.tactics import Tactic, make_tactic
from sim.acts.beliefs import burden_of, weigh
from sim.acts.lobbying import mayors_answer
from sim.acts.no_deal import weigh_no_deal
from sim.acts.rounds import rounds_after_the_deadline
from sim.acts.table import coalitions_guess, take_stock, tell_both_sides, would_sign
from sim.acts.threats import withdraw_threats
from sim.bargaining.clock import in_session
from sim.bargaining.luck import luck_of_talks
from sim.bargaining.protocols import ALL_PROTOCOLS
from sim.bargaining.side import PackageTest, RoundRecord, Side
from sim.bargaining.talks import Talks
from sim.bargaining.union_tables import LABOUR, UnionTables
from sim.bodies import Bodies
from sim.record import LastOffer, Offer, Opening, Pause, Settlements, TentativeDeal
from sim.scenario.numbers import Numbers
from sim.state import Happenings, State, today
from sim.worlds.axis import Array, Worlds
from sim.worlds.randomness import Luck, Stream

# --- the first day ----------------------------------------------------------------------------------------------------


def open_talks(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """Both sides work out what no deal is worth to them, and sit down."""
    weigh_no_deal(state, bodies, numbers)
    if numbers.coalition is None or numbers.calendar.talks.table == "last_offer":
        # nobody bargains: the employer's last offer goes to the members as it is
        amounts = [np.broadcast_to(_stated(issue.last_offer), state.worlds) for issue in numbers.issues.values()]
        state.package, state.agreed = np.stack(amounts).astype(float), state.everywhere
        return [LastOffer(**today(state), package=state.package)]
    state.misjudgement = _misjudgement(numbers, luck)
    leader = ""
    if numbers.calendar.talks.table == "pattern":
        state.tables = _tables_apart(state, bodies, numbers, luck)
        state.talks = state.tables.leader
        leader = _leading_union(state, bodies)
    else:
        state.told = weigh(state, bodies, numbers).member_weights
        state.talks = _table("", would_sign(state, bodies, numbers), state, bodies, numbers, luck)
    tell_both_sides(state, bodies, numbers)
    opening = Opening(
        **today(state),
        table=numbers.calendar.talks.table,
        leader=leader,
        gap=state.gap,
        reservation=bodies.governor.reservation,
        expected_share=weigh(state, bodies, numbers).mean_risk,
    )
    return [opening]


def _stated(amount: Worlds | None) -> Worlds:
    assert amount is not None, "checked when the scenario was read"
    return amount


def _tables_apart(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> UnionTables:
    names = numbers.scenario.unions.names
    tables = [
        _table(name, would_sign(state, bodies, numbers, union), state, bodies, numbers, luck)
        for union, name in enumerate(names)
    ]
    payroll = bodies.unions.sum(bodies.units.payroll)
    wanted = numbers.calendar.talks.pattern_leader
    first = names.index(wanted) if wanted else int(np.argmax(numbers.scenario.unions.members))  # one for all worlds
    return UnionTables(tables, payroll, leader=first)


def _leading_union(state: State, bodies: Bodies) -> str:
    assert state.tables is not None
    return bodies.unions.name[state.tables.tables.index(state.tables.leader)]


def _misjudgement(numbers: Numbers, luck: Luck) -> tuple[Worlds | None, Worlds | None]:
    """How far either side is off about what no deal is worth to the other; None where its tactic does not ask."""
    assert numbers.coalition is not None
    bargainers, protocol = (numbers.governor, numbers.coalition), ALL_PROTOCOLS[numbers.calendar.talks.protocol]
    asks = [
        (_tactic(who, numbers).reads_the_other or protocol.reads_the_other)
        and side.misjudges is not None
        and bool(np.any(side.misjudges))
        for who, side in zip(("governor", "coalition"), bargainers, strict=True)
    ]
    if not any(asks):
        return None, None
    drawn = luck.normals(Stream.FLOORS, len(bargainers))
    errors = [
        own * side.misjudges if asked and side.misjudges is not None else None
        for own, side, asked in zip(drawn, bargainers, asks, strict=True)
    ]
    return errors[0], errors[1]


def _tactic(side: str, numbers: Numbers) -> Tactic:
    """How a side concedes: one of ours, or one from a file of the user's own."""
    bargainer = numbers.governor if side == "governor" else numbers.coalition
    assert bargainer is not None
    own = numbers.scenario.plugins.get(f"{side}.tactic")
    return make_tactic(bargainer.tactic, vars(bargainer), own=None if own is None else own.kind)


def _table(whose: str, acceptable: PackageTest, state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Talks:
    """The governor and the coalition, or one union, at a table; what they want is told them before they talk."""
    talks, governor, coalition = numbers.calendar.talks, numbers.governor, numbers.coalition
    assert coalition is not None
    wants = weigh(state, bodies, numbers).member_weights
    sides = (
        Side(
            name="governor",
            weights=bodies.governor.weights,
            reservation=np.zeros(state.worlds),
            tactic=_tactic("governor", numbers),
            believed=bodies.governor.guesses(wants),
            learning=governor.learning,
            end=bodies.governor.end,
            demand=governor.demands,
            price=_or_nothing(governor.revoking),
            reputation=_or_nothing(governor.reputation),
        ),
        Side(
            name=LABOUR,
            weights=wants,
            reservation=np.zeros(state.worlds),
            tactic=_tactic("coalition", numbers),
            believed=coalitions_guess(wants, state, bodies, numbers),
            learning=coalition.learning,
            acceptable=acceptable,
            demand=coalition.demands,
            price=_or_nothing(coalition.revoking),
            reputation=_or_nothing(coalition.reputation),
        ),
    )
    needs_luck = ALL_PROTOCOLS[talks.protocol].draws or any(side.tactic.draws for side in sides)
    rounds, room = int(talks.rounds), int(talks.rounds) + rounds_after_the_deadline(numbers)
    return Talks(
        sides=sides,
        low=state.low,
        high=state.high,
        rounds=rounds,
        worlds=state.worlds,
        opener=talks.opener,
        protocol=talks.protocol,
        luck=luck_of_talks(luck, room, table=whose) if needs_luck else None,
        pieces=numbers.rows.pieces,
        last_look=bool(talks.last_look),
        meets=_meets(whose, room, numbers, luck),
        mediator_from=rounds - int(talks.mediator) if talks.mediator else None,
    )


def _or_nothing(amount: Worlds | None) -> Worlds:
    return 0.0 if amount is None else amount


def _meets(whose: str, rounds: int, numbers: Numbers, luck: Luck) -> Array | None:
    """In which rounds they meet at all, (rounds, worlds); None where nothing breaks talks off."""
    assert numbers.coalition is not None
    stays, resumes = np.ones(1), np.ones(1)
    for side in (numbers.governor, numbers.coalition):
        stays = stays * (1.0 - _or_nothing(side.walks_out))
        resumes = resumes * (1.0 if side.returns is None else side.returns)
    if np.all(stays == 1.0):
        return None
    labels = [f"{whose} {turn}" for turn in range(rounds)]
    return in_session(luck.one_uniform_each(Stream.SESSIONS, labels), 1.0 - stays, resumes)


# --- while they talk --------------------------------------------------------------------------------------------------


def hold_round(state: State, bodies: Bodies, numbers: Numbers, luck: Luck) -> Happenings:
    """One round of offers in the worlds that have not agreed."""
    talking = state.talks if state.tables is None else state.tables
    if talking is None or not talking.running:
        return []
    take_stock(state, bodies, numbers)
    if isinstance(talking, UnionTables):
        return _round_at_every_table(talking, state, bodies, numbers)
    return note_round(talking.hold_round(), state, bodies, numbers)


def _round_at_every_table(tables: UnionTables, state: State, bodies: Bodies, numbers: Numbers) -> Happenings:
    """One round wherever a union still talks; a deal where those that have settled could ratify it together."""
    before, leads, agreed_before = tables.settled, tables.leader.running, state.agreed
    records = tables.hold_round()
    settled = tables.settled
    state.agreed, state.package = bodies.coalition.could_ratify(settled, numbers.rules.ratification), tables.package
    happenings: Happenings = []
    if leads:
        _note_leak(records[0], state, numbers)
        happenings.append(_offer(records[0], state, speaks=_leading_union(state, bodies)))
    tables.note(state.agreed)
    fresh = settled & ~before
    happenings.append(Settlements(**today(state, np.logical_or.reduce(fresh)), fresh=fresh, settled=settled))
    newly = state.agreed & ~agreed_before
    if newly.any():
        _note_day(newly, state, numbers)
        told = today(state, newly)
        happenings.append(TentativeDeal(**told, apart=True, package=state.package, traded=~state.everywhere))
        happenings += relent(newly, state, bodies, numbers)
    return happenings


def note_round(record: RoundRecord, state: State, bodies: Bodies, numbers: Numbers) -> Happenings:
    """What a round changes, whoever played it: the model's tactics, or somebody by hand."""
    assert state.talks is not None
    state.agreed, state.package = state.talks.agreed, state.talks.package
    _note_leak(record, state, numbers)
    offer = _offer(record, state, speaks=record.proposer)
    happenings = [*_pause(record.round, state), offer]
    if not record.accepted.any():
        return happenings
    _note_day(record.accepted, state, numbers)
    traded = record.accepted & (state.package != record.package).any(axis=0)
    deal = TentativeDeal(**today(state, record.accepted), apart=False, package=state.package, traded=traded)
    return [*happenings, deal, *relent(record.accepted, state, bodies, numbers)]


def _pause(turn: int, state: State) -> Happenings:
    """Where the talks break off before this round, or are taken up again."""
    assert state.talks is not None
    meets = state.talks.meets
    if meets is None or turn == 0:
        return []
    changed = meets[turn] != meets[turn - 1]
    if not changed.any():
        return []
    changed &= state.talks.live | (state.talks.agreed_round == turn)
    return [Pause(**today(state, changed), meets=meets[turn])] if changed.any() else []


def relent(where: NDArray[np.bool_], state: State, bodies: Bodies, numbers: Numbers) -> Happenings:
    """A tentative deal takes the threats back, and with them the cut of aid that mayors feared.

    Nobody struck a deal over a last offer, so what hangs over it hangs on until the vote.
    """
    silent = mayors_answer(np.zeros(state.worlds), "deal", where, state, bodies)
    return [*withdraw_threats(where, state, numbers), *silent]


def _offer(record: RoundRecord, state: State, *, speaks: str) -> Offer:
    assert state.talks is not None
    return Offer(
        **today(state, record.live),
        round=record.round,
        proposer=record.proposer,
        speaks=speaks,
        package=record.package,
        accepted=record.accepted,
        values=record.values,
        aspirations=record.aspirations,
        reservations={side.name: np.asarray(side.reservation) for side in state.talks.sides},
        weights={side.name: side.weights for side in state.talks.sides},
        enough=state.talks.sides[0].end,
        pieces=state.talks.pieces,
    )


def _note_day(where: NDArray[np.bool_], state: State, numbers: Numbers) -> None:
    """Today there is a deal in these worlds."""
    state.agreed_day = np.where(where, (state.date - numbers.calendar.talks.start).days, state.agreed_day)


def _note_leak(record: RoundRecord, state: State, numbers: Numbers) -> None:
    """What the press would know without a blackout: the burden of the coalition's own offers, averaged."""
    assert state.talks is not None
    text = state.talks.table.side(LABOUR).last_text
    if numbers.calendar.talks.blackout or text is None or record.proposer not in (LABOUR, "both", "either"):
        return
    told = record.live
    if record.proposer == "either":  # chance had labour speak where its text is on the table
        told = told & (record.package == text).all(axis=0)
    offered = burden_of(text, numbers)
    state.leaked += np.where(told, offered.benefits_burden + offered.wages_burden, 0.0)
    state.leaks += told
    state.unheard = True  # leaders know what their members have read
