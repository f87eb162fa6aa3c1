"""Refuse to publish an executed chapter that shows a failure, and keep chapters up to date.

A figure that fails while it is drawn does so after its cell has ended: MyST-NB publishes the
traceback as if it were an output, without a warning. So the outputs themselves are looked at.
And a chapter computes with the package: where that changes, the chapter runs again.
"""

import functools
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from book_build.chapters import executed_chapter, executed_notebook

TAUGHT = ("backprop", "backprop_figures")
COLOUR = re.compile(r"\x1b\[[\d;]*m")


class Failure(NamedTuple):
    """Something in an executed notebook that must not be published.

    Attributes
    ----------
    cell : int
        Which cell of the notebook it is in, from 0.
    line : int
        Which line of that cell, from 1.
    text : str
        What a reader would see: the traceback, or what was printed.
    """

    cell: int
    line: int
    text: str


def failures(notebook: nbformat.NotebookNode) -> Iterator[Failure]:
    """Failures that an executed notebook shows.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook, executed.

    Yields
    ------
    Failure

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook, new_output
    >>> warned = new_output("stream", name="stderr", text="RuntimeWarning: overflow")
    >>> list(failures(new_notebook(cells=[new_code_cell("f()", outputs=[warned])])))
    [Failure(cell=0, line=1, text='RuntimeWarning: overflow')]
    """
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                traceback = COLOUR.sub("", "\n".join(output.traceback))
                own_lines = re.findall(r"Cell In\[\d+\], line (\d+)", traceback)
                yield Failure(number, int(own_lines[0]) if own_lines else 1, traceback)
            elif output.output_type == "stream" and (
                output.name == "stderr" or "Traceback (most recent call last)" in output.text
            ):
                yield Failure(number, 1, output.text.strip())


@functools.cache
def package_files() -> tuple[str, ...]:
    """Every source file of the packages that chapters import."""
    return tuple(
        str(path)
        for name in TAUGHT
        for path in sorted(Path(str(importlib.import_module(name).__file__)).parent.glob("*.py"))
    )


def _depend_on_packages(app: Sphinx, doctree: Any) -> None:
    env = app.env
    if env.docname in env.metadata and "kernelspec" in env.metadata[env.docname]:
        for path in package_files():
            env.note_dependency(path)


def _forget_outputs(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    """Leave nothing behind of a page that is gone, or has no cells any more."""
    executed_notebook(app, page).unlink(missing_ok=True)


def _look_at_outputs(app: Sphinx, doctree: Any) -> None:
    chapter = executed_chapter(app)
    if chapter is not None:
        for failure in failures(chapter.notebook):
            message = f"this cell shows a failure:\n{failure.text}"
            chapter.fault("output", message, failure.cell, failure.line)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("env-purge-doc", _forget_outputs)
    app.connect("doctree-read", _depend_on_packages)
    app.connect("doctree-read", _look_at_outputs)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
