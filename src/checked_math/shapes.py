r"""The rules of shapes: which terms go together in an operation, and what shape comes of it.

A vector is a column where a transpose appears: :math:`x^\top` has one row, and a product over that
row is a number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from checked_math.faults import Fault, Span
from checked_math.terms import ONE_ROW, Shape, Term, said

# Functions of numbers, which act on each entry of an array.
ELEMENTWISE = frozenset(
    ["exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan", "sign", "relu", "erf"]
)


def common(terms: Iterable[Term]) -> Shape | None:
    """Return the one shape of all terms that are not numbers, None where they differ."""
    shapes = [term.shape for term in terms if term.shape]
    if any(shape != shapes[0] for shape in shapes):
        return None
    return shapes[0] if shapes else ()


def broadcast(left: Shape, right: Shape) -> Shape | None:
    """Return the shape of a sum: equal shapes, a number, or a bias over the rows of a batch."""
    if left == right or not right:
        return left
    if not left:
        return right
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    if len(longer) == 2 and len(shorter) == 1 and longer[1] == shorter[0] and not longer[0].row:
        return longer
    if len(left) == len(right) == 2 and left[1] == right[1]:
        if left[0].name == "1" and not left[0].row:
            return right
        if right[0].name == "1" and not right[0].row:
            return left
    return None


def fitted(term: Term, shape: Shape) -> Term:
    """Return the bold 1, 0 or I, which has no shape of its own, in the shape it needs here."""
    if term.op != "any" or not shape:
        return term
    if term.data == "eye":
        return Term("eye", (), shape, term.span)
    if isinstance(term.data, float):
        return Term("full", (), shape, term.span, term.data)
    return term


def _fit_product(a: Term, b: Term) -> tuple[Term, Term]:
    r"""Give ``\mathbf{1}`` and ``I`` the size that a product with the other factor needs."""
    if a.op == "any" and b.op != "any" and b.shape:
        if a.data == "eye":
            a = Term("eye", (), (b.shape[0], b.shape[0]), a.span)
        elif isinstance(a.data, tuple) and a.data[0] == "row" and isinstance(a.data[1], float):
            ones = Term("full", (), (b.shape[0],), a.span, a.data[1])
            a = Term("row", (ones,), (ONE_ROW, b.shape[0]), a.span)
    if b.op == "any" and a.op != "any" and a.shape:
        if b.data == "eye":
            b = Term("eye", (), (a.shape[-1], a.shape[-1]), b.span)
        elif isinstance(b.data, float):
            b = Term("full", (), (a.shape[-1],), b.span, b.data)
    for term in (a, b):
        if term.op == "any":
            raise Fault("shape", "how many entries the bold 1 or I has is not given", term.span)
    return a, b


def _pair(a: Term, b: Term) -> tuple[Term, Term]:
    """Give the bold 1, 0 and I the shape of the other side."""
    return fitted(a, b.shape), fitted(b, a.shape)


def added(a: Term, b: Term, span: Span) -> Term:
    """Return the sum of two terms."""
    a, b = _pair(a, b)
    shape = broadcast(a.shape, b.shape)
    if shape is None:
        raise Fault("shape", f"cannot add {said(a.shape)} and {said(b.shape)}", span)
    return Term("add", (a, b), shape, span)


def summed(signs: tuple[str, ...], terms: Iterable[Term], span: Span) -> Term:
    """Return the sum of terms with their signs; each is asked for when its turn comes."""
    total: Term | None = None
    for sign, term in zip(signs, terms, strict=True):
        if sign == "-":
            term = Term("neg", (term,), term.shape, term.span)
        total = term if total is None else added(total, term, span)
    assert total is not None
    return replace(total, span=span)


def _entrywise(op: str, said_as: str, a: Term, b: Term, span: Span) -> Term:
    """Combine two terms entry by entry, or every entry of one with a number."""
    a, b = _pair(a, b)
    shape = common((a, b))
    if shape is None:
        raise Fault("shape", said_as.format(said(a.shape), said(b.shape)), span)
    return Term(op, (a, b), shape, span)


def entrywise_product(a: Term, b: Term, span: Span) -> Term:
    """Return the Hadamard product of two terms."""
    return _entrywise("mul", "elementwise {} and {}", a, b, span)


def divided(a: Term, b: Term, span: Span) -> Term:
    """Return the quotient of two terms."""
    return _entrywise("div", "{} divided by {}", a, b, span)


def dot(a: Term, b: Term, span: Span) -> Term:
    """Return the inner product of two vectors."""
    a, b = _pair(a, b)
    if len(a.shape) != 1 or a.shape != b.shape:
        raise Fault("shape", f"inner product of {said(a.shape)} and {said(b.shape)}", span)
    return Term("product", (a, b), (), span, "ib,ib->b")


def outer(a: Term, b: Term, span: Span) -> Term:
    """Return the outer product of two vectors."""
    if len(a.shape) != 1 or len(b.shape) != 1:
        raise Fault("shape", f"{said(a.shape)} outer {said(b.shape)}", span)
    return Term("product", (a, b), (*a.shape, *b.shape), span, "ib,jb->ijb")


def times(a: Term, b: Term, span: Span) -> Term:
    """Return the product of two factors side by side."""
    a, b = _fit_product(a, b)
    x, y = a.shape, b.shape
    if not x or not y:
        return Term("mul", (a, b), x or y, span)
    shape: Shape
    match len(x), len(y):
        case 2, 2 if x[1] == y[0]:
            shape, spec = (x[0], y[1]), "ijb,jkb->ikb"
        case 2, 1 if x[1] == y[0]:
            shape, spec = (x[0],), "ijb,jb->ib"
        case 1, 2 if y[0].name == "1":
            shape, spec = (x[0], y[1]), "ib,jkb->ikb"
        case _:
            raise Fault("shape", f"{said(x)} times {said(y)}", span)
    if shape and shape[0].row and len(shape) == 1:
        return Term("squeeze", (Term("product", (a, b), shape, span, spec),), (), span)
    return Term("product", (a, b), shape, span, spec)


def transposed(term: Term, span: Span) -> Term:
    """Return the transpose: of a vector one row, of that row the vector again."""
    shape = term.shape
    if term.op == "any":
        return replace(term, data=("row", term.data))
    match len(shape):
        case 0:
            return term
        case 1:
            return Term("row", (term,), (ONE_ROW, shape[0]), span)
        case 2 if shape[0].row:
            return Term("unrow", (term,), shape[1:], span)
        case 2:
            return Term("transpose", (term,), (shape[1], shape[0]), span)
    raise Fault("shape", f"the transpose of {said(shape)}", span)


def function(name: str, arguments: tuple[Term, ...], span: Span) -> Term:
    """Return the term of a built-in function."""
    if name in ("max", "min"):
        total, *others = arguments
        if others:
            for argument in others:
                shape = broadcast(total.shape, argument.shape)
                if shape is None:
                    raise Fault(
                        "shape", f"{name} of {said(total.shape)} and {said(argument.shape)}", span
                    )
                total = Term(name, (total, argument), shape, span)
            return total
        if len(total.shape) != 1:
            raise Fault("undecided", f"\\{name} needs a list or a vector", span)
        return Term("all_" + name, arguments, (), span)
    if len(arguments) != 1:
        raise Fault("shape", f"{name} takes one argument", span)
    (argument,) = arguments
    shape = argument.shape
    match name:
        case "softmax":
            if not shape:
                raise Fault("shape", "softmax of a number", span)
            return Term("softmax", arguments, shape, span)
        case "diag":
            if len(shape) == 1:
                return Term("diag", arguments, (*shape, *shape), span)
            if len(shape) == 2 and shape[0] == shape[1]:
                return Term("diagonal", arguments, shape[:1], span)
        case "trace" | "det":
            if len(shape) == 2 and shape[0] == shape[1]:
                return Term(name, arguments, (), span)
        case "mean":
            return Term("mean", arguments, (), span)
        case "argmax" | "argmin":
            if len(shape) == 1:
                return Term(name, arguments, (), span)
        case _ if name in ELEMENTWISE:
            return Term(name, arguments, shape, span)
    raise Fault("shape", f"{name} of {said(shape)}", span)
