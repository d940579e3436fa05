"""What both sides of a table want, guess of each other and could do without, whenever something has moved."""

from __future__ import annotations

from reference.expectations import labours_weights
from reference.leaders import least_ratifiable
from reference.packages import Satiation, best_offer, guess, on_the_ruler
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
    low, high, rows = world.low, world.high, world.issues
    governor, labour = table.governor, table.labour
    governor.end = governors_end(world)
    governor.weights, labour.weights = world.governor, labours
    governor.believed = guess(world.governor, labours, rows, world.numbers.governor.insight)
    labour.believed = guess(labours, world.governor, rows, world.numbers.coalition.insight)
    governor.reservation = governors_floor(world)
    labour.reservation = least_ratifiable(
        lambda value: table.ratifiable(best_offer(value, labours, labour.believed, low, high))
    )


def governors_end(world: OneWorld) -> Satiation | None:
    """Where savings have filled what is left of the gap."""
    beyond = world.numbers.governor.beyond_need
    if beyond is None:
        return None
    need = max(world.numbers.money.gap - world.revenue, 0.0)
    return Satiation(max(on_the_ruler(need, world.governor, world.low, world.high), 1e-12), beyond)


def governors_floor(world: OneWorld) -> float:
    """What no deal is worth to the governor, on his ruler; the same at every table."""
    floor, end = on_the_ruler(world.floor, world.governor, world.low, world.high), governors_end(world)
    return floor if end is None else end.of(floor)
