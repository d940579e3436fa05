"""What a scenario may say of how a side bargains: its tactic, and the numbers of the tactics.

A number that is left out keeps the default in the tactic's own file.
"""

from __future__ import annotations

from agents.tactics import ALL_TACTICS
from sim.scenario.parameters import Choice, Number, Section, choice, number


class Bargainer(Section):
    """One side at the table."""

    tactic: Choice = choice("How the side concedes over the rounds", tuple(ALL_TACTICS))
    speed: Number = number("exponent", "Concession exponent: below one late, above one early", at_least=0.01)
    insight: Number = number(
        "share", "How well it knows the other's weights at first: 0 not at all, 1 exactly", at_least=0, at_most=1
    )
    learning: Number | None = number(
        "share per offer", "Importance an issue gains when the other has not moved on it", at_least=0, default=None
    )
    misjudges: Number | None = number(
        "share",
        "Tactics that reckon with what no deal is worth to the other: standard deviation of its error about it, on "
        "the other's own scale; 0, or left out, is perfect knowledge",
        at_least=0,
        at_most=1,
        default=None,
    )
    demands: Number | None = number(
        "share",
        "What it has publicly demanded or promised its own, on its own scale of packages",
        at_least=0,
        default=None,
    )
    revoking: Number | None = number(
        "ratio", "What giving up a unit of that demand costs it, in units of its own scale", at_least=0, default=None
    )
    reputation: Number | None = number(
        "ratio",
        "What yielding a unit of its ideal costs it in the next crisis, in units of its own scale; left out, nothing",
        at_least=0,
        default=None,
    )
    walks_out: Number | None = number(
        "probability",
        "Chance that it breaks the talks off after a round without a deal",
        at_least=0,
        at_most=1,
        default=None,
    )
    returns: Number | None = number(
        "probability",
        "Once they are broken off: its willingness to meet on a date; they meet where both are willing",
        at_least=0,
        at_most=1,
        default=None,
    )
    stand: Number | None = number(
        "share",
        "fixed, commitment: part of its ideal it insists on",
        at_least=0,
        at_most=1,
        default=None,
    )
    others_stand: Number | None = number(
        "share", "commitment: part of its ideal that the other insists on", at_least=0, at_most=1, default=None
    )
    price: Number | None = number(
        "share", "commitment: what taking back its demand costs it, on its own scale", at_least=0, default=None
    )
    dearest: Number | None = number(
        "share", "commitment: the most that price may be, for either side", at_least=0, default=None
    )
    scarce: Number | None = number(
        "rounds", "resource_dependent: rounds left at which it begins to yield", at_least=0.01, default=None
    )
    first_step: Number | None = number(
        "share", "tit for tat: given an offer until there is something to answer", at_least=0, at_most=1, default=None
    )
    wobble: Number | None = number(
        "share", "random_absolute_tit_for_tat: most that chance adds or takes", at_least=0, at_most=1, default=None
    )
    patience: Number | None = number(
        "factor", "backward_induction: discount factor a round", at_least=0, at_most=1, default=None
    )
    others_patience: Number | None = number(
        "factor", "backward_induction: the other's discount factor a round", at_least=0, at_most=1, default=None
    )
    breakdown: Number | None = number(
        "share", "backward_induction: chance that a refusal ends the talks", at_least=0, at_most=1, default=None
    )
    optimism: Number | None = number(
        "share", "backward_induction: added to its chance to make the next offer", at_least=0, at_most=1, default=None
    )
    waiting_cost: Number | None = number(
        "share per round", "war_of_attrition: cost of a round of holding out", at_least=0, default=None
    )
