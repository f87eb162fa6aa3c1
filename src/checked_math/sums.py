r"""Sums, products and limits: signs that bind a letter."""

from __future__ import annotations

import math
from typing import Any

from checked_math.conditions import condition
from checked_math.faults import Fault
from checked_math.notation import starts_at_one
from checked_math.scope import Scope
from checked_math.scripts import index
from checked_math.shapes import added, times
from checked_math.terms import Size, Term, const
from checked_math.tree import Big, Chain, Indexed, Node, Number, Starred, Sum, Symbol, latex


def big(scope: Scope, node: Big) -> Term:
    """Return a sum or product over a letter, or a limit."""
    if node.operator == "\\lim":
        return _limit(scope, node)
    letter, low, high, kept = _range(node)
    if scope.counts_members(letter, node.body):
        return _unrolled(scope, node, letter, low, high)
    size = _axis(scope, letter, node, high)
    if low is None:
        low = Number("1")
    straight = low == Number("1")
    with scope.running_over({letter: size if straight else None}):
        body = scope.read(node.body)
        where = () if kept is None else (condition(scope, kept),)
    first = index(scope, low)
    last = (
        index(scope, high)
        if high is not None
        else const(float(size.count if size else 0), node.span)
    )
    kind = "sum" if node.operator == "\\sum" else "prod"
    if kind == "prod" and body.shape:
        raise Fault("undecided", "a product of arrays is not supported here", node.span)
    data = (kind, ("index", letter))
    return Term("loop", (first, last, body, *where), body.shape, node.span, data)


def _axis(scope: Scope, letter: str, node: Big, high: Node | None) -> Size | None:
    """Return how far the letter runs; a fault where that is not its axis."""
    if high is None:
        return scope.axis_or_fault(letter, node.body)
    if not isinstance(high, Symbol | Indexed | Number):
        return None
    size = scope.size(high)
    for axis, part in scope.axes(letter, node.body):
        if node.lower is not None and axis != size and starts_at_one(node.lower):
            raise Fault(
                "shape", f"{letter} runs to {size}, but in {latex(part)} over {axis}", part.span
            )
    return size


def _range(node: Big) -> tuple[str, Node | None, Node | None, Chain | None]:
    """Return the letter, its first and last number, and the condition that picks from them."""
    match node.lower:
        case Chain((Symbol(letter), low), ("=",)):
            return letter, low, node.upper, None
        case Symbol(letter):
            return letter, None, node.upper, None
        case Chain((Symbol(letter), _), ("\\ne",)) as unequal if node.upper is None:
            return letter, None, None, unequal
        case None:
            raise Fault(
                "undecided", f"{node.operator} says no index: write {node.operator}_i", node.span
            )
    raise Fault("undecided", "this range of a sum is not supported here", node.span)


def _unrolled(scope: Scope, node: Big, letter: str, low: Node | None, high: Node | None) -> Term:
    """Return the sum over members of families, which differ in shape, one by one."""
    first = 1 if low is None else scope.whole(low)
    last = scope.whole(Symbol(letter.upper())) if high is None else scope.whole(high)
    if first is None or last is None:
        if high is not None and isinstance(high, Symbol) and scope.table.find(high.name) is None:
            raise scope.unknown(high)
        raise Fault("undecided", f"how far {letter} runs is not a known number", node.span)
    total: Term | None = None
    for number in range(first, last + 1):
        with scope.numbering({letter: number}):
            term = scope.read(node.body)
        if total is None:
            total = term
        elif node.operator == "\\sum":
            total = added(total, term, node.span)
        else:
            total = times(total, term, node.span)
    return total or const(0.0, node.span)


def _limit(scope: Scope, node: Big) -> Term:
    match node.lower:
        case Chain((Symbol(name), Starred(target, sign)), ("\\to",)):
            side = sign
        case Chain((Symbol(name), target), ("\\to",)):
            side = ""
        case _:
            raise Fault("syntax", "a limit needs \\lim_{x \\to a}", node.span)
    if target == Symbol("\\infty"):
        goal = const(math.inf, node.span)
    elif target == Sum(("-",), (Symbol("\\infty"),)):
        goal = const(-math.inf, node.span)
    else:
        goal = index(scope, target)
    found = scope.resolve(Symbol(name))
    key: Any = found[0] if found is not None else scope.fresh()
    bound = {} if found else {name: Term("local", (), (), node.span, key)}
    with scope.binding(bound):
        body = scope.read(node.body)
    return Term("limit", (goal, body), body.shape, node.span, (key, side))
