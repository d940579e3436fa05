"""Many worlds of one scenario, summed up as they come: memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from experiments.statistics.intervals import wilson_interval
from sim.bargaining.impasse import IN_WORDS, Reason
from sim.measures import Block
from sim.outcomes import OUTCOMES
from sim.public.aid import loss_per_head
from sim.worlds.axis import BLOCK
from sim.worlds.blocks import simulated

if TYPE_CHECKING:
    from sim.scenario.scenario import Scenario

KEPT = 20_000  # worlds whose measures are kept for quantiles: worlds are exchangeable, so the first ones will do
NOT_MEASURES = ("world", "outcome", "deal")
PLACES = ("town_loss", "town_mills", "town_layoffs", "unit_posts")  # means of a block that are by town or unit


class Ensemble:
    """Shares of outcomes and means over all worlds seen; quantiles over the first `KEPT` of them."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.scenario, self.seed = scenario, seed
        self.worlds = 0
        self.outcomes = np.zeros(len(OUTCOMES), dtype=np.int64)
        self._sums: dict[str, float] = {}
        self._counts: dict[str, int] = {}
        self._kept: list[Block] = []
        self._places: dict[str, NDArray[np.float64]] = {}  # by town or unit, added up over worlds

    def add(self, block: Block) -> None:
        """One more block of worlds."""
        if self.worlds < KEPT:
            self._kept.append(block.first(KEPT - self.worlds))
        self.worlds += len(block.columns["world"])
        self.outcomes += np.bincount(block.columns["outcome"], minlength=len(OUTCOMES))
        for name, column in block.columns.items():
            known = np.isfinite(column)
            self._sums[name] = self._sums.get(name, 0.0) + float(column[known].sum())
            self._counts[name] = self._counts.get(name, 0) + int(known.sum())
        for name in PLACES:
            self._places[name] = self._places.get(name, 0.0) + getattr(block, name) * len(block.columns["world"])

    def column(self, name: str) -> NDArray[Any]:
        """A measure in the worlds kept, (worlds,); NaN where the case has no such thing, as a chamber."""
        known = self._kept[0].columns
        if name not in known:
            return np.full(sum(len(block.columns["world"]) for block in self._kept), np.nan)
        return np.concatenate([block.columns[name] for block in self._kept])

    def spread(self, name: str) -> dict[str, float | None]:
        """Mean over all worlds where it was measured; quantiles over those kept."""
        count = self._counts.get(name, 0)
        mean = self._sums[name] / count if count else None
        return {"mean": mean, **quantiles(self.column(name))}

    def outcome_shares(self) -> dict[str, dict[str, float | None]]:
        """Share of worlds by outcome, with its 95 % Wilson interval."""
        return {name: _share_of(int(held), self.worlds) for name, held in zip(OUTCOMES, self.outcomes, strict=True)}

    def as_dict(self) -> dict[str, Any]:
        """What ``planb ensemble --json`` prints."""
        return {
            "scenario": self.scenario.name,
            "seed": self.seed,
            "worlds": self.worlds,
            "uncertainties": self.scenario.sections.case.uncertainties,
            "skipped": list(self.scenario.skipped),
            "without_effect": list(self.scenario.without_effect),
            "beyond_range": list(self.scenario.beyond_range),
            "outcomes": self.outcome_shares(),
            "table": self._table(),
            "votes": [self._vote(vote) for vote in (1, 2)],
            "session": {
                "authority": self.spread("authority_share"),
                "aid_spared": self._share("aid_spared"),
                "house_yes": self.spread("house_yes"),
                "senate_yes": self.spread("senate_yes"),
            },
            "measures": {name: self.spread(name) for name in self._counts if name not in NOT_MEASURES},
            "posts_lost": self._posts_by_union(),
            "towns": self._towns(),
        }

    def _table(self) -> dict[str, dict[str, float | None]]:
        """Shares of worlds with a tentative deal, and of those without one by why; empty where nobody bargained."""
        columns = {why: f"no_deal_{why.name.lower()}" if why else "tentative_deal" for why in Reason}
        judged = self._counts.get("governor_utility", 0)  # deals that were bargained for
        if not judged and not any(self._sums[name] for why, name in columns.items() if why):
            return {}
        return {IN_WORDS[why]: self._share(name) for why, name in columns.items()}

    def _posts_by_union(self) -> dict[str, float]:
        """Posts lost on average over all worlds, by union."""
        posts, unions = self._places["unit_posts"] / self.worlds, self.scenario.unions
        return {name: float(posts[rows].sum()) for name, rows in zip(unions.names, unions.units, strict=True)}

    def _towns(self) -> dict[str, dict[str, float]]:
        """What a town loses and does on average over all worlds: $ of aid a head, mills, local posts."""
        halls = self.scenario.town_halls
        if halls is None:
            return {}
        loss, mills, layoffs = (self._places[name] / self.worlds for name in PLACES[:3])
        return {
            name: {"loss_per_head": float(lost), "mills": float(rise), "layoffs": float(posts)}
            for (name, lost), rise, posts in zip(loss_per_head(halls, loss).items(), mills, layoffs, strict=True)
        }

    def _share(self, name: str) -> dict[str, float | None]:
        """Share of worlds in which something held, among those where it is known: of what is never blank, all."""
        return _share_of(round(self._sums.get(name, 0)), self._counts.get(name, 0))

    def _vote(self, vote: int) -> dict[str, Any]:
        units, unions = self.scenario.units.names, self.scenario.unions.names
        by_unit = np.concatenate([block.unit_yes[vote - 1] for block in self._kept], axis=-1)
        by_union = np.concatenate([block.union_yes[vote - 1] for block in self._kept], axis=-1)
        return {
            "vote": vote,
            "ratified": self._share(f"ratified_{vote}"),
            "unions_yes": self.spread(f"unions_yes_{vote}"),
            "yes_share": self.spread(f"yes_share_{vote}"),
            "unions": {
                name: {"yes_share": _spread(row), "approves": _mean(np.where(np.isnan(row), np.nan, row > 0.5))}
                for name, row in zip(unions, by_union, strict=True)
            },
            "units": {name: {"yes_share": _spread(row)} for name, row in zip(units, by_unit, strict=True)},
        }


def quantiles(values: NDArray[Any]) -> dict[str, float | None]:
    """The 5, 50 and 95 % quantiles of what is known; None where nothing is."""
    known = np.asarray(values, dtype=float)
    known = known[np.isfinite(known)]
    if not len(known):
        return {"q05": None, "q50": None, "q95": None}
    q05, q50, q95 = np.quantile(known, [0.05, 0.5, 0.95])
    return {"q05": float(q05), "q50": float(q50), "q95": float(q95)}


def _share_of(held: int, worlds: int) -> dict[str, float | None]:
    """A share with its 95 % Wilson interval; None where there is nothing to have a share of."""
    if not worlds:
        return {"share": None, "low": None, "high": None}
    low, high = wilson_interval(held, worlds)
    return {"share": held / worlds, "low": float(low), "high": float(high)}


def _mean(values: NDArray[np.float64]) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def _spread(values: NDArray[np.float64]) -> dict[str, float | None]:
    return {"mean": _mean(values), **quantiles(values)}


def run_ensemble(
    scenario: Scenario,
    *,
    worlds: int,
    seed: int,
    block: int = BLOCK,
    device: str | None = None,
    tick: Callable[[int], None] | None = None,
) -> Ensemble:
    """Worlds 0 to ``worlds`` - 1; ``tick`` hears how many are done. ``device``: see `sim.simulate`."""
    ensemble = Ensemble(scenario, seed)
    for one in simulated(scenario, seed=seed, worlds=worlds, block=block, device=device):
        ensemble.add(one)
        if tick is not None:
            tick(ensemble.worlds)
    return ensemble
