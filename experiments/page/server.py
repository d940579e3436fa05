"""The server of the page: Solara in production mode, its front end from this machine, behind the `Guard`."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import warnings
import webbrowser
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from experiments.page.setup import AGENTS, PUBLISHED, SHOWN_FIRST, TOKEN, Setup
from sim.errors import WrongInput

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

    from experiments.page.guard import Doors, Guard

APP = "experiments.page.app"

# Read by Solara when it is imported. Its assets come from the package solara-assets and nothing is reported to anybody.
SOLARA = {
    "SOLARA_MODE": "production",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "false",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false",
    "SOLARA_THEME_SHOW_BANNER": "false",
    "SOLARA_THEME_TITLE": "planb",
    "SOLARA_THEME_FORCE_REFRESH": "true",  # after a restart of the server; the address holds all, so nothing is lost
    "SOLARA_KERNEL_CULL_TIMEOUT": "3m",  # a page that was closed is let go at once, one that vanished after this
}

# What Solara would say in the terminal that nobody who serves this page can act on: a cookie for pages inside other
# pages, and how Mesa's own page is written.
NO_CONCERN = ("Cookies with samesite=none", r".*solara_viz\.py.*use_state")
LARGEST_MESSAGE = 2**20  # bytes that a browser may send at once
TIDY_EVERY = 4.0  # seconds; worker threads that rest longer than ten end when another piece of work comes

SKIP = '<a class="planb-skip" style="position:fixed;top:-99px" href="#planb-player">Skip to the player</a>'
# what Solara's document lacks: a language, leave to enlarge it, light or dark as the visitor's system is (asked for as
# a setting, Solara 1.64 leaves the place out that the page goes to)
DOCUMENT = (
    ("<html>", '<html lang="en">'),
    ('"variant": "light"', '"variant": "auto"'),
    (", maximum-scale=1, user-scalable=no, minimal-ui", ""),
    ('jupyter/">', f'jupyter/">{SKIP}'),
)


def serve(
    setup: Setup,
    *,
    host: str,
    port: int,
    doors: Doors | None = None,
    agents: Mapping[str, str] | None = None,
    published: bool = False,
    browser: bool = False,
) -> None:
    """Serve the page until it is stopped. Raises `WrongInput` where the packages are missing or the port is taken."""
    os.environ.update({key: os.environ.get(key, value) for key, value in SOLARA.items()})
    for words in NO_CONCERN:
        warnings.filterwarnings("ignore", message=words, category=UserWarning)
    os.environ |= {"SOLARA_APP": APP, SHOWN_FIRST: setup.query(), PUBLISHED: "yes" if published else ""}
    os.environ[TOKEN] = doors.token if doors else ""
    os.environ[AGENTS] = json.dumps(dict(agents or {}))
    try:
        import uvicorn

        from experiments.page import guard
    except ImportError as error:
        raise WrongInput(f"the page needs more packages ({error.name}): pip install 'planb[page]'") from None
    _refuse_taken(host, port)
    if browser:
        webbrowser.open(f"http://{host}:{port}/")
    config = uvicorn.Config(
        guarded(doors or guard.doors(host, port)),
        host=host,
        port=port,
        log_level="warning",
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=bool(os.environ[TOKEN]),  # on one machine packing takes longer than it saves
    )
    uvicorn.Server(config).run()


class ByThread(dict[str, Any]):
    """Whose session a thread is at work for, as Solara keeps it.

    A session that ends takes its threads' entries out, and so does a thread that ends; without this whoever comes
    second, now and then a visitor who leaves, meets an error (Solara 1.64).
    """

    def __delitem__(self, thread: str) -> None:
        self.pop(thread, None)


def guarded(doors: Doors) -> Guard:
    """Solara's application with our document, behind the guard."""
    from solara.server import kernel_context
    from solara.server import starlette as solara_app
    from starlette.applications import Starlette
    from starlette.routing import Route

    from experiments.page.guard import Guard

    routes = [
        Route(route.path, document) if isinstance(route, Route) and route.endpoint is solara_app.root else route
        for route in solara_app.routes
    ]
    app = Starlette(routes=routes, lifespan=lifespan, middleware=solara_app.middleware)
    kernel_context.current_context = ByThread(kernel_context.current_context)
    return Guard(app, doors, held=lambda: len(kernel_context.contexts))


async def document(request: Request) -> Response:
    """Solara's document with our policy, a language, and leave to enlarge it."""
    from solara.server import starlette as solara_app

    from experiments.page.guard import POLICY

    answer = await solara_app.root(request, request.path_params.get("fullpath", ""))
    if answer.media_type != "text/html":
        return answer
    nonce = secrets.token_urlsafe(16)
    html = bytes(answer.body).decode()
    for theirs, ours in (*DOCUMENT, ("<script", f'<script nonce="{nonce}"')):
        html = html.replace(theirs, ours)
    answer.body = html.encode()
    answer.headers["content-length"] = str(len(answer.body))
    answer.headers["content-security-policy"] = POLICY.format(nonce=nonce)
    return answer


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Solara's own, and meanwhile the threads of visitors who have gone are let go."""
    from solara.server import starlette as solara_app

    from experiments.page.live_ensemble import dismiss

    async with solara_app.lifespan(app):
        tidying = asyncio.create_task(_tidy())
        yield
        tidying.cancel()
        dismiss()


async def _tidy() -> None:
    """A visitor's thread rests when he has gone, and AnyIO ends resting threads only when the next work comes."""
    import anyio.to_thread

    while True:
        await asyncio.sleep(TIDY_EVERY)
        await anyio.to_thread.run_sync(int)


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
