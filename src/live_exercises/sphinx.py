"""The directives that an author writes for an exercise.

`````md
````{exercise} doubling
Write a function that doubles its argument.

```{starter}
def double(x):
    # TODO: return twice x
```
```{hints}
Add something to itself.
```
```{checks}
assert double(4) == 8, "Twice 4 is 8."
```
```{solution}
def double(x):
    return x + x
```
```{wrong-answer} Twice 4 is 8.
def double(x):
    return x * x
```
````
`````

The heading above the exercise is its title. While the page is read, the exercise is tried: a
starter that passes, a solution that fails, or a wrong answer that passes or is told something else
is a fault of the page.
"""

from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

from live_exercises.exercise import Exercise, WrongAnswer, faults

logger = logging.getLogger(__name__)


class exercise(nodes.container):
    """An exercise on a page; its attribute ``exercise`` holds the record."""


class folded(nodes.container):
    """Something that opens when the reader asks for it; ``summary`` says what."""


class part(nodes.Element):
    """One part of an exercise, until the exercise is put together."""


class CodePart(SphinxDirective):
    """``{starter}``, ``{checks}``, ``{solution}``: Python code, kept as it is written."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Keep the code and where it stands."""
        return [part(kind=self.name, code="\n".join(self.content) + "\n", line=self.lineno)]


class WrongAnswerPart(SphinxDirective):
    """``{wrong-answer}``: its argument is the message, its content the answer."""

    has_content = True
    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Keep the answer, its message and where it stands."""
        code = "\n".join(self.content) + "\n"
        return [part(kind=self.name, code=code, message=self.arguments[0], line=self.lineno)]


class HintsPart(SphinxDirective):
    """``{hints}``: text that the reader may unfold."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Parse the text."""
        hints = part(kind=self.name, line=self.lineno)
        hints += self.parse_content_to_nodes()
        return [hints]


def _code_block(code: str, kind: str) -> nodes.literal_block:
    code = code.rstrip("\n")
    return nodes.literal_block(code, code, language="python", classes=[kind], translatable=False)


class ExerciseDirective(SphinxDirective):
    """``{exercise}``: its argument is the exercise's name."""

    has_content = True
    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"class": directives.class_option}

    def run(self) -> list[nodes.Node]:
        """Put the parts together, and try the exercise."""
        name = self.arguments[0]
        children = self.parse_content_to_nodes()
        parts = {
            node["kind"]: node
            for node in children
            if isinstance(node, part) and node["kind"] != "wrong-answer"
        }
        missing = {"starter", "hints", "checks", "solution"} - parts.keys()
        if missing:
            lacks = ", ".join(f"{{{kind}}}" for kind in sorted(missing))
            raise self.error(f"exercise {name!r} lacks {lacks}: add it inside the exercise")
        record = Exercise(
            name=name,
            starter=parts["starter"]["code"],
            checks=parts["checks"]["code"],
            solution=parts["solution"]["code"],
            wrong_answers=tuple(
                WrongAnswer(node["code"], node["message"], node["line"])
                for node in children
                if isinstance(node, part) and node["kind"] == "wrong-answer"
            ),
            line=self.lineno,
        )
        for line, fault in faults(record):
            logger.warning(
                "%s", fault, location=(self.env.docname, line), type="exercise", subtype=name
            )

        result = exercise(exercise=record, classes=["exercise"])
        result += [node for node in children if not isinstance(node, part)]
        result += _code_block(record.starter, "starter")
        result += folded("", *parts["hints"].children, summary=_("Hint"))
        result += folded("", _code_block(record.checks, "checks"), summary=_("What is checked"))
        result += folded("", _code_block(record.solution, "solution"), summary=_("Solution"))
        self.set_source_info(result)
        return [result]


class StrayParts(SphinxTransform):
    """Report the parts that stand in no exercise, and take them from the page."""

    default_priority = 5

    def apply(self, **kwargs: Any) -> None:
        """Look for them."""
        for node in list(self.document.findall(part)):
            logger.warning(
                "%s",
                f"{{{node['kind']}}} stands in no exercise: "
                "put it directly inside an {exercise} with more backticks",
                location=(self.env.docname, node["line"]),
                type="exercise",
                subtype="part",
            )
            node.parent.remove(node)


def _unfold(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Where a reader cannot unfold, put a heading in front of what is folded on a page."""
    if app.builder.format != "html" or app.builder.name == "epub":
        for node in list(doctree.findall(folded)):
            node.replace_self([nodes.rubric("", node["summary"]), *node.children])


def _visit_exercise(self: HTML5Translator, node: exercise) -> None:
    self.body.append(self.starttag(node, "div", CLASS="docutils container"))


def _depart_exercise(self: HTML5Translator, node: exercise) -> None:
    self.body.append("</div>\n")


def _visit_folded(self: HTML5Translator, node: folded) -> None:
    self.body.append(self.starttag(node, "details", CLASS="folded"))
    self.body.append(f"<summary>{self.encode(node['summary'])}</summary>\n")


def _depart_folded(self: HTML5Translator, node: folded) -> None:
    self.body.append("</details>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.setup_extension("live_exercises.page")
    app.add_node(exercise, html=(_visit_exercise, _depart_exercise))
    app.add_node(folded, html=(_visit_folded, _depart_folded))
    app.add_transform(StrayParts)
    app.connect("doctree-resolved", _unfold)
    app.add_directive("exercise", ExerciseDirective)
    for name in ("starter", "checks", "solution"):
        app.add_directive(name, CodePart)
    app.add_directive("wrong-answer", WrongAnswerPart)
    app.add_directive("hints", HintsPart)
    # Another env_version has Sphinx read all pages anew: they hold what these directives made.
    return {
        "version": "2",
        "env_version": 2,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
