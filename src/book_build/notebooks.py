"""Offer each chapter as a notebook that runs outside the book.

The book's own notebooks hold directives and roles that only the book's build understands. What a
reader downloads is made from them: plain Markdown, code cells, the exercises as cells to fill in,
and a first cell that brings the book's package along. It needs NumPy and Matplotlib, and nothing
of the build.
"""

import base64
import importlib
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from markdown_it import MarkdownIt
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from pybtex.database import BibliographyData, parse_file
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from book_build import bound
from book_build.chapters import executed_notebook
from book_build.listing import source_without_docstring
from book_build.outputs import TAUGHT

FIRST_CELL = '''\
# Brings the book's package along, so that this notebook runs anywhere.
# It needs: pip install numpy matplotlib palmerpenguins
import base64, pathlib, sys, tempfile

archive = pathlib.Path(tempfile.mkdtemp()) / "backprop.zip"
archive.write_bytes(base64.b64decode("""
{package}"""))
sys.path.insert(0, str(archive))
'''

Role = Callable[[str, str], str]


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


class PlainMarkdown:
    """Turns the book's Markdown into cells that any notebook program shows.

    Parameters
    ----------
    roles : dict of str to callable
        For each role of the book, what stands in its place: a function of the role's text and its
        target.

    Examples
    --------
    >>> plain = PlainMarkdown({"ref": lambda text, target: text})
    >>> [cell.source for cell in plain.cells("See {ref}`the end <end>`.")]
    ['See the end.']
    """

    def __init__(self, roles: dict[str, Role]) -> None:
        self.roles = roles

    def cells(self, markdown: str) -> Iterator[nbformat.NotebookNode]:
        """Cells for one piece of the book's Markdown.

        Parameters
        ----------
        markdown : str
            A Markdown cell of the book.

        Yields
        ------
        NotebookNode
            Markdown cells, and code cells for the exercises.
        """
        text: list[str] = []
        for part in self._parts(markdown):
            if isinstance(part, str):
                text.append(part)
            else:
                if joined := "".join(text).strip():
                    yield new_markdown_cell(joined)
                text = []
                yield part
        if joined := "".join(text).strip():
            yield new_markdown_cell(joined)

    def _parts(self, markdown: str) -> Iterator[Any]:
        """Pieces of text, and cells, in order."""
        lines = markdown.splitlines(keepends=True)
        done = 0
        for token in MarkdownIt("commonmark").parse(markdown):
            directive = re.fullmatch(r"\{([\w-]+)\}\s*(.*)", token.info.strip())
            if token.type != "fence" or token.level or not token.map or not directive:
                continue
            yield self._plain("".join(lines[done : token.map[0]]))
            yield from self._directive(directive[1], directive[2], token.content)
            done = token.map[1]
        yield self._plain("".join(lines[done:]))

    def _plain(self, text: str) -> str:
        """Text without targets and roles, and with links to the other notebooks."""
        text = re.sub(r"^\([\w-]+\)=\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"\]\((\w+)\.md\)", r"](\1.ipynb)", text)
        return re.sub(r"\{([\w:]+)\}`([^`]*)`", self._role, bound.plain(text))

    def _role(self, match: re.Match[str]) -> str:
        name, content = match[1], match[2]
        text, _, target = content.rpartition(" <")
        target = target.removesuffix(">")
        return self.roles[name](text or target, target)

    def _directive(self, name: str, argument: str, content: str) -> Iterator[Any]:
        """Text and cells in place of one directive."""
        body = re.sub(r"\A(:[\w-]+:.*\n)+\n?", "", content)
        match name:
            case "formula" | "math":
                label = re.search(r"^:label: (\S+)", content, flags=re.MULTILINE)
                number = self.roles["eq"](label[1], label[1]).strip("()") if label else ""
                tag = f"\\tag{{{number}}}\n" if number else ""
                yield f"$$\n{body.strip()}\n{tag}$$\n"
            case "symbols":
                yield "".join(
                    "- " + re.sub(r" \[[^\]]*\] :", " :", self._plain(line)) + "\n"
                    for line in body.splitlines()
                    if line.strip()
                )
            case "listing":
                yield f"`{argument}`\n\n```python\n{source_without_docstring(argument)[0]}\n```\n"
            case "exercise":
                yield from self._exercise(content)
            case _:
                raise ValueError(f"a notebook has no form for the directive {{{name}}}")

    def _exercise(self, content: str) -> Iterator[Any]:
        """Task, starter and checks of an exercise, then hint and solution, folded."""
        parts = {
            token.info.strip(): token.content
            for token in MarkdownIt("commonmark").parse(content)
            if token.type == "fence" and token.info.startswith("{")
        }
        task = content.partition("```{starter}")[0]
        yield self._plain(task)
        yield new_code_cell(parts["{starter}"].rstrip())
        # Until the reader has solved it, this cell fails, and the notebook should run on.
        yield new_code_cell(
            parts["{checks}"].rstrip() + '\nprint("All checks passed. Well done!")',
            metadata={"tags": ["raises-exception"]},
        )
        yield (
            f"<details><summary>Hint</summary>\n\n{self._plain(parts['{hints}'])}\n</details>\n\n"
            "<details><summary>Solution</summary>\n\n"
            f"```python\n{parts['{solution}'].rstrip()}\n```\n\n</details>\n"
        )


def standalone(notebook: nbformat.NotebookNode, roles: dict[str, Role]) -> nbformat.NotebookNode:
    """Make a notebook that runs outside the book from one that was built with it.

    Parameters
    ----------
    notebook : NotebookNode
        A chapter.
    roles : dict of str to callable
        What stands in the place of each role, see `PlainMarkdown`.

    Returns
    -------
    NotebookNode
        The same chapter in plain Markdown, without outputs.
    """
    plain = PlainMarkdown(roles)
    package = base64.encodebytes(packed(TAUGHT)).decode("ascii")
    first = new_code_cell(
        FIRST_CELL.format(package=package).rstrip(),
        metadata={"jupyter": {"source_hidden": True}},
    )
    cells = [first]
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cells.extend(plain.cells(cell.source))
        elif "remove-cell" not in cell.metadata.get("tags", []):
            cells.append(new_code_cell(cell.source))
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # nbformat's own ids are drawn at random
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    result: nbformat.NotebookNode = new_notebook(cells=cells, metadata=kernel)
    return result


def _author_and_year(bibliography: BibliographyData, keys: str) -> str:
    """Name a work as the book's text does: Nielsen (2015)."""
    works = []
    for key in keys.split(","):
        entry = bibliography.entries[key.strip()]
        names = [" ".join(person.last_names) for person in entry.persons["author"]]
        shown = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
        works.append(re.sub(r"[{}\\]", "", f"{shown} ({entry.fields['year']})"))
    return "; ".join(works)


def roles_of_the_book(env: BuildEnvironment, bibliography: BibliographyData) -> dict[str, Role]:
    """Tell what stands in a notebook in the place of each role that the chapters use.

    Parameters
    ----------
    env : BuildEnvironment
        The environment of a build in which every page was read.
    bibliography : BibliographyData
        The works that the chapters cite.

    Returns
    -------
    dict of str to callable
    """
    labels = env.get_domain("std").data["labels"]
    equations = env.get_domain("math").data["objects"]

    def reference(text: str, target: str) -> str:
        return text if text != target else str(labels[target][2])

    def equation(text: str, target: str) -> str:
        page, number = equations[target][:2]
        chapter = env.toc_secnumbers.get(page, {}).get("", ())
        return f"({'.'.join(map(str, (*chapter, number)))})"

    def figure(text: str, target: str) -> str:
        page, anchor, _ = env.get_domain("std").data["anonlabels"][target] + (None,)
        number = env.toc_fignumbers[page]["figure"][anchor]
        return f"Fig. {'.'.join(map(str, number))}"

    def citation(text: str, target: str) -> str:
        return _author_and_year(bibliography, target)

    def words(text: str, target: str) -> str:
        return text

    def formula(text: str, target: str) -> str:
        return f"${text}$"

    return {
        "ref": reference,
        "eq": equation,
        "numref": figure,
        "cite:t": citation,
        "cite:p": citation,
        "term": words,
        "let": formula,
        "math": formula,
    }


def _is_chapter(app: Sphinx, page: str) -> bool:
    """Whether a page has cells that a reader might want to run; the cover only draws."""
    return page != app.config.root_doc and executed_notebook(app, page).exists()


def _offer_download(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Have the theme's download button list the notebook."""
    if _is_chapter(app, pagename):
        context["ipynb_source"] = f"{pagename}.ipynb"


def _write_notebooks(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    bibliography = parse_file(Path(app.confdir) / app.config.bibtex_bibfiles[0])
    roles = roles_of_the_book(app.env, bibliography)
    folder = Path(app.outdir) / "_sources"
    for page in sorted(app.env.found_docs):
        if _is_chapter(app, page):
            executed = executed_notebook(app, page).read_text("utf-8")
            notebook = nbformat.reads(executed, as_version=4)
            text = nbformat.writes(standalone(notebook, roles))
            (folder / f"{page}.ipynb").write_text(text + "\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("html-page-context", _offer_download, priority=400)
    app.connect("build-finished", _write_notebooks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
