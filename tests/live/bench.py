"""How long a reader waits: from the press of a button to the first result, and to the next ones.

`make bench-live` prints the medians for fresh profiles, whose cache is empty: for an exercise, for
cells, for the next page, and over a slow line.
"""

import functools
import gzip
import http.server
import statistics
import threading
import time
from pathlib import Path

from live_testing import PREFIX, SITE, Handler
from playwright.sync_api import BrowserContext, Page, sync_playwright

from page_audit.browser import FLAGS, find_chromium

ROUNDS = 5
SLOW = 1.6e6 / 8
"""Bytes a second of a slow line, as a phone has it in a train."""

BLOCKS = {
    "an exercise": ("forward", "div.exercise", "Check", "def forward_propagation"),
    "a cell that prints, below cells that draw": ("forward", "div.cell", "Run", "print(weighted_s"),
    "a cell that draws": ("forward", "div.cell", "Run", "draw_unit("),
    "an exercise of the next page": ("activation", "div.exercise", "Check", "def sigmoid"),
}
"""What is pressed: the page, the kind of block, the button, and code by which it is found."""


PACKED = (".wasm", ".js", ".mjs", ".json", ".html", ".css")
"""What most hosts send compressed."""


@functools.cache
def sent(path: str) -> bytes:
    """What a host sends of a file."""
    content = Path(path).read_bytes()
    return gzip.compress(content) if path.endswith(PACKED) else content


class Line(Handler):
    """A host at the end of a line, which all that it sends goes through."""

    speed = float("inf")
    one_at_a_time = threading.Lock()

    def do_GET(self) -> None:
        path = self.translate_path(self.path)
        content = sent(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        if path.endswith(PACKED):
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        for start in range(0, len(content), 1 << 14):
            piece = content[start : start + (1 << 14)]
            with self.one_at_a_time:
                time.sleep(len(piece) / self.speed)
                self.wfile.write(piece)


def press(page: Page, what: str) -> float:
    """Press a button; give the seconds until the result, by the clock of the reader's browser."""
    _, *where = BLOCKS[what]
    seconds: float = page.evaluate(
        """async ([selector, label, code]) => {
          const all = [...document.querySelectorAll(selector)];
          const block = all.find((one) => one.textContent.includes(code));
          const buttons = [...block.querySelectorAll("button")];
          const stop = buttons.find((one) => one.textContent === "Stop");
          const begin = performance.now();
          return new Promise((resolve) => {
            new MutationObserver((_, observer) => {
              if (!stop.hidden) return;
              observer.disconnect();
              resolve((performance.now() - begin) / 1000);
            }).observe(stop, { attributeFilter: ["hidden"] });
            buttons.find((one) => one.textContent === label).click();
          });
        }""",
        where,
    )
    return seconds


def opened(context: BrowserContext, address: str, what: str) -> Page:
    """Open the page of a block."""
    page = context.new_page()
    page.goto(f"{address}{BLOCKS[what][0]}.html", wait_until="load")
    return page


def on_one_page(context: BrowserContext, address: str, what: str) -> list[float]:
    """Measure the first result and the second."""
    page = opened(context, address, what)
    first = press(page, what)
    page.wait_for_timeout(1500)
    return [first, press(page, what)]


def on_the_next_page(context: BrowserContext, address: str) -> list[float]:
    """Measure the first result of the second page."""
    press(opened(context, address, "an exercise"), "an exercise")
    next_page = "an exercise of the next page"
    return [press(opened(context, address, next_page), next_page)]


def on_a_slow_line(context: BrowserContext, address: str) -> list[float]:
    """Measure the first result where everything comes slowly."""
    page = opened(context, address, "an exercise")
    Line.speed = SLOW
    try:
        return [press(page, "an exercise")]
    finally:
        Line.speed = float("inf")


def main() -> None:
    """Measure, and print the medians."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Line, directory=SITE)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}{PREFIX}"
    measures = {
        "an exercise, first and second check": functools.partial(on_one_page, what="an exercise"),
        **{
            f"{what}, first and second run": functools.partial(on_one_page, what=what)
            for what in ("a cell that prints, below cells that draw", "a cell that draws")
        },
        "an exercise of the next page, first check": on_the_next_page,
        "an exercise at 1.6 Mbit/s, first check": on_a_slow_line,
    }
    with sync_playwright() as playwright:
        for what, measure in measures.items():
            rounds = []
            for _ in range(1 if "Mbit" in what else ROUNDS):
                # A new browser each time: nothing is compiled or cached yet.
                browser = playwright.chromium.launch(
                    executable_path=find_chromium(), args=list(FLAGS)
                )
                rounds.append(measure(browser.new_context(), address))
                browser.close()
            medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
            print(f"{what}: " + ", ".join(f"{seconds:.2f} s" for seconds in medians), flush=True)
    server.shutdown()


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"({ROUNDS} rounds each, {time.monotonic() - began:.0f} s)")
