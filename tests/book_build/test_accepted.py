import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from book_build.accepted import Shown, accept, agree, read_back, shown, write_down

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
    assert "index.md:9: WARNING: this cell has no accepted output" in book.build()
    return book.build_folder / "jupyter_execute"


@pytest.fixture
def accepted_book(book, executed):
    accept(executed, book.source / "accepted")
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


def test_what_is_written_down_is_read_back(tmp_path):
    cells = [Shown(0, "a = 1", "", ()), Shown(1, "print(a)", "1\n\n2", ())]
    assert read_back(write_down(cells)) == [(1, "a = 1", ""), (4, "print(a)", "1\n\n2")]


def test_what_is_accepted_is_shown_and_what_belongs_to_nothing_is_removed(
    executed, tmp_path, capsys
):
    accept(executed, tmp_path)
    assert "this cell has no accepted output" in capsys.readouterr().out
    gone = tmp_path / "gone.txt"
    gone.write_text("")
    accept(executed, tmp_path)
    assert capsys.readouterr().out == "gone.txt belongs to nothing any more\n"
    assert not gone.exists()


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


def test_a_cell_that_is_gone_leaves_its_output_behind(accepted_book):
    accepted_book.write_notebook("index", PAGE.partition("```{code-cell} python\n3")[0])
    assert "an accepted output is left over, of the cell '3 + 4'" in accepted_book.build()


def test_a_cell_in_between_is_noticed(accepted_book):
    accepted_book.write_notebook("index", PAGE.replace("3 + 4", "7"))
    assert "the accepted output at this place belongs to the cell '3 + 4'" in accepted_book.build()


def test_a_changed_picture_is_a_fault(book):
    executed, accepted = book.build_folder / "jupyter_execute", book.source / "accepted"
    book.write_notebook("index", FIGURE.replace("HEIGHT", "9"))
    assert "this cell has no accepted output" in book.build()
    accept(executed, accepted)
    assert book.build() == ""
    book.write_notebook("index", FIGURE.replace("HEIGHT", "3"))
    warnings = book.build()
    assert "index.md:16: WARNING: the figure is not the accepted one (index-01a.png)" in warnings
    accept(executed, accepted)
    assert book.build() == ""
