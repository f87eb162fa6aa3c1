"""Words of a sentence that are bound to what the cells compute: the role ``{is}``.

    The network has {is}`three weight matrices <len(weights)>`, and its output stays
    {is}`below the target <output < target>`.

The words are printed; the expression is evaluated by the chapter's own process, after the cells
above, and a sentence that does not say what it is, is a fault of the page. A sentence that leads up
to a cell is bound to what that will compute: {is}`three of them <below: len(weights)>`.
`book_build.claims` says which words are understood. The role may stand wherever there is text (also
in tables, captions, hints and headings), and in the alternative text and the caption of a figure
that a cell draws, where the expression is evaluated after that cell.

Each piece of text with such words is followed by a hidden cell that evaluates them. It is taken for
what the chapters' own hidden cells are: it is not shown, not accepted, and not offered to readers.
"""

import functools
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import myst_nb.core.read
import nbformat
from docutils import nodes
from nbformat.v4 import new_code_cell
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from book_build.chapters import executed_chapter

logger = logging.getLogger(__name__)

ROLE = re.compile(r"(?<!`)\{is\}`([^`]+)`")
KEY = "claims"
BELOW = "below:"


class Claim(NamedTuple):
    """Words that are bound to an expression.

    Attributes
    ----------
    words, expression : str
        What is printed, and what it is bound to; both empty where the role cannot be read.
    line : int
        Line of the page, from 1.
    """

    words: str
    expression: str
    line: int


def words_and_expression(content: str) -> tuple[str, str]:
    """Take the content of a role apart.

    Parameters
    ----------
    content : str
        What stands between the backticks.

    Returns
    -------
    tuple of str
        The words, and the expression; it is empty where there is none.

    Examples
    --------
    >>> words_and_expression("below the target <output < 5>")
    ('below the target', 'output < 5')
    >>> words_and_expression("three")
    ('three', '')
    """
    content = " ".join(content.split())
    words, opening, expression = content.partition(" <")
    if not opening or not expression.endswith(">"):
        return content, ""
    return words, expression[:-1].strip()


def claims_in(text: str, first_line: int) -> Iterator[Claim]:
    """Claims of a piece of text that starts at a line of a page."""
    for match in ROLE.finditer(text):
        line = first_line + text.count("\n", 0, match.start())
        yield Claim(*words_and_expression(match[1]), line)


def plain(text: str) -> str:
    """Text with the words alone of each role.

    Examples
    --------
    >>> plain("It has {is}`three layers <len(layers)>`.")
    'It has three layers.'
    """
    return ROLE.sub(lambda match: words_and_expression(match[1])[0], text)


def _plain_metadata(value: Any) -> Any:
    if isinstance(value, dict):
        return nbformat.from_dict({key: _plain_metadata(part) for key, part in value.items()})
    return plain(value) if isinstance(value, str) else value


def add_cells(notebook: nbformat.NotebookNode, text: str) -> None:
    """Add to a notebook the hidden cells that evaluate what its text is bound to.

    Parameters
    ----------
    notebook : NotebookNode
        A chapter, before its cells are executed, with the line at which each cell starts.
    text : str
        The page that it was read from.
    """
    lines = text.splitlines()
    starts = [*notebook.metadata["source_map"], len(lines)]
    cells: list[nbformat.NotebookNode] = []
    places: list[int] = []
    waiting: list[Claim] = []
    for cell, (start, end) in zip(notebook.cells, itertools.pairwise(starts), strict=True):
        cells.append(cell)
        places.append(start)
        if cell.cell_type == "code":
            # What is bound in the options of a cell: the texts of its figure.
            head = "\n".join(lines[start:end]).partition(cell.source)[0]
            cell.metadata = _plain_metadata(cell.metadata)
            claims = [*waiting, *claims_in(head, start + 1)]
            waiting = []
        else:
            while not lines[start].strip():
                start += 1
            found = list(claims_in(cell.source, start + 1))
            claims = [claim for claim in found if not claim.expression.startswith(BELOW)]
            waiting += [claim for claim in found if claim not in claims]
        if end == len(lines):
            claims += waiting
        if claims:
            asked = [
                (claim.words, claim.expression.removeprefix(BELOW).strip())
                for claim in claims
                if claim.expression
            ]
            code = f'__import__("book_build.claims").claims.report({asked!r}, globals())'
            metadata = {"tags": ["remove-cell"], KEY: [list(claim) for claim in claims]}
            cells.append(new_code_cell(code, metadata=metadata))
            places.append(start)
    notebook.cells = cells
    notebook.metadata["source_map"] = places


def faults_of(notebook: nbformat.NotebookNode) -> Iterator[tuple[int, str]]:
    """Lines of an executed chapter at which words do not say what they are bound to, and why.

    Parameters
    ----------
    notebook : NotebookNode
        The chapter, executed.

    Yields
    ------
    tuple of int and str
    """
    for cell in notebook.cells:
        if KEY not in cell.metadata:
            continue
        printed = "".join(output.get("text", "") for output in cell.outputs)
        answers = iter(json.loads(printed) if printed else [])
        for claim in (Claim(*stored) for stored in cell.metadata[KEY]):
            if not claim.expression:
                message = f"{claim.words!r} is bound to nothing: write {{is}}`words <expression>`"
                yield claim.line, message
            elif answer := next(answers, ""):
                yield claim.line, f"{answer}: mend the words, or what they are bound to"


class Is(SphinxRole):
    """The role ``{is}``: words that are bound to an expression."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Print the words."""
        words, _ = words_and_expression(self.text)
        if "<translated>" not in str(self.get_source_info()[0]):
            printed = self.env.temp_data.get(KEY) or []
            self.env.temp_data[KEY] = [*printed, (words, self.lineno)]
        return [nodes.Text(words)], []


def _hold(app: Sphinx, doctree: nodes.document) -> None:
    """Report what does not hold, and what stands where nothing evaluates it."""
    for image in doctree.findall(nodes.image):
        if "alt" in image:
            image["alt"] = plain(image["alt"])
    chapter = executed_chapter(app)
    page = app.env.docname
    asked: Counter[str] = Counter()
    if chapter is not None:
        for cell in chapter.notebook.cells:
            asked.update(claim[0] for claim in cell.metadata.get(KEY, []))
        for line, message in faults_of(chapter.notebook):
            logger.warning("%s", message, location=(page, line), type="book", subtype="bound")
    for words, line in app.env.temp_data.get(KEY) or []:
        asked[words] -= 1
        if asked[words] < 0:
            message = f"nothing evaluates what {words!r} is bound to: this page has no cells"
            logger.warning("%s", message, location=(page, line), type="book", subtype="bound")


def reading_claims(read: Callable[..., Any]) -> Callable[..., Any]:
    """Make of MyST-NB's reader of chapters one that adds the hidden cells."""

    @functools.wraps(read)
    def reader(text: str, *arguments: Any, **named: Any) -> Any:
        notebook = read(text, *arguments, **named)
        if "source_map" in notebook.metadata and ROLE.search(text):
            add_cells(notebook, text)
        return notebook

    reader.reads_claims = True  # type: ignore[attr-defined]
    return reader


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    # MyST-NB offers no place for this: between a chapter's text and its execution.
    read = myst_nb.core.read.read_myst_markdown_notebook
    if not hasattr(read, "reads_claims"):
        myst_nb.core.read.read_myst_markdown_notebook = reading_claims(read)
    app.add_role("is", Is())
    app.connect("doctree-read", _hold)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
