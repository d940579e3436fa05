"""Who may open the page: names, origins, token and the number of visitors, asked of the guard as a server asks it."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("starlette", reason="the page is an extra: pip install 'planb[page]'")

from starlette.responses import PlainTextResponse

from experiments.page.guard import Guard, doors

HERE = "127.0.0.1:8765"


class Answer:
    """What came back: of a request its status, headers and text; of a socket whether it was accepted."""

    def __init__(self, messages: list[dict]) -> None:
        first = messages[0]
        self.accepted = first["type"] == "websocket.accept"
        self.status = first.get("status", 0)
        self.headers = {name.decode(): value.decode() for name, value in first.get("headers", ())}
        self.text = b"".join(message.get("body", b"") for message in messages).decode()


class Door:
    """A guarded application, and a visitor in front of it. ``full_within``: was it full while a socket was open?"""

    def __init__(self, host: str = "127.0.0.1", *, called: str = HERE, held: int = 0, **kept) -> None:
        self.called, self.cookie, self.full_within = called, "", False
        self.guard = Guard(self._inside, doors(host, 8765, **kept), held=lambda: held)

    async def _inside(self, scope, receive, send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            self.full_within = self.guard.full
        else:
            await PlainTextResponse("inside")(scope, receive, send)

    def ask(self, where: str = "/", *, kind: str = "http", origin: str = "") -> Answer:
        path, _, query = where.partition("?")
        headers = {"host": self.called, "cookie": self.cookie} | ({"origin": origin} if origin else {})
        scope = {"type": kind, "method": "GET", "path": path, "query_string": query.encode(), "scheme": "http",
                 "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}  # fmt: skip
        messages: list[dict] = []

        async def send(message) -> None:
            messages.append(message)

        async def receive() -> dict:
            return {"type": "http.request"}

        asyncio.run(self.guard(scope, receive, send))
        return Answer(messages)

    def connects(self, **said) -> bool:
        return self.ask("/jupyter", kind="websocket", **said).accepted


@pytest.mark.parametrize(
    "listens, called, comes_in",
    [
        ("127.0.0.1", "127.0.0.1:8765", True),
        ("127.0.0.1", "LOCALHOST:8765", True),
        ("127.0.0.1", "[::1]:8765", True),
        ("127.0.0.1", "evil.example:8765", False),  # a name made to point here
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "192.0.2.7:8765", False),
        ("127.0.0.1", "", False),
        ("127.0.0.1", "[", False),
        ("127.0.0.1", "planb.example", True),  # behind a proxy, by --allow-host
        ("0.0.0.0", "192.0.2.7:8765", True),
        ("0.0.0.0", "evil.example", False),
    ],
)
def test_it_answers_to_its_own_names_only(listens, called, comes_in):
    door = Door(listens, called=called, names=("planb.example",))
    assert door.ask().status == (200 if comes_in else 421)
    assert door.connects() is comes_in


@pytest.mark.parametrize("origin", ["http://evil.example", "http://127.0.0.1:9999", "null", "https://127.0.0.1.evil"])
def test_another_sites_page_reaches_nothing(origin):
    door = Door()
    assert door.ask(origin=origin).status == 403
    assert not door.connects(origin=origin)
    assert door.ask(origin=f"http://{HERE}").status == 200
    assert door.connects(origin=f"http://{HERE}")


def test_beyond_loopback_the_address_with_the_token_opens_the_page_and_a_cookie_keeps_it_open():
    door = Door("0.0.0.0", called="192.0.2.7:8765", token="a-secret")
    assert door.ask("/?world=3").status == door.ask("/?token=a-guess").status == 403
    assert door.ask("/resourcez").status == 403 and door.ask("/readyz").status == 200
    assert not door.connects()
    welcome = door.ask("/?world=3&token=a-secret")
    assert (welcome.status, welcome.headers["location"]) == (303, "/?world=3")
    assert "HttpOnly" in welcome.headers["set-cookie"]
    door.cookie = welcome.headers["set-cookie"].partition(";")[0]
    assert door.ask("/?world=3").text == "inside" and door.connects()
    # no address leads elsewhere once the token is taken out of it
    assert door.ask("//evil.example/?token=a-secret").headers["location"] == "/evil.example/"


def test_a_full_server_says_so_and_lets_nobody_else_in():
    full = Door(visitors=3, held=3)
    assert full.ask().status == 503 and full.ask("/static/main.js").status == 200
    assert not full.connects()


def test_open_sockets_are_counted_and_counted_off():
    door = Door(visitors=1)
    assert door.connects() and door.full_within  # while it is open nobody else comes in
    assert door.connects()  # when it has gone the next does


def test_what_is_refused_is_told_as_words_and_not_as_a_page():
    told = Door(called="<script>alert(1)</script>").ask()
    assert told.status == 421 and "<script" not in told.text
    assert told.headers["x-content-type-options"] == "nosniff"
