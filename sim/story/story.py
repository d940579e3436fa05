"""A story is told happening by happening, each in the words of its kind."""

from __future__ import annotations

from collections.abc import Iterable

from sim.record import Happening
from sim.scenario.numbers import Numbers
from sim.story import legislature, money, talks, threats, votes
from sim.story.teller import Teller, Telling

TELLING: Telling = talks.TOLD | threats.TOLD | votes.TOLD | legislature.TOLD | money.TOLD


class Story(Teller):
    """Tells the world at one place of a crisis; ``events`` are as ``planb play --json`` has them.

    An event that a short telling may leave out is marked ``minor``. Happenings may be told as they come, or at the end.
    """

    def __init__(self, numbers: Numbers, record: Iterable[Happening] = (), *, place: int = 0) -> None:
        super().__init__(numbers, place=place)
        for happening in record:
            self.tell(happening)

    def tell(self, happening: Happening) -> None:
        """What happened, if it happened in this world."""
        if not happening.where[self.place]:
            return
        words = TELLING.get(type(happening))
        if words is not None:
            words(self, happening)
        elif told := happening.words(self.place):
            self.say(happening, happening.who, told)
