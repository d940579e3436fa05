"""Who sits in the chambers, and what the recorded roll call says of how such seats vote.

A seat is described by the same numbers in the fit (`experiments.calibration.roll_call`) and in the model; the fit's
coefficients come with their covariance, and every world draws its own, so that what the roll call leaves open stays
open.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.errors import WrongInput, nearest
from sim.scenario.csv_table import Column, read_table
from sim.scenario.tables import DistrictTowns, Legislators, TownBooks
from sim.worlds.axis import single
from sim.worlds.randomness import Luck, Stream

# What a roll call is explained by, in the order of the coefficients. Written once, here: the fit
# (`experiments.calibration.roll_call`) and the model describe a seat by the same numbers.
COVARIATES = ("constant", "party", "senate", "governor_share", "own_margin", "district_opinion", "aid_dependence")
TEN_POINTS = 0.1  # shares are told in steps of ten points, so that coefficients are logits per ten points
USUAL_MARGIN = 0.15  # a middling winner's share beyond one half; stands in where a seat's own margin is not on record
USUAL_OPINION = -0.29  # survey scale, left negative: the average seat
USUAL_DEPENDENCE = 0.24  # share of towns' revenue from aid: the average seat


@dataclass(frozen=True, kw_only=True)
class Seat:
    """One seat and who holds it; the same in every world."""

    name: str
    chamber: str  # "house" or "senate"
    district: int
    of_governors_party: bool
    governor_share: float  # the governor's part of the two-party vote in the district
    own_margin: float | None  # the member's own part of the two-party vote beyond one half; None where not on record
    district_opinion: float  # survey estimate, left negative
    aid_dependence: float  # aid as a share of the revenue of the towns the district covers
    recorded_vote: str = ""  # "yea", "nay" or "absent" on the roll call of the fit, where on record

    @property
    def side(self) -> float:
        """+1 on the governor's side of the aisle, -1 across from it."""
        return 1.0 if self.of_governors_party else -1.0

    @cached_property
    def covariates(self) -> dict[str, float]:
        """The seat as the fit sees it: by `COVARIATES`, centred so that the constant means a middling seat."""
        margin = USUAL_MARGIN if self.own_margin is None else self.own_margin
        # a safe seat frees a member of the governor's party to follow him, and one of the other party to oppose him
        return {
            "constant": 1.0,
            "party": 0.5 * self.side,
            "senate": float(self.chamber == "senate"),
            "governor_share": (self.governor_share - 0.5) / TEN_POINTS,
            "own_margin": self.side * (margin - USUAL_MARGIN) / TEN_POINTS,
            "district_opinion": (USUAL_OPINION - self.district_opinion) / TEN_POINTS,
            "aid_dependence": (self.aid_dependence - USUAL_DEPENDENCE) / TEN_POINTS,
        }


class Seats(tuple[Seat, ...]):
    """Seats in the order of their table, and what they are in columns, (seats, 1): the same in all worlds."""

    @classmethod
    def of(cls, seats: Iterable[Seat]) -> Seats:
        """These seats; those that are in columns already stay as they are."""
        return seats if isinstance(seats, cls) else cls(seats)

    @cached_property
    def side(self) -> NDArray[Any]:
        """+1 on the governor's side of the aisle, -1 across from it."""
        return single([[seat.side] for seat in self])

    @cached_property
    def covariates(self) -> dict[str, NDArray[Any]]:
        """What each seat is for the fit, by name."""
        return {name: single([[seat.covariates[name]] for seat in self]) for name in COVARIATES}

    @cached_property
    def recorded(self) -> dict[str, NDArray[np.int64]]:
        """The rows of the seats that cast each vote on record, by the vote; "" where none is."""
        votes = np.array([seat.recorded_vote for seat in self])
        return {vote: np.flatnonzero(votes == vote) for vote in ("yea", "nay", "absent", "")}


def aid_dependence(books: TownBooks, pairs: DistrictTowns, seats: int) -> NDArray[np.float64]:
    """Aid as a share of the revenue of each district's towns, weighed by their ballots, (seats,)."""
    share = books["gf_intergov_revenue_fy2011"] / books["gf_total_revenue_fy2011"]
    return np.bincount(pairs.seat, weights=pairs.weight * share[pairs.town], minlength=seats).astype(float)


def seats_of(
    table: Legislators, *, governors_party: str = "D", dependence: NDArray[np.float64] | None = None
) -> list[Seat]:
    """The table's rows as records, in its order. Without towns every district depends on aid as the average does."""
    if dependence is None:
        dependence = np.full(len(table.names), USUAL_DEPENDENCE)
    seats = []
    for row, name in enumerate(table.names):
        democrats_share = table.own_share[row]
        margin = None
        if np.isfinite(democrats_share):
            margin = float(democrats_share - 0.5) * (1 if table.party[row] == "D" else -1)
        seats.append(
            Seat(
                name=name,
                chamber=table.chamber[row],
                district=int(table.district[row]),
                of_governors_party=table.party[row] == governors_party,
                governor_share=float(table.governor_share[row]),
                own_margin=margin,
                district_opinion=float(table.district_opinion[row]),
                aid_dependence=float(dependence[row]),
                recorded_vote=table.budget_vote[row],
            )
        )
    return seats


@dataclass(frozen=True, slots=True, kw_only=True)
class Coefficients:
    """The fitted roll call, in the order of `COVARIATES`; logits per unit of each covariate."""

    mean: NDArray[np.float64]  # (covariates,)
    root: NDArray[np.float64]  # (covariates, covariates), lower triangular; root @ root.T is the covariance

    def drawn(self, luck: Luck) -> dict[str, NDArray[np.float64]]:
        """Every world's own coefficients, from the fit's normal; by name, each (worlds,)."""
        normals = luck.normals(Stream.COEFFICIENTS, len(COVARIATES))
        drawn = self.mean[:, None]
        # summed in one order and not as a matrix product, so that a world alone gets the same to the last bit
        for column, own in zip(self.root.T, normals, strict=True):
            drawn = drawn + column[:, None] * own
        return dict(zip(COVARIATES, drawn, strict=True))

    def expected(self) -> dict[str, float]:
        """The mode itself, by name."""
        return dict(zip(COVARIATES, map(float, self.mean), strict=True))


def read_coefficients(mean: Path, covariance: Path) -> Coefficients:
    """The two tables that the fit writes. Raises `WrongInput` where they do not fit this model's covariates."""
    numbers = {"coefficient": Column(), "standard_error": Column(at_least=0), "prior_sd": Column(at_least=0)}
    table = read_table(mean, {"covariate": Column(kind="text"), **numbers})
    _refuse_other_covariates(mean, table.text["covariate"])
    square = read_table(covariance, {"covariate": Column(kind="text"), **{name: Column() for name in COVARIATES}})
    _refuse_other_covariates(covariance, square.text["covariate"])
    matrix = np.column_stack([square.numbers[name] for name in COVARIATES])
    if not np.allclose(matrix, matrix.T, atol=1e-6):
        raise WrongInput(f"{covariance.name}: is not symmetric, so it is no covariance")
    try:
        root = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        raise WrongInput(f"{covariance.name}: is not positive definite, so it is no covariance") from None
    return Coefficients(mean=table.numbers["coefficient"], root=root)


def _refuse_other_covariates(path: Path, names: tuple[str, ...]) -> None:
    if names == COVARIATES:
        return
    for name in names:
        if name not in COVARIATES:
            raise WrongInput(f"{path.name}: unknown covariate {name!r}{nearest(name, COVARIATES)}")
    raise WrongInput(f"{path.name}: must name the covariates {', '.join(COVARIATES)} once each, in this order")
