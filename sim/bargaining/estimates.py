"""What a side thinks the other cares for: a guess to begin with, then what its concessions give away.

The guess mixes equal importance of all issues with the truth; ``insight`` says how much of the truth. Which end of an
issue the other wants is taken as known, unless the other does not care: then it is expected to want the opposite.
The learning is the frequency model of van Krimpen, Looije, Hajizadeh (2013), "HardHeaded", winner of the 2011
automated negotiation competition: an issue on which the other has not moved since its last offer matters more. As
their issues are lists of values and ours are ranges, not to move is to move less than a fiftieth of the range; and an
issue already given up wholly, or an offer that repeats the last one, tells nothing. How an issue's worth falls from its
first piece to its last is taken as known; what has to be guessed is how much the whole issue matters.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.bargaining.package import Pieces, columns
from sim.worlds.axis import TINY, Worlds, chosen, total

UNMOVED = 0.02  # of an issue's range


def guess(
    own: NDArray[np.float64],
    truth: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
    insight: Worlds,
    *,
    pieces: Pieces | None = None,
) -> NDArray[np.float64]:
    """The other's weights as a side with weights ``own`` first guesses them, up to their scale: (issues, worlds).

    With ``pieces`` all weights are theirs, (pieces, worlds).
    """
    pieces = Pieces(low, high) if pieces is None else pieces
    own, truth, span = columns(own), columns(truth), columns(high - low)
    swing = np.abs(truth) * (pieces.high - pieces.low)
    of_issue, whole = pieces.package(swing), np.maximum(total(swing), TINY)
    # of an issue's true importance to the guessed, and both up to a scale: the guessed ones add up to 1
    cared_for = of_issue > 0
    factor = (1.0 - insight) / len(of_issue) / np.where(cared_for, of_issue, 1.0) + insight / whole
    guessed = truth * factor[pieces.issue]
    if cared_for.all():
        return guessed
    # its sign says which end; what neither cares for stays at nothing
    unknown = -np.sign(own) * ((1.0 - insight) / len(of_issue) / span)[pieces.issue]
    return np.where(cared_for[pieces.issue], guessed, unknown)


def misjudged(reservation: NDArray[np.float64], error: Worlds) -> NDArray[np.float64]:
    """What no deal is worth to the other as a side takes it to be, on the other's scale, (worlds,).

    ``error`` is this side's lasting mistake in each world. Nobody believes that no deal is worth less than the worst
    package, nor, of somebody who sits at the table, that it is worth more than the best.
    """
    return np.clip(np.minimum(reservation, 1.0) + error, 0.0, 1.0)


class Estimate:
    """One side's running estimate of the other's weights: its guess, and what it has learned on top."""

    def __init__(
        self,
        guessed: NDArray[np.float64],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        *,
        rate: Worlds,
        pieces: Pieces | None = None,
    ) -> None:
        """``guessed``: (issues,) or (issues, worlds). ``rate``: what an unmoved issue gains in importance an offer.

        The importance that was guessed adds up to 1; a rate of 0 learns nothing. With ``pieces`` the weights, guessed
        and estimated, are theirs; what is learned is still about whole issues.
        """
        self.low, self.high, self.rate = np.asarray(low), np.asarray(high), rate
        self.pieces = Pieces(self.low, self.high) if pieces is None else pieces
        self.learned: NDArray[Any] = np.zeros(1)  # importance, (issues, worlds)
        self.last: NDArray[np.float64] | None = None
        self.guess_again(guessed)

    def guess_again(self, guessed: NDArray[np.float64]) -> None:
        """The guess has moved, as with a threat that all have seen; what was learned stays."""
        extent = columns(guessed) * (self.pieces.high - self.pieces.low)
        swing = self.pieces.package(np.abs(extent))
        self.direction = np.sign(self.pieces.package(extent))
        self.guessed = swing / np.maximum(total(swing), TINY)
        self._shape = columns(guessed) / np.maximum(swing, TINY)[self.pieces.issue]

    @property
    def weights(self) -> NDArray[np.float64]:
        """The other's weights as estimated now, (issues, worlds), up to their scale."""
        return self._shape * (self.guessed + self.learned)[self.pieces.issue]

    def hear(self, package: NDArray[np.float64], where: NDArray[np.bool_] | None = None) -> bool:
        """Learn from the other's next offer, (issues, worlds), in the worlds ``where`` it is made; None: in all.

        False where there was nothing to compare it with.
        """
        last = self.last
        self.last = chosen(where, package, np.nan if last is None else last)
        if last is None:
            return False
        span = columns(self.high - self.low)
        moved = np.abs(package - last) > UNMOVED * span
        wanted_end = np.where(self.direction > 0, columns(self.high), columns(self.low))
        has_more_to_give = np.abs(last - wanted_end) < (1.0 - UNMOVED) * span
        tells = chosen(where, ~moved & has_more_to_give & moved.any(axis=0), False)
        self.learned = self.learned + self.rate * tells
        return True
