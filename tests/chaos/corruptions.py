"""Damage results folders at random and look who notices: ``python -m tests.chaos.corruptions --trials 1000``.

A bit of a file is flipped, a file is cut short, or deleted; every file but the lock, which holds no result, of a
finished folder and of one that was stopped half way. What must hold: `verify` says so, `export` refuses, and `resume`
gives the very table again or refuses in one line.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from experiments.runs.checking import verify
from experiments.runs.export import export
from experiments.runs.files import CannotGoOn
from experiments.runs.runner import resume
from experiments.runs.store import Folder
from sim.errors import WrongInput
from tests.chaos.studies import STUDIES, go, options

ROOT = Path(__file__).parents[2]
KINDS = ("a bit flipped", "a bit flipped", "a bit flipped", "a bit flipped", "cut short", "deleted")


def folders(base: Path, studies: Iterable[str]) -> list[Path]:
    """A finished and an unfinished folder of each study."""
    made = []
    for name in studies:
        finished, halfway = base / f"{name}-finished", base / f"{name}-halfway"
        go(name, finished, workers=1)
        halfway.mkdir()
        leave_half(name, halfway)
        made += [finished, halfway]
    return made


def leave_half(name: str, out: Path) -> None:
    """Run a study, but stop it after four parts as a full disk would."""
    add, kept = Folder.add, []

    def add_some(folder: Folder, part: Any) -> None:
        if len(kept) == 4:
            raise CannotGoOn("stopped half way")
        kept.append(part.number)
        add(folder, part)

    Folder.add = add_some  # type: ignore[method-assign]
    try:
        go(name, out, workers=1)
    except CannotGoOn:
        return
    finally:
        Folder.add = add  # type: ignore[method-assign]


def damage(folder: Path, how: str, rng: random.Random) -> str:
    """Do it to a file of the folder, larger ones no oftener than others; which one."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")
    path = rng.choice([path for path in files if path.stat().st_size] if how != "deleted" else files)
    data = bytearray(path.read_bytes())
    if how == "deleted":
        path.unlink()
    elif how == "cut short":
        path.write_bytes(data[: rng.randrange(len(data))])
    else:
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        path.write_bytes(data)
    return path.relative_to(folder).as_posix()


def trial(folder: Path, scratch: Path, how: str, rng: random.Random) -> dict[str, Any]:
    """One folder damaged once: who noticed, and what became of it."""
    study, state = folder.name.split("-")
    shutil.copytree(folder, scratch)
    name = damage(scratch, how, rng)
    mild = options(study, workers=1)
    load, model = mild.load, mild.model
    noticed = outcome_of(lambda: verify(scratch, rows=0, model=model, load=load)["sound"]) is not True
    sealed = outcome_of(lambda: export(scratch, "rocrate", scratch.with_suffix(".zip")))
    scratch.with_suffix(".zip").unlink(missing_ok=True)
    again = outcome_of(lambda: resume(scratch, options=mild))
    if isinstance(again, str):
        end = "refused" if "\n" not in again else "traceback"
    else:
        end = "mended" if verify(scratch, rows=0)["sound"] and again.table_sha256 == wanted(folder) else "WRONG"
    shutil.rmtree(scratch)
    exported = not isinstance(sealed, str)
    facts = {"study": study, "folder": state, "how": how, "file": name.split("/")[0].split("-")[0]}
    return facts | {"noticed": noticed, "exported": exported, "end": end}


def outcome_of(do: Callable[[], Any]) -> Any:
    """What it gives; the words of an error that we know how to say."""
    try:
        return do()
    except (WrongInput, CannotGoOn) as error:
        return str(error)


def wanted(folder: Path) -> str:
    """The hash that the undisturbed study has."""
    finished = folder.with_name(folder.name.replace("halfway", "finished"))
    return str(json.loads((finished / "manifest.json").read_text())["table_sha256"])


def corruptions(trials: int, *, seed: int = 2011, studies: Iterable[str] = STUDIES) -> Iterator[dict[str, Any]]:
    """So many, over every folder and kind of damage in turn."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="planb-chaos-") as temporary:
        base = Path(temporary)
        made = folders(base, studies)
        for number in range(trials):
            how = KINDS[number // len(made) % len(KINDS)]
            yield trial(made[number % len(made)], base / "trial", how, rng)


def is_bad(found: dict[str, Any]) -> bool:
    """A part that is gone from an unfinished folder is a task that has not run: nothing to notice, only to run."""
    only_to_run = found["folder"] == "halfway" and found["how"] == "deleted" and found["file"] == "parts"
    unnoticed = not found["noticed"] and not only_to_run
    return bool(unnoticed or found["exported"] or found["end"] not in ("mended", "refused"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=2011)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "chaos" / "corruptions.json")
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    done = []
    for found in corruptions(given.trials, seed=given.seed):
        done.append(found)  # written every time, so that what is interrupted still counts
        given.out.write_text(json.dumps(done, indent=1) + "\n")
    bad = [found for found in done if is_bad(found)]
    for found in bad[:20]:
        print(json.dumps(found), file=sys.stderr)
    print(f"{len(done)} corruptions, {len(bad)} undetected or not put right: {given.out}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
