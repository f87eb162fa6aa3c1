"""Decide whether the mathematics of a MyST book is true.

What a page says in formulas is read (`syntax`), given shapes (`shapes`), valued at random points
(`values`, `derivatives`) and decided (`verdicts`). Each module uses only those before it.

``python -m checked_math FILE...`` decides every statement of a file;
``extensions = ["checked_math.sphinx"]`` does the same in each build of a Sphinx book.
"""

from __future__ import annotations

__version__ = "0.1.0"
