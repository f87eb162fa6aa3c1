"""Letters without a meaning, which are refused before anything else is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from checked_math.faults import Fault
from checked_math.names import plain
from checked_math.notation import (
    EXTREMES,
    bound_letter,
    builtin,
    derivative_variables,
    numerator,
    peel,
)
from checked_math.symbols import RUNNING, key_of
from checked_math.tree import (
    Big,
    Chain,
    EvaluatedAt,
    Fraction,
    Indexed,
    Member,
    Node,
    Power,
    Product,
    Starred,
    Statement,
    Symbol,
    children,
    walk,
)
from checked_math.values import Bench

_KNOWN = frozenset(
    [
        "e",
        "\\pi",
        "\\infty",
        "\\nabla",
        "\\mathbf{1}",
        "\\mathbf{0}",
        "I",
        "\\mathbf{I}",
        "\\top",
        "\\mathrm{T}",
    ]
)


def refuse_unknown(node: Node, bench: Bench, statement: Statement) -> None:
    """Name the first letter without a meaning, before anything else is said."""
    table = bench.scope.table
    stems = {name.partition("^(")[0].partition("_")[0].partition("^")[0] for name in table.entries}
    bound = {letter for letter, _, _ in statement.ranges} | _bound_letters(statement)
    if not statement.relations and not any(isinstance(p, Indexed | Member) for p in walk(node)):
        bound |= RUNNING  # "layer l", "example i - 1": indices spoken of
    free = set(bench.scope.free_letters(statement.sides))
    for part, place in _meaningful(node):
        name = part.name
        if name in free | bound or table.find(name) is not None or plain(name) in stems:
            continue
        if name in _KNOWN or builtin(part) or name.startswith("\\mathbb{"):
            continue
        capital = plain(name).upper()
        if place and len(plain(name)) == 1 and capital in stems:
            continue
        raise bench.scope.unknown(part)


def _bound_letters(statement: Statement) -> set[str]:
    """Return the letters to which the statement itself gives a meaning."""
    bound: set[str] = set()
    for part in walk((statement.sides, statement.conditions)):
        match part:
            case Big():
                if (letter := bound_letter(part)) is not None:
                    bound.add(letter)
            case EvaluatedAt(conditions):
                for chain in conditions:
                    if isinstance(chain, Chain) and isinstance(chain.sides[0], Symbol):
                        bound.add(chain.sides[0].name)
            case Product(factors):
                for factor in factors:
                    core, wrappers = peel(factor)
                    if builtin(core) in EXTREMES:
                        for wrapper in wrappers:
                            bound |= {p.name for p in walk(wrapper) if isinstance(p, Symbol)}
    return bound


def _meaningful(node: Any, indexed: bool = False) -> Iterator[tuple[Symbol, bool]]:
    """Yield the symbols that need a meaning; d and the round d of a derivative need none."""
    match node:
        case tuple():
            for part in node:
                yield from _meaningful(part)
        case Symbol():
            yield node, indexed
        case Fraction() if _is_derivative(node):
            operand = numerator(node)
            yield from _meaningful(operand)
            for variable in derivative_variables(node) or []:
                yield from _meaningful(variable)
        case Indexed(base, subscripts):
            if key_of(node) is None or not isinstance(base, Symbol):
                yield from _meaningful(base, True)
            else:
                yield base, True
            if isinstance(base, Symbol) and base.name == "\\nabla":
                yield from _meaningful(subscripts)
                return
        case Power(base, Symbol("F" | "T")) | Starred(base, _):
            yield from _meaningful(base, indexed)
        case Member(base, _):
            yield from _meaningful(base, indexed)
        case Node():
            for part in children(node):
                yield from _meaningful(part)


def _is_derivative(node: Node) -> bool:
    try:
        return derivative_variables(node) is not None
    except Fault:
        return False
