r"""A MyST file to what it states: declarations, definitions and formulas, where they stand.

The command line and the Sphinx extension both read files through this module.

>>> page = read("Let {let}`x = 2`.\n\nThen $x + 1 = 3$.\n")
>>> [(item.role, item.text, item.line, item.column) for item in page.items]
[('let', 'x = 2', 1, 11), ('inline', 'x + 1 = 3', 3, 7)]
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.front_matter import front_matter_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

# Directives whose body is no prose: nothing in them is mathematics of the page.
VERBATIM = frozenset(
    [
        "code",
        "code-block",
        "code-cell",
        "sourcecode",
        "literalinclude",
        "raw",
        "eval-rst",
        "toctree",
        "bibliography",
        "include",
        "mermaid",
        "graphviz",
        "highlight",
        "index",
        "only",
        "autofunction",
        "automodule",
        "autoclass",
        "parsed-literal",
        "doctest",
        "testcode",
        "testoutput",
        "checked-statements",
        "glue:math",
        "image",
        "contents",
        "csv-table",
    ]
)


@dataclass(frozen=True)
class Item:
    """A piece of mathematics of a page.

    Attributes
    ----------
    role : str
        ``symbols`` (one declaration), ``let``, ``inline``, ``display`` or ``formula``.
    text : str
        The LaTeX.
    line, column : int
        Where it starts in the file, from 1.
    options : dict of str to str
        Of ``{formula}``; the tie of a declaration stands under ``code``.
    block : int
        Declarations of one ``{symbols}`` share it.
    columns : tuple of int
        Where each line of the text starts in its line of the file.
    """

    role: str
    text: str
    line: int
    column: int
    options: dict[str, str] = field(default_factory=dict)
    block: int = 0
    columns: tuple[int, ...] = ()

    def place(self, offset: int) -> tuple[int, int]:
        """Return line and column in the file of a character of the text."""
        before = self.text[:offset]
        row = before.count("\n")
        inside = offset - (before.rfind("\n") + 1)
        start = self.columns[row] if row < len(self.columns) else 1
        return self.line + row, start + inside


@dataclass(frozen=True)
class Prose:
    """A run of words of a page, for the lint of numbers."""

    text: str
    line: int
    kind: str


@dataclass
class Page:
    """What stands in a file."""

    items: list[Item] = field(default_factory=list)
    prose: list[Prose] = field(default_factory=list)
    errors: list[tuple[int, str]] = field(default_factory=list)


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    parser = MarkdownIt("commonmark").enable("table")
    parser.use(front_matter_plugin).use(myst_block_plugin).use(myst_role_plugin)
    parser.use(footnote_plugin).use(deflist_plugin).use(colon_fence_plugin).use(amsmath_plugin)
    parser.use(attrs_plugin, spans=True)
    return parser.use(dollarmath_plugin, allow_labels=True, double_inline=True)


def read(text: str, verbatim: Iterable[str] = ()) -> Page:
    """Read a MyST file.

    Parameters
    ----------
    text : str
        The whole file.
    verbatim : iterable of str
        Further directives whose body is code, not prose.

    Returns
    -------
    Page
        Its mathematics in order, and its prose.
    """
    page = Page()
    _Reader(page, text.splitlines(), VERBATIM | set(verbatim)).blocks(text, 0)
    return page


class _Reader:
    def __init__(self, page: Page, lines: list[str], verbatim: frozenset[str]) -> None:
        self.page = page
        self.lines = lines
        self.verbatim = verbatim
        self.count = 0

    def blocks(self, text: str, offset: int) -> None:
        """Read blocks that start `offset` lines into the file."""
        for token in _markdown().parse(text):
            first, last = token.map or (0, 0)
            match token.type:
                case "inline":
                    self.inline(token, first + offset, last + offset)
                case "math_block" | "math_block_label" | "amsmath":
                    self.display(token.content, first + offset, last + offset)
                case "fence" | "colon_fence":
                    self.fence(token, first + offset)

    def inline(
        self, token: Token, first: int, last: int, after: str = "", kind: str = "prose"
    ) -> None:
        """Read the words, formulas and roles of a paragraph."""
        place = _Cursor(self.lines, first, max(last, first + 1))
        if after:
            place.find(after)
        for child in _flat(token.children or []):
            match child.type:
                case "math_inline_double":
                    self.doubled(child.content, place)
                case "math_inline" | "math_single":
                    self.add("inline", child.content, *place.find(child.content))
                case "myst_role":
                    name = child.meta.get("name", "")
                    where = place.find(child.content)
                    if name == "math":
                        self.add("inline", child.content, *where)
                    elif name == "let":
                        self.add("let", child.content, *where)
                case "text" | "code_inline":
                    line, _ = place.find(child.content)
                    words = kind if child.type == "text" else "inline code"
                    self.page.prose.append(Prose(child.content, line, words))

    def doubled(self, content: str, place: _Cursor) -> None:
        """Keep a formula in double dollars within a paragraph."""
        text = content.strip()
        self.add("display", text, *place.find(text))

    def add(
        self,
        role: str,
        text: str,
        line: int,
        column: int,
        options: dict[str, str] | None = None,
        block: int = 0,
    ) -> None:
        """Keep an item, with where each of its lines starts."""
        columns = [column]
        for k, part in enumerate(text.split("\n")[1:], start=1):
            source = self.lines[line - 1 + k] if line - 1 + k < len(self.lines) else ""
            columns.append(source.find(part.strip()) + 1 - (len(part) - len(part.lstrip())))
        item = Item(role, text, line, column, options or {}, block, tuple(columns))
        self.page.items.append(item)

    def display(
        self,
        text: str,
        first: int,
        last: int,
        role: str = "display",
        options: dict[str, str] | None = None,
    ) -> None:
        """Keep a displayed formula; its first line is the first with anything of it."""
        stripped = text.strip("\n")
        stripped = stripped.rstrip()
        stripped = stripped.lstrip()
        if not stripped:
            self.page.errors.append((first + 1, "an empty formula"))
            return
        start = stripped.split("\n")[0].strip()
        for number in range(first, min(last + 1, len(self.lines))):
            column = self.lines[number].find(start)
            if column >= 0:
                self.add(role, stripped, number + 1, column + 1, options)
                return
        self.add(role, stripped, first + 1, 1, options)

    def fence(self, token: Token, first: int) -> None:
        """Read a directive, or pass by a listing."""
        match = re.match(r"\{([\w:.+-]+)\}\s*(.*)", token.info.strip())
        if match is None:
            return
        name, argument = match[1], match[2]
        body, options, skipped = _options(token.content)
        start = first + 1 + skipped
        last = (token.map[1] if token.map else first) - (token.map[0] if token.map else 0) + first
        if name == "symbols":
            self.symbols(body, start)
        elif name == "formula" and "```" in body:
            why = "this {formula} has no closing fence: it runs on until the next one"
            self.page.errors.append((first + 1, why))
        elif name == "formula":
            self.display(body, start, last, "formula", options)
        elif name == "math":
            self.display("\n".join(filter(None, (argument, body))), first, last)
        else:
            for key, kind in (("alt", "alt text"), ("caption", "a caption")):
                if key in options:
                    rows = (k for k in range(first, start) if f"{key}:" in self.lines[k])
                    line = next(rows, first) + 1
                    if key == "alt":
                        self.page.prose.append(Prose(options[key], line, kind))
                    else:
                        for part in _markdown().parseInline(options[key]):
                            self.inline(part, line - 1, line, after=f"{key}:", kind=kind)
            if name not in self.verbatim:
                if argument and name not in ("figure", "include", "exercise-start", "solution"):
                    self.blocks(argument, first)
                self.blocks(body, start)

    def symbols(self, body: str, start: int) -> None:
        """Read declarations, one a line."""
        self.count += 1
        meanings = []
        for k, line in enumerate(body.splitlines()):
            if not line.strip():
                continue
            found = DECLARATION.match(line.strip())
            number = start + k + 1
            if found is None:
                message = "a declaration reads: $formula$ : meaning, or $formula$ [code] : meaning"
                self.page.errors.append((number, message))
                continue
            source = self.lines[number - 1] if number <= len(self.lines) else ""
            options = {"code": (found["tie"] or "").strip(), "meaning": found["meaning"].strip()}
            column = source.find(found["formula"]) + 1
            self.add("symbols", found["formula"], number, column, options, self.count)
            meanings.append((number, options["meaning"]))
        for number, meaning in meanings:  # after the declarations, whose letters they may use
            for token in _markdown().parseInline(meaning):
                self.inline(token, number - 1, number, after=": ")


DECLARATION = re.compile(
    r"\$(?P<formula>[^$]+)\$\s*(?:\[(?P<tie>[^\[\]]*(?:\[[^\]]*\][^\[\]]*)*)\])?\s*:\s*(?P<meaning>.*)$"
)


def _options(content: str) -> tuple[str, dict[str, str], int]:
    """Cut the options off a directive; return body, options and the number of lines cut."""
    lines = content.splitlines()
    options: dict[str, str] = {}
    k = 0
    last = ""
    if lines and lines[0].strip() == "---":
        for k, line in enumerate(lines[1:], start=1):
            if line.strip() == "---":
                return "\n".join(lines[k + 1 :]), options, k + 1
            key, _, value = line.partition(":")
            options[key.strip()] = value.strip()
    while k < len(lines):
        match = re.match(r":([\w-]+):\s*(.*)$", lines[k])
        if match:
            last = match[1]
            options[last] = match[2].strip()
        elif last and lines[k].startswith("  ") and lines[k].strip():
            options[last] += "\n" + lines[k].strip()
        else:
            break
        k += 1
    return "\n".join(lines[k:]), options, k


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        if token.children:
            yield from _flat(token.children)


class _Cursor:
    """Finds pieces of a paragraph in the file, one after the other."""

    def __init__(self, lines: list[str], first: int, last: int) -> None:
        self.lines, self.line, self.last, self.column = lines, first, last, 0

    def find(self, content: str) -> tuple[int, int]:
        """Return line and column, from 1, of the next place where the content stands."""
        wanted = content.split("\n")[0]
        line, column = self.line, self.column
        while wanted and line < min(self.last, len(self.lines)):
            found = self.lines[line].find(wanted, column)
            if found >= 0:
                self.line, self.column = line, found + len(wanted)
                return line + 1, found + 1
            line, column = line + 1, 0
        return self.line + 1, self.column + 1
