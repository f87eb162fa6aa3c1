"""What Lighthouse finds."""

import json
import os
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from page_audit.browser import FLAGS

RUNS = 5
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def _run(node: str, program: Path, chromium: str, url: str, *options: str) -> dict[str, Any]:
    """One report."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [node, str(program), url, "--output=json", f"--output-path={report}", "--quiet",
             f"--chrome-flags=--headless=new {' '.join(FLAGS)}", *options],
            check=True,
            env={**os.environ, "CHROME_PATH": chromium},
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        result: dict[str, Any] = json.loads(report.read_text("utf-8"))
        return result


def _scores(report: dict[str, Any]) -> dict[str, float]:
    return {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}


def lost(report: dict[str, Any]) -> list[str]:
    """List the audits of a report that cost points.

    Parameters
    ----------
    report : dict
        Lighthouse's own.

    Returns
    -------
    list of str

    Examples
    --------
    >>> lost({"categories": {"seo": {"auditRefs": [{"id": "title", "weight": 1}]}},
    ...       "audits": {"title": {"score": 0, "title": "No title"}}})
    ['title: No title']
    """
    found = []
    for category in report["categories"].values():
        for reference in category["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if reference["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                value = audit.get("displayValue", audit["title"])
                found.append(f"{reference['id']}: {value}")
    return found


def measure(
    node: str, program: Path, chromium: str, url: str, runs: int = RUNS
) -> tuple[dict[str, float], list[str]]:
    """Score a page: on a phone by the median of several runs, on a desk by one run or more.

    Parameters
    ----------
    node, chromium : str
        The programs.
    program : Path
        Lighthouse.
    url : str
        The page.
    runs : int, optional
        How often the phone is tried.

    Returns
    -------
    tuple
        The scores, and what cost points.
    """
    phone = [_run(node, program, chromium, url) for _ in range(runs)]
    scores = {
        name: statistics.median(_scores(report)[name] for report in phone) for name in CATEGORIES
    }
    desk = _run(node, program, chromium, url, "--preset=desktop")
    scores["desktop"] = min(_scores(desk).values())
    if scores["desktop"] < 100 and runs > 1:  # the machine's noise, or the page?
        more = [_run(node, program, chromium, url, "--preset=desktop") for _ in range(runs - 1)]
        scores["desktop"] = statistics.median(
            min(_scores(report).values()) for report in (desk, *more)
        )
    return scores, [f"lighthouse: {fault}" for fault in lost(phone[0])]
