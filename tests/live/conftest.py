"""A browser, and the built book served on this machine alone."""

import functools
import http.server
import os
import threading
from collections.abc import Iterator

import pytest
from live_testing import HOW, PREFIX, SITE, Handler, find_chromium
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright


def unavailable(why: str) -> None:
    """Skip; where CI runs, fail, because there a skip would hide that nothing was tried."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def site() -> Iterator[str]:
    """The address of the built book."""
    if not (SITE / "_static/live/book.zip").exists():
        unavailable("build the book first: make html")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=SITE)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests; each has a profile of its own."""
    program = find_chromium()
    if not program:
        unavailable(HOW)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                # Compile each function of Python once, quickly: a test runs it for moments.
                "--js-flags=--liftoff-only",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    context = chromium.new_context()
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page of which no script may fail."""
    page = context.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    yield page
    assert not failures
