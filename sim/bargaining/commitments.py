"""Public demands, reputation and signatures: what taking back a word, yielding, or a refusal at home costs.

To bind oneself is a way to get more and a way to get nothing. Source: Schelling (1956), American Economic Review 46;
Crawford (1982), Econometrica 50; Muthoo (1996), Journal of Economic Theory 69. Who yields now is asked for more next
time: Kreps & Wilson (1982), Journal of Economic Theory 27.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.worlds.axis import TINY, Worlds

SURE = 0.999  # no price makes anybody wait for more certainty than this


def after_taking_back(value: Worlds, demand: Worlds, price: Worlds) -> NDArray[np.float64]:
    """What a value is worth to a side that has publicly demanded more, on the same scale, (worlds,).

    Whatever it gives up of its demand costs it ``price`` times as much again: Muthoo's linear cost of revoking.
    """
    return np.asarray(value - price * np.maximum(demand - value, 0.0))


def floor_after_demand(
    reservation: Worlds, demand: Worlds, price: Worlds, reputation: Worlds = 0.0
) -> NDArray[np.float64]:
    """The least a side can take once it has publicly demanded something, on its own scale, (worlds,).

    No deal breaks no promise and yields nothing. So the floor is where a deal, less the price of what it gives up of
    the demand, and less what it yields of the ideal times what that costs in the next crisis (``reputation``), is worth
    what no deal is. A demand below the floor binds nobody; what costs nothing leaves everything as it was.
    """
    unbound = np.where(np.less(reservation, 1.0), (reservation + reputation) / (1.0 + reputation), reservation)
    bound = (reservation + reputation + price * demand) / (1.0 + reputation + price)
    return np.where(np.greater(demand, unbound), bound, unbound)


def stands_firm(price: Worlds, dearest: Worlds, *, gives_up: Worlds, gains: Worlds) -> NDArray[np.bool_]:
    """Does a side that has demanded too much let the talks fail rather than take its word back? (worlds,)

    ``price`` is what taking it back costs it, known to itself alone; ``dearest`` the most it may be, for either side,
    all prices being equally likely. ``gains``: what it is better off than without a deal if it alone gives way;
    ``gives_up``: what its demand is worth beyond the compromise struck when both give way. In equilibrium it gives way
    up to the price at which it is just indifferent, given that the other reasons alike.
    Source: Crawford (1982), Econometrica 50, the symmetric case with uniform prices.
    """
    dearest = np.maximum(dearest, TINY)
    indifferent = gains / (1.0 + (gains + gives_up) / dearest)
    return np.greater(price, indifferent)


def chance_needed(price_of_refusal: Worlds) -> NDArray[np.float64]:
    """How likely ratification must be before leaders sign.

    ``price_of_refusal``: what a signed deal that members refuse costs leaders, in units of what a ratified one brings
    them. They sign where the expected worth is positive, p > price / (1 + price): at 1, where it is likelier than not.
    Source: Putnam (1988), International Organization 42, on involuntary defection; Iida (1993), JCR 37.
    """
    price = np.asarray(price_of_refusal, dtype=np.float64)
    return np.minimum(price / (1.0 + price), SURE)


def margin_needed(price_of_refusal: Worlds, spread: Worlds) -> NDArray[np.float64]:
    """How far beyond even odds leaders must see their members before they sign, logits, (worlds,).

    ``spread``: standard deviation of what may still move all members alike before they vote, logits. If the deal
    carries unless mood falls by m, its chance is Phi(m / spread), so a chance needed is a margin needed.
    """
    from scipy.special import ndtri  # slow to import, and nothing that reads a case needs it

    return np.asarray(spread * ndtri(np.maximum(chance_needed(price_of_refusal), 1.0 - SURE)))
