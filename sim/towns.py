"""The towns: what a cut of state aid takes from each, how their mayors are heard, and what the towns do about it.

Aid is where the state budget meets the towns'. A town lives on it or hardly knows it (Hartford 48 % of revenue,
Stamford 8 %), so the same cut makes some mayors shout and leaves others silent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import WrongInput, nearest
from sim.parameters import Parameter, Section, number
from sim.randomness import Luck, uniforms
from sim.worlds import Worlds

if TYPE_CHECKING:
    import mesa

    from agents.mayor import Mayor
    from sim.tables import DistrictTowns, TownBooks

INSTRUMENTS = ("reserves", "deferral", "concessions", "layoffs", "taxes")
MOST_RELUCTANT = 5.0  # times as unwelcome as deferring, the yardstick
BELOW_WATCH = ("A1", "A2", "A3", "Baa1", "Baa2", "Baa3")  # Moody's, a notch from a dearer loan


class Towns(Section):
    """Who the towns are, how hard their mayors lobby, and how far each instrument reaches."""

    table: str = "towns.csv"
    districts: str = "district_towns.csv"
    dual_payroll: tuple[str, ...] = ()  # towns whose workers share a parent union with state workers
    order: Mapping[
        str, tuple[str, ...]
    ] = {}  # town -> its instruments, most welcome first; else derived from its books

    resolve: Parameter = number(
        "effort per share of budget",
        "Lobbying effort per share of the budget that the balance does not cover",
        at_least=0,
    )
    resolve_spread: Parameter = number(
        "share", "How far one mayor's resolve departs from another's, up or down", at_least=0, at_most=1
    )
    cushion_counted: Parameter = number(
        "share", "Part of the free balance a mayor counts on when he weighs a threat", at_least=0, at_most=1
    )
    together: Parameter = number(
        "ratio", "How much more a mayor weighs when all lobby than when he lobbies alone", at_least=0
    )
    spread: Parameter = number("share", "Aid as it is (0) to aid spread evenly per head (1)", at_least=0, at_most=1)
    reserve_floor: Parameter = number("share of budget", "Free balance a town will not go below", at_least=0, at_most=1)
    deferrable: Parameter = number(
        "share of loss", "Part of a loss a town can put off into the budget's second year", at_least=0, at_most=1
    )
    payroll_share: Parameter = number("share of budget", "A town's wages, schools included", at_least=0.05, at_most=1)
    concession_share: Parameter = number(
        "share of payroll", "Most a town asks of its own unions", at_least=0, at_most=1
    )
    bargain_goodwill: Parameter = number("logits", "Appeal of conceding to a town's own unions before any threat")
    bargain_fear: Parameter = number(
        "logits per share of payroll", "What the money still to be found adds to it, as a threat of layoffs", at_least=0
    )
    layoff_share: Parameter = number("share of payroll", "Most a town lays off in a year", at_least=0, at_most=1)
    post_cost: Parameter = number("M$/yr", "What one local post costs, wages and benefits", at_least=0.01)
    tax_cap: Parameter = number("mills", "Largest rise of the tax rate a town brings itself to in a year", at_least=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """One town's books, audited, M$ a year unless named; a blank rating means that no agency rates it."""

    name: str
    population: float
    budget: float  # general-fund revenue
    aid: float  # from state and federal government
    free_balance: float  # unassigned fund balance; may be negative
    grand_list: float  # taxable property, M$
    tax_burden: float  # levy over the equalised grand list, mills: comparable between towns
    income: float  # median household, dollars a year
    school_share: float  # schools in spending
    rating: str = ""

    def __post_init__(self) -> None:
        for name in ("population", "budget", "grand_list", "tax_burden", "income"):
            if not 0 < getattr(self, name) < np.inf:
                raise WrongInput(f"town {self.name!r}: {name} must be positive, got {getattr(self, name)!r}")
        if not 0 <= self.aid <= self.budget:
            raise WrongInput(f"town {self.name!r}: aid must lie between 0 and the budget, got {self.aid!r} M$/yr")
        if not 0 <= self.school_share <= 1:
            raise WrongInput(f"town {self.name!r}: school_share must be a share, got {self.school_share!r}")
        if not np.isfinite(self.free_balance):
            raise WrongInput(f"town {self.name!r}: free_balance must be finite, got {self.free_balance!r}")

    @property
    def aid_share(self) -> float:
        """How far the town lives on aid."""
        return self.aid / self.budget

    @property
    def cushion_share(self) -> float:
        """Free balance over budget; none where it is negative."""
        return max(self.free_balance, 0.0) / self.budget


def towns_of(books: TownBooks) -> tuple[Town, ...]:
    """The table's rows as records, in its order. Raises `WrongInput` where a town's books cannot be."""
    dollars = 1e-6
    return tuple(
        Town(
            name=name,
            population=books["pop_july2011"][row],
            budget=dollars * books["gf_total_revenue_fy2011"][row],
            aid=dollars * books["gf_intergov_revenue_fy2011"][row],
            free_balance=dollars * books["gf_unassigned_fund_balance_fy2011"][row],
            grand_list=dollars * books["net_grand_list_2010"][row],
            tax_burden=1000 * books["tax_levy_collectible_fy2011"][row] / books["equalized_grand_list"][row],
            income=books["median_household_income_2011"][row],
            school_share=books["education_expenditure_fy2011"][row] / books["gf_total_expenditure_fy2011"][row],
            rating=books.rating[row],
        )
        for row, name in enumerate(books.names)
    )


class MedianTown(NamedTuple):
    """What is usual in the state; a town is judged against it."""

    cushion_share: float
    tax_burden: float
    income: float

    @classmethod
    def of(cls, towns: Sequence[Town]) -> MedianTown:
        return cls(*(median(getattr(town, name) for town in towns) for name in cls._fields))


def reluctance(town: Town, usual: MedianTown) -> dict[str, float]:
    """How unwelcome each instrument is to a town, against putting a loss off (1); from its books, no unit.

    Reserves weigh by how thin they are against the median town's, half as much again where the bond rating is in
    danger. Concessions weigh by the schools' part of spending, whose teachers bargain with the school board and not
    with the mayor. A tax weighs by how taxed and how poor the town is against the median town. Layoffs are seldom
    first: twice the yardstick, so that a town which cannot tax lays off, and one which can spares its staff.
    """
    thin = usual.cushion_share / max(town.cushion_share, 1e-9)
    watched = 1.5 if town.rating in BELOW_WATCH else 1.0
    taxed, poor = town.tax_burden / usual.tax_burden, usual.income / town.income
    return {
        "reserves": min(thin * watched, MOST_RELUCTANT),
        "deferral": 1.0,
        "concessions": 2 * town.school_share,
        "layoffs": 2.0,
        "taxes": 1.5 * taxed * poor,
    }


def orders_of_preference(towns: Sequence[Town], stated: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Each town's instruments, most welcome first: as the scenario states it, else by `reluctance`.

    Raises `WrongInput` for a town that is not in the table or an order that is not one of the five instruments each.
    """
    names = [town.name for town in towns]
    for name, order in stated.items():
        if name not in names:
            raise WrongInput(f"towns.order: no town {name!r}{nearest(name, names)}")
        if sorted(order) != sorted(INSTRUMENTS):
            raise WrongInput(f"towns.order.{name} must name {', '.join(INSTRUMENTS)} once each, got {list(order)!r}")
    usual = MedianTown.of(towns)
    derived = {}
    for town in towns:
        weight = reluctance(town, usual)
        derived[town.name] = tuple(sorted(INSTRUMENTS, key=weight.__getitem__))  # ties in the order listed
    return {name: tuple(stated.get(name, derived[name])) for name in names}


def shares_of_cut(towns: Sequence[Town], spread: Worlds) -> list[Worlds]:
    """Each town's part of a cut of aid, one entry a town: in proportion to the aid it gets.

    ``spread`` moves the aid itself, at the same total and the same budgets, from where it is (0) to evenly per head
    (1), so that no town ever loses more than it gets.
    """
    aid, heads = sum(town.aid for town in towns), sum(town.population for town in towns)
    return [(1 - spread) * (town.aid / aid) + spread * (town.population / heads) for town in towns]


@dataclass(frozen=True, slots=True, kw_only=True)
class Districts:
    """Which towns vote in which seat: for every town its seats, and its part of each seat's ballots."""

    seats: int
    of_town: tuple[tuple[tuple[int, float], ...], ...]  # a town -> (row of the seat, share of the seat's ballots), ...

    @classmethod
    def of(cls, pairs: DistrictTowns, *, seats: int, towns: int) -> Districts:
        """From the table of pairs, whose rows of seats and towns are the legislators' and the towns'."""
        of_town: list[list[tuple[int, float]]] = [[] for _ in range(towns)]
        for seat, town, weight in zip(pairs.seat, pairs.town, pairs.weight, strict=True):
            of_town[town].append((int(seat), float(weight)))
        return cls(seats=seats, of_town=tuple(tuple(seats) for seats in of_town))

    def add(self, by_seat: NDArray[np.float64], town: int, amount: Worlds) -> None:
        """Add one town's amount to every seat it votes in, by its part of the seat's ballots; (seats, worlds)."""
        for seat, weight in self.of_town[town]:
            by_seat[seat] += weight * amount

    def average(self, by_town: NDArray[np.float64]) -> NDArray[np.float64]:
        """Average over a seat's towns by their ballots: from (towns, anything) to (seats, anything)."""
        by_seat = np.zeros((self.seats, by_town.shape[-1]))
        for town, amount in enumerate(by_town):
            self.add(by_seat, town, amount)
        return by_seat


class Lobbying(NamedTuple):
    """What a threat of less aid sets in motion."""

    loss_share: NDArray[np.float64]  # what a district's towns would lose, share of their budgets, (seats, worlds)
    felt: NDArray[np.float64]  # mayors' lobbying as the legislator feels it, in [0, 1], (seats, worlds)
    chorus: NDArray[np.float64]  # effort of the average inhabitant's mayor, in [0, 1], (worlds,)


def heard_together(chorus: Worlds, *, together: Worlds) -> Worlds:
    """Weight, in (0, 1], of every mayor's effort when a share ``chorus`` of the state's people is spoken for.

    A lone mayor weighs 1 / (1 + together), all mayors at full effort 1: the weight rises with everybody's effort, so
    all together move a legislator more than the sum of what each would alone.
    """
    return (1 + together * chorus) / (1 + together)


def lobby(mayors: Sequence[Mayor], districts: Districts, threat: NDArray[np.float64], *, value: Any) -> Lobbying:
    """All mayors lobby against a threatened cut of state aid, M$/yr, (worlds,). ``value``: the section's numbers."""
    towns = [mayor.town for mayor in mayors]
    own, chorus = np.zeros((districts.seats, len(threat))), np.zeros(len(threat))
    heads = sum(town.population for town in towns)
    for row, (mayor, share) in enumerate(zip(mayors, shares_of_cut(towns, value.spread), strict=True)):
        effort = mayor.lobby(threat * (share / mayor.town.budget), cushion_counted=value.cushion_counted)
        if effort.any():
            districts.add(own, row, effort)
            chorus += (mayor.town.population / heads) * effort
    own *= heard_together(chorus, together=value.together)
    loss_share = loss_in_districts(towns, districts, threat, spread=value.spread)
    return Lobbying(loss_share=loss_share, felt=own, chorus=chorus)


def loss_in_districts(
    towns: Sequence[Town], districts: Districts, threat: NDArray[np.float64], *, spread: Worlds
) -> NDArray[np.float64]:
    """What a district's towns would lose of their budgets, (seats, worlds). Linear in the cut, so averaged once."""
    budgets = np.array([town.budget for town in towns])
    as_it_is, evenly = (np.array(shares_of_cut(towns, end)) / budgets for end in (0.0, 1.0))
    by_seat = np.empty((districts.seats, len(threat)))
    per_musd = districts.average(np.column_stack([as_it_is, evenly]))
    for loss, (now, even) in zip(by_seat, per_musd, strict=True):
        np.multiply(threat, (1 - spread) * now + spread * even, out=loss)
    return by_seat


class Limits(NamedTuple):
    """How far a town's instruments reach, each a number or (worlds,); see the section for units."""

    reserve_floor: Worlds
    deferrable: Worlds
    payroll_share: Worlds
    concession_share: Worlds
    bargain_goodwill: Worlds
    bargain_fear: Worlds
    layoff_share: Worlds
    post_cost: Worlds
    tax_cap: Worlds

    @classmethod
    def of(cls, value: Any) -> Limits:
        """From the section's numbers."""
        return cls(*(getattr(value, name) for name in cls._fields))

    def in_worlds(self, chosen: NDArray[np.int64]) -> Limits:
        """The same in some of the worlds."""
        return Limits(*(limit[chosen] if np.ndim(limit) else limit for limit in self))


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
    aid_cut: NDArray[np.float64],
    *,
    value: Any,
    seed: int,
    worlds: NDArray[np.int64],
    dual_payroll: Iterable[str] = (),
) -> TownsHit:
    """Every town absorbs its part of a cut of state aid, M$/yr, (worlds,); towns where no world cuts are left alone."""
    hit = TownsHit.unharmed(len(mayors), len(worlds))
    cut = np.flatnonzero(aid_cut > 0)
    if not len(cut):
        return hit
    luck = uniforms(seed, Luck.TOWN_UNIONS, worlds, len(mayors))[:, cut]
    limits, aid_lost = Limits.of(value).in_worlds(cut), aid_cut[cut]
    spread = value.spread[cut] if np.ndim(value.spread) else value.spread
    shares = shares_of_cut([mayor.town for mayor in mayors], spread)
    sums = np.zeros((len(INSTRUMENTS) + 1, len(cut)))
    mills_of_all, dual_layoffs = np.zeros((2, len(cut)))
    heads = sum(mayor.town.population for mayor in mayors)
    dual = set(dual_payroll)
    for row, (mayor, share) in enumerate(zip(mayors, shares, strict=True)):
        loss = aid_lost * share
        done = mayor.absorb(loss, limits=limits, luck=luck[row])
        for total, part in zip(sums, done, strict=False):
            total += part
        mills = done.taxes * (1000 / mayor.town.grand_list)
        mills_of_all += (mayor.town.population / heads) * mills
        if mayor.town.name in dual:
            dual_layoffs += done.layoffs
        hit.town_loss[row] = loss.sum() / len(worlds)
        hit.town_mills[row] = mills.sum() / len(worlds)
        hit.town_posts[row] = (done.layoffs / limits.post_cost).sum() / len(worlds)
    for name, total in zip((*INSTRUMENTS, "unabsorbed"), sums, strict=True):
        getattr(hit, name)[cut] = total
    hit.posts[cut] = hit.layoffs[cut] / limits.post_cost
    hit.mill_rise[cut] = mills_of_all
    hit.local_risk[cut] = dual_layoffs / _dual_payroll(mayors, dual, limits.payroll_share)
    return hit


def threatened_local_risk(
    mayors: Sequence[Mayor], threat: Worlds, *, value: Any, dual_payroll: Iterable[str]
) -> Worlds:
    """Share of payroll that towns sharing a union with the state would lay off under a threatened cut, (worlds,).

    Nobody knows yet how the towns' own bargains would end, so both ends are weighed by their chance.
    """
    dual = set(dual_payroll)
    if not dual:
        return np.zeros_like(threat)
    limits = Limits.of(value)
    shares = shares_of_cut([mayor.town for mayor in mayors], value.spread)
    expected = 0.0
    for mayor, share in zip(mayors, shares, strict=True):
        if mayor.town.name in dual:
            conceded = mayor.absorb(threat * share, limits=limits, luck=0.0)
            refused = mayor.absorb(threat * share, limits=limits, luck=1.0)
            expected = expected + conceded.chance * conceded.layoffs + (1 - conceded.chance) * refused.layoffs
    return expected / _dual_payroll(mayors, dual, limits.payroll_share)


def _dual_payroll(mayors: Sequence[Mayor], dual: set[str], payroll_share: Worlds) -> Worlds:
    """Wages of the towns in question, M$/yr; one dollar where there are none, so that nothing is divided by zero."""
    return max(sum(mayor.town.budget for mayor in mayors if mayor.town.name in dual), 1e-6) * payroll_share


def make_mayors(
    model: mesa.Model,
    towns: Sequence[Town],
    stated_orders: Mapping[str, Sequence[str]],
    *,
    value: Any,
    seed: int,
    worlds: NDArray[np.int64],
) -> list[Mayor]:
    """A mayor a town, each with a resolve of his own in every world and his town's order of preference."""
    from agents.mayor import Mayor

    orders = orders_of_preference(towns, stated_orders)
    drawn = uniforms(seed, Luck.MAYORS, worlds, len(towns))
    return [
        Mayor(
            model,
            town=town,
            order=orders[town.name],
            resolve=value.resolve * (1 + value.resolve_spread * (2 * luck - 1)),
        )
        for town, luck in zip(towns, drawn, strict=True)
    ]
