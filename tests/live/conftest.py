"""A browser, and the built book served on this machine alone."""

import functools
import http.server
import json
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
SITE = ROOT / "_build/html"
HOW = (
    "install a Chromium (on Debian: `apt-get install chromium`), or name one in the variable "
    "CHROMIUM"
)
# Under a sub-path, as on many hosts; and stricter than the theme needs: no style elements, nothing
# from elsewhere, and WebAssembly as the only code that is not a file of the site.
PREFIX = "/books/backprop/"
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'self'; "
    "connect-src 'self'; worker-src 'self'"
)


def unavailable(why: str) -> None:
    """Skip; where CI runs, fail, because there a skip would hide that nothing was tried."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def translate_path(self, path: str) -> str:
        if not path.startswith(PREFIX):
            return str(SITE / "not-below-the-prefix")
        return super().translate_path("/" + path.removeprefix(PREFIX))

    def end_headers(self) -> None:
        # Only pages carry a policy: a host that sends no headers gives none to a worker either.
        if self.path.split("?")[0].endswith(".html"):
            self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


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
    program = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if not program:
        unavailable(HOW)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh profile that notes what it asks for, in ``requested``."""
    context = chromium.new_context()
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def chapters() -> list[str]:
    """Names of the pages that were executed."""
    return sorted(path.stem for path in (ROOT / "_build/jupyter_execute").glob("*.ipynb"))


def data_of(page: Page) -> dict[str, object]:
    """What the page's script knows of the page."""
    return json.loads(page.locator("#live-data").text_content() or "")
