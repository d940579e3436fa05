"""What is on the screen, in one value: it is the page's address, and the command line that shows the same."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np

from experiments.explanation.flips import knobs
from sim.errors import WrongInput, nearest
from sim.outcomes import OUTCOMES
from sim.scenario.folder import shipped_scenarios
from sim.scenario.scenario import Scenario, load_scenario

CASE = "connecticut-2011"
SHOWN_FIRST = "PLANB_PAGE"  # environment: the query that a bare address of the page stands for
TOKEN = "PLANB_PAGE_TOKEN"  # environment: what an address that is handed on must carry besides, beyond loopback
PUBLISHED = "PLANB_PAGE_PUBLISHED"  # environment: not empty where visitors only watch
AGENTS = "PLANB_PAGE_AGENTS"  # environment: bodies of a user's own by role, as JSON, in every case that is shown
SIDES = ("governor", "coalition")
LEADER = "leader of "  # a seat's name, before the union's
HEADS = {"house": "speaker of the house", "senate": "president of the senate"}  # seats, by chamber
MAYORS = "mayors"
MOST = 2**53  # larger whole numbers do not survive a browser
KEPT_SCENARIOS = 32


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Scenario, luck and settings; the one lever that a second run changes; who is played by hand, and how."""

    scenario: str
    seed: int = 2011
    world: int = 0
    settings: tuple[tuple[str, str], ...] = ()  # key, value as text; by key, each once
    change: tuple[str, str] | None = None  # what the compared run has otherwise
    chair: str = ""  # the seats that are played by hand, with ";" between them; "both": governor and coalition
    moves: tuple[str, ...] = ()  # what was played so far: an offer "3,1.5,...", an answer "yes", a number, a choice
    levers: tuple[str, str, str] | None = None  # a map over two keys, across and up, of "deal" or of an outcome
    step: int | None = field(default=None, compare=False)  # how far the run is shown; None: not said

    # --- settings

    def setting(self, key: str) -> str | None:
        """What a key is pinned to, as text; None if it is not."""
        return dict(self.settings).get(key)

    def pin(self, key: str, value: str | None) -> Setup:
        """The same with a key pinned, or with None no longer pinned. What was played by hand starts anew."""
        pinned = {name: text for name, text in self.settings if name != key}
        if value is not None:
            pinned[key] = value
        return replace(self, settings=tuple(sorted(pinned.items())), moves=())

    @property
    def hands(self) -> tuple[str, ...]:
        """The seats that are played by hand."""
        return SIDES if self.chair == "both" else tuple(self.chair.split(";")) if self.chair else ()

    @property
    def other(self) -> Setup | None:
        """The run to compare with: the same luck, one thing changed."""
        return None if self.change is None else self.pin(*self.change).alone

    @property
    def alone(self) -> Setup:
        """The world with its settings, as the model plays it, and nothing beside it."""
        return Setup(scenario=self.scenario, seed=self.seed, world=self.world, settings=self.settings)

    def resolved(self) -> Scenario:
        """The scenario with the settings pinned. Raises `WrongInput`."""
        return _resolved(self.scenario, self.settings)

    # --- address and command line

    def query(self) -> str:
        """As the page's address has it, without the question mark."""
        pairs: list[tuple[str, Any]] = [("scenario", self.scenario), ("seed", self.seed), ("world", self.world)]
        pairs += [("set", f"{key}={value}") for key, value in self.settings]
        if self.change is not None:
            pairs.append(("change", "=".join(self.change)))
        if self.chair:
            pairs.append(("chair", self.chair))
        if self.moves:
            pairs.append(("moves", ";".join(self.moves)))
        if self.levers is not None:
            pairs.append(("levers", ",".join(self.levers)))
        if self.step is not None:
            pairs.append(("step", self.step))
        return urlencode(pairs, safe="/=,;:")

    def command(self) -> str:
        """The command line that tells the same run."""
        words = ["planb", "play", self.scenario, "--seed", str(self.seed), "--world", str(self.world)]
        for key, value in self.settings:
            words += ["--set", f"{key}={value}"]
        for role, text in own_agents().items():
            words += ["--agent", f"{role}={text}"]
        return shlex.join(words)


Go = Callable[[Setup], None]  # shows another setup


def seats_of(case: Scenario) -> tuple[str, ...]:
    """Every body whose decisions people can take: a seat each, the mayors together."""
    chambers = {seat.chamber for seat in case.seats}
    heads = [head for chamber, head in HEADS.items() if chamber in chambers]
    leaders = [LEADER + name for name in case.unions.names]
    return (*SIDES, *leaders, *heads, *([MAYORS] if case.town_halls is not None else []))


def chair_of(seats: Iterable[str]) -> str:
    """These seats played by hand, as a setup has them."""
    taken = tuple(seats)
    return "both" if taken == SIDES else ";".join(taken)


def from_query(query: str | None, *, usual: Setup, allowed: Mapping[str, str]) -> Setup:
    """The setup an address asks for; what it leaves out is as ``usual``.

    ``allowed``: the scenarios this page may show, as the address names them. Raises `WrongInput`.
    """
    given = parse_qsl(query or "", keep_blank_values=True)
    if not given:
        return usual
    known = ("scenario", "seed", "world", "set", "change", "chair", "moves", "levers", "step")
    for key, _ in given:
        if key not in known:
            raise WrongInput(f"the address asks for {key!r}{nearest(key, known)}")
    last = dict(given)
    scenario = last.get("scenario", usual.scenario)
    if scenario not in allowed:
        raise WrongInput(f"this page does not show a scenario {scenario!r}{nearest(scenario, allowed)}")
    chair = last.get("chair", "")
    if chair and chair != "both":
        chair = chair_of(_seats(chair, seats_of(_resolved(scenario, ()))))
    moves = tuple(move for move in last.get("moves", "").split(";") if move)
    setup = Setup(
        scenario=scenario,
        seed=whole("seed", last.get("seed", str(usual.seed))),
        world=whole("world", last.get("world", str(usual.world))),
        chair=chair,
        moves=moves if chair else (),
        step=whole("step", last["step"]) if "step" in last else None,
    )
    for key, text in given:
        if key == "set":
            setup = replace(setup.pin(*_pair(text, scenario)), moves=setup.moves)
    if "change" in last:
        setup = replace(setup, change=_pair(last["change"], scenario))
    if "levers" in last:
        setup = replace(setup, levers=_levers(last["levers"], setup.resolved()))
    return setup


def _seats(chair: str, known: Sequence[str]) -> list[str]:
    """The seats an address names, each once and in the order of the case's."""
    asked = chair.split(";")
    for seat in asked:
        if seat not in known:
            raise WrongInput(f"chair: {seat!r} is not at the table{nearest(seat, (*known, 'both'))}")
    return [seat for seat in known if seat in asked]


def as_text(value: Any) -> str:
    """A setting's value as the command line and the address have it; a number with all its digits."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    return str(value.item() if isinstance(value, np.generic) else value)


def whole(name: str, text: str) -> int:
    """A whole number that is not negative. Raises `WrongInput`."""
    try:
        number = int(text)
    except ValueError:
        raise WrongInput(f"{name}: must be a whole number, got {text!r}") from None
    if not 0 <= number <= MOST:
        raise WrongInput(f"{name}: must be from 0 to {MOST}, got {number}")
    return number


@lru_cache(maxsize=1)
def served() -> tuple[Setup, dict[str, str]]:
    """What a bare address shows, and the scenarios this server may show, by name with their titles.

    Those are the ones that ship and the one the server was started with: no address opens any other file.
    """
    asked = os.environ.get(SHOWN_FIRST, "")
    plain = Setup(scenario=CASE)
    own = dict(parse_qsl(asked)).get("scenario", CASE)
    allowed = {name: load_scenario(name).title for name in dict.fromkeys([own, *shipped_scenarios()])}
    return from_query(asked, usual=plain, allowed=allowed), allowed


def published() -> bool:
    """Do visitors only watch the run that the server was started with?"""
    return bool(os.environ.get(PUBLISHED))


def _pair(text: str, scenario: str) -> tuple[str, str]:
    """``KEY=VALUE`` with the key in full; a short name will do."""
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise WrongInput(f"the address sets {text!r}; write KEY=VALUE")
    return _resolved(scenario, ()).entry(key).key, value


def _levers(text: str, scenario: Scenario) -> tuple[str, str, str]:
    """``KEY,KEY`` or ``KEY,KEY,OUTCOME`` with the keys in full: two levers or uncertainties that have other values."""
    names = text.split(",")
    if len(names) not in (2, 3):
        raise WrongInput(f"levers: {text!r} is no map; write KEY,KEY or KEY,KEY,OUTCOME")
    x, y = (scenario.entry(name).key for name in names[:2])
    known = {knob.key for knob in knobs(scenario)}
    for key in (x, y):
        if key not in known:
            raise WrongInput(f"levers: {key} has no other value to try")
    if x == y:
        raise WrongInput(f"levers: {x} stands on both sides of the map")
    counted = names[2] if len(names) == 3 else "deal"
    if counted not in ("deal", *OUTCOMES):
        raise WrongInput(f"levers: no world ends with {counted!r}{nearest(counted, ('deal', *OUTCOMES))}")
    return x, y, counted


@lru_cache(maxsize=KEPT_SCENARIOS)
def _resolved(scenario: str, settings: tuple[tuple[str, str], ...]) -> Scenario:
    case, agents = load_scenario(scenario), own_agents()
    return (case.with_plugins(agents) if agents else case).with_settings(dict(settings))


def own_agents() -> dict[str, str]:
    """Bodies of a user's own that the server was started with: ``FILE.py:CLASS`` by role."""
    return dict(json.loads(os.environ.get(AGENTS) or "{}"))
