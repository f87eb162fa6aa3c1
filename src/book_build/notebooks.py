"""Offer each chapter as a notebook that runs outside the book.

A notebook is one more form of the page: a translator writes it from the same resolved document as
the page itself, with the same numbers, references and citations. It holds plain Markdown, the code
cells, the exercises as cells to fill in, and a first cell that brings the book's package along. It
needs NumPy and Matplotlib, and nothing of the build.
"""

import base64
import html
import importlib
import io
import mimetypes
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin

import nbformat
from docutils import nodes
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.locale import admonitionlabels
from sphinx.util import logging
from sphinx.util.docutils import SphinxTranslator
from sphinx.util.osutil import relative_uri

from book_build.chapters import executed_chapter
from book_build.listing import WHOLE_SOURCE
from book_build.outputs import TAUGHT

logger = logging.getLogger(__name__)

FIRST_CELL = '''\
# Brings the book's package along, so that this notebook runs anywhere.
# It needs: pip install numpy matplotlib palmerpenguins
import base64, pathlib, sys, tempfile

archive = pathlib.Path(tempfile.mkdtemp()) / "backprop.zip"
archive.write_bytes(base64.b64decode("""
{package}"""))
sys.path.insert(0, str(archive))
'''

BUILDERS = ("html", "dirhtml")
"""The builders whose pages have a button for the download."""

# What Markdown would take for its own: anywhere in a line, and where a line begins.
_SIGN = re.compile(
    r"[\\`*$]|(?<!\w)_|_(?!\w)|<(?=[\w/!?])|\](?=[(\[:])|&(?=#?\w+;)|~(?=~)", re.ASCII
)
_START = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[-+](?:\s|$)|#{1,6}\s|>|=+$|-+$))")


def packed(names: tuple[str, ...]) -> bytes:
    """Zip archive of packages, from which Python can import them.

    Parameters
    ----------
    names : tuple of str
        The names of the packages. Only their modules are packed.

    Returns
    -------
    bytes
        The same for the same sources.

    Examples
    --------
    >>> archive = zipfile.ZipFile(io.BytesIO(packed(("backprop",))))
    >>> "backprop/cost.py" in archive.namelist()
    True
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            folder = Path(str(importlib.import_module(name).__file__)).parent
            for path in sorted(folder.glob("*.py")):
                # ZipInfo's own date is fixed: packing twice gives the same bytes.
                entry = zipfile.ZipInfo(f"{name}/{path.name}")
                archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()


def plain(text: str, *, starts_line: bool = True) -> str:
    r"""Write text so that Markdown shows it as it is.

    Parameters
    ----------
    text : str
        Any text.
    starts_line : bool, default True
        Whether its first word is the first of a line.

    Returns
    -------
    str

    Examples
    --------
    >>> print(plain("2 * x_i costs $5"))
    2 \* x_i costs \$5
    >>> print(plain("1. is no list"))
    1\. is no list
    """
    first, *rest = _SIGN.sub(r"\\\g<0>", text).split("\n")
    if starts_line:
        first = _START.sub(r"\1\\", first)
    return "\n".join([first, *(_START.sub(r"\1\\", line) for line in rest)])


def fenced(code: str, mark: str = "```", before: str = "\n", language: str = "") -> str:
    r"""Put code between marks of backticks that do not occur in it.

    Examples
    --------
    >>> print(fenced("x = 1", language="python"))
    ```python
    x = 1
    ```
    >>> print(fenced("a`b", "`", ""))
    ``a`b``
    """
    while mark in code:
        mark += "`"
    return f"{mark}{language}{before}{code}{before}{mark}"


class NotebookTranslator(SphinxTranslator):
    """Writes a page's resolved document as the cells of a notebook.

    Each method writes its node whole. What has no method here, and no place in the tables below,
    is written as its text, with a warning.

    Parameters
    ----------
    document : nodes.document
        The page, resolved for a builder of HTML.
    builder : StandaloneHTMLBuilder
        The builder.
    page : str
        The page's name.
    """

    FORMS = MappingProxyType(
        {
            "strong": "**{}**",
            "literal_strong": "**{}**",
            "emphasis": "*{}*",
            "literal_emphasis": "*{}*",
            "title_reference": "*{}*",
            "subscript": "<sub>{}</sub>",
            "superscript": "<sup>{}</sup>",
            "footnote_reference": "<sup>{}</sup>",
            "problematic": "{}",  # its author has been told
            "paragraph": "{}\n\n",
            "term": "**{}**\n\n",
            "classifier": "*{}*\n\n",
            "rubric": "**{}**\n\n",
            "PassthroughTextElement": "{}\n\n",
            "sd_tab_label": "**{}**\n\n",
            "attribution": "— {}\n\n",
            "transition": "---\n\n",
        }
    )
    """What is written around the text of a node."""

    GROUPS = (
        *("document", "section", "container", "compound", "inline", "generated", "list_item"),
        *("definition", "definition_list_item", "glossary", "figure", "legend", "checked_line"),
        "checked_met",
    )
    """Nodes that are nothing but what they hold."""

    NOTHING = (
        *("comment", "target", "index", "meta", "substitution_definition", "system_message"),
        *("docinfo", "label", "toctree", "tabular_col_spec", "checked_mark", "sd_tab_input"),
        "report_link",
    )
    """Nodes that a reader does not see, or that only a page can show."""

    def __init__(self, document: nodes.document, builder: StandaloneHTMLBuilder, page: str) -> None:
        super().__init__(document, builder)
        self.page = page
        self.env = builder.env
        self.pages = {
            builder.get_relative_uri(page, other): other
            for other in self.env.found_docs
            if other != page
        }
        self.cells: list[nbformat.NotebookNode] = []
        self.body: list[str] = []
        self.attachments: dict[str, dict[str, str]] = {}
        self.depth = 0  # of nodes whose Markdown is put into that of another

    # -- how it is put together --------------------------------------------------------------

    def dispatch_visit(self, node: nodes.Node) -> None:
        """Write a node whole."""
        super().dispatch_visit(node)
        raise nodes.SkipNode

    def unknown_visit(self, node: nodes.Node) -> None:
        """Write a node that stands in one of the tables, or has no form here."""
        for name in (kind.__name__ for kind in type(node).__mro__):
            if name in self.NOTHING:
                return
            if name in self.GROUPS:
                return self.write(node.children)
            if name in self.FORMS:
                return self.body.append(self.FORMS[name].format(self.inside(node)))
        kind = type(node).__name__.replace("_", " ")
        message = f"{kind} has no form in the notebook; its text stands there instead"
        logger.warning("%s", message, location=node, type="book", subtype="notebook")
        text = plain(node.astext())
        return self.body.append(text) if isinstance(node, nodes.Inline) else self.block(text)

    visit_download_reference = unknown_visit  # no notebook has the file

    def write(self, children: Iterable[nodes.Node]) -> None:
        """Write nodes one after the other."""
        for child in children:
            child.walkabout(self)

    def inside(self, node: nodes.Node) -> str:
        """Give the Markdown of what a node holds."""
        outer, self.body = self.body, []
        self.depth += 1
        self.write(node.children)
        self.depth -= 1
        inner, self.body = self.body, outer
        return "".join(inner).strip("\n")

    def block(self, text: str) -> None:
        """Add a block of Markdown."""
        self.body.append(f"{text}\n\n")

    def quote(self, text: str) -> None:
        """Add a block that is set off from the text."""
        self.block("\n".join(f"> {line}".rstrip() for line in text.split("\n")))

    def details(self, summary: str, text: str) -> None:
        """Add a block that opens when the reader asks for it."""
        self.block(f"<details><summary>{html.escape(summary)}</summary>\n\n{text}\n\n</details>")

    def code_cell(self, code: str, **metadata: Any) -> None:
        """Add a cell of code; where it cannot be one of its own, show the code."""
        if self.depth:
            return self.block(fenced(code, language="python"))
        self.text_cell()
        return self.cells.append(new_code_cell(code, metadata=metadata))

    def text_cell(self) -> None:
        """End the Markdown cell."""
        text = "".join(self.body).strip("\n")
        if text:
            attached = {"attachments": self.attachments} if self.attachments else {}
            self.cells.append(new_markdown_cell(text, **attached))
        self.body, self.attachments = [], {}

    def number(self, kind: str, node: nodes.Element) -> str:
        """Give the number of a figure, table or formula, or nothing."""
        numbers = self.env.toc_fignumbers.get(self.page, {}).get(kind, {})
        found = (numbers[name] for name in node["ids"] if name in numbers)
        return ".".join(map(str, next(found, ())))

    # -- text --------------------------------------------------------------------------------

    def visit_Text(self, node: nodes.Text) -> None:
        """Write text as it is."""
        starts_line = not self.body or self.body[-1].endswith("\n")
        heading = isinstance(node.parent, nodes.title)
        self.body.append(plain(node.astext(), starts_line=starts_line and not heading))

    def visit_literal(self, node: nodes.literal) -> None:
        """Write code within a line."""
        self.body.append(fenced(node.astext(), "`", ""))

    def visit_math(self, node: nodes.math) -> None:
        """Write a formula as the author's LaTeX."""
        self.body.append(f"${node.astext().strip()}$")

    def visit_math_block(self, node: nodes.math_block) -> None:
        """Write a displayed formula, with its number."""
        latex = re.sub(r"\n\s*\n", "\n", node.astext().strip())
        number = self.number("displaymath", node) or node["number"]
        if not (node.get("no-wrap") or node.get("nowrap")):  # an environment needs no dollars
            latex = f"$$\n{latex}\n$$"
        if number:
            start, end = re.split(r"\n(?=\$\$$|\\end\{[^\n]*$)", latex)
            latex = f"{start}\n\\tag{{{number}}}\n{end}"
        self.block(latex)

    def visit_abbreviation(self, node: nodes.abbreviation) -> None:
        """Write an abbreviation; a mouse on it shows what it stands for."""
        title = html.escape(node.get("explanation", ""))
        self.body.append(f'<abbr title="{title}">{self.inside(node)}</abbr>')

    def visit_reference(self, node: nodes.reference) -> None:
        """Write a link, to another notebook where there is one."""
        text, address = self.inside(node), node.get("refuri", "")
        if node.get("internal"):
            place, mark, anchor = address.partition("#")
            page = self.pages.get(place)
            if page and _is_chapter(self.builder, page):
                address = relative_uri(f"{self.page}.ipynb", f"{page}.ipynb")
            elif page and self.config.html_baseurl:
                site = f"{self.config.html_baseurl.rstrip('/')}/"
                address = urljoin(site, self.builder.get_target_uri(page)) + mark + anchor
            else:
                address = ""  # what lies on the same page, or on one that is no notebook
        self.body.append(f"[{text}]({address})" if address else text)

    def visit_raw(self, node: nodes.raw) -> None:
        """Write HTML as it is, but for icons, which notebook programs remove."""
        if "html" in node["format"].split() and "<svg" not in node.astext():
            inline = isinstance(node.parent, nodes.TextElement)
            (self.body.append if inline else self.block)(node.astext())

    # -- blocks ------------------------------------------------------------------------------

    def visit_title(self, node: nodes.title) -> None:
        """Write a heading, the caption of a table, or the title of a note."""
        if isinstance(node.parent, nodes.section):
            level = 0
            place: Any = node
            while (place := place.parent) is not None:
                level += isinstance(place, nodes.section)
            self.block(f"{'#' * level} {self.inside(node)}")
        elif isinstance(node.parent, nodes.table):
            self.visit_caption(node)
        else:
            self.block(f"**{self.inside(node)}**")

    def visit_caption(self, node: nodes.TextElement) -> None:
        """Write a caption, with the number of what it belongs to."""
        kind = self.env.domains.standard_domain.get_enumerable_node_type(node.parent) or ""
        number = self.number(kind, node.parent)
        label = f"**{self.config.numfig_format[kind] % number}** " if number else ""
        self.block(label + self.inside(node))

    def visit_literal_block(self, node: nodes.Element) -> None:
        """Write code; the code of an exercise becomes cells to fill in and to run."""
        code = node.astext().rstrip("\n")
        if "starter" in node["classes"]:
            self.code_cell(code)
        elif "checks" in node["classes"]:
            # Until the reader has solved it, this cell fails, and the notebook should run on.
            code += '\nprint("All checks passed. Well done!")'
            self.code_cell(code, tags=["raises-exception"])
        else:
            language = node.get("language", "python")
            self.block(fenced(code, language="" if language in ("default", "none") else language))

    visit_doctest_block = visit_literal_block

    def visit_container(self, node: nodes.container) -> None:
        """Write a group of blocks; of a cell, its code and the captions of its figures."""
        if node.get("nb_element") != "cell_code":
            return self.write(node.children)
        self.code_cell(node["code"])
        return self.write(node.findall(nodes.caption))

    def visit_exercise(self, node: nodes.Element) -> None:
        """Write the task, the starter and the checks; then what helps."""
        self.write(sorted(node.children, key=_helps))

    def visit_folded(self, node: nodes.Element) -> None:
        """Write what a reader may unfold."""
        if _helps(node):
            self.details(node["summary"], self.inside(node))
        else:
            self.write(node.children)

    def visit_whole_source(self, node: nodes.Element) -> None:
        """Write the whole source of a function, below its short form."""
        self.details(WHOLE_SOURCE, self.inside(node))

    def visit_dropdown_main(self, node: nodes.Element) -> None:
        """Write what a reader may unfold."""
        title, *rest = node.children
        words = [
            text.astext()
            for text in title.findall(nodes.Text)
            if not isinstance(text.parent, nodes.raw)  # an icon
        ]
        node.children = rest
        self.details("".join(words), self.inside(node))

    def visit_Admonition(self, node: nodes.Element) -> None:
        """Write a note, under its title or the word for its kind."""
        if not isinstance(node.next_node(), nodes.title) and node.tagname in admonitionlabels:
            title = nodes.title("", admonitionlabels[node.tagname])
            node.insert(0, title)
        self.quote(self.inside(node))

    visit_topic = visit_sidebar = visit_block_quote = visit_Admonition

    def visit_line_block(self, node: nodes.line_block) -> None:
        """Write lines that stay lines."""
        self.block("\\\n".join(map(self.inside, node.findall(nodes.line))))

    def visit_footnote(self, node: nodes.Element) -> None:
        """Write a footnote behind its number, or a work behind its label."""
        self.block(f"<sup>{node[0].astext()}</sup> {self.inside(node)}")

    visit_citation = visit_footnote

    # -- lists, tables, figures --------------------------------------------------------------

    def items(self, node: nodes.Element, marks: Iterable[str]) -> None:
        """Write a list, each item behind its mark."""
        written = []
        for mark, item in zip(marks, node.children, strict=False):
            text = self.inside(item).replace("\n", "\n" + " " * len(mark))
            written.append(re.sub(r"(?m)^ +$", "", mark + text))
        self.block(("\n\n" if any("\n\n" in item for item in written) else "\n").join(written))

    def visit_bullet_list(self, node: nodes.Element) -> None:
        """Write a list of points, or of terms with what they mean."""
        self.items(node, ["- "] * len(node))

    visit_definition_list = visit_bullet_list

    def visit_enumerated_list(self, node: nodes.enumerated_list) -> None:
        """Write a numbered list."""
        start = node.get("start", 1)
        self.items(node, [f"{start + place}. " for place in range(len(node))])

    def visit_table(self, node: nodes.table) -> None:
        """Write a table; one with cells that are several rows high has no form here."""
        if any(entry.get("morerows") for entry in node.findall(nodes.entry)):
            return self.unknown_visit(node)
        self.write(node.findall(nodes.title))
        rows = [self.row(row) for row in node.findall(nodes.row)]
        width = max(map(len, rows), default=0)
        if not any(node.findall(nodes.thead)):
            rows.insert(0, [""] * width)
        rows.insert(1, ["---"] * width)
        return self.block("\n".join(f"| {' | '.join(row)} |" for row in rows))

    def row(self, node: nodes.row) -> list[str]:
        """Give the cells of a row, each in one line and without the sign that parts cells."""
        cells = []
        for entry in node.findall(nodes.entry):
            for formula in entry.findall(nodes.math):
                latex = formula.astext().replace(r"\|", r"\Vert ").replace("|", r"\vert ")
                formula.children = [nodes.Text(latex)]
            text = self.inside(entry).replace("|", r"\|")
            cells += [re.sub(r"\n\n+", "<br>", text).replace("\n", " ")]
            cells += [""] * entry.get("morecols", 0)
        return cells

    def visit_image(self, node: nodes.image) -> None:
        """Bring a picture along; where there is none, its description stands for it."""
        where, name = next(iter(node.get("candidates", {"?": node["uri"]}).items()))
        file = self.env.srcdir / name
        alt = plain(node.get("alt", ""))
        if where == "?":  # elsewhere
            text = f"![{alt}]({name})"
        elif file.is_file():
            key = re.sub(r"[^\w.-]", "-", name)
            kind = mimetypes.guess_type(key)[0] or "image/png"
            self.attachments[key] = {kind: base64.b64encode(file.read_bytes()).decode("ascii")}
            text = f"![{alt}](attachment:{key})"
        else:
            text = alt
        inline = isinstance(node.parent, nodes.TextElement)
        (self.body.append if inline else self.block)(text)


def _helps(node: nodes.Node) -> bool:
    """Whether a part of an exercise is folded away also in a notebook."""
    return type(node).__name__ == "folded" and not any(
        "checks" in block["classes"] for block in node.findall(nodes.literal_block)
    )


def standalone(cells: list[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    """Make a notebook that runs outside the book.

    Parameters
    ----------
    cells : list of NotebookNode
        The cells of a chapter.

    Returns
    -------
    NotebookNode
        The same for the same cells: with a first cell that brings the package, without outputs.
    """
    package = base64.encodebytes(packed(TAUGHT)).decode("ascii")
    first = new_code_cell(
        FIRST_CELL.format(package=package).rstrip(),
        metadata={"jupyter": {"source_hidden": True}},
    )
    cells = [first, *cells]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # nbformat's own ids are drawn at random
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    result: nbformat.NotebookNode = new_notebook(cells=cells, metadata=kernel)
    return result


def _is_chapter(builder: Any, page: str) -> bool:
    """Whether a page has cells that a reader might want to run; the cover only draws."""
    has_cells = "kernelspec" in builder.env.metadata.get(page, {})
    return has_cells and page != builder.config.root_doc and builder.name in BUILDERS


def _keep_code(app: Sphinx, doctree: nodes.document) -> None:
    """Keep the code of each cell in the document, also where the page does not show it."""
    chapter = executed_chapter(app)
    for cell in doctree.findall(nodes.container):
        if chapter and cell.get("nb_element") == "cell_code":
            cell["code"] = chapter.notebook.cells[cell["cell_index"]].source


def _write_notebook(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Write the notebook of a page, and have the theme's download button list it."""
    if not _is_chapter(app.builder, pagename):
        return
    assert isinstance(app.builder, StandaloneHTMLBuilder)
    context["ipynb_source"] = f"{pagename}.ipynb"
    # A copy: what the notebook needs otherwise must not reach the page.
    copy = doctree.deepcopy()
    translator = NotebookTranslator(copy, app.builder, pagename)
    copy.walkabout(translator)
    translator.text_cell()
    path = Path(app.outdir) / "_sources" / f"{pagename}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = nbformat.writes(standalone(translator.cells))
    path.write_text(text + "\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("doctree-read", _keep_code)
    # In the process that writes the page: several pages are written at once.
    app.connect("html-page-context", _write_notebook, priority=400)
    # Another env_version has Sphinx read all pages anew: their cells hold their code.
    return {
        "version": "2",
        "env_version": 1,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
