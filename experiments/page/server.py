"""The server of the page: Solara in production mode, its front end from this machine, on loopback unless told."""

from __future__ import annotations

import os
import socket
import warnings
import webbrowser

from experiments.page.setup import SHOWN_FIRST, Setup
from sim.errors import WrongInput

APP = "experiments.page.app"

# Read by Solara when it is imported. Its assets come from the package solara-assets and nothing is reported to anybody.
SOLARA = {
    "SOLARA_MODE": "production",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_THEME_SHOW_BANNER": "false",
    "SOLARA_THEME_TITLE": "planb",
    "SOLARA_KERNEL_CULL_TIMEOUT": "10m",  # a page that was closed is let go at once, one that vanished after this
}

# What Solara would say in the terminal that nobody who serves this page can act on: a cookie for pages inside other
# pages, and how Mesa's own page is written.
NO_CONCERN = ("Cookies with samesite=none", r".*solara_viz\.py.*use_state")


def serve(setup: Setup, *, host: str, port: int, browser: bool = False) -> None:
    """Serve the page until it is stopped. Raises `WrongInput` where the packages are missing or the port is taken."""
    os.environ.update({key: os.environ.get(key, value) for key, value in SOLARA.items()})
    for words in NO_CONCERN:
        warnings.filterwarnings("ignore", message=words, category=UserWarning)
    os.environ |= {"SOLARA_APP": APP, SHOWN_FIRST: setup.query()}
    try:
        import solara.server.starlette
        import uvicorn
    except ImportError as error:
        raise WrongInput(f"the page needs more packages ({error.name}): pip install 'planb[page]'") from None
    _refuse_taken(host, port)
    if browser:
        webbrowser.open(f"http://{host}:{port}/")
    config = uvicorn.Config(solara.server.starlette.app, host=host, port=port, log_level="warning")
    uvicorn.Server(config).run()


def free_port(host: str) -> int:
    """A port nobody listens on."""
    with _socket(host) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _refuse_taken(host: str, port: int) -> None:
    try:
        with _socket(host) as probe:
            probe.bind((host, port))
    except OSError as error:
        raise WrongInput(f"cannot listen on {host}:{port}: {error.strerror}; choose another --port or --host") from None


def _socket(host: str) -> socket.socket:
    probe = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return probe
