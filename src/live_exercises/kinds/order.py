"""Put steps in order.

``{order}`` has its steps in ``{in-order}``, ``{slips}``, ``{hints}`` and an ``{explanation}``.

The steps are written in their right order; the page shows them in another one, always the same. A
slip names two steps by their numbers, and says why they may not stand in that order. Where two
neighbours may change places, ``:free: 1 2`` says so.
"""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.locale import _

from live_exercises.directives import ExerciseDirective, Parts
from live_exercises.exercise import Exercise, WrongAnswer, untold

SO_FAR = "The first {0} are in their places; look at what follows."
NOT_YET = "The first step is another one."


@dataclass(frozen=True, kw_only=True)
class Order(Exercise):
    """An exercise whose answer is an order of steps.

    Attributes
    ----------
    count : int
        How many steps there are; their numbers, from 0, are their right places.
    slips : tuple of (int, int, WrongAnswer)
        A step, one before which it may not stand, and what is said then.
    free : tuple of int
        Steps that may stand in any order among themselves.
    """

    kind = "order"
    count: int
    slips: tuple[tuple[int, int, WrongAnswer], ...]
    free: tuple[int, ...] = ()

    @property
    def mixed(self) -> list[int]:
        """The order in which the page shows the steps: not the right one."""
        steps = list(range(self.count))
        draw = random.Random(self.name)
        while self.judge(steps) is None:
            draw.shuffle(steps)
        return steps

    def judge(self, steps: Sequence[int]) -> str | None:
        """Say what is wrong with an order of the steps, or None if nothing is.

        Examples
        --------
        >>> slip = (2, 1, WrongAnswer("3 before 2", "You need the gradients first.", 9))
        >>> asked = Order(name="descent", line=1, count=3, slips=(slip,))
        >>> asked.judge([0, 2, 1]), asked.judge([1, 0, 2]), asked.judge([0, 1, 2])
        ('You need the gradients first.', 'The first step is another one.', None)
        """
        first = {step: min(self.free) if step in self.free else step for step in steps}
        places = sorted(first.values())
        right = [first[step] == place for step, place in zip(steps, places, strict=True)]
        if all(right):
            return None
        for early, late, slip in self.slips:
            if steps.index(early) < steps.index(late):
                return slip.message
        so_far = right.index(False)
        return SO_FAR.format(so_far) if so_far else NOT_YET

    def data(self) -> dict[str, Any]:
        """Give what the page's script must know."""
        return {
            "kind": "order",
            "mixed": self.mixed,
            "slips": [[early, late, slip.message] for early, late, slip in self.slips],
            "free": self.free,
        }

    def faults(self) -> Iterator[tuple[int, str]]:
        """Find what is wrong with the exercise itself."""
        yield from untold(self, [slip for _, _, slip in self.slips])
        if self.count < 3:
            yield self.line, f"exercise {self.name!r} has {self.count} steps: write at least 3"
        for early, late, slip in self.slips:
            if early <= late or {early, late} <= {*self.free}:
                yield (
                    slip.line,
                    f"step {early + 1} does stand before step {late + 1} in exercise {self.name!r}",
                )


class OrderDirective(ExerciseDirective):
    """``{order}``: steps in their right order."""

    parts = ("in-order", "slips", "hints", "explanation")
    option_spec: ClassVar[dict[str, Any]] = {
        **ExerciseDirective.option_spec,
        "free": directives.positive_int_list,
    }

    def record(self, name: str, parts: Parts) -> Order:
        """Count the steps, and read the slips."""
        steps = next(parts["in-order"][0].findall(nodes.enumerated_list), None)
        if steps is None:
            raise ValueError("{in-order} has a numbered list of the steps in their right order")
        slips = []
        for offset, line in enumerate(parts["slips"][0]["code"].splitlines()):
            found = re.fullmatch(r"(\d+) before (\d+) : (.+)", line.strip())
            if found is None:
                raise ValueError(f"'{line}' is not 'NUMBER before NUMBER : message'")
            early, late = int(found[1]) - 1, int(found[2]) - 1
            if max(early, late) >= len(steps):
                raise ValueError(f"'{line}' names a step that there is not")
            at = parts["slips"][0]["line"] + 1 + offset
            slips.append((early, late, WrongAnswer(f"{found[1]} before {found[2]}", found[3], at)))
        return Order(
            name=name,
            line=self.lineno,
            skill=self.skill,
            count=len(steps),
            slips=tuple(slips),
            free=tuple(number - 1 for number in self.options.get("free", ())),
        )

    def body(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Show the steps, mixed."""
        steps = next(parts["in-order"][0].findall(nodes.enumerated_list))
        items = (steps[number].deepcopy() for number in record.mixed)
        yield nodes.bullet_list("", *items, classes=["steps"])

    def solution(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Show the steps in order, and why."""
        yield nodes.paragraph("", _("In order:"))
        yield from parts["in-order"][0].children
        yield from super().solution(record, parts)
