"""How a legislator's seat explains the vote on the governor's budget of 3 May 2011.

    python -m experiments.calibration.roll_call [FOLDER OF A SCENARIO]

Writes ``roll_call_coefficients.csv`` and ``roll_call_covariance.csv`` into the scenario's folder, from which every
world draws coefficients of its own. All Republicans voted no, which separates the parties: the likelihood alone would
send the party's coefficient to infinity. So this is a Bayesian logit with weakly informative priors (Gelman, Jakulin,
Pittau, Su 2008, Annals of Applied Statistics 2(4)), here the defaults of rstanarm: normal, centred on zero, 2.5 logits
for the constant and 2.5 logits per standard deviation of a covariate. It is found as a ridge regression by
`statsmodels`, with the curvature at the mode as its covariance (Laplace).

What it cannot do. Eighteen members broke ranks, so only the governor's share in the district is told apart from noise;
the other coefficients are kept with their errors and not read as findings. How loyal the other party is to itself is
the prior's word: 66 of 66 fit any pull above four logits. Aid to towns was whole in that budget, so the coefficient of
dependence says nothing of what a cut would do; that is a judgement with a range, in the scenario. Senators' own margins
and the places where state workers live are not on record.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels.api as sm
from numpy.typing import NDArray

from experiments.calibration.scores import auc
from sim.scenario.seats import COVARIATES, Seat, aid_dependence, seats_of
from sim.scenario.tables import read_district_towns, read_legislators, read_towns

SCENARIO = Path(__file__).resolve().parents[2] / "sim" / "scenarios" / "connecticut-2011"
PRIOR_SD = 2.5  # logits per standard deviation of a covariate, and of the constant
POLISH = 3  # Newton steps from where statsmodels stops, within a thousandth, to the mode itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Mode and covariance of the coefficients, in the order of `COVARIATES`."""

    mean: NDArray[np.float64]  # (covariates,)
    covariance: NDArray[np.float64]  # (covariates, covariates)

    def yes_probability(self, design: NDArray[np.float64]) -> NDArray[np.float64]:
        """Chance of a yea at the mode, (seats,)."""
        return 1 / (1 + np.exp(-design @ self.mean))


def seats_that_voted(folder: Path) -> list[Seat]:
    """The seats on record with a yea or a nay."""
    table = read_legislators(folder / "legislators.csv")
    books = read_towns(folder / "towns.csv")
    pairs = read_district_towns(folder / "district_towns.csv", table, books)
    seats = seats_of(table, dependence=aid_dependence(books, pairs, len(table.names)))
    return [seat for seat in seats if seat.recorded_vote in ("yea", "nay")]


def design_matrix(seats: list[Seat]) -> NDArray[np.float64]:
    """Covariates of the seats, (seats, covariates)."""
    return np.array([[seat.covariates[name] for name in COVARIATES] for seat in seats])


def prior_sd(design: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviations of the priors, logits per unit of each covariate, (covariates,)."""
    spread = design.std(axis=0)
    return PRIOR_SD / np.where(spread > 0, spread, 1.0)


def fit(design: NDArray[np.float64], yea: NDArray[np.float64], sd: NDArray[np.float64]) -> Fit:
    """Bayesian logit with independent normal priors of these standard deviations around zero."""
    model = sm.GLM(yea, design, family=sm.families.Binomial())
    # statsmodels penalises the mean log-likelihood by alpha / 2 x coefficient squared; L1_wt=0 is the normal prior
    mode = model.fit_regularized(alpha=1 / (len(yea) * sd**2), L1_wt=0.0, start_params=np.zeros(len(sd))).params
    for _ in range(POLISH):
        information = -model.hessian(mode, observed=True) + np.diag(1 / sd**2)
        mode = mode + np.linalg.solve(information, model.score(mode) - mode / sd**2)
    return Fit(mean=mode, covariance=np.linalg.inv(information))


def folded(
    design: NDArray[np.float64], yea: NDArray[np.float64], sd: NDArray[np.float64], *, folds: int, seed: int = 0
) -> NDArray[np.float64]:
    """Chance of a yea of every seat from a fit to the other folds, (seats,).

    Folds are made at random, with yeas and nays spread evenly; as many folds as seats leave each out in turn.
    """
    order = np.random.default_rng(seed).permutation(len(yea))
    fold = np.empty(len(yea), dtype=int)
    fold[order[np.argsort(yea[order], kind="stable")]] = np.arange(len(yea)) % folds
    chance = np.empty(len(yea))
    for held_out in range(folds):
        out = fold == held_out
        chance[out] = fit(design[~out], yea[~out], sd).yes_probability(design[out])
    return chance


def write(folder: Path, found: Fit, sd: NDArray[np.float64]) -> None:
    """The two tables that the scenario loads."""
    error = np.sqrt(np.diag(found.covariance))
    coefficients = {"coefficient": found.mean, "standard_error": error, "prior_sd": sd}
    for name, table, digits in (
        ("roll_call_coefficients.csv", pd.DataFrame(coefficients, COVARIATES), 6),
        ("roll_call_covariance.csv", pd.DataFrame(found.covariance, COVARIATES, COVARIATES), 8),
    ):
        table.to_csv(folder / name, index_label="covariate", float_format=f"%.{digits}f", lineterminator="\n")


def main(folder: Path = SCENARIO) -> None:
    """Fit, report, write."""
    seats = seats_that_voted(folder)
    design, yea = design_matrix(seats), np.array([float(seat.recorded_vote == "yea") for seat in seats])
    sd = prior_sd(design)
    found = fit(design, yea, sd)
    write(folder, found, sd)
    for name, mean, error in zip(COVARIATES, found.mean, np.sqrt(np.diag(found.covariance)), strict=True):
        print(f"{name:18s} {mean:8.3f}  standard error {error:6.3f}")
    own = np.array([seat.of_governors_party for seat in seats])
    broke = yea[own] == 0
    print(f"broke ranks: {broke.sum()} of {own.sum()} of the governor's party")
    print(f"AUC in the sample          {auc(-found.yes_probability(design)[own], broke):.3f}")
    print(f"AUC, each left out in turn {auc(-folded(design, yea, sd, folds=len(yea))[own], broke):.3f}")
    ten = [auc(-folded(design, yea, sd, folds=5, seed=seed)[own], broke) for seed in range(10)]
    print(f"AUC, five folds            {np.mean(ten):.3f} (ten divisions: {min(ten):.3f} to {max(ten):.3f})")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else SCENARIO)
