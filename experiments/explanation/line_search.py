"""The smallest step that turns something: a scan along a ray, then bisection, over many rays at once.

A ray leads from where things stand (step 0, not turned) to its end (step 1). Whole rays have a number of equal steps.
The answer is exact where the response is monotone; elsewhere it is the nearest turn that the scan saw, and its half
never turns, since a half that does is searched in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Turns = Callable[[NDArray[np.int64], NDArray[np.float64]], NDArray[np.bool_]]  # (rays, steps), each (rows,) -> (rows,)
PRECISION = 0.01  # of a step
SMALLEST = 1e-7  # of a ray; no change is stated more finely
ROWS = 512  # steps tried at once when a bracket is closed
MOST_CUTS = 15
HALVINGS = 4  # how often a half that turns is searched again


class Turn(NamedTuple):
    """What was found on each ray, all of shape (rays,)."""

    step: NDArray[np.float64]  # the smallest step that turns; NaN where none was seen
    monotone: NDArray[np.bool_]  # every step tried from there on turned, and none before
    last: NDArray[np.float64]  # the largest step of the scan up to which it stays turned


def smallest_turns(turns: Turns, rays: int, *, whole: NDArray[np.int64], scan: int = 12) -> Turn:
    """Search every ray; ``whole`` has the number of equal steps, 0 where any step will do, (rays,).

    A step that is not whole is found to within `PRECISION` of itself, so that its half is clearly less.
    """
    ladder = _ladder(whole, scan)
    turned = np.zeros(ladder.shape, bool)
    distinct = np.diff(ladder, axis=1, prepend=0.0) > 0
    ray, column = np.nonzero(distinct)
    turned[ray, column] = turns(ray, ladder[ray, column])
    for j in range(1, ladder.shape[1]):  # a rung that repeats the one before it
        turned[:, j] = np.where(distinct[:, j], turned[:, j], turned[:, j - 1])
    found = turned.any(axis=1)
    at = np.argmax(turned, axis=1)
    every = np.arange(rays)
    high = np.where(found, ladder[every, at], np.nan)
    low = np.where(at > 0, ladder[every, np.maximum(at - 1, 0)], 0.0)
    after = np.cumsum(~turned & (np.arange(ladder.shape[1]) >= at[:, None]), axis=1) == 0
    last = np.where(found, np.max(np.where(after, ladder, 0.0), axis=1), np.nan)
    monotone = found & np.all(after | (np.arange(ladder.shape[1]) < at[:, None]), axis=1)
    for _ in range(HALVINGS):
        low, high = _close(turns, low, high, whole)
        half = _on_the_ray(high / 2, whole)
        ask = np.flatnonzero(found & (half > 0))
        again = ask[turns(ask, half[ask])] if len(ask) else ask
        if not len(again):
            break
        monotone[again] = False
        low[again], high[again] = 0.0, half[again]
    return Turn(step=high, monotone=monotone, last=last)


def _ladder(whole: NDArray[np.int64], scan: int) -> NDArray[np.float64]:
    """Steps of the scan, rising, (rays, scan); a whole ray with few steps repeats its last."""
    even = np.arange(1, scan + 1) / scan
    steps = np.maximum(whole, 1)[:, None]
    counted = np.minimum(np.arange(1, scan + 1), steps) / steps
    spread = np.maximum(np.round(even * steps), 1) / steps
    return np.where(whole[:, None] == 0, even, np.where(whole[:, None] <= scan, counted, spread))


def _close(
    turns: Turns, low: NDArray[np.float64], high: NDArray[np.float64], whole: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Close the bracket: ``low`` does not turn, ``high`` does; to within `PRECISION` of it, or a whole step.

    Bisection with as many cuts at a time as a block holds: few rays left means many cuts, and few rounds.
    """
    low, high = low.copy(), high.copy()
    while True:
        fine = np.where(whole > 0, 1.01 / np.maximum(whole, 1), np.maximum(PRECISION * high, SMALLEST))
        open_ = np.flatnonzero(high - low > fine)
        if not len(open_):
            return low, high
        cuts = min(max(ROWS // len(open_), 1), MOST_CUTS)
        share = np.arange(1, cuts + 1) / (cuts + 1)
        steps = low[open_, None] + share * (high - low)[open_, None]
        steps = _on_the_ray(steps, whole[open_, None])
        inside = (steps > low[open_, None]) & (steps < high[open_, None])
        row, cut = np.nonzero(inside)
        turned = np.zeros(steps.shape, bool)
        turned[row, cut] = turns(open_[row], steps[row, cut])
        first = np.where(turned.any(axis=1), np.argmax(turned, axis=1), cuts)
        before = inside & (np.arange(cuts) < first[:, None])
        low[open_] = np.maximum(low[open_], np.max(np.where(before, steps, 0.0), axis=1))
        found = first < cuts
        high[open_[found]] = steps[found, first[found]]


def _on_the_ray(step: NDArray[np.float64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """The step itself, or on a whole ray the whole step below it."""
    steps = np.maximum(whole, 1)
    return np.where(whole == 0, step, np.floor(step * steps + 1e-9) / steps)
