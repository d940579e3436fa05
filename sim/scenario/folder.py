"""A case's folder: where it lies, its checked sections, and the tables that they name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from sim.errors import WrongInput, nearest
from sim.plugins import Plugin, with_numbers_of
from sim.public.seniority import Seniority
from sim.public.towns import TownHalls, towns_of
from sim.scenario.file import ScenarioFile
from sim.scenario.posterior import POSTERIOR, POSTERIOR_MOODS, draws_of, moods_of
from sim.scenario.reading import exists, is_folder
from sim.scenario.schema import in_one_line, spellings
from sim.scenario.seats import Coefficients, Seats, aid_dependence, read_coefficients, seats_of
from sim.scenario.sections import FITTED
from sim.scenario.tables import (
    DistrictTowns,
    Legislators,
    TownBooks,
    Unions,
    Units,
    read_district_towns,
    read_legislators,
    read_seniority,
    read_towns,
    read_units,
)

SHIPPED = Path(__file__).parents[1] / "scenarios"
FILE = "scenario.toml"


class CaseTables(TypedDict):
    """What the tables of a case hold; None where the case has no such table."""

    units: Units
    unions: Unions
    seniority: Seniority
    legislators: Legislators | None
    roll_call: Coefficients | None
    town_books: TownBooks | None
    district_towns: DistrictTowns | None
    seats: Seats
    town_halls: TownHalls | None
    posterior: Mapping[str, NDArray[np.float64]] | None
    posterior_moods: NDArray[np.float64] | None


def shipped_scenarios() -> list[str]:
    """Names of the cases that ship."""
    return sorted(folder.name for folder in SHIPPED.iterdir() if (folder / FILE).is_file())


def case_file(name_or_path: str | Path) -> Path:
    """The file of a case that ships, by its name, or of any, by its folder or file. Raises `WrongInput`."""
    if str(name_or_path) in shipped_scenarios():
        return SHIPPED / str(name_or_path) / FILE
    path = Path(name_or_path)
    if is_folder(path):
        if exists(path / FILE):
            return (path / FILE).resolve()
        inside = [*sorted(path.glob(f"*/{FILE}")), *sorted(path.glob(f"*/*/{FILE}"))]  # as a folder of results has it
        raise WrongInput(f"{path}: holds no {FILE}" + "".join(f"; {file.parent} does" for file in inside[:1]))
    if exists(path):
        return path.resolve()
    close = nearest(str(name_or_path), shipped_scenarios()) or "; 'planb scenarios' lists those that ship"
    raise WrongInput(f"no scenario {str(name_or_path)!r}{close}")


def sections_of(file: str, raw: Mapping[str, Any], plugins: Mapping[str, Plugin]) -> ScenarioFile:
    """A file's sections, each entry checked, with what the plug-ins declare. Raises `WrongInput`."""
    return _checked(file, raw, with_numbers_of(ScenarioFile, plugins), raw)


def sections_with(sections: ScenarioFile, file: str, raw: Mapping[str, Any], touched: Collection[str]) -> ScenarioFile:
    """The same sections but for those of these names, which are read from the file. Raises `WrongInput`."""
    as_they_were = {name: getattr(sections, field) for field, name in spellings(type(sections)) if name not in touched}
    return _checked(file, {name: as_they_were.get(name, said) for name, said in raw.items()}, type(sections), raw)


def _checked(file: str, said: Mapping[str, Any], schema: type[ScenarioFile], raw: Mapping[str, Any]) -> ScenarioFile:
    """What is said, in the schema's sections; ``raw``: the same as TOML reads it, for messages."""
    try:
        return schema.model_validate(said)
    except ValidationError as error:
        raise WrongInput(f"{file}: {in_one_line(error, raw, schema)}") from None
    except OverflowError as error:
        raise WrongInput(f"{file}: a date or a number is too large: {error}") from None


def tables_of(folder: Path, file: str, sections: ScenarioFile) -> CaseTables:
    """The tables that these sections name, read from the folder, and who is in them. Raises `WrongInput`.

    No parameter of the sections has a part in it: only their words, as the names of tables and parties.
    """
    units, unions = read_units(folder / sections.unions.table)
    legislators = roll_call = town_books = district_towns = posterior = moods = None
    if sections.legislature is not None:
        chambers = sections.legislature
        legislators = read_legislators(folder / chambers.table)
        roll_call = read_coefficients(folder / chambers.coefficients, folder / chambers.covariance)
    if sections.towns is not None:
        town_books = read_towns(folder / sections.towns.table)
        if legislators is not None:
            district_towns = read_district_towns(folder / sections.towns.districts, legislators, town_books)
    if sections.case.uncertainties in FITTED:
        posterior = draws_of(folder / POSTERIOR, sections)
        if sections.case.uncertainties == "posterior" and (folder / POSTERIOR_MOODS).is_file():
            moods = moods_of(folder / POSTERIOR_MOODS, units.names, len(next(iter(posterior.values()))))
    return CaseTables(
        units=units,
        unions=unions,
        seniority=read_seniority(folder / sections.unions.seniority),
        legislators=legislators,
        roll_call=roll_call,
        town_books=town_books,
        district_towns=district_towns,
        seats=_seats(sections, legislators, town_books, district_towns),
        town_halls=_town_halls(file, sections, legislators, town_books, district_towns),
        posterior=posterior,
        posterior_moods=moods,
    )


def _seats(
    sections: ScenarioFile, legislators: Legislators | None, books: TownBooks | None, pairs: DistrictTowns | None
) -> Seats:
    """Who sits in the chambers, the same in all worlds; none where the case has no legislature."""
    if legislators is None or sections.legislature is None:
        return Seats()
    dependence = None if books is None or pairs is None else aid_dependence(books, pairs, len(legislators.names))
    return Seats(seats_of(legislators, governors_party=sections.legislature.governors_party, dependence=dependence))


def _town_halls(
    file: str,
    sections: ScenarioFile,
    legislators: Legislators | None,
    books: TownBooks | None,
    pairs: DistrictTowns | None,
) -> TownHalls | None:
    """The towns with what is the same in all worlds. Raises `WrongInput` for a town the table does not have."""
    if books is None or sections.towns is None:
        return None
    seats = 0 if legislators is None else len(legislators.names)
    try:
        return TownHalls.of(towns_of(books), sections.towns, pairs=pairs, seats=seats)
    except WrongInput as error:
        raise WrongInput(f"{file}: {error}") from None
