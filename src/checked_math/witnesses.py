"""A statement against what stands outside it: code, other libraries, known properties."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from checked_math import messages, ties
from checked_math.comparison import TOLERANCE, first_draw, relative_difference
from checked_math.decision import UPDATES, Decision, combinations
from checked_math.faults import NOWHERE, Fault
from checked_math.terms import Size, Term, said, subterms
from checked_math.tree import Node
from checked_math.values import Bench, evaluate


def tied(
    decision: Decision, bench: Bench, axes: dict[str, Size | None], letters: dict[str, int]
) -> None:
    """Compare the statement with the code it is tied to."""
    for expression in decision.options.code:
        given = ties.run(expression, bench, decision.benches.packages, letters)
        which = -1 if decision.statement.relations[-1] in UPDATES else 1
        side = decision.statement.sides[which]
        _agrees(decision, bench, side, given, expression, axes, "code")
        decision.compared.append(expression)


def _agrees(
    decision: Decision,
    bench: Bench,
    side: Node,
    given: Any,
    expression: str,
    axes: dict[str, Size | None],
    kind: Literal["code", "witness"],
) -> None:
    """Compare a side of the statement with the value of an expression of Python."""
    term = bench.scope.read(side)
    called = expression.partition("(")[0]
    left = bench.scope.free_letters(decision.statement.sides[0])
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
            "shape", f"the formula is {want}, {called} gives {messages.named(shape, bench.counts)}"
        )
    for indices in combinations(axes):
        bench.margin = np.full(bench.draws, np.inf)
        value = bench.evaluate(term, indices)
        where = tuple(indices["index", letter] - 1 for letter in running)
        other = given[where].reshape(value.shape)
        kept = decision.counted(bench, decision.declared_conditions(bench, term))
        names = ("the formula", called)
        decision.hold_finite(bench, value, kept, names[0])
        decision.hold_finite(bench, other, kept, names[1])
        if kind == "witness":
            off = relative_difference(value, other)
            if np.any(off[kept] > TOLERANCE):
                number = first_draw(kept & (off > TOLERANCE))
                lines = decision.lines(bench, value, other, number, names)
                raise Fault("witness", f"{called} contradicts the formula", NOWHERE, lines)
            continue
        decision.hold_equal(bench, value, other, kept, names)


def witnessed(decision: Decision) -> None:
    """Check the statement against its witnesses."""
    for witness in decision.options.witness:
        for group in (0, 1):
            bench = decision.benches.get(group)
            axes = decision.axis_letters(bench, decision.statement.sides)
            with bench.scope.running_over(axes):
                _witness(decision, bench, witness, axes)
        decision.witnesses.append(witness)


def _witness(decision: Decision, bench: Bench, witness: str, axes: dict[str, Size | None]) -> None:
    """Check the statement against one witness: a property by its name, or an expression."""
    side = decision.statement.sides[-1 if len(decision.statement.sides) == 1 else 1]
    name, _, rest = witness.partition("(")
    arguments = [part.strip() for part in rest.rstrip(")").split(",") if part.strip()]
    match name.strip():
        case "nonnegative":
            value = bench.evaluate(bench.scope.read(side), next(combinations(axes)))
            low = value.min()
            if low < -1e-12:
                number = int(np.argmin(value.reshape(-1, bench.draws).min(axis=0)))
                lines = (
                    f"it is {messages.number(value[..., number])}",
                    messages.at(decision.example(bench, number)),
                )
                raise Fault("witness", "a cost is never negative, this one is", NOWHERE, lines)
        case "zero_at_fit":
            _zero_at_fit(bench, side, arguments)
        case "descends":
            _descends(decision, bench, side, arguments)
        case _:
            given = ties.run(witness, bench, decision.benches.packages)
            _agrees(decision, bench, side, given, witness, axes, "witness")


def _zero_at_fit(bench: Bench, side: Node, arguments: list[str]) -> None:
    """Refuse a cost that is not 0 where the prediction is the target."""
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


def _descends(decision: Decision, bench: Bench, side: Node, arguments: list[str]) -> None:
    """Take a small step along minus the formula: the cost must fall."""
    left = bench.scope.read(decision.statement.sides[0])
    slope = next((part for part in subterms(left) if part.op == "derivative"), None)
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
