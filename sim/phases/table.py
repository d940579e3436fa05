"""The talks: two sides, or a side and each union, from the first round to the deadline."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from agents.coalition import reservation_value
from agents.tactics import make_tactic
from sim.bargaining.estimates import guess, misjudged
from sim.bargaining.package import Frontier, scale
from sim.bargaining.protocols import ALL_PROTOCOLS
from sim.bargaining.talks import RoundRecord, Side, Talks, luck_of_talks
from sim.bargaining.union_tables import LABOUR, UnionTables
from sim.outcomes import (
    NO_TENTATIVE_DEAL,
    NO_ZONE_OF_AGREEMENT,
    REFUSED,
)
from sim.phases.state_house import StateHouse
from sim.worlds.axis import Worlds, total
from sim.worlds.randomness import Luck, normals


class Table(StateHouse):
    """Both sides sit down with what they want, guess and could do without, and talk until they agree or time is up."""

    def open_talks(self) -> None:
        """Both sides work out what no deal is worth to them, and sit down."""
        self.weigh_alternatives()
        if self.case.sections.coalition is None or self.value.calendar.talks.table == "last_offer":
            # nobody bargains: the employer's last offer goes to the members as it is
            amounts = [np.broadcast_to(issue.last_offer, len(self.worlds)) for issue in self.value.issues.values()]
            self.package, self.agreed = np.stack(amounts).astype(float), np.ones(len(self.worlds), bool)
            self.tell("last_offer")
            return
        self.misjudgement = self._misjudgement()
        if self.value.calendar.talks.table == "pattern":
            names = self.case.unions.names
            tables = [self._table(name, partial(self.leader_expects, union)) for union, name in enumerate(names)]
            payroll = np.stack([total(self._pay(unit) for unit in union.units) for union in self.unions])
            leader = self.value.calendar.talks.pattern_leader
            first = names.index(leader) if leader else int(np.argmax(self.union_members[:, 0]))
            self.union_tables = UnionTables(tables, payroll, leader=first)
            self.talks = self.union_tables.leader
        else:
            self.talks = self._table("", self.forecast_carries)
        self._back_to_the_table(opening=True)
        self.tell("opening")

    def _misjudgement(self) -> tuple[Worlds | None, Worlds | None]:
        """How far either side is off about what no deal is worth to the other; None where its tactic does not ask."""
        bargainers = (self.value.governor, self.value.coalition)
        asks = [
            make_tactic(side.tactic).reads_the_other and side.misjudges is not None and np.any(side.misjudges)
            for side in bargainers
        ]
        if not any(asks):
            return None, None
        luck = normals(self.seed, Luck.FLOORS, self.worlds, len(bargainers))
        errors = [
            own_luck * side.misjudges if asked else None
            for own_luck, side, asked in zip(luck, bargainers, asks, strict=True)
        ]
        return errors[0], errors[1]

    def _table(self, whose: str, acceptable: Callable[[NDArray[np.float64]], NDArray[np.bool_]]) -> Talks:
        """The governor and the coalition, or one union, at a table; what they want is told them before they talk."""
        value, talks, n = self.value, self.value.calendar.talks, len(self.worlds)
        governor = Side(
            name="governor",
            weights=self.governor.weights,
            reservation=np.zeros(n),
            tactic=make_tactic(value.governor.tactic, vars(value.governor)),
            believed=self.governors_guess(self.member_weights),
            learning=value.governor.learning,
        )
        coalition = Side(
            name=LABOUR,
            weights=self.member_weights,
            reservation=np.zeros(n),
            tactic=make_tactic(value.coalition.tactic, vars(value.coalition)),
            believed=self.coalitions_guess(self.member_weights),
            learning=value.coalition.learning,
            acceptable=acceptable,
        )
        return Talks(
            sides=(governor, coalition),
            low=self.low,
            high=self.high,
            rounds=int(talks.rounds),
            worlds=n,
            opener=talks.opener,
            protocol=talks.protocol,
            luck=self._luck_of_talks(whose, governor, coalition),
        )

    def _luck_of_talks(self, whose: str, *sides: Side) -> NDArray[np.float64] | None:
        """Drawn only where a tactic or the protocol needs it, since most do not; every table has its own."""
        talks = self.value.calendar.talks
        if not (ALL_PROTOCOLS[talks.protocol].draws or any(side.tactic.draws for side in sides)):
            return None
        return luck_of_talks(self.seed, self.worlds, int(talks.rounds), table=whose)

    def _back_to_the_table(self, *, opening: bool = False) -> None:
        """While talks go on: both sides' values and no-deal values as they are now."""
        if self.talks is None or self.talks_over:
            return
        if self.union_tables is None:
            if not opening:  # they sat down with what they want
                self._tell_wants(self.talks, self.member_weights)
            self._tell_floors(self.talks, self.forecast_carries)
            return
        for union, table in enumerate(self.union_tables.tables):
            self._tell_wants(table, self.union_weights(union))
            self._tell_floors(table, partial(self.leader_expects, union))

    def _tell_wants(self, talks: Talks, labours: NDArray[np.float64]) -> None:
        """What labour at a table now wants, and what each side guesses of the other."""
        talks.update("governor", believed=self.governors_guess(labours))
        talks.update(LABOUR, weights=labours, believed=self.coalitions_guess(labours))

    def _tell_floors(self, talks: Talks, ratifiable: Callable[[NDArray[np.float64]], NDArray[np.bool_]]) -> None:
        """What each side of a table now has without a deal, and takes the other to have."""
        talks.update("governor", reservation=self.governors_floor)
        offer = talks.side(LABOUR).frontier.offer
        talks.update(LABOUR, reservation=reservation_value(offer, ratifiable, len(self.worlds)))
        for side, error in zip(talks.sides, self.misjudgement, strict=True):
            if error is not None:
                believed = misjudged(np.asarray(talks.other(side).reservation), error)
                talks.update(side.name, believed_reservation=believed)

    @property
    def governors_floor(self) -> NDArray[np.float64]:
        """What no deal is worth to him on his scale, (worlds,).

        The same at every table: a union's part of the savings he could do without is its part of what he could have.
        """
        return scale(self.governor.weights, self.low, self.high).of(self.governor.reservation)

    def governors_guess(self, labours: NDArray[np.float64]) -> NDArray[np.float64]:
        """The weights of labour at a table as he guesses them, (issues, worlds)."""
        insight = self.value.governor.insight
        return guess(self.governor.weights, labours, self.low, self.high, insight)

    def coalitions_guess(self, labours: NDArray[np.float64]) -> NDArray[np.float64]:
        """The governor's weights as leaders with these weights guess them, (issues, worlds)."""
        insight = self.value.coalition.insight
        return guess(labours, self.governor.weights, self.low, self.high, insight)

    def hold_round(self) -> None:
        """One round of offers in the worlds that have not agreed."""
        if self.union_tables is not None:
            self.hold_round_at_every_table(self.union_tables)
        elif self.talks is not None and self.talks.running:
            self.note_round(self.talks.hold_round())

    def hold_round_at_every_table(self, tables: UnionTables) -> None:
        """One round wherever a union still talks; a deal where those that have settled could ratify it together."""
        if not tables.running:
            return
        before, leads = tables.settled, tables.leader.running
        records = tables.hold_round()
        self.agreed, self.package = self.could_ratify(tables.settled), tables.package
        if leads:
            self.note_offer(records[0])
            self.tell("round", record=records[0])
        tables.note(self.agreed)
        self.tell("settlements", fresh=tables.settled & ~before)

    def note_round(self, record: RoundRecord) -> None:
        """What a round changes, whoever played it: the model's tactics, or somebody by hand."""
        assert self.talks is not None
        self.agreed, self.package = self.talks.agreed, self.talks.package
        self.note_offer(record)
        self.tell("round", record=record)

    def note_offer(self, record: RoundRecord) -> None:
        """What the press would know without a blackout: the burden of the coalition's own offers, averaged."""
        if record.proposer == LABOUR and not self.value.calendar.talks.blackout:
            offered = self.terms_of(record.package)
            self.leaked += np.where(record.live, offered.benefits_burden + offered.wages_burden, 0.0)
            self.leaks += record.live

    def leaked_burden(self) -> Worlds:
        """The burden members have read about, share of a year's pay; none where no offer of their side leaked."""
        return np.where(self.leaks > 0, self.leaked / np.maximum(self.leaks, 1), np.inf)

    def close_talks(self) -> None:
        """The deadline: was there anything to agree on, and was it agreed?"""
        if self.talks is None:
            self.in_zone = np.ones(len(self.worlds), bool)
        else:
            floor = self.governors_floor
            self.in_zone = (floor <= 1) & self.expected_at_his_floor(floor)
        self.outcome = np.where(self.agreed, REFUSED, np.where(self.in_zone, NO_TENTATIVE_DEAL, NO_ZONE_OF_AGREEMENT))
        self.talks_over = True
        if self.talks is not None:  # what hangs over a last offer hangs on until the vote
            self.withdraw_threats(self.agreed)
        self.tell("deadline")

    def expected_at_his_floor(self, floor: Worlds) -> NDArray[np.bool_]:
        """Would the deal that leaves the governor what no deal does, and is best for labour, be ratified? (worlds,)"""
        if self.union_tables is None:
            both = Frontier(self.governor.weights, self.member_weights, self.low, self.high)
            return self.forecast_carries(both.offer(floor))
        expected = []
        for union in range(len(self.unions)):
            both = Frontier(self.governor.weights, self.union_weights(union), self.low, self.high)
            expected.append(self.leader_expects(union, both.offer(floor)))
        return self.would_carry(np.stack(expected))
