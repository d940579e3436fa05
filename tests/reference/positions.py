"""What both sides of a table want, guess of each other and could do without, whenever something has moved."""

from __future__ import annotations

from reference.expectations import labours_weights
from reference.leaders import least_ratifiable
from reference.packages import best_offer, guess, on_the_ruler
from reference.state import OneWorld
from reference.talks import Table


def back_to_the_table(world: OneWorld) -> None:
    """Both sides' values, guesses and floors as they now are, wherever they still talk."""
    if world.talks_over:
        return
    for place, table in enumerate(world.tables):
        if not table.agreed:
            sit_down(world, table, labours_weights(world, None if world.pattern is None else place))


def sit_down(world: OneWorld, table: Table, labours: list[float]) -> None:
    """What both sides of one table want, guess of each other and could do without."""
    low, high = world.low, world.high
    governor, labour = table.governor, table.labour
    governor.weights, labour.weights = world.governor, labours
    governor.believed = guess(world.governor, labours, low, high, world.numbers.governor.insight)
    labour.believed = guess(labours, world.governor, low, high, world.numbers.coalition.insight)
    governor.reservation = floor_on_the_ruler(world)
    labour.reservation = least_ratifiable(
        lambda value: table.ratifiable(best_offer(value, labours, labour.believed, low, high))
    )


def floor_on_the_ruler(world: OneWorld) -> float:
    """What no deal is worth to the governor, on his ruler; the same at every table."""
    return on_the_ruler(world.floor, world.governor, world.low, world.high)
