"""What the browser tests share: the exercises as their chapters have them, and the page's parts."""

import functools
import http.server
import os
import pickle
import re
from fnmatch import fnmatch
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from book_build.chapters import with_cells
from live_exercises.domain import Entry

ROOT = Path(__file__).parents[2]
BUILD = ROOT / os.environ.get("BUILD", "_build")
SITE = BUILD / "html"
HOW = (
    "install a Chromium (on Debian: `apt-get install chromium`), or name one in the variable "
    "CHROMIUM"
)
# Under a sub-path, as on many hosts.
PREFIX = "/books/backprop/"


CHAPTERS = with_cells(ROOT / "book/index.md")
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")


def unavailable(why: str) -> None:
    """Skip; where CI runs, fail, because there a skip would hide that nothing was tried."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@functools.cache
def rules() -> list[tuple[str, list[str]]]:
    """What the site's `_headers` says: patterns of paths, and the headers of each."""
    text = (SITE / "_headers").read_text("utf-8")
    blocks = re.findall(r"^(/\S*)\n((?:  .+\n)+)", text, re.M)
    return [(pattern, headers.split("\n")[:-1]) for pattern, headers in blocks]


class Handler(http.server.SimpleHTTPRequestHandler):
    """A host that reads `_headers`, and keeps the rest of what is static for ten minutes."""

    protocol_version = "HTTP/1.1"

    def translate_path(self, path: str) -> str:
        if not path.startswith(PREFIX):
            return str(SITE / "not-below-the-prefix")
        return super().translate_path("/" + path.removeprefix(PREFIX))

    def end_headers(self) -> None:
        path = "/" + self.path.split("?")[0].removeprefix(PREFIX)
        said = [h for pattern, headers in rules() if fnmatch(path, pattern) for h in headers]
        if "/_static/" in path and not any("Cache-Control" in header for header in said):
            said.append("Cache-Control: max-age=600")
        for header in said:
            self.send_header(*map(str.strip, header.split(":", 1)))
        super().end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


def exercises(chapter: str) -> list[Entry]:
    """The exercises of a chapter, as the build has read them."""
    env = pickle.loads((BUILD / "doctrees/environment.pickle").read_bytes())
    pages: dict[str, list[Entry]] = env.domaindata["exercise"]["pages"]
    return pages.get(chapter, [])


def executed_cells(chapter: str) -> list[nbformat.NotebookNode]:
    """The code cells of a chapter with their outputs, as the build has executed them."""
    notebook = nbformat.read(BUILD / f"jupyter_execute/{chapter}.ipynb", as_version=4)
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code"
        and not {"remove-cell", "remove-input"} & set(cell.metadata.get("tags", []))
    ]


def printed(block: Locator) -> str:
    """What the page shows as the text output of a cell, from the run that built the book."""
    return "".join(block.locator(".cell_output pre").all_text_contents())


def figures(cell: nbformat.NotebookNode) -> int:
    """How many figures an executed cell shows."""
    return sum(output.output_type == "display_data" for output in cell.outputs)


def same_text(one: str, other: str) -> bool:
    """Whether two texts are the same, numbers up to what rounding can do to them."""
    if "".join(NUMBER.sub("", one).split()) != "".join(NUMBER.sub("", other).split()):
        return False
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(abs(float(a) - float(b)) <= 1e-6 * max(abs(float(a)), 1e-2) for a, b in pairs)


def forget(page: Page, site: str) -> None:
    """Erase what the site's pages have kept in the browser. The page leaves where it is."""
    page.goto(f"{site}_static/live/NOTICE.txt")
    page.evaluate(
        "(async () => { localStorage.clear();"
        " for (const name of await caches.keys()) await caches.delete(name); })()"
    )


def block(page: Page, which: int | str) -> Locator:
    """A cell of the page, by its number, or an exercise, by its name."""
    if isinstance(which, str):
        return page.locator(f'[data-exercise="{which}"].live')
    return page.locator("div.cell.live").nth(which)


def write(block: Locator, code: str) -> None:
    """Replace what stands in the editor, as a reader does: mark everything, put the new text."""
    editor = block.get_by_role("textbox")
    editor.click()
    block.page.keyboard.press("Control+A")
    block.page.keyboard.insert_text(code)


def press(block: Locator, name: str) -> str:
    """Press a button that runs code, wait for the end, and give what the page says then."""
    block.get_by_role("button", name=name, exact=True).click()
    return ending(block)


# The page says how a run ended after it has hidden the button; a frame later it has.
ENDED = """(block) => new Promise((ended, failed) => {
  const stop = [...block.querySelectorAll("button")].find((b) => b.textContent === "Stop");
  const late = setTimeout(() => failed(new Error("the run does not end")), 120_000);
  const look = () => {
    if (!stop.hidden) return;
    observer.disconnect();
    clearTimeout(late);
    requestAnimationFrame(() => ended(block.querySelector("[role=status]").textContent));
  };
  const observer = new MutationObserver(look);
  observer.observe(stop, { attributeFilter: ["hidden"] });
  look();
})"""


def ending(block: Locator) -> str:
    """Wait for the end of a run, and give what the page says then."""
    return block.evaluate(ENDED)


def wait_for_editor(block: Locator) -> None:
    """Wait until CodeMirror has taken the place of the plain text area."""
    expect(block.locator(".cm-content")).to_be_visible(timeout=60_000)
