"""Before they sign, both sides look for a trade that serves both, as far as they know each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.package import TOLERANCE
from sim.bargaining.side import Side
from sim.worlds.axis import FEW, in_worlds, put_in_worlds


def improved(sides: tuple[Side, Side], package: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What becomes of a text that both would sign, in these worlds, once each has looked for a better trade.

    In turn each puts forward the package that is worth as much to itself and most to the other as it believes the
    other to be; it replaces the text where the other indeed prefers it and both can carry it.
    """
    text, here = package.copy(), None if where.size <= FEW else np.flatnonzero(where)
    mine, theirs = (side.frontier if here is None else side.frontier.of_worlds(here) for side in sides)
    for own, other in ((mine, theirs), (theirs, mine)):
        before = own.rows(in_worlds(text, here))
        worth = own.own_value_of_rows(before)
        trade = own.offer(worth)
        rows = own.rows(trade)
        better = other.own_value_of_rows(rows) > other.own_value_of_rows(before) + TOLERANCE
        better &= in_worlds(where, here) & (own.own_value_of_rows(rows) >= worth - TOLERANCE)
        if not better.any():
            continue
        for side in sides:
            if side.acceptable is not None:
                better &= side.acceptable(trade, here)
        if here is None:
            put_in_worlds(text, trade, better)
        else:
            put_in_worlds(text, trade[:, better], here[better])
    return text
