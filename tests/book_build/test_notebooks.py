"""What readers download: each chapter of the built book, as a notebook of its own."""

import os
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell

from book_build.chapters import with_cells
from book_build.kernels import end_at_once, talk_through_files
from book_build.notebooks import plain

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
DOWNLOADS = ROOT / os.environ.get("BUILD", "_build") / "html" / "_sources"

# MyST asks Sphinx 9 for what Sphinx 11 will not have.
pytestmark = pytest.mark.filterwarnings("ignore:'myst_parser.*app' is deprecated")

STAR = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0L9 9"/></svg>'
CELL = "\n\n```{code-cell} python\n1\n```\n"
INDEX = """\
# Book

```{toctree}
:numbered:
every
other
```

```{bibliography}
```

```{eval-rst}
.. automodule:: backprop.cost
   :members:
```
"""

# What stands in the notebook of `every_form.md`, in this order.
EXPECTED = r"""
An index entry here, and \$5 \* 2 [text\](page).
1\. is no list. *Slanted*, **strong**, ```co``de```, H<sub>2</sub>O, m<sup>2</sup>, <abbr title="gradient descent">GD</abbr>.
A formula $1 = 1$ and one that is declared: $b = 2$. By Ada.
See [The other](other.ipynb), [other](other.ipynb), [the other](other.ipynb), Every form, (1.1), Fig. 1.1, Fig. 1.2, Table 1.1, gradient, [outside](https://example.org/a) and Bell [1937].<sup>1</sup>
x^2 = x \, x
\tag{1.1}
where
- **$x \in \mathbb{R}$**
  a number
\begin{align}
\tag{1.2}
\end{align}
`backprop.cost.mse`
def mse(p: ArrayLike, y: ArrayLike) -> float:
> **Note**
> - one
> **Tip**
> **Warning**
> **My own title**
> **See also**
<details><summary>Open &amp; see</summary>
**First**
**Second**
Card
Held.
> Quoted.
> **Topic**
- **Term**
  What it means.
1. first
   more of it
2. second
| a | b |
| `x` | c \| d |
**Table 1.1** Numbers
| $\vert x\vert  = \vert x\vert$ | first<br>second |
- **gradient**
Lines\
**A rubric**
---
![A star.](attachment:star.svg)
**Fig. 1.1** A *star*.
An image: ![another star](attachment:star.svg)
**Fig. 1.2** A line.
The answer is 42.
import math
**Listing 1.1** A block
Double it.
def double(x):
assert double(4) == 8, "Twice 4 is 8."
<details><summary>Hint</summary>
Add $x$ to itself.
<details><summary>Solution</summary>
    return x + x
<sup>1</sup> A footnote with $b = b$.
"""


def run(notebook, folder):
    talk_through_files()
    end_at_once()
    client = NotebookClient(notebook, timeout=60, resources={"metadata": {"path": str(folder)}})
    client.execute()


@pytest.fixture
def book(small_book, tmp_path):
    """A book with a cover, a chapter without text, and what a test writes."""
    (tmp_path / "pyproject.toml").write_text(
        '[tool.checked_math]\nverbatim = ["starter", "checks", "solution", "wrong-answer"]\n'
    )
    own = ["kernels", "outputs", "listing", "notebooks"]
    book = small_book(
        [
            *("sphinx.ext.autodoc", "numpydoc", "sphinx_design", "sphinxcontrib.bibtex"),
            *(f"book_build.{name}" for name in own),
            *("checked_math.sphinx", "live_exercises.sphinx", "static_math.sphinx"),
        ],
        myst_enable_extensions=[
            *("amsmath", "attrs_inline", "colon_fence", "deflist", "dollarmath", "substitution"),
        ],
        myst_dmath_double_inline=True,
        numfig=True,
        math_number_all=False,
        numpydoc_show_class_members=False,
        bibtex_bibfiles=["book.bib"],
        bibtex_reference_style="author_year",
        nb_mime_priority_overrides=[("html", "image/svg+xml", 0)],
    )
    (book.source / "book.bib").write_text(
        "@book{bell, author={Eric Bell}, title={Men}, year={1937}, publisher={S}}\n"
    )
    (book.source / "star.svg").write_text(STAR)
    book.write("index", INDEX)
    book.write_notebook("other", "(there)=\n# The other" + CELL)
    book.read = lambda name: nbformat.read(
        book.build_folder / "html" / "_sources" / f"{name}.ipynb", as_version=4
    )
    return book


def test_every_form_becomes_a_page_and_a_notebook_that_runs(book, tmp_path):
    shutil.copyfile(HERE / "every_form.md", book.source / "every.md")
    assert book.build(parallel=2) == ""
    assert "A star." in book.page("every")
    notebook = book.read("every")
    nbformat.validate(notebook)
    lines = iter("\n".join(cell.source for cell in notebook.cells).splitlines())
    for expected in EXPECTED.strip().splitlines():
        assert expected in lines, expected  # a search from the last one on
    assert "hidden" not in "".join(cell.source for cell in notebook.cells)
    run(notebook, tmp_path)
    assert "Twice 4 is 8." in str(notebook.cells[-2].outputs)


def test_what_has_no_form_is_its_text_and_said_with_its_line(book):
    book.write_notebook("every", "\n# Title\n\nTake {download}`this drawing <star.svg>`." + CELL)
    assert book.build() == (
        f"{book.source / 'every.md'}:9: WARNING: download reference has no form in the notebook; "
        "its text stands there instead [book.notebook]\n"
    )
    assert "Take this drawing." in book.read("every").cells[1].source


def test_a_link_to_a_page_without_cells_leads_to_the_site_where_it_has_an_address(book):
    book.write_notebook("every", "# Title\n\nSee [the cover](index.md)." + CELL)
    book.config["html_baseurl"] = "https://example.org/book"
    assert book.build() == ""
    text = book.read("every").cells[1].source
    assert "See [the cover](https://example.org/book/index.html)." in text


def test_the_same_chapter_gives_the_same_notebook(book):
    book.write_notebook("every", "# Title" + CELL)
    book.build()
    first = (book.build_folder / "html/_sources/every.ipynb").read_bytes()
    shutil.rmtree(book.build_folder)
    book.build()
    assert (book.build_folder / "html/_sources/every.ipynb").read_bytes() == first


@pytest.mark.parametrize("text", ["# no heading", "- no list", "+ none", "> no quote", "==="])
def test_text_that_looks_like_markdown_stays_text(text):
    assert plain(text) == "\\" + text


@pytest.mark.built
@pytest.mark.parametrize("chapter", with_cells(ROOT / "book/index.md"))
def test_a_download_runs_outside_the_book(chapter, tmp_path):
    notebook = nbformat.read(DOWNLOADS / f"{chapter}.ipynb", as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert not re.search(r"\{[\w:]+\}`|^```\{|^\([\w-]+\)=", cell.source, re.MULTILINE)
        else:
            assert not re.search(r"myst_nb|book_build|live_exercises|sphinx", cell.source)
    notebook.cells.insert(1, new_code_cell("import backprop\nassert '.zip' in backprop.__file__"))
    run(notebook, tmp_path)
