r"""Trees to typed terms: the reading of every node, by what its names mean.

>>> table = Table()
>>> table.declare(r"x \in \mathbb{R}^{3}")
('x',)
>>> from checked_math.syntax import parse
>>> from checked_math.terms import said
>>> said(scope_of(table, {}.__getitem__).read(parse(r"x x^\top")[0].sides[0]).shape)
'(3, 3)'
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from checked_math.conditions import cases, condition
from checked_math.faults import Fault, Span
from checked_math.functions import (
    applied,
    builtin_applied,
    is_function,
    primed_fault,
    says_argument,
)
from checked_math.gradients import derivative, evaluated, nabla
from checked_math.notation import (
    builtin,
    derivative_variables,
    is_name,
    norm_kind,
    numerator,
    operator_variables,
    peel,
    relation_in,
)
from checked_math.scope import Scope
from checked_math.scripts import entries, index, raised
from checked_math.shapes import divided, dot, entrywise_product, outer, summed, times, transposed
from checked_math.sums import big
from checked_math.symbols import Table
from checked_math.terms import Size, Term, const
from checked_math.tree import (
    Absolute,
    Big,
    Binary,
    Cases,
    Chain,
    Dots,
    EvaluatedAt,
    Fraction,
    Group,
    Indexed,
    Inner,
    Matrix,
    Member,
    Node,
    Norm,
    Number,
    Power,
    Primed,
    Product,
    Root,
    Starred,
    Sum,
    Symbol,
    Transposed,
    latex,
    row,
)


def scope_of(table: Table, count: Callable[[str], int]) -> Scope:
    """Return the scope of a table in which trees can be read.

    Parameters
    ----------
    table : Table
        What the names mean.
    count : callable
        Gives the number that stands for a named size.
    """
    return Scope(table, count, _read)


def _read(scope: Scope, node: Node) -> Term:
    """Return the typed term of a tree; what it consists of is read by `Scope.read` again."""
    span = node.span
    match node:
        case Number(text):
            return const(float(text), span)
        case Group((item,), "()" | "[]" | "{}" | "\\{\\}"):
            return scope.read(item)
        case Sum(signs, terms):
            return summed(signs, (scope.read(term) for term in terms), span)
        case Product(factors):
            return _product(scope, factors, span)
        case Binary(left, operator, right):
            return _binary(scope, left, operator, right, span)
        case Fraction():
            return _fraction(scope, node)
        case Root(body, degree):
            return _root(scope, body, degree, span)
        case Big():
            return big(scope, node)
        case Absolute(body):
            inner = scope.read(body)
            if inner.shape and all(not s.row for s in inner.shape) and len(inner.shape) > 2:
                raise Fault("undecided", "the bars are not supported here", span)
            return Term("abs", (inner,), inner.shape, span)
        case Norm(body):
            return Term("norm", (scope.read(body),), (), span, 2)
        case Inner(left, right):
            return dot(scope.read(left), scope.read(right), span)
        case Matrix(rows):
            return _matrix(scope, rows, span)
        case Cases(rows):
            return cases(scope, rows, span)
        case Dots():
            raise Fault("undecided", "what the dots stand for is not given: use a sum", span)
        case Chain():
            raise Fault("syntax", "a relation cannot stand within an expression", span)
        case Transposed():
            return _raised_to_top(scope, node)
        case Power(base, exponent):
            return _power(scope, node, base, exponent)
        case Symbol() | Indexed() | Member() | Starred() | Primed():
            return _name(scope, node)
    raise Fault("undecided", f"{latex(node)} is not supported here", span)


def _name(scope: Scope, node: Node) -> Term:
    """Return what a name means: what is bound now, then what is declared, then constants."""
    span = node.span
    match node:
        case Symbol(name) if name in scope.locals:
            return replace(scope.locals[name], span=span)
        case Symbol(name) if name in scope.letters:
            return const(float(scope.letters[name]), span)
        case Symbol(name) if name in scope.running:
            return Term("index", (), (), span, ("index", name))
        case Indexed(Norm(body), (kind,)):
            return Term("norm", (scope.read(body),), (), span, norm_kind(kind))
    found = scope.resolve(node)
    if found is not None:
        return _found(scope, node, *found)
    match node:
        case Symbol("e"):
            return const(math.e, span)
        case Symbol("\\pi"):
            return const(math.pi, span)
        case Indexed(Symbol("\\mathbf{1}" | "\\mathbf{0}" as name), (size,)):
            value = 1.0 if "1" in name else 0.0
            return Term("full", (), (scope.size(size),), span, value)
        case Indexed(Symbol("I" | "\\mathbf{I}"), (size,)):
            extent = scope.size(size)
            return Term("eye", (), (extent, extent), span)
        case Symbol("\\mathbf{1}" | "\\mathbf{0}" as name):
            return Term("any", (), (), span, 1.0 if "1" in name else 0.0)
        case Symbol("\\mathbf{I}" | "I"):
            return Term("any", (), (), span, "eye")
        case Indexed(base, subscripts) if not is_name(base):
            return entries(scope, scope.read(base), subscripts, span)
        case Primed(base, _):
            raise primed_fault(scope, base)
    raise scope.unknown(node)


def _found(scope: Scope, node: Node, name: str, subscripts: tuple[Node, ...]) -> Term:
    """Return the term of a declared name, or of entries of it."""
    entry, _ = scope.entry(name)
    if entry.is_function:
        raise Fault("undecided", f"the function {latex(node)} needs its argument", node.span)
    if entry.is_size:
        return const(float(scope.count(name)), node.span)
    whole = scope.reference(name, node.span)
    return entries(scope, whole, subscripts, node.span) if subscripts else whole


def _binary(scope: Scope, left: Node, operator: str, right: Node, span: Span) -> Term:
    if operator == "\\circ" and is_function(scope, left) and is_function(scope, right):
        raise Fault("undecided", "a composition needs its argument", span)
    leading = left.factors if isinstance(left, Product) and operator == "\\cdot" else ()
    if any(operator_variables(factor) is not None for factor in leading):
        raise Fault("undecided", "how far the derivative reaches is not clear: use brackets", span)
    a, b = scope.read(left), scope.read(right)
    match operator:
        case "\\odot" | "\\circ":
            return entrywise_product(a, b, span)
        case "\\otimes":
            return outer(a, b, span)
        case "\\cdot":
            if len(a.shape) == len(b.shape) == 1:
                return dot(a, b, span)
            return times(a, b, span)
        case "\\times":
            if a.shape and b.shape:
                raise Fault("undecided", "\\times is not supported between arrays", span)
            return times(a, b, span)
        case "/":
            if isinstance(right, Product) and not isinstance(right.factors[1], Big):
                raise Fault("undecided", "how far / reaches is not clear: use \\frac", right.span)
            return divided(a, b, span)
    raise Fault("syntax", f"{operator} is not known here", span)


def _product(scope: Scope, factors: tuple[Node, ...], span: Span) -> Term:
    for k, factor in enumerate(factors):
        if isinstance(factor, EvaluatedAt):
            return evaluated(scope, factors, k, span)
    total: Term | None = None
    k = 0
    while k < len(factors):
        term, used = _factor(scope, factors, k)
        total = term if total is None else times(total, term, total.span.to(term.span))
        k += used
    assert total is not None
    return replace(total, span=span)


def _factor(scope: Scope, factors: tuple[Node, ...], k: int) -> tuple[Term, int]:
    """Read one factor, with the argument that belongs to it; say how many nodes it took."""
    factor = factors[k]
    rest = factors[k + 1 :]
    core, wrappers = peel(factor)
    variables = operator_variables(factor)
    if variables is not None:
        if not rest:
            raise Fault("syntax", "a derivative of nothing", factor.span)
        return derivative(scope, row(rest), variables, factor.span), 1 + len(rest)
    if core == Symbol("\\nabla"):
        return nabla(scope, factor, rest)
    if builtin(core) and scope.table.find(getattr(core, "name", "")) is None:
        return builtin_applied(scope, core, wrappers, rest, factor.span)
    if core == Symbol("\\mathbf{1}") and rest and relation_in(rest[0]):
        truth = condition(scope, relation_in(rest[0]))
        return Term("indicator", (truth,), truth.shape, factor.span), 2
    if rest and isinstance(peel(rest[0])[0], Group) and is_function(scope, factor):
        return applied(scope, factor, rest[0]), 2
    if rest and says_argument(scope, factor, rest[0]):
        return scope.read(factor), 2
    return scope.read(factor), 1


def _raised_to_top(scope: Scope, node: Transposed) -> Term:
    """Return a transpose, or the power T of a number where T is declared."""
    if is_function(scope, node.base):
        raise Fault("undecided", "a function has no transpose", node.span)
    term = scope.read(node.base)
    if not term.shape and term.op != "any" and scope.table.find("T") is not None:
        return raised(scope, term, Symbol("T"), node.span)
    return transposed(term, node.span)


def _power(scope: Scope, node: Node, base: Node, exponent: Node) -> Term:
    found = scope.resolve(node)
    if found is not None:
        return _found(scope, node, *found)
    if isinstance(base, Indexed) and isinstance(base.base, Norm):
        return raised(scope, _name(scope, base), exponent, node.span)
    if base == Symbol("e") and scope.table.find("e") is None:
        inner = scope.read(exponent)
        return Term("exp", (inner,), inner.shape, node.span)
    return raised(scope, scope.read(base), exponent, node.span)


def _root(scope: Scope, body: Node, degree: Node | None, span: Span) -> Term:
    inner = scope.read(body)
    if degree is None:
        return Term("sqrt", (inner,), inner.shape, span)
    one = const(1.0, span)
    power = Term("div", (one, index(scope, degree)), (), span)
    return Term("power", (inner, power), inner.shape, span)


def _fraction(scope: Scope, node: Fraction) -> Term:
    variables = derivative_variables(node)
    if variables is not None:
        operand = numerator(node)
        if operand is None:
            raise Fault("syntax", "a derivative of nothing", node.span)
        return derivative(scope, operand, variables, node.span)
    return divided(scope.read(node.numerator), scope.read(node.denominator), node.span)


def _matrix(scope: Scope, rows: tuple[tuple[Node, ...], ...], span: Span) -> Term:
    cells = tuple(scope.read(cell) for cells in rows for cell in cells)
    for cell in cells:
        if cell.shape:
            raise Fault("undecided", "a matrix of matrices is not supported here", cell.span)
    height, width = len(rows), len(rows[0])
    return Term("matrix", cells, (Size(str(height), height), Size(str(width), width)), span)
