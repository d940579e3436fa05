"""What chance decides at a table: a draw a round for each side's tactic, and one for the protocol."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.worlds.randomness import Stream, one_uniform_each

DRAWS_A_ROUND = 3  # one for each side's tactic, one for the protocol


def luck_of_talks(seed: int, worlds: NDArray[np.int64], rounds: int, *, table: str = "") -> NDArray[np.float64]:
    """This seed's luck in talks of these worlds, (3, rounds, worlds); more rounds leave the earlier ones' alone.

    ``table`` tells one table's luck from another's where there are several.
    """
    labels = [f"{table}{who} {turn}" for who in ("first side", "second side", "protocol") for turn in range(rounds)]
    return one_uniform_each(seed, Stream.TALKS, labels, worlds).reshape(DRAWS_A_ROUND, rounds, len(worlds))
