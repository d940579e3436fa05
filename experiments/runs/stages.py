"""What a study runs, stage after stage: a function of the study and of what its finished stages gave.

It is worked out anew whenever a folder is opened, so there is nothing to keep, and nothing that could be lost.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from experiments.runs.designs import Points
from experiments.runs.parts import Kept
from experiments.runs.policies import FixedWorlds, Policy
from experiments.runs.task_order import Order, Progress, from_ranges
from experiments.runs.tasks import Task


class Stages:
    """The stages of a study, or of one of its shards (i, n)."""

    def __init__(self, policy: Policy, points: Points, order: Order, shard: tuple[int, int] | None = None) -> None:
        self.so_far = Progress.none(points.count)
        self.rows = 0  # planned up to now
        self._policy, self._points, self._order = policy, points, order
        self.number = 0  # of the next task
        self._every = shard if isinstance(policy, FixedWorlds) else None  # of one stage a shard has every n-th task
        if shard is not None and self._every is None:  # a shard leaves other chunks' points alone
            self.so_far.asked[~_in_shard(order, shard)] = policy.most_worlds

    def next_stage(self) -> list[Task]:
        """The tasks of the next stage; none when the study is done. All earlier ones must be `done`."""
        stages = self._policy.next_stages(self._points, self.so_far)
        pieces = list(enumerate(self._order.pieces(stages), self.number))
        self.number += len(pieces)
        for stage in stages:
            self.so_far.asked[stage.points] = stage.end
        index, count = self._every or (1, 1)
        tasks = [Task(k, piece.points, piece.first, piece.end) for k, piece in pieces if k % count == index - 1]
        self.rows += sum(task.rows for task in tasks)
        return tasks

    def done(self, kept: Iterable[Kept]) -> None:
        """Count what the tasks of the last stage gave."""
        for part in kept:
            at = from_ranges(part.points)
            self.so_far.n[at] += part.n
            self.so_far.deals[at] += part.deals


def _in_shard(order: Order, shard: tuple[int, int]) -> NDArray[np.bool_]:
    """Whether each point is in a chunk of this shard, shape (points,)."""
    chunk = np.repeat(np.arange(order.chunks), np.diff(order.bounds))
    return chunk % shard[1] == shard[0] - 1
