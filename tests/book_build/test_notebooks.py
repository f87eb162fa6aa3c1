"""What readers download: each chapter of the built book, as a notebook of its own."""

import os
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from book_build.chapters import with_cells
from book_build.kernels import encrypt_transport, end_at_once
from book_build.notebooks import PlainMarkdown, standalone

ROOT = Path(__file__).parents[2]
DOWNLOADS = ROOT / os.environ.get("BUILD", "_build") / "html" / "_sources"

ROLES = {"ref": lambda text, target: f"<{text}|{target}>", "eq": lambda text, target: "(1.2)"}


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("(here)=\n# Title", ["# Title"]),
        ("see {ref}`this <there>`", ["see <this|there>"]),
        ("[next](cost.md)", ["[next](cost.ipynb)"]),
        ("```{formula}\n:label: a\n:code: f(x)\n\nx = y\n```", ["$$\nx = y\n\\tag{1.2}\n$$"]),
        ("```{symbols}\n$x$ [f.g] : a number\n```", ["- $x$ : a number"]),
    ],
)
def test_the_books_markdown_becomes_plain(markdown, plain):
    assert [cell.source for cell in PlainMarkdown(ROLES).cells(markdown)] == plain


def test_an_unknown_directive_is_refused():
    with pytest.raises(ValueError, match=r"no form for the directive \{mystery\}"):
        list(PlainMarkdown(ROLES).cells("```{mystery}\n```"))


def test_cells_of_the_build_are_left_out():
    hidden = new_code_cell("from myst_nb import glue", metadata={"tags": ["remove-cell"]})
    notebook = new_notebook(cells=[new_markdown_cell("text"), hidden, new_code_cell("1 + 1")])
    sources = [cell.source for cell in standalone(notebook, ROLES).cells]
    assert sources[1:] == ["text", "1 + 1"]


def test_the_same_chapter_gives_the_same_notebook():
    notebook = new_notebook(cells=[new_code_cell("1 + 1")])
    assert standalone(notebook, ROLES) == standalone(notebook, ROLES)


@pytest.mark.parametrize("chapter", with_cells(ROOT / "book/index.md"))
def test_a_download_runs_outside_the_book(chapter, tmp_path):
    notebook = nbformat.read(DOWNLOADS / f"{chapter}.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\{[\w:]+\}`|^```\{|^\([\w-]+\)=", cell.source, re.MULTILINE)
        else:
            assert not re.search(r"myst_nb|book_build|live_exercises|sphinx", cell.source)
    notebook.cells.insert(1, new_code_cell("import backprop\nassert '.zip' in backprop.__file__"))
    encrypt_transport()
    end_at_once()
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
