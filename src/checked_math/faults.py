"""What can be wrong with a statement: one exception, with its kind and its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "syntax",
    "undeclared",
    "shape",
    "differ",
    "rounding",
    "relation",
    "ascent",
    "domain",
    "code",
    "witness",
    "undecided",
]


@dataclass(frozen=True, slots=True)
class Span:
    """Characters ``start`` to ``end`` of a formula.

    >>> Span(2, 5).of("x + abc")
    '+ a'
    """

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the characters of `text` that the span covers."""
        return text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """Return the span from the start of this one to the end of the other."""
        return Span(min(self.start, other.start), max(self.end, other.end))


NOWHERE = Span(0, 0)


class Fault(Exception):
    """A statement cannot be read, or is not true.

    Parameters
    ----------
    kind : str
        One of `Kind`; ``undecided`` is the third verdict, all others say "fails".
    message : str
        What is wrong, for the author.
    span : Span
        Where in the formula.
    details : tuple of str
        Further lines: the values, the example, the guess.
    """

    def __init__(
        self, kind: Kind, message: str, span: Span = NOWHERE, details: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.span = span
        self.details = details
