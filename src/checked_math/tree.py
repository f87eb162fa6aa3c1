r"""The tree of a formula: its nodes, a walk over them, and LaTeX that reads back as the same tree.

The tree holds what stands on the page, not what it means: ``f (x)`` is a row of two factors until
the declarations say whether f is a function.

>>> latex(Power(Symbol("x"), Number("2")))
'x^{2}'
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from checked_math.faults import NOWHERE, Span


@dataclass(frozen=True)
class Node:
    """A piece of a formula; `span` is where it stands, and no part of what it is."""

    span: Span = field(default=NOWHERE, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True)
class Number(Node):
    r"""A literal number, with the digits as printed."""

    text: str


@dataclass(frozen=True)
class Symbol(Node):
    r"""A letter, a command or an accented letter, in one spelling: ``\hat{y}``."""

    name: str


@dataclass(frozen=True)
class Indexed(Node):
    r"""``base_{subscripts}``."""

    base: Node
    subscripts: tuple[Node, ...]


@dataclass(frozen=True)
class Member(Node):
    r"""``base^{(index)}`` or ``base^{[index]}``: a member of a family, as a layer's weights."""

    base: Node
    index: Node


@dataclass(frozen=True)
class Power(Node):
    r"""``base^{exponent}``."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class Transposed(Node):
    r"""``base^\top`` or ``base^T``."""

    base: Node


@dataclass(frozen=True)
class Primed(Node):
    r"""``base'``, with the number of primes."""

    base: Node
    order: int


@dataclass(frozen=True)
class Starred(Node):
    r"""``base^*``, ``base^+`` or ``base^-``: part of a name, or a side of a limit."""

    base: Node
    mark: str


@dataclass(frozen=True)
class Group(Node):
    r"""What stands in brackets: ``(a)``, ``[a]``, ``\{a\}``, ``(a, b]``."""

    items: tuple[Node, ...]
    brackets: str


@dataclass(frozen=True)
class Product(Node):
    r"""Factors side by side; function heads are still among them."""

    factors: tuple[Node, ...]


@dataclass(frozen=True)
class Binary(Node):
    r"""``left op right`` for ``\cdot \times / * \odot \circ \otimes``."""

    left: Node
    operator: str
    right: Node


@dataclass(frozen=True)
class Sum(Node):
    r"""Terms with their signs; the first sign may be '' for none."""

    signs: tuple[str, ...]
    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Fraction(Node):
    r"""``\frac{numerator}{denominator}``."""

    numerator: Node
    denominator: Node


@dataclass(frozen=True)
class Root(Node):
    r"""``\sqrt[degree]{body}``."""

    body: Node
    degree: Node | None


@dataclass(frozen=True)
class Big(Node):
    r"""``\sum``, ``\prod`` or ``\lim`` with its scripts and what it reaches."""

    operator: str
    lower: Node | None
    upper: Node | None
    body: Node


@dataclass(frozen=True)
class Absolute(Node):
    r"""``|body|``."""

    body: Node


@dataclass(frozen=True)
class Inner(Node):
    r"""``\langle left, right \rangle``."""

    left: Node
    right: Node


@dataclass(frozen=True)
class Norm(Node):
    r"""``\lVert body \rVert``."""

    body: Node


@dataclass(frozen=True)
class EvaluatedAt(Node):
    r"""The bar of ``\Big|_{x = 0}``; it stands after the factors that it holds for."""

    conditions: tuple[Node, ...]


@dataclass(frozen=True)
class Matrix(Node):
    r"""Rows of entries."""

    rows: tuple[tuple[Node, ...], ...]


@dataclass(frozen=True)
class Cases(Node):
    r"""Values, each with its condition; None is 'otherwise'."""

    rows: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True)
class Dots(Node):
    r"""``\dots``: stands for what is not written, so nothing with it can be decided."""


@dataclass(frozen=True)
class Chain(Node):
    r"""Sides and the relations between them; one side alone states nothing."""

    sides: tuple[Node, ...]
    relations: tuple[str, ...]


@dataclass(frozen=True)
class Statement(Node):
    r"""One statement of a formula: a chain, the ranges and the conditions said beside it."""

    sides: tuple[Node, ...]
    relations: tuple[str, ...]
    ranges: tuple[tuple[str, Node, Node], ...] = ()
    conditions: tuple[Chain, ...] = ()


def children(node: Node) -> Iterator[Any]:
    """Yield what a node consists of, without its place: nodes, tuples of nodes, texts."""
    for name in node.__dataclass_fields__:
        if name != "span":
            yield getattr(node, name)


def walk(node: Any) -> Iterator[Node]:
    """Yield the node and all within it, from the outside in.

    >>> [type(part).__name__ for part in walk(Power(Symbol("x"), Number("2")))]
    ['Power', 'Symbol', 'Number']
    """
    if isinstance(node, tuple):
        for part in node:
            yield from walk(part)
    elif isinstance(node, Node):
        yield node
        for part in children(node):
            yield from walk(part)


def replaced(node: Any, old: Node, new: Node) -> Any:
    """Return the node with another in place of one that stands in it, wherever it does."""
    if isinstance(node, tuple):
        return tuple(replaced(part, old, new) for part in node)
    if not isinstance(node, Node):
        return node
    if node == old:
        return replace(new, span=node.span)
    names = [name for name in node.__dataclass_fields__ if name != "span"]
    return replace(node, **{name: replaced(getattr(node, name), old, new) for name in names})


def row(factors: tuple[Node, ...]) -> Node:
    """Return factors side by side, one alone as itself."""
    if len(factors) == 1:
        return factors[0]
    return Product(factors, span=factors[0].span.to(factors[-1].span))


def latex(node: Node) -> str:
    r"""Return LaTeX that reads back as the same tree.

    >>> from checked_math.syntax import parse
    >>> latex(parse(r"\sum_{i=1}^n x_i^2")[0].sides[0])
    '\\sum_{i = 1}^{n} x_{i}^{2}'
    """
    match node:
        case Number(text):
            return text
        case Symbol(name):
            return name
        case Indexed(base, subscripts):
            return f"{latex(base)}_{{{_listed(subscripts)}}}"
        case Member(base, index):
            return f"{latex(base)}^{{({latex(index)})}}"
        case Power(base, exponent):
            return f"{_under(base)}^{{{latex(exponent)}}}"
        case Transposed(Member(base, index)):
            return f"{latex(base)}^{{({latex(index)})\\top}}"
        case Transposed(base):
            return f"{_under(base)}^{{\\top}}"
        case Primed(base, order):
            return latex(base) + "'" * order
        case Starred(base, mark):
            return f"{latex(base)}^{{{mark}}}"
        case Group(items, "{}"):
            return f"{{{_listed(items)}}}"
        case Group(items, brackets):
            half = len(brackets) // 2
            return f"\\left{brackets[:half]} {_listed(items)} \\right{brackets[half:]}"
        case Product(factors):
            return " ".join(latex(factor) for factor in factors)
        case Binary(left, operator, right):
            return f"{latex(left)} {operator} {latex(right)}"
        case Sum(signs, terms):
            pairs = zip(signs, terms, strict=True)
            return " ".join(f"{sign} {latex(term)}".strip() for sign, term in pairs)
        case Fraction(numerator, denominator):
            return f"\\frac{{{latex(numerator)}}}{{{latex(denominator)}}}"
        case Root(body, None):
            return f"\\sqrt{{{latex(body)}}}"
        case Root(body, Node() as degree):
            return f"\\sqrt[{latex(degree)}]{{{latex(body)}}}"
        case Big(operator, lower, upper, body):
            scripts = f"_{{{latex(lower)}}}" if lower else ""
            scripts += f"^{{{latex(upper)}}}" if upper else ""
            return f"{operator}{scripts} {latex(body)}"
        case Absolute(body):
            return f"\\lvert {latex(body)} \\rvert"
        case Inner(left, right):
            return f"\\langle {latex(left)}, {latex(right)} \\rangle"
        case Norm(body):
            return f"\\lVert {latex(body)} \\rVert"
        case EvaluatedAt(conditions):
            return f"\\Big|_{{{_listed(conditions)}}}"
        case Matrix(rows):
            lines = (" & ".join(latex(cell) for cell in row) for row in rows)
            return "\\begin{bmatrix} " + " \\\\ ".join(lines) + " \\end{bmatrix}"
        case Cases(cases):
            return "\\begin{cases} " + " \\\\ ".join(map(_case, cases)) + " \\end{cases}"
        case Dots():
            return "\\dots"
        case Chain(sides, relations) | Statement(sides, relations):
            said = ["\\colon" if sign == ":" else sign for sign in relations]
            steps = zip(said, sides[1:], strict=True)
            return latex(sides[0]) + "".join(f" {sign} {latex(side)}" for sign, side in steps)
    raise TypeError(f"no LaTeX for {node!r}")


def _under(base: Node) -> str:
    """Return what an exponent stands on: in braces where it has one already."""
    inner = base.base if isinstance(base, Indexed) else base
    raised = isinstance(inner, Power | Transposed | Member | Starred)
    return f"{{{latex(base)}}}" if raised else latex(base)


def _listed(items: tuple[Node, ...]) -> str:
    return ", ".join(latex(item) for item in items)


def _case(row: tuple[Node, Node | None]) -> str:
    value, condition = row
    words = latex(condition) if condition else "\\text{otherwise}"
    return f"{latex(value)} & {words}"
