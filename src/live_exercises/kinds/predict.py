"""Say what code will print, then see it.

``{predict}`` has a ``{snippet}``, a ``{blank}``, ``{hints}`` and an ``{explanation}``.

The build runs the code: what it prints is the right answer. Each line of the blank is a wrong one,
and what it must be told.
"""

import contextlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from docutils import nodes
from sphinx.locale import _

from live_exercises.directives import ExerciseDirective, Parts, code_block
from live_exercises.exercise import Exercise, as_it_was, message, untold
from live_exercises.kinds.blanks import Blank, Slip, lines, listed, misjudged


@dataclass(frozen=True, kw_only=True)
class Predict(Exercise):
    """An exercise whose answer is what some code prints.

    Attributes
    ----------
    shown : str
        The code.
    blank : Blank
        What it prints, and what people think that it prints.
    """

    kind = "predict"
    shown: str
    blank: Blank

    def data(self) -> dict[str, Any]:
        """Give what the page's script must know."""
        return {"kind": "blanks", "blanks": [self.blank.data()]}

    def code(self) -> Iterator[str]:
        """Give the code that it shows."""
        yield self.shown

    def faults(self) -> Iterator[tuple[int, str]]:
        """Find what is wrong with the exercise itself."""
        yield from untold(self, self.blank.slips)
        yield from misjudged(self.name, [self.blank])


def printed(code: str) -> str:
    """Run code, and give what it prints.

    Raises
    ------
    ValueError
        If it raises an error, prints nothing, or more than one line.

    Examples
    --------
    >>> printed("print(2 + 3)")
    '5'
    """
    output = io.StringIO()
    try:
        with as_it_was(), contextlib.redirect_stdout(output):
            exec(compile(code, "code", "exec"), {"__name__": "__main__"})
    except Exception as error:
        raise ValueError(f"its code raises {message(error)}") from None
    text = output.getvalue().strip()
    if len(text.splitlines()) != 1:
        raise ValueError(f"its code prints {len(text.splitlines())} lines: have it print one")
    return text


class PredictDirective(ExerciseDirective):
    """``{predict}``: code, of which the reader says what it prints."""

    parts = ("snippet", "blank", "hints", "explanation")

    def record(self, name: str, parts: Parts) -> Predict:
        """Run the code."""
        code = parts["snippet"][0]["code"]
        slips = tuple(Slip(answer, said, at) for at, answer, said in lines(parts["blank"][0]))
        blank = Blank(_("It prints"), "text", printed(code), slips, parts["blank"][0]["line"])
        return Predict(name=name, line=self.lineno, skill=self.skill, shown=code, blank=blank)

    def body(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Show the code."""
        yield code_block(record.shown, "shown")
        yield listed([nodes.Text(record.blank.label)])

    def solution(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Show what it prints, and why."""
        yield nodes.literal_block(record.blank.right, record.blank.right, language="none")
        yield from super().solution(record, parts)
