"""A run as a film for slides: the stage at every moment, as the page draws it, a GIF or, by ffmpeg, an MP4."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from experiments.page.run import Run
from experiments.page.views.stage import draw_stage
from experiments.runs.files import write_atomically
from sim.errors import WrongInput

QUIET, TOLD, LAST = 1, 5, 15  # how long a moment is shown: nothing is told in it, something is, and how it ended
EVEN = "pad=ceil(iw/2)*2:ceil(ih/2)*2:color=white,format=yuv420p"  # what every player of MP4 can show


def require(file: Path) -> None:
    """Whether a film of this name can be made here. Raises `WrongInput`."""
    if file.suffix.lower() not in (".gif", ".mp4"):
        raise WrongInput(f"--film {file}: write FILE.gif or FILE.mp4")
    if not file.parent.is_dir():
        raise WrongInput(f"{file}: cannot be written: there is no folder {file.parent}")
    try:
        import resvg_py  # noqa: F401
    except ModuleNotFoundError as error:
        raise WrongInput(f'--film needs more packages ({error.name}): pip install "planb[film]"') from None
    if file.suffix.lower() == ".mp4" and not shutil.which("ffmpeg"):
        raise WrongInput(f"{file}: needs ffmpeg, and there is none on PATH: install it (ffmpeg.org), or write a GIF")


def write_film(file: Path, run: Run, *, width: int, seconds: float, comment: str) -> int:
    """Write a film of ``width`` pixels that shows what is told for so many seconds; how many moments it has.

    ``comment`` is kept in the file and not shown. Raises `WrongInput` where the film cannot be made or written.
    """
    require(file)
    pictures = [picture(draw_stage(seen), width) for seen in run.snapshots]
    make = as_gif if file.suffix.lower() == ".gif" else as_mp4
    try:
        write_atomically(file, make(pictures, shown_for(run), seconds / TOLD, comment))
    except OSError as error:
        raise WrongInput(f"{file}: cannot be written: {error.strerror}") from None
    return len(pictures)


def shown_for(run: Run) -> list[int]:
    """How long each moment is shown, in units of which `TOLD` are a moment in which something is told."""
    return [TOLD] + [TOLD if now > before else QUIET for before, now in pairwise(run.told[:-1])] + [LAST]


def picture(svg: str, width: int) -> bytes:
    """The SVG as PNG on white, in the font of our charts, so that it is the same on any machine."""
    import matplotlib
    import resvg_py

    fonts = Path(matplotlib.get_data_path(), "fonts", "ttf")
    letters = [str(fonts / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]
    return resvg_py.svg_to_bytes(
        svg_string=svg, width=width, background="#ffffff", skip_system_fonts=True, font_files=letters
    )


def as_gif(pictures: Sequence[bytes], shown: Sequence[int], unit: float, comment: str) -> bytes:
    """Each picture for so many units (s). It begins anew when it is over; pictures that are alike are one frame."""
    from PIL import Image

    first, *rest = (Image.open(io.BytesIO(one)).convert("RGB") for one in pictures)
    film, lasts = io.BytesIO(), [round(1000 * unit * units) for units in shown]  # ms
    first.save(film, "GIF", save_all=True, append_images=rest, duration=lasts, loop=0, comment=comment.encode())
    return film.getvalue()


def as_mp4(pictures: Sequence[bytes], shown: Sequence[int], unit: float, comment: str) -> bytes:
    """Each picture for so many units (s). Raises `WrongInput` where ffmpeg fails.

    Made in a folder of its own, as ffmpeg does not write an MP4 from beginning to end.
    """
    with TemporaryDirectory() as folder:
        film = Path(folder, "film.mp4")
        given = ["-f", "image2pipe", "-c:v", "png", "-framerate", f"{1 / unit:.6f}", "-i", "-"]
        wanted = ["-vf", EVEN, "-r", "25", "-movflags", "+faststart", "-metadata", f"comment={comment}", str(film)]
        command = ["ffmpeg", "-loglevel", "error", "-y", *given, *wanted]
        frames = b"".join(one * units for one, units in zip(pictures, shown, strict=True))
        done = subprocess.run(command, input=frames, capture_output=True)
        if done.returncode or not film.is_file():
            told = done.stderr.decode(errors="replace").strip().splitlines() or [f"ended with {done.returncode}"]
            raise WrongInput(f"ffmpeg could not make the film: {told[-1]}")
        return film.read_bytes()
