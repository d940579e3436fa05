"""Mayors lobby while a cut of aid threatens: at a list, a request, a refusal, news of money; a deal silences them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.bodies import Bodies
from sim.public.aid import loss_in_districts, shares_of_cut, threatened_aid
from sim.record import Lobbying
from sim.scenario.numbers import Numbers
from sim.state import Happenings, Mask, State, today
from sim.worlds.axis import Array, in_worlds, single

ASKED_EVERYWHERE = 0.4  # of the worlds


def feared_cut(state: State, numbers: Numbers) -> Array:
    """Cut of aid that towns and legislators would fear of a request for power over it, M$/yr, (worlds,)."""
    feared = 1.0 if numbers.legislature is None else numbers.legislature.feared
    cut = threatened_aid(numbers.governor.request_share, numbers.money.aid_total, feared=feared)
    return np.broadcast_to(np.asarray(cut, float), state.worlds)


def mayors_answer(
    threat: Array, occasion: str, where: Mask, state: State, bodies: Bodies, *, anew: bool = False
) -> Happenings:
    """All mayors answer the cut of aid that now threatens, M$/yr, (worlds,); the legislators of their towns hear them.

    ``where``: the worlds in which something has happened; where the threat is as it was they have answered already,
    unless they are to speak up ``anew``.
    """
    mayors = bodies.mayors
    if mayors is None:
        return []
    changed = where & (threat != state.aid_threat)
    state.aid_threat = np.where(changed, threat, state.aid_threat)
    if changed.any():
        _listen(changed, state, bodies)
    where = where if anew else changed
    if not where.any():
        return []
    silent = not threat.any()
    lobbying = Lobbying(
        **today(state, where),
        occasion=occasion,
        threatened=state.aid_threat,
        # as it is today: what mayors do on other days leaves the record as it was
        effort=np.zeros((mayors.bodies, 1), mayors.effort.dtype) if silent else mayors.effort.copy(),
        chorus=mayors.chorus.copy(),
    )
    return [lobbying]


def _listen(changed: Mask, state: State, bodies: Bodies) -> None:
    """Where the threat has changed: each mayor's effort, and what legislators hear of it."""
    mayors, members = bodies.mayors, None if bodies.assembly is None else bodies.assembly.members
    assert mayors is not None
    if not state.aid_threat[changed].any():  # nobody lobbies where nothing threatens: to know that takes a twentieth
        mayors.speak_only(~changed)
        if members is not None:
            members.hear_only(~changed)
        return
    # where it has changed in most worlds all are asked, which is sooner done than to pick and put back those
    here = None if np.count_nonzero(changed) > ASKED_EVERYWHERE * state.worlds else np.flatnonzero(changed)
    effort, loss_share, felt, chorus = _speak_up(in_worlds(state.aid_threat, here), bodies, here)
    mayors.speak(effort, chorus, changed if here is None else here)
    if members is not None:
        members.hear_towns(members.weighs(loss_share, felt, here), changed if here is None else here)


def foreseen_toll(threat: Array, bodies: Bodies) -> Array:
    """What the governor foresees a cut of aid, M$/yr, to take from each member's support, logits, (seats, worlds).

    He expects mayors to answer as they would; it moves nobody yet.
    """
    assert bodies.assembly is not None
    if bodies.mayors is None:
        return bodies.assembly.members.toll
    _, loss_share, felt, _ = _speak_up(threat, bodies, None)
    return bodies.assembly.members.weighs(loss_share, felt)


def _speak_up(threat: Array, bodies: Bodies, here: NDArray[np.int64] | None) -> tuple[Array, Array, Array, Array]:
    """Each mayor's effort, (towns, worlds here); districts' losses and what seats feel; the average inhabitant's."""
    mayors = bodies.mayors
    assert mayors is not None
    threatened, spread = single(threat), single(mayors.preferences.spread, here)
    effort = mayors.lobby(threatened * (shares_of_cut(mayors.halls, spread) / single(mayors.budget)), here)
    felt, chorus = mayors.heard(effort, here)
    return effort, loss_in_districts(mayors.halls, threatened, spread=spread), felt, chorus
