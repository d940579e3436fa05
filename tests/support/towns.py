"""Mayors for tests: acts on towns without a crisis around them."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from agents.mayor import Absorbed, Mayor
from sim.acts.no_deal import local_risk
from sim.acts.settlement import absorb as towns_absorb
from sim.public.aid import loss_in_districts, shares_of_cut
from sim.public.towns import INSTRUMENTS, Limits, Town, TownHalls
from sim.worlds.axis import single, total
from sim.worlds.randomness import Luck

MEASURES = ("reserves", "deferral", "concessions", "layoffs", "taxes", "unabsorbed")


def make_mayors(halls: TownHalls, *, value: Any, seed: int, worlds: np.ndarray) -> Mayor:
    """All mayors, each with a resolve of his own."""
    return Mayor(halls, value, Luck(seed, np.asarray(worlds)))


def lobby(mayors: Mayor, halls: TownHalls, threat: np.ndarray, *, value: Any) -> SimpleNamespace:
    """All mayors against a threatened cut: effort by town, what seats feel and would lose, and the chorus."""
    threat, spread = single(threat), single(value.spread)
    mayors.preferences = value
    effort = mayors.lobby(threat * (shares_of_cut(halls, spread) / single(mayors.budget)))
    felt, chorus = mayors.heard(effort)
    return SimpleNamespace(
        effort=effort, felt=felt, chorus=chorus, loss_share=loss_in_districts(halls, threat, spread=spread)
    )


def absorb(mayors: Mayor, halls: TownHalls, cut: np.ndarray, *, value: Any, seed: int, worlds: Any) -> SimpleNamespace:
    """What a cut does: statewide by world (``columns``) and by town on average over worlds."""
    state = SimpleNamespace(date=datetime.date(2011, 9, 30), phase="settlement", everywhere=np.ones(len(worlds), bool))
    mayors.preferences = value
    said = towns_absorb(cut, mayors, state, SimpleNamespace(towns=value), Luck(seed, np.asarray(worlds)))
    n = len(worlds)
    if not said:
        nothing = {name: np.zeros(n) for name in (*MEASURES, "posts", "mill_rise")}
        return SimpleNamespace(columns=nothing, town_loss=np.zeros(len(halls.towns)), **nothing)
    (hit,) = said
    columns = {name: hit.everywhere(total(getattr(hit, name))) for name in MEASURES}
    columns |= {"posts": hit.everywhere(total(hit.posts)), "mill_rise": hit.everywhere(hit.mill_rise)}
    rows = sorted(halls.dual_payroll)
    wages = sum(halls.towns[row].budget for row in rows) * value.payroll_share if rows else 1.0
    return SimpleNamespace(
        columns=columns,
        town_loss=hit.loss.sum(axis=1) / n,
        town_posts=hit.posts.sum(axis=1) / n,
        local_risk=hit.everywhere(hit.layoffs[rows].sum(axis=0)) / wages,
        **columns,
    )


def threatened_local_risk(mayors: Mayor, halls: TownHalls, threat: np.ndarray, *, value: Any) -> np.ndarray:
    """Share of payroll that towns sharing a union with the state would lay off."""
    mayors.preferences, mayors.halls = value, halls
    return local_risk(threat, SimpleNamespace(mayors=mayors), SimpleNamespace(towns=value))


def absorb_in_town(loss: np.ndarray, town: Town, order: Sequence[str], *, limits: Limits, luck: Any) -> Absorbed:
    """One town meets a loss in this order of preference."""
    mayor = object.__new__(Mayor)
    mayor.__dict__ |= {
        "row": 0,
        "ranked": np.array([INSTRUMENTS.index(name) for name in order]),
        "budget": np.full(1, town.budget),
        "free_balance": np.full(1, town.free_balance),
        "grand_list": np.full(1, town.grand_list),
    }
    return mayor.absorb_within(loss, luck, limits)
