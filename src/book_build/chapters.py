"""A chapter after its cells have run: its text, its outputs, and where things stand in it."""

from dataclasses import dataclass
from pathlib import Path

import nbformat
from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)


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
        first = self.notebook.cells[cell].source.splitlines()[0]
        while start < len(lines) and lines[start] != first:  # the fence, and the cell's options
            start += 1
        return start + line

    def fault(self, kind: str, message: str, cell: int, line: int = 1) -> None:
        """Report a fault of this chapter, with its place.

        Parameters
        ----------
        kind : str
            What sort of fault it is, shown behind the message.
        message : str
            What is wrong, and how to mend it.
        cell, line : int
            Where, as for `line`.
        """
        place = (self.name, self.line(cell, line))
        logger.warning("%s", message, location=place, type="book", subtype=kind)


def executed_notebook(app: Sphinx, page: str) -> Path:
    """Where MyST-NB writes what came out of a page's cells."""
    return Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"


def executed_chapter(app: Sphinx) -> Chapter | None:
    """Give the chapter that has just been read, or None where the page has no cells."""
    page = app.env.docname
    path = executed_notebook(app, page)
    if not path.exists():
        return None
    text = Path(app.env.doc2path(page)).read_text("utf-8")
    return Chapter(page, text, nbformat.reads(path.read_text("utf-8"), as_version=4))
