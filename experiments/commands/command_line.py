"""The command line: one file a command in ``experiments/commands/``, loaded only when it is called.

Exit codes: 0 fine, 1 the model or a run failed, 2 wrong input. ``--json`` prints one JSON document on stdout;
progress goes to stderr, and only when it is a terminal.
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys

import click

# name -> what `planb --help` says of it; the command is ``experiments.commands.NAME:command``
COMMANDS = {
    "demo": "Ten seconds: a narrated world, an ensemble and a chart.",
    "scenarios": "List the cases that ship.",
    "show": "A scenario in words: issues, rule, power, parameters with roles and sources.",
    "check": "Validate a scenario or study file without running it.",
    "play": "Tell one world as a dated story.",
    "ensemble": "Shares of outcomes with intervals, vote distributions, who pays.",
    "sweep": "A grid of parameter values straight from the shell.",
    "run": "Run a study file or a study by name.",
    "plan": "What a study would cost: points, runs, time, disk.",
    "status": "How far a results folder has come.",
    "verify": "Is a results folder still what it was?",
    "compare": "Which rows of two results folders differ, and by how much.",
    "resume": "Go on with an interrupted study.",
    "merge": "Join the shards of a study.",
    "replay": "Tell the story of one run of a results folder.",
    "explain": "Why a world failed, and what single change flips it.",
    "chart": "Draw charts from a results folder.",
    "report": "A results folder as one HTML file: verdicts, charts, tables, sources.",
    "sensitivity": "Morris and Sobol indices, scenario discovery.",
    "calibrate": "From the record before the second vote to a posterior.",
    "validate": "Check the model against the patterns on record.",
    "forecast": "Forecast a second vote from the first and the new list and terms.",
    "serve": "The page in the browser.",
    "site": "Runs of the cases as a folder of pages that need no server.",
    "export": "Results as CSV, CoMSES or RO-Crate.",
    "bench": "Measure speed side by side with what a user would pick instead.",
}


TRACEBACK = "PLANB_TRACEBACK"  # environment: not empty where the traceback of any error is wanted
LASTING = {"serve"}  # commands whose process lives long and serves many


class LazyGroup(click.Group):
    """Imports a command's module when the command is named, so that ``planb --help`` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        return importlib.import_module(f"experiments.commands.{name}").command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="planb", prog_name="planb")
@click.pass_context
def planb(ctx: click.Context) -> None:
    """Budget bargaining under threat: a governor, unions and their members, a legislature and mayors."""
    if ctx.invoked_subcommand not in LASTING:
        from experiments.runs.memory import keep_freed_memory

        keep_freed_memory()


def main() -> None:
    """Run the command; what goes wrong by a user's input, file or own code is told in one line, without a traceback."""
    from sim.errors import one_line

    speak_safely()
    try:
        sys.exit(planb(standalone_mode=False))
    except click.ClickException as error:
        vars(error)["message"] = one_line(error.message)  # click calls it final; the text is a user's own words
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("planb: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
    except Exception as error:
        said, code = in_words(error)
        if not said or os.environ.get(TRACEBACK):
            raise
        click.echo(f"planb: {said}", err=True)
        sys.exit(code)


def in_words(error: Exception) -> tuple[str, int]:
    """What went wrong on one line, and the exit code; no words for a mistake of ours, which shows where it is."""
    from experiments.runs.files import CannotGoOn
    from sim.errors import ModelFault, WrongInput, one_line

    if isinstance(error, (CannotGoOn, ModelFault, WrongInput)):
        return str(error), 2 if isinstance(error, WrongInput) else 1
    from sim.plugins import theirs

    if raised := theirs(error):
        return f"{raised}; {TRACEBACK}=1 before the command shows how it came there", 1
    if isinstance(error, OSError):  # a folder that may not be written to, a name that is too long, a full disk
        named = f"{error.filename}: " if error.filename else ""
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)
        return one_line(f"{named}{error.strerror or error}"), 1 if full else 2
    return "", 1


def speak_safely() -> None:
    """Print what a file says without letting it act: '?' for letters that the encoding lacks, no control characters.

    Titles and names come from files of others. On a terminal an escape sequence in one could colour, move or hide text.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.isatty():
        sys.stdout = Readable(sys.stdout.buffer, encoding=sys.stdout.encoding, errors="replace", line_buffering=True)


class Readable(io.TextIOWrapper):
    """A stream that leaves out control characters; the one it stands in for stays open in ``sys.__stdout__``."""

    def write(self, text: str) -> int:
        from sim.errors import UNSAFE

        return super().write(UNSAFE.sub("", text))
