"""The exercises of a book, each under its name: one record for all who need it.

A directive makes the record of an exercise once, while its page is read. Page, notebook, rules,
tests and the list of exercises ask this domain for it, by the name of the exercise or of its page.
"""

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from live_exercises.directives import exercise
from live_exercises.exercise import Exercise

logger = logging.getLogger(__name__)

KINDS = {
    "code": _("write code"),
    "bug": _("find the bug"),
    "pencil": _("by pencil"),
    "shapes": _("match the shape"),
    "predict": _("predict"),
    "choose": _("choose"),
    "order": _("put in order"),
    "trainer": _("trainer"),
}
"""What readers call the kinds."""


class Entry(NamedTuple):
    """An exercise and where it is.

    Attributes
    ----------
    page : str
        Its page.
    title : str
        The heading that it stands under.
    anchor : str
        What a link to it ends in.
    record : Exercise
        The exercise.
    """

    page: str
    title: str
    anchor: str
    record: Exercise


class ExerciseDomain(Domain):
    """The exercises of all pages."""

    name = "exercise"
    label = "Exercises"
    initial_data = {"pages": {}}  # noqa: RUF012
    data_version = 1

    @property
    def pages(self) -> dict[str, list[Entry]]:
        """The exercises of each page, in order."""
        pages: dict[str, list[Entry]] = self.data["pages"]
        return pages

    def of(self, page: str) -> list[Entry]:
        """Give the exercises of a page."""
        return self.pages.get(page, [])

    def process_doc(self, env: BuildEnvironment, docname: str, document: nodes.document) -> None:
        """Take up the exercises of a page that has just been read."""
        self.clear_doc(docname)
        entries = []
        for node in document.findall(exercise):
            section: Any = node.parent
            while not isinstance(section, nodes.section | nodes.document):
                section = section.parent
            heading = section.next_node(nodes.title)
            title = heading.astext() if heading else node["exercise"].name
            anchor = section["ids"][-1] if section.get("ids") else ""
            entries.append(Entry(docname, title, anchor, node["exercise"]))
        if entries:
            self.pages[docname] = entries

    def clear_doc(self, docname: str) -> None:
        """Forget a page."""
        self.pages.pop(docname, None)

    def merge_domaindata(self, docnames: Collection[str], otherdata: dict[str, Any]) -> None:
        """Take over what another process has read."""
        pages = otherdata["pages"]
        self.pages.update({page: pages[page] for page in docnames if page in pages})

    def check_consistency(self) -> None:
        """Report two exercises of one name: an answer is kept under it."""
        first: dict[str, str] = {}
        for page in sorted(self.pages):
            for entry in self.pages[page]:
                name, line = entry.record.name, entry.record.line
                if name in first:
                    logger.warning(
                        "%s has an exercise %r too (an answer is kept under the name of its "
                        "exercise)",
                        first[name],
                        name,
                        location=(page, line),
                        type="exercise",
                        subtype="name",
                    )
                first.setdefault(name, f"{self.env.doc2path(page, base=False)}:{line}")

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """List the exercises, for the search and for other books' links."""
        for page, entries in self.pages.items():
            for entry in entries:
                yield entry.record.name, entry.title, "exercise", page, entry.anchor, 1

    def get_full_qualified_name(self, node: nodes.Element) -> str | None:
        """Nothing refers to an exercise but by its page's labels."""
        return None


class exercise_list(nodes.General, nodes.Element):
    """Where the list of all exercises will stand."""


class ExerciseListDirective(SphinxDirective):
    """``{exercise-list}``: all exercises of the book, with kind and skill."""

    def run(self) -> list[nodes.Node]:
        """Mark the place: which exercises there are is known when all pages are read."""
        return [exercise_list()]


def _list(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    for place in list(doctree.findall(exercise_list)):
        domain = app.env.domains["exercise"]
        assert isinstance(domain, ExerciseDomain)
        order = list(app.env.toctree_includes.get(app.config.root_doc, []))
        pages = sorted(
            domain.pages,
            key=lambda page: (order.index(page) if page in order else len(order), page),
        )
        found: list[nodes.Node] = []
        for page in pages:
            found.append(nodes.rubric("", app.env.titles[page].astext()))
            items = []
            for entry in domain.of(page):
                uri = app.builder.get_relative_uri(docname, page)
                link = nodes.reference("", entry.title, refuri=f"{uri}#{entry.anchor}")
                about = f" ({KINDS[entry.record.kind]})"
                if entry.record.skill:
                    about += f": {entry.record.skill}"
                items.append(
                    nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(about + ".")))
                )
            found.append(nodes.bullet_list("", *items))
        place.replace_self(found)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_domain(ExerciseDomain)
    app.add_directive("exercise-list", ExerciseListDirective)
    app.connect("doctree-resolved", _list)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
