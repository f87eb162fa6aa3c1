"""A browser, and the built book served on this machine alone."""

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_testing import HOW, PREFIX, SITE, Handler, forget, unavailable
from playwright.sync_api import BrowserContext, Page, sync_playwright

from page_audit.browser import FLAGS, find_chromium

# The network is cut, but for the site's own host.
CUT_OFF = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have one worker do everything in the browser: there Python is fetched and compiled once."""
    for item in items:
        here = item.path.parent == Path(__file__).parent
        needed = {*getattr(item, "fixturenames", ())} if here else set()
        if needed & {"reader", "chapter"}:
            item.add_marker(pytest.mark.xdist_group("browser"))
        if needed & {"built", "program", "chapter"}:
            item.add_marker(pytest.mark.built)


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
def reader(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A browser whose cache is kept: from the second page on, Python comes from there."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=program,
            args=[*FLAGS, CUT_OFF],
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        yield context
        context.close()


@pytest.fixture
def page(reader: BrowserContext, site: str) -> Iterator[Page]:
    """A page of a reader who has done nothing yet, and of which no script may fail."""
    page = reader.new_page()
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    forget(page, site)
    yield page
    page.close()
    assert not failures
