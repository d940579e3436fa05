"""Before they sign, both sides look for a trade that serves both, as far as they know each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.package import TOLERANCE
from sim.bargaining.side import Side
from sim.worlds.axis import FEW


def improved(sides: tuple[Side, Side], package: NDArray[np.float64], where: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What becomes of a text that both would sign, in these worlds, once each has looked for a better trade.

    In turn each puts forward the package that is worth as much to itself and most to the other as it believes the
    other to be; it replaces the text where the other indeed prefers it and both can carry it.
    """
    text, all_of_them = package.copy(), where.size <= FEW
    here = np.arange(where.size) if all_of_them else np.flatnonzero(where)
    mine, theirs = (side.frontier if all_of_them else side.frontier.of_worlds(here) for side in sides)
    for own, other in ((mine, theirs), (theirs, mine)):
        before = own.rows(text[:, here])
        worth = own.own_value_of_rows(before)
        trade = own.offer(worth)
        rows = own.rows(trade)
        better = other.own_value_of_rows(rows) > other.own_value_of_rows(before) + TOLERANCE
        better &= where[here] & (own.own_value_of_rows(rows) >= worth - TOLERANCE)
        if not better.any():
            continue
        for side in sides:
            if side.acceptable is not None:
                better &= side.acceptable(trade, None if all_of_them else here)
        text[:, here[better]] = trade[:, better]
    return text
