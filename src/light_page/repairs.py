"""Fixes for accessibility bugs in the pages that Sphinx and the theme write.

Each repair is a pattern and what replaces it, with its reason. A repair whose pattern no longer
occurs does nothing; when a theme has put it right itself, it can go.
"""

import re
from typing import NamedTuple


class Repair(NamedTuple):
    """One repair."""

    pattern: re.Pattern[str]
    replacement: str
    reason: str


REPAIRS = (
    Repair(
        re.compile(r'(<html\b[^>]*) data-theme="auto"'),
        r'\1 data-theme="light"',
        "the theme has colours for light and for dark; which of them auto is, only a script knows",
    ),
    Repair(
        re.compile(r'(<button class="[^"]*search-button-field[^>]*?) aria-label="[^"]*"'),
        r"\1",
        "the label of the button must match its text, for who controls the page by voice",
    ),
    Repair(
        re.compile(r'<summary aria-label="Toggle hidden content">'),
        "<summary>",
        "the label of the fold must match its text, for who controls the page by voice",
    ),
    Repair(
        re.compile(r'<div id="pst-primary-sidebar" '),
        r'<div id="pst-primary-sidebar" role="region" aria-label="Book" ',
        "the title and the search field above the contents lie in no landmark",
    ),
    Repair(
        re.compile(
            r'(<button class="[^"]*sidebar-toggle[^"]*"[^>]*?) title="([^"]*)"(?![^>]*aria-label)'
        ),
        r'\1 title="\2" aria-label="\2"',
        "the theme's tooltips take the title away, and the button with it its name",
    ),
    Repair(
        re.compile(r'<div (?=[^>]*\bcitation-list\b)([^>]*?)role="list" ?'),
        r"<div \1",
        "a list may hold only items, and these are none",
    ),
    Repair(
        re.compile(r' role="doc-biblioentry"'),
        "",
        "this role is no longer part of its standard",
    ),
    Repair(
        re.compile(r'<th class="head[^"]*">(?:<p>)?\s*(?:</p>)?</th>'),
        "<td></td>",
        "an empty cell is not a heading of its column",
    ),
)


def repair(page: str) -> str:
    """Make every repair on a page.

    Parameters
    ----------
    page : str
        HTML.

    Returns
    -------
    str

    Examples
    --------
    >>> repair('<tr><th class="head"></th><th class="head">size</th></tr>')
    '<tr><td></td><th class="head">size</th></tr>'
    """
    for each in REPAIRS:
        page = each.pattern.sub(each.replacement, page)
    return page
