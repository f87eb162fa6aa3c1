"""Write code, or find the error in it.

``{exercise}`` has a ``{starter}``, ``{hints}``, ``{checks}``, a ``{solution}`` and one or more
``{wrong-answer}`` parts, whose argument is what they must be told.

``{find-the-bug}`` has the same parts. Its starter runs, and one of its lines is wrong; the solution
differs in that line alone. Who changes another is told so.

The code that judges is `live_exercises.exercise`, which the page's Python runs too.
"""

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.locale import _

from live_exercises.directives import ExerciseDirective, Parts, code_block, folded
from live_exercises.exercise import CodeExercise, FindTheBug, WrongAnswer


class CodeDirective(ExerciseDirective):
    """``{exercise}``: code to write."""

    parts = ("starter", "hints", "checks", "solution")
    of: type[CodeExercise] = CodeExercise

    def record(self, name: str, parts: Parts) -> CodeExercise:
        """Keep the code as it is written."""
        return self.of(
            name=name,
            line=self.lineno,
            skill=self.skill,
            starter=parts["starter"][0]["code"],
            checks=parts["checks"][0]["code"],
            solution=parts["solution"][0]["code"],
            wrong_answers=tuple(
                WrongAnswer(part["code"], part["argument"], part["line"])
                for part in parts.get("wrong-answer", ())
            ),
        )

    def body(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Show the code to begin with."""
        yield code_block(record.starter, "starter")

    def checks(self, record: Any) -> Iterator[nodes.Node]:
        """Show the code that judges; the page's script, only after a try."""
        block = code_block(record.checks, "checks")
        yield folded("", block, summary=_("What is checked"), classes=["checks"])

    def solution(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Show an answer that passes."""
        yield code_block(record.solution, "solution")


class FindTheBugDirective(CodeDirective):
    """``{find-the-bug}``: code with one wrong line."""

    of = FindTheBug
