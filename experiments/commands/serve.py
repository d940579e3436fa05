"""``planb serve``: the page in the browser."""

from __future__ import annotations

import ipaddress
import os
import secrets
from pathlib import Path

import click

from experiments.commands import options
from experiments.commands.play import setup_of


@click.command()
@click.argument("scenario", default="connecticut-2011")
@options.seed
@click.option("--world", default=0, show_default=True, type=options.ADDRESS, help="Which world, from 0.")
@options.settings
@click.option("--replay", nargs=2, metavar="DIR RUN", help="Open exactly this row of a study's results.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; beyond loopback the page "
              "opens with a token only.")  # fmt: skip
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free.")
@click.option("--allow-host", multiple=True, metavar="NAME", help="Another name the server is called by.")
@click.option("--visitors", default=200, show_default=True, type=click.IntRange(1, 2000), help="Pages open at once.")
@click.option("--published", is_flag=True, help="Show this run only: nobody changes settings or plays by hand.")
@click.option("--browser/--no-browser", default=False, help="Open a browser too.")
@options.as_json
def command(
    scenario: str,
    seed: int,
    world: int,
    settings: tuple[str, ...],
    replay: tuple[str, str] | None,
    host: str,
    port: int,
    allow_host: tuple[str, ...],
    visitors: int,
    published: bool,
    browser: bool,
    as_json: bool,
) -> None:
    """Start the page in the browser: watch a run, compare two, rewind, take a seat, play with others."""
    from experiments.page.server import free_port, serve
    from sim.errors import WrongInput

    agents = options.read_agents()
    if replay is not None:
        from experiments.page.replay import setup_of_row

        if any(options.is_given(name) for name in ("scenario", "seed", "world", "settings")):
            raise WrongInput("--replay opens a row of a folder, which has its own scenario, seed, world and settings")
        setup = setup_of_row(Path(replay[0]), replay[1])
    else:
        setup = setup_of(options.scenario_with(scenario, settings), scenario, seed, world)
    try:
        from experiments.page.guard import doors
    except ImportError as error:
        raise WrongInput(f"the page needs more packages ({error.name}): pip install 'planb[page]'") from None
    port = port or free_port(host)
    token = "" if _is_loopback(host) else secrets.token_urlsafe(16)
    address = f"http://{_shown(host)}:{port}/" + (f"?token={token}" if token else "")
    told = f"The page is at {address} ; Ctrl+C stops it."
    options.answer({"address": address, "opens": setup.query()}, told, as_json=as_json)
    if token:
        click.echo(f"planb: listening on {host}, not on loopback only: whoever has this address can open it.", err=True)
    allowed = doors(host, port, names=allow_host, token=token, visitors=visitors)
    serve(setup, host=host, port=port, doors=allowed, agents=agents, published=published, browser=browser)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _shown(host: str) -> str:
    """The address as a browser takes it."""
    if host in ("0.0.0.0", "::"):
        return os.uname().nodename
    return f"[{host}]" if ":" in host else host
