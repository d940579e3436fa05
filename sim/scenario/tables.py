"""The tables of a scenario: read from CSV into frozen records of NumPy columns, one record a topic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sim.errors import WrongInput, nearest
from sim.public.seniority import Seniority
from sim.scenario.csv_table import AMOUNT, NUMBER, PEOPLE, REMARK, SHARE, TEXT, Column, Table, read_table
from sim.worlds.axis import Groups

LIST_SHARE = "_list_share"  # a column of the units table that ends so is a layoff list
DIVIDES = Column(at_least=1)  # dollars of which other amounts are told as a share

UNITS = {
    "union": TEXT,
    "unit": TEXT,
    "members": PEOPLE,
    "members_low": replace(PEOPLE, optional=True),
    "members_high": replace(PEOPLE, optional=True),
    "members_grade": REMARK,
    "pay_kusd": Column(at_least=1, at_most=1e4),
    "raise_due_pct": Column(at_least=0, at_most=20),
    "raise_due_grade": REMARK,
    "turnout_base": SHARE,
    "municipal_share": Column(at_least=0, at_most=1, optional=True),
    "votes_days_before": Column(at_least=0, at_most=60, whole=True, optional=True),
    "meetings_ratio": Column(at_least=0, at_most=100, optional=True),
    "rumours_ratio": Column(at_least=0, at_most=100, optional=True),
    "source": REMARK,
    "note": REMARK,
}
SENIORITY = {"years_low": AMOUNT, "years_high": AMOUNT, "share": SHARE, "source": REMARK}
LEGISLATORS = {
    "chamber": TEXT,
    "district": NUMBER,
    "name": TEXT,
    "party": TEXT,
    "malloy_share_2010": SHARE,
    "malloy_share_imputed": Column(kind="truth", optional=True),
    "own_dem_two_party_share_2010": Column(at_least=0, at_most=1, blank=True),
    "district_opinion": Column(),
    "district_opinion_sd": replace(AMOUNT, optional=True),
    "vote_budget_2011_05_03": TEXT,
    "source": REMARK,
}
DISTRICT_TOWNS = {"chamber": TEXT, "district": NUMBER, "town": TEXT, "weight": SHARE}
TOWNS = {
    "town": TEXT,
    "pop_july2011": PEOPLE,
    "gf_total_revenue_fy2011": DIVIDES,
    "gf_intergov_revenue_fy2011": AMOUNT,
    "gf_total_expenditure_fy2011": DIVIDES,
    "education_expenditure_fy2011": AMOUNT,
    "gf_unassigned_fund_balance_fy2011": Column(),
    "tax_levy_collectible_fy2011": AMOUNT,
    "net_grand_list_2010": AMOUNT,
    "equalized_grand_list": DIVIDES,
    "median_household_income_2011": AMOUNT,
    "moodys_july2011": REMARK,
    # what else is on record of Connecticut's towns; no rule reads it, so a table need not have it
    "county": REMARK,
    "form_of_government": REMARK,
    "gf_property_tax_revenue_fy2011": replace(AMOUNT, optional=True),
    "debt_service_fy2011": replace(AMOUNT, optional=True),
    "gf_total_fund_balance_fy2011": Column(optional=True),
    "tax_collection_rate_fy2011": replace(SHARE, optional=True),
    "mill_rate_fy2011_12": replace(AMOUNT, optional=True),
    "unemployment_rate_2011": replace(SHARE, optional=True),
    "pension_plan_members_2011_actives_and_retirees": replace(AMOUNT, blank=True, optional=True),
    "ecs_grant_fy2011": replace(AMOUNT, optional=True),
    "ecs_grant_fy2012": replace(AMOUNT, optional=True),
    "planB_june2011_quantifiable_cut": replace(AMOUNT, blank=True, optional=True),
    "malloy_share_2010": replace(SHARE, optional=True),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Bargaining units, one entry a unit; arrays have shape (units,)."""

    names: tuple[str, ...]
    union: NDArray[np.int64]  # row of the unit's union in `Unions`
    members: NDArray[np.float64]
    pay_kusd: NDArray[np.float64]  # average pay, thousand dollars a year
    raise_due_pct: NDArray[np.float64]  # general raise due at the start of the fiscal year, % of pay
    list_share: Mapping[str, NDArray[np.float64]]  # layoff list -> share of the unit's posts on it
    turnout_base: NDArray[np.float64]  # share that votes when nothing is at stake
    municipal_share: NDArray[np.float64]  # share of the parent union's members on municipal payrolls
    days_before: NDArray[np.float64]  # days from a unit's vote, and its tally, to the count
    meetings: NDArray[np.float64]  # held for the unit, against the campaign's number
    rumours: NDArray[np.float64]  # share of the unit that false claims reach in a week, against the campaign's


@dataclass(frozen=True, slots=True, kw_only=True)
class Unions:
    """Voting unions in the order in which the table first names them."""

    names: tuple[str, ...]
    members: NDArray[np.float64]  # shape (unions,)
    units: tuple[NDArray[np.int64], ...]  # rows of each union's units in `Units`
    average: Groups  # over a union's members, of what its units are or have
    sum: Groups  # over its units


@dataclass(frozen=True, slots=True, kw_only=True)
class Legislators:
    """Seats of both chambers; arrays have shape (seats,)."""

    names: tuple[str, ...]
    chamber: tuple[str, ...]  # "house" or "senate"
    party: tuple[str, ...]
    district: NDArray[np.int64]
    governor_share: NDArray[np.float64]  # his part of the two-party vote in the district, 2010
    own_share: NDArray[np.float64]  # the Democrats' part of the two-party vote for the seat, 2010; NaN in the Senate
    district_opinion: NDArray[np.float64]
    budget_vote: tuple[str, ...]  # "yea", "nay" or "absent" on the budget of May 2011


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictTowns:
    """Which towns a district covers. ``weight`` is the town's share of the district's ballots; shape (pairs,)."""

    seat: NDArray[np.int64]  # row in `Legislators`
    town: NDArray[np.int64]  # row in `Towns`
    weight: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TownBooks:
    """Towns' books and people; arrays have shape (towns,). Money in dollars of the fiscal year 2011."""

    names: tuple[str, ...]
    rating: tuple[str, ...]
    columns: Mapping[str, NDArray[np.float64]]  # every number of the table under its own name

    def __getitem__(self, column: str) -> NDArray[np.float64]:
        return self.columns[column]


def read_units(path: Path) -> tuple[Units, Unions]:
    """Units and, from the same table, their unions."""
    table = read_table(path, UNITS, ending={LIST_SHARE: SHARE})
    text, numbers = table.text, table.numbers
    pairs = list(zip(text["union"], text["unit"], strict=True))
    _refuse_doubles(table, "unit", text["unit"])
    union_names = tuple(dict.fromkeys(text["union"]))
    union = np.array([union_names.index(name) for name, _ in pairs], dtype=np.int64)
    members = numbers["members"]
    low, high = numbers.get("members_low", members), numbers.get("members_high", members)
    for row in np.flatnonzero((low > members) | (members > high)):
        raise WrongInput(
            f"{table.where(row)}: members = {members[row]:g} must lie in members_low..members_high, "
            f"[{low[row]:g}, {high[row]:g}]"
        )
    units = Units(
        names=text["unit"],
        union=union,
        members=members,
        pay_kusd=numbers["pay_kusd"],
        raise_due_pct=numbers["raise_due_pct"],
        list_share={name: column for name, column in numbers.items() if name.endswith(LIST_SHARE)},
        turnout_base=numbers["turnout_base"],
        days_before=numbers.get("votes_days_before", np.zeros(len(pairs))),
        meetings=numbers.get("meetings_ratio", np.ones(len(pairs))),
        rumours=numbers.get("rumours_ratio", np.ones(len(pairs))),
        municipal_share=numbers.get("municipal_share", np.zeros(len(pairs))),
    )
    rows = tuple(np.flatnonzero(union == place) for place in range(len(union_names)))
    return units, _unions(union_names, rows, members)


def _unions(names: tuple[str, ...], rows: tuple[NDArray[np.int64], ...], members: NDArray[np.float64]) -> Unions:
    """From each union's rows in the table of units, and the units' members."""
    every, of = np.concatenate(rows), np.repeat(np.arange(len(rows)), [len(own) for own in rows])
    shape = len(rows), len(members)
    return Unions(
        names=names,
        members=np.array([members[own].sum() for own in rows]),
        units=rows,
        average=Groups(of, every, np.concatenate([members[own] / members[own].sum() for own in rows]), shape=shape),
        sum=Groups(of, every, np.ones(len(every)), shape=shape),
    )


def read_seniority(path: Path) -> Seniority:
    """Bands of years of service; their shares of members sum to one and the bands follow one another."""
    table = read_table(path, SENIORITY)
    numbers = table.numbers
    total = numbers["share"].sum()
    if abs(total - 1) > 1e-6:
        raise WrongInput(f"{path.name}: share must sum to one over the bands, sums to {total:g}")
    low, high = numbers["years_low"], numbers["years_high"]
    for row in np.flatnonzero(high <= low):
        raise WrongInput(f"{table.where(row)}: years_high = {high[row]:g} must be above years_low")
    for row in np.flatnonzero(low[1:] != high[:-1]) + 1:
        raise WrongInput(f"{table.where(row)}: years_low = {low[row]:g} must be where the band before ends")
    return Seniority(years_low=low, years_high=high, share=numbers["share"] / total)


def read_legislators(path: Path) -> Legislators:
    """Seats of both chambers."""
    table = read_table(path, LEGISLATORS)
    text, numbers = table.text, table.numbers
    for column, valid in {
        "chamber": ("house", "senate"),
        "party": ("D", "R"),
        "vote_budget_2011_05_03": ("yea", "nay", "absent"),
    }.items():
        for row, cell in enumerate(text[column]):
            if cell not in valid:
                raise WrongInput(f"{table.where(row)}: {column} = {cell!r}{nearest(cell, valid)}")
    seats = [f"{chamber} {district:g}" for chamber, district in zip(text["chamber"], numbers["district"], strict=True)]
    _refuse_doubles(table, "district", seats)
    return Legislators(
        names=text["name"],
        chamber=text["chamber"],
        party=text["party"],
        district=numbers["district"].astype(np.int64),
        governor_share=numbers["malloy_share_2010"],
        own_share=numbers["own_dem_two_party_share_2010"],
        district_opinion=numbers["district_opinion"],
        budget_vote=text["vote_budget_2011_05_03"],
    )


def read_towns(path: Path) -> TownBooks:
    """The towns and their books."""
    table = read_table(path, TOWNS)
    _refuse_doubles(table, "town", table.text["town"])
    return TownBooks(
        names=table.text["town"],
        rating=table.text.get("moodys_july2011", ("",) * len(table)),
        columns=table.numbers,
    )


def read_district_towns(path: Path, legislators: Legislators, towns: TownBooks) -> DistrictTowns:
    """Districts and the towns they cover; weights sum to one in every district, within rounding to four places."""
    table = read_table(path, DISTRICT_TOWNS)
    seats = {place: row for row, place in enumerate(zip(legislators.chamber, legislators.district, strict=True))}
    rows = {name: row for row, name in enumerate(towns.names)}
    districts = list(zip(table.text["chamber"], table.numbers["district"].astype(int), strict=True))
    for row, (district, town) in enumerate(zip(districts, table.text["town"], strict=True)):
        if district not in seats:
            raise WrongInput(f"{table.where(row)}: district = {district[0]} {district[1]} has no legislator")
        if town not in rows:
            raise WrongInput(f"{table.where(row)}: town = {town!r} is not in the towns table{nearest(town, rows)}")
    seat = np.array([seats[district] for district in districts], dtype=np.int64)
    weight = table.numbers["weight"]
    total = np.bincount(seat, weights=weight, minlength=len(seats))
    for place in np.flatnonzero(np.abs(total - 1) > 5e-3):
        where = f"{legislators.chamber[place]} {legislators.district[place]}"
        raise WrongInput(f"{path.name}: weight must sum to one in every district, sums to {total[place]:g} in {where}")
    return DistrictTowns(
        seat=seat,
        town=np.array([rows[name] for name in table.text["town"]], dtype=np.int64),
        weight=weight / total[seat],
    )


def _refuse_doubles(table: Table, what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for row, value in enumerate(values):
        if value in seen:
            raise WrongInput(f"{table.where(row)}: {what} {value!r} appears twice")
        seen.add(value)
