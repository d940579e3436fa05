"""Who in a unit is laid off first: inverse seniority, softened by job classes and bumping."""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.worlds.axis import TINY, Worlds


class Seniority(NamedTuple):
    """Bands of years of service, most junior first; shares of members, summing to one."""

    years_low: NDArray[np.float64]
    years_high: NDArray[np.float64]
    share: NDArray[np.float64]

    @property
    def junior(self) -> NDArray[np.bool_]:
        """Bands under ten years, among whom the part that is not strict falls evenly.

        Source: facts.md of Connecticut 2011.
        """
        return self.years_high <= 10


def band_risk(
    list_share: Worlds, bands: Seniority, *, strict: Worlds, most_junior: int | None = None
) -> NDArray[np.floating]:
    """Chance of being on the layoff list by band; averages over members to ``list_share``.

    From (worlds,) to (bands, worlds), or from (units, worlds) to (units, bands, worlds). A share ``strict`` of the list
    takes the most junior first; the rest falls evenly on those under ten years (job classes and bumping), then on the
    others. Shares in [0, 1]. Source: seniority.csv of Connecticut 2011. ``most_junior``: for so many bands only.
    """
    listed = np.atleast_1d(np.asarray(list_share))[..., None, :]
    of_band = np.result_type(listed, np.float32)
    share, below = (column.astype(of_band)[:most_junior, None] for column in (bands.share, _below(bands)))
    junior_share = float(bands.share[bands.junior].sum())
    evenly = 1 - strict
    on_juniors = evenly * np.minimum(1, listed / max(junior_share, TINY))
    on_seniors = evenly * np.maximum(0, (listed - junior_share) / max(1 - junior_share, TINY))
    strictly = np.minimum(np.maximum((listed - below) / np.maximum(share, TINY), 0), 1) * strict
    return strictly + np.where(bands.junior[:most_junior, None], on_juniors, on_seniors)


def _below(bands: Seniority) -> NDArray[np.float64]:
    """Share of members more junior than each band, (bands,)."""
    return np.cumsum(bands.share) - bands.share


def bands_apart(list_share: Worlds, bands: Seniority) -> int:
    """How many of the most junior bands it takes to tell them all: whoever is more senior is as safe as the last.

    Where the list stays within the junior share, nobody above it has any risk.
    """
    reached = len(list(takewhile(lambda below: np.greater(list_share, below).any(), _below(bands))))
    if not reached:
        return 1
    return min(max(int(np.count_nonzero(bands.junior)), reached) + 1, len(bands.share))
