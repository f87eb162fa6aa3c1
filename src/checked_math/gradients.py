r"""Signs of differentiation: ``\frac{d}{dx}``, ``\nabla_w``, and the bar of ``|_{x = 0}``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from checked_math.faults import Fault, Span
from checked_math.functions import is_function, says_argument, slope
from checked_math.notation import is_name, parameter_name, peel
from checked_math.scope import Scope
from checked_math.scripts import indices
from checked_math.shapes import times, transposed
from checked_math.terms import Shape, Term
from checked_math.tree import (
    Chain,
    EvaluatedAt,
    Group,
    Indexed,
    Node,
    Product,
    Symbol,
    Transposed,
    latex,
    replaced,
    row,
)


@dataclass(frozen=True)
class _Place:
    """What a derivative is taken with respect to."""

    key: Any
    shape: Shape
    subscripts: tuple[Node, ...] = ()
    value: Term | None = None
    node: Node | None = None
    bound: dict[str, Term] = field(default_factory=dict)

    def rewrite(self, operand: Node) -> Node:
        """Put the place's own name wherever its expression stands in the operand."""
        if self.node is None:
            return operand
        (name,) = self.bound
        placed: Node = replaced(operand, self.node, Symbol(name))
        return placed


def derivative(scope: Scope, operand: Node, variables: list[Node], span: Span) -> Term:
    """Return the graph derivative of the operand with respect to each variable in turn."""
    bare = operand
    if isinstance(operand, Group) and len(operand.items) == 1:
        bare = operand.items[0]
    if is_function(scope, bare) and all(v == variables[0] for v in variables):
        return slope(scope, bare, len(variables), (scope.read(variables[0]),), span)
    places = [_place(scope, variable) for variable in variables]
    bound = {name: term for place in places for name, term in place.bound.items()}
    for place in places:
        operand = place.rewrite(operand)
    with scope.binding(bound):
        term = scope.read(operand)
    for place in places:
        _check_reached(scope, term, place, span)
        data = (place.key, place.shape)
        term = Term("derivative", (term,), (*term.shape, *place.shape), span, data)
        if place.subscripts:
            lead = len(term.shape) - len(place.shape)
            read = indices(scope, place.shape, place.subscripts, span)
            shape = term.shape[:lead] + term.shape[lead + len(read) :]
            term = Term("entry", (term, *read), shape, span, lead)
    values = tuple(place.value for place in places if place.value is not None)
    if values:
        keys = tuple(place.key for place in places if place.value is not None)
        term = Term("let", (*values, term), term.shape, span, keys)
    return term


def _check_reached(scope: Scope, term: Term, place: _Place, span: Span) -> None:
    """Refuse the derivative of a quantity that nothing defines."""
    elsewhere = term.op == "ref" and term.data != place.key and isinstance(place.key, str)
    if elsewhere and scope.entry(term.data)[0].body is None:
        raise Fault("undecided", f"{term.data} has no definition to take its derivative from", span)


def _place(scope: Scope, variable: Node) -> _Place:
    """Return what a variable below the sign means; an expression gets a name of its own."""
    if isinstance(variable, Symbol) and variable.name in scope.locals:
        local = scope.locals[variable.name]
        return _Place(local.data, local.shape)
    if is_name(variable):
        found = scope.resolve(variable)
        if found is None:
            raise scope.unknown(variable)
        if scope.entry(found[0])[0].is_size:
            raise Fault("undecided", f"no derivative by the size {found[0]}", variable.span)
        return _Place(found[0], scope.shape_of(found[0]), found[1])
    value = scope.read(variable)
    key = scope.fresh()
    name = f"\\mathrm{{place {key[1]}}}"
    local = Term("local", (), value.shape, variable.span, key)
    return _Place(key, value.shape, (), value, variable, {name: local})


def nabla(scope: Scope, factor: Node, rest: tuple[Node, ...]) -> tuple[Term, int]:
    r"""Read ``\nabla_W J``, ``\nabla J(\theta)`` and ``\nabla f(x)``."""
    _, wrappers = peel(factor)
    if any(not isinstance(w, Indexed) for w in wrappers) or not rest:
        raise Fault("undecided", "this nabla is not supported here", factor.span)
    inner = rest[0]
    _, scripts = peel(inner)
    while isinstance(inner, Transposed):
        inner = inner.base
    argument, outer = _argument(scope, inner, rest[1:])
    used = 1 if argument is None else 2
    if wrappers:
        (below,) = wrappers
        assert isinstance(below, Indexed)
        if len(below.subscripts) != 1:
            raise Fault("undecided", "one variable below each nabla", factor.span)
        variables = list(below.subscripts)
    elif argument is not None and len(argument.items) == 1:
        variables = [argument.items[0]]
    else:
        raise Fault("undecided", "the nabla does not say its variable: \\nabla_w", factor.span)
    span = factor.span.to(rest[used - 1].span)
    operand: Node = inner
    if argument is not None:
        operand = Product((inner, argument), span=inner.span.to(argument.span))
    elif not is_name(inner) and not isinstance(inner, Group) and len(rest) > 1:
        raise Fault("undecided", "how far the nabla reaches is not clear", span)
    term = derivative(scope, operand, variables, span)
    for script in (*scripts, *outer):
        if isinstance(script, Transposed):
            term = transposed(term, span)
    return term, 1 + used


def _argument(scope: Scope, head: Node, rest: tuple[Node, ...]) -> tuple[Group | None, list[Node]]:
    """Return the bracket that belongs to what a nabla stands before, and the scripts on it."""
    group, scripts = peel(rest[0]) if rest and is_name(head) else (None, [])
    if not isinstance(group, Group) or group.brackets != "()":
        return None, []
    belongs = is_function(scope, head) or says_argument(scope, head, group)
    return (group, scripts) if belongs else (None, [])


def evaluated(scope: Scope, factors: tuple[Node, ...], k: int, span: Span) -> Term:
    """Return what stands before the bar, at the values that stand after it."""
    if k == 0:
        raise Fault("syntax", "nothing stands before the bar", span)
    bar = factors[k]
    assert isinstance(bar, EvaluatedAt)
    keys: list[Any] = []
    values: list[Term] = []
    bound: dict[str, Term] = {}
    for condition in bar.conditions:
        if not isinstance(condition, Chain) or condition.relations != ("=",):
            raise Fault("syntax", "the bar needs x = a value", bar.span)
        place, value = condition.sides
        values.append(scope.read(value))
        found = scope.resolve(place) if is_name(place) else None
        if found is None:
            key: Any = scope.fresh()
            bound[parameter_name(place)] = Term("local", (), values[-1].shape, bar.span, key)
        else:
            key = found[0]
            if found[1] or scope.shape_of(key) != values[-1].shape:
                raise Fault("shape", f"{latex(place)} and its value differ in shape", bar.span)
        keys.append(key)
    with scope.binding(bound):
        body = scope.read(row(factors[:k]))
    term = Term("let", (*values, body), body.shape, span, tuple(keys))
    if k + 1 < len(factors):
        rest = scope.read(Product(factors[k + 1 :], span=span))
        return times(term, rest, span)
    return term
