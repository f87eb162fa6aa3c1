"""What the book has, counted.

The role ``{count}`chapters` `` writes, as a word, how many chapters the numbered tables of contents
of the cover list. The directive counts on the finished pages:

````md
```{counts}
exercise: exercises with checks
```
````

Each line names a class, and what its elements are called. What there is none of yet is not shown.
The numbers are filled in after the pages are written, by looking at the pages: they cannot be out
of date, and nobody has to keep them.
"""

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

from book_build.chapters import listed

WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_CLASSES = re.compile(r'<[a-z][^>]*\sclass="([^"]*)"')
_PLACE = re.compile(r'<li data-count="([\w-]+)"[^>]*><b>[^<]*</b>')


def count(page: str) -> dict[str, int]:
    """How many elements of each class a page has.

    Parameters
    ----------
    page : str
        HTML.

    Returns
    -------
    dict

    Examples
    --------
    >>> count('<p class="a b"></p><div class="b">')
    {'a': 1, 'b': 2}
    """
    found: dict[str, int] = {}
    for classes in _CLASSES.findall(page):
        for name in classes.split():
            found[name] = found.get(name, 0) + 1
    return found


def filled(page: str, counts: dict[str, int]) -> str:
    """Fill in the counts of a page.

    Examples
    --------
    >>> filled('<li data-count="cell"><b></b> cells', {"cell": 1234})
    '<li data-count="cell"><b>1,234</b> cells'
    >>> filled('<li data-count="proof"><b></b> proofs', {})
    '<li data-count="proof" hidden><b>0</b> proofs'
    """

    def fill(match: re.Match[str]) -> str:
        number = counts.get(match[1], 0)
        return f'<li data-count="{match[1]}"{"" if number else " hidden"}><b>{number:,}</b>'

    return _PLACE.sub(fill, page)


class Counts(SphinxDirective):
    """The directive ``{counts}``: a class and a name in each line."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Make the list, without its numbers."""
        items = []
        for line in self.content:
            name, _, text = (part.strip() for part in line.partition(":"))
            if not text:
                raise self.error(f"a line of counts is 'class: what it is called', not {line!r}")
            words = nodes.Text(text).astext()
            items.append(f'<li data-count="{name}"><b></b> {words}</li>')
        return [nodes.raw("", f'<ul class="counts">{"".join(items)}</ul>', format="html")]


class Count(SphinxRole):
    """The role ``{count}``: how many there are, as a word."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Count what the cover lists."""
        if self.text != "chapters":
            message = f"count knows chapters, not {self.text!r}"
            return [], [self.inliner.reporter.error(message, line=self.lineno)]
        cover = self.env.doc2path(self.config.root_doc)
        self.env.note_dependency(str(cover))
        number = len(listed(Path(cover), numbered=True))
        return [nodes.Text(WORDS[number] if number < len(WORDS) else str(number))], []


def _fill(app: Sphinx, error: Exception | None) -> None:
    if error or app.builder.format != "html":
        return
    pages = {
        path: path.read_text("utf-8")
        for path in (Path(app.builder.get_outfilename(name)) for name in sorted(app.env.found_docs))  # type: ignore[attr-defined]
        if path.exists()
    }
    counts: dict[str, int] = {}
    for page in pages.values():
        for name, number in count(page).items():
            counts[name] = counts.get(name, 0) + number
    for path, page in pages.items():
        if (new := filled(page, counts)) != page:
            path.write_text(new, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("counts", Counts)
    app.add_role("count", Count())
    app.connect("build-finished", _fill)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
