"""What somebody decides in a body's place: the matter before him, and how it is asked and put into the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from agents.body import Body
from experiments.page.hand import Hand, Question
from sim.acts.session import request_authority
from sim.acts.threats import hear_news, threaten
from sim.acts.vote import first_vote
from sim.crisis import Act, Crisis
from sim.wording import day

YES_NO = (("yes", "Yes"), ("no", "No"))


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


def number(name: str, unit: str, low: float, high: float) -> tuple[dict[str, Any], ...]:
    return ({"name": name, "unit": unit, "low": low, "high": high},)


def today(matter: Matter) -> str:
    """What brings the matter up, which the story tells when the day is over."""
    numbers, hand = matter.crisis.numbers, matter.hand
    if hand.act is threaten:
        return f"Today the governor {numbers.threats[hand.about].act}."
    if hand.act is hear_news:
        return f"Today {numbers.news[hand.about].event}."
    if hand.act is request_authority:
        return "Today the governor asks for power to cut, town aid included."
    return "Today members vote, and refuse the deal." if hand.act is first_vote else "Today the talks open."
