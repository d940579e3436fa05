"""A union's leader: what he says of his members, whether he is for a new rule, whether he waives the notice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from agents.leader import Hearing, Leader
from experiments.page.decisions.matter import YES_NO, Decision, Matter, number, today
from experiments.page.hand import Question
from sim.acts.beliefs import burden_of
from sim.acts.talks import open_talks
from sim.acts.threats import hear_news, threaten
from sim.acts.window import amend_rule
from sim.bargaining.terms import Burden
from sim.story import first
from sim.wording import day, percent
from sim.worlds.axis import log_odds, logistic, single

LEAST_LEAN = 1e-6  # logits: a leader who is for it by hand, but not by himself


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
            today(matter),
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
        fields=number("would say yes", "of 100 members", 1, 99),
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


DECISIONS = (
    Decision(Leader, "hear", (open_talks, threaten, hear_news), _ask_hearing, _put_hearing),
    Decision(Leader, "leans_to_change", (amend_rule,), _ask_change, _put_change),
    Decision(Leader, "waives", (amend_rule,), _ask_waiver, _put_waiver),
)
