"""Conditions that select samples, and the values that they choose."""

from __future__ import annotations

from checked_math.faults import Fault, Span
from checked_math.scope import Scope
from checked_math.shapes import common
from checked_math.terms import Term
from checked_math.tree import Chain, Node

_DECIDED = frozenset(["<", ">", "\\le", "\\ge", "=", "\\ne"])


def condition(scope: Scope, chain: Node | None) -> Term:
    """Return the truth of a chain of orders, entry by entry."""
    if not isinstance(chain, Chain):
        raise Fault("undecided", "a condition is expected here")
    sides = tuple(scope.read(side) for side in chain.sides)
    shape = common(sides)
    if shape is None:
        raise Fault("shape", "the sides of the condition differ in shape", chain.span)
    if not set(chain.relations) <= _DECIDED:
        raise Fault("undecided", "this condition cannot be decided", chain.span)
    return Term("condition", sides, shape, chain.span, chain.relations)


def cases(scope: Scope, rows: tuple[tuple[Node, Node | None], ...], span: Span) -> Term:
    """Return the value of the first case whose condition holds."""
    parts: list[Term] = []
    for k, (value, where) in enumerate(rows):
        parts.append(scope.read(value))
        if where is not None:
            parts.append(condition(scope, where))
        elif k < len(rows) - 1:
            raise Fault("syntax", "a case without a condition before the last", value.span)
    shape = common(parts)
    if shape is None:
        raise Fault("shape", "the cases differ in shape", span)
    return Term("cases", tuple(parts), shape, span)
