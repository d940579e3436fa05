"""The command line, called in this process."""

from __future__ import annotations

from click.testing import CliRunner

from experiments.commands.command_line import planb
from sim.errors import WrongInput


def call(*words: object) -> tuple[int, str]:
    """How ``planb`` ends and what it says; any other exception is a failure."""
    done = CliRunner().invoke(planb, [str(word) for word in words])
    if isinstance(done.exception, WrongInput):  # what `main` turns into one line and 2
        return 2, str(done.exception)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output
