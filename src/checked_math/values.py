"""Typed terms to numbers: random draws, and the value of every operation at all of them at once.

An array has its own axes first and the draws along the last; a number has the draws alone. So a
function of numbers acts on an array as it is.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

from checked_math import derivatives
from checked_math.derivatives import is_traced, plain_value
from checked_math.faults import Fault
from checked_math.reader import scope_of
from checked_math.symbols import Domain, Table
from checked_math.terms import Term

Array = Any
DRAWS = 80  # a group; two groups with other sizes make twice as many
KINK = 1e-4  # samples closer than this to a kink of a function are ignored
POOLS = ((3, 4, 5, 2, 6, 7, 8, 9, 10, 11, 12, 13), (4, 2, 3, 5, 7, 6, 9, 8, 11, 10, 13, 12))
SHORT_POOL = (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)


class Bench:
    """One choice of sizes and the random draws that go with it.

    Parameters
    ----------
    table : Table
        What the names mean; read as it is now.
    group : int
        0 and 1 differ in the number that stands for every size.
    short : bool
        Draw numbers of few digits, for examples to be printed.
    """

    def __init__(self, table: Table, group: int, *, short: bool = False) -> None:
        self.group = group
        self.short = short
        self.draws = DRAWS
        self.counts: dict[str, int] = {}
        self.scope = scope_of(table, self.count)
        self.drawn: dict[str, Array] = {}
        self.reached: dict[str, frozenset[str]] = {}
        self.margin = np.full(DRAWS, np.inf)
        self.complaints: list[str] = []
        self.code: dict[str, Callable[..., Any]] = {}
        self.root = Frame(self, None, {}, {}, traced=False)

    def count(self, name: str) -> int:
        """Return the number that stands for a size; no two sizes share one."""
        if name not in self.counts:
            pool = SHORT_POOL if self.short else POOLS[self.group]
            k = len(self.counts)
            self.counts[name] = pool[k] if k < len(pool) else k + 2
        return self.counts[name]

    def rng(self, name: str) -> np.random.Generator:
        """Return the generator of one name: what it draws does not depend on other names."""
        return np.random.default_rng([zlib.crc32(name.encode()), self.group, self.short])

    def free(self, name: str) -> Array:
        """Return the draws of a free symbol."""
        if name not in self.drawn:
            entry, _ = self.scope.entry(name)
            assert entry.domain is not None
            shape = tuple(size.count for size in self.scope.shape_of(name))
            self.drawn[name] = draw(entry.domain, (*shape, self.draws), self.rng(name), self.short)
        return self.drawn[name]

    def dependencies(self, name: str) -> frozenset[str]:
        """Return the names that a name is defined by."""
        if name not in self.reached:
            entry, _ = self.scope.entry(name)
            found: frozenset[str] = frozenset()
            if entry.body is not None:
                found = self.scope.dependencies(self.scope.definition(name))
            self.reached[name] = found
        return self.reached[name]

    def forget(self) -> None:
        """Begin anew with what evaluating notes: kinks that are near, values that are none."""
        self.margin = np.full(self.draws, np.inf)
        self.complaints.clear()

    def near(self, distance: Array) -> None:
        """Note how near each draw came to a kink."""
        distance = np.abs(plain_value(distance))
        if np.ndim(distance) and np.shape(distance)[-1] == self.draws:
            nearest = distance.reshape(-1, self.draws).min(axis=0)
            self.margin = np.minimum(self.margin, nearest)

    def complain(self, wrong: Array, message: str) -> None:
        """Note why a value may not be a real number."""
        if np.any(plain_value(wrong)):
            self.complaints.append(message)

    def evaluate(self, term: Term, indices: dict[Any, int] | None = None) -> Array:
        """Return the value of a term, the draws along the last axis."""
        frame = self.root
        if indices:
            frame = Frame(self, self.root, {}, dict(indices), traced=False)
        with np.errstate(all="ignore"):
            value = evaluate(term, frame)
        counts = tuple(size.count for size in term.shape)
        return np.broadcast_to(value, (*counts, self.draws))


def draw(domain: Domain, shape: tuple[int, ...], rng: np.random.Generator, short: bool) -> Array:
    """Return random members of a domain.

    >>> bool((draw(Domain("interval", 0, 1), (3, 5), np.random.default_rng(0), False) > 0).all())
    True
    """
    digits = 1
    match domain.kind:
        case "real":
            values = rng.uniform(-2, 2, shape)
        case "natural":
            values = rng.integers(1, 9, shape).astype(float)
        case "integer":
            values = rng.integers(-5, 6, shape).astype(float)
        case "set":
            if domain.simplex and sorted(domain.values) == [0, 1]:
                return _one_hot(shape, rng)
            return rng.choice(np.array(domain.values), shape)
        case _:
            values, digits = _within(domain, shape, rng)
    if domain.simplex:
        values = np.abs(values)
        return values / values.sum(axis=-2, keepdims=True)
    return np.round(values, digits) if short else values


def _one_hot(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    chosen = rng.integers(0, shape[-2], shape[:-2] + shape[-1:])
    return np.moveaxis(np.eye(shape[-2])[chosen], -1, -2)


def _within(domain: Domain, shape: tuple[int, ...], rng: np.random.Generator) -> tuple[Array, int]:
    """Return members of an interval, its closed ends among them, and how many digits are few."""
    low, high = domain.low, domain.high
    inside = rng.uniform(0.04, 0.96, shape)
    if np.isinf(low) and np.isinf(high):
        values = 4 * inside - 2
    elif np.isinf(high):
        values = low + 0.1 + 2.4 * inside
    elif np.isinf(low):
        values = high - 0.1 - 2.4 * inside
    else:
        values = low + (high - low) * inside
    digits = 1 if np.isinf(high - low) else max(1, 2 - int(np.floor(np.log10(high - low))))
    at_end = rng.uniform(size=shape)
    if domain.low_closed and np.isfinite(low):
        values = np.where(at_end < 0.1, low, values)
    if domain.high_closed and np.isfinite(high):
        values = np.where(at_end > 0.9, high, values)
    return values, digits


class Frame:
    """Values of names while a term is evaluated; a child binds some of them anew."""

    def __init__(
        self,
        bench: Bench,
        parent: Frame | None,
        bound: dict[Any, Array],
        indices: dict[Any, int],
        *,
        traced: bool,
    ) -> None:
        self.bench = bench
        self.parent = parent
        self.bound = bound
        self.indices = indices
        self.memo: dict[str, Array] = {}
        self.traced = traced
        self.np: Any = derivatives.tracing_numpy() if traced else np

    def child(self, bound: dict[Any, Array], *, traced: bool = False) -> Frame:
        """Return a frame in which some names have other values."""
        return Frame(self.bench, self, bound, self.indices, traced=traced or self.traced)

    def local(self, key: Any) -> Array:
        """Return the value of an argument."""
        frame: Frame | None = self
        while frame is not None:
            if key in frame.bound:
                return frame.bound[key]
            frame = frame.parent
        raise KeyError(key)

    def value(self, name: str) -> Array:
        """Return the value of a name, by its definition under what is bound here."""
        if name in self.bound:
            return self.bound[name]
        if self.parent is not None:
            depends = self.bench.dependencies(name)
            if not any(key in depends for key in self.bound):
                return self.parent.value(name)
        if name not in self.memo:
            entry, _ = self.bench.scope.entry(name)
            if entry.body is None:
                return self.bench.free(name)
            kept, self.indices = self.indices, {}
            try:
                self.memo[name] = evaluate(self.bench.scope.definition(name), self)
            finally:
                self.indices = kept
        return self.memo[name]


Operation = Callable[[Term, Frame], Array]
OPERATIONS: dict[str, Operation] = {}


def evaluate(term: Term, frame: Frame) -> Array:
    """Return the value of a term in a frame."""
    return OPERATIONS[term.op](term, frame)


def _operation(name: str) -> Callable[[Operation], Operation]:
    def register(function: Operation) -> Operation:
        OPERATIONS[name] = function
        return function

    return register


def _full(value: Array, term: Term, frame: Frame) -> Array:
    """Spread a value over all draws, so that every array has that axis."""
    counts = tuple(size.count for size in term.shape)
    return value * np.ones((*counts, frame.bench.draws))


OPERATIONS["const"] = lambda term, frame: term.data
OPERATIONS["full"] = lambda term, frame: _full(term.data, term, frame)
OPERATIONS["ref"] = lambda term, frame: frame.value(term.data)
OPERATIONS["local"] = lambda term, frame: frame.local(term.data)
OPERATIONS["index"] = lambda term, frame: frame.indices[term.data]
OPERATIONS["neg"] = lambda term, frame: -evaluate(term.args[0], frame)
OPERATIONS["row"] = lambda term, frame: evaluate(term.args[0], frame)[None]
OPERATIONS["unrow"] = lambda term, frame: evaluate(term.args[0], frame)[0]
OPERATIONS["uncolumn"] = lambda term, frame: evaluate(term.args[0], frame)[:, 0]
OPERATIONS["squeeze"] = lambda term, frame: evaluate(term.args[0], frame)[0]
OPERATIONS["transpose"] = lambda term, frame: frame.np.swapaxes(evaluate(term.args[0], frame), 0, 1)


@_operation("any")
def _any(term: Term, frame: Frame) -> Array:
    raise Fault("shape", "how many entries the bold 1 or I has is not given", term.span)


@_operation("eye")
def _eye(term: Term, frame: Frame) -> Array:
    rows, columns = (size.count for size in term.shape)
    return np.eye(rows, columns)[..., None] * np.ones(frame.bench.draws)


def _pair(term: Term, frame: Frame) -> tuple[Array, Array]:
    return evaluate(term.args[0], frame), evaluate(term.args[1], frame)


@_operation("add")
def _add(term: Term, frame: Frame) -> Array:
    left, right = _pair(term, frame)
    return left + right


@_operation("mul")
def _mul(term: Term, frame: Frame) -> Array:
    left, right = _pair(term, frame)
    return left * right


@_operation("div")
def _div(term: Term, frame: Frame) -> Array:
    left, right = _pair(term, frame)
    frame.bench.complain(plain_value(right) == 0, "a division by zero")
    return left / right if is_traced(right) else left / np.asarray(right)


@_operation("product")
def _matrix_product(term: Term, frame: Frame) -> Array:
    left, right = _pair(term, frame)
    return frame.np.einsum(term.data, left, right)


@_operation("power")
def _power(term: Term, frame: Frame) -> Array:
    base = evaluate(term.args[0], frame)
    if isinstance(term.data, int):
        frame.bench.complain((plain_value(base) == 0) & (term.data < 0), "a division by zero")
        if term.data >= 0:
            return base**term.data
        return 1.0 / np.asarray(base) ** -term.data if not is_traced(base) else base**term.data
    exponent = evaluate(term.args[1], frame)
    fraction = plain_value(exponent) % 1 != 0
    frame.bench.complain(
        (plain_value(base) < 0) & fraction, "a fractional power of a negative number"
    )
    return frame.np.power(base, exponent)


def _elementwise(name: str) -> Operation:
    def operation(term: Term, frame: Frame) -> Array:
        return getattr(frame.np, name)(evaluate(term.args[0], frame))

    return operation


for _name in ("exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arctan"):
    OPERATIONS[_name] = _elementwise(_name)


@_operation("log")
def _log(term: Term, frame: Frame) -> Array:
    value = evaluate(term.args[0], frame)
    frame.bench.complain(plain_value(value) < 0, "the logarithm of a negative number")
    frame.bench.complain(plain_value(value) == 0, "the logarithm of zero")
    return frame.np.log(value)


@_operation("sqrt")
def _sqrt(term: Term, frame: Frame) -> Array:
    value = evaluate(term.args[0], frame)
    frame.bench.complain(plain_value(value) < 0, "the root of a negative number")
    return frame.np.sqrt(value)


@_operation("erf")
def _erf(term: Term, frame: Frame) -> Array:
    if frame.traced:
        from autograd.scipy.special import erf as traced_erf  # type: ignore[import-untyped]

        return traced_erf(evaluate(term.args[0], frame))
    from scipy.special import erf  # type: ignore[import-untyped]

    return erf(evaluate(term.args[0], frame))


@_operation("abs")
def _abs(term: Term, frame: Frame) -> Array:
    value = evaluate(term.args[0], frame)
    frame.bench.near(value)
    return frame.np.abs(value)


@_operation("sign")
def _sign(term: Term, frame: Frame) -> Array:
    value = evaluate(term.args[0], frame)
    frame.bench.near(value)
    return frame.np.sign(value)


@_operation("relu")
def _relu(term: Term, frame: Frame) -> Array:
    value = evaluate(term.args[0], frame)
    frame.bench.near(value)
    return frame.np.maximum(value, 0.0)


def _extreme(name: str) -> Operation:
    def operation(term: Term, frame: Frame) -> Array:
        left, right = _pair(term, frame)
        frame.bench.near(plain_value(left) - plain_value(right))
        return getattr(frame.np, name)(left, right)

    return operation


OPERATIONS["max"] = _extreme("maximum")
OPERATIONS["min"] = _extreme("minimum")
OPERATIONS["all_max"] = lambda term, frame: frame.np.max(evaluate(term.args[0], frame), axis=0)
OPERATIONS["all_min"] = lambda term, frame: frame.np.min(evaluate(term.args[0], frame), axis=0)
OPERATIONS["argmax"] = lambda term, frame: (
    1.0 + np.argmax(plain_value(evaluate(term.args[0], frame)), axis=0)
)
OPERATIONS["argmin"] = lambda term, frame: (
    1.0 + np.argmin(plain_value(evaluate(term.args[0], frame)), axis=0)
)


@_operation("norm")
def _norm(term: Term, frame: Frame) -> Array:
    value = evaluate(term.args[0], frame)
    axes = tuple(range(len(term.args[0].shape)))
    if not axes:
        return frame.np.abs(value)
    match term.data:
        case 1:
            frame.bench.near(value)
            return frame.np.sum(frame.np.abs(value), axis=axes)
        case "max":
            return frame.np.max(frame.np.abs(value), axis=axes)
    return frame.np.sqrt(frame.np.sum(value * value, axis=axes))


@_operation("mean")
def _mean(term: Term, frame: Frame) -> Array:
    value = evaluate(term.args[0], frame)
    return frame.np.mean(value, axis=tuple(range(len(term.args[0].shape))))


@_operation("softmax")
def _softmax(term: Term, frame: Frame) -> Array:
    value = evaluate(term.args[0], frame)
    power = frame.np.exp(value - np.max(plain_value(value), axis=-2, keepdims=True))
    return power / frame.np.sum(power, axis=-2, keepdims=True)


@_operation("diag")
def _diag(term: Term, frame: Frame) -> Array:
    value = evaluate(term.args[0], frame)
    return value[None, :] * np.eye(value.shape[0])[..., None]


@_operation("diagonal")
def _diagonal(term: Term, frame: Frame) -> Array:
    value = evaluate(term.args[0], frame)
    return frame.np.sum(value * np.eye(value.shape[0])[..., None], axis=0)


@_operation("trace")
def _trace(term: Term, frame: Frame) -> Array:
    value = evaluate(term.args[0], frame)
    return frame.np.sum(value * np.eye(value.shape[0])[..., None], axis=(0, 1))


@_operation("inverse")
def _inverse(term: Term, frame: Frame) -> Array:
    value = frame.np.moveaxis(evaluate(term.args[0], frame), -1, 0)
    return frame.np.moveaxis(frame.np.linalg.inv(value), 0, -1)


@_operation("det")
def _det(term: Term, frame: Frame) -> Array:
    return frame.np.linalg.det(frame.np.moveaxis(evaluate(term.args[0], frame), -1, 0))


@_operation("entry")
def _entry(term: Term, frame: Frame) -> Array:
    array, *indices = (evaluate(arg, frame) for arg in term.args)
    lead = (slice(None),) * (term.data or 0)
    wanted = []
    shape = np.shape(plain_value(array))[len(lead) :]
    for index, length in zip(indices, shape, strict=False):
        number = np.unique(plain_value(index))
        if len(number) > 1 or number[0] != int(number[0]):
            raise Fault(
                "undecided", "an index must be the same whole number at every draw", term.span
            )
        if not 1 <= number[0] <= length:
            raise Fault("shape", f"there is no entry {int(number[0])} of {length}", term.span)
        wanted.append(int(number[0]) - 1)
    return array[(*lead, *wanted)]


@_operation("stack")
def _stack(term: Term, frame: Frame) -> Array:
    keys, counts = term.data
    (body,) = term.args
    kept = frame.indices
    cells = []
    inner = tuple(size.count for size in body.shape)
    try:
        for numbers in np.ndindex(*counts):
            frame.indices = kept | {k: n + 1 for k, n in zip(keys, numbers, strict=True)}
            cells.append(evaluate(body, frame) + np.zeros((*inner, frame.bench.draws)))
    finally:
        frame.indices = kept
    stacked = frame.np.stack(cells)
    return frame.np.reshape(stacked, (*counts, *np.shape(plain_value(cells[0]))))


@_operation("matrix")
def _matrix(term: Term, frame: Frame) -> Array:
    zero = np.zeros(frame.bench.draws)
    cells = frame.np.stack([evaluate(arg, frame) + zero for arg in term.args])
    counts = tuple(size.count for size in term.shape)
    return frame.np.reshape(cells, (*counts, frame.bench.draws))


@_operation("condition")
def _condition(term: Term, frame: Frame) -> Array:
    sides = [evaluate(side, frame) for side in term.args]
    truth: Array = True
    for left, relation, right in zip(sides, term.data, sides[1:], strict=False):
        a, b = plain_value(left), plain_value(right)
        if relation in ("<", ">", "\\le", "\\ge"):
            frame.bench.near(np.asarray(a) - np.asarray(b))
        truth = truth & COMPARISONS[relation](a, b)
    return truth


COMPARISONS: dict[str, Callable[[Array, Array], Array]] = {
    "<": np.less,
    ">": np.greater,
    "\\le": np.less_equal,
    "\\ge": np.greater_equal,
    "=": lambda a, b: np.isclose(a, b, rtol=1e-9, atol=1e-12),
    "\\ne": lambda a, b: ~np.isclose(a, b, rtol=1e-9, atol=1e-12),
}


@_operation("indicator")
def _indicator(term: Term, frame: Frame) -> Array:
    return 1.0 * evaluate(term.args[0], frame)


@_operation("cases")
def _cases(term: Term, frame: Frame) -> Array:
    parts = list(term.args)
    otherwise: Array = np.nan
    if len(parts) % 2:
        otherwise = evaluate(parts.pop(), frame)
    else:
        frame.bench.complaints.append("a value that no case covers")
    for k in range(len(parts) - 2, -1, -2):
        truth = evaluate(parts[k + 1], frame)
        otherwise = frame.np.where(truth, evaluate(parts[k], frame), otherwise)
    return otherwise


@_operation("loop")
def _loop(term: Term, frame: Frame) -> Array:
    kind, key = term.data
    first, last, body, *where = term.args
    ends = [plain_value(evaluate(end, frame)) for end in (first, last)]
    if any(np.ndim(end) and np.ptp(end) for end in ends):
        raise Fault("undecided", "a limit of a sum must be the same at every draw", term.span)
    low, high = (int(np.ravel(end)[0]) for end in ends)
    kept = frame.indices
    values = []
    try:
        for number in range(low, high + 1):
            frame.indices = {**kept, key: number}
            value = evaluate(body, frame)
            if where:
                neutral = 0.0 if kind == "sum" else 1.0
                value = frame.np.where(evaluate(where[0], frame), value, neutral)
            values.append(value)
    finally:
        frame.indices = kept
    return _gathered(kind, values, term, frame)


def _gathered(kind: str, values: list[Array], term: Term, frame: Frame) -> Array:
    if kind in ("sum", "prod"):
        total: Array = 0.0 if kind == "sum" else 1.0
        for value in values:
            total = total + value if kind == "sum" else total * value
        return total if not term.shape or values else _full(total, term, frame)
    zero = np.zeros(frame.bench.draws)
    stacked = frame.np.stack([value + zero for value in values])
    if kind in ("argmax", "argmin"):
        return 1.0 + getattr(np, kind)(plain_value(stacked), axis=0)
    return getattr(frame.np, kind)(stacked, axis=0)


@_operation("let")
def _let(term: Term, frame: Frame) -> Array:
    *arguments, body = term.args
    bound = {}
    for key, argument in zip(term.data, arguments, strict=True):
        value = evaluate(argument, frame)
        bound[key] = value if np.ndim(plain_value(value)) else value + np.zeros(frame.bench.draws)
    return evaluate(body, frame.child(bound))


# -- any smooth function ----------------------------------------------------------------------


@_operation("function")
def _function(term: Term, frame: Frame) -> Array:
    name, rank, counts, domain, tie = term.data
    argument = evaluate(term.args[0], frame)
    if tie:
        return _coded(frame.bench, tie, argument, rank, frame)
    rng = frame.bench.rng("function " + name)
    if rank == 0:
        value = (
            _smooth(argument, rng, frame)
            if not counts
            else frame.np.stack(
                [_smooth(argument, rng, frame) for _ in range(int(np.prod(counts)))]
            )
        )
    else:
        flat = frame.np.reshape(argument, (-1, frame.bench.draws))
        outputs = [_smooth_of_many(flat, rng, frame) for _ in range(int(np.prod(counts)))]
        value = frame.np.stack(outputs) if counts else outputs[0]
    if counts:
        value = frame.np.reshape(value, (*counts, frame.bench.draws))
    return _into(domain, value, frame)


def _smooth(x: Array, rng: np.random.Generator, frame: Frame) -> Array:
    a, b, c, d, e, g = rng.uniform(0.3, 1.2, (6, frame.bench.draws))
    wave = frame.np.sin((0.5 + b) * x + 3 * c)
    return a + d * x + e * wave - 0.2 * g * x * x


def _smooth_of_many(x: Array, rng: np.random.Generator, frame: Frame) -> Array:
    width, draws = np.shape(plain_value(x))
    slopes = rng.uniform(-1, 1, (3, width, draws))
    offsets, sizes = rng.uniform(0.3, 1.2, (2, 3, draws))
    waves = frame.np.sin(frame.np.einsum("knb,nb->kb", slopes, x) + offsets)
    straight = frame.np.sum(rng.uniform(-1, 1, (width, draws)) * x, axis=0)
    return straight + frame.np.sum(sizes * waves, axis=0)


def _into(domain: Domain, value: Array, frame: Frame) -> Array:
    """Bring the values of a function into the set that it maps to."""
    if domain.kind != "interval":
        return value
    if np.isfinite(domain.low) and np.isfinite(domain.high):
        share = 1.0 / (1.0 + frame.np.exp(-value))
        return domain.low + (domain.high - domain.low) * share
    if np.isfinite(domain.low):
        return domain.low + frame.np.exp(value)
    return domain.high - frame.np.exp(value)


def _coded(bench: Bench, tie: str, argument: Array, rank: int, frame: Frame) -> Array:
    code = bench.code[tie]
    if rank:
        raise Fault("undecided", f"{tie} is code of arrays: give the formula too")

    def value(x: Array) -> Array:
        return np.stack([np.asarray(code(x[..., k])) for k in range(x.shape[-1])], axis=-1)

    argument = argument + np.zeros(bench.draws)
    return derivatives.from_code(value)(argument) if frame.traced else value(argument)


# -- derivatives and limits -------------------------------------------------------------------


@_operation("derivative")
def _derivative(term: Term, frame: Frame) -> Array:
    (body,) = term.args
    key, shape = term.data
    point = frame.local(key) if isinstance(key, tuple) else frame.value(key)
    counts = tuple(size.count for size in shape)
    if np.ndim(plain_value(point)) == 0 or counts:
        point = point + np.zeros((*counts, frame.bench.draws))
    at = point if is_traced(point) else np.asarray(point, dtype=float)
    inner = tuple(size.count for size in body.shape)

    def value(x: Array) -> Array:
        traced = is_traced(x) or frame.traced
        result = evaluate(body, frame.child({key: x}, traced=traced))
        return result + np.zeros((*inner, frame.bench.draws))

    result = derivatives.jacobian(value, at, len(body.shape))
    if not frame.traced and not is_traced(point):
        _second_oracle(value, at, result, len(body.shape), frame.bench)
    return result


def _second_oracle(value: Any, at: Array, result: Array, rank: int, bench: Bench) -> None:
    """Compare the derivative with a central difference in a random direction."""
    rng = bench.rng("direction")
    direction = rng.uniform(-1, 1, at.shape)
    difference = derivatives.directional(value, at, direction)
    if np.shape(difference) == np.shape(at) and rank == 0:
        slope = result * direction
    else:
        axes = tuple(range(rank, result.ndim - 1))
        slope = np.sum(result * direction, axis=axes)
    slope, difference = (x.reshape(-1, bench.draws) for x in (slope, difference))
    size = np.maximum(np.max(np.abs(slope), axis=0), 1e-2)
    off = np.max(np.abs(slope - difference), axis=0) / size
    apart = off > 1e-4
    if np.mean(apart) > 0.25:
        raise Fault(
            "undecided", "automatic differentiation and finite differences do not agree here"
        )
    bench.margin = np.where(apart, 0.0, bench.margin)


@_operation("limit")
def _limit(term: Term, frame: Frame) -> Array:
    goal, body = term.args
    key, side = term.data
    target = evaluate(goal, frame)

    def at(point: Array) -> Array:
        value = np.zeros(frame.bench.draws) + point
        return evaluate(body, frame.child({key: value}))

    if np.ndim(target) == 0 and np.isinf(target):
        values = [at(np.sign(target) * far) for far in (60.0, 120.0, 240.0)]
        scale = np.maximum(np.abs(values[-1]), 1.0)
        moves = [np.max(np.abs(b - a) / scale) for a, b in itertools.pairwise(values)]
        if not (moves[1] < 1e-6 or moves[1] < 0.6 * moves[0]):
            raise Fault("undecided", "the limit does not settle", term.span)
        if moves[1] < 1e-6:
            return values[-1]
        return 2 * values[-1] - values[-2]
    sign = -1.0 if side == "-" else 1.0
    steps = [sign * 0.2 / 2**k for k in range(9)]
    return _extrapolated(steps, [at(target + step) for step in steps])


def _extrapolated(steps: list[float], values: list[Array]) -> Array:
    """Return the value at step 0 of the polynomial through the values (Neville's scheme)."""
    row = list(values)
    for width in range(1, len(row)):
        for k in range(len(row) - width):
            far, near = steps[k], steps[k + width]
            row[k] = (far * row[k + 1] - near * row[k]) / (far - near)
    return row[0]
