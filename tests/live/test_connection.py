"""A file that does not arrive: the page says so, and the next try works without a reload."""

import functools
import http.server
import re
import threading

import pytest
from live_testing import SITE, block, ending, press, write
from playwright.sync_api import Page, expect

RIGHT = (
    "import numpy as np\n\n\ndef forward_propagation(inputs, weights):\n    return inputs @ weights"
)
FILES = [
    "live/worker.js",
    "live/book.zip",
    "pyodide/pyodide.mjs",
    "pyodide/pyodide.asm.js",
    "pyodide/pyodide.asm.wasm",
    "pyodide/pyodide-lock.json",
    "pyodide/python_stdlib.zip",
    "pyodide/numpy-",
]


@pytest.mark.parametrize("file", FILES)
def test_a_lost_file_is_told_and_the_next_try_works(page: Page, site: str, file: str) -> None:
    page.goto(f"{site}forward.html")
    asked = block(page, "layer-output")
    lost = re.compile(re.escape(f"_static/{file}"))
    page.route(lost, lambda route: route.abort())
    write(asked, RIGHT)  # from here on, Python starts
    told = press(asked, "Check")
    assert told.startswith("A file that Python needs did not arrive.")
    page.unroute(lost)
    asked.get_by_role("button", name="Try again").click()
    expect(asked.get_by_role("button", name="Stop")).to_be_visible()
    assert ending(asked).startswith("Right")


def test_the_start_is_counted_and_what_was_fetched_is_kept(page: Page, site: str) -> None:
    page.goto(f"{site}forward.html")
    asked = block(page, "layer-output")
    page.route(re.compile("numpy-"), lambda route: (page.wait_for_timeout(1500), route.continue_()))
    write(asked, RIGHT)
    asked.get_by_role("button", name="Check", exact=True).click()
    expect(asked.locator(".live-loading")).to_contain_text(re.compile(r"[\d.]+ of 14\.\d MB"))
    assert ending(asked).startswith("Right")
    expect(asked.locator(".live-loading")).to_be_hidden()
    page.unroute_all()

    # On the next page, Python starts from what is kept, without the site.
    page.goto(f"{site}activation.html")
    page.route(re.compile(r"pyodide/.*\.(wasm|zip|whl)|book\.zip"), lambda route: route.abort())
    assert "None" in press(block(page, "sigmoid"), "Check")


def test_a_new_state_of_the_book_removes_what_is_kept_of_the_old(page: Page, site: str) -> None:
    page.evaluate("caches.open('live-exercises?v=old')")
    page.goto(f"{site}forward.html")
    write(block(page, "layer-output"), RIGHT)
    assert press(block(page, "layer-output"), "Check").startswith("Right")
    kept = page.evaluate("caches.keys()")
    assert len(kept) == 1
    assert "old" not in kept[0]


def test_code_reaches_no_other_host_whatever_the_server_says(page: Page, site: str) -> None:
    reached: list[str] = []

    class Elsewhere(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reached.append(self.path)
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    class Silent(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None:
            pass

    other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    host = http.server.ThreadingHTTPServer(  # sends no headers of ours
        ("127.0.0.1", 0), functools.partial(Silent, directory=SITE)
    )
    for server in (other, host):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{other.server_port}/"
    page.goto(f"http://127.0.0.1:{host.server_port}/forward.html")
    asked = block(page, "layer-output")
    write(asked, f"import js\nanswer = js.fetch('{address}')")
    assert press(asked, "Run").startswith("It ran.")
    page.wait_for_timeout(500)
    assert reached == []
    for server in (other, host):
        server.shutdown()
        server.server_close()
