r"""A page to its record: every statement with its verdict.

>>> record = check("$$ 1 + 1 = 3 $$\n", "page.md")
>>> print(record.statements[0].report)
page.md:1: the two sides differ
    1 + 1 = 3
    1 + 1 gives  2   at  the numbers given
    3 gives  3
    they differ by the factor 3/2: is a factor 3/2 wrong?
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from checked_math import functions, messages, numbers, ties
from checked_math.comparison import relative_difference
from checked_math.decision import Benches, Options
from checked_math.document import Item, read
from checked_math.faults import NOWHERE, Fault, Span
from checked_math.scope import Beyond
from checked_math.symbols import Domain, Entry, Table
from checked_math.terms import Term
from checked_math.ties import Packages
from checked_math.tree import Member, Number, Symbol
from checked_math.values import Bench, draw, evaluate
from checked_math.verdicts import Verdict, decide


@dataclass(frozen=True)
class Configuration:
    """What ``[tool.checked_math]`` in the nearest pyproject.toml says."""

    packages: Packages = field(default_factory=Packages)
    numbers: bool = True
    numbered: tuple[str, ...] = ()
    verbatim: tuple[str, ...] = ()
    allowed: Path | None = None
    """The counts that may be typed by hand; without such a file all may."""


@lru_cache(maxsize=64)
def configuration(folder: Path) -> Configuration:
    """Return the configuration for the files of a folder.

    Parameters
    ----------
    folder : Path
        Where the file stands; its parents are searched for a pyproject.toml.

    Returns
    -------
    Configuration
    """
    for parent in (folder, *folder.parents):
        path = parent / "pyproject.toml"
        if not path.is_file():
            continue
        tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}).get("checked_math")
        if tool is None:
            return Configuration()
        for place in tool.get("path", []):
            where = str((parent / place).resolve())
            if where not in sys.path:
                sys.path.insert(0, where)
        default = Packages()
        packages = Packages(
            tuple(tool.get("code", default.code)), tuple(tool.get("witness", default.witness))
        )
        return Configuration(
            packages,
            tool.get("numbers", True),
            tuple(tool.get("numbered", ())),
            tuple(tool.get("verbatim", ())),
            parent / tool["allowed-counts"] if "allowed-counts" in tool else None,
        )
    return Configuration()


def allowed_counts(path: Path) -> list[numbers.Allowed]:
    """Read which counts may be typed by hand: tables ``[[allowed]]`` of a phrase and a reason."""
    tables = tomllib.loads(path.read_text(encoding="utf-8")).get("allowed", [])
    return [numbers.Allowed(**table) for table in tables]


@dataclass(frozen=True)
class Record:
    """One statement of a page, as reports and pages print it. Plain values: it is pickled."""

    path: str
    line: int
    column: int
    role: str
    source: str
    formula: str
    word: str
    kind: str | None
    message: str
    details: tuple[str, ...]
    figures: str
    witnesses: tuple[str, ...] = ()
    ties: tuple[str, ...] = ()
    label: str = ""
    draws: int = 0
    largest: float = 0.0
    unchecked: str = ""
    printed: str = ""
    only_read: bool = False

    @property
    def ok(self) -> bool:
        """Whether the book may be published with this statement."""
        return self.word not in ("fails", "cannot be decided")

    @property
    def report(self) -> str:
        """Return what the author reads: the place, the formula, values and guesses."""
        where = f"{self.path}:{self.line}:"
        if self.ok:
            return f"{where} {self.word}" + (f"; {self.figures}" if self.figures else "")
        column = f" (column {self.column})" if self.kind in ("syntax", "undeclared") else ""
        cannot = "cannot be decided: " if self.word == "cannot be decided" else ""
        source = " ".join(self.source.split())
        return "\n    ".join([f"{where} {cannot}{self.message}{column}", source, *self.details])


@dataclass
class PageRecord:
    """All that was decided of one page."""

    statements: list[Record] = field(default_factory=list)
    findings: list[tuple[int, str]] = field(default_factory=list)
    code_files: tuple[str, ...] = ()
    seen: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the book may be published with this page."""
        return not self.findings and all(record.ok for record in self.statements)

    @property
    def checked(self) -> int:
        """The number of statements that were decided."""
        return sum(record.word == "holds" and not record.unchecked for record in self.statements)


def check(text: str, path: str, settings: Configuration | None = None) -> PageRecord:
    """Decide every statement of a page.

    Parameters
    ----------
    text : str
        The MyST source.
    path : str
        Its name in reports.
    settings : Configuration, optional
        Where ties look.

    Returns
    -------
    PageRecord
    """
    settings = settings or Configuration()
    return _Check(text, path, settings).run()


def check_file(path: Path) -> PageRecord:
    """Decide every statement of a file, under the configuration of its folder."""
    text = path.read_text(encoding="utf-8")
    return check(text, str(path), configuration(path.resolve().parent))


class _Check:
    def __init__(self, text: str, path: str, settings: Configuration) -> None:
        self.path = path
        self.settings = settings
        self.page = read(text, settings.verbatim)
        self.table = Table()
        self.benches = Benches(self.table, settings.packages)
        self.record = PageRecord(seen=tuple(item.text for item in self.page.items))
        self.names: list[tuple[Item, tuple[str, ...]]] = []

    def run(self) -> PageRecord:
        """Return the record of the page."""
        items = self.page.items
        for k, item in enumerate(items):
            if item.role in ("symbols", "let"):
                self.declare(item)
                last = k + 1 == len(items) or items[k + 1].block != item.block
                if item.role == "let" or last:
                    self.hold_declarations()
            else:
                self.decide(item)
        self.record.findings += [(line, message) for line, message in self.page.errors]
        if self.settings.numbers:
            found = numbers.findings(self.page, self.settings.numbered)
            if self.settings.allowed is not None:
                allowed = allowed_counts(self.settings.allowed)
                found += numbers.counts(self.page, allowed, self.settings.allowed.name)
            self.record.findings += [(finding.line, finding.message) for finding in found]
        self.record.code_files = tuple(sorted(self.code_files()))
        return self.record

    def keep(self, item: Item, verdict: Verdict, options: Options | None = None) -> None:
        """Keep a verdict, with its place in the file."""
        offset = verdict.span.start if verdict.span != NOWHERE else 0
        line, column = item.place(offset)
        options = options or Options()
        self.record.statements.append(
            Record(
                self.path,
                line,
                column,
                item.role,
                verdict.source or item.text,
                item.text,
                verdict.word,
                verdict.kind,
                verdict.message,
                verdict.details,
                verdict.figures,
                verdict.witnesses,
                options.code,
                item.options.get("label", ""),
                verdict.draws,
                verdict.largest,
                options.unchecked,
                verdict.printed,
                verdict.only_read,
            )
        )

    def fault(self, item: Item, fault: Fault) -> None:
        """Keep the fault of a declaration."""
        word = "cannot be decided" if fault.kind == "undecided" else "fails"
        span = fault.span if fault.span.end <= len(item.text) else NOWHERE
        verdict = Verdict(word, item.text, span, fault.kind, fault.message, fault.details)  # type: ignore[arg-type]
        self.keep(item, verdict)

    def declare(self, item: Item) -> None:
        """Take a declaration into the table."""
        try:
            names = self.table.declare(item.text, item.options.get("code", ""), item.line)
        except Fault as fault:
            self.fault(item, fault)
            return
        self.names.append((item, names))

    def hold_declarations(self) -> None:
        """Check new declarations against themselves and their code."""
        for item, names in self.names:
            try:
                for name in names:
                    self.hold(self.table.entries[name])
            except Fault as fault:
                self.fault(item, fault)
                continue
            except (ArithmeticError, ValueError, RecursionError) as error:
                self.fault(item, Fault("undecided", f"it cannot be evaluated ({error})"))
                continue
            tie = item.options.get("code", "")
            agrees = (f"the definition and {tie}",) if tie else ()
            verdict = Verdict("declared", item.text, Span(0, len(item.text)), compared=agrees)
            self.keep(item, verdict, Options(code=(tie,) if tie else ()))
        self.names = []

    def hold(self, entry: Entry) -> None:
        """Read what an entry is defined by; compare it with the code it is tied to."""
        for group in (0, 1):
            bench = self.benches.get(group)
            if entry.index is not None and not entry.is_size:
                first, last = bench.scope.limits(entry)
                for number in range(first, last + 1):
                    self._member(bench, entry, number)
            elif not entry.is_function and not entry.is_size and entry.index is None:
                bench.scope.shape_of(entry.name)
                if entry.tie:
                    self._agree(bench, entry, ties.run(entry.tie, bench, self.settings.packages))
            elif entry.tie and entry.parameters is not None:
                self._function_agrees(bench, entry)

    def _member(self, bench: Bench, entry: Entry, number: int) -> None:
        if not entry.name.endswith("^()"):
            return
        try:
            found = bench.scope.resolve(Member(Symbol(entry.name[:-3]), Number(str(number))))
            if found is not None:
                bench.scope.shape_of(found[0])
        except Beyond:
            return

    def _agree(self, bench: Bench, entry: Entry, given: Any) -> None:
        value = bench.evaluate(bench.scope.reference(entry.name))
        if given.shape != value.shape:
            shape = messages.named(given.shape[:-1], bench.counts)
            raise Fault("shape", f"{entry.tie} gives {shape}")
        self._compare(entry, value, given)

    def _compare(self, entry: Entry, value: Any, given: Any) -> None:
        off = relative_difference(value, given)
        if not np.all(off < 1e-9):
            number = int(np.argmax(off))
            names = ("the formula", entry.tie)
            lines = messages.values(names, value[..., number], given[..., number], {})
            raise Fault("differ", messages.differ(names), NOWHERE, lines)

    def _function_agrees(self, bench: Bench, entry: Entry) -> None:
        """Compare a function with its code, at random arguments."""
        code = ties.function(entry.tie, self.settings.packages)
        arguments, frame = [], {}
        for k, parameter in enumerate(entry.parameters or ()):
            found = bench.scope.resolve(parameter)
            shape = () if found is None else bench.scope.shape_of(found[0])
            key = ("argument", k)
            if found is not None and bench.scope.entry(found[0])[0].body is None:
                frame[key] = bench.free(found[0])
            else:
                counts = tuple(size.count for size in shape)
                frame[key] = draw(
                    Domain("real"), (*counts, bench.draws), bench.rng(str(key)), bench.short
                )
            arguments.append(Term("local", (), shape, data=key))
        term = functions.apply(bench.scope, Symbol(entry.name), tuple(arguments), NOWHERE)

        with np.errstate(all="ignore"):
            value = evaluate(term, bench.root.child(frame))
        given = []
        for number in range(bench.draws):
            try:
                given.append(np.asarray(code(*(x[..., number] for x in frame.values())), float))
            except Exception as error:
                said = f"{type(error).__name__}: {error}"
                raise Fault("code", f"{entry.tie} raises {said}") from None
        self._compare(entry, value, np.stack(given, axis=-1))

    def decide(self, item: Item) -> None:
        """Decide the statements of a formula."""
        options = _formula_options(item)
        try:
            verdicts = decide(item.text, self.table, options, None, self.benches)
        except Fault as fault:
            self.fault(item, fault)
            return
        for k, verdict in enumerate(verdicts):
            own = options if k == 0 else Options(unchecked=options.unchecked)
            self.keep(item, verdict, own)

    def code_files(self) -> set[str]:
        """Return the files of the code that the page is tied to."""
        found = set()
        for record in self.record.statements:
            for tie in record.ties:
                for name in ties.called(tie):
                    module = self.settings.packages.module(name.partition(".")[0])
                    inside = module is not None and module.__name__.startswith(
                        self.settings.packages.code
                    )
                    if module is not None and inside and module.__file__:
                        found.add(module.__file__)
        return found


def _formula_options(item: Item) -> Options:
    code = _lines(item.options.get("code", ""))
    witness = _lines(item.options.get("witness", ""))
    defines = item.options.get("defines")
    return Options(code, defines, witness, item.options.get("unchecked", ""))


def _lines(option: str) -> tuple[str, ...]:
    parts = (part.strip() for line in option.splitlines() for part in line.split(";"))
    return tuple(part for part in parts if part)
