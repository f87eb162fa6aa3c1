"""How long a reader waits: from the press of Run to the first result, and to the second.

`make bench-live` prints it for fresh profiles, whose cache is empty, and for a cell with a figure.
"""

import functools
import http.server
import statistics
import threading
import time

from live_testing import PREFIX, SITE, Handler
from playwright.sync_api import Browser, sync_playwright

from page_audit.browser import FLAGS, find_chromium

ROUNDS = 5
START, AGAIN = 5.0, 0.1
"""Seconds that an idle machine of two cores may take."""


def measure(
    browser: Browser, address: str, selector: str, button: str, code: str
) -> tuple[float, float]:
    """Press a button of the block with this code twice, in a fresh profile: seconds to each result."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}forward.html", wait_until="load")
    # Both times are taken in the page, by the clock that the reader's browser has.
    seconds = page.evaluate(
        """async ([selector, label, code]) => {
          const all = [...document.querySelectorAll(selector)];
          const block = all.find((one) => one.textContent.includes(code));
          const buttons = [...block.querySelectorAll("button")];
          const button = buttons.find((one) => one.textContent === label);
          const stop = buttons.find((one) => one.textContent === "Stop");
          const press = () => new Promise((resolve) => {
            const begin = performance.now();
            new MutationObserver((_, observer) => {
              if (!stop.hidden) return;
              observer.disconnect();
              resolve((performance.now() - begin) / 1000);
            }).observe(stop, { attributeFilter: ["hidden"] });
            button.click();
          });
          const first = await press();
          await new Promise((resolve) => setTimeout(resolve, 1500));
          return [first, await press()];
        }""",
        [selector, button, code],
    )
    context.close()
    return seconds[0], seconds[1]


def main() -> None:
    """Measure, and print the medians."""
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Handler, directory=SITE)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}{PREFIX}"
    with sync_playwright() as playwright:
        for what, *where in [
            ("an exercise, Check", "div.exercise", "Check", "def forward_propagation"),
            (
                "a cell that prints, below cells that draw, Run",
                "div.cell",
                "Run",
                "print(weighted_sum",
            ),
            ("a cell that draws, Run", "div.cell", "Run", "draw_unit("),
        ]:
            times = []
            for _ in range(ROUNDS):
                # A new browser each time: nothing is compiled or cached yet.
                browser = playwright.chromium.launch(
                    executable_path=find_chromium(),
                    args=list(FLAGS),
                )
                times.append(measure(browser, address, *where))
                browser.close()
            first, second = (statistics.median(column) for column in zip(*times, strict=True))
            best = min(time_ for time_, _ in times)
            print(f"{what}: first {first:.2f} s (best {best:.2f}), second {second * 1000:.0f} ms")
    server.shutdown()
    print(f"On an idle machine of two cores: at most {START:.0f} s and {AGAIN * 1000:.0f} ms.")


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"({ROUNDS} rounds each, {time.monotonic() - began:.0f} s)")
