"""Measure every page of a site against the bars, and fail when one misses."""

import argparse
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from page_audit.browser import find_chromium
from page_audit.report import misses, table
from page_audit.serve import serve


def _needed(modules: Path, *, lighthouse: bool) -> tuple[str, str]:
    """Chromium and Node; where one is missing, how to get it."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit(
            "make audit needs Chromium or Chrome (on Debian and Ubuntu: the package chromium), "
            "or its path in the variable CHROMIUM"
        )
    node = shutil.which("node")
    if node is None and lighthouse:
        sys.exit(
            "make audit needs Node.js 20 or newer for Lighthouse (on Debian and Ubuntu: the "
            "packages nodejs and npm); without it: make audit AUDIT='--lighthouse none'"
        )
    if not (modules / "axe-core").is_dir():
        sys.exit("make audit needs axe-core and Lighthouse: npm ci --prefix audit (needs npm)")
    return chromium, node or ""


def _pages(site: Path, chosen: list[str]) -> list[str]:
    every = sorted(
        path.relative_to(site).with_suffix("").as_posix()
        for path in site.rglob("*.html")
        if not path.relative_to(site).parts[0].startswith("_static")
    )
    unknown = set(chosen) - set(every)
    if unknown:
        sys.exit(f"no page {', '.join(sorted(unknown))} in {site}; there are {', '.join(every)}")
    return chosen or every


def main(arguments: list[str] | None = None) -> int:
    """Run the audit; its exit status says whether every bar was reached."""
    parser = argparse.ArgumentParser(prog="page_audit", description=__doc__)
    parser.add_argument("site", type=Path, help="the folder with the built pages")
    parser.add_argument("--pages", nargs="+", default=[], metavar="NAME", help="only these pages")
    parser.add_argument(
        "--lighthouse",
        default="all",
        metavar="NAME",
        help="the one page for Lighthouse; 'all' or 'none' (all)",
    )
    parser.add_argument("--runs", type=int, default=5, help="runs whose median counts (5)")
    parser.add_argument(
        "--modules", type=Path, default=Path("audit/node_modules"), help="where axe-core is"
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the result there too")
    options = parser.parse_args(arguments)
    chromium, node = _needed(options.modules, lighthouse=options.lighthouse != "none")
    pages = _pages(options.site, options.pages)

    from page_audit import browser, lighthouse  # only now it is known that they can work

    axe = (options.modules / "axe-core" / "axe.min.js").read_text("utf-8")
    measured: dict[str, dict[str, float]] = {}
    found: dict[str, list[str]] = {}
    with serve(options.site) as address, ThreadPoolExecutor(os.cpu_count()) as pool:

        def look(name: str) -> browser.Audit:
            with browser.start(chromium) as started:
                audit = browser.Audit(started, address, options.site, name)
                audit.run(axe)
            return audit

        for name, audit in zip(pages, pool.map(look, pages), strict=True):
            measured[name], found[name] = audit.values, audit.found
        for name in pages:  # one at a time: they are timed
            # Pages for machines and for what does not exist ask search engines to stay away.
            if options.lighthouse in ("all", name) and name not in ("404", "search"):
                program = options.modules / "lighthouse" / "cli" / "index.js"
                scores, faults = lighthouse.measure(
                    node, program, chromium, f"{address}/{name}.html", options.runs
                )
                measured[name].update(scores)
                found[name] += faults

    missed = sorted({page for page, _ in misses(measured)})
    faults = [f"{name}: {fault}" for name in missed for fault in dict.fromkeys(found[name])]
    reached = f"{len(pages) - len(missed)} of {len(pages)} pages reach every bar"
    print(table(measured))
    for line in faults:
        print(line, file=sys.stderr)
    print(reached)
    if options.report:
        text = "\n".join([table(measured), *faults, reached])
        options.report.write_text(f"{text}\n", encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
