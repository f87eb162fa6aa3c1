"""Small books, built in a folder of their own."""

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.console import strip_colors
from sphinx.util.docutils import docutils_namespace, patch_docutils

FRONT_MATTER = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n---\n"


class SmallBook:
    """A book of a few pages, with the extensions that a test names."""

    def __init__(self, folder: Path, extensions: list[str], **config: object) -> None:
        self.source = folder / "book"
        self.source.mkdir()
        self.build_folder = folder / "_build"
        self.config = {
            "extensions": ["myst_nb", *extensions],
            "nb_execution_mode": "force",
            "myst_enable_extensions": ["amsmath", "dollarmath"],
            **config,
        }
        self.app: Sphinx | None = None
        self.extras: list[tuple[str, Callable[..., object]]] = []

    def write(self, page: str, text: str) -> None:
        (self.source / f"{page}.md").write_text(text, encoding="utf-8")

    def write_notebook(self, page: str, text: str) -> None:
        self.write(page, FRONT_MATTER + text)

    def build(self, parallel: int = 1) -> str:
        """Build, and return what the author would see as warnings."""
        warnings = io.StringIO()
        with patch_docutils(), docutils_namespace():
            self.app = Sphinx(
                srcdir=self.source,
                confdir=None,
                outdir=self.build_folder / "html",
                doctreedir=self.build_folder / "doctrees",
                buildername="html",
                confoverrides=self.config,
                status=None,
                warning=warnings,
                parallel=parallel,
            )
            for event, handler in self.extras:
                self.app.connect(event, handler)
            with contextlib.redirect_stderr(io.StringIO()):
                self.app.build()
        return strip_colors(warnings.getvalue())

    def page(self, name: str) -> str:
        return (self.build_folder / "html" / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def small_book_in():
    """Make a small book in a folder: ``small_book_in(folder, extensions, **config)``."""
    return SmallBook


@pytest.fixture
def small_book(tmp_path):
    """Make a small book for one test: ``small_book(extensions, **config)``."""
    return lambda extensions, **config: SmallBook(tmp_path, extensions, **config)


def pytest_collection_modifyitems(items):
    """Measure the coverage of the taught package by its own tests alone.

    Measuring slows down everything that runs meanwhile.
    """
    for item in items:
        if "backprop" not in item.path.parts:
            item.add_marker(pytest.mark.no_cover)
