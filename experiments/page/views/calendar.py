"""The calendar: phases as bands, what happened as marks, and where the run stands."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence

from experiments.charts.palette import FAINT, INK, VERMILION
from experiments.page.moments import Snapshot
from experiments.page.svg import SOFT, Picture, day

WIDTH, HEIGHT = 1000.0, 104.0
SMALL = 12.5  # the calendar is shown nearly as wide as it is drawn
LEFT, RIGHT, BAND_TOP, BAND = 14.0, 14.0, 34.0, 26.0
PHASES = {  # pale, with a word on it; colour is not what tells them apart
    "talks": ("Talks", "#CFE2EE"),
    "campaign": ("Campaign", "#DDEBCF"),
    "session": ("State house", "#EFCFA8"),
    "window": ("Rule changed, deal revised", "#D9C3DC"),
    "settlement": ("Settlement", "#C8C8C8"),
}
REST = datetime.timedelta(days=20)
Agenda = Sequence[tuple[datetime.date, str]]
Place = Callable[[datetime.date], float]  # where a date is on the picture
MARKS = {"threat": ("square", VERMILION), "news": ("circle", "#8A6D00"), "vote": ("diamond", INK)}


def draw_calendar(snapshot: Snapshot) -> str:
    """From the first day to the last; the past in ink, the future pale."""
    agenda = snapshot.case.agenda
    first, last = agenda[0][0], agenda[-1][0]
    days = max((last - first).days, 1)
    picture = Picture(WIDTH, HEIGHT, f"Calendar from {first} to {last}, now {snapshot.date}")

    def at(date: datetime.date) -> float:
        return LEFT + (date - first).days / days * (WIDTH - LEFT - RIGHT)

    picture.line(LEFT, BAND_TOP + BAND, WIDTH - RIGHT, BAND_TOP + BAND, stroke=FAINT)
    _bands(picture, agenda, at)
    _months(picture, first, last, at)
    told: dict[tuple[str, str], list[str]] = {}
    for event in snapshot.events:
        told.setdefault((event["date"], event["phase"]), []).append(f"{event['actor']}: {event['event']}")
    for date, phase in agenda[: snapshot.step]:
        words = told.get((date.isoformat(), phase))
        if words and phase in MARKS:
            shape, colour = MARKS[phase]
            picture.shape(shape, at(date), 22, 5, tip=f"{day(date)}, {'; '.join(words)}", fill=colour)
    x = at(snapshot.date)
    picture.line(x, 12, x, BAND_TOP + BAND + 8, stroke=INK, stroke_width=2)
    anchor = "start" if x < 90 else "end" if x > WIDTH - 90 else "middle"
    picture.text(x, 11, day(snapshot.date), anchor=anchor, font_weight="700", font_size=13)
    _legend(picture, agenda)
    return str(picture)


def spans(agenda: Agenda) -> list[tuple[str, datetime.date, datetime.date]]:
    """Phases with their first and last days; one that rests for more than `REST` days comes again as another."""
    found: list[tuple[str, datetime.date, datetime.date]] = []
    for phase in PHASES:
        for date in (date for date, name in agenda if name == phase):
            if found and found[-1][0] == phase and date - found[-1][2] <= REST:
                found[-1] = (phase, found[-1][1], date)
            else:
                found.append((phase, date, date))
    return found


def _bands(picture: Picture, agenda: Agenda, at: Place) -> None:
    for phase, start, end in spans(agenda):
        name, colour = PHASES[phase]
        left, right = at(start), max(at(end), at(start) + 12)
        right = min(right, WIDTH - 1)
        picture.rect(left, BAND_TOP, right - left, BAND, tip=f"{name}: {day(start)} to {day(end)}", fill=colour, rx=3)
        if right - left > 8.5 * len(name):
            picture.text((left + right) / 2, BAND_TOP + 17, name, anchor="middle")


def _months(picture: Picture, first: datetime.date, last: datetime.date, at: Place) -> None:
    date = first.replace(day=1)
    while date <= last:
        if date >= first:
            picture.line(at(date), BAND_TOP + BAND, at(date), BAND_TOP + BAND + 5, stroke=SOFT)
            picture.text(at(date) + 3, BAND_TOP + BAND + 16, f"{date:%B}", font_size=SMALL, fill=SOFT)
        date = (date + datetime.timedelta(days=32)).replace(day=1)


def _legend(picture: Picture, agenda: Agenda) -> None:
    """The marks, and the phases: some bands are too short for a word."""
    x = LEFT
    for name, words in (("threat", "the governor acts"), ("news", "news"), ("vote", "members vote")):
        shape, colour = MARKS[name]
        picture.shape(shape, x + 5, HEIGHT - 9, 5, fill=colour)
        picture.text(x + 16, HEIGHT - 5, words, font_size=SMALL, fill=SOFT)
        x += 38 + 6.6 * len(words)
    present = {phase for phase, _, _ in spans(agenda)}
    for phase, (name, colour) in PHASES.items():
        if phase in present:
            picture.rect(x, HEIGHT - 15, 16, 12, fill=colour, rx=2)
            picture.text(x + 22, HEIGHT - 5, name, font_size=SMALL, fill=SOFT)
            x += 40 + 6.6 * len(name)
