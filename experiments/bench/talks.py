"""The same chore for three: two time-dependent sides, six issues, forty offers; here, in plain Mesa and in NegMAS."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import mesa
import numpy as np

from sim.bargaining.talks_alone import talks_alone

ROUNDS, ISSUES = 40, 6
SPEED, RESERVATION = 0.5, 0.3


def ours(worlds: int) -> Callable[[], int]:
    """Our talks alone, so many worlds at a time."""
    seeds = count()

    def run() -> int:
        talks_alone(worlds, ROUNDS, seed=next(seeds), issues=ISSUES, speeds=(SPEED, SPEED), reservation=RESERVATION)
        return worlds

    return run


class Negotiator(mesa.Agent):
    """One side, as a user would write it: asks for what it still aspires to, in the way that costs the other least."""

    def __init__(self, model: mesa.Model, own: list[float], other: list[float]) -> None:
        super().__init__(model)
        self.own, self.scale = own, sum(own)
        self.cheapest = sorted(range(len(own)), key=lambda issue: other[issue] / own[issue])

    def aspiration(self, turn: int) -> float:
        return 1 - (1 - RESERVATION) * (turn / (ROUNDS - 1)) ** (1 / SPEED)

    def offer(self, turn: int) -> list[float]:
        """The share of each issue that it asks for."""
        asked, missing = [0.0] * len(self.own), self.aspiration(turn) * self.scale
        for issue in self.cheapest:
            asked[issue] = min(1.0, missing / self.own[issue])
            missing -= asked[issue] * self.own[issue]
            if missing <= 0:
                break
        return asked

    def accepts(self, asked: list[float], turn: int) -> bool:
        """Is what is left worth its next aspiration?"""
        left = sum(weight * (1 - share) for weight, share in zip(self.own, asked, strict=True))
        return left >= self.aspiration(min(turn + 1, ROUNDS - 1)) * self.scale


class TwoNegotiators(mesa.Model):
    """Alternating offers until one is accepted or the rounds are over."""

    def __init__(self, seed: int) -> None:
        super().__init__(rng=seed)
        wants, costs = np.random.default_rng(seed).uniform(0.1, 1.0, size=(2, ISSUES)).tolist()
        self.sides = Negotiator(self, wants, costs), Negotiator(self, costs, wants)
        self.turn, self.agreed = 0, False

    def step(self) -> None:
        """One offer and its answer."""
        proposer, other = self.sides if self.turn % 2 == 0 else self.sides[::-1]
        self.agreed = other.accepts(proposer.offer(self.turn), self.turn)
        self.turn += 1
        self.running = not self.agreed and self.turn < ROUNDS


def plain_mesa() -> Callable[[], int]:
    """One negotiation a model, stepped to its end."""
    seeds = count()

    def run() -> int:
        model = TwoNegotiators(next(seeds))
        while model.running:
            model.step()
        return 1

    return run


def negmas() -> Callable[[], int] | None:
    """A session with time-based negotiators in NegMAS; None where it is not installed."""
    try:
        from negmas import make_issue
        from negmas.preferences import LinearAdditiveUtilityFunction
        from negmas.preferences.value_fun import AffineFun
        from negmas.sao import AspirationNegotiator, SAOMechanism
    except ImportError:
        return None
    random = np.random.default_rng(2011)
    issues = [make_issue(name=f"issue_{row}", values=[level / 4 for level in range(5)]) for row in range(ISSUES)]

    def utility(sign: float) -> LinearAdditiveUtilityFunction:
        weights = random.uniform(0.1, 1.0, size=ISSUES)
        functions = [AffineFun(slope=float(sign * weight)) for weight in weights / weights.sum()]
        bias = 0.0 if sign > 0 else 1.0
        return LinearAdditiveUtilityFunction(
            values=functions, weights=[1.0] * ISSUES, bias=bias, issues=issues, reserved_value=RESERVATION
        )

    def run() -> int:
        session = SAOMechanism(issues=issues, n_steps=ROUNDS // 2)  # two offers make one of its steps
        for sign in (1.0, -1.0):
            session.add(AspirationNegotiator(aspiration_type=1 / SPEED), ufun=utility(sign))
        session.run()
        return 1

    return run
