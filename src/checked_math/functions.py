r"""Functions at their arguments: declared, composed, primed, built in."""

from __future__ import annotations

from checked_math import shapes
from checked_math.faults import Fault, Span
from checked_math.notation import (
    EXTREMES,
    MINUS_ONE,
    builtin,
    is_name,
    parameter_name,
    peel,
    relation_in,
    split_subscripts,
)
from checked_math.scope import Scope
from checked_math.scripts import index, raised, wrapped
from checked_math.shapes import ELEMENTWISE, summed, times
from checked_math.symbols import Entry, set_of
from checked_math.terms import Shape, Size, Term, const, said
from checked_math.tree import (
    Big,
    Binary,
    EvaluatedAt,
    Group,
    Indexed,
    Member,
    Node,
    Norm,
    Number,
    Power,
    Primed,
    Product,
    Sum,
    Symbol,
    Transposed,
    latex,
    row,
    walk,
)


def is_function(scope: Scope, node: Node) -> bool:
    """Whether a node is a function that still waits for its argument."""
    match node:
        case Primed(base, _):
            return is_function(scope, base)
        case Member(base, Number()) if scope.function(node) is None:
            return False
        case Power(base, _):
            return is_name(base) and scope.function(base) is not None
        case Group((item,), "()" | "{}"):
            return is_function(scope, item)
        case Binary(left, "\\circ" | "\\cdot", right):
            return is_function(scope, left) and is_function(scope, right)
        case Sum(_, terms):
            return all(is_function(scope, term) for term in terms)
        case Product(factors):
            return all(is_function(scope, factor) for factor in factors)
        case Symbol() if builtin(node) in ELEMENTWISE:
            return True
    return scope.function(node) is not None


def says_argument(scope: Scope, factor: Node, group: Node) -> bool:
    r"""Whether a bracket says what a quantity depends on: ``J(w)``, ``J(\theta, x)``."""
    if not isinstance(group, Group) or group.brackets != "()" or not is_name(factor):
        return False
    found = scope.resolve(factor)
    names = [scope.resolve(item) for item in group.items if is_name(item)]
    if found is None or len(names) < len(group.items):
        return False
    entry, _ = scope.entry(found[0])
    if entry.body is None:
        if len(names) > 1 or (entry.shape == () and not entry.is_size):
            raise Fault("undeclared", f"{latex(factor)} is not a function", factor.span)
        return False
    reached = scope.dependencies(scope.definition(found[0]))
    for name in names:
        if name is None:
            raise scope.unknown(group)
        if name[0] not in reached:
            raise Fault("undeclared", f"{latex(factor)} does not depend on {name[0]}", group.span)
    return True


def applied(scope: Scope, head: Node, argument: Node) -> Term:
    """Return a function at its argument, with the scripts that stand on the bracket."""
    core, wrappers = peel(argument)
    assert isinstance(core, Group)
    if any(isinstance(w, Primed) for w in wrappers):
        raise primed_fault(scope, argument)
    arguments = tuple(scope.read(item) for item in core.items)
    term = apply(scope, head, arguments, head.span.to(core.span))
    return wrapped(scope, term, wrappers)


def apply(scope: Scope, head: Node, arguments: tuple[Term, ...], span: Span) -> Term:
    """Return the term of a function, declared or composed, at its arguments."""
    match head:
        case Primed(base, order):
            return slope(scope, base, order, arguments, span)
        case Group((item,), "()" | "{}"):
            return apply(scope, item, arguments, span)
        case Power(base, exponent) if scope.function(base) is not None:
            return raised(scope, apply(scope, base, arguments, span), exponent, span)
        case Binary(left, "\\circ", right):
            return apply(scope, left, (apply(scope, right, arguments, span),), span)
        case Binary(left, "\\cdot", right):
            return times(
                apply(scope, left, arguments, span), apply(scope, right, arguments, span), span
            )
        case Sum(signs, terms):
            return summed(signs, (apply(scope, term, arguments, span) for term in terms), span)
        case Product(factors):
            product = apply(scope, factors[0], arguments, span)
            for factor in factors[1:]:
                product = times(product, apply(scope, factor, arguments, span), span)
            return product
        case Symbol() if (name := builtin(head)) and scope.table.find(head.name) is None:
            return shapes.function(name, arguments, span)
    entry = scope.function(head)
    if entry is None:
        raise scope.unknown(head)
    if entry.parameters is not None and entry.body is not None:
        return _expanded(scope, entry, arguments, span)
    return _any_function(scope, entry, arguments, span)


def _any_function(scope: Scope, entry: Entry, arguments: tuple[Term, ...], span: Span) -> Term:
    """Return a function of which only its sets (and perhaps its code) are known."""
    assert entry.arguments is not None
    (where,) = entry.arguments
    if len(arguments) != 1:
        raise Fault("shape", f"{entry.name} takes one argument", span)
    with scope.elsewhere():
        source, target = scope.sizes(set_of(where)[1]), scope.sizes(entry.shape)
    given = arguments[0].shape
    if source and source != given:
        raise Fault("shape", f"{entry.name} takes {said(source)}, not {said(given)}", span)
    data = (entry.name, len(source), tuple(s.count for s in target), entry.domain, entry.tie)
    return Term("function", arguments, target or (() if source else given), span, data)


def _expanded(scope: Scope, entry: Entry, arguments: tuple[Term, ...], span: Span) -> Term:
    """Return the body of a defined function with its arguments bound."""
    assert entry.parameters is not None and entry.body is not None
    if len(arguments) != len(entry.parameters):
        raise Fault("shape", f"{entry.name} takes {len(entry.parameters)} arguments", span)
    if entry.name in scope.opened and len(scope.opened) > 20:
        raise Fault("undecided", f"{entry.name} is defined by itself", span)
    bound: dict[str, Term] = {}
    lifted: list[Shape] = []  # of the arrays on which a function of numbers acts entry by entry
    keys = []
    for parameter, argument in zip(entry.parameters, arguments, strict=True):
        shape = _parameter_shape(scope, parameter, argument, entry.body)
        if shape != argument.shape:
            lifted.append(argument.shape)
        key = scope.fresh()
        keys.append(key)
        bound[parameter_name(parameter)] = Term("local", (), shape, span, key)
    with scope.opening(entry.name), scope.elsewhere(), scope.binding(bound):
        body = _body(scope, entry)
    if not lifted:
        return Term("let", (*arguments, body), body.shape, span, tuple(keys))
    shape = max(lifted, key=len)
    if body.shape or any(one != shape for one in lifted):
        raise Fault("shape", f"{entry.name} of {said(shape)} is not supported", span)
    return Term("let", (*arguments, body), shape, span, tuple(keys))


def _body(scope: Scope, entry: Entry) -> Term:
    """Return the body of a function while its arguments are bound."""
    assert entry.body is not None
    if not entry.indices:
        return scope.read(entry.body)
    sizes = {letter: _argument_axis(scope, letter, entry.body) for letter in entry.indices}
    return scope.stacked(entry.indices, tuple(sizes.values()), entry.body)


def _argument_axis(scope: Scope, letter: str, body: Node) -> Size:
    """Return how far a letter runs: along an axis of an argument, or of a declared quantity."""
    for part in walk(body):
        if isinstance(part, Indexed) and isinstance(part.base, Symbol):
            argument = scope.locals.get(part.base.name)
            shape = () if argument is None else argument.shape
            parts = split_subscripts(part.subscripts, len(shape))
            for size, subscript in zip(shape, parts, strict=False):
                if subscript == Symbol(letter):
                    return size
    return scope.axis_or_fault(letter, body)


def _parameter_shape(scope: Scope, parameter: Node, argument: Term, body: Node) -> Shape:
    r"""Return the shape under which a body reads its parameter.

    A function of numbers acts on each entry of an array; one that uses the parameter as an
    array (a norm, a transpose, an index) or whose parameter is declared as one takes it whole.
    """
    if not argument.shape:
        return ()
    found = scope.resolve(parameter) if is_name(parameter) else None
    if found is not None and not found[1] and not scope.entry(found[0])[0].is_function:
        with scope.elsewhere():
            if scope.shape_of(found[0]) == argument.shape:
                return argument.shape
    for part in walk(body):
        if isinstance(part, Norm | Transposed | Indexed) and parameter in tuple(walk(part)):
            inner = part.body if isinstance(part, Norm) else part.base
            if parameter in tuple(walk(inner)):
                return argument.shape
    return ()


def slope(scope: Scope, base: Node, order: int, arguments: tuple[Term, ...], span: Span) -> Term:
    """Return the derivative of a function of one number, at its argument."""
    if len(arguments) != 1:
        raise Fault("undecided", "a prime needs a function of one argument", span)
    key = scope.fresh()
    body = apply(scope, base, (Term("local", (), (), span, key),), span)
    if body.shape:
        raise Fault("undecided", "a prime needs a function with one number as its value", span)
    for _ in range(order):
        body = Term("derivative", (body,), (), span, (key, ()))
    return Term("let", (*arguments, body), arguments[0].shape, span, (key,))


def primed_fault(scope: Scope, base: Node) -> Fault:
    """Return why a prime at this place means nothing."""
    core, _ = peel(base)
    if isinstance(core, Group):
        return Fault(
            "undecided", "with respect to what? write \\frac{d}{dx} or name the function", base.span
        )
    if scope.function(base) or builtin(base):
        return Fault("undecided", f"{latex(base)}' needs its argument", base.span)
    if scope.resolve(base) is None:
        return scope.unknown(base)
    return Fault(
        "undeclared",
        f"{latex(base)}' is not declared, and {latex(base)} is not a function",
        base.span,
    )


def builtin_applied(
    scope: Scope, core: Node, wrappers: list[Node], rest: tuple[Node, ...], span: Span
) -> tuple[Term, int]:
    r"""Read ``\log p``, ``\log(1 - p)``, ``\tanh^2 z``, ``\max_j z_j``."""
    name = builtin(core)
    assert name is not None
    if not rest:
        raise Fault("undecided", f"{latex(core)} needs its argument", span)
    scripts = [w for w in wrappers if isinstance(w, Indexed)]
    if scripts and name in EXTREMES:
        operand, used = _argument(scope, rest, core)
        return _extreme(scope, name, scripts[0].subscripts, operand, span), 1 + used
    if scripts and name == "log":
        base = index(scope, scripts[0].subscripts[0])
    elif scripts:
        raise Fault("undecided", f"the subscript of {latex(core)} is not supported", span)
    group, outer = peel(rest[0])
    if isinstance(group, Group) and group.brackets != "{}":
        if any(isinstance(w, Primed) for w in outer):
            raise primed_fault(scope, rest[0])
        arguments: tuple[Term, ...] = tuple(scope.read(item) for item in group.items)
        used = 1
    else:
        outer = []
        operand, used = _argument(scope, rest, core)
        arguments = (scope.read(operand),)
    primes = sum(w.order for w in wrappers if isinstance(w, Primed))
    if primes:
        term = slope(scope, core, primes, arguments, span)
    else:
        term = shapes.function(name, arguments, span)
    if scripts:
        term = Term("div", (term, Term("log", (base,), (), span)), term.shape, span)
    for wrapper in wrappers:
        if isinstance(wrapper, Power):
            if wrapper.exponent == MINUS_ONE:
                raise Fault("undecided", "an inverse function is not supported here", span)
            term = raised(scope, term, wrapper.exponent, span)
    return wrapped(scope, term, outer), 1 + used


def _argument(scope: Scope, rest: tuple[Node, ...], core: Node) -> tuple[Node, int]:
    """Return what a function without brackets takes, and of how many nodes it consists."""
    used = _reach(scope, rest)
    following = rest[used : used + 1]
    if following and not isinstance(following[0], Big | EvaluatedAt):
        head, _ = peel(following[0])
        bracketed = isinstance(peel(rest[0])[0], Group)
        starts = builtin(head) or is_function(scope, following[0]) or isinstance(head, Group)
        if not bracketed and not starts:
            raise Fault(
                "undecided",
                f"how far {latex(core)} reaches is not clear: use brackets",
                following[0].span,
            )
    return row(rest[:used]), used


def _reach(scope: Scope, rest: tuple[Node, ...]) -> int:
    """Return how many nodes a function without brackets takes: one, or a function call."""
    head, _ = peel(rest[0])
    if builtin(head):
        return 1 + _reach(scope, rest[1:]) if len(rest) > 1 else 1
    if len(rest) > 1 and isinstance(peel(rest[1])[0], Group) and is_function(scope, rest[0]):
        return 2
    if len(rest) > 1 and head == Symbol("\\mathbf{1}") and relation_in(rest[1]):
        return 2
    return 1


def _extreme(scope: Scope, name: str, letters: tuple[Node, ...], operand: Node, span: Span) -> Term:
    """Return the extreme of an operand over all values of the letter below the sign."""
    if len(letters) != 1 or not isinstance(letters[0], Symbol):
        raise Fault("undecided", f"\\{name} needs one index below", span)
    letter = letters[0].name
    if scope.table.find(letter) is not None:
        raise Fault("undecided", f"\\{name} over {letter} cannot be decided", span)
    size = scope.axis_or_fault(letter, operand)
    with scope.running_over({letter: size}):
        body = scope.read(operand)
    ends = const(1.0, span), const(float(size.count), span)
    return Term("loop", (*ends, body), body.shape, span, (name, ("index", letter)))
