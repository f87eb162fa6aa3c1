r"""The symbol table: what each letter of a page means, from its declarations.

>>> table = Table()
>>> table.declare(r"n \in \mathbb{N}")
('n',)
>>> table.declare(r"p \in (0, 1)^{n}")
('p',)
>>> table.find("p").domain.kind
'interval'
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from checked_math.faults import Fault
from checked_math.names import FUNCTIONS, plain
from checked_math.syntax import parse
from checked_math.tree import (
    Absolute,
    Big,
    Binary,
    Chain,
    Fraction,
    Group,
    Indexed,
    Matrix,
    Member,
    Node,
    Number,
    Power,
    Primed,
    Product,
    Starred,
    Statement,
    Sum,
    Symbol,
    latex,
    walk,
)


@dataclass(frozen=True)
class Domain:
    """The values one entry of a free symbol may take."""

    kind: str  # real, interval, natural, integer or set
    low: float = -math.inf
    high: float = math.inf
    low_closed: bool = False
    high_closed: bool = False
    values: tuple[float, ...] = ()
    simplex: bool = False  # the entries along the last axis sum to 1


@dataclass(frozen=True)
class Entry:
    """The meaning of a name: free (with a domain), defined (with a body) or a function."""

    name: str
    domain: Domain | None = None
    shape: tuple[Node, ...] = ()
    body: Node | None = None
    indices: tuple[str, ...] = ()  # p_i = ...: the letters that run over the axes of p
    parameters: tuple[Node, ...] | None = None  # f(x) = ...: what stands in the brackets
    arguments: tuple[Node, ...] | None = None  # f : A -> B: the set A (and the set B in `domain`)
    index: str | None = None  # W^{(l)}: the letter of the family
    limits: tuple[Node, Node] | None = None
    step: bool = False  # declared as h -> 0
    tie: str = ""
    line: int = 0
    conditions: tuple[Chain, ...] = field(default=(), compare=False)

    @property
    def is_function(self) -> bool:
        """Whether the name is that of a function."""
        return self.parameters is not None or self.arguments is not None

    @property
    def is_size(self) -> bool:
        """Whether the name is that of a whole number that may count."""
        return self.domain is not None and self.domain.kind == "natural" and not self.shape


def key_of(node: Node) -> str | None:
    r"""Return the name under which a declaration stands, None where the node is not a name.

    >>> key_of(parse(r"\mathbf{w}_{\text{old}}")[0].sides[0]), key_of(parse("W^{(2)}")[0].sides[0])
    ('w_old', 'W^(2)')
    """
    match node:
        case Symbol(name):
            return plain(name)
        case Group((item,), "{}"):
            return key_of(item)
        case Indexed(Member(base, index), subscripts) if (stem := key_of(base)) is not None:
            return f"{stem}_{_below(subscripts)}^({plain(latex(index))})"
        case Member(base, index) if (stem := key_of(base)) is not None:
            return f"{stem}^({plain(latex(index))})"
        case Starred(base, mark) if (stem := key_of(base)) is not None:
            return f"{stem}^{mark}"
        case Primed(base, order) if (stem := key_of(base)) is not None:
            return stem + "'" * order
        case Indexed(base, subscripts) if (stem := key_of(base)) is not None:
            return f"{stem}_{_below(subscripts)}"
    return None


def _below(subscripts: tuple[Node, ...]) -> str:
    return ",".join(plain(latex(subscript)) for subscript in subscripts)


# Letters that count: as a lone subscript of a declared name they run, all others label.
RUNNING = frozenset("ijklt")


class Table:
    """Names and what they mean, at one place of a page.

    Attributes
    ----------
    entries : dict of str to Entry
        Families stand under ``W^()`` and ``d_()``.
    version : int
        Grows with every declaration.
    """

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.version = 0

    def copy(self) -> Table:
        """Return a table that can grow without this one."""
        table = Table()
        table.entries = dict(self.entries)
        table.version = self.version
        return table

    def find(self, name: str) -> Entry | None:
        """Return what the name means, None where it was not declared."""
        return self.entries.get(name) or self.entries.get(plain(name))

    def add(self, name: str, entry: Entry) -> None:
        """Give a name its meaning from here on."""
        self.entries[name] = replace(entry, name=name)
        self.version += 1

    def declare(self, text: str, tie: str = "", line: int = 0) -> tuple[str, ...]:
        r"""Declare what a formula such as ``x \in \mathbb{R}^{d}`` or ``z = w x`` says.

        Parameters
        ----------
        text : str
            The formula.
        tie : str
            Code that computes it.
        line : int
            Where it stands.

        Returns
        -------
        tuple of str
            The names declared.

        Raises
        ------
        Fault
            Where the formula declares nothing.
        """
        names: list[str] = []
        waiting: list[Node] = []
        for statement in parse(text):
            if not statement.relations:
                waiting.append(statement.sides[0])
                continue
            if names and self._condition(names[-1], statement):
                continue
            for target in (*waiting, statement.sides[0]):
                one = replace(statement, sides=(target, *statement.sides[1:]))
                name, entry = _declaration(one)
                self.add(name, replace(entry, tie=tie, line=line))
                names.append(name)
            waiting = []
        if waiting or not names:
            raise Fault("undecided", "this declares nothing: write x = ..., or x \\in ...")
        return tuple(names)

    def _condition(self, name: str, statement: Statement) -> bool:
        """Whether the statement says more of the name just declared; then keep it."""
        letters = {key_of(part) for part in walk(statement.sides) if isinstance(part, Symbol)}
        if name not in letters or key_of(statement.sides[0]) == name:
            return False
        entry = self.entries[name]
        match statement:
            case Statement((Big("\\sum"), Number("1")), ("=",)) if entry.domain is not None:
                self.add(name, replace(entry, domain=replace(entry.domain, simplex=True)))
                return True
        if "=" in statement.relations:
            return False
        chain = Chain(statement.sides, statement.relations, span=statement.span)
        self.add(name, replace(entry, conditions=(*entry.conditions, chain)))
        return True

    def define(self, statement: Statement, line: int = 0) -> str:
        """Define the left side of a formula by what stands next to it; return the name."""
        name, entry = _declaration(statement)
        known = self.find(name)
        if known is not None and known.shape and not entry.shape:
            entry = replace(entry, shape=known.shape)
        self.add(name, replace(entry, line=line))
        return name

    def names(self) -> Iterator[str]:
        """Yield the declared names, without the marks of families."""
        for name in self.entries:
            yield name.removesuffix("^()").removesuffix("_()")


def _declaration(statement: Statement) -> tuple[str, Entry]:
    """Return the name and the meaning that one statement declares."""
    match statement.sides, statement.relations:
        case (target, value, *_), ("=" | ":=", *_):
            return _definition(target, value, statement)
        case (target, where), ("\\in",):
            domain, shape = set_of(where)
            return _named(target, Entry("", domain, shape), statement)
        case (target, source, where), (":", "\\to"):
            domain, shape = set_of(where)
            return _named(target, Entry("", domain, shape, arguments=(source,)), statement)
        case (target, Number("0")), ("\\to",):
            return _named(target, Entry("", Domain("interval", 0.0), step=True), statement)
        case sides, relations if set(relations) <= {"<", ">", "\\le", "\\ge"}:
            return _bounded(sides, relations, statement)
    raise Fault("undecided", "this is not a declaration", statement.span)


def _named(target: Node, entry: Entry, statement: Statement) -> tuple[str, Entry]:
    """Return the name of the target; a running letter makes it a family."""
    limits = next(((a, b) for _, a, b in statement.ranges), None)
    match target:
        case Member(base, Symbol(index)) if (name := key_of(base)) is not None:
            return f"{name}^()", replace(entry, index=index, limits=limits)
        case Indexed(Member(base, Symbol(index)), below) if (name := key_of(base)) is not None:
            letters = _letters(below)
            if letters is not None and entry.body is not None:
                return f"{name}^()", replace(entry, index=index, indices=letters, limits=limits)
        case Indexed(base, (Symbol(index),)) if entry.body is None and index in RUNNING:
            return f"{key_of(base)}_()", replace(entry, index=index, limits=limits)
    name = key_of(target)
    if name is None or (isinstance(target, Symbol) and target.name in FUNCTIONS):
        raise Fault("undecided", f"{latex(target)} is not a name that can be declared", target.span)
    return name, entry


def _definition(target: Node, value: Node, statement: Statement) -> tuple[str, Entry]:
    """Return the meaning of ``target = value``."""
    match target:
        case Product((head, Group(items, "()"))):
            return _named(head, Entry("", body=value, parameters=items), statement)
        case Product((head, Indexed(Group(items, "()"), below))):
            letters = _letters(below)
            if letters is not None:
                entry = Entry("", body=value, parameters=items, indices=letters)
                return _named(head, entry, statement)
        case Indexed(Symbol() as base, below):
            letters = _letters(below)
            if letters is not None and all(_runs(letter, value) for letter in letters):
                if letters == (index := letters[:1]) and _recurs(base, value):
                    limits = next(((a, b) for _, a, b in statement.ranges), None)
                    entry = Entry("", body=value, index=index[0], limits=limits)
                    return f"{key_of(base)}_()", entry
                return str(key_of(base)), Entry("", body=value, indices=letters)
        case Indexed(Member(base, Number()) as member, below):
            letters = _letters(below)
            if letters is not None and all(_runs(letter, value) for letter in letters):
                return str(key_of(member)), Entry("", body=value, indices=letters)
    return _named(target, Entry("", body=value), statement)


def _recurs(base: Node, value: Node) -> bool:
    """Whether the value uses another member of the family that it defines: h_t from h_{t-1}."""
    return any(
        isinstance(part, Indexed) and part.base == base and isinstance(part.subscripts[0], Sum)
        for part in walk(value)
    )


def _letters(subscripts: tuple[Node, ...]) -> tuple[str, ...] | None:
    """Return the letters of a subscript, None where it holds anything else."""
    parts = [
        factor
        for subscript in subscripts
        for factor in (subscript.factors if isinstance(subscript, Product) else (subscript,))
    ]
    names = tuple(part.name for part in parts if isinstance(part, Symbol) and len(part.name) == 1)
    return names if len(names) == len(parts) else None


def _runs(letter: str, value: Node) -> bool:
    """Whether the letter is an index of something in the value."""
    return any(
        Symbol(letter) in tuple(walk(part.subscripts))
        for part in walk(value)
        if isinstance(part, Indexed)
    )


def set_of(node: Node) -> tuple[Domain, tuple[Node, ...]]:
    """Return the domain of one entry, and the sizes, of a set."""
    match node:
        case Power(base, exponent):
            domain, inner = set_of(base)
            if inner:
                raise Fault(
                    "undecided", f"{latex(node)} is not a set that is known here", node.span
                )
            return domain, _sizes(exponent)
        case Indexed(base, (Sum(("+",), ()) | Symbol(),)):
            return set_of(base)
        case Starred(base, "+"):
            return set_of(Symbol("\\mathbb{R}_+"))
        case Symbol("\\mathbb{R}"):
            return Domain("real"), ()
        case Symbol("\\mathbb{R}_+"):
            return Domain("interval", 0.0), ()
        case Symbol("\\mathbb{N}"):
            return Domain("natural"), ()
        case Symbol("\\mathbb{Z}"):
            return Domain("integer"), ()
        case Group((low, high), "()" | "[]" | "(]" | "[)" as brackets):
            closed = brackets[0] == "[", brackets[1] == "]"
            return Domain("interval", constant(low), constant(high), *closed), ()
        case Group(items, "\\{\\}"):
            return Domain("set", values=tuple(constant(item) for item in items)), ()
    raise Fault("undecided", f"{latex(node)} is not a set that is known here", node.span)


def _sizes(exponent: Node) -> tuple[Node, ...]:
    r"""Return the sizes in ``\\mathbb{R}^{n \\times d}``."""
    match exponent:
        case Binary(left, "\\times", right):
            return (*_sizes(left), right)
    return (exponent,)


def constant(node: Node) -> float:
    r"""Return the value of a constant such as ``-\frac{1}{2}`` or ``\infty``.

    >>> constant(parse(r"-\frac{1}{2}")[0].sides[0])
    -0.5
    """
    match node:
        case Number(text):
            return float(text)
        case Symbol("\\infty"):
            return math.inf
        case Symbol("\\pi"):
            return math.pi
        case Symbol("e"):
            return math.e
        case Group((item,), "()" | "{}"):
            return constant(item)
        case Sum(signs, terms):
            pairs = zip(signs, terms, strict=True)
            return sum(-constant(term) if sign == "-" else constant(term) for sign, term in pairs)
        case Fraction(numerator, denominator):
            return constant(numerator) / (constant(denominator) or math.nan)
        case Binary(left, "\\cdot" | "\\times", right):
            return constant(left) * constant(right)
        case Power(base, exponent):
            try:
                return float(constant(base) ** constant(exponent))
            except (OverflowError, ZeroDivisionError, TypeError):
                pass
        case Product(factors):
            return math.prod(constant(factor) for factor in factors)
    raise Fault("undecided", f"{latex(node)} is not a number", node.span)


def _bounded(
    sides: tuple[Node, ...], relations: tuple[str, ...], statement: Statement
) -> tuple[str, Entry]:
    r"""Return the meaning of ``x > 0``, ``0 < x \\le 1`` or ``|x| < 1``."""
    low, high, low_closed, high_closed = -math.inf, math.inf, False, False
    where = next((k for k, side in enumerate(sides) if _is_bounded(side)), None)
    if where is None:
        raise Fault("undecided", "this declares no bound", statement.span)
    target = sides[where]
    for k, relation in enumerate(relations):
        if where not in (k, k + 1):
            raise Fault("undecided", "this declares no bound", statement.span)
        bound = constant(sides[k + 1] if where == k else sides[k])
        closed = relation in ("\\le", "\\ge")
        if (relation in (">", "\\ge")) == (where == k):
            low, low_closed = bound, closed
        else:
            high, high_closed = bound, closed
    if isinstance(target, Absolute):
        target, low, low_closed = target.body, -high, high_closed
    domain = Domain("interval", low, high, low_closed, high_closed)
    return _named(target, Entry("", domain), statement)


def _is_bounded(side: Node) -> bool:
    return key_of(side.body if isinstance(side, Absolute) else side) is not None


def is_literal(node: Node) -> bool:
    """Whether the node is a number or an array of numbers, as printed.

    >>> is_literal(parse("-0.5")[0].sides[0]), is_literal(parse("x")[0].sides[0])
    (True, False)
    """
    return all(isinstance(p, Number | Matrix | Sum | Group | Fraction) for p in walk(node))
