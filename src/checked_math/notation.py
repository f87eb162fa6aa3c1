r"""What can be told from a tree alone, whatever its names mean.

>>> from checked_math.syntax import parse
>>> derivative_variables(parse(r"\frac{d f}{dx}")[0].sides[0])
[Symbol(name='x')]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checked_math.faults import Fault
from checked_math.names import FUNCTIONS, plain
from checked_math.tree import (
    Big,
    Chain,
    Fraction,
    Group,
    Indexed,
    Member,
    Node,
    Norm,
    Number,
    Power,
    Primed,
    Product,
    Starred,
    Sum,
    Symbol,
    Transposed,
    children,
    latex,
    row,
    walk,
)

EXTREMES = frozenset(["max", "min", "argmax", "argmin"])
MINUS_ONE = Sum(("-",), (Number("1"),))
# Functions written as words; LaTeX has commands for the others.
_WORDS = {
    "relu": "relu",
    "softmax": "softmax",
    "diag": "diag",
    "tr": "trace",
    "trace": "trace",
    "sign": "sign",
    "sgn": "sign",
    "argmax": "argmax",
    "argmin": "argmin",
    "mean": "mean",
    "erf": "erf",
    "inf": "inf",
}
_UPRIGHT = "\\mathrm{"
_D = (Symbol("d"), Symbol("\\partial"))


def builtin(node: Node) -> str | None:
    r"""Return the built-in function a symbol names, None where it names none.

    >>> builtin(Symbol("\\ln")), builtin(Symbol(r"\mathrm{ReLU}")), builtin(Symbol("f"))
    ('log', 'relu', None)
    """
    if not isinstance(node, Symbol):
        return None
    if node.name in FUNCTIONS:
        return "log" if node.name == "\\ln" else node.name[1:]
    if node.name.startswith(_UPRIGHT):
        return _WORDS.get(node.name[len(_UPRIGHT) : -1].lower())
    return None


def peel(node: Node) -> tuple[Node, list[Node]]:
    """Return what is under scripts and primes, and the scripted nodes from the outside in."""
    wrappers: list[Node] = []
    while isinstance(node, Power | Primed | Indexed | Transposed | Member | Starred):
        wrappers.append(node)
        node = node.base
    return node, wrappers


def is_name(node: Node) -> bool:
    """Whether a node is a symbol with scripts that belong to its name."""
    core, wrappers = peel(node)
    while isinstance(core, Group) and core.brackets == "{}":
        core, inner = peel(core.items[0])
        wrappers = [*wrappers, *inner]
    return isinstance(core, Symbol) and not any(isinstance(w, Transposed | Power) for w in wrappers)


def items_of(node: Node) -> tuple[Node, ...]:
    """Return the items of a list in brackets; anything else is its own single item."""
    return node.items if isinstance(node, Group) and len(node.items) > 1 else (node,)


def parameter_name(node: Node) -> str:
    """Return the letter under which a body knows its argument."""
    if isinstance(node, Symbol):
        return node.name
    raise Fault("undecided", f"{latex(node)} is not a name for an argument", node.span)


def split_subscripts(subscripts: tuple[Node, ...], rank: int) -> tuple[Node, ...]:
    """Cut ``ij`` or ``12`` into one subscript an axis where there are axes for them."""
    if len(subscripts) == 1 and rank > 1:
        match subscripts[0]:
            case Product(factors) if len(factors) <= rank:
                return factors
            case Number(text) if len(text) == rank and text.isdigit():
                return tuple(Number(digit, span=subscripts[0].span) for digit in text)
    return subscripts


def capitalised(node: Node) -> Node | None:
    """Return W for w and W^(l) for w^(l), None where there is no capital."""
    match node:
        case Symbol(name) if plain(name).isalpha() and plain(name).islower():
            return Symbol(plain(name).upper(), span=node.span)
        case Member(base, index):
            capital = capitalised(base)
            return None if capital is None else Member(capital, index, span=node.span)
    return None


def norm_kind(node: Node) -> Any:
    """Return which norm a subscript of its bars names."""
    match node:
        case Number("1" | "2" as text):
            return int(text)
        case Symbol("F" | "\\mathrm{F}"):
            return 2
        case Symbol("\\infty"):
            return "max"
    raise Fault("undecided", f"the norm {latex(node)} is not known here", node.span)


def relation_in(node: Node) -> Chain | None:
    r"""Return the relation in brackets, as after the bold 1 of an indicator."""
    match node:
        case Group((Chain() as chain,), "\\{\\}" | "[]" | "()"):
            return chain
    return None


def operator_variables(node: Node) -> list[Node] | None:
    r"""Return the variables of ``\frac{d}{dx}`` that waits for what follows it, else None."""
    variables = derivative_variables(node)
    return None if variables is None or numerator(node) else variables


def starts_at_one(lower: Node) -> bool:
    """Whether what stands below a sum lets its letter run from 1."""
    return not isinstance(lower, Chain) or lower.sides[1] == Number("1")


def derivative_variables(node: Node) -> list[Node] | None:
    r"""Return the variables below ``\frac{d}{dx}`` or ``\frac{\partial J}{\partial w}``."""
    if not isinstance(node, Fraction) or not isinstance(node.denominator, Product):
        return None
    top = node.numerator.factors[0] if isinstance(node.numerator, Product) else node.numerator
    sign = top.base if isinstance(top, Power) else top
    below = node.denominator.factors
    if sign not in _D or below[0] not in _D:
        return None
    variables: list[Node] = []
    rest = list(below)
    while rest:
        if rest.pop(0) not in _D or not rest:
            return None
        taken = [rest.pop(0)]
        while rest and rest[0] not in _D:
            taken.append(rest.pop(0))
        last = taken[-1]
        times = 1
        if isinstance(last, Power) and isinstance(last.exponent, Number):
            times = int(last.exponent.text)
            taken[-1] = last.base
        one = taken[0] if len(taken) == 1 else Product(tuple(taken), span=node.span)
        if isinstance(one, Group) and one.brackets == "{}":
            one = one.items[0]
        variables += [one] * times
    order = top.exponent if isinstance(top, Power) else Number("1")
    if order != Number(str(len(variables))):
        raise Fault("syntax", "the orders above and below the derivative differ", node.span)
    return variables


def numerator(node: Node) -> Node | None:
    r"""Return J of ``\frac{\partial J}{\partial w}``, None of ``\frac{\partial}{\partial w}``."""
    assert isinstance(node, Fraction)
    if not isinstance(node.numerator, Product):
        return None
    rest = node.numerator.factors[1:]
    return row(rest)


def bound_letter(sign: Big) -> str | None:
    """Return the letter that a sum, a product or a limit binds."""
    letter = sign.lower.sides[0] if isinstance(sign.lower, Chain) else sign.lower
    return letter.name if isinstance(letter, Symbol) else None


def unbound(node: Any, bound: frozenset[str]) -> Iterator[Symbol]:
    """Yield the letters in subscripts and superscripts that no sum binds."""
    match node:
        case tuple():
            for part in node:
                yield from unbound(part, bound)
        case Big():
            letter = bound_letter(node)
            inner = bound if letter is None else bound | {letter}
            yield from unbound((node.lower, node.upper, node.body), inner)
        case Product(factors):
            for k, factor in enumerate(factors):
                core, wrappers = peel(factor)
                below = [w for w in wrappers if isinstance(w, Indexed)]
                if builtin(core) in EXTREMES and below:
                    letters = {s.name for s in below[0].subscripts if isinstance(s, Symbol)}
                    yield from unbound(factors[k + 1 :], bound | letters)
                    return
                yield from unbound(factor, bound)
        case Indexed(Norm(body), _):
            yield from unbound(body, bound)
        case Indexed(Symbol("\\nabla"), subscripts):
            yield from unbound(subscripts, bound)
        case Indexed(base, scripts) | Member(base, scripts):
            yield from unbound(base, bound)
            for part in walk(scripts):
                if isinstance(part, Symbol) and part.name not in bound and len(part.name) == 1:
                    yield part
        case Node():
            for part in children(node):
                yield from unbound(part, bound)
