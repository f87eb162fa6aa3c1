"""What a browser finds: accessibility, bytes, hosts, errors, shifts, widths."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

WIDE, PHONE, NARROW = 1350, 360, 320

# Without these a browser asks its maker's hosts at every start.
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def find_chromium() -> str | None:
    """Path of a Chromium on this machine: the one that the variable CHROMIUM names, or any."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)


SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  const step = () => {
    window.scrollBy(0, 600);
    if (window.scrollY + window.innerHeight < document.documentElement.scrollHeight - 1)
      setTimeout(step, 20);
    else setTimeout(() => done(sum), 200);
  };
  step();
})"""

# What sticks out of the page, although no box around it scrolls.
CUT = """() => {
  const edge = document.documentElement.clientWidth + 1;
  const scrolls = (element) => {
    for (let e = element.parentElement; e; e = e.parentElement) {
      const { overflowX, position } = getComputedStyle(e);
      if (["auto", "scroll", "hidden", "clip"].includes(overflowX) && e !== document.body
          && e !== document.documentElement) return true;
    }
    return false;
  };
  const cut = [...document.querySelectorAll("main *")].filter((element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && box.right > edge && !scrolls(element)
      && getComputedStyle(element).visibility !== "hidden";
  }).map((e) => e.tagName + "." + e.className);
  // In a table what is too wide lies on the next cell, or under it.
  for (const element of document.querySelectorAll("main td math, main td pre, main td svg")) {
    const cell = element.closest("td");
    let around = element;
    while (around !== cell && !["auto", "scroll"].includes(getComputedStyle(around).overflowX))
      around = around.parentElement;
    const over = element.getBoundingClientRect().right - cell.getBoundingClientRect().right;
    if (around === cell && over > 1)
      cut.push("sticks out of its cell: " + element.textContent.slice(0, 30));
  }
  if (document.documentElement.scrollWidth > edge) cut.push("the page scrolls sideways");
  return cut;
}"""

MATHEMATICS = r"""() => {
  const faults = [];
  const main = document.querySelector("main");
  const formulas = [...document.querySelectorAll("math")];
  for (const formula of formulas) {
    if (formula.querySelector("merror")) faults.push("a formula was not rendered");
    if (!formula.querySelector('annotation[encoding="application/x-tex"]'))
      faults.push("a formula without its source");
  }
  if (formulas.length && ![...document.fonts].some(
      (font) => /math/i.test(font.family) && font.status === "loaded"))
    faults.push("the font of the formulas did not load");
  const text = main.cloneNode(true);
  text.querySelectorAll("math, pre, code").forEach((element) => element.remove());
  if (/\\\(|\\\[|\\begin\{/.test(text.textContent)) faults.push("LaTeX in the text");
  return faults;
}"""

READABLE = """() => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  const main = document.querySelector("article") || document.querySelector("main");
  const text = main.cloneNode(true);
  // What only a script can do needs no words without one.
  const scripted = "button, noscript, form, [class^=live-]";
  text.querySelectorAll(scripted).forEach((element) => element.remove());
  return {
    words: text.textContent.split(/\\s+/).length,
    hidden: [...main.querySelectorAll("p, li, pre, math, td, svg")].filter(
      (e) => !seen(e) && !e.closest("details:not([open]), .onlyprint, [hidden], button")).length,
    links: [...document.querySelectorAll("a[href]")].filter(
      (a) => seen(a) && a.host === location.host && !a.getAttribute("href").startsWith("#")
    ).length,
  };
}"""

PRINTED = """() => {
  const seen = (element) => element && element.checkVisibility();
  const away = ["#pst-primary-sidebar", "#pst-secondary-sidebar", "#pst-header",
    ".bd-header-article", ".prev-next-footer", "#pst-back-to-top", ".copybtn", "#pst-skip-link"];
  return away.filter((name) => [...document.querySelectorAll(name)].some(seen));
}"""

METADATA = """() => {
  const faults = [];
  const content = (name) =>
    document.head.querySelector(`meta[name="${name}"], meta[property="${name}"]`)?.content;
  for (const name of ["viewport", "description", "og:title", "og:description", "og:type"])
    if (!content(name)) faults.push(`no ${name}`);
  if (!document.documentElement.lang) faults.push("no language");
  if (!document.head.querySelector('link[rel="icon"]')) faults.push("no icon");
  if (!document.title) faults.push("no title");
  const policy = document.head.querySelector('meta[http-equiv="Content-Security-Policy"]')?.content;
  return { faults, policy };
}"""


def policy_faults(policy: str | None) -> list[str]:
    """Tell what a Content-Security-Policy allows beyond the site itself.

    Parameters
    ----------
    policy : str or None
        As the page gives it.

    Returns
    -------
    list of str

    Examples
    --------
    >>> policy_faults("default-src 'none'; script-src 'self' 'sha256-abc='")
    []
    >>> policy_faults("default-src 'self'; script-src 'unsafe-inline' cdn.example")
    ["script-src allows 'unsafe-inline'", 'script-src allows cdn.example']
    """
    if not policy:
        return ["no policy"]
    directives = {
        words[0]: words[1:] for words in (part.split() for part in policy.split(";")) if words
    }
    faults = [f"no {name}" for name in ("default-src", "script-src") if name not in directives]
    allowed = {"'self'", "'none'", "data:", "blob:", "'unsafe-hashes'", "'wasm-unsafe-eval'"}
    for name, sources in directives.items():
        for source in sources:
            if source in allowed or source.startswith("'sha256-"):
                continue
            if (name, source) != ("style-src-attr", "'unsafe-inline'"):
                faults.append(f"{name} allows {source}")
    return faults


@contextmanager
def start(chromium: str) -> Iterator[Browser]:
    """Start a browser for as long as the block runs."""
    # Here, so that the rest can be read and tested where there is no browser.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class Audit:
    """The measures of one page, and what was found on the way.

    Parameters
    ----------
    browser : Browser
        As `start` gives it.
    address : str
        Where the site is served.
    site : Path
        Where it lies.
    name : str
        The page, without its ending.
    """

    def __init__(self, browser: Browser, address: str, site: Path, name: str) -> None:
        self.browser = browser
        self.address = address
        self.site = site
        self.name = name
        self.values: dict[str, float] = {}
        self.found: list[str] = []

    def _count(self, measure: str, faults: list[str], where: str = "") -> None:
        self.values[measure] = self.values.get(measure, 0) + len(faults)
        self.found += [f"{measure}{where}: {fault}" for fault in faults]

    @contextmanager
    def _page(self, *, watch: bool = True, url: str = "", **context: Any) -> Iterator[Page]:
        """Open the page as a reader who has never been here."""
        width = context.pop("width", WIDE)
        reader = self.browser.new_context(
            viewport={"width": width, "height": 800}, reduced_motion="reduce", **context
        )
        try:
            page = reader.new_page()
            errors: list[str] = []
            self._responses: list[Response] = []
            page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("requestfailed", lambda request: errors.append(f"{request.url} failed"))
            page.on("response", lambda response: self._responses.append(response))
            page.goto(url or f"{self.address}/{self.name}.html", wait_until="load")
            if context.get("java_script_enabled", True):
                page.evaluate("document.fonts.ready.then(() => true)")
                page.wait_for_timeout(150)
            yield page
            # A page for what does not exist may be served as such.
            errors = [
                error for error in errors if "status of 404" not in error or self.name != "404"
            ]
            if watch:
                self._count("errors", errors)
            else:
                self._count("file", errors)
        finally:
            reader.close()

    def run(self, axe: str) -> None:
        """Take every measure but Lighthouse's.

        Parameters
        ----------
        axe : str
            The source of axe-core.
        """
        for scheme in ("light", "dark"):
            for width in (WIDE, PHONE):
                with self._page(width=width, color_scheme=scheme) as page:
                    if (scheme, width) == ("light", WIDE):
                        self._first_look(page)
                        self._count("mathematics", page.evaluate(MATHEMATICS))
                    if scheme == "light":
                        shift = page.evaluate(SHIFT)
                        self.values["shift"] = max(self.values.get("shift", 0), round(shift, 4))
                        self._cut(page, width)
                    self._axe(page, axe, f" ({scheme}, {width} px)")
        with self._page(width=NARROW) as page:
            self._cut(page, NARROW)
        with self._page() as page:
            with_scripts = page.evaluate(READABLE)
            page.emulate_media(media="print")
            self._count("print", page.evaluate(PRINTED))
        self._script_free(with_scripts)
        url = (self.site / f"{self.name}.html").resolve().as_uri()
        if self.name != "404":  # a page for servers: its addresses start at the site's root
            with self._page(watch=False, url=url) as page:
                self._count("file", page.evaluate(MATHEMATICS))

    def _cut(self, page: Page, width: int) -> None:
        self._count("cut", sorted(set(page.evaluate(CUT))), f" ({width} px)")

    def _first_look(self, page: Page) -> None:
        sizes = {r.url: r.request.sizes()["responseBodySize"] for r in self._responses}
        self.values["bytes"] = round(sum(sizes.values()) / 1000, 1)
        self._count("hosts", [url for url in sizes if not url.startswith((self.address, "data:"))])
        head = page.evaluate(METADATA)
        self._count("metadata", head["faults"])
        self._count("policy", policy_faults(head["policy"]))

    def _axe(self, page: Page, axe: str, where: str) -> None:
        page.evaluate(axe)
        result = page.evaluate("async () => (await axe.run()).violations")
        self._count(
            "axe",
            [
                f"{fault['id']}: {node['target'][-1]} {json.dumps(node['any'][:1])[:160]}"
                for fault in result
                for node in fault["nodes"]
            ],
            where,
        )

    def _script_free(self, with_scripts: dict[str, int]) -> None:
        for width in (WIDE, PHONE):
            with self._page(width=width, java_script_enabled=False) as page:
                seen = page.evaluate(READABLE)
            faults = []
            if self.name == "search":
                seen = {**with_scripts, "links": seen["links"], "hidden": 0}  # a script's own page
            if seen["words"] < with_scripts["words"]:
                faults.append(f"{with_scripts['words'] - seen['words']} words fewer")
            if seen["hidden"]:
                faults.append(f"{seen['hidden']} paragraphs, formulas or figures hidden")
            if seen["links"] < with_scripts["links"] // 2:
                faults.append(
                    f"{seen['links']} links to other pages, {with_scripts['links']} before"
                )
            self._count("script-free", faults, f" ({width} px)")
