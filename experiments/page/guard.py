"""Who may open the page, and what its answers allow.

Names and origins a browser may come by, a token beyond loopback, a cap on visitors, and a policy that lets no script in
but the page's own. A wrapper around any ASGI application; it knows nothing of what that shows.
"""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
EVERYWHERE = ("0.0.0.0", "::")
OPEN_TO_ALL = "/readyz"  # says only that the server is up

# Vue compiles the page's templates in the browser, hence unsafe-eval; scripts written into the document must carry the
# answer's nonce, so that words from a scenario or an address can never become one.
POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
}


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Who may come in. ``token`` is empty where none is asked for; ``visitors`` counts open pages."""

    hosts: frozenset[str]
    any_address: bool  # may it be called by any IP address? No name can be made to point here that way
    port: int
    token: str = ""
    visitors: int = 200

    @property
    def cookie(self) -> str:
        """Cookies do not tell ports apart, so the name does."""
        return f"planb-{self.port}"


def doors(host: str, port: int, *, names: tuple[str, ...] = (), token: str = "", visitors: int = 200) -> Doors:
    """For a server that listens on ``host``; ``names``: what else it is called, behind a proxy for instance."""
    here = {os.uname().nodename.lower()} if host in EVERYWHERE else {host.lower()}
    known = LOOPBACK | here | {name.lower() for name in names}
    return Doors(hosts=frozenset(known), any_address=host in EVERYWHERE, port=port, token=token, visitors=visitors)


class Guard:
    """Lets in whom the doors allow, and puts the safe headers on every answer.

    ``held`` says how many sessions the application keeps, those included whose browser is gone for the moment.
    """

    def __init__(self, app: ASGIApp, doors: Doors, held: Callable[[], int] = lambda: 0) -> None:
        self.app, self.doors, self.held = app, doors, held
        self.sockets = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if scope["type"] == "websocket":
            await self._socket(refusal, scope, receive, send)
        elif refusal:
            await _said(*refusal)(scope, receive, _with_headers(send))
        elif self._brings_token(scope):
            await self._welcome(scope)(scope, receive, _with_headers(send))
        else:
            await self.app(scope, receive, _with_headers(send))

    async def _socket(self, refusal: tuple[int, str] | None, scope: Scope, receive: Receive, send: Send) -> None:
        if refusal or self.full:
            await send({"type": "websocket.close", "code": 1008 if refusal else 1013})
            return
        self.sockets += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.sockets -= 1

    @property
    def full(self) -> bool:
        """Are there as many visitors as may be?"""
        return max(self.sockets, self.held()) >= self.doors.visitors

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Why this request is not answered: status and words; None where it may come in."""
        headers = Headers(scope=scope)
        called = headers.get("host", "")
        if not self._known(called):
            return 421, f"This server is not called {called!r}. Whoever started it can allow the name: --allow-host."
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != called.lower():
            return 403, f"A page of {origin!r} may not use this server."
        if self.doors.token and scope["path"] != OPEN_TO_ALL and not self._has_token(scope, headers):
            return 403, "This page opens with the address, token included, that planb serve printed when it started."
        if scope["type"] == "http" and scope["path"] == "/" and self.full:
            return 503, "As many visitors are here as this server may hold. Please come again in some minutes."
        return None

    def _known(self, called: str) -> bool:
        try:
            name = (urlsplit(f"//{called}").hostname or "").lower()
        except ValueError:
            return False
        return name in self.doors.hosts or (self.doors.any_address and _is_address(name))

    def _has_token(self, scope: Scope, headers: Headers) -> bool:
        try:
            kept = SimpleCookie(headers.get("cookie", "")).get(self.doors.cookie)
        except CookieError:
            kept = None
        return self._brings_token(scope) or (kept is not None and _same(kept.value, self.doors.token))

    def _brings_token(self, scope: Scope) -> bool:
        given = dict(parse_qsl(scope["query_string"].decode("latin-1"))).get("token", "")
        return bool(self.doors.token) and _same(given, self.doors.token)

    def _welcome(self, scope: Scope) -> RedirectResponse:
        """The same address without the token, which a cookie keeps from now on."""
        query = [pair for pair in parse_qsl(scope["query_string"].decode("latin-1")) if pair[0] != "token"]
        # one slash, whatever was asked for: two would lead to another server
        path = "/" + scope["path"].lstrip("/")
        answer = RedirectResponse(f"{path}?{urlencode(query)}" if query else path, status_code=303)
        answer.set_cookie(self.doors.cookie, self.doors.token, httponly=True, samesite="lax")
        return answer


def _same(given: str, token: str) -> bool:
    return secrets.compare_digest(given.encode(), token.encode())


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in ALWAYS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending


def _said(status: int, words: str) -> HTMLResponse:
    body = f"<!doctype html><html lang='en'><title>planb</title><p>{escape(words)}</p></html>"
    return HTMLResponse(body, status_code=status, headers={"content-security-policy": "default-src 'none'"})
