"""What is shared while a statement is decided: its letters, its samples, and how values compare."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from checked_math import messages, ties
from checked_math.comparison import (
    LIMIT_TOLERANCE,
    TOLERANCE,
    all_entries,
    first_draw,
    relative_difference,
)
from checked_math.conditions import condition
from checked_math.faults import NOWHERE, Fault
from checked_math.scope import Beyond
from checked_math.symbols import Table
from checked_math.terms import Size, Term, subterms
from checked_math.ties import Packages
from checked_math.tree import Indexed, Member, Node, Power, Statement, Symbol, latex, walk
from checked_math.values import KINK, Bench

ORDERS = ("<", ">", "\\le", "\\ge", "\\ne")
UPDATES = ("\\leftarrow", ":=")


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
        bench.forget()
        return bench


class Difference(Fault):
    """Two values differ, perhaps by a factor that is the same at every draw."""

    def __init__(self, message: str, details: tuple[str, ...], factors: frozenset[str]) -> None:
        super().__init__("differ", message, NOWHERE, details)
        self.factors = factors


def combinations(axes: dict[str, Size | None]) -> Iterator[dict[Any, int]]:
    """Yield every choice of numbers for the letters that run, as the frames know them."""
    counts = [range(1, size.count + 1) for size in axes.values() if size is not None]
    for numbers in itertools.product(*counts):
        yield {("index", letter): n for letter, n in zip(axes, numbers, strict=True)}


class Decision:
    """One statement on its way to a verdict: its letters, its draws, and what was compared.

    Parameters
    ----------
    text : str
        The formula, for what is said of it.
    statement : Statement
        The statement of the formula.
    options : Options
        What stands beside the formula.
    benches : Benches
        The sizes and draws.
    deciding : callable
        Decides the statement under one choice of sizes, draws and members of families. It is
        given, since whoever finds a difference asks what other sizes and shorter numbers make of
        it.

    Attributes
    ----------
    draws : int
        At how many draws the statement was compared.
    largest : float
        The largest relative difference.
    derivative, limit, random : bool
        Whether the statement holds such a thing.
    compared, witnesses : list of str
        What was compared with what.
    """

    def __init__(
        self,
        text: str,
        statement: Statement,
        options: Options,
        benches: Benches,
        deciding: Callable[[Decision, Bench, dict[str, int]], None],
    ) -> None:
        self.text = text
        self.statement = statement
        self.options = options
        self.benches = benches
        self.deciding = deciding
        self.kept = 0
        self.draws = 0
        self.largest = 0.0
        self.derivative = False
        self.limit = False
        self.random = False
        self.compared: list[str] = []
        self.witnesses: list[str] = []

    def member_letters(self, bench: Bench, sides: tuple[Node, ...]) -> Iterator[dict[str, int]]:
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
        for entry in self.benches.table.entries.values():
            if entry.index == letter and not entry.is_size:
                first, last = scope.limits(entry)
                return range(first, last + 1)
        last_one = scope.whole(Symbol(letter.upper()))
        if last_one is None:
            raise Fault(
                "undeclared", f"how far {letter} runs is not declared: give {letter.upper()}"
            )
        return range(1, last_one + 1)

    def axis_letters(self, bench: Bench, sides: tuple[Node, ...]) -> dict[str, Size | None]:
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

    def in_group(self, group: int, *, short: bool = False) -> None:
        """Decide the statement under one choice of sizes, for all members of its families."""
        bench = self.benches.get(group, short=short)
        self.kept = bench.draws
        beyond: Beyond | None = None
        decided = False
        for letters in self.member_letters(bench, self.statement.sides):
            try:
                with bench.scope.numbering(letters):
                    self.deciding(self, bench, letters)
                decided = True
            except Beyond as fault:
                if not letters:
                    raise
                beyond = fault
        if not decided and beyond is not None:
            raise beyond
        if not short:
            self.draws += self.kept

    def note(self, bench: Bench, *terms: Term) -> None:
        """Note what the figures say: derivatives, limits, anything drawn at random."""
        for term in terms:
            for part in subterms(term):
                self.derivative |= part.op == "derivative"
                self.limit |= part.op == "limit"
                self.random |= part.op == "function"
            for name in bench.scope.dependencies(term):
                definition = bench.scope.entry(name)[0].body
                self.random |= definition is None
                self.derivative |= definition is not None and any(
                    part.op == "derivative" for part in subterms(bench.scope.definition(name))
                )

    def written(self, side: Node) -> str:
        """Return a side as the author wrote it."""
        return " ".join(side.span.of(self.text).split()) or latex(side)

    def names(self, k: int) -> tuple[str, str]:
        """Return the sides of a relation as the author wrote them."""
        return self.written(self.statement.sides[k]), self.written(self.statement.sides[k + 1])

    def declared_conditions(self, bench: Bench, *terms: Term) -> Any:
        """Return the draws that meet what the declarations say besides the domains."""
        kept = np.ones(bench.draws, dtype=bool)
        for name in sorted(set().union(*(bench.scope.dependencies(term) for term in terms))):
            for chain in bench.scope.entry(name)[0].conditions:
                kept &= all_entries(bench.evaluate(condition(bench.scope, chain)))
        return kept

    def counted(self, bench: Bench, kept: Any = None) -> Any:
        """Leave out draws at a kink, unless all are there: then the values were given."""
        if kept is None:
            kept = np.ones(bench.draws, dtype=bool)
        clear = kept & (bench.margin > KINK)
        if clear.any():
            kept = clear
            self.kept = min(self.kept, int(clear.sum()))
        elif self.derivative and np.any(bench.margin <= KINK):
            raise Fault("undecided", "the derivative is wanted at a kink")
        if kept.sum() < bench.draws // 8:
            raise Fault("undecided", "too few draws meet the condition")
        return kept

    def hold_finite(self, bench: Bench, value: Any, kept: Any, name: str) -> None:
        """Refuse a value that is not finite at every draw that counts."""
        bad = kept & ~all_entries(np.isfinite(value))
        if bad.any():
            why = bench.complaints[0] if bench.complaints else "no finite value"
            number = first_draw(bad)
            raise Fault(
                "domain", f"{why} in {name}", details=(messages.at(self.example(bench, number)),)
            )

    def hold_equal(self, bench: Bench, a: Any, b: Any, kept: Any, names: tuple[str, str]) -> None:
        """Refuse two values that differ at a draw that counts."""
        a, b = np.broadcast_arrays(a, b)
        off = relative_difference(a, b)
        self.largest = max(self.largest, float(off[kept].max()))
        wrong = kept & ~(off <= (LIMIT_TOLERANCE if self.limit else TOLERANCE))
        if wrong.any():
            self._differ(bench, a, b, wrong, kept, names)

    def _differ(
        self, bench: Bench, a: Any, b: Any, wrong: Any, kept: Any, names: tuple[str, str]
    ) -> None:
        """Raise the difference, with the shortest example and a guess what explains it."""
        if not bench.short:
            guess, found = self._guess(bench, a, b, kept, names)
            example = self.lines(bench, a, b, first_draw(wrong), names)
            try:
                self.in_group(0, short=True)
            except Fault as fault:
                if fault.kind == "differ":
                    example = fault.details
            raise Difference(messages.differ(names), (*example, *guess), found)
        number = min(
            (int(n) for n in np.flatnonzero(wrong)),
            key=lambda n: len(messages.at(self.example(bench, n))),
        )
        raise Fault(
            "differ", messages.differ(names), NOWHERE, self.lines(bench, a, b, number, names)
        )

    def _guess(
        self, bench: Bench, a: Any, b: Any, kept: Any, names: tuple[str, str]
    ) -> tuple[tuple[str, ...], frozenset[str]]:
        """Return what explains the difference, and the names of the factor where it is one."""
        if names[0] == "the formula":  # code is the measure of the formula
            a, b = b, a
        found = messages.factors(a, b, kept, bench.counts)
        if found and bench.group == 0:  # 3 may be n: other sizes tell
            try:
                self.in_group(1)
            except Difference as other:
                found &= other.factors
            except Fault:
                pass
        return messages.guess(a, b, kept, found), found

    def lines(
        self, bench: Bench, a: Any, b: Any, number: int, names: tuple[str, str]
    ) -> tuple[str, ...]:
        """Return both values at one draw, and the point."""
        return messages.values(names, a[..., number], b[..., number], self.example(bench, number))

    def example(self, bench: Bench, number: int) -> dict[str, Any]:
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
