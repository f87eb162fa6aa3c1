"""Decide whether the mathematics of a MyST book is true.

A module imports from its own line and those above it, and no two import each other:

- `faults` are what can be wrong, and where; `document` finds the formulas of a page;
- `tree`, `names`, `tokens` and `syntax` read LaTeX to trees, `notation` tells what a tree says by
  itself, and `symbols` what its names are declared to be;
- `terms` and `shapes` are typed terms and the rules of their shapes; `scope` looks names up; by
  them `reader` turns trees to terms, with `scripts`, `conditions`, `functions`, `sums` and
  `gradients` for their kinds of nodes;
- `values` and `derivatives` value terms at random points, `ties` code of Python;
- `decision` holds what the deciding of any statement shares, with `comparison` and `messages`;
  `relations`, `approximations`, `memberships`, `updates`, `witnesses` and `meanings` decide a kind
  each, and `verdicts` the whole statement;
- `pages` keeps the verdicts of a page, `numbers` its numbers without source, and `sphinx` shows
  them.

``python -m checked_math FILE...`` decides every statement of a file;
``extensions = ["checked_math.sphinx"]`` does the same in each build of a Sphinx book.
"""

from __future__ import annotations

__version__ = "0.1.0"
