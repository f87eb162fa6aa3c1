from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from book_build.accepted import (
    Entry,
    Shown,
    accept,
    agree,
    differences,
    main,
    matched,
    read_back,
    shown,
    write_down,
)
from book_build.chapters import read_chapter

PAGE = """\
# Title

```{code-cell} python
loss = (
    0.1643)
print("loss", loss)
```

```{code-cell} python
3 + 4
```
"""
FIGURE = """\
# Title

```{code-cell} python
import matplotlib.pyplot as plt
from backprop_figures import use_book_style

use_book_style()
```

```{code-cell} python
---
mystnb:
  figure:
    name: fig-line
---
limits = plt.ylim(0, 10)
lines = plt.plot([0, 1], [0, HEIGHT])
```
"""


EXTENSIONS = ["book_build.kernels", "book_build.accepted", "book_build.freshness"]


@pytest.fixture
def book(small_book):
    book = small_book(EXTENSIONS)
    book.write_notebook("index", PAGE)
    return book


@pytest.fixture(scope="module")
def executed(small_book_in, tmp_path_factory):
    """The page's executed notebook, made once: to run a chapter's cells takes a while."""
    book = small_book_in(tmp_path_factory.mktemp("executed"), EXTENSIONS)
    book.write_notebook("index", PAGE)
    warnings = book.build()
    assert "index.md:9: WARNING: this cell has no accepted output yet:" in warnings
    assert "+loss 0.1643" in warnings
    return book.build_folder / "jupyter_execute"


def chapters(book, executed):
    return [read_chapter("index", book.source / "index.md", executed / "index.ipynb")]


@pytest.fixture
def accepted_book(book, executed):
    (wrote,) = accept(chapters(book, executed), book.source / "accepted")
    assert wrote == f"wrote {book.source}/accepted/index.txt"
    return book


@pytest.mark.parametrize(
    ("found", "accepted"),
    [
        ("14.0", "14.0"),
        ("0.164252033486018", "0.164252033486019"),
        ("[1.  2.5]", "[1. 2.5]"),
        ("0.1643", "0.1643"),
        ("1.00001", "1.00000"),
        ("1e-17", "0.0"),
        ("inf", "inf"),
    ],
)
def test_the_last_digits_may_differ(found, accepted):
    assert agree(found, accepted)


@pytest.mark.parametrize(
    ("found", "accepted"),
    [
        ("0.165", "0.164"),
        ("2.5", "2.6"),
        ("15", "14"),
        ("-0.25", "0.25"),
        ("14", "14.5"),
        ("True", "False"),
        ("(1, 3)", "(3, 1)"),
        ("0.25", "0.25 0.25"),
        ("inf", "0.5"),
        ("1e-3", "1e-4"),
    ],
)
def test_other_differences_are_seen(found, accepted):
    assert not agree(found, accepted)


def test_what_is_printed_in_pieces_is_one_text():
    pieces = [new_output("stream", text="over"), new_output("stream", text="flow\n")]
    notebook = new_notebook(cells=[new_code_cell("f()", outputs=pieces)])
    assert [cell.text for cell in shown(notebook)] == ["overflow"]


def test_what_is_written_down_is_read_back():
    cells = [Shown(0, "a = 1", ""), Shown(1, "print(a)", "1\n\n2")]
    assert read_back(write_down(cells)) == [Entry(1, "a = 1", ""), Entry(4, "print(a)", "1\n\n2")]


CELLS = ["a = 1", "print(a)", "print(b)", "show(b)", "print(a + b)"]
OUTPUTS = ["", "1", "2", "beta\n2", "3"]


def cells_of(lines, outputs):
    pairs = zip(lines, outputs, strict=True)
    return [Shown(number, line, output) for number, (line, output) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("lines", "outputs", "partners"),
    [
        (CELLS, OUTPUTS, [0, 1, 2, 3, 4]),
        (["import b", *CELLS], ["", *OUTPUTS], [None, 0, 1, 2, 3, 4]),
        ([*CELLS[:2], "print(c)", *CELLS[2:]], [*OUTPUTS[:2], "7", *OUTPUTS[2:]], [0, 1, None, 2, 3, 4]),
        (CELLS[:2] + CELLS[3:], OUTPUTS[:2] + OUTPUTS[3:], [0, 1, 3, 4]),
        (["a = 10", "print(a)", *CELLS[2:]], ["", "10", "2", "beta\n2", "12"], [0, 1, 2, 3, 4]),
        ([*CELLS[:3], "for x in b:", CELLS[4]], OUTPUTS, [0, 1, 2, 3, 4]),
        (CELLS, ["", "5", "6", "gamma", "11"], [0, 1, 2, 3, 4]),
    ],
    ids=["same", "first", "inserted", "removed", "edited", "another line", "other outputs"],
)  # fmt: skip
def test_each_cell_finds_its_accepted_output(lines, outputs, partners):
    entries = [
        Entry(k, line, text) for k, (line, text) in enumerate(zip(CELLS, OUTPUTS, strict=True))
    ]
    found = {
        cell.cell: entry and entry.line
        for entry, cell in matched(entries, cells_of(lines, outputs))
        if cell
    }
    assert [found[number] for number in range(len(lines))] == partners


def test_every_difference_is_told_with_old_and_new(tmp_path):
    (tmp_path / "cost.txt").write_text(write_down(cells_of(CELLS, OUTPUTS)))
    lines = ["a = 10", "print(a)", "print(z)", "print(b)", "print(a + b)"]
    told = list(differences(cells_of(lines, ["", "10", "0\n9", "2", "12"]), tmp_path, "cost"))
    place = f"{tmp_path.parent.name}/{tmp_path.name}/cost.txt"
    head = "--- accepted\n+++ found\n"
    assert told == [
        (1, f"the output is not the accepted one ({place}:4):\n{head}-1\n+10"),
        (2, f"this cell has no accepted output yet:\n{head}+0\n+9"),
        (
            3,
            f"an accepted output is left over, of the cell 'show(b)' ({place}:10):\n{head}-beta\n-2",
        ),
        (4, f"the output is not the accepted one ({place}:14):\n{head}-3\n+12"),
    ]


def test_an_accepted_chapter_builds_quietly(accepted_book):
    assert accepted_book.build() == ""


def test_a_changed_output_is_a_fault_with_line_and_difference(accepted_book):
    accepted_book.write_notebook("index", PAGE.replace("0.1643", "0.1653"))
    warnings = accepted_book.build()
    assert (
        "index.md:9: WARNING: the output is not the accepted one (book/accepted/index.txt:1):"
        in warnings
    )
    assert "-loss 0.1643\n+loss 0.1653" in warnings
    assert "make accept" in warnings


def test_an_altered_accepted_file_is_noticed(accepted_book):
    accepted_book.build()
    file = accepted_book.source / "accepted" / "index.txt"
    file.write_text(file.read_text().replace("\n7\n", "\n8\n"))
    assert (
        "index.md:15: WARNING: the output is not the accepted one (book/accepted/index.txt:4):"
        in accepted_book.build()
    )


def test_a_changed_picture_is_a_fault_and_shown_beside_the_accepted_one(book):
    executed, accepted = book.build_folder / "jupyter_execute", book.source / "accepted"
    page = book.build_folder / "accept/index.html"
    book.write_notebook("index", FIGURE.replace("HEIGHT", "9"))
    assert "this figure has no accepted picture yet (book/accepted/fig-line.png)" in book.build()
    assert 'src="index/fig-line-new.png"' in page.read_text()
    assert list(accept(chapters(book, executed), accepted)) == [
        f"wrote {accepted}/index.txt",
        f"wrote {accepted}/fig-line.png",
    ]
    assert book.build() == ""
    assert not page.exists()

    book.write_notebook("index", FIGURE.replace("HEIGHT", "3"))
    warnings = book.build()
    assert "index.md:21: WARNING: the figure is not the accepted one" in warnings
    assert "% of its points differ" in warnings
    assert "accept/index.html" in warnings
    shown = page.read_text()
    for kind in ("old", "new", "difference"):
        assert f'src="index/fig-line-{kind}.png"' in shown
        assert (page.parent / f"index/fig-line-{kind}.png").stat().st_size
    assert list(accept(chapters(book, executed), accepted)) == [f"wrote {accepted}/fig-line.png"]
    assert book.build() == ""

    (accepted / "fig-line.png").unlink()
    assert "this figure has no accepted picture yet" in book.build()
    book.write_notebook(
        "index", FIGURE.replace("HEIGHT", "3").replace("name: fig-line", "align: left")
    )
    assert "index.md:21: WARNING: this figure has no label, and its accepted" in book.build()


def test_one_cell_is_accepted_and_what_belongs_to_nothing_is_removed(tmp_path, monkeypatch, capsys):
    """All that ``make accept`` does, in a book of two pages of which one is gone."""
    monkeypatch.chdir(tmp_path)
    Path("book").mkdir()
    Path("conf.py").write_text(
        f"extensions = {['myst_nb', *EXTENSIONS]}\nnb_execution_mode = 'force'\n"
    )
    page, accepted = Path("book/index.md"), Path("book/accepted")
    front = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"
    page.write_text(front + PAGE)
    assert main(["book", "_build"]) == 0
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "wrote book/accepted/index.txt",
        "Now look at what you accepted: git diff book/accepted",
    ]

    (accepted / "gone.png").write_bytes(b"")
    executed = Path("_build/jupyter_execute")
    (executed / "gone.ipynb").write_bytes((executed / "index.ipynb").read_bytes())
    page.write_text(front + PAGE.replace("0.1643", "0.1653").replace("3 + 4", "3 + 5"))
    assert main(["--chapter", "index", "--cell", "15", "book", "_build"]) == 0
    told = capsys.readouterr()
    assert "-loss 0.1643\n+loss 0.1653" in told.err
    assert "-7\n+8" in told.err
    assert told.out.splitlines()[2:4] == [
        "wrote book/accepted/index.txt",
        "removed book/accepted/gone.png: it belongs to nothing in the book",
    ]
    assert [entry.text for entry in read_back((accepted / "index.txt").read_text())] == [
        "loss 0.1643",
        "8",
    ]
    assert [file.name for file in accepted.iterdir()] == ["index.txt"]

    page.write_text(front + PAGE.replace("3 + 4", "raise ValueError"))
    assert main(["--chapter", "cost", "book", "_build"]) == 1
    assert (
        "index.md:15: this cell fails: mend it first. Nothing was accepted."
        in capsys.readouterr().err
    )
    page.write_text(front + PAGE)
    assert main(["--chapter", "cost", "book", "_build"]) == 1
    assert "No cell is meant by that. The pages with cells: index" in capsys.readouterr().err
