"""Decisions of bodies that people take: leaders, the heads of the chambers, mayors.

A person takes a body's place as a plug-in does (`sim.plugins`): a class of its kind, held to what the kind may answer.
It asks the model's own body first, and what the person says otherwise is put into that answer. He is asked on the days
on which the decision is taken, once each; what he said stands until he is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from agents.body import Body
from agents.chamber import Chamber
from agents.leader import Hearing, Leader
from agents.mayor import Mayor
from experiments.page.hand import Hand, Question
from experiments.page.setup import HEADS, LEADER, MAYORS
from sim.acts.beliefs import burden_of
from sim.acts.session import request_authority
from sim.acts.settlement import settle
from sim.acts.talks import open_talks
from sim.acts.threats import hear_news, threaten
from sim.acts.vote import first_vote, second_vote
from sim.acts.window import amend_rule
from sim.bargaining.terms import Burden
from sim.crisis import Act, Crisis
from sim.public.towns import INSTRUMENTS
from sim.scenario.scenario import Scenario
from sim.story import first
from sim.wording import day, money, percent
from sim.worlds.axis import log_odds, logistic, single, total

YES_NO = (("yes", "Yes"), ("no", "No"))
LEAST_LEAN = 1e-6  # logits: a leader who is for it by hand, but not by himself
ORDERS = {  # in which all towns may find what they lose, besides each in its own
    "layoffs last": ("reserves", "deferral", "concessions", "taxes", "layoffs"),
    "taxes last": ("reserves", "deferral", "concessions", "layoffs", "taxes"),
}


class Matter(NamedTuple):
    """A decision that a body takes now."""

    hand: Hand
    seat: str
    row: int  # of the one body, where a seat is one of many
    body: Any
    given: tuple[Any, ...]  # what it is asked with
    answer: Any  # the model's own
    models: Callable[[Any], Any]  # what it would be of another body, asked with the same

    @property
    def crisis(self) -> Crisis:
        assert self.hand.watched is not None
        return self.hand.watched.crisis

    def question(self, **says: Any) -> Question:
        """To whoever sits in this seat, today."""
        state, rounds = self.crisis.state, int(self.crisis.numbers.calendar.talks.rounds)
        talked = 1 if state.talks is None else min(max(state.talks.round, 1), rounds)
        kind = "choice" if says.get("choices") else "number"
        return Question(chair=self.seat, kind=kind, round=talked, rounds=rounds, date=day(state.date), **says)


class Decision(NamedTuple):
    """One of a kind's decisions (`Body.answers`), as a person takes it."""

    kind: type[Body]
    name: str
    acts: tuple[Act, ...]  # in which it is taken, not only foreseen
    asks: Callable[[Matter], Question | None]  # None: it does not come up
    puts: Callable[[Matter, str, str], Any]  # the answer with what he said, which differs from the model's, put in


def by_hand(hand: Hand, case: Scenario) -> dict[str, type[Body]]:
    """By role, the kinds of body in which somebody sits."""
    own = {role: one.kind for role, one in case.plugins.items()}
    kinds: dict[str, type[Body]] = {}
    for decision in DECISIONS:
        role = decision.kind.role
        seats = {seat: row for seat in hand.seats if (row := _row(seat, role, case)) is not None}
        if seats:
            usual = own.get(role, decision.kind)
            kinds.setdefault(role, type(usual.__name__, (usual,), {}))
            setattr(kinds[role], decision.name, _asking(decision, getattr(usual, decision.name), seats, hand))
    return kinds


def _row(seat: str, role: str, case: Scenario) -> int | None:
    """The row of a seat's body among those of a role; None where it is of another role."""
    if role == "leader" and seat.startswith(LEADER):
        return case.unions.names.index(seat.removeprefix(LEADER))
    of_role = {"mayor": (MAYORS,), "chamber": tuple(HEADS.values())}
    return 0 if seat in of_role.get(role, ()) else None


def _asking(decision: Decision, models: Callable[..., Any], seats: Mapping[str, int], hand: Hand) -> Callable[..., Any]:
    def decides(self: Body, *given: Any, **named: Any) -> Any:
        answer = models(self, *given, **named)
        for seat, row in seats.items():
            if isinstance(self, Chamber) and HEADS[self.name] != seat:
                continue
            matter = Matter(hand, seat, row, self, given, answer, lambda body: models(body, *given, **named))
            if hand.act in decision.acts and not hand.asked_today(seat, decision.name):
                question = decision.asks(matter)
                if question is not None:
                    hand.ask(seat, decision.name, question)
            said = hand.said(seat, decision.name)
            answer = answer if said is None else decision.puts(matter, *said)
        return answer

    return decides


def _number(name: str, unit: str, low: float, high: float) -> tuple[dict[str, Any], ...]:
    return ({"name": name, "unit": unit, "low": low, "high": high},)


def _today(matter: Matter) -> str:
    """What brings the matter up, which the story tells when the day is over."""
    numbers, hand = matter.crisis.numbers, matter.hand
    if hand.act is threaten:
        return f"Today the governor {numbers.threats[hand.about].act}."
    if hand.act is hear_news:
        return f"Today {numbers.news[hand.about].event}."
    if hand.act is request_authority:
        return "Today the governor asks for power to cut, town aid included."
    return "Today members vote, and refuse the deal." if hand.act is first_vote else "Today the talks open."


# --- a union's leader -------------------------------------------------------------------------------------------------


def _ask_hearing(matter: Matter) -> Question | None:
    """While there is something to sign; a governor who weighs a threat only wonders what leaders would make of it."""
    state, numbers, hearing = matter.crisis.state, matter.crisis.numbers, matter.answer
    wonders = matter.hand.act is threaten and matter.crisis.bodies.governor.weighs_gains
    if state.talks_over or state.agreed[0] or wonders:
        return None
    assert matter.hand.watched is not None
    start = matter.hand.watched.snapshots[-1]
    about = "what was offered last" if start.on_table else "a package half way on every issue"
    package = np.array(start.on_table)[:, None] if start.on_table else ((state.low + state.high) / 2)[:, None]
    own = f"{min(max(100 * _chance(hearing.of_union(matter.row), package, matter), 1), 99):.1f}"
    signs = 100 * logistic(np.atleast_1d(matter.body.margin)[..., 0].item())
    end, unions = day(numbers.scenario.calendar.talks.end), matter.crisis.bodies.unions
    mine, everybody = unions.members[matter.row, 0], unions.members[:, 0].sum()
    return matter.question(
        about="members who would say yes, as told",
        asks=f"How many of 100 of your members do you tell the other leaders would say yes to {about}?",
        knows=(
            _today(matter),
            f"What you hear yourself: {own} of 100 would.",
            f"Your union has {mine:,.0f} of all {everybody:,.0f} members.",
            f"Your members expect {percent(first(hearing.risk[matter.row]), 1)} of their posts to go without a deal.",
        ),
        stake=f"{_signing(matter)} You count as a yes where you say more than {signs:.0f} of 100. Say less and the "
        "coalition may have to ask for more, or sign nothing; say more and it may sign what your members refuse.",
        until="What you add to what you hear, or take from it, holds for every package until you are asked again. The "
        f"talks end on {end}.",
        own=own,
        package=(float(own),),
        fields=_number("would say yes", "of 100 members", 1, 99),
    )


def _signing(matter: Matter) -> str:
    """What the leaders together sign (`Coalition.content_with`)."""
    numbers = matter.crisis.numbers
    ratified = f"by {numbers.rules.ratification.world(0).words(len(numbers.scenario.unions.names))}"
    if numbers.leaders.foresee == "majority":
        return f"Leaders sign where those who count as a yes speak for most of the members. It is ratified {ratified}."
    return f"Leaders sign where those who count as a yes are enough for it to be ratified {ratified}."


def _chance(hearing: Hearing, package: Any, matter: Matter) -> float:
    """Of a yes by the average member, as one leader hears it."""
    deal = burden_of(package, matter.crisis.numbers)
    return float(logistic(hearing.voters.on_benefits(Burden(*map(single, deal))).at(hearing.risk)[0, 0]))


def _put_hearing(matter: Matter, said: str, own: str) -> Hearing:
    voters = matter.answer.voters
    goodwill = voters.goodwill.copy()
    goodwill[matter.row] += log_odds(float(said) / 100) - log_odds(float(own) / 100)
    return replace(matter.answer, voters=voters._replace(goodwill=goodwill))


def _ask_change(matter: Matter) -> Question | None:
    state, rules, calendar = matter.crisis.state, matter.crisis.numbers.rules, matter.crisis.numbers.calendar
    if not state.where("refused")[0] or calendar.window is None:
        return None
    own, overall, risk = matter.given
    again, leaders = day(calendar.window.vote), len(own)
    asks, stake = "Do you campaign for the deal in your union?", ""
    if rules.amendment is not None and rules.revised is not None:
        asks = "Do you vote for the new rule, and campaign for the deal in your union?"
        stake = f"The new rule asks for {rules.revised.words()}. It takes {rules.amendment.words(leaders)}. "
    return matter.question(
        about="the new rule, and a campaign for the deal",
        asks=asks,
        knows=(
            f"Of your members' ballots {percent(first(own[matter.row]))} said yes, of all {percent(first(overall))}.",
            f"Your members expect {percent(first(risk[matter.row]), 1)} of their posts to go.",
        ),
        stake=stake + "Where their leader campaigns for it, more members come round to a yes.",
        until=f"The leaders decide today; members vote again on {again}.",
        own="yes" if first(matter.answer[matter.row]) > 0 else "no",
        choices=YES_NO,
    )


def _put_change(matter: Matter, said: str, own: str) -> Any:
    lean = np.array(matter.answer)
    lean[matter.row] = np.maximum(np.abs(lean[matter.row]), LEAST_LEAN) * (1 if said == "yes" else -1)
    return lean


def _ask_waiver(matter: Matter) -> Question | None:
    state, rules = matter.crisis.state, matter.crisis.numbers.rules
    if not state.where("refused")[0] or rules.amendment is None or rules.waiver is None:
        return None
    return matter.question(
        about="waiving the notice",
        asks="May a new rule take effect at once?",
        knows=("A leader who is against the new rule may still let it take effect.",),
        stake=f"It takes {rules.waiver.words(len(matter.answer))} to waive the notice; else it comes too late.",
        until="The leaders decide today.",
        own="yes" if matter.answer[matter.row, 0] else "no",
        choices=YES_NO,
    )


def _put_waiver(matter: Matter, said: str, own: str) -> Any:
    waives = np.array(matter.answer)
    waives[matter.row] = said == "yes"
    return waives


# --- the head of a chamber --------------------------------------------------------------------------------------------


def _ask_call(matter: Matter) -> Question | None:
    """Where the members have ratified; what they have refused comes to no vote."""
    ratified, wants = matter.crisis.state.ratified, matter.crisis.numbers.legislature
    if not ratified[0 if matter.hand.act is first_vote else 1][0] or wants is None:
        return None
    against, members = matter.given
    caucus = matter.body.majority_party(members)
    here = members.here[caucus][:, 0]
    no = int((against[caucus][:, 0] & here).sum())
    return matter.question(
        about=f"a vote on the agreement in the {matter.body.name}",
        asks=f"Do you call a vote on the agreement in the {matter.body.name}?",
        knows=(
            "Today the members of the unions have ratified it.",
            f"Of the {here.sum()} members of your majority who are there, {no} would vote it down.",
        ),
        stake="An agreement stands after thirty days of silence. A chamber that votes on it and says no ends it.",
        until="It cannot be taken up again.",
        own="yes" if matter.answer[0] else "no",
        choices=(("yes", "Call a vote"), ("no", "Let it stand by silence")),
    )


def _put_call(matter: Matter, said: str, own: str) -> Any:
    return np.full_like(matter.answer, said == "yes")


# --- the mayors together ----------------------------------------------------------------------------------------------


def _ask_lobbying(matter: Matter) -> Question:
    loss, state, halls = matter.given[0], matter.crisis.state, matter.body.halls
    people = np.array(halls.people_share)[:, None]
    return matter.question(
        about="lobbying against the cut of aid",
        asks="How hard do the mayors lobby against the cut of aid?",
        knows=(
            _today(matter),
            f"A cut of {money(first(state.aid_threat))} threatens: {percent(first(total(people * loss)), 1)} of the "
            "budget in the average inhabitant's town.",
            "Left to themselves they would "
            f"lobby at {percent(first(total(people * matter.answer)), 1)} of their full effort.",
        ),
        stake="Legislators hear the mayors of their towns, the louder the more there are: it takes from their support "
        "for a bill that cuts aid. None lobbies at more than full effort.",
        until="It holds until the threat changes. What the chambers leave in the bill may be cut in the end.",
        own="100",
        package=(100.0,),
        fields=_number("lobby at", "% of their own effort", 0, 300),
    )


def _put_lobbying(matter: Matter, said: str, own: str) -> Any:
    return np.clip(matter.answer * single(float(said) / 100), 0, 1)


def _ask_absorbing(matter: Matter) -> Question:
    loss = matter.given[0]
    return matter.question(
        about="where towns find lost aid",
        asks="Where do the towns find the aid that they lose?",
        knows=(
            f"Aid is cut by {money(first(total(loss)))}, in {int((loss[:, 0] > 0).sum())} towns.",
            "Each means has its cap: a floor under reserves, what may be put off, what unions may concede, how many "
            "may be laid off, how far the tax rate may rise.",
        ),
        stake="You want services kept at the tax rate that is set.",
        until="This is the last decision.",
        own="own",
        choices=(
            ("own", "Each in its own order"),
            ("layoffs last", "Reserves, putting off, concessions, then taxes, and layoffs last"),
            ("taxes last", "Reserves, putting off, concessions, then layoffs, and taxes last"),
        ),
    )


def _put_absorbing(matter: Matter, said: str, own: str) -> Any:
    as_told = copy(matter.body)
    order = [INSTRUMENTS.index(name) for name in ORDERS[said]]
    as_told.ranked = np.broadcast_to(order, matter.body.ranked.shape)
    return matter.models(as_told)


THREATENED: tuple[Act, ...] = (threaten, hear_news, first_vote, request_authority)
DECISIONS: Sequence[Decision] = (
    Decision(Leader, "hear", (open_talks, threaten, hear_news), _ask_hearing, _put_hearing),
    Decision(Leader, "leans_to_change", (amend_rule,), _ask_change, _put_change),
    Decision(Leader, "waives", (amend_rule,), _ask_waiver, _put_waiver),
    Decision(Chamber, "calls_vote", (first_vote, second_vote), _ask_call, _put_call),
    Decision(Mayor, "lobby", THREATENED, _ask_lobbying, _put_lobbying),
    Decision(Mayor, "absorb", (settle,), _ask_absorbing, _put_absorbing),
)
