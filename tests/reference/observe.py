"""What the model did, in the words of `reference.crisis`: the only file that knows how the model records what happened.

`watch` plays many worlds at once and returns the dated acts of each, as `reference.crisis.play` does of one. Most is in
the record; what members believe by unit, what both sides could do without and by what chances ballots fell is read from
the state and the bodies on the day.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import sim.worlds.axis
from reference.state import Act
from sim import record
from sim.acts.beliefs import weigh
from sim.bargaining.union_tables import LABOUR
from sim.crisis import Crisis
from sim.outcomes import OUTCOMES
from sim.ratification.ballots import Electorate
from sim.scenario.scenario import Scenario

QUESTIONS = {"strike_aid": "strike", "authority": "bill"}  # the model's name of a roll call, and ours
MEANS = ("reserves", "deferral", "concessions", "layoffs", "taxes", "unabsorbed")


@dataclass
class Seen:
    """An act in the worlds in which it happened; amounts are words, or arrays with worlds last."""

    date: datetime.date
    kind: str
    where: NDArray[np.bool_]
    facts: dict[str, Any]

    def in_world(self, world: int) -> Act:
        """As it was in one of them."""
        return Act(self.date, self.kind, {name: _at(value, world) for name, value in self.facts.items()})


def _at(value: Any, world: int) -> Any:
    return value[..., world].tolist() if isinstance(value, np.ndarray) else value


class Notes:
    """An observer of a crisis, and of what it works out on the way and does not keep."""

    def __init__(self, crisis: Crisis, patch: pytest.MonkeyPatch) -> None:
        self.crisis, self.seen = crisis, list[Seen]()
        self.state, self.bodies, self.numbers = crisis.state, crisis.bodies, crisis.numbers
        self.expected_turnout: Any = None
        self.chances: list[Any] = []
        self._tap(patch)

    def __call__(self, happening: record.Happening) -> None:
        """Something happened."""
        kind = type(happening).__name__
        if hasattr(self, kind):
            getattr(self, kind)(happening)

    def note(self, happening: record.Happening, kind: str, *, where: Any = None, **facts: Any) -> None:
        """It happened, where the record says or in other worlds, and was like this."""
        where = happening.where if where is None else where
        wide = {name: self._wide(value) for name, value in facts.items()}
        self.seen.append(Seen(happening.date, kind, np.array(where), wide))

    def _wide(self, value: Any) -> Any:
        """Amounts in all worlds, copied; rows given one by one are stacked."""
        worlds = self.state.worlds
        if isinstance(value, str) or (isinstance(value, list) and not value):
            return value
        if isinstance(value, list):
            value = [np.broadcast_to(row, (*np.shape(row)[:-1], worlds)) for row in value]
        array = np.asarray(value)
        return np.broadcast_to(array, (*array.shape[:-1], worlds)).copy()

    # --- the table

    def LastOffer(self, happening: record.LastOffer) -> None:
        self._plan(happening)
        self.note(happening, "LastOffer", package=happening.package)

    def Opening(self, happening: record.Opening) -> None:
        self._plan(happening)
        reservations = [talks.table.side(LABOUR).reservation for talks in self._tables]
        self.note(happening, "Opening", floor=happening.reservation, reservations=reservations)

    @property
    def _tables(self) -> list[Any]:
        if self.state.tables is not None:
            return self.state.tables.tables
        return [] if self.state.talks is None else [self.state.talks]

    def _plan(self, happening: record.Happening) -> None:
        """What the governor would ask for, as he works it out on the first day and when his whips have counted."""
        request, floor = self.state.request, self.bodies.governor.reservation
        toll = [] if self.state.foreseen_toll is None else self.state.foreseen_toll
        share, aid = request.share, request.aid_scope
        self.note(happening, "Plan", share=share, aid=aid, expected=self._powers(), toll=toll, floor=floor)

    def _powers(self) -> list[Any]:
        return [self.state.expected.share, self.state.expected.aid_share]

    def Offer(self, happening: record.Offer) -> None:
        package, accepted = happening.package, happening.accepted
        self.note(happening, "Offer", proposer=happening.proposer, package=package, accepted=accepted)

    def TentativeDeal(self, happening: record.TentativeDeal) -> None:
        self.note(happening, "TentativeDeal", package=happening.package)

    def Extension(self, happening: record.Extension) -> None:
        self.note(happening, "Extension", until=happening.until.isoformat())

    def Deadline(self, happening: record.Deadline) -> None:
        settled = [table.agreed for table in self._tables]
        self.note(happening, "Deadline", agreed=happening.agreed, in_zone=happening.in_zone, settled=settled)

    # --- threats and news

    def _mood(self) -> dict[str, Any]:
        units = (self.bodies.units.bodies, self.state.worlds)
        belief = np.broadcast_to(self.state.beliefs.of_units(), units)
        return {"belief": belief, "risk": weigh(self.state, self.bodies, self.numbers).risks}

    def Threatened(self, happening: record.Threatened) -> None:
        expected, floor = self._powers(), self.bodies.governor.reservation
        cost, mood = self.state.threat_cost, self._mood()
        self.note(happening, "Threat", name=happening.name, cost=cost, floor=floor, expected=expected, **mood)

    def Withdrawal(self, happening: record.Withdrawal) -> None:
        self.note(happening, "Withdrawal", cost=self.state.threat_cost)

    def Reported(self, happening: record.Reported) -> None:
        self.note(happening, "News", name=happening.name, floor=self.bodies.governor.reservation, **self._mood())

    # --- ratification

    def Recommendation(self, happening: record.Recommendation) -> None:
        expected, by_union = happening.expected, happening.expects_yes
        self.note(happening, "Recommendation", expected=expected, by_union=by_union, deal=list(happening.deal))

    def CampaignWeek(self, happening: record.CampaignWeek) -> None:
        self.note(happening, "CampaignWeek", vote=happening.vote - 1, information=self._information())

    def _information(self) -> Any:
        """What the members of every unit know, (units, 3, worlds)."""
        units = self.bodies.units
        shares = [np.broadcast_to(np.asarray(share, float), units.members.shape) for share in units.information]
        return np.stack(shares, axis=1)

    def Ballots(self, happening: record.Ballots) -> None:
        asked = 1 if happening.wages_yes is None else 2
        if not self.chances:  # a vote that is held nowhere asks nobody
            self.expected_turnout = np.empty((self.bodies.units.bodies, 0))
            self.chances += asked * [self.expected_turnout]
        self.note(
            happening,
            "Ballots",
            vote=happening.vote - 1,
            turnout=self._by_unit(self.expected_turnout, happening.where),
            # the last: those before are of units that vote in turn and had not heard all there is to hear
            chances=np.stack([self._by_unit(one, happening.where) for one in self.chances[-asked:]], axis=1),
            cast=happening.unit_cast,
            yes=happening.unit_yes,
            own_yes=[] if happening.wages_yes is None else happening.wages_yes,
        )
        self.note(happening, "Result", vote=happening.vote - 1, ratified=happening.ratified)
        self.chances.clear()

    def _by_unit(self, amount: Any, voting: Any) -> Any:
        """In all worlds, (units, worlds), what may have been worked out in the voting ones only."""
        wide = np.full((self.bodies.units.bodies, self.state.worlds), np.nan)
        everywhere = amount.shape[-1] in (1, self.state.worlds)
        wide[:, slice(None) if everywhere else np.flatnonzero(voting)] = amount
        return wide

    def Amendment(self, happening: record.Amendment) -> None:
        self.note(happening, "Amendment", favour=happening.favour, changed=happening.changed)

    def Revision(self, happening: record.Revision) -> None:
        self.note(happening, "Revision", information=self._information())

    # --- the towns and the state house

    def Lobbying(self, happening: record.Lobbying) -> None:
        toll = [] if self.bodies.assembly is None else self.bodies.assembly.members.toll
        self.note(happening, "Lobbying", threatened=happening.threatened, effort=happening.effort, toll=toll)

    def Requested(self, happening: record.Requested) -> None:
        self.note(happening, "Request", share=happening.share, aid=happening.aid_scope)

    def RollCall(self, happening: record.RollCall) -> None:
        self._call(happening, happening, happening.question, happening.carried)
        if happening.question == "budget":
            self._plan(happening)

    def _call(self, happening: record.Happening, roll: Any, question: str, carried: Any) -> None:
        """Votes by seat; whoever is away has none."""
        votes = np.where(roll.here, np.asarray(roll.yes, dtype=object), None)
        self.note(happening, "RollCall", question=QUESTIONS.get(question, question), votes=votes, carried=carried)

    def Grant(self, happening: record.Grant) -> None:
        share, scope = happening.authority_share, happening.aid_scope
        self.note(happening, "Grant", share=share, aid=scope * share)

    # --- the end

    def Filling(self, happening: record.Filling) -> None:
        taxes, assembly = self.numbers.instruments.get("taxes"), self.bodies.assembly
        if assembly is not None and taxes is not None and taxes.allowed:
            roll = assembly.bill(asked=assembly.asked(taxes=taxes.capacity))
            self._call(happening, roll, "taxes", assembly.carried(roll))
        self.note(
            happening,
            "Filling",
            posts=happening.posts,
            posts_by_unit=happening.unit_posts,
            powers=[happening.authority_share, happening.aid_share],
            **happening.money,
        )
        self.outcome = happening

    def Absorption(self, happening: record.Absorption) -> None:
        towns = np.full((len(happening.loss), len(MEANS), self.state.worlds), np.nan)
        towns[..., happening.here] = np.stack([getattr(happening, name) for name in MEANS], axis=1)
        self.note(happening, "Absorption", towns=towns)

    def close(self) -> None:
        """The outcome comes last."""
        names = np.array(OUTCOMES, dtype=object)[self.outcome.outcome]
        self.note(self.outcome, "Outcome", outcome=names, threat_cost=self.outcome.threat_cost)

    def _tap(self, patch: pytest.MonkeyPatch) -> None:
        """By what chances people come and say yes."""
        turn_out, vote = Electorate.turn_out, Electorate.vote

        def noted_turn_out(electorate: Electorate, turnout: Any) -> None:
            self.expected_turnout = np.asarray(turnout, float)
            turn_out(electorate, turnout)

        def noted_vote(electorate: Electorate, p: Any) -> Any:
            self.chances.append(np.asarray(p, float))
            return vote(electorate, p)

        patch.setattr(Electorate, "turn_out", noted_turn_out)
        patch.setattr(Electorate, "vote", noted_vote)


def watch(case: Scenario, *, seed: int, worlds: NDArray[np.int64], double: bool) -> list[list[Act]]:
    """The dated acts of each of these worlds, played at once; ``double``: with no short cut in precision."""
    with pytest.MonkeyPatch.context() as patch:
        if double:
            patch.setattr(sim.worlds.axis, "SINGLE", np.float64)
        crisis = Crisis(case, worlds=worlds, seed=seed)
        notes = Notes(crisis, patch)
        crisis.observers.append(notes)
        crisis.play()
        notes.close()
    return [[seen.in_world(place) for seen in notes.seen if seen.where[place]] for place in range(len(worlds))]
