r"""The deciding: whether a statement holds, fails or cannot be decided.

>>> table = Table()
>>> table.declare(r"x \in \mathbb{R}")
('x',)
>>> decide(r"(x + 1)^2 = x^2 + 2 x + 1", table)[0].word
'holds'
>>> decide(r"(x + 1)^2 = x^2 + 1", table)[0].kind
'differ'
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from checked_math import messages, ties
from checked_math.conditions import condition
from checked_math.faults import NOWHERE, Fault, Kind, Span
from checked_math.names import plain
from checked_math.notation import (
    builtin,
    derivative_variables,
    numerator,
    peel,
)
from checked_math.scope import Beyond
from checked_math.shapes import fitted
from checked_math.symbols import RUNNING, Table, constant, is_literal, key_of, set_of
from checked_math.syntax import parse
from checked_math.terms import (
    Shape,
    Size,
    Term,
    said,
)
from checked_math.ties import Packages
from checked_math.tree import (
    Big,
    Binary,
    Chain,
    Dots,
    EvaluatedAt,
    Fraction,
    Group,
    Indexed,
    Matrix,
    Member,
    Node,
    Number,
    Power,
    Product,
    Starred,
    Statement,
    Sum,
    Symbol,
    latex,
    walk,
)
from checked_math.values import COMPARISONS, KINK, Bench, Frame, evaluate

Word = Literal["holds", "fails", "cannot be decided", "states nothing", "declared"]
TOLERANCE = 1e-9
LIMIT_TOLERANCE = 1e-6


@dataclass(frozen=True)
class Verdict:
    """What was decided of one statement, and on what grounds."""

    word: Word
    source: str
    span: Span = NOWHERE
    kind: Kind | None = None
    message: str = ""
    details: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    witnesses: tuple[str, ...] = ()
    draws: int = 0
    largest: float = 0.0  # relative difference
    derivative: bool = False
    factors: frozenset[str] = frozenset()
    printed: str = ""  # the statement in one line of LaTeX

    @property
    def ok(self) -> bool:
        """Whether the book may be published with this statement."""
        return self.word in ("holds", "states nothing", "declared")

    @property
    def figures(self) -> str:
        """Return what was compared with what, for the scope."""
        return messages.figures(self)


@dataclass(frozen=True)
class Options:
    """What stands beside a formula: the options of `{formula}`."""

    code: tuple[str, ...] = ()
    defines: str | None = None
    witness: tuple[str, ...] = ()
    unchecked: str = ""


@dataclass
class Benches:
    """The sizes and draws under which the statements of one page are decided."""

    table: Table
    packages: Packages = field(default_factory=Packages)
    _made: dict[tuple[int, bool], Bench] = field(default_factory=dict)
    _version: int = -1

    def get(self, group: int, *, short: bool = False) -> Bench:
        """Return a bench that knows the table as it is now."""
        if self._version != self.table.version:
            self._made.clear()
            self._version = self.table.version
        if (group, short) not in self._made:
            bench = Bench(self.table, group, short=short)
            for entry in self.table.entries.values():
                if entry.tie and entry.arguments is not None:
                    bench.code[entry.tie] = ties.function(entry.tie, self.packages)
            self._made[group, short] = bench
        bench = self._made[group, short]
        bench.margin = np.full(bench.draws, np.inf)
        bench.complaints.clear()
        return bench


def decide(
    text: str,
    table: Table,
    options: Options | None = None,
    packages: Packages | None = None,
    benches: Benches | None = None,
) -> list[Verdict]:
    """Decide every statement of a formula.

    Parameters
    ----------
    text : str
        The LaTeX between the dollar signs.
    table : Table
        What the names mean; grows where the options say that the formula defines one.
    options : Options, optional
        Ties, witnesses and the name defined.
    packages : Packages, optional
        Where ties look.
    benches : Benches, optional
        Kept between the statements of a page.

    Returns
    -------
    list of Verdict
        One a statement.
    """
    options = options or Options()
    benches = benches or Benches(table, packages or Packages())
    try:
        statements = parse(text)
    except Fault as fault:
        return [_failed(text, fault)]
    verdicts: list[Verdict] = []
    for k, statement in enumerate(statements):
        own = options if k == 0 else replace(options, code=(), defines=None, witness=())
        verdicts.append(_decided(text, statement, own, benches))
    return verdicts


def _decided(text: str, statement: Statement, options: Options, benches: Benches) -> Verdict:
    source = statement.span.of(text) or text
    if options.unchecked:
        return Verdict("holds", source, statement.span, message=f"unchecked: {options.unchecked}")
    try:
        if options.defines is not None:
            benches.table.define(statement)
        verdict = _Decision(text, statement, options, benches).verdict()
        return replace(verdict, source=source, span=statement.span, printed=latex(statement))
    except Fault as fault:
        return _failed(text, fault, statement)
    except RecursionError:
        return _failed(text, Fault("undecided", "the formula is nested too deeply"), statement)
    except (ArithmeticError, ValueError, IndexError, KeyError, np.linalg.LinAlgError) as error:
        unvalued = Fault("undecided", f"it cannot be valued ({type(error).__name__}: {error})")
        return _failed(text, unvalued, statement)


def _failed(text: str, fault: Fault, statement: Statement | None = None) -> Verdict:
    word: Word = "cannot be decided" if fault.kind == "undecided" else "fails"
    message = fault.message
    if fault.kind == "shape" and fault.span != NOWHERE and fault.span.of(text):
        message = f"{' '.join(fault.span.of(text).split())}: {message}"
    span = fault.span if fault.span != NOWHERE else (statement.span if statement else NOWHERE)
    factors = fault.factors if isinstance(fault, Difference) else frozenset()
    source = statement.span.of(text) if statement else text
    return Verdict(word, source, span, fault.kind, message, fault.details, factors=factors)


class Difference(Fault):
    """Two values differ, perhaps by a factor that is the same at every draw."""

    def __init__(self, message: str, details: tuple[str, ...], factors: frozenset[str]) -> None:
        super().__init__("differ", message, NOWHERE, details)
        self.factors = factors


ORDERS = ("<", ">", "\\le", "\\ge", "\\ne")
UPDATES = ("\\leftarrow", ":=")


class _Decision:
    """One statement on its way to a verdict."""

    def __init__(self, text: str, statement: Statement, options: Options, benches: Benches) -> None:
        self.text = text
        self.statement = statement
        self.options = options
        self.benches = benches
        self.table = benches.table
        self.draws = 0
        self.largest = 0.0
        self.derivative = False
        self.limit = False
        self.random = False
        self.compared: list[str] = []
        self.witnesses: list[str] = []

    # -- what kind of statement it is ---------------------------------------------------------

    def verdict(self) -> Verdict:
        """Return the verdict; a fault where it fails."""
        statement = self.statement
        bench = self.benches.get(0)
        for side in statement.sides:
            _refuse_unknown(side, bench, statement)
        match statement.relations:
            case ():
                return self._lone(bench)
            case (":", *_):
                return self._function_statement(bench)
            case relations if set(relations) <= {"\\to"}:
                return Verdict("states nothing", "")
        for group in (0, 1):
            self._in_group(group)
        self._witnessed()
        return Verdict(
            "holds",
            "",
            compared=tuple(dict.fromkeys(self.compared)),
            witnesses=tuple(self.witnesses),
            draws=self.draws if self.random else 0,
            largest=self.largest,
            derivative=self.derivative,
        )

    def _lone(self, bench: Bench) -> Verdict:
        """Read an expression that states nothing: its letters and shapes must still be right."""
        (side,) = self.statement.sides
        try:
            for item in _items(side):
                if (
                    _spoken_index(item)
                    or _sizes_of_set(item) is not None
                    or any(isinstance(p, Dots) for p in walk(item))
                ):
                    continue
                for letters in self._member_letters(bench, (item,)):
                    with (
                        _letters(bench, letters),
                        _running(bench, self._axis_letters(bench, (item,))),
                    ):
                        bench.scope.read(item)
        except Fault as fault:
            if fault.kind != "undecided":
                raise
        return Verdict("states nothing", "")

    def _function_statement(self, bench: Bench) -> Verdict:
        if bench.scope.function(self.statement.sides[0]) is None:
            raise Fault(
                "undeclared", f"{latex(self.statement.sides[0])} is not declared a function"
            )
        return Verdict("states nothing", "")

    # -- letters that run over all their values -----------------------------------------------

    def _member_letters(self, bench: Bench, sides: tuple[Node, ...]) -> Iterator[dict[str, int]]:
        """Yield values for the free letters that number members of families, as layers."""
        scope = bench.scope
        letters = [
            letter for letter in scope.free_letters(sides) if scope.counts_members(letter, sides)
        ]
        ranges = [self._values_of(letter, bench) for letter in letters]
        for values in itertools.product(*ranges):
            yield dict(zip(letters, values, strict=True))

    def _values_of(self, letter: str, bench: Bench) -> range:
        scope = bench.scope
        for name, low, high in self.statement.ranges:
            if name == letter:
                first, last = scope.whole(low), scope.whole(high)
                if first is None or last is None:
                    raise Fault("undeclared", f"how far {letter} runs is not a known number")
                return range(min(first, last), max(first, last) + 1)
        for entry in self.table.entries.values():
            if entry.index == letter and not entry.is_size:
                first, last = scope.limits(entry)
                return range(first, last + 1)
        last_one = scope.whole(Symbol(letter.upper()))
        if last_one is None:
            raise Fault(
                "undeclared", f"how far {letter} runs is not declared: give {letter.upper()}"
            )
        return range(1, last_one + 1)

    def _axis_letters(self, bench: Bench, sides: tuple[Node, ...]) -> dict[str, Size | None]:
        """Return the free letters that run over axes, with how far."""
        scope = bench.scope
        letters: dict[str, Size | None] = {}
        for letter in scope.free_letters(sides):
            if letter in scope.letters:
                continue
            size = scope.axis(letter, sides)
            said_range = next((r for r in self.statement.ranges if r[0] == letter), None)
            if size is None and said_range is not None:
                last = scope.whole(said_range[2])
                size = None if last is None else Size(latex(said_range[2]), last)
            if size is None:
                raise Fault("undeclared", f"{letter} is not declared, and no index of an array")
            letters[letter] = size
        return letters

    # -- one choice of sizes ------------------------------------------------------------------

    def _in_group(self, group: int, *, short: bool = False) -> None:
        bench = self.benches.get(group, short=short)
        self.kept = bench.draws
        beyond: Beyond | None = None
        decided = False
        for letters in self._member_letters(bench, self.statement.sides):
            try:
                with _letters(bench, letters):
                    self._at_letters(bench, letters)
                decided = True
            except Beyond as fault:
                if not letters:
                    raise
                beyond = fault
        if not decided and beyond is not None:
            raise beyond
        if not short:
            self.draws += self.kept

    def _at_letters(self, bench: Bench, letters: dict[str, int]) -> None:
        sides = self.statement.sides
        axes = self._axis_letters(bench, sides)
        self._bound_on_the_left(bench, axes)
        with _running(bench, axes):
            conditions = [condition(bench.scope, chain) for chain in self.statement.conditions]
            for k, relation in enumerate(self.statement.relations):
                if relation == "\\in":
                    self._membership(bench, sides[k], sides[k + 1], axes)
                    continue
                left, right = bench.scope.read(sides[k]), bench.scope.read(sides[k + 1])
                self._note(bench, left, right)
                if relation in UPDATES:
                    self._update(bench, sides[k], left, right, letters)
                else:
                    left, right = self._matched(left, right, sides[k], sides[k + 1], relation)
                    self._related(bench, k, left, relation, right, axes, conditions)
            self._tied(bench, axes, letters)

    def _note(self, bench: Bench, *terms: Term) -> None:
        """Note what the figures say: derivatives, limits, anything drawn at random."""
        for term in terms:
            for part in _terms(term):
                self.derivative |= part.op == "derivative"
                self.limit |= part.op == "limit"
                self.random |= part.op == "function"
            for name in bench.scope.dependencies(term):
                definition = bench.scope.entry(name)[0].body
                self.random |= definition is None
                self.derivative |= definition is not None and any(
                    part.op == "derivative" for part in _terms(bench.scope.definition(name))
                )

    def _written(self, side: Node) -> str:
        """Return a side as the author wrote it."""
        return " ".join(side.span.of(self.text).split()) or latex(side)

    def _bound_on_the_left(self, bench: Bench, axes: dict[str, Size | None]) -> None:
        """Refuse a letter that runs on the right side alone: it has no meaning."""
        first = set(bench.scope.free_letters(self.statement.sides[0]))
        for side, relation in zip(self.statement.sides[1:], self.statement.relations, strict=True):
            if relation not in ("=", "\\approx", *UPDATES) or is_literal(self.statement.sides[0]):
                continue
            for letter in bench.scope.free_letters(side):
                if letter in axes and letter not in first:
                    raise Fault(
                        "undeclared",
                        f"{letter} runs on one side only: what it means there is not said",
                    )

    def _matched(
        self, left: Term, right: Term, a: Node, b: Node, relation: str
    ) -> tuple[Term, Term]:
        """Refuse sides of different shapes; a 1 by 1 array is its number."""
        if left.op == "any" or right.op == "any":
            left, right = fitted(left, right.shape), fitted(right, left.shape)
        if left.shape == right.shape:
            return left, right
        left, right = _column(left, right.shape), _column(right, left.shape)
        if left.shape == right.shape:
            return left, right
        if all(s.name == "1" for s in (*left.shape, *right.shape)):
            return _flat(left), _flat(right)
        zero = Number("0")
        if (not left.shape and (a == zero or relation in ORDERS)) or (
            not right.shape and (b == zero or relation in ORDERS)
        ):
            return left, right
        note = messages.transposed(left.shape, right.shape)
        raise Fault(
            "shape",
            f"the left side is {said(left.shape)}, the right side is {said(right.shape)}{note}",
        )

    def _related(
        self,
        bench: Bench,
        k: int,
        left: Term,
        relation: str,
        right: Term,
        axes: dict[str, Size | None],
        conditions: list[Term],
    ) -> None:
        names = (self._written(self.statement.sides[k]), self._written(self.statement.sides[k + 1]))
        for indices in _combinations(axes):
            bench.margin = np.full(bench.draws, np.inf)
            bench.complaints.clear()
            kept = np.ones(bench.draws, dtype=bool)
            for where in conditions:
                kept &= _all(bench.evaluate(where, indices))
            kept &= self._declared_conditions(bench, left, right)
            if relation == "\\approx":
                self._approximate(bench, k, left, right, indices, kept)
                continue
            first = k == 0 and self.options.defines is not None
            equal = "the definition" if first else "both sides"
            self.compared.append(equal if relation == "=" else "the inequality")
            a, b = bench.evaluate(left, indices), bench.evaluate(right, indices)
            kept = self._counted(bench, kept)
            self._finite(bench, a, kept, names[0])
            self._finite(bench, b, kept, names[1])
            if relation == "=":
                self._equal(bench, a, b, kept, names)
            elif relation in ORDERS:
                self._ordered(bench, a, relation, b, kept, names)
            else:
                raise Fault("undecided", f"the relation {relation} cannot be decided")

    def _declared_conditions(self, bench: Bench, *terms: Term) -> Any:
        """Return the draws that meet what the declarations say besides the domains."""
        kept = np.ones(bench.draws, dtype=bool)
        for name in sorted(set().union(*(bench.scope.dependencies(term) for term in terms))):
            for chain in bench.scope.entry(name)[0].conditions:
                kept &= _all(bench.evaluate(condition(bench.scope, chain)))
        return kept

    def _counted(self, bench: Bench, kept: Any) -> Any:
        """Leave out draws at a kink, unless all are there: then the values were given."""
        clear = kept & (bench.margin > KINK)
        if clear.any():
            kept = clear
            self.kept = min(self.kept, int(clear.sum()))
        elif self.derivative and np.any(bench.margin <= KINK):
            raise Fault("undecided", "the derivative is wanted at a kink")
        if kept.sum() < bench.draws // 8:
            raise Fault("undecided", "too few draws meet the condition")
        return kept

    def _finite(self, bench: Bench, value: Any, kept: Any, name: str) -> None:
        bad = kept & ~_all(np.isfinite(value))
        if bad.any():
            why = bench.complaints[0] if bench.complaints else "no finite value"
            number = int(np.flatnonzero(bad)[0])
            raise Fault(
                "domain",
                f"{why} in {name}",
                details=(messages.at(self._example(bench, number)),),
            )

    def _equal(
        self,
        bench: Bench,
        a: Any,
        b: Any,
        kept: Any,
        names: tuple[str, str],
    ) -> None:
        a, b = np.broadcast_arrays(a, b)
        off = relative_difference(a, b)
        self.largest = max(self.largest, float(off[kept].max()))
        wrong = kept & ~(off <= (LIMIT_TOLERANCE if self.limit else TOLERANCE))
        if wrong.any():
            self._differ(bench, a, b, wrong, kept, names)

    def _differ(
        self,
        bench: Bench,
        a: Any,
        b: Any,
        wrong: Any,
        kept: Any,
        names: tuple[str, str],
    ) -> None:
        if not bench.short:
            guess, found = self._guess(bench, a, b, kept, names)
            example = self._lines(bench, a, b, int(np.flatnonzero(wrong)[0]), names)
            try:
                self._in_group(0, short=True)
            except Fault as fault:
                if fault.kind == "differ":
                    example = fault.details
            raise Difference(messages.differ(names), (*example, *guess), found)
        number = min(
            (int(n) for n in np.flatnonzero(wrong)),
            key=lambda n: len(messages.at(self._example(bench, n))),
        )
        raise Fault(
            "differ", messages.differ(names), NOWHERE, self._lines(bench, a, b, number, names)
        )

    def _lines(
        self, bench: Bench, a: Any, b: Any, number: int, names: tuple[str, str]
    ) -> tuple[str, ...]:
        return messages.values(names, a[..., number], b[..., number], self._example(bench, number))

    def _example(self, bench: Bench, number: int) -> dict[str, Any]:
        """Return the values of the free names of the statement at one draw."""
        scope = bench.scope
        used: set[str] = set()
        for side in self.statement.sides:
            for part in walk(side):
                name = None
                if isinstance(part, Symbol | Indexed | Member | Power):
                    try:
                        name = scope.resolve(part)
                    except Fault:
                        continue
                if name is not None and not scope.entry(name[0])[0].is_function:
                    used.add(name[0])
                    used |= bench.dependencies(name[0])
        return {
            name: bench.drawn[name][..., number] for name in sorted(used) if name in bench.drawn
        }

    def _guess(
        self, bench: Bench, a: Any, b: Any, kept: Any, names: tuple[str, str]
    ) -> tuple[tuple[str, ...], frozenset[str]]:
        """Return what explains the difference, and the names of the factor where it is one."""
        if names[0] == "the formula":  # code is the measure of the formula
            a, b = b, a
        found = messages.factors(a, b, kept, bench.counts)
        if found and bench.group == 0:  # 3 may be n: other sizes tell
            try:
                self._in_group(1)
            except Difference as other:
                found &= other.factors
            except Fault:
                pass
        return messages.guess(a, b, kept, found), found

    def _ordered(
        self,
        bench: Bench,
        a: Any,
        relation: str,
        b: Any,
        kept: Any,
        names: tuple[str, str],
    ) -> None:
        a, b = np.broadcast_arrays(a, b)
        slack = TOLERANCE * np.maximum(np.abs(a), np.abs(b))
        match relation:
            case "\\le":
                truth = _all(a <= b + slack)
            case "\\ge":
                truth = _all(a >= b - slack)
            case "\\ne":
                truth = relative_difference(a, b) > TOLERANCE
            case _:
                truth = _all(COMPARISONS[relation](a, b))
        wrong = kept & ~truth
        if wrong.any():
            number = int(np.flatnonzero(wrong)[0])
            lines = self._lines(bench, a, b, number, names)
            raise Fault(
                "relation", f"{names[0]} {relation} {names[1]} does not hold", NOWHERE, lines
            )

    # -- rounding and limits ------------------------------------------------------------------

    def _approximate(
        self, bench: Bench, k: int, left: Term, right: Term, indices: dict[Any, int], kept: Any
    ) -> None:
        sides = self.statement.sides
        a, b = bench.evaluate(left, indices), bench.evaluate(right, indices)
        kept = self._counted(bench, kept)
        for value, side in ((a, sides[k]), (b, sides[k + 1])):
            self._finite(bench, value, kept, latex(side))
        units = printed_unit(sides[k + 1]), printed_unit(sides[k])
        if units[0] is not None or units[1] is not None:
            unit = units[0] if units[0] is not None else units[1]
            a, b = np.broadcast_arrays(a, b)
            off = np.abs(a - b)
            wrong = kept & ~_all(off <= 0.5 * np.asarray(unit) * (1 + 1e-9) + 1e-12 * np.abs(a))
            if wrong.any():
                number = int(np.flatnonzero(wrong)[0])
                names = (self._written(sides[k]), self._written(sides[k + 1]))
                lines = self._lines(bench, a, b, number, names)
                raise Fault(
                    "rounding", "the printed digits are not the rounded value", NOWHERE, lines
                )
            self.compared.append("the value, rounded to the printed digits,")
            return
        self._limit_of_step(bench, k, left, right, indices)

    def _limit_of_step(
        self, bench: Bench, k: int, left: Term, right: Term, indices: dict[Any, int]
    ) -> None:
        r"""Hold ``\approx`` between symbols against a step that shrinks."""
        steps = self._steps(bench, left, right)
        if not steps:
            raise Fault(
                "undecided",
                "what makes the two sides nearly equal is not said: print digits, or declare a "
                "step (h \\to 0)",
            )
        sides = self.statement.sides
        for step in steps:
            both = all(step in bench.scope.dependencies(term) for term in (left, right))
            gaps = []
            for size in (1e-2, 1e-3, 1e-4):
                frame = bench.root.child({step: np.full(bench.draws, size)})
                values = []
                for term in (left, right):
                    own = Frame(bench, frame, {}, dict(indices), traced=False)
                    counts = tuple(s.count for s in term.shape)
                    with np.errstate(all="ignore"):
                        values.append(np.broadcast_to(evaluate(term, own), (*counts, bench.draws)))
                gap = np.abs(values[0] - values[1]).reshape(-1, bench.draws).max(axis=0)
                gaps.append(gap / size if both else gap)
            scale = np.abs(values[0]).reshape(-1, bench.draws).max(axis=0) + 1e-3
            shrinks = (gaps[2] <= 0.3 * gaps[1] + 1e-6 * scale) & (
                gaps[1] <= 0.3 * gaps[0] + 1e-6 * scale
            )
            if not np.all(shrinks | (gaps[2] < 1e-5 * scale)):
                number = int(np.flatnonzero(~shrinks)[0])
                names = (self._written(sides[k]), self._written(sides[k + 1]))
                lines = messages.values(
                    names, values[0][..., number], values[1][..., number], {step: 1e-4}
                )
                note = f"the difference does not vanish as {step} shrinks"
                factors = messages.factors(values[0], values[1], slice(None), {}, 2e-3) - {"1"}
                guess = messages.guess(values[0], values[1], slice(None), factors)
                raise Difference(f"the two sides differ: {note}", (*lines, *guess), factors)
            self.compared.append(f"both sides as {step} shrinks")

    def _steps(self, bench: Bench, left: Term, right: Term) -> list[str]:
        """Return the names that shrink: declared as steps, or called like one."""
        used = bench.scope.dependencies(left) | bench.scope.dependencies(right)
        free = [
            n for n in used if bench.scope.entry(n)[0].body is None and not bench.scope.shape_of(n)
        ]
        declared = [name for name in free if bench.scope.entry(name)[0].step]
        if declared:
            return declared
        for usual in ("h", "\\epsilon", "\\varepsilon", "\\Delta", "\\delta", "t", "\\eta"):
            if usual in free:
                return [usual]
        return []

    # -- sets and updates ---------------------------------------------------------------------

    def _membership(
        self, bench: Bench, side: Node, where: Node, axes: dict[str, Size | None]
    ) -> None:

        domain, sizes = set_of(where)
        for item in _items(side):
            term = bench.scope.read(item)
            shape = tuple(bench.scope.size(size) for size in sizes)
            if term.shape != shape and not (not shape and all(s.name == "1" for s in term.shape)):
                note = messages.transposed(term.shape, shape)
                raise Fault(
                    "shape", f"{latex(item)} is {said(term.shape)}, not {said(shape)}{note}"
                )
            for indices in _combinations(axes):
                value = bench.evaluate(term, indices)
                kept = self._counted(bench, np.ones(bench.draws, dtype=bool))
                self._finite(bench, value, kept, latex(item))
                inside = _inside(value, domain)
                if not np.all(inside | ~kept):
                    number = int(np.flatnonzero(~_all(inside))[0])
                    lines = (messages.number(value[..., number]) + " is not in the set",)
                    raise Fault(
                        "relation", f"{latex(item)} is not always in {latex(where)}", NOWHERE, lines
                    )
        self.compared.append("its shape and values")

    def _update(
        self, bench: Bench, target: Node, left: Term, right: Term, letters: dict[str, int]
    ) -> None:
        """Decide an update: it must go downhill, or agree with the code it is tied to."""
        if left.shape != right.shape:
            raise Fault(
                "shape",
                f"the new value is {said(right.shape)}, {latex(target)} is {said(left.shape)}",
            )
        found = bench.scope.resolve(target)
        if found is None:
            raise Fault("undeclared", f"{latex(target)} is no quantity that can be updated")
        if found[0] not in bench.scope.dependencies(right):
            if self.statement.relations == (":=",) and not self.options.code:
                self._related(bench, 0, left, "=", right, {}, [])
            self.compared.append("the shapes")
            return
        cost = self._lowered(bench, found[0], right)
        if cost is None:
            if not self.options.code:
                raise Fault(
                    "undecided", "which cost this update lowers is not said: tie it to code"
                )
            return
        shape = bench.scope.shape_of(found[0])
        slope = Term("derivative", (cost,), shape, data=(found[0], shape))
        if left.op == "entry":
            slope = Term("entry", (slope, *left.args[1:]), left.shape)
        axes = self._axis_letters(bench, self.statement.sides)
        for indices in _combinations(axes):
            change = bench.evaluate(right, indices) - bench.evaluate(left, indices)
            uphill = change * bench.evaluate(slope, indices)
            total = uphill.reshape(-1, bench.draws).sum(axis=0)
            kept = self._counted(bench, np.ones(bench.draws, dtype=bool))
            if np.any(total[kept] > 0):
                name = cost.data if cost.op == "ref" else "the cost"
                raise Fault("ascent", f"the step goes along the gradient: {name} grows")
            if not np.any(total[kept] < 0):
                raise Fault("undecided", "the step does not depend on the gradient of a cost")
        self.compared.append("the cost falls along the step; that")

    def _lowered(self, bench: Bench, name: str, right: Term) -> Term | None:
        """Return the cost that an update of a name is about."""
        for part in _terms(right):
            if part.op == "derivative" and part.data[0] == name and not part.args[0].shape:
                return part.args[0]
        costs = []
        for stored, entry in self.table.entries.items():
            if entry.body is None or entry.is_function or entry.index or entry.indices:
                continue
            try:
                if bench.scope.shape_of(stored) == () and name in bench.dependencies(stored):
                    costs.append(stored)
            except Fault:
                continue
        inner = set().union(*(bench.dependencies(cost) for cost in costs)) if costs else set()
        outer = [cost for cost in costs if cost not in inner]
        return Term("ref", (), (), data=outer[0]) if len(outer) == 1 else None

    # -- code and witnesses -------------------------------------------------------------------

    def _tied(self, bench: Bench, axes: dict[str, Size | None], letters: dict[str, int]) -> None:
        for expression in self.options.code:
            given = ties.run(expression, bench, self.benches.packages, letters)
            which = -1 if self.statement.relations[-1] in UPDATES else 1
            side = self.statement.sides[which]
            self._agrees(bench, side, given, expression, axes, "code")
            self.compared.append(expression)

    def _agrees(
        self,
        bench: Bench,
        side: Node,
        given: Any,
        expression: str,
        axes: dict[str, Size | None],
        kind: Literal["code", "witness"],
    ) -> None:
        """Hold a side of the statement against the value of an expression of Python."""
        term = bench.scope.read(side)
        called = expression.partition("(")[0]
        left = bench.scope.free_letters(self.statement.sides[0])
        running = [letter for letter in left if letter in axes]
        lengths = [size.count if (size := axes[letter]) else 0 for letter in running]
        counts = [*lengths, *(size.count for size in term.shape)]
        shape = given.shape[:-1]
        single = all(count == 1 for count in (*shape, *counts))
        row = bool(term.shape) and term.shape[0].row and list(shape) == counts[1:]
        if list(shape) != counts and not single and not row:
            named = (*(axes[letter] for letter in running), *term.shape)
            want = said(tuple(size for size in named if size is not None))
            raise Fault(
                "shape",
                f"the formula is {want}, {called} gives {messages.named(shape, bench.counts)}",
            )
        for indices in _combinations(axes):
            bench.margin = np.full(bench.draws, np.inf)
            value = bench.evaluate(term, indices)
            where = tuple(indices["index", letter] - 1 for letter in running)
            other = given[where].reshape(value.shape)
            kept = self._counted(bench, self._declared_conditions(bench, term))
            names = ("the formula", called)
            self._finite(bench, value, kept, names[0])
            self._finite(bench, other, kept, names[1])
            if kind == "witness":
                off = relative_difference(value, other)
                if np.any(off[kept] > TOLERANCE):
                    number = int(np.flatnonzero(kept & (off > TOLERANCE))[0])
                    lines = self._lines(bench, value, other, number, names)
                    raise Fault("witness", f"{called} contradicts the formula", NOWHERE, lines)
                continue
            self._equal(bench, value, other, kept, names)

    def _witnessed(self) -> None:
        for witness in self.options.witness:
            for group in (0, 1):
                bench = self.benches.get(group)
                axes = self._axis_letters(bench, self.statement.sides)
                with _running(bench, axes):
                    self._witness(bench, witness, axes)
            self.witnesses.append(witness)

    def _witness(self, bench: Bench, witness: str, axes: dict[str, Size | None]) -> None:
        side = self.statement.sides[-1 if len(self.statement.sides) == 1 else 1]
        name, _, rest = witness.partition("(")
        arguments = [part.strip() for part in rest.rstrip(")").split(",") if part.strip()]
        match name.strip():
            case "nonnegative":
                value = bench.evaluate(bench.scope.read(side), _first(axes))
                low = value.min()
                if low < -1e-12:
                    number = int(np.argmin(value.reshape(-1, bench.draws).min(axis=0)))
                    lines = (
                        f"it is {messages.number(value[..., number])}",
                        messages.at(self._example(bench, number)),
                    )
                    raise Fault("witness", "a cost is never negative, this one is", NOWHERE, lines)
            case "zero_at_fit":
                self._zero_atfitted(bench, side, arguments)
            case "descends":
                self._descends(bench, side, arguments)
            case _:
                given = ties.run(witness, bench, self.benches.packages)
                self._agrees(bench, side, given, witness, axes, "witness")

    def _zero_atfitted(self, bench: Bench, side: Node, arguments: list[str]) -> None:
        if len(arguments) != 2:
            raise Fault("witness", "zero_at_fit needs the prediction and the target")
        names = [ties.symbol_named(bench, argument) for argument in arguments]
        if not all(isinstance(name, str) for name in names):
            raise Fault("undeclared", f"{' or '.join(arguments)} is not declared")
        prediction, target = (str(name) for name in names)
        wanted = bench.root.value(target)
        domain = bench.scope.entry(prediction)[0].domain
        if domain is not None and domain.kind == "interval":
            wanted = np.clip(wanted, domain.low + 1e-13, domain.high - 1e-13)

        term = bench.scope.read(side)
        with np.errstate(all="ignore"):
            value = evaluate(term, bench.root.child({prediction: wanted}))
        worst = float(np.max(np.abs(value)))
        if not worst < 1e-9:
            raise Fault(
                "witness",
                f"a perfect fit ({arguments[0]} = {arguments[1]}) should cost 0",
                NOWHERE,
                (f"it costs {messages.number(np.asarray(worst))}",),
            )

    def _descends(self, bench: Bench, side: Node, arguments: list[str]) -> None:
        """Take a small step along minus the formula: the cost must fall."""
        left = bench.scope.read(self.statement.sides[0])
        slope = next((part for part in _terms(left) if part.op == "derivative"), None)
        if arguments:
            cost, place = (str(ties.symbol_named(bench, argument)) for argument in arguments)
            body = Term("ref", (), (), data=cost)
        elif slope is not None and isinstance(slope.data[0], str) and not slope.args[0].shape:
            body, place = slope.args[0], slope.data[0]
        else:
            raise Fault("witness", "descends needs the cost and the variable: descends(J, w)")

        gradient = bench.evaluate(bench.scope.read(side))
        now = bench.root.value(place)
        stepped = now - 1e-6 * gradient
        before = evaluate(body, bench.root)
        after = evaluate(body, bench.root.child({place: stepped}))
        if np.any(after - before > 1e-13 * np.abs(before)):
            raise Fault("witness", "a small step along minus the gradient does not lower the cost")


# -- helpers ----------------------------------------------------------------------------------


def relative_difference(a: Any, b: Any) -> Any:
    """Return the largest difference of two arrays at each draw, relative to their size.

    >>> relative_difference(np.array([1.0, 2.0]), np.array([1.0, 2.2])).round(3)
    array([0.   , 0.091])
    """
    draws = a.shape[-1]
    a, b = (np.reshape(x, (-1, draws)) for x in np.broadcast_arrays(a, b))
    with np.errstate(all="ignore"):
        size = np.maximum(np.max(np.abs(a), axis=0), np.max(np.abs(b), axis=0))
        return np.max(np.abs(a - b), axis=0) / np.maximum(size, 1e-3)


def printed_unit(node: Node) -> Any:
    r"""Return one unit of the last printed digit, None where no number is printed.

    >>> float(printed_unit(parse("0.25")[0].sides[0]))
    0.01
    """
    match node:
        case Number(text):
            return np.array(10.0 ** -len(text.partition(".")[2]))
        case Sum((_,), (term,)):
            return printed_unit(term)
        case Group((item,), _):
            return printed_unit(item)
        case Binary(left, "\\cdot" | "\\times", Power(Number("10"), exponent)):
            unit = printed_unit(left)

            return None if unit is None else unit * 10.0 ** constant(exponent)
        case Matrix(rows):
            units = [[printed_unit(cell) for cell in row] for row in rows]
            if all(unit is not None for row in units for unit in row):
                return np.array(units, dtype=float)[..., None]
    return None


def _all(truth: Any) -> Any:
    truth = np.asarray(truth)
    return truth if truth.ndim <= 1 else truth.reshape(-1, truth.shape[-1]).all(axis=0)


def _terms(term: Term) -> Iterator[Term]:
    yield term
    for argument in term.args:
        yield from _terms(argument)


def _flat(term: Term) -> Term:
    """Return a 1 by 1 array as its number."""
    for _ in term.shape:
        term = Term("squeeze", (term,), term.shape[1:], term.span)
    return term


def _column(term: Term, shape: Shape) -> Term:
    """Return a printed column of entries as the vector it is compared with."""
    if term.op == "matrix" and len(shape) == 1 and term.shape[1:] and term.shape[1].count == 1:
        return Term("uncolumn", (term,), term.shape[:1], term.span)
    return term


def _combinations(axes: dict[str, Size | None]) -> Iterator[dict[Any, int]]:
    counts = [range(1, size.count + 1) for size in axes.values() if size is not None]
    for numbers in itertools.product(*counts):
        yield {("index", letter): n for letter, n in zip(axes, numbers, strict=True)}


def _first(axes: dict[str, Size | None]) -> dict[Any, int]:
    return next(_combinations(axes))


def _items(node: Node) -> tuple[Node, ...]:
    return node.items if isinstance(node, Group) and len(node.items) > 1 else (node,)


def _spoken_index(node: Node) -> bool:
    """Whether an expression is a lone index, as in "layer l - 1"."""
    return any(isinstance(part, Symbol) for part in walk(node)) and all(
        isinstance(part, Number | Sum) or (isinstance(part, Symbol) and part.name in RUNNING)
        for part in walk(node)
    )


def _sizes_of_set(node: Node) -> bool | None:
    for part in walk(node):
        if (
            isinstance(part, Symbol)
            and part.name.startswith("\\mathbb{")
            and part.name != "\\mathbb{1}"
        ):
            return True
    return None


def _inside(value: Any, domain: Any) -> Any:
    match domain.kind:
        case "natural":
            return (value == np.round(value)) & (value >= 0)
        case "integer":
            return value == np.round(value)
        case "set":
            return np.isclose(value[..., None], np.array(domain.values), atol=1e-9).any(axis=-1)
        case "interval":
            low = value >= domain.low if domain.low_closed else value > domain.low
            high = value <= domain.high if domain.high_closed else value < domain.high
            return low & high
    return np.isfinite(value)


class _letters:
    """Letters that number members stand for one number for a while."""

    def __init__(self, bench: Bench, letters: dict[str, int]) -> None:
        self.scope, self.letters = bench.scope, letters

    def __enter__(self) -> None:
        self.kept, self.scope.letters = self.scope.letters, self.letters

    def __exit__(self, *_: object) -> None:
        self.scope.letters = self.kept


class _running:
    """Letters that run over axes for a while."""

    def __init__(self, bench: Bench, axes: dict[str, Size | None]) -> None:
        self.scope, self.axes = bench.scope, axes

    def __enter__(self) -> None:
        self.kept, self.scope.running = self.scope.running, dict(self.axes)

    def __exit__(self, *_: object) -> None:
        self.scope.running = self.kept


def _refuse_unknown(node: Node, bench: Bench, statement: Statement) -> None:
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
        if place and len(plain(name)) == 1 and (capital in stems):
            continue
        raise bench.scope.unknown(part)


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


def _bound_letters(statement: Statement) -> set[str]:

    bound: set[str] = set()
    for part in walk((statement.sides, statement.conditions)):
        match part:
            case Big(_, lower, _, _):
                letter = lower.sides[0] if isinstance(lower, Chain) else lower
                if isinstance(letter, Symbol):
                    bound.add(letter.name)
            case EvaluatedAt(conditions):
                for chain in conditions:
                    if isinstance(chain, Chain) and isinstance(chain.sides[0], Symbol):
                        bound.add(chain.sides[0].name)
            case Product(factors):
                for factor in factors:
                    core, wrappers = peel(factor)
                    if builtin(core) in ("max", "min", "argmax", "argmin"):
                        for wrapper in wrappers:
                            bound |= {p.name for p in walk(wrapper) if isinstance(p, Symbol)}
    return bound - {"\\max", "\\min"}


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
            for name in node.__dataclass_fields__:
                if name != "span":
                    yield from _meaningful(getattr(node, name))


def _is_derivative(node: Node) -> bool:
    try:
        return derivative_variables(node) is not None
    except Fault:
        return False
