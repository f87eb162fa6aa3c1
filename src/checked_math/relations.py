"""Equalities and orders: both sides at every draw that counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from checked_math import messages
from checked_math.approximations import approximate
from checked_math.comparison import TOLERANCE, all_entries, first_draw, relative_difference
from checked_math.decision import ORDERS, Decision, combinations
from checked_math.faults import NOWHERE, Fault
from checked_math.shapes import fitted
from checked_math.terms import Shape, Size, Term, said
from checked_math.tree import (
    Node,
    Number,
)
from checked_math.values import COMPARISONS, Bench


def related(
    decision: Decision,
    bench: Bench,
    k: int,
    left: Term,
    relation: str,
    right: Term,
    axes: dict[str, Size | None],
    conditions: list[Term],
) -> None:
    """Decide a relation between two sides, for every value of the letters that run."""
    names = decision.names(k)
    for indices in combinations(axes):
        bench.forget()
        kept = np.ones(bench.draws, dtype=bool)
        for where in conditions:
            kept &= all_entries(bench.evaluate(where, indices))
        kept &= decision.declared_conditions(bench, left, right)
        if relation == "\\approx":
            approximate(decision, bench, k, left, right, indices, kept)
            continue
        defines = k == 0 and decision.options.defines is not None
        equal = "the definition" if defines else "both sides"
        decision.compared.append(equal if relation == "=" else "the inequality")
        a, b = bench.evaluate(left, indices), bench.evaluate(right, indices)
        kept = decision.counted(bench, kept)
        decision.hold_finite(bench, a, kept, names[0])
        decision.hold_finite(bench, b, kept, names[1])
        if relation == "=":
            decision.hold_equal(bench, a, b, kept, names)
        elif relation in ORDERS:
            _hold_ordered(decision, bench, a, relation, b, kept, names)
        else:
            raise Fault("undecided", f"the relation {relation} cannot be decided")


def matched(left: Term, right: Term, a: Node, b: Node, relation: str) -> tuple[Term, Term]:
    """Refuse sides of different shapes; a 1 by 1 array is its number."""
    if left.op == "any" or right.op == "any":
        left, right = fitted(left, right.shape), fitted(right, left.shape)
    if left.shape == right.shape:
        return left, right
    left, right = _column(left, right.shape), _column(right, left.shape)
    if left.shape == right.shape:
        return left, right
    if all(s.name == "1" for s in (*left.shape, *right.shape)):
        return _flat(left), _flat(right)
    zero = Number("0")
    if (not left.shape and (a == zero or relation in ORDERS)) or (
        not right.shape and (b == zero or relation in ORDERS)
    ):
        return left, right
    note = messages.transposed(left.shape, right.shape)
    raise Fault(
        "shape",
        f"the left side is {said(left.shape)}, the right side is {said(right.shape)}{note}",
    )


def _hold_ordered(
    decision: Decision,
    bench: Bench,
    a: Any,
    relation: str,
    b: Any,
    kept: Any,
    names: tuple[str, str],
) -> None:
    """Refuse an order that does not hold at a draw that counts."""
    a, b = np.broadcast_arrays(a, b)
    slack = TOLERANCE * np.maximum(np.abs(a), np.abs(b))
    match relation:
        case "\\le":
            truth = all_entries(a <= b + slack)
        case "\\ge":
            truth = all_entries(a >= b - slack)
        case "\\ne":
            truth = relative_difference(a, b) > TOLERANCE
        case _:
            truth = all_entries(COMPARISONS[relation](a, b))
    wrong = kept & ~truth
    if wrong.any():
        number = first_draw(wrong)
        lines = decision.lines(bench, a, b, number, names)
        raise Fault("relation", f"{names[0]} {relation} {names[1]} does not hold", NOWHERE, lines)


def _flat(term: Term) -> Term:
    """Return a 1 by 1 array as its number."""
    for _ in term.shape:
        term = Term("squeeze", (term,), term.shape[1:], term.span)
    return term


def _column(term: Term, shape: Shape) -> Term:
    """Return a printed column of entries as the vector it is compared with."""
    if term.op == "matrix" and len(shape) == 1 and term.shape[1:] and term.shape[1].count == 1:
        return Term("uncolumn", (term,), term.shape[:1], term.span)
    return term
