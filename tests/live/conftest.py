"""A browser, and the built book served on this machine alone."""

import functools
import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_testing import HOW, PREFIX, SITE, Handler
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    Page,
    sync_playwright,
)

from page_audit.browser import FLAGS, find_chromium


def unavailable(why: str) -> None:
    """Skip; where CI runs, fail, because there a skip would hide that nothing was tried."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of the built book, with what runs in the browser."""
    if not (SITE / "_static/live/book.zip").exists():
        unavailable("build the book first: make html")
    return SITE


@pytest.fixture(scope="session")
def site(built: Path) -> Iterator[str]:
    """The address of the built book."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=built)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def program() -> str:
    """The browser's program."""
    found = find_chromium()
    if not found:
        unavailable(HOW)
    return found


@pytest.fixture(scope="session")
def starter() -> Iterator[BrowserType]:
    """What starts browsers."""
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="session")
def chromium(starter: BrowserType, program: str) -> Iterator[Browser]:
    """A browser that keeps nothing: each test has a fresh profile."""
    browser = starter.launch(executable_path=program, args=list(FLAGS))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def known_reader(
    starter: BrowserType, program: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """A profile that is kept: from the second page on, Python comes from the browser's cache."""
    folder = tmp_path_factory.mktemp("profile")
    context = starter.launch_persistent_context(folder, executable_path=program, args=list(FLAGS))
    context.set_default_timeout(15_000)
    yield context
    context.close()


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
