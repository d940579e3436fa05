"""The towns: their books, the instruments they have, and which of these each would rather use.

A town lives on state aid or hardly knows it (Hartford 48 % of its revenue, Stamford 8 %), so the same cut makes some
mayors shout and leaves others silent. What a cut means to them is in ``sim/public/aid.py``,
a mayor's rules in ``agents/mayor.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import fsum
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import WrongInput, nearest
from sim.scenario.parameters import Number, Section, number
from sim.worlds.axis import TINY, Groups, Worlds, in_worlds

if TYPE_CHECKING:
    from sim.scenario.tables import DistrictTowns, TownBooks

INSTRUMENTS = ("reserves", "deferral", "concessions", "layoffs", "taxes")
RATINGS_IN_DANGER = ("A1", "A2", "A3", "Baa1", "Baa2", "Baa3")  # Moody's; most of the state's towns are Aa2 or better

# how unwelcome, against putting a loss off (1): judgements that give an order, no amount; a scenario may state its own
RATING_IN_DANGER = 1.5  # times the reluctance to draw reserves
THINNEST_RESERVES = 5.0  # at most, however thin they are
SCHOOLS_ONLY = 2.0  # concessions, where every worker bargains with the school board
LAYOFFS = 2.0
TAX_OF_THE_MEDIAN_TOWN = 1.5


class Towns(Section):
    """Who the towns are, how hard their mayors lobby, and how far each instrument reaches."""

    table: str = "towns.csv"
    districts: str = "district_towns.csv"
    boundaries: str = ""  # GeoJSON with the towns' outlines, for maps; none is fine
    dual_payroll: tuple[str, ...] = ()  # towns whose workers share a parent union with state workers
    order: Mapping[
        str, tuple[str, ...]
    ] = {}  # town -> its instruments, most welcome first; else derived from its books

    resolve: Number = number(
        "effort per share of budget",
        "Lobbying effort per share of the budget that the balance does not cover",
        at_least=0,
    )
    resolve_spread: Number = number(
        "share", "How far one mayor's resolve departs from another's, up or down", at_least=0, at_most=1
    )
    cushion_counted: Number = number(
        "share", "Part of the free balance a mayor counts on when he weighs a threat", at_least=0, at_most=1
    )
    together: Number = number(
        "ratio", "What a mayor's effort gains in weight when all lobby, against lobbying alone", at_least=0
    )
    spread: Number = number("share", "Aid as it is (0) to aid spread evenly per head (1)", at_least=0, at_most=1)
    reserve_floor: Number = number("share of budget", "Free balance a town will not go below", at_least=0, at_most=1)
    deferrable: Number = number(
        "share of loss", "Part of a loss a town can put off into the budget's second year", at_least=0, at_most=1
    )
    payroll_share: Number = number(
        "share of budget", "A town's wages and benefits, schools included", at_least=0.05, at_most=1
    )
    concession_share: Number = number("share of payroll", "Most a town asks of its own unions", at_least=0, at_most=1)
    bargain_goodwill: Number = number("logits", "Appeal of conceding to a town's own unions before any threat")
    bargain_fear: Number = number(
        "logits per share of payroll", "What the money still to be found adds to it, as a threat of layoffs", at_least=0
    )
    layoff_share: Number = number("share of payroll", "Most a town lays off in a year", at_least=0, at_most=1)
    post_cost: Number = number("M$/yr", "What one local post costs, wages and benefits", at_least=0.01)
    tax_cap: Number = number("mills", "Largest rise of the tax rate a town brings itself to in a year", at_least=0)


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

    def of(column: str, row: int) -> float:
        # a number of Python's, which leaves arrays in single precision as they are; one of NumPy's would not
        return float(books[column][row])

    return tuple(
        Town(
            name=name,
            population=of("pop_july2011", row),
            budget=dollars * of("gf_total_revenue_fy2011", row),
            aid=dollars * of("gf_intergov_revenue_fy2011", row),
            free_balance=dollars * of("gf_unassigned_fund_balance_fy2011", row),
            grand_list=dollars * of("net_grand_list_2010", row),
            tax_burden=1000 * of("tax_levy_collectible_fy2011", row) / of("equalized_grand_list", row),
            income=of("median_household_income_2011", row),
            school_share=of("education_expenditure_fy2011", row) / of("gf_total_expenditure_fy2011", row),
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
    thin = usual.cushion_share / max(town.cushion_share, TINY)
    watched = RATING_IN_DANGER if town.rating in RATINGS_IN_DANGER else 1.0
    taxed, poor = town.tax_burden / usual.tax_burden, usual.income / town.income
    return {
        "reserves": min(thin * watched, THINNEST_RESERVES),
        "deferral": 1.0,
        "concessions": SCHOOLS_ONLY * town.school_share,
        "layoffs": LAYOFFS,
        "taxes": TAX_OF_THE_MEDIAN_TOWN * taxed * poor,
    }


def orders_of_preference(towns: Sequence[Town], stated: Mapping[str, Sequence[str]]) -> tuple[tuple[str, ...], ...]:
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
    return tuple(tuple(stated.get(town.name, _by_reluctance(reluctance(town, usual)))) for town in towns)


def _by_reluctance(weight: Mapping[str, float]) -> tuple[str, ...]:
    """Least unwelcome first; ties in the order in which the instruments are listed."""
    return tuple(sorted(INSTRUMENTS, key=weight.__getitem__))


class Limits(NamedTuple):
    """How far every town's instruments reach, in shares of its budget unless named; each a number or (worlds,)."""

    reserve_floor: Worlds
    deferrable: Worlds  # share of the loss
    concessions: Worlds
    layoffs: Worlds
    tax_cap: Worlds  # mills
    goodwill: Worlds  # of a town's own unions, logits
    fear: Worlds  # logits per share of the budget still to be found
    post_cost: Worlds  # M$/yr

    @classmethod
    def of(cls, towns: Towns, here: NDArray[np.int64] | None = None) -> Limits:
        """From the section of towns; ``here``: in these worlds only."""
        limits = cls(
            reserve_floor=towns.reserve_floor,
            deferrable=towns.deferrable,
            concessions=towns.concession_share * towns.payroll_share,
            layoffs=towns.layoff_share * towns.payroll_share,
            tax_cap=towns.tax_cap,
            goodwill=towns.bargain_goodwill,
            fear=towns.bargain_fear / towns.payroll_share,
            post_cost=towns.post_cost,
        )
        return Limits(*(in_worlds(limit, here) for limit in limits))


class Districts:
    """Which towns vote in which seat, and each town's part of the seat's ballots."""

    def __init__(self, pairs: DistrictTowns | None, *, seats: int, towns: int) -> None:
        """From the table of pairs, whose rows are the legislators' and the towns'; without one there are no seats."""
        rows = [] if pairs is None else sorted(zip(pairs.town, pairs.seat, pairs.weight, strict=True))
        self.seats = 0 if pairs is None else seats
        town, seat, weight = zip(*rows, strict=True) if rows else ((), (), ())
        self._towns_of_seats = Groups(seat, town, weight, shape=(self.seats, towns))

    def average(self, by_town: NDArray[Any]) -> NDArray[Any]:
        """Average over a seat's towns by their ballots: from (towns, anything) to (seats, anything)."""
        return self._towns_of_seats.add_up(by_town)


@dataclass(frozen=True, kw_only=True)
class TownHalls:
    """The towns of a case with what is the same in all worlds; entries follow the table of towns."""

    towns: tuple[Town, ...]
    orders: tuple[tuple[str, ...], ...]  # each town's instruments, most welcome first
    ranked: NDArray[np.int64]  # the same as places in `INSTRUMENTS`, (towns, instruments)
    aid_share: tuple[float, ...]  # the town's part of all aid
    people_share: tuple[float, ...]  # the town's part of all inhabitants
    dual_payroll: frozenset[int]  # rows of towns that share a union with the state
    districts: Districts  # without a seat where the case has no legislature

    @classmethod
    def of(
        cls, towns: Sequence[Town], section: Towns, *, pairs: DistrictTowns | None = None, seats: int = 0
    ) -> TownHalls:
        """The towns with what the scenario says of them. Raises `WrongInput` for a town that is not in the table."""
        names = [town.name for town in towns]
        for name in section.dual_payroll:
            if name not in names:
                raise WrongInput(f"towns.dual_payroll: no town {name!r} in {section.table}{nearest(name, names)}")
        # exact sums, which are the same in any Python
        aid, people = fsum(town.aid for town in towns), fsum(town.population for town in towns)
        if aid <= 0:
            raise WrongInput(f"{section.table}: no town receives any aid, so there is nothing to cut")
        orders = orders_of_preference(towns, section.order)
        return cls(
            towns=tuple(towns),
            orders=orders,
            ranked=np.array([[INSTRUMENTS.index(name) for name in own] for own in orders]),
            aid_share=tuple(town.aid / aid for town in towns),
            people_share=tuple(town.population / people for town in towns),
            dual_payroll=frozenset(names.index(name) for name in section.dual_payroll),
            districts=Districts(pairs, seats=seats, towns=len(towns)),
        )

    @cached_property
    def books(self) -> dict[str, NDArray[np.float64]]:
        """What the towns' books say, by name, (towns, 1)."""
        names = ("budget", "free_balance", "grand_list", "cushion_share")
        return {name: np.array([[getattr(town, name)] for town in self.towns]) for name in names}

    @cached_property
    def shares(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Each town's part of all aid, and of all inhabitants, (towns, 1)."""
        return np.array(self.aid_share)[:, None], np.array(self.people_share)[:, None]

    @cached_property
    def loss_in_districts(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What a cut by 1 M$/yr takes from budgets of a seat's towns, (seats, 1): by aid as it is, and evenly."""
        aid, people = self.shares
        evenly = aid + (people - aid)  # as `shares_of_cut` has it, to the last bit
        as_it_is, even = (self.districts.average(share / self.books["budget"]) for share in (aid, evenly))
        return as_it_is, even
