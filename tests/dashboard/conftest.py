"""A browser for the tests of the dashboard, and a server with something to see."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.api.conftest import client as client
from tests.api.conftest import fresh as fresh
from tests.api.conftest import keystone as keystone
from tests.api.conftest import server as server
from tests.api.server_process import Client, ServerProcess
from tests.dashboard import shop

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
PATIENCE = 60_000
"""Milliseconds: a busy machine may be slow, and only what never comes is wrong."""
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window. Root has no sandbox."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


class Watch:
    """What must not happen in a page: mistakes of its program, refused content, requests to elsewhere."""

    def __init__(self, page: Page, origin: str) -> None:
        self.found: list[str] = []
        self._origin = urlsplit(origin).netloc
        page.on("pageerror", lambda error: self.found.append(f"error: {error}"))
        page.on("console", self._heard)
        page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        # The browser itself reports answers of 400 and more; what the page makes of them is seen in the page.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.found.append(f"console: {message.text}")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws") and address.netloc != self._origin:
            self.found.append(f"request to elsewhere: {request.url}")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of a server in a context of its own: open_page(url, width=…, theme=…). Fails the test when something
    went wrong in it."""
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def opened(url: str, *, width: int = 1280, height: int = 900, theme: str = "light") -> Page:
        scheme = "dark" if theme == "dark" else "light"
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page, url))
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [each for watch in watches for each in watch.found] == []


@pytest.fixture(scope="module")
def stocked(server: ServerProcess) -> Client:
    """A client of a server that watches over the servers of a shop."""
    client = Client(server.url)
    shop.stock(client)
    return client


@pytest.fixture(scope="module")
def dashboard(stocked: Client) -> str:
    """The address of its dashboard."""
    return f"{stocked.url}/dashboard"
