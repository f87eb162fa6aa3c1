"""What the directives of all kinds of exercises share: their parts, and how they are put together.

Between an exercise's backticks stand its task, in Markdown, and its parts, each a directive. What a
kind of exercise is made of, its own directive says.
"""

from collections.abc import Collection, Iterator
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from live_exercises.exercise import Exercise
from live_exercises.problem import latex

logger = logging.getLogger(__name__)


class exercise(nodes.container):
    """An exercise on a page; its attribute ``exercise`` holds the record."""


class folded(nodes.container):
    """Something that opens when the reader asks for it; ``summary`` says what."""


class Part(nodes.Element):
    """One part of an exercise, until the exercise is put together."""


Parts = dict[str, list[Part]]


class CodePart(SphinxDirective):
    """A part that is kept as it is written, such as ``{starter}`` or ``{problem}``."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Keep the text and where it stands."""
        code = "\n".join(self.content) + "\n"
        argument = self.arguments[0] if self.arguments else ""
        return [Part(kind=self.name, code=code, argument=argument, line=self.lineno)]


class TextPart(SphinxDirective):
    """A part that is Markdown, such as ``{hints}`` or ``{option}``."""

    has_content = True
    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Parse the text."""
        argument = self.arguments[0] if self.arguments else ""
        part = Part(kind=self.name, argument=argument, line=self.lineno)
        part += self.parse_content_to_nodes()
        return [part]


class LetterRole(SphinxRole):
    """``{letter}``: in the task of a problem, one of its quantities, as the problem writes it."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Write its name as a formula."""
        node = formula(latex(self.text))
        node["letter"] = self.text
        return [node], []


def formula(text: str) -> nodes.math:
    """Make a formula of what the exercise computes: it is not the author's, and cannot be wrong."""
    return nodes.math(text, text, computed=True)


def code_block(code: str, kind: str) -> nodes.literal_block:
    """Make a block of code, of a kind that pages and notebooks know."""
    code = code.rstrip("\n")
    return nodes.literal_block(code, code, language="python", classes=[kind], translatable=False)


class ExerciseDirective(SphinxDirective):
    """An exercise of some kind: its argument is the exercise's name."""

    parts: ClassVar[tuple[str, ...]] = ()
    """What it must have."""

    letters: Collection[str] = ()
    """The quantities of its problem, if it has one."""

    has_content = True
    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {
        "class": directives.class_option,
        "skill": directives.unchanged_required,
    }

    @property
    def skill(self) -> str:
        """What it trains, in a few words."""
        return str(self.options.get("skill", ""))

    def record(self, name: str, parts: Parts) -> Exercise:
        """Make the record of its parts; a `ValueError` says what is wrong with them."""
        raise NotImplementedError

    def body(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Give what the page shows below the task and above what is folded."""
        raise NotImplementedError

    def solution(self, record: Any, parts: Parts) -> Iterator[nodes.Node]:
        """Give what the page shows as the solution."""
        yield from parts["explanation"][0].children

    def run(self) -> list[nodes.Node]:
        """Put the parts together, and try the exercise."""
        name = self.arguments[0]
        children = self.parse_content_to_nodes()
        parts: Parts = {}
        for node in children:
            if isinstance(node, Part):
                parts.setdefault(node["kind"], []).append(node)
        missing = {*self.parts} - parts.keys()
        if missing:
            lacks = ", ".join(f"{{{kind}}}" for kind in sorted(missing))
            raise self.error(f"exercise {name!r} lacks {lacks}: add it inside the exercise")
        try:
            record = self.record(name, parts)
            for node in (found for child in children for found in child.findall(nodes.math)):
                if "letter" in node and node["letter"] not in self.letters:
                    raise ValueError(f"{{letter}}`{node['letter']}` is not in its problem")
            faults = list(record.faults())
        except ValueError as reason:
            raise self.error(f"exercise {name!r}: {reason}") from None
        for line, fault in faults:
            logger.warning(
                "%s", fault, location=(self.env.docname, line), type="exercise", subtype=name
            )
        result = exercise(exercise=record, classes=["exercise", record.kind])
        result += [node for node in children if not isinstance(node, Part)]
        result += list(self.body(record, parts))
        if "hints" in parts:
            result += folded("", *parts["hints"][0].children, summary=_("Hint"))
        result += list(self.checks(record))
        result += folded(
            "", *self.solution(record, parts), summary=_("Solution"), classes=["solution"]
        )
        self.set_source_info(result)
        return [result]

    def checks(self, record: Any) -> Iterator[nodes.Node]:
        """Give what the page shows of how an answer is judged; most kinds show nothing."""
        yield from ()
