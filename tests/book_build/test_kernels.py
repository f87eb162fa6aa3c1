import pytest
from myst_nb.core.execute import direct
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from book_build.kernels import end_at_once, keep_outputs, talk_through_files


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setattr(direct, "single_nb_execution", direct.single_nb_execution)
    monkeypatch.chdir(tmp_path)
    talk_through_files()
    end_at_once()

    def run(*cells, text="", surroundings="today"):
        """Run a notebook; tell what it printed, the error, and how many kernels have run so far."""
        keep_outputs(tmp_path / "kept", surroundings)
        count = "open('runs', 'a').write('x')"
        codes = [new_code_cell(source) for source in (count, *cells)]
        notebook = new_notebook(cells=[new_markdown_cell(text), *codes])
        result = direct.single_nb_execution(
            notebook, cwd=str(tmp_path), allow_errors=False, timeout=60, meta_override=True
        )
        printed = "".join(out.get("text", "") for cell in codes for out in cell.outputs)
        return printed, type(result.err).__name__, len((tmp_path / "runs").read_text())

    return run


def test_cells_run_again_only_when_they_or_their_surroundings_change(run):
    assert run("print(2)") == ("2\n", "NoneType", 1)
    assert run("print(2)", text="Another sentence.") == ("2\n", "NoneType", 1)
    assert run("print(3)") == ("3\n", "NoneType", 2)
    assert run("print(3)", surroundings="another package") == ("3\n", "NoneType", 3)


def test_outputs_that_were_spoiled_are_made_again(run, tmp_path):
    run("print(2)")
    (kept,) = (tmp_path / "kept").iterdir()
    kept.write_bytes(kept.read_bytes()[:-9])
    assert run("print(2)") == ("2\n", "NoneType", 2)


def test_a_cell_that_fails_is_run_again_until_it_passes(run):
    for number in (1, 2):
        assert run("1 / 0")[1:] == ("CellExecutionError", number)


def test_a_file_that_a_cell_writes_beside_the_pages_is_told(small_book):
    book = small_book(["myst_nb", "book_build.kernels"], nb_execution_mode="force")
    cell = "```{code-cell} python\nopen('stray.txt', 'w').write('x')\n```\n"
    book.write(
        "index", "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n# A\n\n" + cell
    )
    assert "stray.txt: this file came while the cells ran" in book.build()
