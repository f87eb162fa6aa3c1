r"""What names mean at one place: declared quantities, members of families, sizes, indices.

>>> table = Table()
>>> table.declare(r"d \in \mathbb{N}"), table.declare(r"W^{(l)} \in \mathbb{R}^d, l = 1, \dots, 3")
(('d',), ('W^()',))
>>> from checked_math.reader import scope_of
>>> scope = scope_of(table, {"d": 4}.__getitem__)
>>> scope.resolve(Member(Symbol("W"), Number("2")))
('W^(2)', ())
>>> said(scope.shape_of("W^(2)"))
'(d)'
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeAlias

from checked_math.faults import NOWHERE, Fault, Span
from checked_math.names import plain
from checked_math.notation import builtin, capitalised, peel, split_subscripts, unbound
from checked_math.symbols import Entry, Table, key_of
from checked_math.terms import Shape, Size, Term, said
from checked_math.tree import (
    Binary,
    Group,
    Indexed,
    Member,
    Node,
    Number,
    Power,
    Product,
    Starred,
    Sum,
    Symbol,
    latex,
    walk,
)

Found: TypeAlias = tuple[str, tuple[Node, ...]]  # a name, and the subscripts that index it


class Beyond(Fault):
    """A family has no member of this number."""

    def __init__(self, name: str, first: int, last: int) -> None:
        super().__init__(
            "undeclared", f"{name} is not declared: the index runs from {first} to {last}"
        )


class Scope:
    """The names of a table under one choice of sizes, and what is bound for a while.

    Parameters
    ----------
    table : Table
        What the names mean.
    count : callable
        Gives the number that stands for a named size.
    reading : callable
        Reads a tree in a scope. It is passed in, since its module imports this one.

    Attributes
    ----------
    locals : dict of str to Term
        Arguments of functions, while their body is read.
    letters : dict of str to int
        Letters that stand for one whole number now.
    running : dict of str to Size or None
        Letters that run, and how far where that is known.
    opened : list of str
        Names whose definitions are being read, which may lead back to themselves.
    """

    def __init__(
        self, table: Table, count: Callable[[str], int], reading: Callable[[Scope, Node], Term]
    ) -> None:
        self.table = table
        self.count = count
        self._reading = reading
        self._definitions: dict[str, Term] = {}
        self._members: dict[str, tuple[Entry, dict[str, int]]] = {}
        self._fresh = itertools.count()
        self.locals: dict[str, Term] = {}
        self.letters: dict[str, int] = {}
        self.running: dict[str, Size | None] = {}
        self.opened: list[str] = []

    def read(self, node: Node) -> Term:
        """Return the typed term of a tree.

        Raises
        ------
        Fault
            Of the kind ``undeclared``, ``shape`` or ``undecided``.
        """
        return self._reading(self, node)

    def fresh(self) -> tuple[str, int]:
        """Return a key for an argument that no other has."""
        return "local", next(self._fresh)

    # -- what is bound for a while ------------------------------------------------------------

    @contextmanager
    def elsewhere(self, letters: dict[str, int] | None = None) -> Iterator[None]:
        """Read what stands elsewhere: its own letters, none of this statement's."""
        kept = self.letters, self.running, self.locals
        self.letters, self.running, self.locals = dict(letters or {}), {}, {}
        try:
            yield
        finally:
            self.letters, self.running, self.locals = kept

    @contextmanager
    def binding(self, arguments: dict[str, Term]) -> Iterator[None]:
        """Let names stand for arguments, besides those that do already."""
        kept = self.locals
        self.locals = {**kept, **arguments}
        try:
            yield
        finally:
            self.locals = kept

    @contextmanager
    def numbering(self, letters: dict[str, int]) -> Iterator[None]:
        """Let letters stand for one whole number each, besides those that do already."""
        kept = self.letters
        self.letters = {**kept, **letters}
        try:
            yield
        finally:
            self.letters = kept

    @contextmanager
    def running_over(self, letters: Mapping[str, Size | None]) -> Iterator[None]:
        """Let letters run, besides those that run already."""
        for letter in letters:
            if letter in self.running:
                raise Fault("undecided", f"{letter} already runs: use another letter")
        kept = self.running
        self.running = {**kept, **letters}
        try:
            yield
        finally:
            self.running = kept

    @contextmanager
    def opening(self, name: str) -> Iterator[None]:
        """Read the definition of a name."""
        self.opened.append(name)
        try:
            yield
        finally:
            self.opened.pop()

    # -- names --------------------------------------------------------------------------------

    def resolve(self, node: Node) -> Found | None:
        """Return the name that a node means, and the subscripts that remain as entries.

        Members of families come back under their own name: ``W^(2)``.
        """
        if isinstance(node, Group) and node.brackets == "{}":
            return self.resolve(node.items[0])
        key = key_of(node)
        if key is not None and self._knows(key):
            return key, ()
        match node:
            case Symbol(name):
                entry = self.table.find(name)
                return None if entry is None else (self._stored(name), ())
            case Member(base, index):
                return self._member(base, index)
            case Power(base, exponent) if (stem := key_of(base)) is not None:
                if f"{stem}^()" in self.table.entries and stem not in self.table.entries:
                    return self._member(base, exponent)
            case Indexed(base, subscripts):
                return self._subscripted(base, subscripts)
        return None

    def _knows(self, name: str) -> bool:
        return name in self.table.entries or name in self._members

    def _stored(self, name: str) -> str:
        return name if name in self.table.entries else plain(name)

    def _member(self, base: Node, index: Node) -> Found | None:
        stem = key_of(base)
        number = self.whole(index)
        if stem is None or number is None:
            return None
        name = f"{stem}^({number})"
        if self._knows(name):
            return name, ()
        family = self.table.entries.get(f"{stem}^()")
        return None if family is None else self.enter(name, family, number)

    def enter(self, name: str, family: Entry, number: int) -> Found:
        """Make the member of a family known, if there is one of that number."""
        first, last = self.limits(family)
        counts_on = family.is_size and number >= 0  # the layer before the first has a size too
        if not counts_on and not first <= number <= last:
            raise Beyond(name, first, last)
        entry = replace(family, name=name, index=None)
        self._members[name] = entry, {str(family.index): number}
        return name, ()

    def limits(self, family: Entry) -> tuple[int, int]:
        """Return the numbers of the first and the last member of a family."""
        if family.limits is not None:
            first, last = (self.whole(limit) for limit in family.limits)
            if first is not None and last is not None:
                return first, last
        letter = str(family.index)
        for name in (letter.upper(), {"i": "n", "j": "m", "k": "K", "t": "T"}.get(letter, "")):
            if name != letter and (last := self.whole(Symbol(name))) is not None:
                return 1, last
        raise Fault("undeclared", f"how far {letter} runs is not declared: give {letter.upper()}")

    def _subscripted(self, base: Node, subscripts: tuple[Node, ...]) -> Found | None:
        stem = key_of(base)
        number = self.whole(subscripts[0]) if stem is not None and len(subscripts) == 1 else None
        if number is not None:
            name = f"{stem}_{number}"
            if self._knows(name):
                return name, ()
            family = self.table.entries.get(f"{stem}_()")
            if family is not None:
                return self.enter(name, family, number)
        found = self.resolve(base)
        if found is None or (not found[1] and not self._fits(found[0], subscripts)):
            return self._capital(base, subscripts)
        return found[0], found[1] or subscripts

    def _capital(self, base: Node, subscripts: tuple[Node, ...]) -> Found | None:
        r"""Read ``w_{jk}`` as an entry of a declared matrix W."""
        capital = capitalised(base)
        found = None if capital is None else self.resolve(capital)
        if found is None or found[1] or not self._fits(found[0], subscripts):
            return None
        return found[0], subscripts

    def _fits(self, name: str, subscripts: tuple[Node, ...]) -> bool:
        """Whether the name has enough axes for the subscripts."""
        if self.entry(name)[0].is_function:
            return False
        rank = len(self.shape_of(name))
        return 1 <= len(split_subscripts(subscripts, rank)) <= rank

    def entry(self, name: str) -> tuple[Entry, dict[str, int]]:
        """Return the entry of a name and the letters that its family fixes."""
        if name in self._members:
            return self._members[name]
        entry = self.table.find(name)
        if entry is None:
            raise Fault("undeclared", f"{name} is not declared")
        return entry, {}

    def function(self, node: Node) -> Entry | None:
        """Return the entry of the declared function that a node names."""
        if isinstance(node, Symbol | Indexed | Member | Starred):
            try:
                found = self.resolve(node)
            except Fault:
                return None
            if found is not None and not found[1]:
                entry = self.entry(found[0])[0]
                return replace(entry, name=found[0]) if entry.is_function else None
        return None

    # -- whole numbers and sizes --------------------------------------------------------------

    def whole(self, node: Node) -> int | None:
        """Return the whole number that an index expression is, None where it is none."""
        match node:
            case Number(text):
                return int(text) if text.isdigit() else None
            case Symbol(name) if name in self.letters:
                return self.letters[name]
            case Symbol() | Indexed():
                return self._whole_name(node)
            case Group((item,), "()" | "{}"):
                return self.whole(item)
            case Sum(signs, terms):
                values = [self.whole(term) for term in terms]
                total = 0
                for sign, value in zip(signs, values, strict=True):
                    if value is None:
                        return None
                    total += -value if sign == "-" else value
                return total
            case Product(factors):
                product = 1
                for factor in factors:
                    if (value := self.whole(factor)) is None:
                        return None
                    product *= value
                return product
            case Binary(left, "\\cdot", right):
                return self.whole(Product((left, right)))
        return None

    def _whole_name(self, node: Node) -> int | None:
        name = key_of(node)
        if (name is not None and name in self.running) or name in self.locals:
            return None
        try:
            found = self.resolve(node)
        except Fault:
            return None
        if found is None or found[1]:
            return None
        entry, letters = self.entry(found[0])
        if entry.is_size:
            return self.count(found[0])
        if entry.body is not None and not entry.is_function and not entry.indices:
            with self.elsewhere(letters):
                return self.whole(entry.body)
        return None

    def size(self, node: Node) -> Size:
        """Return the size that a node in a shape names."""
        match node:
            case Number(text):
                return Size(text, int(float(text)))
            case Group((item,), "()" | "{}"):
                return self.size(item)
        if isinstance(node, Symbol | Indexed):
            found = self.resolve(node)
            if found is None and isinstance(node, Indexed) and isinstance(node.base, Symbol):
                number = self.whole(node.subscripts[0])
                if number is not None and self.letters:
                    name = f"{plain(node.base.name)}_{number}"  # d_{l-1}: sizes of the layers
                    return Size(name, self.count(name))
            if found is None:
                raise Fault("undeclared", f"{latex(node)} is not declared", node.span)
            entry, letters = self.entry(found[0])
            if entry.is_size:
                return Size(found[0], self.count(found[0]))
            if entry.body is not None:
                with self.elsewhere(letters):
                    return self.size(entry.body)
        number = self.whole(node)
        if number is None:
            raise Fault("undeclared", f"{latex(node)} is not a declared size", node.span)
        return Size(latex(node), number)

    def sizes(self, nodes: tuple[Node, ...]) -> Shape:
        """Return the shape that a declaration writes."""
        return tuple(self.size(node) for node in nodes)

    # -- definitions --------------------------------------------------------------------------

    def shape_of(self, name: str) -> Shape:
        """Return the shape of a declared quantity."""
        entry, letters = self.entry(name)
        if entry.body is not None:
            return self.definition(name).shape
        with self.elsewhere(letters):
            return self.sizes(entry.shape)

    def reference(self, name: str, span: Span = NOWHERE) -> Term:
        """Return the term that stands for a declared quantity as a whole."""
        return Term("ref", (), self.shape_of(name), span, name)

    def definition(self, name: str) -> Term:
        """Return the term that defines a quantity."""
        if name in self._definitions:
            return self._definitions[name]
        entry, letters = self.entry(name)
        assert entry.body is not None
        if name in self.opened:
            raise Fault("undecided", f"{name} is defined by itself")
        with self.opening(name), self.elsewhere(letters):
            term = self._defined(entry)
        self._definitions[name] = term
        return term

    def _defined(self, entry: Entry) -> Term:
        assert entry.body is not None
        declared = self.sizes(entry.shape)
        if entry.indices:
            sizes = declared[: len(entry.indices)]
            rest = entry.indices[len(sizes) :]
            sizes += tuple(self.axis_or_fault(letter, entry.body) for letter in rest)
            return self.stacked(entry.indices, sizes, entry.body)
        term = self.read(entry.body)
        if declared and declared != term.shape:
            raise Fault(
                "shape",
                f"{entry.name} is declared {said(declared)}, its definition is {said(term.shape)}",
                entry.body.span,
            )
        return term

    def stacked(self, letters: tuple[str, ...], sizes: Shape, body: Node) -> Term:
        """Return the array whose entries the body gives for every value of the letters."""
        with self.running_over(dict(zip(letters, sizes, strict=True))):
            inner = self.read(body)
        keys = tuple(("index", letter) for letter in letters)
        counts = tuple(size.count for size in sizes)
        return Term("stack", (inner,), (*sizes, *inner.shape), body.span, (keys, counts))

    def dependencies(self, term: Term) -> frozenset[str]:
        """Return the names that a term uses, directly or through definitions."""
        found: set[str] = set()
        waiting = [term]
        while waiting:
            current = waiting.pop()
            waiting.extend(current.args)
            if current.op == "ref" and current.data not in found:
                found.add(current.data)
                if self.entry(current.data)[0].body is not None:
                    waiting.append(self.definition(current.data))
        return frozenset(found)

    # -- indices ------------------------------------------------------------------------------

    def axes(self, letter: str, node: Any) -> Iterator[tuple[Size, Node]]:
        """Yield the axes a letter runs along, each with the indexed quantity."""
        for part in walk(node):
            if not isinstance(part, Indexed) or Symbol(letter) not in tuple(walk(part.subscripts)):
                continue
            try:
                found = self.resolve(part)
                if found is None or not found[1]:
                    continue
                shape = self.shape_of(found[0])
            except Fault:
                continue
            for size, subscript in zip(shape, split_subscripts(found[1], len(shape)), strict=False):
                if subscript == Symbol(letter):
                    yield size, part

    def axis(self, letter: str, node: Any) -> Size | None:
        """Return the one size that a letter runs over; a fault where two differ."""
        found: tuple[Size, Node] | None = None
        for size, part in self.axes(letter, node):
            if found is not None and found[0] != size:
                raise Fault(
                    "shape",
                    f"{letter} runs over {found[0]} in {latex(found[1])}"
                    f" and over {size} in {latex(part)}",
                    part.span,
                )
            found = size, part
        return None if found is None else found[0]

    def axis_or_fault(self, letter: str, node: Any) -> Size:
        """Return the one size that a letter runs over; a fault where none is said."""
        size = self.axis(letter, node)
        if size is None:
            raise Fault("undeclared", f"the range of {letter} is not given")
        return size

    def counts_members(self, letter: str, node: Any) -> bool:
        """Whether a letter numbers members of families (layers), not entries of arrays."""
        for part in walk(node):
            match part:
                case Member(_, index) if Symbol(letter) in tuple(walk(index)):
                    return True
                case Indexed(base, (index,)) if Symbol(letter) in tuple(walk(index)):
                    stem = key_of(base)
                    if f"{stem}_()" in self.table.entries:
                        return True
                case Power(base, index) if Symbol(letter) in tuple(walk(index)):
                    stem = key_of(base)
                    if f"{stem}^()" in self.table.entries and stem not in self.table.entries:
                        return True
        return False

    def free_letters(self, node: Any) -> tuple[str, ...]:
        """Return the letters that nothing in the statement binds, in order."""
        letters: dict[str, None] = {}
        for part in unbound(node, frozenset()):
            if part.name in letters or not part.name.isalpha():
                continue
            if self.table.find(part.name) is None and part.name not in self.locals:
                letters[part.name] = None
        return tuple(letters)

    # -- faults -------------------------------------------------------------------------------

    def unknown(self, node: Node) -> Fault:
        """Return the fault of a name without a meaning."""
        core, _ = peel(node)
        text = latex(node)
        if builtin(core) or self.function(core):
            return Fault("undecided", f"the function {latex(core)} needs its argument", node.span)
        known = ", ".join(dict.fromkeys(self.table.names())) or "nothing"
        return Fault("undeclared", f"{text} is not declared; declared here: {known}", node.span)
