"""Memberships in sets."""

from __future__ import annotations

from typing import Any

import numpy as np

from checked_math import messages
from checked_math.comparison import all_entries, first_draw
from checked_math.decision import Decision, combinations
from checked_math.faults import NOWHERE, Fault
from checked_math.notation import items_of
from checked_math.symbols import Domain, set_of
from checked_math.terms import Size, said
from checked_math.tree import (
    Node,
    latex,
)
from checked_math.values import Bench


def membership(
    decision: Decision, bench: Bench, side: Node, where: Node, axes: dict[str, Size | None]
) -> None:
    """Decide that a side, or each item of a list, lies in a set: by its shape and its values."""
    domain, sizes = set_of(where)
    for item in items_of(side):
        term = bench.scope.read(item)
        shape = bench.scope.sizes(sizes)
        if term.shape != shape and not (not shape and all(s.name == "1" for s in term.shape)):
            note = messages.transposed(term.shape, shape)
            raise Fault("shape", f"{latex(item)} is {said(term.shape)}, not {said(shape)}{note}")
        for indices in combinations(axes):
            value = bench.evaluate(term, indices)
            kept = decision.counted(bench)
            decision.hold_finite(bench, value, kept, latex(item))
            inside = _inside(value, domain)
            if not np.all(inside | ~kept):
                number = first_draw(~all_entries(inside))
                lines = (messages.number(value[..., number]) + " is not in the set",)
                raise Fault(
                    "relation", f"{latex(item)} is not always in {latex(where)}", NOWHERE, lines
                )
    decision.compared.append("its shape and values")


def _inside(value: Any, domain: Domain) -> Any:
    """Return which entries of an array lie in a domain."""
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
