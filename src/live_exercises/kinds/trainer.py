"""The chain rule trainer: small graphs to fill in, value by value and gradient by gradient.

``{trainer}`` has ``{hints}`` and an ``{explanation}``.

The page's script deals the graphs, each from a number that stands in the page's address. It
computes them by ``arithmetic.js``, which the tests hold against `backprop.chain_rule`, and answers
a wrong entry with the rule that it breaks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docutils import nodes
from sphinx.locale import _

from live_exercises.directives import ExerciseDirective, Parts
from live_exercises.exercise import Exercise

RULES = {
    "sum": "This node adds what comes in.",
    "difference": "This node subtracts the second number from the first.",
    "product": "This node multiplies what comes in.",
    "square": "This node squares: the number times itself.",
    "maximum": "This node passes on the larger of the two.",
    "sigmoid": "This node is the sigmoid of what comes in.",
    "last": "The last node's gradient is one: it moves exactly as much as itself.",
    "one path": "This number is used more than once: add what the paths bring.",
    "slope alone": "That is the slope of the step alone: multiply by the gradient that comes in.",
    "slope missing": "That is the gradient that comes in: multiply by the slope of the step.",
    "own value": "At a product, the slope is the other number, not this one.",
    "value": "That is its value, not its gradient.",
    "sign": "The size is right and the sign is turned: which way does the result move?",
    "closed": "The maximum lets only the larger number through: the other one gets nothing.",
    "square's two": "The slope of a square is twice the number.",
    "unknown": "Gradient of the next node, times the slope of that step; several paths are added.",
}
"""What a wrong entry is told."""


@dataclass(frozen=True, kw_only=True)
class Trainer(Exercise):
    """An exercise that deals graphs to fill in."""

    kind = "trainer"

    def data(self) -> dict[str, Any]:
        """Give what the page's script must know."""
        return {"kind": "trainer", "rules": RULES}

    def faults(self) -> Iterator[tuple[int, str]]:
        """Find nothing wrong: what it asks is made by the page."""
        yield from ()


class TrainerDirective(ExerciseDirective):
    """``{trainer}``: graphs to fill in."""

    parts = ("hints", "explanation")

    def record(self, name: str, parts: Parts) -> Trainer:
        """Make the record."""
        return Trainer(name=name, line=self.lineno, skill=self.skill)

    def body(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Keep the place where the script puts a graph."""
        text = _("The graphs are dealt by a script, which this page could not run.")
        yield nodes.paragraph("", text, classes=["trainer"])
