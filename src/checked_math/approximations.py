"""Nearly equal: rounded to the digits printed, or nearer with every smaller step."""

from __future__ import annotations

from typing import Any

import numpy as np

from checked_math import messages
from checked_math.comparison import all_entries, first_draw
from checked_math.decision import Decision, Difference
from checked_math.faults import NOWHERE, Fault
from checked_math.symbols import constant
from checked_math.terms import Term
from checked_math.tree import Binary, Group, Matrix, Node, Number, Power, Sum, latex
from checked_math.values import Bench, Frame, evaluate


def approximate(
    decision: Decision,
    bench: Bench,
    k: int,
    left: Term,
    right: Term,
    indices: dict[Any, int],
    kept: Any,
) -> None:
    """Decide that two sides are nearly equal: by the digits printed, or as a step shrinks."""
    sides = decision.statement.sides
    a, b = bench.evaluate(left, indices), bench.evaluate(right, indices)
    kept = decision.counted(bench, kept)
    for value, side in ((a, sides[k]), (b, sides[k + 1])):
        decision.hold_finite(bench, value, kept, latex(side))
    units = printed_unit(sides[k + 1]), printed_unit(sides[k])
    if units[0] is not None or units[1] is not None:
        unit = units[0] if units[0] is not None else units[1]
        a, b = np.broadcast_arrays(a, b)
        off = np.abs(a - b)
        wrong = kept & ~all_entries(off <= 0.5 * np.asarray(unit) * (1 + 1e-9) + 1e-12 * np.abs(a))
        if wrong.any():
            number = first_draw(wrong)
            names = decision.names(k)
            lines = decision.lines(bench, a, b, number, names)
            raise Fault("rounding", "the printed digits are not the rounded value", NOWHERE, lines)
        decision.compared.append("the value, rounded to the printed digits,")
        return
    _limit_of_step(decision, bench, k, left, right, indices)


def printed_unit(node: Node) -> Any:
    r"""Return one unit of the last printed digit, None where no number is printed.

    >>> from checked_math.syntax import parse
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


def _limit_of_step(
    decision: Decision, bench: Bench, k: int, left: Term, right: Term, indices: dict[Any, int]
) -> None:
    r"""Hold ``\approx`` between symbols against a step that shrinks."""
    steps = _steps(bench, left, right)
    if not steps:
        raise Fault(
            "undecided",
            "what makes the two sides nearly equal is not given: print digits, or declare a "
            "step (h \\to 0)",
        )
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
            number = first_draw(~shrinks)
            names = decision.names(k)
            lines = messages.values(
                names, values[0][..., number], values[1][..., number], {step: 1e-4}
            )
            note = f"the difference does not vanish as {step} shrinks"
            factors = messages.factors(values[0], values[1], slice(None), {}, 2e-3) - {"1"}
            guess = messages.guess(values[0], values[1], slice(None), factors)
            raise Difference(f"the two sides differ: {note}", (*lines, *guess), factors)
        decision.compared.append(f"both sides as {step} shrinks")


def _steps(bench: Bench, left: Term, right: Term) -> list[str]:
    """Return the names that shrink: declared as steps, or called like one."""
    used = bench.scope.dependencies(left) | bench.scope.dependencies(right)
    free = [n for n in used if bench.scope.entry(n)[0].body is None and not bench.scope.shape_of(n)]
    declared = [name for name in free if bench.scope.entry(name)[0].step]
    if declared:
        return declared
    for usual in ("h", "\\epsilon", "\\varepsilon", "\\Delta", "\\delta", "t", "\\eta"):
        if usual in free:
            return [usual]
    return []
