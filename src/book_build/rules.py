"""The rules of the house, said by the build: with file and line, what is wrong, and why.

`RULES` is the whole list. A rule's name is the subtype of its warning, so another book turns one
off by naming it in its configuration, ``suppress_warnings = ["book.width"]``, and sets the numbers
and words of `DEFAULTS` by ``book_rules = {"columns": 88}``.

A chapter is a page that a numbered table of contents of the cover lists. What a rule asks of
chapters alone it does not ask of other pages.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

from book_build.chapters import Chapter, executed_chapter, listed
from book_build.outputs import package_files
from checked_math.pages import Record
from light_page.figures import description
from live_exercises.domain import Entry, ExerciseDomain

logger = logging.getLogger(__name__)

DEFAULTS: dict[str, Any] = {
    "columns": 76,
    "lines": 30,
    "exercises": 8,  # or none
    "kinds": 4,
    "goals": "After this chapter you will be able to",
    "parts": ["Common mistakes", "What comes next"],
    "exercises part": "Exercises",
    # Functions of the package that a chapter builds itself, for the reader to see, and compares.
    "built": (),
    # Where formulas and code are most often wrong alike.
    "witnessed": r"\b(cost\.|gradient|back_propagation|backward)",
}
DERIVATIVE = re.compile(r"\\partial|\\nabla|\\frac\{d\}")


@dataclass(frozen=True)
class Page:
    """A page that has just been read, as the rules look at it.

    Attributes
    ----------
    text : str
        What the author wrote.
    doctree : document
        What Sphinx has read of it.
    chapter : Chapter or None
        Its cells after they have run, if it has any.
    statements : list of Record
        What was decided of its formulas.
    exercises : list of Entry
        Its exercises.
    settings : dict
        The numbers and words of the rules.
    """

    text: str
    doctree: nodes.document
    chapter: Chapter | None
    statements: list[Record]
    exercises: list[Entry]
    settings: dict[str, Any]

    @property
    def listings(self) -> list[nodes.container]:
        """Its listings of the package's code."""
        return [
            node for node in self.doctree.findall(nodes.container) if _has_class(node, "listing")
        ]

    @property
    def headings(self) -> dict[str, int]:
        """The line of each heading."""
        titles = (section.next_node(nodes.title) for section in self.doctree.findall(nodes.section))
        return {title.astext(): title.line or 1 for title in titles if title is not None}

    @property
    def top(self) -> int:
        """The line of its own title."""
        return next(iter(self.headings.values()), 1)

    def cells(self, hidden: str) -> Iterator[tuple[int, nbformat.NotebookNode]]:
        """Code cells that no tag hides, each with its number."""
        for number, cell in enumerate(self.chapter.notebook.cells if self.chapter else ()):
            tags = {*cell.metadata.get("tags", ())}
            if cell.cell_type == "code" and not tags & {"remove-cell", hidden}:
                yield number, cell

    def code(self) -> Iterator[tuple[str, Callable[[int], int]]]:
        """Give the code of each cell that shows it, and what finds the place of its lines."""
        for number, cell in self.cells(hidden="remove-input"):
            assert self.chapter is not None
            yield cell.source, partial(self.chapter.line, number)

    def figures(self) -> Iterator[tuple[nbformat.NotebookNode, str, int]]:
        """Each drawing that a cell shows: the cell, the drawing as SVG, and its line."""
        for number, cell in self.cells(hidden="remove-output"):
            for output in cell.outputs:
                drawing = output.get("data", {}).get("image/svg+xml")
                if drawing and self.chapter is not None:
                    yield cell, drawing, self.chapter.line(number)


Findings = Iterator[tuple[int, str]]


def _alt(page: Page) -> Findings:
    for cell, _, line in page.figures():
        if not cell.metadata.get("mystnb", {}).get("image", {}).get("alt"):
            yield line, "this figure has no alt text: give its cell one (mystnb: image: alt)"
    drawn = {
        image
        for output in page.doctree.findall(lambda node: _has_class(node, "cell_output"))
        for image in output.findall(nodes.image)
    }
    for image in page.doctree.findall(nodes.image):
        if image not in drawn and not image.get("alt"):
            yield image.line or image.parent.line or page.top, "this picture has no alt text"


def _has_class(node: nodes.Node, name: str) -> bool:
    return isinstance(node, nodes.container) and name in node["classes"]


def _data(page: Page) -> Findings:
    for _, drawing, line in page.figures():
        if not description(drawing).strip():
            yield line, "this figure tells no data: label its curves, or give it a Description"


def _width(page: Page) -> Findings:
    def wide(code: str) -> list[tuple[int, str]]:
        lines = enumerate(code.splitlines(), start=1)
        return [(k, line) for k, line in lines if len(line) > page.settings["columns"]]

    most = f"columns wide, and {page.settings['columns']} fit"
    for code, line_of in page.code():
        for number, line in wide(code):
            yield line_of(number), f"this line of code is {len(line)} {most}"
    written = page.text.splitlines()
    for task in page.exercises:
        first = task.record.line
        for _, line in (found for code in task.record.code() for found in wide(code)):
            below = enumerate(written[first:], start=first + 1)
            place = next((number for number, text in below if text == line), first)
            yield place, f"this line of code is {len(line)} {most}"
    for listing in page.listings:
        shown = listing.next_node(nodes.literal_block)
        for number, line in wide(shown.astext() if shown else ""):
            yield listing.line or 1, f"line {number} of this listing is {len(line)} {most}"


def _length(page: Page) -> Findings:
    for code, line_of in page.code():
        length, most = len(code.splitlines()), page.settings["lines"]
        if length > most:
            yield line_of(1), f"this cell has {length} lines, and {most} fit: divide it"


def _parts(page: Page) -> Findings:
    parts = page.settings["parts"]
    if page.exercises:
        parts = [*parts, page.settings["exercises part"]]
    for part in parts:
        if part not in page.headings:
            yield page.top, f"this chapter has no section '{part}'"
    goals = page.settings["goals"]
    if not any(p.astext().startswith(goals) for p in page.doctree.findall(nodes.paragraph)):
        yield page.top, f"this chapter has no paragraph '{goals}'"


def _exercises(page: Page) -> Findings:
    count, least = len(page.exercises), page.settings["exercises"]
    kinds = {task.record.kind for task in page.exercises}
    line = page.headings.get(page.settings["exercises part"], page.top)
    # One that could not be read is told already, and does not count.
    complete = next(page.doctree.findall(nodes.system_message), None) is None
    if not complete or not count:
        return
    if count < least:
        yield line, f"this chapter has fewer exercises than {least}: there are {count}"
    elif len(kinds) < page.settings["kinds"]:
        some = ", ".join(sorted(kinds))
        yield line, f"its exercises are of fewer kinds than {page.settings['kinds']}: {some}"


def _number(page: Page) -> Findings:
    for position, task in enumerate(page.exercises, start=1):
        found = re.match(rf"Exercise {position}: ", task.title)
        if not found:
            line = page.headings.get(task.title, task.record.line)
            yield line, f"the heading of this exercise begins 'Exercise {position}: '"


def _skill(page: Page) -> Findings:
    for task in page.exercises:
        if not task.record.skill:
            yield task.record.line, "this exercise has no :skill:"


def _figure(page: Page) -> Findings:
    if next(page.figures(), None) is None:
        yield page.top, "this chapter has no figure"


def _listing(page: Page) -> Findings:
    if not page.listings:
        yield page.top, "this chapter shows no code of the package: use {listing}"


@cache
def _package_functions() -> dict[str, str]:
    """Public functions of the package's modules, by their names: where each is."""
    found = {}
    for path in map(Path, package_files()):
        for name in re.findall(r"^def ([a-z]\w*)\(", path.read_text("utf-8"), re.MULTILINE):
            found[name] = f"{path.parent.name}.{path.stem}.{name}"
    return found


def _copy(page: Page) -> Findings:
    for code, line_of in page.code():
        for number, line in enumerate(code.splitlines(), start=1):
            name = re.match(r"\s*def (\w+)\(", line)
            if not name or name[1] in page.settings["built"]:
                continue
            if function := _package_functions().get(name[1]):
                yield line_of(number), f"the package has this function: use {{listing}} {function}"


def _witness(page: Page) -> Findings:
    for record in page.statements:
        ties = "; ".join(record.ties)
        tied = record.role == "formula" and re.search(page.settings["witnessed"], ties)
        if tied and record.ok and not record.witnesses and not DERIVATIVE.search(record.formula):
            yield record.line, f"this formula is tied to {ties} and has no :witness:"


class Rule(NamedTuple):
    """A rule of the house.

    Attributes
    ----------
    name : str
        What it is called in ``suppress_warnings``.
    find : callable
        Gives the line and the fault of each place of a page that breaks it.
    why : str
        What it is good for.
    chapters : bool
        Whether it is asked of chapters alone.
    """

    name: str
    find: Callable[[Page], Findings]
    why: str
    chapters: bool = False


RULES = (
    Rule("alt", _alt, "it is what a reader gets who cannot see the picture"),
    Rule("data", _data, "what it shows is accepted in words and numbers, too"),
    Rule("width", _width, "on paper, and beside the text, a longer line is cut off"),
    Rule("length", _length, "a reader should see all of a cell at once"),
    Rule("witness", _witness, "a formula and its code can be wrong alike"),
    Rule("parts", _parts, "readers find the same parts in every chapter", chapters=True),
    Rule("exercises", _exercises, "fewer do not cover what a chapter teaches", chapters=True),
    Rule("number", _number, "readers and teachers name it by its number", chapters=True),
    Rule("skill", _skill, "the list of all exercises says what each trains", chapters=True),
    Rule("figure", _figure, "some things are understood only when they are seen", chapters=True),
    Rule("listing", _listing, "readers want to see the code that ran", chapters=True),
    Rule("copy", _copy, "a copy stays as it is when the package changes", chapters=True),
)


Found = list[tuple[str, int, str]]
"""What was found on a page: rule, line and fault of each."""


def _all(env: BuildEnvironment) -> dict[str, Found]:
    """Give what was found on each page, which the environment keeps."""
    if not hasattr(env, "book_rules"):
        env.book_rules = {}  # type: ignore[attr-defined]
    found: dict[str, Found] = env.book_rules  # type: ignore[attr-defined]
    return found


def _look(app: Sphinx, doctree: nodes.document) -> None:
    env = app.env
    domain = env.domains["exercise"]
    assert isinstance(domain, ExerciseDomain)
    records = env.domaindata.get("checked_math", {}).get("pages", {}).get(env.docname)
    page = Page(
        Path(env.doc2path(env.docname)).read_text("utf-8"),
        doctree,
        executed_chapter(app),
        records.statements if records else [],
        domain.of(env.docname),
        DEFAULTS | app.config.book_rules,
    )
    _all(env)[env.docname] = [
        (rule.name, line, said) for rule in RULES for line, said in rule.find(page)
    ]


def _forget(app: Sphinx, env: BuildEnvironment, page: str) -> None:
    _all(env).pop(page, None)


def _merge(app: Sphinx, env: BuildEnvironment, pages: set[str], other: BuildEnvironment) -> None:
    _all(env).update({page: _all(other)[page] for page in pages if page in _all(other)})


def _say(app: Sphinx, env: BuildEnvironment) -> None:
    """Report the faults of all pages: which of them are chapters is known when all are read."""
    cover = Path(env.doc2path(app.config.root_doc))
    chapters = listed(cover, numbered=True) if cover.suffix == ".md" else []
    rules = {rule.name: rule for rule in RULES}
    for page, found in sorted(_all(env).items()):
        for name, line, said in found:
            if page in chapters or not rules[name].chapters:
                _warn(page, line, f"{said} ({rules[name].why})", name)


def _warn(page: str, line: int, message: str, rule: str) -> None:
    logger.warning("%s", message, location=(page, line), type="book", subtype=rule)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_config_value("book_rules", {}, "env", types=(dict,))
    app.connect("doctree-read", _look)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("env-check-consistency", _say)
    # Another env_version has Sphinx read all pages anew: what was found is kept with them.
    return {
        "version": "2",
        "env_version": 2,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
