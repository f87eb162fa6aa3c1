"""The directives that an author writes for an exercise, of every kind, as Sphinx knows them.

What each kind is made of stands in its module of `live_exercises.kinds`. While a page is read, each
exercise is tried: a starter that passes, a solution that fails, a wrong answer that passes or is
told something else than its message is a fault of the page.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

from live_exercises.directives import (
    CodePart,
    LetterRole,
    Part,
    TextPart,
    exercise,
    folded,
)
from live_exercises.kinds.blanks import PencilDirective, ShapesDirective
from live_exercises.kinds.choose import ChooseDirective
from live_exercises.kinds.code import CodeDirective, FindTheBugDirective
from live_exercises.kinds.order import OrderDirective
from live_exercises.kinds.predict import PredictDirective
from live_exercises.kinds.trainer import TrainerDirective

logger = logging.getLogger(__name__)

DIRECTIVES = {
    "exercise": CodeDirective,
    "find-the-bug": FindTheBugDirective,
    "pencil": PencilDirective,
    "shapes": ShapesDirective,
    "predict": PredictDirective,
    "choose": ChooseDirective,
    "order": OrderDirective,
    "trainer": TrainerDirective,
}
CODE_PARTS = (
    "starter",
    "checks",
    "solution",
    "wrong-answer",
    "problem",
    "blank",
    "snippet",
    "slips",
)
TEXT_PARTS = ("hints", "explanation", "answer", "in-order")


class StrayParts(SphinxTransform):
    """Report the parts that stand in no exercise, and take them from the page."""

    default_priority = 5

    def apply(self, **kwargs: Any) -> None:
        """Look for them."""
        for node in list(self.document.findall(Part)):
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
    name = {"data-exercise": node["exercise"].name}
    self.body.append(self.starttag(node, "div", CLASS="docutils container", **name))


def _depart_exercise(self: HTML5Translator, node: exercise) -> None:
    self.body.append("</div>\n")


def _visit_folded(self: HTML5Translator, node: folded) -> None:
    self.body.append(self.starttag(node, "details", CLASS="folded"))
    self.body.append(f"<summary>{self.encode(node['summary'])}</summary>\n")


def _depart_folded(self: HTML5Translator, node: folded) -> None:
    self.body.append("</details>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.setup_extension("live_exercises.domain")
    app.setup_extension("live_exercises.page")
    app.add_node(exercise, html=(_visit_exercise, _depart_exercise))
    app.add_node(folded, html=(_visit_folded, _depart_folded))
    app.add_transform(StrayParts)
    app.connect("doctree-resolved", _unfold)
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    for name in CODE_PARTS:
        app.add_directive(name, CodePart)
    for name in TEXT_PARTS:
        app.add_directive(name, TextPart)
    app.add_role("letter", LetterRole())
    # Another env_version has Sphinx read all pages anew: they hold what these directives made.
    return {
        "version": "3",
        "env_version": 3,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
