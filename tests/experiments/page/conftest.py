"""What tests of the page share: its server, and one browser a module, started for those who ask for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from page_server import Server

if TYPE_CHECKING:
    from page_visit import Visit
    from playwright.sync_api import Browser, BrowserContext


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Not for the session: Playwright's loop of events runs for as long, and other tests have loops of their own."""
    from page_visit import CHROMIUM, PLAIN
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=PLAIN)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> BrowserContext:
    """One person's windows: cookies are shared."""
    return chromium.new_context()


@pytest.fixture
def visit(browser: BrowserContext, server: Server) -> Iterator[Callable[..., Visit]]:
    """Opens the page at a query of its address, in a window of its own."""
    from page_visit import Visit

    opened: list[Visit] = []

    def open_page(query: str = "", **options) -> Visit:
        opened.append(Visit(browser, server.url + query, **options))
        return opened[-1]

    yield open_page
    for each in opened:
        each.close()


@pytest.fixture
def person(chromium: Browser) -> Iterator[Callable[[str], Visit]]:
    """A browser of his own, with cookies of his own, at an address."""
    from page_visit import Visit

    contexts = []

    def come(url: str) -> Visit:
        contexts.append(chromium.new_context())
        seen = Visit(contexts[-1], url, wait=False)
        seen.page.wait_for_selector(".planb-transport, .planb-room, .v-alert")
        return seen

    yield come
    for context in contexts:
        context.close()
