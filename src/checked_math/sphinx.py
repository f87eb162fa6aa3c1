"""The Sphinx extension: the mathematics of each page is decided while the page is read.

The only module that knows Sphinx and docutils. What is decided is what `pages` decides of the
file; the doctree is only compared with it, so that no formula is printed that was not checked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.directives.patches import MathDirective
from sphinx.domains import Domain
from sphinx.locale import _
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from checked_math import __version__
from checked_math.document import DECLARATION
from checked_math.pages import PageRecord, Record, check_file, configuration
from checked_math.ties import called

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment
    from sphinx.util.typing import ExtensionMetadata, OptionSpec

logger = logging.getLogger(__name__)


# -- nodes ------------------------------------------------------------------------------------


class checked_mark(nodes.General, nodes.Element):
    """What was compared with what, behind a mark beside a displayed equation."""


class checked_line(nodes.General, nodes.Element):
    """A displayed equation, and the mark beside it."""


class checked_met(nodes.General, nodes.Element):
    """Symbols that the reader has met before: folded."""


class checked_statements(nodes.General, nodes.Element):
    """The place of the table of all statements, filled when all pages are read."""


class checked_count(nodes.Inline, nodes.TextElement):
    """The place of a number of the book, filled when all pages are read."""


def _open_line(translator: Any, node: checked_line) -> None:
    translator.body.append('<div class="checked-math-line">')


def _close_line(translator: Any, node: checked_line) -> None:
    translator.body.append("</div>\n")


# A tick is for what was compared with something.
SIGNS = {
    "checked": "✓",
    "a definition: read, but compared with nothing": "○",
    "unchecked": "○",
}


def _open_mark(translator: Any, node: checked_mark) -> None:
    title = node["title"]
    classes = "checked-math-mark checked-math" if title == "checked" else "checked-math-mark"
    translator.body.append(
        f'<details class="{classes}"><summary title="{title}">'
        f'<span aria-hidden="true">{SIGNS[title]}</span>'
        f'<span class="checked-math-hidden">{title}</span>'
        '</summary><div class="checked-math-grounds">'
    )


def _close_mark(translator: Any, node: checked_mark) -> None:
    translator.body.append("</div></details>\n")


def _open_met(translator: Any, node: checked_met) -> None:
    translator.body.append(
        f'<details class="checked-math-met"><summary>{_("symbols met before")}</summary>'
    )


def _close_met(translator: Any, node: checked_met) -> None:
    translator.body.append("</details>\n")


def _pass_by(translator: Any, node: nodes.Node) -> None:
    pass


def _skip(translator: Any, node: nodes.Node) -> None:
    raise nodes.SkipNode


# -- directives and roles ---------------------------------------------------------------------


class Formula(MathDirective):
    """A formula with a label, or a tie to code."""

    optional_arguments = 0
    option_spec: ClassVar[OptionSpec] = {
        **(MathDirective.option_spec or {}),
        "code": directives.unchanged_required,
        "defines": directives.unchanged,
        "witness": directives.unchanged_required,
        "unchecked": directives.unchanged_required,
    }


class Symbols(SphinxDirective):
    """Declarations, printed below the formula that comes next: what the letters in it mean."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the list, in which formulas are the terms and their meanings the definitions."""
        symbols = nodes.definition_list(classes=["checked-math-symbols"])
        for number, line in enumerate(self.content):
            found = DECLARATION.match(line.strip())
            if found is not None:
                symbols += self.symbol(found["formula"], found["meaning"].strip(), number)
        self.set_source_info(symbols)
        return [symbols]

    def symbol(self, formula: str, meaning: str, number: int) -> nodes.definition_list_item:
        """Return one declaration; the formula is never offered to a translator."""
        term = nodes.term("", "", nodes.math(formula, formula), translatable=False)
        said = nodes.paragraph(meaning, "")
        self.set_source_info(term)
        self.set_source_info(said)
        parsed, messages = self.parse_inline(meaning, lineno=self.content_offset + number + 1)
        said += parsed
        said += messages
        definition = nodes.definition("", said)
        return nodes.definition_list_item("", term, definition, formula=formula, meaning=meaning)


class CheckedStatements(SphinxDirective):
    """The table of all statements of the book."""

    def run(self) -> list[nodes.Node]:
        """Return a place to be filled."""
        return [checked_statements("")]


class Let(SphinxRole):
    """A definition within a sentence."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the formula."""
        return [nodes.math(self.rawtext, self.text)], []


class Count(SphinxRole):
    """A number of the book, of what `COUNTS` knows."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return a place to be filled."""
        if self.text not in COUNTS:
            message = self.inliner.reporter.error(
                f"checked-count knows {', '.join(COUNTS)}, not {self.text}", line=self.lineno
            )
            return [], [message]
        return [checked_count(self.rawtext, "", of=self.text)], []


class KeepFormulas(SphinxTransform):
    """Keep displayed formulas from translators: they are the same in every language."""

    default_priority = 5

    def apply(self, **kwargs: Any) -> None:
        """Mark them."""
        for node in self.document.findall(nodes.math_block):
            node["translatable"] = False


# -- the domain -------------------------------------------------------------------------------


class CheckedMath(Domain):
    """What was decided of each page."""

    name = "checked_math"
    label = "checked mathematics"
    data_version = 2
    # Sphinx declares it as an instance's before version 9.
    initial_data: ClassVar[dict[str, Any]] = {  # type: ignore[misc, unused-ignore]
        "pages": {},
        "places": {},
        "symbols": {},
        "met": {},
    }

    @property
    def pages(self) -> dict[str, PageRecord]:
        """The record of each page, by its name."""
        pages: dict[str, PageRecord] = self.data["pages"]
        return pages

    @property
    def places(self) -> dict[str, bool]:
        """Pages that print something of all pages."""
        places: dict[str, bool] = self.data["places"]
        return places

    @property
    def symbols(self) -> dict[str, Symbolic]:
        """What the letters of each page mean at its end."""
        symbols: dict[str, Symbolic] = self.data["symbols"]
        return symbols

    @property
    def met(self) -> dict[str, Symbolic]:
        """What the reader of each page has met on the pages before it."""
        met: dict[str, Symbolic] = self.data["met"]
        return met

    def clear_doc(self, docname: str) -> None:
        """Forget a page."""
        for store in ("pages", "places", "symbols", "met"):
            self.data[store].pop(docname, None)

    def merge_domaindata(self, docnames: Any, otherdata: Any) -> None:
        """Take the pages that another process has read."""
        for docname in docnames:
            for store in ("pages", "places", "symbols"):
                if docname in otherdata[store]:
                    self.data[store][docname] = otherdata[store][docname]

    def process_doc(self, env: BuildEnvironment, docname: str, document: nodes.document) -> None:
        """Decide a page, and mark its displayed equations."""
        path = Path(env.doc2path(docname))
        record = check_file(path) if path.suffix == ".md" else PageRecord()
        for file in record.code_files:
            env.note_dependency(file)
        for parent in path.resolve().parents:
            if (parent / "pyproject.toml").is_file():
                env.note_dependency(str(parent / "pyproject.toml"))
                break
        if (allowed := configuration(path.resolve().parent).allowed) is not None:
            env.note_dependency(str(allowed))
        record.findings += list(_unseen(document, record))
        self.pages[docname] = record
        if any(document.findall(_is_place)):
            self.places[docname] = True
        self.symbols[docname] = _declared(document)
        _place(document)
        _mark(document, record, path)

    def check_consistency(self) -> None:
        """Report every fault of the book, also those of pages that were not read again."""
        for docname, record in sorted(self.pages.items()):
            for statement in record.statements:
                if not statement.ok:
                    message = statement.report.partition(": ")[2]
                    _report(message, docname, statement.line, statement.kind or "")
            for line, finding in record.findings:
                _report(finding, docname, line, "finding")

    def count(self, of: str) -> int:
        """Return a number of the book."""
        return int(COUNTS[of](self))

    def statements(self) -> Iterator[tuple[str, Record]]:
        """Yield every statement, with its page."""
        for docname in sorted(self.pages):
            for record in self.pages[docname].statements:
                yield docname, record

    def resolve_any_xref(self, *args: Any, **kwargs: Any) -> list[Any]:
        """There is nothing to link to."""
        return []


def _decided(domain: CheckedMath) -> list[Record]:
    return [record for _, record in domain.statements() if record.word == "holds"]


COUNTS: dict[str, Any] = {
    "statements": lambda domain: sum(page.checked for page in domain.pages.values()),
    "ties": lambda domain: sum(bool(record.ties) for _, record in domain.statements()),
    "definitions": lambda domain: sum(record.only_read for record in _decided(domain)),
    "witnesses": lambda domain: sum(bool(record.witnesses) for record in _decided(domain)),
    "unchecked": lambda domain: sum(bool(record.unchecked) for _, record in domain.statements()),
    "pages": lambda domain: sum(bool(page.checked) for page in domain.pages.values()),
    "formulas": lambda domain: sum(len(page.seen) for page in domain.pages.values()),
}


def _report(message: str, docname: str, line: int, kind: str) -> None:
    logger.error("%s", message, location=(docname, line), type="checked_math", subtype=kind)


def _is_place(node: nodes.Node) -> bool:
    return isinstance(node, checked_statements | checked_count)


def _spaceless(text: str) -> str:
    return "".join(text.split())


def _unseen(document: nodes.document, record: PageRecord) -> Iterator[tuple[int, str]]:
    """Yield the mathematics of the doctree that is not in the file itself."""
    seen = Counter(_spaceless(text) for text in record.seen)
    for node in (*document.findall(nodes.math), *document.findall(nodes.math_block)):
        if _is_output(node) or node.get("computed"):  # written by code, from what it computes
            continue
        text = _spaceless(node.astext())
        if seen[text]:
            seen[text] -= 1
        elif text not in seen:
            yield (
                node.line or 1,
                f"not checked: {' '.join(node.astext().split())} is not in this file",
            )


def _is_output(node: nodes.Node) -> bool:
    """Whether a node is the output of an executed cell, so no statement of the author."""
    while node.parent is not None:
        node = node.parent
        if "cell_output" in getattr(node, "attributes", {}).get("classes", ()):
            return True
    return False


Symbolic = dict[str, tuple[str, str]]
"""For each symbol its declaration and its meaning, as last said."""

_WORN = r"\\(?:mathbf|mathrm|mathcal|mathit|boldsymbol|vec|hat|bar|operatorname|text)\{[^{}]*\}"
_NAME = re.compile(rf"(?:{_WORN}|\\[A-Za-z]+|[A-Za-z])(?:_\d|_\{{\d+\}})?")


def _letters(formula: str) -> list[str]:
    """Names in a formula, as they are written: a letter with its number, and the letter alone."""
    found = []
    for match in _NAME.findall(formula):
        found += [re.sub(r"[{}]", "", match), re.sub(r"[{}]", "", match.partition("_")[0])]
    return found


def _symbols_in(document: nodes.document) -> list[nodes.definition_list]:
    return [node for node in document.findall(nodes.definition_list) if _is_symbols(node)]


def _is_symbols(node: nodes.Node) -> bool:
    return isinstance(node, nodes.definition_list) and "checked-math-symbols" in node["classes"]


def _note(symbols: Symbolic, item: nodes.Element) -> bool:
    """Note what a declaration says; return whether it is new."""
    said = (_spaceless(item["formula"]), " ".join(item["meaning"].split()))
    new = symbols.get(_name(item)) != said
    symbols[_name(item)] = said
    return new


def _name(item: Any) -> str:
    return next(iter(_letters(item["formula"])), str(item["formula"]))


def _declared(document: nodes.document) -> Symbolic:
    symbols: Symbolic = {}
    for listed in _symbols_in(document):
        for item in listed.children:
            _note(symbols, item)  # type: ignore[arg-type]
    return symbols


def _place(document: nodes.document) -> None:
    """Put each declaration below the first formula after it that has its letter.

    One whose letter is in none stands below the first formula; where no formula follows, the list
    stays where it is.
    """
    for listed in _symbols_in(document):
        parent = listed.parent
        formulas = []
        for node in parent.children[parent.index(listed) + 1 :]:
            if _is_symbols(node):
                break
            if isinstance(node, nodes.math_block):
                formulas.append(node)
        if not formulas:
            continue
        parent.remove(listed)
        left: list[Any] = list(listed.children)
        groups: list[list[Any]] = []
        for formula in formulas:
            letters = set(_letters(formula.astext()))
            group = [item for item in left if _name(item) in letters]
            # The sizes of what is shown are shown with it.
            sizes = {
                size for item in group for size in _letters(item["formula"].partition("\\in")[2])
            }
            left = [item for item in left if item not in group]
            groups.append(group + [item for item in left if _name(item) in sizes])
            left = [item for item in left if _name(item) not in sizes]
        for item in left:
            users = (
                group
                for group in groups
                if any(_name(item) in _letters(shown["formula"]) for shown in group)
            )
            next(users, groups[0]).append(item)
        for formula, group in zip(formulas, groups, strict=True):
            if group:
                where = nodes.definition_list("", classes=["checked-math-symbols", "where"])
                where += sorted(group, key=listed.children.index)
                parent.insert(parent.index(formula) + 1, where)


def _fold(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Show below a formula what is new; fold what the reader has met before."""
    met = dict(_domain(app.env).met.get(docname, {}))
    for listed in _symbols_in(doctree):
        new = [item for item in listed.children if _note(met, item)]  # type: ignore[arg-type]
        if "where" not in listed["classes"]:
            continue
        known = [item for item in listed.children if item not in new]
        where = nodes.container("", classes=["checked-math-where"])
        if new:
            word = nodes.paragraph("", _("where"), translatable=False)
            where += [word, nodes.definition_list("", *new, classes=["checked-math-symbols"])]
        if known:
            folded = nodes.definition_list("", *known, classes=["checked-math-symbols"])
            where += checked_met("", folded)
        listed.replace_self(where)


def _mark(document: nodes.document, record: PageRecord, path: Path) -> None:
    """Put what was compared with what behind each displayed equation."""
    settings = configuration(path.resolve().parent)
    waiting: dict[str, list[Record]] = {}
    for statement in record.statements:
        if statement.role in ("display", "formula"):
            waiting.setdefault(_spaceless(statement.formula), []).append(statement)
    for block in list(document.findall(nodes.math_block)):
        statements = waiting.get(_spaceless(block.astext()), [])
        figures = [statement for statement in statements if statement.figures]
        if not figures or not all(statement.ok for statement in statements):
            continue
        checked, definition, unchecked = SIGNS
        title = definition if all(s.only_read for s in figures) else checked
        title = unchecked if any(s.unchecked for s in statements) else title
        mark = checked_mark("", title=title)
        for statement in figures:
            said = nodes.paragraph("", "", nodes.Text(_sentence(statement.figures)))
            mark += said
            for name in (name for tie in statement.ties for name in called(tie)):
                # A method of what the formula names, as in `b.ravel()`, is in no reference.
                if settings.packages.module(name.partition(".")[0]):
                    said += nodes.Text(" ")
                    said += _reference(settings.packages.full_name(name), name)
        line = checked_line("")
        block.replace_self(line)
        line += [block, mark]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _reference(target: str, text: str) -> addnodes.pending_xref:
    """Return a link to a function in the reference, if the book has one."""
    literal = nodes.literal(text, text)
    return addnodes.pending_xref(
        "",
        literal,
        refdomain="py",
        reftype="func",
        reftarget=target,
        refwarn=False,
        refexplicit=True,
    )


# -- when all pages are read ------------------------------------------------------------------


def _outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> list[str]:
    """Have pages with faults read again in every build, until they are mended."""
    domain = _domain(env)
    return [name for name, record in domain.pages.items() if not record.ok and name not in removed]


def _rewrite(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Have the pages written anew that print something of all pages, or of those before them."""
    domain = _domain(env)
    for docname in domain.places:
        env.domaindata["math"].setdefault("has_equations", {})[docname] = True
    met: Symbolic = {}
    changed = []
    for docname in _in_order(env, domain.symbols):
        if domain.met.get(docname) != met:
            changed.append(docname)
            domain.met[docname] = dict(met)
        met.update(domain.symbols[docname])
    return [*domain.places, *changed]


def _in_order(env: BuildEnvironment, docnames: Iterable[str]) -> list[str]:
    """Sort pages as the book does; pages outside of it come last."""
    order = {docname: place for place, docname in enumerate(env.collect_relations())}
    return sorted(docnames, key=lambda name: (order.get(name, len(order)), name))


def _fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Fill the places for what is known of the whole book."""
    domain = _domain(app.env)
    for count in list(doctree.findall(checked_count)):
        count.replace_self(nodes.Text(str(domain.count(count["of"]))))
    for place in list(doctree.findall(checked_statements)):
        place.replace_self(_tables(app, domain, docname))


def _domain(env: BuildEnvironment) -> CheckedMath:
    domain = env.get_domain("checked_math")
    assert isinstance(domain, CheckedMath)
    return domain


HEADINGS = ("statement", "line", "verdict", "on what grounds")


def _tables(app: Sphinx, domain: CheckedMath, here: str) -> list[nodes.Node]:
    """Return a table of statements for each page, in the order of the book."""
    tables: list[nodes.Node] = []
    for docname in _in_order(app.env, domain.pages):
        statements = [s for s in domain.pages[docname].statements if s.word == "holds" or s.ties]
        if not statements:
            continue
        title = app.env.titles[docname].astext() if docname in app.env.titles else docname
        link = nodes.reference("", title, internal=True)
        link["refuri"] = app.builder.get_relative_uri(here, docname)
        tables.append(nodes.rubric("", "", link))
        tables.append(_table(statements))
    return tables or [nodes.paragraph("", "There is no mathematics in this book.")]


def _table(statements: list[Record]) -> nodes.table:
    group = nodes.tgroup("", cols=len(HEADINGS))
    for width in (40, 6, 10, 44):
        group += nodes.colspec(colwidth=width)
    group += nodes.thead("", _row([nodes.Text(heading) for heading in HEADINGS]))
    body = nodes.tbody()
    for statement in statements:
        formula = statement.printed or statement.source
        shown = nodes.math(formula, formula)
        word = "definition" if statement.only_read else statement.word
        word = "unchecked" if statement.unchecked else word
        grounds = statement.figures or statement.message
        ties = [f"code: {tie}" for tie in statement.ties if tie not in grounds]
        grounds = "; ".join(filter(None, [grounds, *ties]))
        cells = [shown, nodes.Text(str(statement.line)), nodes.Text(word), nodes.Text(grounds)]
        body += _row(cells)
    group += body
    return nodes.table("", group, classes=["checked-math-statements"])


def _row(cells: list[Any]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        row += nodes.entry("", nodes.paragraph("", "", cell))
    return row


def _say(app: Sphinx, error: Exception | None) -> None:
    """Say how many statements hold; have the build fail, without -W too, if any does not."""
    if error is None:
        domain = _domain(app.env)
        if not all(record.ok for record in domain.pages.values()):
            app.statuscode = 1
        logger.info("%s", f"checked mathematics: {domain.count('statements')} statements hold")


def _add_style(app: Sphinx) -> None:
    app.config.html_static_path.append(str(Path(__file__).with_name("static")))


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register nodes, directives, roles and the domain."""
    app.add_node(
        checked_mark,
        html=(_open_mark, _close_mark),
        latex=(_skip, None),
        text=(_skip, None),
        man=(_skip, None),
        texinfo=(_skip, None),
    )
    for node, visitors in (
        (checked_line, (_open_line, _close_line)),
        (checked_met, (_open_met, _close_met)),
    ):
        passed_by = (_pass_by, _pass_by)
        app.add_node(
            node,
            html=visitors,
            latex=passed_by,
            text=passed_by,
            man=passed_by,
            texinfo=passed_by,
        )
    app.add_node(checked_statements)
    app.add_node(checked_count)
    app.add_domain(CheckedMath)
    app.add_directive("formula", Formula)
    app.add_directive("symbols", Symbols)
    app.add_directive("checked-statements", CheckedStatements)
    app.add_role("let", Let())
    app.add_role("checked-count", Count())
    app.add_transform(KeepFormulas)
    app.connect("builder-inited", _add_style)
    app.connect("env-get-outdated", _outdated)
    app.connect("env-updated", _rewrite)
    app.connect("doctree-resolved", _fill)
    app.connect("doctree-resolved", _fold)
    app.connect("build-finished", _say)
    app.add_css_file("checked_math.css")
    return {
        "version": __version__,
        "env_version": 2,
        "parallel_read_safe": True,
        "parallel_write_safe": True,
    }
