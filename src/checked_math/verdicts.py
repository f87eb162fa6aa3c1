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

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from checked_math.conditions import condition
from checked_math.decision import UPDATES, Benches, Decision, Difference, Options
from checked_math.faults import NOWHERE, Fault, Kind, Span
from checked_math.meanings import refuse_unknown
from checked_math.memberships import membership
from checked_math.notation import items_of
from checked_math.relations import matched, related
from checked_math.symbols import RUNNING, Table, is_literal
from checked_math.syntax import parse
from checked_math.terms import Size
from checked_math.ties import Packages
from checked_math.tree import Dots, Node, Number, Statement, Sum, Symbol, latex, walk
from checked_math.updates import update
from checked_math.values import Bench
from checked_math.witnesses import tied, witnessed

DEFINED = ("the definition",)
Word = Literal["holds", "fails", "cannot be decided", "states nothing", "declared"]


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
    def only_read(self) -> bool:
        """Whether it is a definition that nothing was compared with."""
        return self.compared == DEFINED and not self.witnesses

    @property
    def figures(self) -> str:
        """Return what was compared with what, for the scope."""
        return _figures(self)


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
        verdict = _verdict(Decision(text, statement, options, benches, _at_letters))
        return replace(verdict, source=source, span=statement.span, printed=latex(statement))
    except Fault as fault:
        return _failed(text, fault, statement)
    except RecursionError:
        return _failed(text, Fault("undecided", "the formula is nested too deeply"), statement)
    except (ArithmeticError, ValueError, IndexError, KeyError, np.linalg.LinAlgError) as error:
        unvalued = Fault("undecided", f"it cannot be evaluated ({type(error).__name__}: {error})")
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


def _verdict(decision: Decision) -> Verdict:
    """Return the verdict; a fault where it fails."""
    statement = decision.statement
    bench = decision.benches.get(0)
    for side in statement.sides:
        refuse_unknown(side, bench, statement)
    match statement.relations:
        case ():
            return _lone(decision, bench)
        case (":", *_):
            return _function_statement(decision, bench)
        case relations if set(relations) <= {"\\to"}:
            return Verdict("states nothing", "")
    for group in (0, 1):
        decision.in_group(group)
    witnessed(decision)
    return Verdict(
        "holds",
        "",
        compared=tuple(dict.fromkeys(decision.compared)),
        witnesses=tuple(decision.witnesses),
        draws=decision.draws if decision.random else 0,
        largest=decision.largest,
        derivative=decision.derivative,
    )


def _lone(decision: Decision, bench: Bench) -> Verdict:
    """Read an expression that states nothing: its letters and shapes must still be right."""
    (side,) = decision.statement.sides
    try:
        for item in items_of(side):
            if (
                _spoken_index(item)
                or _names_set(item)
                or any(isinstance(p, Dots) for p in walk(item))
            ):
                continue
            for letters in decision.member_letters(bench, (item,)):
                with (
                    bench.scope.numbering(letters),
                    bench.scope.running_over(decision.axis_letters(bench, (item,))),
                ):
                    bench.scope.read(item)
    except Fault as fault:
        if fault.kind != "undecided":
            raise
    return Verdict("states nothing", "")


def _function_statement(decision: Decision, bench: Bench) -> Verdict:
    r"""Read ``f \colon A \to B``, which states nothing of a function that is declared."""
    if bench.scope.function(decision.statement.sides[0]) is None:
        raise Fault(
            "undeclared", f"{latex(decision.statement.sides[0])} is not declared a function"
        )
    return Verdict("states nothing", "")


def _at_letters(decision: Decision, bench: Bench, letters: dict[str, int]) -> None:
    """Decide every relation of the statement, and its ties, for one choice of members."""
    sides = decision.statement.sides
    axes = decision.axis_letters(bench, sides)
    _bound_on_the_left(decision, bench, axes)
    with bench.scope.running_over(axes):
        conditions = [condition(bench.scope, chain) for chain in decision.statement.conditions]
        for k, relation in enumerate(decision.statement.relations):
            if relation == "\\in":
                membership(decision, bench, sides[k], sides[k + 1], axes)
                continue
            left, right = bench.scope.read(sides[k]), bench.scope.read(sides[k + 1])
            decision.note(bench, left, right)
            if relation in UPDATES:
                update(decision, bench, sides[k], left, right)
            else:
                left, right = matched(left, right, sides[k], sides[k + 1], relation)
                related(decision, bench, k, left, relation, right, axes, conditions)
        tied(decision, bench, axes, letters)


def _bound_on_the_left(decision: Decision, bench: Bench, axes: dict[str, Size | None]) -> None:
    """Refuse a letter that runs on the right side alone: it has no meaning."""
    left, *others = decision.statement.sides
    if is_literal(left):
        return
    bound = set(bench.scope.free_letters(left))
    for side, relation in zip(others, decision.statement.relations, strict=True):
        if relation not in ("=", "\\approx", *UPDATES):
            continue
        for letter in bench.scope.free_letters(side):
            if letter in axes and letter not in bound:
                why = f"{letter} runs on one side only: what it means there is not given"
                raise Fault("undeclared", why)


def _spoken_index(node: Node) -> bool:
    """Whether an expression is a lone index, as in "layer l - 1"."""
    return any(isinstance(part, Symbol) for part in walk(node)) and all(
        isinstance(part, Number | Sum) or (isinstance(part, Symbol) and part.name in RUNNING)
        for part in walk(node)
    )


def _names_set(node: Node) -> bool:
    """Whether an expression speaks of a set, whose exponents are sizes."""
    return any(
        isinstance(part, Symbol)
        and part.name.startswith("\\mathbb{")
        and part.name != "\\mathbb{1}"
        for part in walk(node)
    )


def _figures(verdict: Verdict) -> str:
    """Return what was compared with what, in one line."""
    if verdict.message and verdict.word == "holds":
        return verdict.message
    if verdict.word != "holds":
        return ""
    parts = " and ".join(verdict.compared) or "it"
    equal = [part for part in verdict.compared if part != "the definition"]
    several = len(verdict.compared) > 1 or parts.startswith("both")
    verb = "agree" if several else "hold" if parts.endswith("s") else "holds"
    if verdict.compared == DEFINED:
        return "a definition: its letters and shapes were read" + _witnesses(verdict)
    where = f" at {verdict.draws} random points" if verdict.draws else " as they stand"
    text = f"{parts} {verb}{where if verb == 'agree' or verdict.draws else ''}"
    if any(not part.startswith(("the ", "its ")) for part in equal):
        largest = f"largest relative difference {verdict.largest:.0e}"
        text += f"; {largest if verdict.largest else 'no difference'}"
    if verdict.derivative:
        text += "; derivative from the definition, by automatic differentiation and by differences"
    return text + _witnesses(verdict)


def _witnesses(verdict: Verdict) -> str:
    return "; witness: " + ", ".join(verdict.witnesses) if verdict.witnesses else ""
