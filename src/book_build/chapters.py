"""Which pages are chapters; and a chapter after its cells have run, with the place of each cell."""

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


def listed(cover: Path, *, numbered: bool = False) -> list[str]:
    r"""Pages that the tables of contents of the cover list, in their order.

    Parameters
    ----------
    cover : Path
        The page with the directives ``{toctree}``.
    numbered : bool, default False
        Give only the pages of numbered tables: these are the chapters.

    Returns
    -------
    list of str
        The names of the pages, as in links.

    Examples
    --------
    >>> import tempfile
    >>> cover = Path(tempfile.mkdtemp()) / "index.md"
    >>> _ = cover.write_text(
    ...     "```{toctree}\npreface\n```\n\n"
    ...     "```{toctree}\n:numbered:\n\nforward\nThe cost <cost>\n```\n"
    ... )
    >>> listed(cover)
    ['preface', 'forward', 'cost']
    >>> listed(cover, numbered=True)
    ['forward', 'cost']
    """
    pages = []
    for token in MarkdownIt("commonmark").parse(cover.read_text("utf-8")):
        if token.type != "fence" or token.info.strip() != "{toctree}":
            continue
        lines = [line.strip() for line in token.content.splitlines() if line.strip()]
        if numbered and not any(line.startswith(":numbered:") for line in lines):
            continue
        entries = (line for line in lines if not re.match(r":[\w-]+:", line))
        pages += [re.sub(r".*<(.+)>", r"\1", entry).removesuffix(".md") for entry in entries]
    return pages


def has_cells(page: Path) -> bool:
    """Whether a file is a page with cells, which the build executes."""
    return page.is_file() and page.suffix == ".md" and "\nkernelspec:" in page.read_text("utf-8")


def with_cells(cover: Path) -> list[str]:
    """Pages that the cover lists, chapters and others, and that have cells."""
    return [page for page in listed(cover) if has_cells(cover.parent / f"{page}.md")]


@dataclass(frozen=True)
class Chapter:
    """A chapter whose cells have been executed.

    Attributes
    ----------
    name : str
        The page's name, as in links.
    text : str
        What the author wrote.
    notebook : NotebookNode
        What came out, with the line at which each cell starts.
    """

    name: str
    text: str
    notebook: nbformat.NotebookNode

    def line(self, cell: int, line: int = 1) -> int:
        """Line of the page where a line of a cell stands.

        Parameters
        ----------
        cell : int
            Which cell of the notebook, from 0.
        line : int, default 1
            Which line of its code, from 1.

        Returns
        -------
        int
            The line, from 1.
        """
        lines = self.text.splitlines()
        start: int = self.notebook.metadata.source_map[cell]
        first = first_line(self.notebook.cells[cell].source)
        while start < len(lines) and lines[start] != first:  # the fence, and the cell's options
            start += 1
        return start + line

    def fault(self, kind: str, message: str, cell: int | None, line: int = 1) -> None:
        """Report a fault of this chapter, with its place.

        Parameters
        ----------
        kind : str
            What sort of fault it is, shown behind the message.
        message : str
            What is wrong, and how to mend it.
        cell : int or None
            Which cell of the notebook, from 0; None if the fault is the whole page's.
        line : int, default 1
            Which line of the cell's code, from 1.
        """
        place = (self.name, 1 if cell is None else self.line(cell, line))
        logger.warning("%s", message, location=place, type="book", subtype=kind)


def first_line(code: str) -> str:
    """First line of a cell's code, empty where it has none."""
    return (code.splitlines() or [""])[0]


def executed_notebook(app: Sphinx, page: str) -> Path:
    """Where MyST-NB writes what came out of a page's cells."""
    return Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"


def executed_chapter(app: Sphinx) -> Chapter | None:
    """Give the chapter that has just been read, or None where the page has no cells."""
    page = app.env.docname
    path = executed_notebook(app, page)
    source = Path(app.env.doc2path(page))
    # A page that has no cells any more leaves its executed notebook behind.
    return read_chapter(page, source, path) if path.exists() and has_cells(source) else None


def read_chapter(page: str, source: Path, executed: Path) -> Chapter:
    """Read a chapter from its own file and from its executed notebook."""
    notebook = nbformat.reads(executed.read_text("utf-8"), as_version=4)
    return Chapter(page, source.read_text("utf-8"), notebook)
