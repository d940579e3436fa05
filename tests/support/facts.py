"""Worlds of the shipped case, played under settings, as dated acts: what tests of facts look at."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from reference.observe import watch
from reference.state import Act

from sim import load_scenario
from sim.scenario.scenario import Scenario

CASE = "connecticut-2011"
LAST_OFFER = {"calendar.talks.table": "last_offer"}  # nobody bargains, so that the deal is the same whatever is set
THREATENED = LAST_OFFER | {"threats.may_menu.when": "always", "threats.may_notices.when": "always"}
TWICE = {"rule.unions_needed": "15"}  # all must approve, so that most deals are voted on twice
NO_BANDS = {"issues.job_security.last_offer": "0", "members.informed": "0", "members.misinformed": "0"}


def played(settings: Mapping[str, str], *, worlds: int = 60, seed: int = 2011) -> list[list[Act]]:
    """The dated acts of the first so many worlds."""
    return _played(tuple(sorted(settings.items())), worlds, seed)


@functools.lru_cache(maxsize=64)
def _played(settings: tuple[tuple[str, str], ...], worlds: int, seed: int) -> list[list[Act]]:
    return watched(case_with(dict(settings)), worlds=worlds, seed=seed)


def case_with(settings: Mapping[str, str]) -> Scenario:
    """The shipped case under these settings, read once."""
    return _case_with(tuple(sorted(settings.items())))


@functools.cache
def _case_with(settings: tuple[tuple[str, str], ...]) -> Scenario:
    return load_scenario(CASE).with_settings(dict(settings))


def watched(case: Scenario, *, worlds: int = 60, seed: int = 2011) -> list[list[Act]]:
    """Likewise of any case."""
    return watch(case, seed=seed, worlds=np.arange(worlds), double=False)


def told(acts: list[Act], kind: str, **facts: Any) -> Iterator[dict[str, Any]]:
    """What is known of every such act with these facts, in the order of dates."""
    for act in acts:
        if act.kind == kind and all(act.facts[name] == value for name, value in facts.items()):
            yield act.facts


def only(acts: list[Act], kind: str, **facts: Any) -> dict[str, Any]:
    """What is known of the one act of this kind with these facts."""
    (found,) = told(acts, kind, **facts)
    return found


def happened(acts: list[Act], kind: str, **facts: Any) -> bool:
    """Was there such an act?"""
    return next(told(acts, kind, **facts), None) is not None


def logits(chances: Any) -> Any:
    """Log-odds of chances."""
    chances = np.asarray(chances)
    return np.log(chances / (1 - chances))
