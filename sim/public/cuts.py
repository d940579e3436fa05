"""Where the money comes from when there is no deal: cuts and taxes at least political cost, within what may be used.

The marginal cost of an instrument rises with its use, so the cheapest way to fill a gap uses each up to the same
marginal cost, as water fills vessels to one level. That level is found exactly from the points where an instrument
comes in or is exhausted. What no instrument may fill stays a deficit, and is reported as one.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.scenario.parameters import Number, Section, Switch, number, switch
from sim.worlds.axis import TINY, Worlds, a_few_at_a_time, total

UNUSED = 1e-9  # M$/yr; a capacity below it is none. In political cost likewise: a step below it is none
InstrumentName = Literal["layoffs", "programmes", "aid", "taxes"]  # each has a rule and a column of results of its own


class Instrument(Section):
    """One way to fill the gap: how dear it is politically, and how far it reaches."""

    name: InstrumentName
    needs: Literal["authority", "authority_over_aid", "chambers"]  # what must be granted before it may be used
    allowed: Switch = switch("May it be used at all?")
    cost: Number = number("ratio", "Political cost of the first dollar, in dollars", at_least=0)
    slope: Number = number("ratio per 100 M$/yr", "How much dearer each further 100 M$ a year is", at_least=0.001)
    capacity: Number = number("M$/yr", "Most it yields in a full year", at_least=0)


class Means(NamedTuple):
    """The instruments at hand: arrays of shape (instruments, worlds), in the order of ``names``."""

    names: tuple[str, ...]
    cost: NDArray[np.float64]  # political cost of the first dollar, in dollars
    slope: NDArray[np.float64]  # rise of that per M$/yr
    cap: NDArray[np.float64]  # M$/yr


class Filled(NamedTuple):
    """A gap filled; amounts in M$/yr. The amounts and the deficit add up to the gap."""

    names: tuple[str, ...]
    amounts: NDArray[np.float64]  # (instruments, worlds)
    deficit: NDArray[np.float64]  # (worlds,)
    level: NDArray[np.float64]  # marginal political cost of the last dollar found, (worlds,)

    def of(self, name: str) -> NDArray[np.float64]:
        """What one instrument yields, (worlds,); nothing where the case does not have it."""
        return self.amounts[self.names.index(name)] if name in self.names else np.zeros_like(self.deficit)


def yields(means: Means, level: Worlds) -> NDArray[np.float64]:
    """What each instrument yields when all are used up to one marginal cost, M$/yr, (instruments, worlds)."""
    return np.minimum(np.maximum((level - means.cost) / means.slope, 0.0), means.cap)


def water_level(means: Means, need: NDArray[np.float64]) -> NDArray[np.float64]:
    """The marginal cost at which the instruments together yield ``need`` M$/yr, (worlds,); at most all they have.

    Between two neighbouring points at which an instrument comes in or is exhausted the yield is linear in the level.
    """
    points, found = _bends(means)
    wanted = np.minimum(need, total(means.cap))
    part = (wanted - found[:-1]) / np.maximum(found[1:] - found[:-1], UNUSED)
    rises = np.minimum(np.maximum(part, 0.0), 1.0) * (points[1:] - points[:-1])
    return total(np.concatenate([points[:1], rises]))


def _bends(means: Means) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The levels at which an instrument comes in or is exhausted, rising, (2 x instruments, worlds), and all yields."""
    points = np.sort(np.concatenate([means.cost, means.cost + means.slope * means.cap]), axis=0)
    found = np.empty_like(points)
    each = Means(means.names, means.cost[:, None], means.slope[:, None], means.cap[:, None])
    for some in a_few_at_a_time(points, each=len(means.cap)):
        found[some] = total(yields(each, points[some]))
    return points, found


def water_fill(means: Means, need: NDArray[np.float64]) -> Filled:
    """Fill ``need`` M$/yr, (worlds,), at least political cost; what is beyond every capacity is the deficit."""
    need = np.maximum(need, 0.0)
    level = water_level(means, need)
    amounts = yields(means, level)
    found, fillable = total(amounts), np.minimum(need, total(means.cap))
    # the last digits: a factor of one plus a rounding error makes the sum exact and lifts no amount over its cap
    factor = np.where(found > 0, fillable, 1.0) / np.where(found > 0, found, 1.0)
    amounts = np.minimum(amounts * factor, means.cap)
    return Filled(means.names, amounts, np.maximum(need - total(amounts), 0.0), level)


def political_cost(means: Means, filled: Filled, *, deficit_cost: Worlds) -> NDArray[np.float64]:
    """What filling the gap so costs the governor, M$/yr-equivalents, (worlds,): the area under the marginal costs."""
    used = filled.amounts
    return total(used * (means.cost + 0.5 * means.slope * used)) + deficit_cost * filled.deficit


def within_authority(means: Means, needs: Sequence[str], *, authority: Worlds, aid_authority: Worlds) -> Means:
    """What the power to cut leaves of the capacities.

    ``authority``: M$/yr over all lines together; ``aid_authority``: the part of it that reaches town aid. The cheapest
    use of a joint limit is water-filling too: below the level at which the limit binds nothing changes, above it the
    cuts stand still. So the limit is a capacity for each, exactly.
    """
    cap = means.cap.copy()
    bound = np.array([need != "chambers" for need in needs])
    for row, need in enumerate(needs):
        if need == "authority_over_aid":
            cap[row] = np.minimum(cap[row], aid_authority)
    cuts = Means(tuple(np.array(means.names)[bound]), means.cost[bound], means.slope[bound], cap[bound])
    if bound.any():
        cap[bound] = water_fill(cuts, np.broadcast_to(np.asarray(authority, float), cap.shape[1:])).amounts
    return means._replace(cap=cap)


def affordable(means: Means, budget: NDArray[np.float64], *, deficit_cost: Worlds) -> NDArray[np.float64]:
    """The largest gap that can be filled at a political cost of ``budget``, M$/yr, (worlds,); the inverse of the cost.

    Up to a level the cost rises with the square of the level between neighbouring points, beyond all capacities in
    proportion to the deficit.
    """
    points, found = _bends(means)
    filled, spent, level = np.zeros_like(budget), np.zeros_like(budget), points[0]
    rates = (found[1:] - found[:-1]) / np.maximum(points[1:] - points[:-1], UNUSED)
    for low, high, rate in zip(points[:-1], points[1:], rates, strict=True):
        left = np.maximum(budget - spent, 0.0)
        level = np.minimum(np.sqrt(low * low + 2 * left / np.maximum(rate, UNUSED)), high)
        filled += rate * (level - low)
        spent += 0.5 * rate * (level * level - low * low)
    beyond = np.maximum(budget - spent, 0.0) / np.maximum(deficit_cost, TINY)
    return filled + np.where(level >= points[-1], beyond, 0.0)


def reservation_savings(
    gap: NDArray[np.float64], with_deal: Means, without_deal: Means, *, standing: Worlds, deficit_cost: Worlds
) -> NDArray[np.float64]:
    """The least savings from a deal that leave the governor no worse off than no deal, M$/yr, (worlds,).

    With a deal he fills the rest by ``with_deal`` (no layoffs: they were promised away); without one he fills the whole
    gap by ``without_deal`` and bears ``standing``, the cost of broken talks.
    """
    no_deal = political_cost(without_deal, water_fill(without_deal, gap), deficit_cost=deficit_cost) + standing
    return np.clip(gap - affordable(with_deal, no_deal, deficit_cost=deficit_cost), 0.0, gap)


def year_left(notice: datetime.date, lead: datetime.timedelta, fiscal_year: datetime.date) -> float:
    """Share of the fiscal year in which a post is off the payroll when its notice goes out on a day, in [0, 1].

    ``fiscal_year`` is its first day. A notice before the year saves the whole of it, one that bites after it nothing.
    """
    leap_day = (fiscal_year.month, fiscal_year.day) == (2, 29)  # which the next year does not have
    following = fiscal_year.replace(year=fiscal_year.year + 1, day=28 if leap_day else fiscal_year.day)
    return min(max((following - (notice + lead)) / (following - fiscal_year), 0.0), 1.0)


def posts_lost(layoffs: Worlds, *, saved_a_post: Worlds, year_left: Worlds = 1.0) -> Worlds:
    """Posts that must go to save ``layoffs`` M$ within the year, when only a share of it is left."""
    return layoffs / (saved_a_post * year_left)


def posts_by_unit(
    posts: NDArray[np.float64], listed: NDArray[np.float64], members: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Posts lost by unit, (units, worlds), in proportion to the posts ``listed`` and never more than the members.

    What a unit has no members for falls on the others in the same proportion: water-filling, the posts of a unit being
    its width. All three arrays with worlds last; ``listed`` and ``members`` are (units, worlds) or (units, 1).
    """
    width = np.maximum(np.broadcast_to(listed, members.shape), TINY)
    width = np.broadcast_to(width, (*width.shape[:-1], len(posts)))
    room = np.broadcast_to(members, width.shape)
    scale = posts / total(width)
    spread = width * scale
    full = np.flatnonzero((spread > room).any(axis=0))
    if len(full):  # in few worlds, and the cost of filling grows with the square of the units
        width, room = width[:, full], room[:, full].astype(float)
        names = tuple(str(row) for row in range(len(width)))
        spread[:, full] = water_fill(Means(names, np.zeros_like(width), 1 / width, room), posts[full]).amounts
    return spread


def means_at_hand(
    instruments: Mapping[str, Any],
    needs: Sequence[str],
    worlds: int,
    *,
    authority: Worlds,
    aid_authority: Worlds,
    taxes_pass: Worlds = True,
    reach: Mapping[str, Worlds] | None = None,
    extra_cost: Mapping[str, Worlds] | None = None,
) -> Means:
    """The case's instruments as far as they may be used, from their numbers by name.

    ``authority``, ``aid_authority``: power to cut, M$/yr; ``taxes_pass``: would the chambers pass a tax?
    ``reach``: share of an instrument's capacity that is left, by name, where part is promised away or comes too late.
    ``extra_cost``: what an instrument costs this governor beyond, by name, dollars a dollar.
    """
    shape, left, beyond = (len(instruments), worlds), reach or {}, extra_cost or {}
    means = Means(tuple(instruments), cost=np.empty(shape), slope=np.empty(shape), cap=np.empty(shape))
    for row, ((name, item), need) in enumerate(zip(instruments.items(), needs, strict=True)):
        passes = np.asarray(taxes_pass, float) if need == "chambers" else 1.0
        means.cost[row] = item.cost + beyond.get(name, 0.0)
        means.slope[row] = item.slope / 100
        means.cap[row] = item.capacity * passes * float(item.allowed) * left.get(name, 1.0)
    return within_authority(means, needs, authority=authority, aid_authority=aid_authority)
