"""What scripts do to a term: entries of an array, powers, transposes."""

from __future__ import annotations

from checked_math.faults import Fault, Span
from checked_math.notation import MINUS_ONE, split_subscripts
from checked_math.scope import Scope
from checked_math.shapes import transposed
from checked_math.terms import Shape, Size, Term, said
from checked_math.tree import Indexed, Node, Power, Symbol, Transposed, latex


def entries(scope: Scope, term: Term, subscripts: tuple[Node, ...], span: Span) -> Term:
    """Return entries of an array, one subscript an axis."""
    if not term.shape:
        raise Fault("undeclared", "a number has no entries to index", span)
    read = indices(scope, term.shape, subscripts, span)
    return Term("entry", (term, *read), term.shape[len(read) :], span)


def indices(
    scope: Scope, shape: Shape, subscripts: tuple[Node, ...], span: Span
) -> tuple[Term, ...]:
    """Return what stands in a subscript as whole numbers, each checked against its axis."""
    parts = split_subscripts(subscripts, len(shape))
    if len(parts) > len(shape):
        raise Fault("shape", f"{len(parts)} subscripts for {said(shape)}", span)
    for size, part in zip(shape, parts, strict=False):
        _check_axis(scope, size, part)
    return tuple(index(scope, part) for part in parts)


def index(scope: Scope, node: Node) -> Term:
    """Return the number that a node in a subscript or a limit is."""
    term = scope.read(node)
    if term.shape:
        raise Fault("shape", f"the index {latex(node)} is {said(term.shape)}", node.span)
    return term


def _check_axis(scope: Scope, size: Size, part: Node) -> None:
    if isinstance(part, Symbol):
        runs = scope.running.get(part.name)
        if runs is not None and runs != size:
            raise Fault("shape", f"{part.name} runs to {runs}, but this axis has {size}", part.span)
    number = scope.whole(part)
    if number is not None and not 1 <= number <= size.count and size.name.isdigit():
        raise Fault("shape", f"there is no entry {number} of {size}", part.span)


def wrapped(scope: Scope, term: Term, wrappers: list[Node]) -> Term:
    """Return a term with the scripts that `peel` took from its node."""
    for wrapper in reversed(wrappers):
        match wrapper:
            case Power(_, exponent):
                term = raised(scope, term, exponent, wrapper.span)
            case Transposed():
                term = transposed(term, wrapper.span)
            case Indexed(_, subscripts):
                term = entries(scope, term, subscripts, wrapper.span)
            case _:
                raise Fault("undecided", "this script is not supported here", wrapper.span)
    return term


def raised(scope: Scope, base: Term, exponent: Node, span: Span) -> Term:
    """Return a power, or the inverse of a matrix."""
    square = len(base.shape) == 2 and base.shape[0] == base.shape[1]
    if square and exponent == MINUS_ONE:
        return Term("inverse", (base,), base.shape, span)
    if square and base.shape[0].name != "1":
        raise Fault(
            "undecided",
            "a power of a square matrix has two readings: use \\odot or a product",
            span,
        )
    power = scope.read(exponent)
    if power.shape and base.shape and power.shape != base.shape:
        raise Fault("shape", f"{said(base.shape)} to the power {said(power.shape)}", span)
    whole = scope.whole(exponent)
    return Term("power", (base, power), base.shape or power.shape, span, whole)
