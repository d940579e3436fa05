"""Who in a unit is laid off first: inverse seniority, softened by job classes and bumping."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.worlds import Worlds


class Seniority(NamedTuple):
    """Bands of years of service, most junior first; shares of members, summing to one."""

    years_low: NDArray[np.float64]
    years_high: NDArray[np.float64]
    share: NDArray[np.float64]

    @property
    def junior(self) -> NDArray[np.bool_]:
        """Bands under ten years, among whom the part that is not strict falls evenly. Source: facts.md."""
        return self.years_high <= 10


def band_risk(list_share: Worlds, bands: Seniority, *, strict: Worlds) -> NDArray[np.float64]:
    """Chance of being on the layoff list by band, shape (bands, worlds); averages over members to ``list_share``.

    A share ``strict`` of the list takes the most junior first; the rest falls evenly on those under ten years (job
    classes and bumping), then on the others. Shares in [0, 1]. Source: seniority_2011.csv and its note.
    """
    listed = np.atleast_1d(np.asarray(list_share, dtype=float))
    below = np.cumsum(bands.share) - bands.share
    by_rank = np.clip((listed - below[:, None]) / bands.share[:, None], 0, 1)
    junior_share = bands.share[bands.junior].sum()
    even = np.where(
        bands.junior[:, None],
        np.minimum(1, listed / max(junior_share, 1e-12)),
        np.maximum(0, (listed - junior_share) / max(1 - junior_share, 1e-12)),
    )
    return even + strict * (by_rank - even)
