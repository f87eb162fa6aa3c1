"""Choose among answers, of which each has its reason.

``{choose}`` has ``{answer}`` parts, of which those that are right say so, and ``{hints}``.

The first paragraph of an option is the answer; what follows is the reason, which a reader who has
chosen it is told, and which stands in the solution. More than one answer may be right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from docutils import nodes
from sphinx.locale import _

from live_exercises.directives import ExerciseDirective, Part, Parts
from live_exercises.exercise import Exercise

MORE = "Right so far, but not all of it."
NONE = "Choose an answer."


@dataclass(frozen=True)
class Option:
    """An answer that can be chosen.

    Attributes
    ----------
    right : bool
        Whether it is right.
    reason : str
        Why, or why not, as plain text.
    line : int
        Where it stands in its chapter.
    """

    right: bool
    reason: str
    line: int


@dataclass(frozen=True, kw_only=True)
class Choose(Exercise):
    """An exercise whose answer is one or several options.

    Attributes
    ----------
    options : tuple of Option
        What can be chosen.
    """

    kind = "choose"
    options: tuple[Option, ...]

    def judge(self, chosen: Sequence[int]) -> str | None:
        """Say what is wrong with a choice of options, by their numbers from 0.

        Examples
        --------
        >>> options = (Option(True, "So it is.", 3), Option(False, "Too far.", 5))
        >>> asked = Choose(name="far", line=1, options=options)
        >>> asked.judge([1]), asked.judge([]), asked.judge([0])
        ('Too far.', 'Choose an answer.', None)
        """
        if not chosen:
            return NONE
        wrong = [self.options[number].reason for number in chosen if not self.options[number].right]
        if wrong:
            return " ".join(wrong)
        missed = any(
            option.right and number not in chosen for number, option in enumerate(self.options)
        )
        return MORE if missed else None

    def data(self) -> dict[str, Any]:
        """Give what the page's script must know; the reasons stand in the page."""
        return {"kind": "choose", "right": [option.right for option in self.options]}

    def faults(self) -> Iterator[tuple[int, str]]:
        """Find what is wrong with the exercise itself."""
        right = sum(option.right for option in self.options)
        if not 0 < right < len(self.options):
            which = "no right answer" if right == 0 else "no wrong answer"
            yield self.line, f"exercise {self.name!r} has {which}"
        reasons = [option.reason for option in self.options]
        for option in self.options:
            if not option.reason:
                yield option.line, f"this option of exercise {self.name!r} gives no reason"
            elif reasons.count(option.reason) > 1:
                yield option.line, f"two options of exercise {self.name!r} give the same reason"


def read(parts: Sequence[Part]) -> tuple[Option, ...]:
    """Make the records of options."""
    return tuple(
        Option(
            part["argument"] == "right",
            " ".join(" ".join(node.astext().split()) for node in part.children[1:]),
            part["line"],
        )
        for part in parts
    )


def listed(parts: Sequence[Part]) -> nodes.enumerated_list:
    """Make the list of options; the page's script makes each one something to choose."""
    items = (nodes.list_item("", part.children[0].deepcopy()) for part in parts)
    return nodes.enumerated_list("", *items, classes=["options"], enumtype="loweralpha")


def explained(parts: Sequence[Part]) -> nodes.enumerated_list:
    """Make the list that says of each option whether it is right, and why."""
    result = nodes.enumerated_list(classes=["reasons"], enumtype="loweralpha")
    for part in parts:
        verdict = _("Right.") if part["argument"] == "right" else _("Wrong.")
        first, *rest = (child.deepcopy() for child in part.children[1:])
        said = nodes.paragraph("", "", nodes.strong("", verdict), nodes.Text(" "))
        said += first.children
        result += nodes.list_item("", said, *rest)
    return result


class ChooseDirective(ExerciseDirective):
    """``{choose}``: options, of which one or several are right."""

    parts = ("answer", "hints")

    def record(self, name: str, parts: Parts) -> Choose:
        """Take each option apart into answer and reason."""
        for part in parts["answer"]:
            if part["argument"] not in ("", "right"):
                raise ValueError(f"an {{answer}} is 'right' or says nothing: {part['argument']!r}")
            if len(part.children) < 2:
                raise ValueError(
                    "an {answer} has an answer, an empty line, and the reason why it is right "
                    f"or wrong: see the one at line {part['line']}"
                )
        options = read(parts["answer"])
        return Choose(name=name, line=self.lineno, skill=self.skill, options=options)

    def body(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Show the options."""
        if sum(option.right for option in record.options) > 1:
            yield nodes.paragraph("", _("Choose all that are right."))
        yield listed(parts["answer"])

    def solution(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Say of each option why it is right or wrong."""
        yield explained(parts["answer"])
