"""A mayor: lobbies while aid is threatened; when it is cut, finds the money in his town's own order of preference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.body import AMOUNT, SHARE, Answer, Body
from sim.public.towns import INSTRUMENTS, Limits, TownHalls, Towns
from sim.worlds.axis import Array, Worlds, in_worlds, logistic, put_in_worlds, single, total
from sim.worlds.randomness import Luck, Stream, uniform_at

CONCESSIONS = INSTRUMENTS.index("concessions")


def lobbying(loss_share: Worlds, cushion_share: Worlds, *, resolve: Worlds) -> Array:
    """Effort in [0, 1] a mayor spends against an aid cut; all shares of the town's budget.

    Nothing while the free balance covers the loss, then in proportion to what it does not cover.
    """
    return np.minimum(np.maximum(resolve * (loss_share - cushion_share), 0.0), 1.0)


def weight_together(chorus: Worlds, *, together: Worlds) -> Worlds:
    """Weight of every mayor's effort when a share ``chorus`` of the state's people is spoken for: a lone mayor's is 1.

    It rises to 1 + together when all are at full effort, so all together move a legislator more than the sum of what
    each would alone.
    """
    return 1 + together * chorus


def concession_chance(to_find: Array, *, goodwill: Worlds, fear: Worlds) -> Array:
    """Chance that a town's own unions concede: the likelier, the more is still to be found.

    ``to_find`` is a share of the budget: what is not conceded is laid off, or so the mayor says. ``fear`` in logits
    per share of the budget.
    """
    return logistic(goodwill + fear * to_find)


class Absorbed(NamedTuple):
    """Where a town finds the money it lost, M$/yr, each (towns, worlds); the first six add up to the loss."""

    reserves: Array
    deferral: Array
    concessions: Array
    layoffs: Array
    taxes: Array
    unabsorbed: Array  # what no instrument may take: the town runs a deficit
    chance: Array  # with which its own unions conceded, where it came to that


class Mayor(Body):
    """Wants the town's services kept at the tax rate already set; fears a cut as far as the town cannot absorb it.

    Quantities have shape (towns, worlds), or (towns, 1) where they are the same in all worlds.
    """

    role: ClassVar[str] = "mayor"
    answers: ClassVar[Mapping[str, Answer]] = {
        "lobby": SHARE,
        **dict.fromkeys(("heard", "absorb", "absorb_within", "layoffs_feared"), AMOUNT),
    }

    def __init__(self, halls: TownHalls, preferences: Towns, luck: Luck) -> None:
        self.bodies, self.halls, self.preferences = len(halls.towns), halls, preferences
        self.town = halls.towns
        self.ranked = halls.ranked  # (towns, instruments): places in `INSTRUMENTS`, most welcome first
        self.budget = halls.books["budget"]  # M$/yr, (towns, 1), as the next
        self.free_balance = halls.books["free_balance"]  # M$
        self.grand_list = halls.books["grand_list"]  # M$
        self.cushion_share = single(halls.books["cushion_share"])  # free balance over budget
        least, most = (single(preferences.resolve * (1 + sign * preferences.resolve_spread)) for sign in (-1, 1))
        drawn = uniform_at(luck.coarse(Stream.MAYORS, self.bodies), least.dtype)
        self.resolve = least + (most - least) * drawn  # effort per share of budget, (towns, worlds)
        self.effort = np.zeros_like(self.resolve)  # share of full effort that he spends today
        self.chorus = np.zeros(self.resolve.shape[-1])  # effort of the average inhabitant's mayor, (worlds,)

    # --- lobbying

    def lobby(self, loss_share: Worlds, here: NDArray[np.int64] | None = None) -> Array:
        """Effort in [0, 1] against losing this share of the budget: nothing while the free balance covers it.

        ``here``: the worlds that ``loss_share`` is about, by place; None: all.
        """
        counted = single(self.preferences.cushion_counted, here)
        return lobbying(loss_share, counted * self.cushion_share, resolve=in_worlds(self.resolve, here))

    def heard(self, effort: Array, here: NDArray[np.int64] | None = None) -> tuple[Array, Array]:
        """What legislators feel of the mayors' effort, (seats, worlds), and the effort of the average inhabitant's."""
        chorus = total(single(self.halls.shares[1]) * effort)
        felt = self.halls.districts.average(effort)
        return felt * weight_together(chorus, together=single(self.preferences.together, here)), chorus

    def speak(self, effort: Array, chorus: Array, here: NDArray[np.int64] | NDArray[np.bool_]) -> None:
        """From today he spends this effort, (towns, worlds here); ``here``: by place, or a mask over all worlds."""
        put_in_worlds(self.effort, effort, here)
        put_in_worlds(self.chorus, chorus, here)

    def speak_only(self, where: NDArray[np.bool_]) -> None:
        """From today he is silent in the other worlds; ``where``: (worlds,)."""
        self.effort *= single(where)
        self.chorus *= where

    # --- absorbing

    def absorb(self, loss: Array, luck: Array | float, here: NDArray[np.int64] | None = None) -> Absorbed:
        """Where each town finds its loss of aid, M$/yr: in its own order, each means up to its cap.

        ``luck``, a uniform, says whether the town's own unions concede: they do where it is below the chance.
        ``here``: the worlds that ``loss``, (towns, worlds here), is about; None: all.
        """
        return self.absorb_within(loss, luck, Limits.of(self.preferences, here))

    def absorb_within(self, loss: Array, luck: Array | float, limits: Limits) -> Absorbed:
        """The same within given limits."""
        budget = self.budget
        reach = {
            "reserves": np.maximum(self.free_balance - limits.reserve_floor * budget, 0.0),
            "deferral": limits.deferrable * loss,
            "concessions": limits.concessions * budget,
            "layoffs": limits.layoffs * budget,
            "taxes": limits.tax_cap * (self.grand_list / 1000),
        }
        found = np.empty((len(INSTRUMENTS), *loss.shape))  # at first all that each may take
        for place, name in enumerate(INSTRUMENTS):
            found[place] = reach[name]
        luck, chance, to_find = np.broadcast_to(luck, loss.shape), np.zeros_like(loss), loss.copy()
        town: Any = np.arange(len(loss)) if loss.ndim > 1 else ...  # one alone
        for turn in self.ranked.T:  # which of the means comes next, by town
            amount = np.minimum(to_find, found[turn, town])
            asks = turn == CONCESSIONS
            if asks.any():
                chance[asks] = concession_chance(
                    to_find[asks] / budget[asks], goodwill=limits.goodwill, fear=limits.fear
                )
                amount[asks] *= luck[asks] < chance[asks]
            found[turn, town] = amount
            to_find -= amount
        return Absorbed(**dict(zip(INSTRUMENTS, found, strict=True)), unabsorbed=to_find, chance=chance)

    def layoffs_feared(self, loss: Array) -> Array:
        """What a town would lay off for a threatened loss, M$/yr.

        Nobody knows yet how its own bargain would end, so both ends are weighed by their chance.
        """
        worlds = loss.shape[-1]
        twice, end = np.tile(np.arange(worlds), 2), np.repeat([0.0, 1.0], worlds)
        found = self.absorb(loss[..., twice], end, twice)
        chance, conceded, refused = found.chance[..., :worlds], found.layoffs[..., :worlds], found.layoffs[..., worlds:]
        return chance * conceded + (1 - chance) * refused
