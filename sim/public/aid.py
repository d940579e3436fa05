"""What a cut of state aid sets in motion: mayors lobby while it threatens, towns absorb it when it comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.public.towns import INSTRUMENTS, Limits, TownHalls
from sim.worlds.axis import Worlds, single
from sim.worlds.randomness import Luck, coarse, uniform_at

if TYPE_CHECKING:
    import mesa

    from agents.mayor import Mayor


def make_mayors(
    model: mesa.Model, halls: TownHalls, *, value: Any, seed: int, worlds: NDArray[np.int64]
) -> list[Mayor]:
    """A mayor a town, each with a resolve of his own in every world. ``value``: the numbers of the section of towns."""
    from agents.mayor import Mayor

    drawn = coarse(seed, Luck.MAYORS, worlds, len(halls.towns))
    least, most = (single(value.resolve * (1 + sign * value.resolve_spread)) for sign in (-1, 1))
    return [
        Mayor(model, town=town, order=order, resolve=least + (most - least) * uniform_at(luck, least.dtype))
        for town, order, luck in zip(halls.towns, halls.orders, drawn, strict=True)
    ]


def shares_of_cut(halls: TownHalls, spread: Worlds) -> list[Worlds]:
    """Each town's part of a cut of aid, one entry a town: in proportion to the aid it gets.

    ``spread`` moves the aid itself, at the same total and the same budgets, from where it is (0) to evenly per head
    (1), so that no town ever loses more than it gets.
    """
    return [aid + spread * (people - aid) for aid, people in zip(halls.aid_share, halls.people_share, strict=True)]


def loss_in_districts(halls: TownHalls, threat: NDArray[np.float64], *, spread: Worlds) -> NDArray[np.float64]:
    """What a district's towns would lose of their budgets, (seats, worlds). Linear in the cut, so averaged once."""
    budgets = np.array([town.budget for town in halls.towns])
    per_musd = np.column_stack([np.array(shares_of_cut(halls, end)) / budgets for end in (0.0, 1.0)])
    by_seat = np.empty((halls.districts.seats, len(threat)), threat.dtype)
    for loss, (as_it_is, evenly) in zip(by_seat, halls.districts.average(per_musd).tolist(), strict=True):
        np.multiply(threat, as_it_is + spread * (evenly - as_it_is), out=loss)
    return by_seat


def loss_per_head(halls: TownHalls, town_loss: NDArray[np.float64]) -> dict[str, float]:
    """Dollars of aid a year that each town's inhabitants lose, from what the towns lose in M$/yr, (towns,)."""
    return {town.name: 1e6 * loss / town.population for town, loss in zip(halls.towns, town_loss, strict=True)}


def loss_by_seat(halls: TownHalls, town_loss: NDArray[np.float64]) -> NDArray[np.float64]:
    """Likewise by seat: the share of their budgets that its towns lose, (seats,)."""
    budgets = np.array([town.budget for town in halls.towns])
    return halls.districts.average((town_loss / budgets)[:, None])[:, 0]


def weight_together(chorus: Worlds, *, together: Worlds) -> Worlds:
    """Weight of every mayor's effort when a share ``chorus`` of the state's people is spoken for: a lone mayor's is 1.

    It rises to 1 + together when all are at full effort, so all together move a legislator more than the sum of what
    each would alone.
    """
    return 1 + together * chorus


class Lobbying(NamedTuple):
    """What a threat of less aid sets in motion."""

    loss_share: NDArray[np.float64]  # what a district's towns would lose, share of their budgets, (seats, worlds)
    felt: NDArray[np.float64]  # mayors' lobbying as the legislator feels it, in [0, 1 + together], (seats, worlds)
    chorus: NDArray[np.float64]  # effort of the average inhabitant's mayor, in [0, 1], (worlds,)


def lobby(mayors: Sequence[Mayor], halls: TownHalls, threat: NDArray[np.float64], *, value: Any) -> Lobbying:
    """All mayors lobby against a threatened cut of aid, M$/yr, (worlds,). ``value``: the section's numbers.

    A case without a legislature has no seats, so nobody hears them.
    """
    threat, spread, cushion_counted = single(threat), single(value.spread), single(value.cushion_counted)
    efforts, chorus = np.empty((len(mayors), len(threat)), threat.dtype), np.zeros_like(threat)
    for row, (mayor, share) in enumerate(zip(mayors, shares_of_cut(halls, spread), strict=True)):
        efforts[row] = mayor.lobby(threat * (share / mayor.town.budget), cushion_counted=cushion_counted)
        chorus += halls.people_share[row] * efforts[row]
    felt = halls.districts.average(efforts)
    felt *= weight_together(chorus, together=single(value.together))
    loss_share = loss_in_districts(halls, threat, spread=spread)
    return Lobbying(loss_share=loss_share, felt=felt, chorus=chorus.astype(float))


@dataclass(frozen=True, slots=True, kw_only=True)
class TownsHit:
    """What a cut of aid did: statewide by world, and by town on average over worlds."""

    reserves: NDArray[np.float64]  # M$/yr, (worlds,), as are the next five; they add up to the aid cut
    deferral: NDArray[np.float64]
    concessions: NDArray[np.float64]
    layoffs: NDArray[np.float64]
    taxes: NDArray[np.float64]
    unabsorbed: NDArray[np.float64]
    posts: NDArray[np.float64]  # local posts lost, (worlds,)
    mill_rise: NDArray[np.float64]  # of the average inhabitant's town, mills, (worlds,)
    local_risk: NDArray[np.float64]  # share of payroll laid off in towns that share a union with the state, (worlds,)
    town_loss: NDArray[np.float64]  # aid lost, M$/yr, mean over worlds, (towns,)
    town_mills: NDArray[np.float64]  # rise of the tax rate, mills, mean over worlds, (towns,)
    town_posts: NDArray[np.float64]  # local posts lost, mean over worlds, (towns,)

    @classmethod
    def unharmed(cls, towns: int, worlds: int) -> TownsHit:
        """Nothing has happened yet."""
        return cls(**{f.name: np.zeros(towns if f.name.startswith("town_") else worlds) for f in fields(cls)})

    @property
    def columns(self) -> dict[str, NDArray[np.float64]]:
        """The measures of a world's row, by name."""
        return {
            "reserves_drawn": self.reserves,
            "town_deferral": self.deferral,
            "town_concessions": self.concessions,
            "local_layoffs": self.layoffs,
            "local_taxes": self.taxes,
            "town_unabsorbed": self.unabsorbed,
            "local_layoffs_posts": self.posts,
            "mill_rise_mean": self.mill_rise,
        }


def absorb(
    mayors: Sequence[Mayor],
    halls: TownHalls,
    aid_cut: NDArray[np.float64],
    *,
    value: Any,
    seed: int,
    worlds: NDArray[np.int64],
) -> TownsHit:
    """Every town absorbs its part of a cut of aid, M$/yr, (worlds,); only worlds that cut are looked at."""
    hit = TownsHit.unharmed(len(mayors), len(worlds))
    cut = np.flatnonzero(aid_cut > 0)
    if not len(cut):
        return hit
    luck = uniform_at(coarse(seed, Luck.TOWN_UNIONS, worlds[cut], len(mayors)))
    limits = Limits.of(value).in_worlds(cut)
    spread = value.spread[cut] if np.ndim(value.spread) else value.spread
    cut_there, found = aid_cut[cut], np.zeros((len(INSTRUMENTS) + 1, len(cut)))
    mill_rise, dual_layoffs = np.zeros((2, len(cut)))
    for row, (mayor, share) in enumerate(zip(mayors, shares_of_cut(halls, spread), strict=True)):
        loss = cut_there * share
        done = mayor.absorb(loss, limits=limits, luck=luck[row])
        for total, part in zip(found, done, strict=False):  # the chance comes last and is no money
            total += part
        mills = done.taxes * (1000 / mayor.town.grand_list)
        mill_rise += halls.people_share[row] * mills
        if row in halls.dual_payroll:
            dual_layoffs += done.layoffs
        hit.town_loss[row] = loss.sum() / len(worlds)
        hit.town_mills[row] = mills.sum() / len(worlds)
        hit.town_posts[row] = (done.layoffs / limits.post_cost).sum() / len(worlds)
    for name, total in zip((*INSTRUMENTS, "unabsorbed"), found, strict=True):
        getattr(hit, name)[cut] = total
    hit.posts[cut] = hit.layoffs[cut] / limits.post_cost
    hit.mill_rise[cut] = mill_rise
    wages = np.broadcast_to(_dual_wages(halls, value.payroll_share), len(worlds))
    hit.local_risk[cut] = dual_layoffs / wages[cut]
    return hit


def threatened_local_risk(
    mayors: Sequence[Mayor], halls: TownHalls, threat: NDArray[np.float64], *, value: Any
) -> NDArray[np.float64]:
    """Share of payroll that towns sharing a union with the state would lay off under a threatened cut, (worlds,).

    Nobody knows yet how the towns' own bargains would end, so both ends are weighed by their chance.
    """
    limits, expected = Limits.of(value), np.zeros(len(threat))
    shares = shares_of_cut(halls, value.spread)
    for row in sorted(halls.dual_payroll):
        loss = threat * shares[row]
        conceded = mayors[row].absorb(loss, limits=limits, luck=0.0)
        refused = mayors[row].absorb(loss, limits=limits, luck=1.0)
        expected += conceded.chance * conceded.layoffs + (1 - conceded.chance) * refused.layoffs
    return expected / _dual_wages(halls, value.payroll_share)


def _dual_wages(halls: TownHalls, payroll_share: Worlds) -> Worlds:
    """Wages of the towns that share a union with the state, M$/yr; never zero, so that none divides none."""
    return max(sum(halls.towns[row].budget for row in halls.dual_payroll), 1e-6) * payroll_share
