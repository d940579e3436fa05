"""The columns read from the members' votes, and from the leaders' vote on their rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from sim.measures.measure import Measure
from sim.record import Amendment, Ballots
from sim.worlds.axis import Array, total


def _votes(vote: int) -> Iterator[Measure]:
    """Of the votes cast at one of the two votes."""
    number, at = str(vote), {1: "the first vote", 2: "the second vote"}[vote]

    def column(name: str, unit: str, meaning: str, read: Callable[[Ballots], Array]) -> Measure:
        return Measure(
            name=f"{name}_{number}",
            unit=unit,
            meaning=f"{meaning} at {at}",
            happening=Ballots,
            of=number,
            read=lambda ballots, _: read(ballots) + np.where(ballots.where, 0.0, np.nan),
            blank="no such vote is held",
        )

    def yes_share(ballots: Ballots) -> Array:
        yes, no = ballots.tally.yes_ballots, ballots.tally.no_ballots
        return total(yes) / np.maximum(total(yes + no), 1)

    def bloc_share(ballots: Ballots) -> Array:
        return total(ballots.tally.members * ballots.approving) / total(ballots.tally.members)

    def turnout(ballots: Ballots) -> Array:
        return total(ballots.tally.yes_ballots + ballots.tally.no_ballots) / total(ballots.tally.members)

    yield column("unions_yes", "unions", "Unions that approve", lambda b: total(b.approving.astype(float)))
    yield column("yes_share", "share of ballots", "Yes among ballots cast on the benefits", yes_share)
    yield column("bloc_share", "share of members", "Members of the unions that approve", bloc_share)
    yield column("turnout", "share of members", "Members who cast a ballot", turnout)
    yield Measure(
        name=f"ratified_{number}",
        unit="true or false",
        meaning=f"The members ratify at {at}",
        happening=Ballots,
        of=number,
        read=lambda ballots, _: ballots.ratified,
        otherwise=False,
    )


OF_VOTES: tuple[Measure, ...] = (
    *_votes(1),
    *_votes(2),
    Measure(
        name="rule_changed",
        unit="true or false",
        meaning="The leaders changed their rule in time for the second vote",
        happening=Amendment,
        read=lambda amendment, _: amendment.changed,
        otherwise=False,
    ),
)
