"""Updates: the steps of a descent must go downhill."""

from __future__ import annotations

import numpy as np

from checked_math.decision import Decision, combinations
from checked_math.faults import Fault
from checked_math.relations import related
from checked_math.terms import Term, said, subterms
from checked_math.tree import Node, latex
from checked_math.values import Bench


def update(decision: Decision, bench: Bench, target: Node, left: Term, right: Term) -> None:
    """Decide an update: it must go downhill, or agree with the code it is tied to."""
    if left.shape != right.shape:
        raise Fault(
            "shape", f"the new value is {said(right.shape)}, {latex(target)} is {said(left.shape)}"
        )
    found = bench.scope.resolve(target)
    if found is None:
        raise Fault("undeclared", f"{latex(target)} is not a quantity that can be updated")
    if found[0] not in bench.scope.dependencies(right):
        if decision.statement.relations == (":=",) and not decision.options.code:
            related(decision, bench, 0, left, "=", right, {}, [])
        decision.compared.append("the shapes")
        return
    cost = _lowered(decision, bench, found[0], right)
    if cost is None:
        if not decision.options.code:
            raise Fault("undecided", "which cost this update lowers is not given: tie it to code")
        return
    shape = bench.scope.shape_of(found[0])
    slope = Term("derivative", (cost,), shape, data=(found[0], shape))
    if left.op == "entry":
        slope = Term("entry", (slope, *left.args[1:]), left.shape)
    axes = decision.axis_letters(bench, decision.statement.sides)
    for indices in combinations(axes):
        change = bench.evaluate(right, indices) - bench.evaluate(left, indices)
        uphill = change * bench.evaluate(slope, indices)
        total = uphill.reshape(-1, bench.draws).sum(axis=0)
        kept = decision.counted(bench)
        if np.any(total[kept] > 0):
            name = cost.data if cost.op == "ref" else "the cost"
            raise Fault("ascent", f"the step goes along the gradient: {name} grows")
        if not np.any(total[kept] < 0):
            raise Fault("undecided", "the step does not depend on the gradient of a cost")
    decision.compared.append("the cost falls along the step; that")


def _lowered(decision: Decision, bench: Bench, name: str, right: Term) -> Term | None:
    """Return the cost that an update of a name is about."""
    for part in subterms(right):
        if part.op == "derivative" and part.data[0] == name and not part.args[0].shape:
            return part.args[0]
    costs = []
    for stored, entry in decision.benches.table.entries.items():
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
