"""The towns: what they may lose or lose, and which mayors speak up."""

from __future__ import annotations

from functools import lru_cache

from experiments.charts.palette import INK
from experiments.page.moments import Snapshot
from experiments.page.svg import SOFT, Picture, musd, percent
from experiments.page.views.stage.zone import HEAD, OTHERWISE, SMALL, Box, frame
from experiments.page.views.town_map import SHADES, shade, town_paths

HEARD = 0.005  # of full effort; a mayor below it is silent


def draw_towns(picture: Picture, snapshot: Snapshot, box: Box) -> None:
    """Darker is worse; a dot in a town is its mayor speaking up."""
    seen = snapshot.towns
    total = sum(seen.loss) if seen else 0.0
    title = f"{len(snapshot.case.towns)} towns"
    if total > 0.05 and seen:
        title = f"Towns {'lose' if seen.kind == 'cut' else 'fear for'} {musd(total)} of aid"
    elif seen:
        title = "Towns: aid is spared"
    picture.text(box.x + 8, box.y + 18, title, font_weight="600", font_size=HEAD)
    chorus = f"Mayors (dots) at {percent(snapshot.chorus, 0)} of full effort"
    heard = any(effort > HEARD for effort in snapshot.efforts)
    picture.text(
        box.x + 8,
        box.y + 35,
        chorus if heard else "Mayors are silent",
        font_size=SMALL,
        fill=SOFT,
    )
    where = {"wide": box.wide - 16, "left": box.x + 8, "top": box.y + 44, "least": 2.0}
    outlines, _ = town_paths(snapshot.case.boundaries, **where)
    spots = town_spots(snapshot.case.boundaries, **where)
    for place, town in enumerate(snapshot.case.towns):
        loss = seen.loss[place] if seen else 0.0
        effort = snapshot.efforts[place] if snapshot.efforts else 0.0
        mills = seen.mills[place] if seen else 0.0
        tip = f"{town.name}: budget {musd(town.budget)}. Its mayor wants services kept at the tax rate already set."
        if loss > 0 and seen:
            tip += f"\n{'Loses' if seen.kind == 'cut' else 'May lose'} {loss:.2f} M$ a year of aid, "
            tip += f"{percent(loss / town.budget)} of its budget."
        if effort > HEARD:
            tip += f"\nSpeaks up at {percent(effort, 0)} of full effort: its reserves do not cover the loss."
        elif snapshot.efforts:
            tip += "\nIs silent: its reserves cover what threatens, or nothing does."
        if mills > 0.005:
            tip += f"\nTaxes rise by {mills:.2f} mills."
        if place in snapshot.turned.towns:
            tip += f"\n{OTHERWISE}{snapshot.turned.towns[place]}."
        fill = SHADES[shade(loss / town.budget)]
        picture.mark("path", tip=tip, d=outlines.get(town.name, ""), fill=fill, stroke="#8A8A8A", stroke_width=0.5)
        x, y = spots.get(town.name, (box.x, box.y))
        if place in snapshot.turned.towns and town.name in spots:
            frame(picture, x - 4, y - 4, 8, 8)
        if effort > HEARD and town.name in spots:
            picture.mark("circle", cx=x, cy=y, r=1 + 5 * effort, fill=INK, pointer_events="none")


@lru_cache(maxsize=8)
def town_spots(boundaries: str, **where: float) -> dict[str, tuple[float, float]]:
    """The middle of every town's outline, as `town_paths` draws it there."""
    spots = {}
    for name, path in town_paths(boundaries, **where)[0].items():
        numbers = [float(part) for part in path.replace("M", " ").replace("L", " ").replace("Z", " ").split()]
        if numbers:
            spots[name] = (sum(numbers[::2]) / len(numbers[::2]), sum(numbers[1::2]) / len(numbers[1::2]))
    return spots
