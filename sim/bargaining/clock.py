"""When people meet: rounds that crowd towards the deadline, talks that break off and resume, a deadline that is moved.

Source: Roth, Murnighan, Schoumaker (1988), American Economic Review 78, for the crowd at the deadline; Karagözoğlu &
Kocher (2019), Experimental Economics 22, for what less time does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.worlds.axis import Worlds


def times_of_rounds(rounds: int, crowding: float) -> NDArray[np.float64]:
    """When each round is held, as a share of the way from the first day to the deadline, (rounds,), the last at 1.

    With ``crowding`` 1 they are spread evenly; at c the time left before the last but k-th meeting is (k / n)^c of all
    the time, so that more of them fall into the last days.
    """
    left = np.arange(rounds - 1, -1, -1) / rounds
    return 1.0 - left**crowding


def in_session(luck: NDArray[np.float64], breaks_off: Worlds, resumes: Worlds) -> NDArray[np.bool_]:
    """Whether the sides meet, round by round, (rounds, worlds), when talks break off and resume by chance.

    After a round without a deal they break off with chance ``breaks_off``; for every date that then passes they meet
    again with chance ``resumes``. ``luck``: uniforms, (rounds, worlds). The first round is always held.
    """
    meets, stays, returns = np.ones(luck.shape, bool), luck >= breaks_off, luck < resumes
    for turn in range(1, len(luck)):
        meets[turn] = np.where(meets[turn - 1], stays[turn], returns[turn])
    return meets


def rounds_beyond(rounds: int, days: int, extension: int) -> int:
    """Rounds for which a deadline moved by so many days has room: at the pace of the talks so far, at least one.

    Talks of a single day have held all their ``rounds`` on it.
    """
    return max(1, round(rounds * extension / max(days, 1))) if extension else 0


def wants_more_time(asked: Worlds, heard: Worlds, floor: Worlds, price: Worlds) -> NDArray[np.bool_]:
    """Would a side rather move the deadline than let the talks fail? (worlds,)

    It expects to meet the other halfway between what it last ``asked`` for and what it last ``heard``, all on its own
    scale, and more time costs it ``price``, which is gone whatever becomes of the talks.
    """
    return np.asarray(0.5 * (asked + heard) - floor > price)
