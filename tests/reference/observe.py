"""What the model did, in the words of `reference.crisis`: the only file that knows how the model keeps what happened.

`watch` plays many worlds at once and returns the dated acts of each, as `reference.crisis.play` does of one.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import sim.worlds.axis
from agents.mayor import Mayor
from reference.state import Act
from sim.crisis import BudgetCrisis
from sim.outcomes import OUTCOMES
from sim.public.aid import shares_of_cut
from sim.ratification.ballots import Electorate
from sim.scenario.scenario import Scenario
from sim.session import threatened_aid
from sim.worlds.axis import single


@dataclass
class Seen:
    """An act in the worlds in which it happened; amounts are lists, or arrays with worlds last."""

    date: datetime.date
    kind: str
    where: NDArray[np.bool_]
    facts: dict[str, Any]

    def in_world(self, world: int) -> Act:
        """As it was in one of them."""
        return Act(self.date, self.kind, {name: _at(value, world) for name, value in self.facts.items()})


def _at(value: Any, world: int) -> Any:
    if isinstance(value, list):
        return [_at(part, world) for part in value]
    if isinstance(value, np.ndarray):
        return value[..., world].tolist()
    return value


class Watched(BudgetCrisis):
    """The model, noting what it does."""

    def __init__(self, **given: Any) -> None:
        self.seen: list[Seen] = []
        self.turnouts: list[Any] = []
        self.chances: list[Any] = []
        self.absorbed: list[Any] = []
        super().__init__(collect=False, **given)
        self.all = np.ones(len(self.worlds), bool)

    def note(self, kind: str, where: Any, **facts: Any) -> None:
        """It happened in these worlds."""
        n = len(self.worlds)

        def wide(value: Any) -> Any:
            if isinstance(value, list):
                return [wide(part) for part in value]
            if isinstance(value, (str, type(None))):
                return value
            array = np.array(value)
            return np.broadcast_to(array, (*array.shape[:-1], n)).copy() if array.shape[-1:] != (n,) else array

        self.seen.append(Seen(self.date, kind, np.array(where), {name: wide(value) for name, value in facts.items()}))

    def tell(self, kind: str, **facts: Any) -> None:
        """The model says what it has just done."""
        if kind == "round":  # the model has a method `note_round` of its own
            self.offer(**facts)
        else:
            getattr(self, f"note_{kind}", lambda **_: None)(**facts)

    # --- the table

    def plan_request(self) -> None:
        super().plan_request()
        if self.chambers is not None and self.mayors:
            self._note_lobbying()
        expected = [self.expected.share, self.expected.aid_share]
        self.note("Plan", self.all, share=self.request.share, aid=self.request.aid_scope, expected=expected)

    def _note_lobbying(self) -> None:
        value = self.value
        threat = threatened_aid(value.governor.request_share, value.money.aid_total, feared=value.legislature.feared)
        threat = single(np.broadcast_to(threat, len(self.worlds)))
        shares = shares_of_cut(self.halls, single(value.towns.spread))
        counted = single(value.towns.cushion_counted)
        efforts = [
            mayor.lobby(threat * (share / mayor.town.budget), cushion_counted=counted)
            for mayor, share in zip(self.mayors, shares, strict=True)
        ]
        self.note("Lobbying", self.all, effort=efforts, toll=[member.toll for member in self.legislators])

    def note_last_offer(self) -> None:
        self.note("LastOffer", self.all, package=list(self.package))

    @property
    def all_tables(self) -> list[Any]:
        if self.talks is None:
            return []
        return [self.talks] if self.union_tables is None else self.union_tables.tables

    def note_opening(self) -> None:
        reservations = [table.side("coalition").reservation for table in self.all_tables]
        self.note("Opening", self.all, floor=self.governor.reservation, reservations=reservations)

    def offer(self, record: Any) -> None:
        package = [np.broadcast_to(amount, len(self.worlds)) for amount in record.package]
        self.note("Offer", record.live, proposer=record.proposer, package=package, accepted=record.accepted)

    def note_deadline(self) -> None:
        settled = [table.agreed for table in self.all_tables]
        self.note("Deadline", self.all, agreed=self.agreed, in_zone=self.in_zone, settled=settled)

    # --- threats and news

    def _mood(self) -> dict[str, Any]:
        belief = np.broadcast_to(self.beliefs.of_units(), (len(self.units), len(self.worlds)))
        return {"belief": list(belief), "risk": list(self.weighed.risks)}

    def note_threat(self, threat: Any, acts: Any) -> None:
        name = next(name for name, one in self.value.threats.items() if one is threat)
        self.note("Threat", acts, name=name, cost=self.threat_cost, **self._mood())

    def note_news(self, news: Any, happens: Any) -> None:
        name = next(name for name, one in self.value.news.items() if one is news)
        self.note("News", happens, name=name, floor=self.governor.reservation, **self._mood())

    def withdraw_threats(self, where: Any) -> None:
        withdrawn = np.any([acts & where for _, acts in self.threats_out] + [~self.all], axis=0)
        super().withdraw_threats(where)
        self.note("Withdrawal", withdrawn, cost=self.threat_cost)

    # --- ratification

    def note_recommendation(self) -> None:
        deal = [np.asarray(part, float) for part in self.deal]
        self.note("Recommendation", self.agreed, expected=self.leaders_expected, deal=deal)

    def note_campaign(self, vote: int) -> None:
        where = self.agreed if vote == 1 else self._where("refused")
        self.note("CampaignWeek", where, vote=vote - 1, information=list(self.unions[0].information))

    def note_vote(self, vote: int, rule: Any, tally: Any) -> None:
        voting = self.voted[vote]
        self.note(
            "Ballots",
            voting,
            vote=vote,
            turnout=[self._wide(one, voting) for one in self.turnouts],
            chances=[[self._wide(p, voting) for p in two] for two in zip(*[iter(self.chances)] * 2, strict=True)],
            cast=[unit.benefits[vote].cast for unit in self.units],
            yes=[unit.benefits[vote].yes for unit in self.units],
            own_yes=[unit.wages[vote].yes for unit in self.units],
        )
        self.note("Result", voting, vote=vote, ratified=self.ratified[vote])
        self.turnouts.clear()
        self.chances.clear()

    def _wide(self, amount: Any, voting: Any) -> Any:
        """What was worked out in the voting worlds only, in all."""
        amount = np.asarray(amount, float)
        if amount.shape[-1:] in ((1,), (len(self.worlds),)):
            return amount
        wide = np.full(len(self.worlds), np.nan)
        wide[np.flatnonzero(voting)] = amount
        return wide

    def note_approval(self, vote: int, approval: Any) -> None:
        asked = self.chambers.asked(extra=self.chambers.legislature.agreement)
        self._note_call("agreement", self.ratified[vote], approval, approval.carried, asked)

    def note_amendment(self, favour: Any) -> None:
        self.note("Amendment", self._where("refused"), favour=list(favour), changed=self.rule_changed)

    def note_revision(self) -> None:
        self.note("Revision", self._where("refused"), information=list(self.unions[0].information))

    # --- the state house

    def _note_call(self, question: str, where: Any, counts: Any, carried: Any, asked: Any, scope: Any = 0.0) -> None:
        """Votes by seat; None where favours were bought, since then only the count is known."""
        self._note_votes(
            question, where, counts, carried, lambda m: m.votes_yes(scope, asked[m.seat.of_governors_party])
        )

    def _note_votes(self, question: str, where: Any, counts: Any, carried: Any, says_yes: Any) -> None:
        votes = None
        if question == "strike" or np.all(self.chambers.legislature.favours == 0):
            votes = [
                np.where(member.here, np.where(says_yes(member), True, False).astype(object), None)
                for member in self.legislators
            ]
        counted = [[chamber.yes, chamber.no] for chamber in (counts.house, counts.senate)]
        self.note("RollCall", where, question=question, votes=votes, counts=counted, carried=carried)

    def note_budget(self) -> None:
        asked = self.chambers.asked(taxes=self.chambers.legislature.budget_taxes)
        self._note_call("budget", self.all, self.budget, self.budget.carried, asked)

    def note_session(self) -> None:
        chambers, session, met = self.chambers, self.session, ~self.ratified[0]
        scope = single(np.broadcast_to(self.request.aid_scope, len(self.worlds)))
        if chambers.legislature.rule == "open":
            counts = type(self.budget)(session.strike_house, session.strike_senate, session.struck)
            follow = chambers.follow
            self._note_votes(
                "strike", met & (scope > 0), counts, session.struck, lambda m: m.strikes_aid(scope, follow)
            )
        left = np.where(session.struck, single(0), scope)
        asked = chambers.asked(jobs=self.jobs_at_stake)
        self._note_call("bill", met, session, session.passed, asked, left)
        share, aid = session.authority_share, session.aid_scope * session.authority_share
        self.note("Grant", met, share=share, aid=aid)

    # --- the end

    def note_settlement(self) -> None:
        taxes = self.value.instruments.get("taxes")
        if self.chambers is not None and taxes is not None and taxes.allowed:
            asked = self.chambers.asked(taxes=taxes.capacity)
            self._note_call("taxes", self.all, self.tax_vote, self.tax_vote.carried, asked)
        self.note(
            "Filling",
            self.all,
            posts=self.posts,
            posts_by_unit=list(self.posts_by_unit),
            powers=[self.authority_share, self.aid_share],
            **self.money,
        )
        cut = self.money["aid"] > 0
        towns = [[self._wide(part, cut) for part in done[:6]] for done in self.absorbed]
        self.note("Absorption", cut & bool(self.mayors), towns=towns)
        names = np.array(OUTCOMES, dtype=object)[self.outcome]
        self.note("Outcome", self.all, outcome=names, threat_cost=self.threat_cost)


def watch(case: Scenario, *, seed: int, worlds: NDArray[np.int64], double: bool) -> list[list[Act]]:
    """The dated acts of each of these worlds, played at once."""
    with pytest.MonkeyPatch.context() as patch:
        if double:
            patch.setattr(sim.worlds.axis, "SINGLE", np.float64)
        model = Watched(scenario=case, worlds=worlds, seed=seed)
        _tap(patch, model)
        while model.running:
            model.step()
        model.release()
    return [[seen.in_world(place) for seen in model.seen if seen.where[place]] for place in range(len(worlds))]


def _tap(patch: pytest.MonkeyPatch, model: Watched) -> None:
    """Note what the model works out on the way and does not keep."""
    import sim.phases.settlement as settlement

    turn_out, vote, absorb, tax_vote = Electorate.turn_out, Electorate.vote, Mayor.absorb, settlement.vote_on_taxes

    def noted_turn_out(self: Electorate, turnout: Any) -> None:
        model.turnouts.append(turnout)
        turn_out(self, turnout)

    def noted_vote(self: Electorate, p: Any) -> Any:
        model.chances.append(p)
        return vote(self, p)

    def noted_absorb(self: Mayor, loss: Any, *, limits: Any, luck: Any) -> Any:
        done = absorb(self, loss, limits=limits, luck=luck)
        if np.ndim(luck):  # the town's own luck: it happens, and is not feared
            model.absorbed.append(done)
        return done

    def noted_taxes(chambers: Any, tax: Any) -> Any:
        model.tax_vote = tax_vote(chambers, tax)
        return model.tax_vote

    patch.setattr(Electorate, "turn_out", noted_turn_out)
    patch.setattr(Electorate, "vote", noted_vote)
    patch.setattr(Mayor, "absorb", noted_absorb)
    patch.setattr(settlement, "vote_on_taxes", noted_taxes)
