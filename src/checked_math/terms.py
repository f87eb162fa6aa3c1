"""Typed terms: an operation, what it works on, and the shape of its value.

Sizes are compared by their names, so that 3 = 3 by accident does not pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from checked_math.faults import NOWHERE, Span


@dataclass(frozen=True)
class Size:
    """One size of a shape: its name, and how many it is in these draws."""

    name: str
    count: int = field(compare=False)
    row: bool = field(default=False, compare=False)  # the one row of a transposed vector

    def __str__(self) -> str:
        return self.name


ONE_ROW = Size("1", 1, row=True)
Shape: TypeAlias = tuple[Size, ...]


def said(shape: Shape) -> str:
    """Return the shape as the reader would say it.

    >>> said((Size("n", 3), Size("d", 4))), said(())
    ('(n, d)', 'a number')
    """
    return "(" + ", ".join(map(str, shape)) + ")" if shape else "a number"


@dataclass(frozen=True, eq=False)
class Term:
    """A typed expression: an operation, what it works on, and its shape."""

    op: str
    args: tuple[Term, ...]
    shape: Shape
    span: Span = NOWHERE
    data: Any = None


def const(value: float, span: Span) -> Term:
    """Return the term of a number."""
    return Term("const", (), (), span, value)


def subterms(term: Term) -> Iterator[Term]:
    """Yield a term and all that it works on, from the outside in."""
    yield term
    for argument in term.args:
        yield from subterms(argument)
