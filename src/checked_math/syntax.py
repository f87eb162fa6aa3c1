r"""LaTeX to trees: the statements of a formula, with what is said beside them.

>>> from checked_math.tree import latex
>>> (statement,) = parse(r"z = x^\top w + b")
>>> [latex(side) for side in statement.sides]
['z', 'x^{\\top} w + b']
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import LarkError, UnexpectedInput, VisitError
from lark.lexer import Lexer

from checked_math.faults import NOWHERE, Fault, Span
from checked_math.tokens import span_of, tokens_of
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
    Statement,
    Sum,
    Symbol,
    Transposed,
)

_ALL_WORDS = frozenset(["all", "every", "each", "any", "alle", "jedes"])
_CONDITION_WORDS = frozenset(["if", "when", "for", "whenever", "falls", "wenn"])
_ORDERS = frozenset(["<", ">", "\\le", "\\ge", "\\ne"])


class _Lexer(Lexer):
    """Hands our tokens to Lark."""

    def __init__(self, _conf: object) -> None:
        pass

    def lex(self, text: Any) -> Iterator[Token]:  # type: ignore[override]
        """Yield the tokens of `text`."""
        yield from tokens_of(text)


@v_args(meta=True)
class _Build(Transformer[Token, Any]):
    """Lark's tree to ours: one method a rule of the grammar."""

    def number(self, meta: Any, children: list[Any]) -> Node:
        return Number(str(children[0]), span=_extent(meta))

    def name(self, meta: Any, children: list[Any]) -> Node:
        return Symbol(str(children[0]), span=_extent(meta))

    def dots(self, meta: Any, children: list[Any]) -> Node:
        return Dots(span=_extent(meta))

    def segment(self, meta: Any, children: list[Any]) -> Any:
        return children[0]

    def nothing(self, meta: Any, children: list[Any]) -> None:
        return None

    def operator(self, meta: Any, children: list[Any]) -> None:
        return None  # a sign alone, named by the text: it states nothing

    def chain(self, meta: Any, children: list[Any]) -> Node:
        if len(children) == 1:
            return _node(children[0])
        sides = tuple(children[::2])
        return Chain(sides, tuple(str(token) for token in children[1::2]), span=_extent(meta))

    def sum(self, meta: Any, children: list[Any]) -> Node:
        span = _extent(meta)
        if len(children) == 2:
            return Sum((str(children[0]),), (children[1],), span=span)
        left, sign, right = children
        if isinstance(left, Sum):
            return Sum((*left.signs, str(sign)), (*left.terms, right), span=span)
        return Sum(("", str(sign)), (left, right), span=span)

    def binary(self, meta: Any, children: list[Any]) -> Node:
        left, operator, right = children
        return Binary(left, str(operator), right, span=_extent(meta))

    def factors(self, meta: Any, children: list[Any]) -> list[Any]:
        return children

    def product(self, meta: Any, children: list[Any]) -> Node:
        first, *last = children
        factors = (*first, *last) if isinstance(first, list) else (first,)
        for left, right in itertools.pairwise(factors):
            if isinstance(right, Number) and isinstance(left, Number):
                raise Fault("syntax", "two numbers side by side", left.span.to(right.span))
        return factors[0] if len(factors) == 1 else Product(factors, span=_extent(meta))

    def lower(self, meta: Any, children: list[Any]) -> tuple[str, Any]:
        return "lower", children[1]

    def upper(self, meta: Any, children: list[Any]) -> tuple[str, Any]:
        return "upper", children[1]

    def big(self, meta: Any, children: list[Any]) -> Node:
        sign, *scripts, body = children
        found: dict[str, tuple[Node, ...]] = {}
        for place, items in scripts:
            if place in found:
                raise Fault("syntax", f"two {place} limits of {sign}", _extent(meta))
            found[place] = items if isinstance(items, tuple) else (items,)
        upper = _single(found["upper"]) if "upper" in found else None
        for index in reversed(found.get("lower", (None,))):  # i, j under one sign are two sums
            body = Big(str(sign), index, upper, body, span=_extent(meta))
        return _node(body)

    def chains(self, meta: Any, children: list[Any]) -> tuple[Any, ...]:
        return tuple(child for child in children if isinstance(child, Node))

    def script(self, meta: Any, children: list[Any]) -> tuple[Any, ...]:
        items: tuple[Any, ...] = children[1]
        return items

    def sub(self, meta: Any, children: list[Any]) -> Node:
        base, _, items = children
        subscripts = items if isinstance(items, tuple) else (items,)
        if isinstance(base, Indexed):
            raise Fault("syntax", "two subscripts in a row", _extent(meta))
        return Indexed(base, subscripts, span=_extent(meta))

    def sup(self, meta: Any, children: list[Any]) -> Node:
        base, _, items = children
        if isinstance(base, Power | Transposed | Member | Starred):
            raise Fault("syntax", "two exponents in a row", _extent(meta))
        return _raised(base, _single(items), _extent(meta))

    def starred(self, meta: Any, children: list[Any]) -> Node:
        mark = next(str(child) for child in children[2:] if child.type in ("STAR", "SIGN"))
        return Starred(children[0], mark, span=_extent(meta))

    def primed(self, meta: Any, children: list[Any]) -> Node:
        return Primed(children[0], len(children[1]), span=_extent(meta))

    def braces(self, meta: Any, children: list[Any]) -> Node:
        return Group((children[1],), "{}", span=_extent(meta))

    def group(self, meta: Any, children: list[Any]) -> Node:
        opening, items, closing = children
        brackets = str(opening) + str(closing)
        if brackets in ("(]", "[)") and len(items) != 2:
            raise Fault("syntax", f"{opening} is closed by {closing}", _extent(meta))
        return Group(items, brackets, span=_extent(meta))

    def absolute(self, meta: Any, children: list[Any]) -> Node:
        return Absolute(children[1], span=_extent(meta))

    def norm(self, meta: Any, children: list[Any]) -> Node:
        return Norm(children[1], span=_extent(meta))

    def inner(self, meta: Any, children: list[Any]) -> Node:
        return Inner(children[1], children[3], span=_extent(meta))

    def fraction(self, meta: Any, children: list[Any]) -> Node:
        return Fraction(_bare(children[1]), _bare(children[2]), span=_extent(meta))

    def root(self, meta: Any, children: list[Any]) -> Node:
        degree = children[2] if len(children) > 2 else None
        return Root(_bare(children[-1]), degree, span=_extent(meta))

    def evaluated(self, meta: Any, children: list[Any]) -> Node:
        items = children[2]
        return EvaluatedAt(items if isinstance(items, tuple) else (items,), span=_extent(meta))

    def cells(self, meta: Any, children: list[Any]) -> tuple[Any, ...]:
        return tuple(child for child in children if isinstance(child, Node))

    def matrix(self, meta: Any, children: list[Any]) -> Node:
        rows = tuple(child for child in children if isinstance(child, tuple))
        if len({len(row) for row in rows}) > 1:
            raise Fault("syntax", "the rows of the matrix differ in length", _extent(meta))
        return Matrix(rows, span=_extent(meta))

    def condition(self, meta: Any, children: list[Any]) -> Any:
        chains = [child for child in children if isinstance(child, Node)]
        return chains[0] if chains else None

    def case(self, meta: Any, children: list[Any]) -> tuple[Any, ...]:
        given = [child for child in children if not isinstance(child, Token)]
        condition = given[1] if len(given) > 1 else None
        if condition is not None and not isinstance(condition, Chain):
            raise Fault("syntax", "a case needs a condition", _extent(meta))
        return given[0], condition

    def cases(self, meta: Any, children: list[Any]) -> Node:
        rows = tuple(child for child in children if isinstance(child, tuple))
        return Cases(rows, span=_extent(meta))

    def start(self, meta: Any, children: list[Any]) -> list[Any]:
        return children


def _extent(meta: Any) -> Span:
    return NOWHERE if meta.empty else Span(meta.start_pos, meta.end_pos)


def _node(child: Any) -> Node:
    assert isinstance(child, Node)
    return child


def _single(items: Any) -> Any:
    if isinstance(items, tuple):
        if len(items) != 1:
            raise Fault("syntax", "one thing is expected here, not a list", items[0].span)
        return _bare(items[0])
    return items


def _bare(node: Any) -> Any:
    """Return what stands in braces, which only group."""
    while isinstance(node, Group) and node.brackets == "{}":
        node = node.items[0]
    return node


def _raised(base: Node, exponent: Node, span: Span) -> Node:
    r"""Return what ``base^{exponent}`` is: a transpose, a member, primes or a power.

    >>> _raised(Symbol("W"), Group((Symbol("l"),), "()"), NOWHERE)
    Member(base=Symbol(name='W'), index=Symbol(name='l'))
    """
    match exponent:
        case Symbol("\\top") | Symbol("T") | Symbol("\\mathrm{T}"):
            return Transposed(base, span=span)
        case Symbol("\\prime"):
            return Primed(base, 1, span=span)
        case Product(factors) if all(f == Symbol("\\prime") for f in factors):
            return Primed(base, len(factors), span=span)
        case Group((index,), "()" | "[]") if isinstance(base, Indexed):  # w_{jk}^{(l)}
            member = Member(base.base, index, span=span)
            return Indexed(member, base.subscripts, span=span)
        case Group((index,), "()" | "[]"):
            return Member(base, index, span=span)
        case Transposed(Group((index,), "()" | "[]")):
            return Transposed(_raised(base, Group((index,), "()"), span), span=span)
        case Product((Group((index,), "()" | "[]"), rest)):
            return _raised(_raised(base, Group((index,), "()"), span), rest, span)
        case Chain() | Dots():
            raise Fault("syntax", "a relation cannot be an exponent", span)
    return Power(base, exponent, span=span)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark.open(
        "grammar.lark",
        rel_to=__file__,
        parser="lalr",
        lexer=_Lexer,
        propagate_positions=True,
        keep_all_tokens=True,
    )


@lru_cache(maxsize=4096)
def parse(text: str) -> tuple[Statement, ...]:
    r"""Read a formula: its statements, in order.

    Parameters
    ----------
    text : str
        What stands between the dollar signs.

    Returns
    -------
    tuple of Statement
        One side and no relation where nothing is stated.

    Raises
    ------
    Fault
        Of the kind ``syntax``, where the text cannot be read, and where.

    Examples
    --------
    >>> [len(statement.sides) for statement in parse(r"a = b, \quad c < d < e")]
    [2, 3]
    >>> parse(r"\frac{1}{2")
    Traceback (most recent call last):
    ...
    checked_math.faults.Fault: the formula ends too early: something is not closed or missing
    """
    try:
        segments = _Build().transform(_parser().parse(text))
    except VisitError as error:
        if isinstance(error.orig_exc, Fault):
            raise error.orig_exc from None
        raise Fault("syntax", "the formula is nested too deeply") from None
    except UnexpectedInput as error:
        raise _unexpected(error, text) from None
    except (LarkError, RecursionError):
        raise Fault("syntax", "the formula is nested too deeply") from None
    return tuple(_statements(segments))


def _unexpected(error: UnexpectedInput, text: str) -> Fault:
    """Say where the parser stopped, without its list of terminals."""
    token = getattr(error, "token", None)
    if token is None or token.type == "$END":
        return Fault(
            "syntax",
            "the formula ends too early: something is not closed or missing",
            Span(max(len(text.rstrip()) - 1, 0), len(text.rstrip())),
        )
    span = span_of(token)
    return Fault("syntax", f"{span.of(text)!r} cannot stand here", span)


def _statements(segments: list[Any]) -> Iterator[Statement]:
    """Join what belongs together: ranges and conditions go with the statements they are said of."""
    ranges, rest = _ranges(segments)
    conditions: list[Chain] = []
    found: list[Statement] = []
    said, for_all = "", False
    for k, segment in enumerate(rest):
        if isinstance(segment, Token):
            words = str(segment).partition(" ")[2].lower().split()
            for_all = segment.startswith("FORALL") or bool({*words} & _ALL_WORDS)
            said = words[-1] if segment.startswith("TEXT") and words else ""
            continue
        following = rest[k + 1] if k + 1 < len(rest) else None
        premise = isinstance(following, Token) and following.startswith("IMPLIES")
        if isinstance(segment, Chain) and set(segment.relations) <= _ORDERS and premise:
            conditions.append(segment)
        elif isinstance(segment, Chain) and said in _CONDITION_WORDS and found:
            last = found.pop()
            found.append(replace(last, conditions=(*last.conditions, segment)))
        elif isinstance(segment, Chain):
            found.append(
                Statement(
                    segment.sides, segment.relations, (), tuple(conditions), span=segment.span
                )
            )
        elif isinstance(segment, Symbol) and for_all:
            pass  # "for all i" binds the letter, which runs anyway
        elif isinstance(segment, Node) and not isinstance(segment, Dots):
            found.append(Statement((segment,), (), span=segment.span))
    for statement in found:
        yield replace(statement, ranges=tuple(ranges))


def _ranges(segments: list[Any]) -> tuple[list[tuple[str, Node, Node]], list[Any]]:
    r"""Take the remarks such as ``i = 1, \dots, n`` out of the segments."""
    ranges: list[tuple[str, Node, Node]] = []
    rest: list[Any] = []
    k = 0
    while k < len(segments):
        segment = segments[k]
        taken = _range_at([s for s in segments[k : k + 9] if not _is_comma(s)])
        if taken is not None:
            ranges.append(taken[0])
            passed = 0
            while passed < taken[1]:
                passed += not _is_comma(segments[k])
                k += 1
            continue
        inside = _range_within(segment)
        if inside is not None:
            ranges.append(inside)
        else:
            rest.append(segment)
        k += 1
    return ranges, rest


def _is_comma(segment: Any) -> bool:
    return isinstance(segment, Token) and not segment.startswith(("TEXT", "IMPLIES", "FORALL"))


def _range_at(segments: list[Any]) -> tuple[tuple[str, Node, Node], int] | None:
    r"""Recognise ``i = 1, \dots, n`` and ``i = 1, 2, \dots, n`` at the start of the segments."""
    match segments:
        case [Chain((Symbol(index), first), ("=",)), Dots(), Node() as last, *_]:
            count = 3
        case [Chain((Symbol(index), first), ("=",)), Node(), Dots(), Node() as last, *_]:
            count = 4
        case _:
            return None
    return (index, first, last), count


def _range_within(segment: Any) -> tuple[str, Node, Node] | None:
    r"""Recognise ``(i = 1, \dots, n)`` and ``i \in \{1, \dots, n\}``."""
    match segment:
        case Group(items, "()"):
            taken = _range_at(list(items))
            return taken[0] if taken and taken[1] == len(items) else None
        case Chain((Symbol(index), Group((first, *_, Dots(), last), "\\{\\}")), ("\\in",)):
            return index, first, last
    return None
