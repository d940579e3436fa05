"""What chance decides at a table: a draw a round for each side's tactic, and one for the protocol."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.worlds.randomness import Luck, Stream

DRAWS_A_ROUND = 3  # one for each side's tactic, one for the protocol


def luck_of_talks(luck: Luck, rounds: int, *, table: str = "") -> NDArray[np.float64]:
    """What chance decides in talks, (3, rounds, worlds); more rounds leave the earlier ones' luck alone.

    ``table`` tells one table's luck from another's where there are several.
    """
    labels = [f"{table}{who} {turn}" for who in ("first side", "second side", "protocol") for turn in range(rounds)]
    return luck.one_uniform_each(Stream.TALKS, labels).reshape(DRAWS_A_ROUND, rounds, -1)
