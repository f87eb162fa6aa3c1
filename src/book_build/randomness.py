"""Refuse random draws that nobody can have again.

A chapter that draws from a generator without a seed prints other numbers at every run.
"""

import ast
from collections.abc import Iterator
from typing import Any

from sphinx.application import Sphinx

from book_build.chapters import executed_chapter

SEEDABLE = {"default_rng", "Generator", "SeedSequence", "PCG64"}


def unseeded_draws(code: str) -> Iterator[tuple[int, str]]:
    """Find draws from generators without a seed.

    Parameters
    ----------
    code : str
        Python code.

    Yields
    ------
    tuple of int and str
        The line, from 1, and what is wrong there.

    Examples
    --------
    >>> list(unseeded_draws("rng = np.random.default_rng(seed=1)"))
    []
    >>> list(unseeded_draws("rng = np.random.default_rng()"))
    [(1, 'default_rng() has no seed: give it one, as in default_rng(seed=1)')]
    """
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return  # the cell has failed, and that is reported
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = getattr(node, "module", None)
            names = [module] if module else [alias.name for alias in node.names]
            if "random" in names or "secrets" in names:
                yield node.lineno, "draw from numpy.random.default_rng(seed=...) instead"
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            name = called.rpartition(".")[2]
            if name == "default_rng" and not node.args and not node.keywords:
                yield (
                    node.lineno,
                    "default_rng() has no seed: give it one, as in default_rng(seed=1)",
                )
            elif ".random." in f".{called}" and name not in SEEDABLE and "rng" not in called:
                yield (
                    node.lineno,
                    f"{called} draws from a generator that all code shares: "
                    "draw from numpy.random.default_rng(seed=...)",
                )


def _look_at_cells(app: Sphinx, doctree: Any) -> None:
    chapter = executed_chapter(app)
    if chapter is None:
        return
    for number, cell in enumerate(chapter.notebook.cells):
        if cell.cell_type == "code":
            for line, told in unseeded_draws(cell.source):
                chapter.fault("random", told, number, line)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.connect("doctree-read", _look_at_cells)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
