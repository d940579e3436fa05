"""Reads the columns as a crisis goes, and what is by unit, union and town besides."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from sim.measures.measure import Columns
from sim.measures.table import measures_of, read_from
from sim.record import Absorption, Ballots, Filling, Happening
from sim.scenario.scenario import Scenario
from sim.worlds.axis import SINGLE, Array, single


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Some worlds of one scenario, run to the end."""

    columns: Columns  # name -> (worlds,); "world", "outcome", "deal" and every measure
    unit_yes: Array  # yes share on the benefits ballot, (votes, units, worlds), NaN without a vote
    union_yes: Array  # likewise by union, (votes, unions, worlds)
    unit_posts: Array  # posts lost by unit, mean over worlds, (units,)
    town_loss: Array  # aid lost by town, M$, mean over worlds, (towns,)
    town_mills: Array  # rise of the tax rate, mills, mean over worlds, (towns,)
    town_layoffs: Array  # local posts lost, mean over worlds, (towns,)

    def first(self, worlds: int) -> Block:
        """What is by world in the first so many worlds; means over worlds stay those of the block."""
        if worlds >= len(self.columns["world"]):
            return self
        return replace(
            self,
            columns={name: column[:worlds].copy() for name, column in self.columns.items()},
            unit_yes=self.unit_yes[..., :worlds].copy(),
            union_yes=self.union_yes[..., :worlds].copy(),
        )


class Measures:
    """Reads the columns from happenings as they come; the happenings themselves need not be kept."""

    def __init__(self, case: Scenario, worlds: NDArray[np.int64]) -> None:
        self.case, self.worlds = case, worlds
        self.measures = measures_of(case)
        self._read: Columns = {}
        self._unit_yes = np.full((2, len(case.units.names), len(worlds)), np.nan, SINGLE)
        self._union_yes = np.full((2, len(case.unions.names), len(worlds)), np.nan, SINGLE)
        towns = 0 if case.town_halls is None else len(case.town_halls.towns)
        self._towns = {name: np.zeros(towns) for name in ("loss", "mills", "posts")}
        self._unit_posts = np.zeros(len(case.units.names))

    def __call__(self, happening: Happening) -> None:
        """Read what is read from this happening."""
        which = (str(getattr(happening, name, "")) for name in ("question", "occasion", "vote"))
        for measure in read_from(cast(Hashable, type(happening)), *which):
            self._read[measure.name] = self._column(measure.read(happening, self._read))
        if isinstance(happening, Ballots):
            self._note_shares(happening)
        elif isinstance(happening, Filling):
            self._unit_posts = happening.unit_posts.mean(axis=1)
        elif isinstance(happening, Absorption):
            for name in self._towns:
                self._towns[name] = getattr(happening, name).sum(axis=1) / len(self.worlds)

    def _column(self, values: Any) -> Array:
        values = np.asarray(values)
        return np.array(np.broadcast_to(values, len(self.worlds))) if values.shape != self.worlds.shape else values

    def _note_shares(self, ballots: Ballots) -> None:
        vote, blank = ballots.vote - 1, single(np.where(ballots.where, 0.0, np.nan))
        yes, no = ballots.tally.yes_ballots, ballots.tally.no_ballots
        self._unit_yes[vote] = ballots.unit_yes_share + blank
        self._union_yes[vote] = yes / np.maximum(yes + no, 1) + blank
        if ballots.held is not None:
            self._union_yes[vote][~ballots.held] = np.nan
            self._unit_yes[vote][~ballots.held[self.case.units.union]] = np.nan

    def block(self) -> Block:
        """The table and what is by unit, union and town, as far as the crisis has gone."""
        columns: Columns = {"world": self.worlds}
        for measure in self.measures:
            known = self._read.get(measure.name)
            columns[measure.name] = self._column(measure.otherwise) if known is None else known
        return Block(
            columns=columns,
            unit_yes=self._unit_yes,
            union_yes=self._union_yes,
            unit_posts=self._unit_posts,
            town_loss=self._towns["loss"],
            town_mills=self._towns["mills"],
            town_layoffs=self._towns["posts"],
        )
