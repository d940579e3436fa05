"""A visitor of the page, in a real headless Chromium. Whoever imports this is skipped where there is none."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# What Playwright turns off, since the switch below takes the place of its own, and the pop-ups of an address bar: two
# pages in every window that nobody sees, and three quarters of the time that it takes to open.
OFF = ["AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay",
       "HttpsFirstBalancedModeAutoEnable", "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints",
       "PaintHolding", "PreconnectToSearch", "ThirdPartyStoragePartitioning",
       "AvoidCorsURLLoaderRestartOnRedirect", "WebUIOmniboxPopup", "WebUIOmniboxAimPopup"]  # fmt: skip
PLAIN = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", f"--disable-features={','.join(OFF)}"]  # fmt: skip
if not os.environ.get("CI"):  # continuous integration installs the browser, and must not pass without it
    pytest.importorskip("playwright")
    pytest.importorskip("solara")
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is not installed", allow_module_level=True)

from playwright.sync_api import BrowserContext, Locator, Page, expect  # noqa: E402

expect.set_options(timeout=20_000)


class Visit:
    """A page with what it complained about and where it asked."""

    def __init__(
        self, where: BrowserContext, url: str, *, width: int = 1366, height: int = 768, wait: bool = True
    ) -> None:
        self.page: Page = where.new_page()
        self.left = False
        self.page.set_viewport_size({"width": width, "height": height})
        self.complaints: list[str] = []
        self.outside: list[str] = []
        self.page.on("console", lambda told: self.complaints.append(told.text) if told.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._note)
        self.page.set_default_timeout(30_000)
        self.page.goto(url, wait_until="commit")
        if wait:
            self.wait()

    def wait(self) -> None:
        """Until there is something to see."""
        self.page.wait_for_selector(".planb-transport, .v-alert")

    def _note(self, request) -> None:
        if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "blob:", "data:")):
            self.outside.append(request.url)

    def press(self, label: str) -> None:
        self.page.get_by_role("button", name=label, exact=True).click()

    def story(self) -> list[str]:
        return self.page.locator("ol.story li span").all_inner_texts()

    def outcome(self) -> str | None:
        return self.page.locator(".planb-verdict").first.get_attribute("data-outcome")

    def unfold(self, title: str) -> None:
        self.page.locator(f"[data-group='{title}'] > summary").click()

    def row(self, key: str):
        return self.page.locator(f"[data-key='{key}']")

    def close(self) -> None:
        # once only: a page that was told to go may still be there, and gone before it is told again
        if not (self.left or self.page.is_closed()):
            self.left = True
            self.page.close(run_before_unload=True)  # so that the page takes its leave of the server


def chair(of: Visit) -> Locator:
    return of.page.locator(".planb-chair")


def act(of: Visit, say: str) -> None:
    """Say what the turn is to be, and send it."""
    chair(of).get_by_label(say, exact=True).check()
    chair(of).locator("button[type=submit]").click()


def click_twice(page: Page, what: Locator, wait: int) -> None:
    """In one place, so many milliseconds apart, whatever is there by then; what the second did has 250 to show."""
    what.hover()  # waits until it stands still
    box = what.bounding_box()
    for pause in (wait, 250):
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(pause)


SOLARAS_BAR = "v-progress-linear--absolute"  # has no name, and is there only while the server works something out


def at_rest(page: Page) -> None:
    """The server works nothing out just now."""
    page.wait_for_function(f"""() => [...document.querySelectorAll(".{SOLARAS_BAR}")]
        .every((bar) => getComputedStyle(bar).visibility === "hidden")""")


# of all that axe says, every letter of which would go through two processes, what a test asks for
AXE = """async ([part, options]) => {
  const found = await axe.run(part, options);
  return [found.passes.length, found.violations.flatMap((one) => one.nodes.map((node) => [one.id, node.html]))];
}"""


def axe_finds(page: Page, part: str = "html", **options: Any) -> tuple[int, list[list[str]]]:
    """How many of axe's rules a part of the page at rest meets, and what breaks the others: rule and element."""
    for _ in range(5):  # again where the server began something while axe looked
        at_rest(page)
        page.evaluate(axe_script())
        met, broken = page.evaluate(AXE, [part, options])
        if not any(SOLARAS_BAR in html for _, html in broken):
            break
    return met, broken


def axe_script() -> str:
    """The script of axe-core, as a package of the tests' extra brings it along."""
    if not os.environ.get("CI"):
        pytest.importorskip("axe_playwright_python")
    from axe_playwright_python.base import AXE_SCRIPT

    return AXE_SCRIPT
