"""Blanks to fill in: a number, a small matrix, a shape, or what is printed.

``{pencil}`` and ``{shapes}`` have a ``{problem}``, ``{blank}`` parts, ``{hints}`` and an
``{explanation}``. The guide for authors has an example of each, which a test builds.

The first line of a blank is the right answer, an expression as in `live_exercises.problem`. Each
other line is a slip that people make, and what they must be told; ``{z}`` in a message stands for a
value. The argument of the directive, some words, takes the place of the expression in front of
the blank.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from docutils import nodes
from sphinx.locale import _

from live_exercises.directives import ExerciseDirective, Part, Parts, formula
from live_exercises.exercise import Exercise, untold
from live_exercises.problem import Problem, ProblemError, Solved, Tree, expression, latex, shown

GENERAL = ((-1.0, "The sign is turned round."), (2.0, "Twice too much."), (0.5, "Half of it."))
"""Factors by which answers are often wrong, and what is said where no slip of the author's fits."""

MESSAGES = {
    "number": "Write one number, such as 3, -0.25, 3/4 or 1e-3.",
    "comma": "Write a decimal point, not a comma.",
    "near": "Near it, but not near enough: give one more digit.",
    "wrong": "That is not it yet.",
    "place": "Not yet: look again at row {0}, column {1}.",
    "shape": "Write a shape, such as (3, 2), or no if the product does not exist.",
    "turned": "Those are the right sizes in the wrong order: rows come first.",
    "empty": "Fill this in.",
}
"""What is said to other answers."""

NEAR, EXACT = 0.05, 0.005
"""How far an answer may be from what is right, as a part of it: to be told so, and to be right."""

_DECIMAL = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_NUMBER = re.compile(rf"({_DECIMAL})(?:/({_DECIMAL}))?")


def number(typed: str) -> float:
    """Read a number as people write it.

    Raises
    ------
    ValueError
        With what the reader is told, if it is none.

    Examples
    --------
    >>> number(" \u2212 3/4"), number("1e-3"), number("+.5")
    (-0.75, 0.001, 0.5)
    >>> number("0,5")
    Traceback (most recent call last):
    ValueError: Write a decimal point, not a comma.
    """
    text = re.sub(r"\s", "", typed.replace("\u2212", "-").lower())
    found = _NUMBER.fullmatch(text)
    if found is None or (found[2] and float(found[2]) == 0):
        decimal = "," in text and _NUMBER.fullmatch(text.replace(",", "."))
        raise ValueError(MESSAGES["comma" if decimal else "number"] if text else MESSAGES["empty"])
    return float(found[1]) / float(found[2] or 1)


def agrees(answer: float, right: float, part: float = EXACT) -> bool:
    """Whether an answer is right, as far as people round.

    Examples
    --------
    >>> agrees(0.333, 1 / 3), agrees(0.3, 1 / 3), agrees(0, 1e-12)
    (True, False, True)
    """
    return abs(answer - right) <= max(part * abs(right), 1e-9)


@dataclass(frozen=True)
class Slip:
    """A wrong answer to a blank.

    Attributes
    ----------
    answer : list, str or float
        An expression, or the text that people type.
    message : tuple
        What they are told: texts, and expressions for the values in it.
    line : int
        Where it stands in its chapter.
    """

    answer: Tree
    message: tuple[Any, ...]
    line: int


@dataclass(frozen=True)
class Blank:
    """One thing to fill in.

    Attributes
    ----------
    label : str
        What stands before it: words, code for a shape; empty for the expression itself.
    kind : str
        ``"number"``, ``"matrix"``, ``"shape"`` or ``"text"``.
    right : list, str or float
        The right answer: an expression, or a text.
    slips : tuple of Slip
        Wrong answers.
    line : int
        Where it stands in its chapter.
    """

    label: str
    kind: str
    right: Tree
    slips: tuple[Slip, ...]
    line: int

    def judge(self, typed: Any, solved: Solved | None = None) -> str | None:
        """Say what is wrong with what a reader has typed, or None if nothing is.

        Parameters
        ----------
        typed : str or list of list of str
            The text; for a matrix, one for each entry.
        solved : Solved, optional
            The problem with its numbers, for a number or a matrix.
        """
        if self.kind in ("shape", "text"):
            return self._judge_text(typed)
        assert solved is not None
        rows = typed if self.kind == "matrix" else [[typed]]
        try:
            answer = [[number(entry) for entry in row] for row in rows]
        except ValueError as reason:
            return str(reason)

        def fits(of: Any, part: float = EXACT) -> bool:
            return _fits(answer, of, part)

        right = _rows(solved.value(self.right))
        if fits(right):
            return None
        for slip in self.slips:
            if fits(_rows(solved.value(slip.answer))):
                return said(slip.message, solved)
        for factor, message in GENERAL:
            if any(map(any, right)) and fits([[factor * entry for entry in row] for row in right]):
                return message
        if fits(right, NEAR):
            return MESSAGES["near"]
        if self.kind == "number":
            return MESSAGES["wrong"]
        return next(
            MESSAGES["place"].format(row + 1, column + 1)
            for row, entries in enumerate(right)
            for column, entry in enumerate(entries)
            if not agrees(answer[row][column], entry)
        )

    def _judge_text(self, typed: str) -> str | None:
        bare = _shape if self.kind == "shape" else _letters
        text = bare(typed)
        if not text:
            return MESSAGES["shape" if self.kind == "shape" and typed.strip() else "empty"]
        if text == bare(self.right):
            return None
        for slip in self.slips:
            if text == bare(slip.answer):
                return said(slip.message, None)
        turned = ",".join(reversed(bare(self.right).split(",")))
        return MESSAGES["turned" if self.kind == "shape" and text == turned else "wrong"]

    def data(self) -> dict[str, Any]:
        """Give what the page's script must know."""
        return {
            "kind": self.kind,
            "right": self.right,
            "slips": [[slip.answer, slip.message] for slip in self.slips],
        }


def said(message: Sequence[Any], solved: Solved | None) -> str:
    """Put the values into a message.

    Examples
    --------
    >>> said(("You have ", ["*", 2, "w"], "."), Problem.read("w = 3").solve())
    'You have 6.'
    """
    return "".join(
        part if place % 2 == 0 else shown(solved.value(part)) if solved else ""
        for place, part in enumerate(message)
    )


def _rows(value: Any) -> list[list[float]]:
    return value if isinstance(value, list) else [[value]]


def _fits(answer: list[list[float]], of: list[list[float]], part: float) -> bool:
    return [len(row) for row in answer] == [len(row) for row in of] and all(
        agrees(a, b, part)
        for row, other in zip(answer, of, strict=True)
        for a, b in zip(row, other, strict=True)
    )


def _letters(text: str) -> str:
    return "".join(text.replace("\u2212", "-").lower().split())


def _shape(text: str) -> str:
    """Give the sizes of a shape with commas between them, or "no"; empty if it is neither."""
    text = text.strip().lower()
    if re.match(r"no(ne|t|pe)?\b|does not|-$", text):
        return "no"
    sizes = re.fullmatch(r"[(\[]?\s*(\d+)(?:\s*(?:[,x\u00d7]|by)\s*(\d+)?)?\s*[)\]]?", text)
    return ",".join(filter(None, sizes.groups())) if sizes else ""


@dataclass(frozen=True, kw_only=True)
class Pencil(Exercise):
    """An exercise whose answers are numbers, found by pencil.

    Attributes
    ----------
    problem : Problem
        What is given, and what is computed.
    blanks : tuple of Blank
        What is to be filled in.
    """

    kind = "pencil"
    problem: Problem
    blanks: tuple[Blank, ...]

    def data(self) -> dict[str, Any]:
        """Give what the page's script must know."""
        return {
            "kind": "blanks",
            "given": self.problem.given,
            "steps": self.problem.steps,
            "blanks": [blank.data() for blank in self.blanks],
        }

    def faults(self) -> Iterator[tuple[int, str]]:
        """Find what is wrong with the exercise itself, for all numbers that can be dealt."""
        name = self.name
        yield from untold(self, [slip for blank in self.blanks for slip in blank.slips])
        for deal, given in enumerate(self.problem.deals()):
            numbers = ", ".join(f"{letter} = {shown(value)}" for letter, value in given.items())
            try:
                solved = self.problem.solve(given)
                right = [solved.value(blank.right) for blank in self.blanks]
            except (ArithmeticError, ValueError):  # such as the logarithm of a negative number
                right = [float("nan")]
            if not all(np.all(np.isfinite(each)) for each in right):
                yield self.line, f"exercise {name!r} has no answer for {numbers}"
                return
            if deal == 0:
                yield from misjudged(self.name, self.blanks, solved)


def as_typed(value: Any) -> Any:
    """Write an answer as a reader would."""
    if isinstance(value, list):
        return [[f"{entry:.6g}" for entry in row] for row in value]
    return f"{value:.6g}"


@dataclass(frozen=True, kw_only=True)
class Shapes(Exercise):
    """An exercise whose answers are shapes."""

    kind = "shapes"
    blanks: tuple[Blank, ...]

    def data(self) -> dict[str, Any]:
        """Give what the page's script must know."""
        return {"kind": "blanks", "blanks": [blank.data() for blank in self.blanks]}

    def faults(self) -> Iterator[tuple[int, str]]:
        """Find what is wrong with the exercise itself."""
        yield from untold(self, [slip for blank in self.blanks for slip in blank.slips])
        yield from misjudged(self.name, self.blanks)


def misjudged(
    name: str, blanks: Sequence[Blank], solved: Solved | None = None
) -> Iterator[tuple[int, str]]:
    """Report slips that are right, or are told something else; of texts, or of a solved problem."""
    for blank in blanks:
        for slip in blank.slips:
            typed = as_typed(solved.value(slip.answer)) if solved else slip.answer
            told, expected = blank.judge(typed, solved), said(slip.message, solved)
            if told != expected:
                yield (
                    slip.line,
                    f"this slip in exercise {name!r} is "
                    + ("right" if told is None else f"told {told!r}, not {expected!r}"),
                )


# ---- the directives


def lines(part: Part) -> Iterator[tuple[int, str, tuple[Any, ...]]]:
    """Give the lines of a blank: where each stands, its answer and its message."""
    for offset, line in enumerate(part["code"].splitlines()):
        if line.strip():
            answer, _, message = line.partition(" : ")
            if re.search(r"\d", re.sub(r"\{[^}]*\}", "", message)):
                raise ProblemError(
                    f"the message '{message}' has a number: write {{expression}} for it, "
                    "so that it is right whatever numbers are dealt"
                )
            pieces = re.split(r"\{([^}]*)\}", message.strip())
            parts = [expression(piece) if k % 2 else piece for k, piece in enumerate(pieces)]
            yield part["line"] + 1 + offset, answer.strip(), tuple(parts)


def listed(labels: Iterable[nodes.Node]) -> nodes.bullet_list:
    """Make the list of blanks; the page's script puts a field behind each label."""
    items = (nodes.list_item("", nodes.paragraph("", "", label)) for label in labels)
    return nodes.bullet_list("", *items, classes=["blanks"])


class PencilDirective(ExerciseDirective):
    """``{pencil}``: numbers to find by hand."""

    parts = ("problem", "blank", "hints", "explanation")

    def record(self, name: str, parts: Parts) -> Pencil:
        """Read the problem and the blanks, and see that each answer is about the problem."""
        problem = Problem.read(parts["problem"][0]["code"])
        self.letters = problem.names
        blanks = []
        for part in parts["blank"]:
            rows = [(line, expression(text), message) for line, text, message in lines(part)]
            if not rows:
                raise ProblemError("a {blank} begins with the right answer")
            (line, right, _), *others = rows
            kind = "matrix" if isinstance(right, list) and right[0] == "matrix" else "number"
            slips = tuple(Slip(answer, message, at) for at, answer, message in others)
            blanks.append(Blank(part["argument"], kind, right, slips, line))
            for _, answer, message in rows:
                for each in (answer, *message[1::2]):
                    problem.known(each)
        return Pencil(
            name=name, line=self.lineno, skill=self.skill, problem=problem, blanks=tuple(blanks)
        )

    def body(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Show what is given, what is computed from it, and what is asked."""
        given = nodes.paragraph("", _("Given: "), classes=["given"])
        for letter, numbers in record.problem.given.items():
            number = nodes.inline("", shown(numbers[0]).replace("-", "\u2212"))
            number["classes"] = [f"given-{letter}".lower(), "given-number"]
            pair = nodes.inline("", "", formula(latex(letter)), nodes.Text(" = "), number)
            pair["classes"] = ["live-pair"]
            given += [pair, nodes.Text(", ")]
        given[-1] = nodes.Text(".")
        yield given
        computed = nodes.paragraph("", _("Computed: "), classes=["computed"])
        for name, of in record.problem.formulas:
            computed += [formula(f"{latex(name)} = {latex(of)}"), nodes.Text(", ")]
        if record.problem.formulas:
            computed[-1] = nodes.Text(".")
            yield computed
        yield nodes.paragraph("", _("Fill in:"))
        yield listed(
            nodes.Text(blank.label) if blank.label else formula(f"{latex(blank.right)} =")
            for blank in record.blanks
        )

    def solution(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Show the right numbers, for those that are given first, and why."""
        solved = record.problem.solve()
        items = []
        for blank in record.blanks:
            value = _rows(solved.value(blank.right))
            rows = r" \\ ".join(" & ".join(map(shown, row)) for row in value)
            matrix = rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}"
            right = matrix if blank.kind == "matrix" else shown(value[0][0])
            if blank.label:
                words: list[nodes.Node] = [nodes.Text(f"{blank.label}: "), formula(right)]
            else:
                words = [formula(f"{latex(blank.right)} = {right}")]
            items.append(nodes.list_item("", nodes.paragraph("", "", *words)))
        yield nodes.bullet_list("", *items)
        yield from super().solution(record, parts)


class ShapesDirective(ExerciseDirective):
    """``{shapes}``: the shapes of what is computed from arrays of given shapes."""

    parts = ("problem", "blank", "hints", "explanation")

    def record(self, name: str, parts: Parts) -> Shapes:
        """Have NumPy compute with arrays of those shapes."""
        arrays: dict[str, Any] = {"np": np}
        self.given: dict[str, tuple[int, ...]] = {}
        for line in parts["problem"][0]["code"].splitlines():
            letter, _, shape = line.partition("=")
            if found := re.fullmatch(r"\(\s*(\d+)\s*,\s*(\d+)?\s*\)", shape.strip()):
                self.given[letter.strip()] = tuple(int(size) for size in found.groups() if size)
                arrays[letter.strip()] = np.zeros(self.given[letter.strip()])
            elif line.strip():
                raise ProblemError(f"'{line}' is not 'name = (rows, columns)'")
        blanks = []
        for part in parts["blank"]:
            (line, code, _), *others = lines(part)
            try:
                right = str(np.shape(eval(code, dict(arrays))))
            except ValueError:
                right = "no"
            except Exception as error:
                raise ProblemError(f"'{code}' raises {type(error).__name__}: {error}") from None
            slips = tuple(Slip(answer, message, at) for at, answer, message in others)
            blanks.append(Blank(part["argument"] or code, "shape", right, slips, line))
        return Shapes(name=name, line=self.lineno, skill=self.skill, blanks=tuple(blanks))

    def body(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Show the given shapes, and what is asked."""
        given = nodes.paragraph("", _("Shapes: "), classes=["given"])
        for letter, shape in self.given.items():
            given += formula(latex(letter))
            given += nodes.Text(f" {shape}, ")
        given[-1] = nodes.Text(f" {shape}.")
        yield given
        yield nodes.paragraph("", _("Write each shape, or no if the product does not exist:"))
        yield listed(nodes.literal("", blank.label) for blank in record.blanks)

    def solution(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Show the right shapes, and why."""
        items = [
            nodes.list_item(
                "",
                nodes.paragraph(
                    "", "", nodes.literal("", blank.label), nodes.Text(f": {blank.right}")
                ),
            )
            for blank in record.blanks
        ]
        yield nodes.bullet_list("", *items)
        yield from super().solution(record, parts)
