import pytest

CELL = "# Title\n\nText.\n\n```{code-cell} python\n%s\n```\n"


@pytest.fixture
def book(small_book):
    return small_book(
        ["book_build.kernels", "book_build.outputs", "book_build.freshness"],
        nb_output_stderr="error",
    )


def test_a_cell_that_raises_is_a_fault_with_page_line_and_traceback(book):
    book.write_notebook("index", CELL % "---\ntags: [mine]\n---\nx = 1\nx / 0")
    warnings = book.build()
    assert "index.md:15: WARNING: this cell shows a failure:" in warnings
    assert "ZeroDivisionError: division by zero" in warnings
    assert "----> 2 x / 0" in warnings


def test_a_figure_that_fails_while_it_is_drawn_is_a_fault(book):
    book.write_notebook(
        "index",
        CELL
        % "class Drawing:\n    def _repr_svg_(self):\n        raise RuntimeError('no ink')\n\nDrawing()",
    )
    assert "this cell shows a failure" in (seen := book.build())
    assert "no ink" in seen
    assert "index.md:13: WARNING: " in seen


def test_a_warning_printed_by_a_cell_is_a_fault(book):
    book.write_notebook("index", CELL % "import warnings\nwarnings.warn('careful')")
    assert "careful" in book.build()


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import numpy as np\nnp.float64(1) / 0", "RuntimeWarning: divide by zero"),
        ("import warnings\nwarnings.warn('old', DeprecationWarning)", "DeprecationWarning: old"),
    ],
)
def test_a_deprecated_call_and_a_dubious_number_are_errors(book, code, told):
    book.write_notebook("index", CELL % code)
    warnings = book.build()
    assert told in warnings
    assert "index.md:12: " in warnings


def test_a_chapter_without_failures_builds_quietly(book, capfd):
    book.write_notebook("index", CELL % "print(1 + 1)")
    assert book.build() == ""
    assert "encryption" not in capfd.readouterr().err


def test_a_changed_package_makes_its_chapters_run_again(book, monkeypatch, tmp_path):
    module = tmp_path / "taught.py"
    module.write_text("value = 1\n")
    monkeypatch.setattr("book_build.outputs.package_files", lambda: (str(module),))
    book.write_notebook("index", CELL % f"print(open({str(module)!r}).read())")
    book.build()
    module.write_text("value = 2\n")
    book.build()
    assert "value = 2" in book.page("index")
