"""Under each section of a chapter, a quiet link by which a reader reports a mistake in it.

The link opens the form of the repository's issues that fits the section (`FORMS`), with the page,
the line of its source and the section filled in. All of that is known while the book is built, so
the link needs no script. Pages that are not numbered as chapters have none. The setting
``report_links_repository`` is the address of the repository.
"""

import html
import urllib.parse
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from live_exercises.directives import exercise

FORMS = {"sentence": "sentence.yml", "exercise": "exercise.yml"}
"""For each kind of section, a file in ``.github/ISSUE_TEMPLATE`` that has a field ``place``."""

WORDS = "Something wrong here?"


class report_link(nodes.Invisible, nodes.Element):
    """The link. It holds no text, so the search does not find every section by its words."""


def address(repository: str, form: str, place: str) -> str:
    """Write the address that opens a form with the place filled in.

    Parameters
    ----------
    repository : str
        The address of the repository.
    form : str
        The form's file.
    place : str
        What its field ``place`` shall hold.

    Returns
    -------
    str

    Examples
    --------
    >>> address("https://github.com/a/b", "sentence.yml", "book/cost.md:39, Loss")
    'https://github.com/a/b/issues/new?template=sentence.yml&place=book/cost.md:39,%20Loss'
    """
    query = urllib.parse.urlencode(
        {"template": form, "place": place}, quote_via=urllib.parse.quote, safe="/:,"
    )
    return f"{repository}/issues/new?{query}"


def _add_links(app: Sphinx, doctree: nodes.document, page: str) -> None:
    # Only a page of a site can be told from its source; the other forms of the book have no such
    # links, and neither has a page outside of the numbered chapters.
    if app.builder.name not in ("html", "dirhtml") or not app.env.toc_secnumbers.get(page):
        return
    source = Path(app.env.doc2path(page)).relative_to(app.srcdir.parent).as_posix()
    for section in doctree.findall(nodes.section):
        own = [child for child in section if not isinstance(child, nodes.section)]
        if all(isinstance(child, nodes.title | nodes.Invisible) for child in own):
            continue  # nothing but other sections
        # Several sections may be called "Its gradient": what they are part of tells them apart.
        inner = isinstance(section.parent.parent, nodes.section)
        within = [section.parent, section] if inner else [section]
        title = ": ".join(part[0].astext() for part in within)  # a section begins with its title
        form = FORMS["exercise" if any(isinstance(c, exercise) for c in own) else "sentence"]
        place = f"{source}:{section.line}, {title}"
        link = report_link(
            address=address(app.config.report_links_repository, form, place), title=title
        )
        # Below the section's own text, above the sections in it.
        section.insert(section.index(own[-1]) + 1, link)


def _visit(self: HTML5Translator, node: report_link) -> None:
    # A list of links, as a screen reader gives it, names the section in each.
    label = html.escape(f"{WORDS} {node['title']}")
    target = html.escape(node["address"])
    self.body.append(f'<p class="report"><a href="{target}" aria-label="{label}">{WORDS}</a></p>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("report_links_repository", "", "html", types=frozenset({str}))
    app.add_node(report_link, html=(_visit, None))
    app.connect("doctree-resolved", _add_links, priority=900)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
