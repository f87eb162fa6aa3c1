r"""Tree and symbol table to typed terms: what each name is, and the shape of everything.

Sizes are compared by their names, so that 3 = 3 by accident does not pass. A vector is a column
where a transpose appears: :math:`x^\top` has one row, and a product over that row is a number.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from checked_math.faults import NOWHERE, Fault, Span
from checked_math.names import FUNCTIONS, plain
from checked_math.symbols import Entry, Table, key_of, set_of
from checked_math.tree import (
    Absolute,
    Big,
    Binary,
    Cases,
    Chain,
    Dots,
    EvaluatedAt,
    Fraction,
    Group,
    Indexed,
    Inner,
    Matrix,
    Member,
    Node,
    Norm,
    Number,
    Power,
    Primed,
    Product,
    Root,
    Starred,
    Sum,
    Symbol,
    Transposed,
    latex,
    walk,
)


@dataclass(frozen=True)
class Size:
    """One size of a shape: its name, and how many it is in these draws."""

    name: str
    count: int = field(compare=False)
    row: bool = field(default=False, compare=False)  # the one row of a transposed vector

    def __str__(self) -> str:
        return self.name


ONE_ROW = Size("1", 1, row=True)
Shape: TypeAlias = tuple[Size, ...]


def said(shape: Shape) -> str:
    """Return the shape as the reader would say it.

    >>> said((Size("n", 3), Size("d", 4))), said(())
    ('(n, d)', 'a number')
    """
    return "(" + ", ".join(map(str, shape)) + ")" if shape else "a number"


@dataclass(frozen=True, eq=False)
class Term:
    """A typed expression: an operation, what it works on, and its shape."""

    op: str
    args: tuple[Term, ...]
    shape: Shape
    span: Span = NOWHERE
    data: Any = None


ELEMENTWISE = {
    "\\exp": "exp",
    "\\ln": "log",
    "\\log": "log",
    "\\sin": "sin",
    "\\cos": "cos",
    "\\tan": "tan",
    "\\sinh": "sinh",
    "\\cosh": "cosh",
    "\\tanh": "tanh",
    "\\arctan": "arctan",
    "sign": "sign",
    "sgn": "sign",
    "relu": "relu",
    "erf": "erf",
}
WORDS = {
    "relu": "relu",
    "softmax": "softmax",
    "diag": "diag",
    "tr": "trace",
    "trace": "trace",
    "sign": "sign",
    "sgn": "sign",
    "argmax": "argmax",
    "argmin": "argmin",
    "mean": "mean",
    "erf": "erf",
    "inf": "inf",
}
_UPRIGHT = "\\mathrm{"


def builtin(node: Node) -> str | None:
    r"""Return the built-in function a symbol names, None where it names none.

    >>> builtin(Symbol("\\tanh")), builtin(Symbol(r"\mathrm{ReLU}")), builtin(Symbol("f"))
    ('tanh', 'relu', None)
    """
    if not isinstance(node, Symbol):
        return None
    if node.name in ELEMENTWISE:
        return ELEMENTWISE[node.name]
    if node.name in FUNCTIONS:
        return node.name[1:]
    if node.name.startswith(_UPRIGHT):
        return WORDS.get(node.name[len(_UPRIGHT) : -1].lower())
    return None


def peel(node: Node) -> tuple[Node, list[Node]]:
    """Return what is under scripts and primes, and the scripted nodes from the outside in."""
    wrappers: list[Node] = []
    while isinstance(node, Power | Primed | Indexed | Transposed | Member | Starred):
        wrappers.append(node)
        node = node.base
    return node, wrappers


class Reader:
    """Reads trees under one table and one choice of sizes.

    Parameters
    ----------
    table : Table
        What the names mean.
    count : callable
        Gives the number that stands for a named size.
    """

    def __init__(self, table: Table, count: Callable[[str], int]) -> None:
        self.table = table
        self.count = count
        self.definitions: dict[str, Term] = {}
        self.entries: dict[str, tuple[Entry, dict[str, int]]] = {}
        self._open: list[str] = []
        self._fresh = itertools.count()
        self.locals: dict[str, Term] = {}
        self.letters: dict[str, int] = {}  # letters that stand for one whole number now
        self.running: dict[str, Size | None] = {}  # letters that run, and how far where known

    # -- names --------------------------------------------------------------------------------

    def resolve(self, node: Node) -> tuple[str, tuple[Node, ...]] | None:
        """Return the name that a node means, and the subscripts that remain as entries.

        Members of families come back under their own name: ``W^(2)``.
        """
        if isinstance(node, Group) and node.brackets == "{}":
            return self.resolve(node.items[0])
        key = key_of(node)
        if key is not None and (key in self.table.entries or key in self.entries):
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

    def _stored(self, name: str) -> str:
        return name if name in self.table.entries else plain(name)

    def _member(self, base: Node, index: Node) -> tuple[str, tuple[Node, ...]] | None:
        stem = key_of(base)
        number = self.whole(index)
        if stem is None or number is None:
            return None
        name = f"{stem}^({number})"
        if name in self.table.entries or name in self.entries:
            return name, ()
        family = self.table.entries.get(f"{stem}^()")
        return None if family is None else self.enter(name, family, number)

    def enter(self, name: str, family: Entry, number: int) -> tuple[str, tuple[Node, ...]]:
        """Make the member of a family known, if there is one of that number."""
        first, last = self.limits(family)
        natural = family.is_size
        if not (natural and number >= 0) and not first <= number <= last:
            raise Beyond(name, first, last)
        entry = replace(family, name=name, index=None)
        self.entries[name] = entry, {str(family.index): number}
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

    def _subscripted(
        self, base: Node, subscripts: tuple[Node, ...]
    ) -> tuple[str, tuple[Node, ...]] | None:
        stem = key_of(base)
        if stem is not None and f"{stem}_()" in self.table.entries and len(subscripts) == 1:
            number = self.whole(subscripts[0])
            if number is not None:
                name = f"{stem}_{number}"
                if name in self.table.entries or name in self.entries:
                    return name, ()
                return self.enter(name, self.table.entries[f"{stem}_()"], number)
        if stem is not None and len(subscripts) == 1:
            number = self.whole(subscripts[0])
            if number is not None and f"{stem}_{number}" in self.table.entries:
                return f"{stem}_{number}", ()
        found = self.resolve(base)
        if found is None or (found[1] == () and not self._fits(found[0], subscripts)):
            found = self._capital(base, subscripts) or found
            if found is None or not self._fits(found[0], subscripts):
                return None
        return found[0], (*found[1], *subscripts) if not found[1] else found[1]

    def _capital(
        self, base: Node, subscripts: tuple[Node, ...]
    ) -> tuple[str, tuple[Node, ...]] | None:
        r"""Read ``w_{jk}`` as an entry of a declared matrix W."""
        capital = _capitalised(base)
        found = None if capital is None else self.resolve(capital)
        if found is None or found[1] or not self._fits(found[0], subscripts):
            return None
        return found[0], subscripts

    def _fits(self, name: str, subscripts: tuple[Node, ...]) -> bool:
        """Whether the name has enough axes for the subscripts."""
        if self.entry(name)[0].is_function:
            return False
        rank = len(self.shape_of(name))
        return 1 <= len(_split(subscripts, rank)) <= rank

    def entry(self, name: str) -> tuple[Entry, dict[str, int]]:
        """Return the entry of a name and the letters that its family fixes."""
        if name in self.entries:
            return self.entries[name]
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
                    value = self.whole(factor)
                    if value is None:
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
            body = entry.body
            number: int | None = self._within(letters, lambda: self.whole(body))
            return number
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
                body = entry.body
                size: Size = self._within(letters, lambda: self.size(body))
                return size
        number = self.whole(node)
        if number is None:
            raise Fault("undeclared", f"{latex(node)} is no declared size", node.span)
        return Size(latex(node), number)

    def _within(self, letters: dict[str, int], read: Callable[[], Any]) -> Any:
        """Read something that stands elsewhere: its own letters, none of this statement's."""
        kept = self.letters, self.running, self.locals
        self.letters, self.running, self.locals = dict(letters), {}, {}
        try:
            return read()
        finally:
            self.letters, self.running, self.locals = kept

    # -- definitions --------------------------------------------------------------------------

    def shape_of(self, name: str) -> Shape:
        """Return the shape of a declared quantity."""
        entry, letters = self.entry(name)
        if entry.body is not None:
            return self.definition(name).shape
        sizes: Shape = self._within(letters, lambda: tuple(self.size(s) for s in entry.shape))
        return sizes

    def definition(self, name: str) -> Term:
        """Return the term that defines a quantity."""
        if name in self.definitions:
            return self.definitions[name]
        entry, letters = self.entry(name)
        assert entry.body is not None
        if name in self._open:
            raise Fault("undecided", f"{name} is defined by itself")
        self._open.append(name)
        try:
            term: Term = self._within(letters, lambda: self._defined(entry))
        finally:
            self._open.pop()
        self.definitions[name] = term
        return term

    def _defined(self, entry: Entry) -> Term:
        assert entry.body is not None
        declared = tuple(self.size(size) for size in entry.shape)
        if entry.indices:
            return self._stacked(entry.indices, entry.body, declared)
        term = self.read(entry.body)
        if declared and not _same(declared, term.shape):
            raise Fault(
                "shape",
                f"{entry.name} is declared {said(declared)}, its definition is {said(term.shape)}",
                entry.body.span,
            )
        return term

    def _stacked(self, letters: tuple[str, ...], body: Node, declared: Shape = ()) -> Term:
        """Return the array whose entries the body gives for every value of the letters."""
        sizes = []
        for k, letter in enumerate(letters):
            size = declared[k] if k < len(declared) else self._axis_or_fault(letter, body)
            sizes.append(size)
        with self._running(dict(zip(letters, sizes, strict=True))):
            inner = self.read(body)
        keys = tuple(("index", letter) for letter in letters)
        shape = (*sizes, *inner.shape)
        return Term("stack", (inner,), shape, body.span, (keys, tuple(s.count for s in sizes)))

    def _running(self, letters: dict[str, Size | None]) -> _Bound:
        return _Bound(self.running, letters)

    # -- indices ------------------------------------------------------------------------------

    def axes(self, letter: str, node: Any) -> Iterator[tuple[Size, Node]]:
        """Yield the axes a letter runs along, each with the indexed quantity."""
        for part in walk(node):
            if not isinstance(part, Indexed) or Symbol(letter) not in _atoms(part.subscripts):
                continue
            try:
                found = self.resolve(part)
                if found is None or not found[1]:
                    continue
                shape = self.shape_of(found[0])
            except Fault:
                continue
            for size, subscript in zip(shape, _split(found[1], len(shape)), strict=False):
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

    def _axis_or_fault(self, letter: str, node: Any) -> Size:
        size = self.axis(letter, node)
        if size is None:
            raise Fault("undeclared", f"how far {letter} runs is not said")
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
        for part in _unbound(node, frozenset()):
            if part.name in letters or not part.name.isalpha():
                continue
            if self.table.find(part.name) is None and part.name not in self.locals:
                letters[part.name] = None
        return tuple(letters)

    # -- the reading --------------------------------------------------------------------------

    def read(self, node: Node) -> Term:
        """Return the typed term of a tree.

        Raises
        ------
        Fault
            Of the kind ``undeclared``, ``shape`` or ``undecided``.
        """
        span = node.span
        match node:
            case Number(text):
                return Term("const", (), (), span, float(text))
            case Group((item,), "()" | "[]" | "{}"):
                return self.read(item)
            case Group((item,), "\\{\\}"):
                return self.read(item)
            case Sum(signs, terms):
                return self._sum(signs, terms, span)
            case Product(factors):
                return self._product(factors, span)
            case Binary(left, operator, right):
                return self._binary(left, operator, right, span)
            case Fraction():
                return self._fraction(node)
            case Root(body, degree):
                return self._root(body, degree, span)
            case Big():
                return self._big(node)
            case Absolute(body):
                inner = self.read(body)
                if inner.shape and all(not s.row for s in inner.shape) and len(inner.shape) > 2:
                    raise Fault("undecided", "the bars have no reading here", span)
                return Term("abs", (inner,), inner.shape, span)
            case Norm(body):
                return Term("norm", (self.read(body),), (), span, 2)
            case Inner(left, right):
                return self._dot(self.read(left), self.read(right), span)
            case Matrix(rows):
                return self._matrix(rows, span)
            case Cases(rows):
                return self._cases(rows, span)
            case Dots():
                raise Fault("undecided", "what the dots stand for is not said: use a sum", span)
            case Chain():
                raise Fault("syntax", "a relation cannot stand within an expression", span)
            case Transposed(base):
                return self._transposed(node, base)
            case Power(base, exponent):
                return self._power(node, base, exponent)
            case Symbol() | Indexed() | Member() | Starred() | Primed():
                return self._name(node)
        raise Fault("undecided", f"{latex(node)} has no reading here", span)

    def _name(self, node: Node) -> Term:
        span = node.span
        match node:
            case Symbol(name) if name in self.locals:
                return replace(self.locals[name], span=span)
            case Symbol(name) if name in self.letters:
                return Term("const", (), (), span, float(self.letters[name]))
            case Symbol(name) if name in self.running:
                return Term("index", (), (), span, ("index", name))
            case Indexed(Norm(body), (kind,)):
                return Term("norm", (self.read(body),), (), span, _norm_kind(kind))
        found = self.resolve(node)
        if found is not None:
            return self._found(node, *found)
        match node:
            case Symbol("e"):
                return Term("const", (), (), span, 2.718281828459045)
            case Symbol("\\pi"):
                return Term("const", (), (), span, 3.141592653589793)
            case Indexed(Symbol("\\mathbf{1}" | "\\mathbf{0}" as name), (size,)):
                value = 1.0 if "1" in name else 0.0
                return Term("full", (), (self.size(size),), span, value)
            case Indexed(Symbol("I" | "\\mathbf{I}"), (size,)):
                extent = self.size(size)
                return Term("eye", (), (extent, extent), span)
            case Symbol("\\mathbf{1}" | "\\mathbf{0}" as name):
                return Term("any", (), (), span, 1.0 if "1" in name else 0.0)
            case Symbol("\\mathbf{I}" | "I"):
                return Term("any", (), (), span, "eye")
            case Indexed(base, subscripts) if not _is_name(base):
                return self._entries(self.read(base), subscripts, span)
            case Primed(base, _):
                raise self._primed_fault(base)
        raise self.unknown(node)

    def _primed_fault(self, base: Node) -> Fault:
        core, _ = peel(base)
        if isinstance(core, Group):
            return Fault(
                "undecided",
                "with respect to what? write \\frac{d}{dx} or name the function",
                base.span,
            )
        if self.function(base) or builtin(base):
            return Fault("undecided", f"{latex(base)}' needs its argument", base.span)
        return (
            self.unknown(base)
            if self.resolve(base) is None
            else Fault(
                "undeclared",
                f"{latex(base)}' is not declared, and {latex(base)} is no function",
                base.span,
            )
        )

    def unknown(self, node: Node) -> Fault:
        """Return the fault of a name without a meaning."""
        core, _ = peel(node)
        text = latex(node)
        if builtin(core) or self.function(core):
            return Fault("undecided", f"the function {latex(core)} needs its argument", node.span)
        known = ", ".join(dict.fromkeys(self.table.names())) or "nothing"
        return Fault("undeclared", f"{text} is not declared; declared here: {known}", node.span)

    def _found(self, node: Node, name: str, subscripts: tuple[Node, ...]) -> Term:
        entry, _ = self.entry(name)
        if entry.is_function:
            raise Fault("undecided", f"the function {latex(node)} needs its argument", node.span)
        if entry.is_size:
            return Term("const", (), (), node.span, float(self.count(name)))
        whole = Term("ref", (), self.shape_of(name), node.span, name)
        return self._entries(whole, subscripts, node.span) if subscripts else whole

    def _entries(self, term: Term, subscripts: tuple[Node, ...], span: Span) -> Term:
        """Return entries of an array, one subscript an axis."""
        if not term.shape:
            raise Fault("undeclared", "a number has no entries to index", span)
        parts = _split(subscripts, len(term.shape))
        if len(parts) > len(term.shape):
            raise Fault("shape", f"{len(parts)} subscripts for {said(term.shape)}", span)
        for size, part in zip(term.shape, parts, strict=False):
            self._check_axis(size, part)
        indices = tuple(self._index(part) for part in parts)
        return Term("entry", (term, *indices), term.shape[len(parts) :], span)

    def _index(self, node: Node) -> Term:
        term = self.read(node)
        if term.shape:
            raise Fault("shape", f"the index {latex(node)} is {said(term.shape)}", node.span)
        return term

    def _check_axis(self, size: Size, part: Node) -> None:
        if isinstance(part, Symbol):
            runs = self.running.get(part.name)
            if runs is not None and runs != size:
                raise Fault(
                    "shape", f"{part.name} runs to {runs}, but this axis has {size}", part.span
                )
        number = self.whole(part)
        if number is not None and not 1 <= number <= size.count and size.name.isdigit():
            raise Fault("shape", f"there is no entry {number} of {size}", part.span)

    # -- sums and products --------------------------------------------------------------------

    def _sum(self, signs: tuple[str, ...], nodes: tuple[Node, ...], span: Span) -> Term:
        total: Term | None = None
        for sign, node in zip(signs, nodes, strict=True):
            term = self.read(node)
            if sign == "-":
                term = Term("neg", (term,), term.shape, term.span)
            total = term if total is None else self._added(total, term, span)
        assert total is not None
        return replace(total, span=span)

    def _added(self, left: Term, right: Term, span: Span) -> Term:
        left, right = self._fitted(left, right)
        shape = _broadcast(left.shape, right.shape)
        if shape is None:
            raise Fault("shape", f"cannot add {said(left.shape)} and {said(right.shape)}", span)
        return Term("add", (left, right), shape, span)

    def _fitted(self, left: Term, right: Term) -> tuple[Term, Term]:
        """Give the bold 1, 0 and I, which have no shape of their own, that of the other side."""
        return fitted(left, right.shape), fitted(right, left.shape)

    def _binary(self, left: Node, operator: str, right: Node, span: Span) -> Term:
        if operator == "\\circ" and self._is_function(left) and self._is_function(right):
            raise Fault("undecided", "a composition needs its argument", span)
        if isinstance(left, Product) and operator == "\\cdot" and _operator_at(left.factors):
            raise Fault(
                "undecided", "how far the derivative reaches is not clear: use brackets", span
            )
        a, b = self.read(left), self.read(right)
        match operator:
            case "\\odot" | "\\circ":
                return self._hadamard(a, b, span)
            case "\\otimes":
                if len(a.shape) != 1 or len(b.shape) != 1:
                    raise Fault("shape", f"{said(a.shape)} outer {said(b.shape)}", span)
                return Term("product", (a, b), (*a.shape, *b.shape), span, "ib,jb->ijb")
            case "\\cdot":
                if len(a.shape) == len(b.shape) == 1:
                    return self._dot(a, b, span)
                return self._times(a, b, span)
            case "\\times":
                if a.shape and b.shape:
                    raise Fault("undecided", "\\times has no reading between arrays", span)
                return self._times(a, b, span)
            case "/":
                if isinstance(right, Product) and not isinstance(right.factors[1], Big):
                    raise Fault(
                        "undecided", "how far / reaches is not clear: use \\frac", right.span
                    )
                return self._divided(a, b, span)
        raise Fault("syntax", f"{operator} is not known here", span)

    def _hadamard(self, a: Term, b: Term, span: Span) -> Term:
        a, b = self._fitted(a, b)
        if a.shape and b.shape and not _same(a.shape, b.shape):
            raise Fault("shape", f"elementwise {said(a.shape)} and {said(b.shape)}", span)
        return Term("mul", (a, b), a.shape or b.shape, span)

    def _dot(self, a: Term, b: Term, span: Span) -> Term:
        a, b = self._fitted(a, b)
        if len(a.shape) != 1 or not _same(a.shape, b.shape):
            raise Fault("shape", f"inner product of {said(a.shape)} and {said(b.shape)}", span)
        return Term("product", (a, b), (), span, "ib,ib->b")

    def _divided(self, a: Term, b: Term, span: Span) -> Term:
        a, b = self._fitted(a, b)
        if a.shape and b.shape and not _same(a.shape, b.shape):
            raise Fault("shape", f"{said(a.shape)} divided by {said(b.shape)}", span)
        return Term("div", (a, b), a.shape or b.shape, span)

    def _times(self, a: Term, b: Term, span: Span) -> Term:
        """Return the product of two factors side by side."""
        a, b = _fit_product(a, b)
        x, y = a.shape, b.shape
        if not x or not y:
            return Term("mul", (a, b), x or y, span)
        shape: Shape
        match len(x), len(y):
            case 2, 2 if x[1] == y[0]:
                shape, spec = (x[0], y[1]), "ijb,jkb->ikb"
            case 2, 1 if x[1] == y[0]:
                shape, spec = (x[0],), "ijb,jb->ib"
            case 1, 2 if y[0].name == "1":
                shape, spec = (x[0], y[1]), "ib,jkb->ikb"
            case _:
                raise Fault("shape", f"{said(x)} times {said(y)}", span)
        if shape and shape[0].row and len(shape) == 1:
            return Term("squeeze", (Term("product", (a, b), shape, span, spec),), (), span)
        return Term("product", (a, b), shape, span, spec)

    def _product(self, factors: tuple[Node, ...], span: Span) -> Term:
        for k, factor in enumerate(factors):
            if isinstance(factor, EvaluatedAt):
                return self._evaluated(factors, k, span)
        total: Term | None = None
        k = 0
        while k < len(factors):
            term, used = self._factor(factors, k)
            total = term if total is None else self._times(total, term, total.span.to(term.span))
            k += used
        assert total is not None
        return replace(total, span=span)

    def _factor(self, factors: tuple[Node, ...], k: int) -> tuple[Term, int]:
        """Read one factor, with the argument that belongs to it; say how many nodes it took."""
        factor = factors[k]
        rest = factors[k + 1 :]
        core, wrappers = peel(factor)
        variables = derivative_variables(factor)
        if variables is not None and not numerator(factor):
            if not rest:
                raise Fault("syntax", "a derivative of nothing", factor.span)
            operand = (
                rest[0] if len(rest) == 1 else Product(rest, span=rest[0].span.to(rest[-1].span))
            )
            return self._derivative(operand, variables, factor.span), 1 + len(rest)
        if core == Symbol("\\nabla"):
            return self._nabla(factor, rest)
        if builtin(core) and self.table.find(getattr(core, "name", "")) is None:
            return self._builtin(core, wrappers, rest, factor.span)
        if core == Symbol("\\mathbf{1}") and rest and _relation_in(rest[0]):
            condition = self._condition(_relation_in(rest[0]))
            return Term("indicator", (condition,), condition.shape, factor.span), 2
        if rest and isinstance(peel(rest[0])[0], Group) and self._is_function(factor):
            return self._applied(factor, rest[0]), 2
        if rest and self._as_argument(factor, rest[0]):
            return self.read(factor), 2
        return self.read(factor), 1

    def _as_argument(self, factor: Node, group: Node) -> bool:
        r"""Whether a bracket says what a quantity depends on: ``J(w)``, ``J(\theta, x)``."""
        if not isinstance(group, Group) or group.brackets != "()" or not _is_name(factor):
            return False
        found = self.resolve(factor)
        names = [self.resolve(item) for item in group.items if _is_name(item)]
        if found is None or len(names) < len(group.items):
            return False
        entry, _ = self.entry(found[0])
        if entry.body is None:
            if len(names) > 1 or (entry.shape == () and not entry.is_size):
                raise Fault("undeclared", f"{latex(factor)} is no function", factor.span)
            return False
        reached = self.dependencies(self.definition(found[0]))
        for name in names:
            if name is None:
                raise self.unknown(group)
            if name[0] not in reached:
                raise Fault(
                    "undeclared", f"{latex(factor)} does not depend on {name[0]}", group.span
                )
        return True

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

    # -- functions ----------------------------------------------------------------------------

    def _is_function(self, node: Node) -> bool:
        """Whether a node is a function that still waits for its argument."""
        match node:
            case Primed(base, _):
                return self._is_function(base)
            case Member(base, Number()) if self.function(node) is None:
                return False
            case Power(base, _):
                return _is_name(base) and self.function(base) is not None
            case Group((item,), "()" | "{}"):
                return self._is_function(item)
            case Binary(left, "\\circ", right):
                return self._is_function(left) and self._is_function(right)
            case Binary(left, "\\cdot", right):
                return self._is_function(left) and self._is_function(right)
            case Sum(_, terms):
                return all(self._is_function(term) for term in terms)
            case Product(factors):
                return all(self._is_function(factor) for factor in factors)
            case Symbol() if builtin(node) in ELEMENTWISE.values():
                return True
        return self.function(node) is not None

    def _applied(self, head: Node, argument: Node) -> Term:
        """Return a function at its argument, with the scripts that stand on the bracket."""
        core, wrappers = peel(argument)
        assert isinstance(core, Group)
        if wrappers and any(isinstance(w, Primed) for w in wrappers):
            raise self._primed_fault(argument)
        arguments = tuple(self.read(item) for item in core.items)
        term = self.apply(head, arguments, head.span.to(core.span))
        return self._wrapped(term, wrappers)

    def _wrapped(self, term: Term, wrappers: list[Node]) -> Term:
        for wrapper in reversed(wrappers):
            match wrapper:
                case Power(_, exponent):
                    term = self._raised(term, exponent, wrapper.span)
                case Transposed():
                    term = self._turned(term, wrapper.span)
                case Indexed(_, subscripts):
                    term = self._entries(term, subscripts, wrapper.span)
                case _:
                    raise Fault("undecided", "this script has no reading here", wrapper.span)
        return term

    def apply(self, head: Node, arguments: tuple[Term, ...], span: Span) -> Term:
        """Return the term of a function, declared or composed, at its arguments."""
        match head:
            case Primed(base, order):
                return self._slope(base, order, arguments, span)
            case Group((item,), "()" | "{}"):
                return self.apply(item, arguments, span)
            case Power(base, exponent) if self.function(base) is not None:
                return self._raised(self.apply(base, arguments, span), exponent, span)
            case Binary(left, "\\circ", right):
                return self.apply(left, (self.apply(right, arguments, span),), span)
            case Binary(left, "\\cdot", right):
                return self._times(
                    self.apply(left, arguments, span), self.apply(right, arguments, span), span
                )
            case Sum(signs, terms):
                total: Term | None = None
                for sign, node in zip(signs, terms, strict=True):
                    term = self.apply(node, arguments, span)
                    if sign == "-":
                        term = Term("neg", (term,), term.shape, span)
                    total = term if total is None else self._added(total, term, span)
                assert total is not None
                return total
            case Product(factors):
                product = self.apply(factors[0], arguments, span)
                for factor in factors[1:]:
                    product = self._times(product, self.apply(factor, arguments, span), span)
                return product
            case Symbol() if (name := builtin(head)) and self.table.find(head.name) is None:
                return self._known(name, arguments, span)
        entry = self.function(head)
        if entry is None:
            raise self.unknown(head)
        if entry.parameters is not None and entry.body is not None:
            return self._expanded(entry, arguments, span)
        return self._any_function(entry, arguments, span)

    def _any_function(self, entry: Entry, arguments: tuple[Term, ...], span: Span) -> Term:
        """Return a function of which only its sets (and perhaps its code) are known."""
        assert entry.arguments is not None
        (where,) = entry.arguments
        if len(arguments) != 1:
            raise Fault("shape", f"{entry.name} takes one argument", span)

        source = self._within({}, lambda: tuple(self.size(s) for s in set_of(where)[1]))
        target = self._within({}, lambda: tuple(self.size(s) for s in entry.shape))
        given = arguments[0].shape
        if source and not _same(source, given):
            raise Fault("shape", f"{entry.name} takes {said(source)}, not {said(given)}", span)
        data = (entry.name, len(source), tuple(s.count for s in target), entry.domain, entry.tie)
        return Term("function", arguments, target or (() if source else given), span, data)

    def _expanded(self, entry: Entry, arguments: tuple[Term, ...], span: Span) -> Term:
        """Return the body of a defined function with its arguments bound."""
        assert entry.parameters is not None and entry.body is not None
        if len(arguments) != len(entry.parameters):
            raise Fault("shape", f"{entry.name} takes {len(entry.parameters)} arguments", span)
        if entry.name in self._open and len(self._open) > 20:
            raise Fault("undecided", f"{entry.name} is defined by itself", span)
        bound: dict[str, Term] = {}
        lifted: list[Shape] = []
        keys = []
        for parameter, argument in zip(entry.parameters, arguments, strict=True):
            shape = self._parameter_shape(parameter, argument, entry.body)
            if shape != argument.shape:
                lifted.append(argument.shape)
            key = ("local", next(self._fresh))
            keys.append(key)
            bound[_parameter_name(parameter)] = Term("local", (), shape, span, key)
        self._open.append(entry.name)
        try:
            body = self._within({}, lambda: self._with_locals(bound, lambda: self._body(entry)))
        finally:
            self._open.pop()
        if not lifted:
            return Term("let", (*arguments, body), body.shape, span, tuple(keys))
        shape = max(lifted, key=len)
        if body.shape or any(not _same(one, shape) for one in lifted):
            raise Fault("shape", f"{entry.name} of {said(shape)} has no reading", span)
        return Term("let", (*arguments, body), shape, span, tuple(keys))

    def _body(self, entry: Entry) -> Term:
        assert entry.body is not None
        if entry.indices:
            return self._stacked_local(entry.indices, entry.body)
        return self.read(entry.body)

    def _stacked_local(self, letters: tuple[str, ...], body: Node) -> Term:
        sizes = {}
        for letter in letters:
            found = [
                size
                for part in walk(body)
                if isinstance(part, Indexed)
                and isinstance(part.base, Symbol)
                and (bound := self.locals.get(part.base.name)) is not None
                for size, sub in zip(
                    bound.shape, _split(part.subscripts, len(bound.shape)), strict=False
                )
                if sub == Symbol(letter)
            ]
            sizes[letter] = found[0] if found else self._axis_or_fault(letter, body)
        with self._running(dict(sizes)):
            inner = self.read(body)
        keys = tuple(("index", letter) for letter in letters)
        counts = tuple(size.count for size in sizes.values())
        return Term("stack", (inner,), (*sizes.values(), *inner.shape), body.span, (keys, counts))

    def _with_locals(self, bound: dict[str, Term], read: Callable[[], Term]) -> Term:
        kept = self.locals
        self.locals = {**kept, **bound}
        try:
            return read()
        finally:
            self.locals = kept

    def _parameter_shape(self, parameter: Node, argument: Term, body: Node) -> Shape:
        r"""Return the shape under which a body reads its parameter.

        A function of numbers acts on each entry of an array; one that uses the parameter as an
        array (a norm, a transpose, an index) or whose parameter is declared as one takes it whole.
        """
        if not argument.shape:
            return ()
        found = self.resolve(parameter) if _is_name(parameter) else None
        if found is not None and not found[1] and not self.entry(found[0])[0].is_function:
            declared = self._within({}, lambda: self.shape_of(found[0]))
            if declared and _same(declared, argument.shape):
                return argument.shape
        for part in walk(body):
            if isinstance(part, Norm | Transposed | Indexed) and parameter in tuple(walk(part)):
                inner = part.body if isinstance(part, Norm) else part.base
                if parameter in tuple(walk(inner)):
                    return argument.shape
        return ()

    def _slope(self, base: Node, order: int, arguments: tuple[Term, ...], span: Span) -> Term:
        """Return the derivative of a function of one number, at its argument."""
        if len(arguments) != 1:
            raise Fault("undecided", "a prime needs a function of one argument", span)
        key = ("local", next(self._fresh))
        body = self.apply(base, (Term("local", (), (), span, key),), span)
        if body.shape:
            raise Fault("undecided", "a prime needs a function with one number as its value", span)
        for _ in range(order):
            body = Term("derivative", (body,), (), span, (key, ()))
        return Term("let", (*arguments, body), arguments[0].shape, span, (key,))

    def _builtin(
        self, core: Node, wrappers: list[Node], rest: tuple[Node, ...], span: Span
    ) -> tuple[Term, int]:
        r"""Read ``\log p``, ``\log(1 - p)``, ``\tanh^2 z``, ``\max_j z_j``."""
        name = builtin(core)
        assert name is not None
        if not rest:
            raise Fault("undecided", f"{latex(core)} needs its argument", span)
        scripts = [w for w in wrappers if isinstance(w, Indexed)]
        if scripts and name in ("max", "min", "argmax", "argmin"):
            operand, used = self._argument(rest, core)
            letters = scripts[0].subscripts
            return self._extreme(name, letters, operand, rest[:used], span), 1 + used
        if scripts and name == "log":
            base = self._index(scripts[0].subscripts[0])
        elif scripts:
            raise Fault("undecided", f"the subscript of {latex(core)} has no reading", span)
        group, outer = peel(rest[0])
        if isinstance(group, Group) and group.brackets != "{}":
            if any(isinstance(w, Primed) for w in outer):
                raise self._primed_fault(rest[0])
            arguments: tuple[Term, ...] = tuple(self.read(item) for item in group.items)
            used = 1
        else:
            outer = []
            operand, used = self._argument(rest, core)
            arguments = (operand(),)
        primes = sum(w.order for w in wrappers if isinstance(w, Primed))
        if primes:
            term = self._slope(core, primes, arguments, span)
        else:
            term = self._known(name, arguments, span)
        if scripts:
            term = Term("div", (term, Term("log", (base,), (), span)), term.shape, span)
        for wrapper in wrappers:
            if isinstance(wrapper, Power):
                if wrapper.exponent == Sum(("-",), (Number("1"),)):
                    raise Fault("undecided", "an inverse function has no reading here", span)
                term = self._raised(term, wrapper.exponent, span)
        return self._wrapped(term, outer), 1 + used

    def _argument(self, rest: tuple[Node, ...], core: Node) -> tuple[Callable[[], Term], int]:
        """Return the reading of what a function without brackets takes, and its length."""
        used = self._extent(rest)
        following = rest[used : used + 1]
        if following and not isinstance(following[0], Big | EvaluatedAt):
            head, _ = peel(following[0])
            bracketed = isinstance(peel(rest[0])[0], Group)
            starts = builtin(head) or self._is_function(following[0]) or isinstance(head, Group)
            if not bracketed and not starts:
                raise Fault(
                    "undecided",
                    f"how far {latex(core)} reaches is not clear: use brackets",
                    following[0].span,
                )
        node = (
            rest[0]
            if used == 1
            else Product(rest[:used], span=rest[0].span.to(rest[used - 1].span))
        )
        return (lambda: self.read(node)), used

    def _extent(self, rest: tuple[Node, ...]) -> int:
        head, _ = peel(rest[0])
        if builtin(head):
            return 1 + self._extent(rest[1:]) if len(rest) > 1 else 1
        if len(rest) > 1 and isinstance(peel(rest[1])[0], Group) and self._is_function(rest[0]):
            return 2
        if len(rest) > 1 and head == Symbol("\\mathbf{1}") and _relation_in(rest[1]):
            return 2
        return 1

    def _known(self, name: str, arguments: tuple[Term, ...], span: Span) -> Term:
        """Return the term of a built-in function."""
        if name in ("max", "min"):
            if len(arguments) > 1:
                total = arguments[0]
                for argument in arguments[1:]:
                    shape = _broadcast(total.shape, argument.shape)
                    if shape is None:
                        raise Fault(
                            "shape",
                            f"{name} of {said(total.shape)} and {said(argument.shape)}",
                            span,
                        )
                    total = Term(name, (total, argument), shape, span)
                return total
            if len(arguments[0].shape) != 1:
                raise Fault("undecided", f"\\{name} needs a list or a vector", span)
            return Term("all_" + name, arguments, (), span)
        if len(arguments) != 1:
            raise Fault("shape", f"{name} takes one argument", span)
        (argument,) = arguments
        shape = argument.shape
        match name:
            case "softmax":
                if not shape:
                    raise Fault("shape", "softmax of a number", span)
                return Term("softmax", arguments, shape, span)
            case "diag":
                if len(shape) == 1:
                    return Term("diag", arguments, (*shape, *shape), span)
                if len(shape) == 2 and shape[0] == shape[1]:
                    return Term("diagonal", arguments, shape[:1], span)
            case "trace" | "det":
                if len(shape) == 2 and shape[0] == shape[1]:
                    return Term(name, arguments, (), span)
            case "mean":
                return Term("mean", arguments, (), span)
            case "argmax" | "argmin":
                if len(shape) == 1:
                    return Term(name, arguments, (), span)
            case _ if name in ELEMENTWISE.values():
                return Term(name, arguments, shape, span)
        raise Fault("shape", f"{name} of {said(shape)}", span)

    def _extreme(
        self,
        name: str,
        letters: tuple[Node, ...],
        operand: Callable[[], Term],
        nodes: tuple[Node, ...],
        span: Span,
    ) -> Term:
        if len(letters) != 1 or not isinstance(letters[0], Symbol):
            raise Fault("undecided", f"\\{name} needs one index below", span)
        letter = letters[0].name
        if self.table.find(letter) is not None:
            raise Fault("undecided", f"\\{name} over {letter} cannot be decided", span)
        size = self._axis_or_fault(letter, nodes)
        with self._running({letter: size}):
            body = operand()
        low = Term("const", (), (), span, 1.0)
        high = Term("const", (), (), span, float(size.count))
        return Term("loop", (low, high, body), body.shape, span, (name, ("index", letter), None))

    # -- powers, fractions, matrices ----------------------------------------------------------

    def _transposed(self, node: Node, base: Node) -> Term:
        if not self._is_function(base):
            return self._turned_or_power(base, node)
        raise Fault("undecided", "a function has no transpose", node.span)

    def _turned_or_power(self, base: Node, node: Node) -> Term:
        term = self.read(base)
        steps = self.table.find("T")
        if not term.shape and steps is not None and term.op != "any":
            return self._raised(term, Symbol("T"), node.span)
        return self._turned(term, node.span)

    def _turned(self, term: Term, span: Span) -> Term:
        shape = term.shape
        if term.op == "any":
            return replace(term, data=("row", term.data))
        match len(shape):
            case 0:
                return term
            case 1:
                return Term("row", (term,), (ONE_ROW, shape[0]), span)
            case 2 if shape[0].row:
                return Term("unrow", (term,), shape[1:], span)
            case 2:
                return Term("transpose", (term,), (shape[1], shape[0]), span)
        raise Fault("shape", f"the transpose of {said(shape)}", span)

    def _power(self, node: Node, base: Node, exponent: Node) -> Term:
        found = self.resolve(node)
        if found is not None:
            return self._found(node, *found)
        if isinstance(base, Indexed) and isinstance(base.base, Norm):
            return self._raised(self._name(base), exponent, node.span)
        if base == Symbol("e") and self.table.find("e") is None:
            inner = self.read(exponent)
            return Term("exp", (inner,), inner.shape, node.span)
        return self._raised(self.read(base), exponent, node.span)

    def _raised(self, base: Term, exponent: Node, span: Span) -> Term:
        inverse = exponent == Sum(("-",), (Number("1"),))
        square = len(base.shape) == 2 and base.shape[0] == base.shape[1]
        if inverse and square:
            return Term("inverse", (base,), base.shape, span)
        if square and base.shape[0].name != "1":
            raise Fault(
                "undecided",
                "a power of a square matrix has two readings: use \\odot or a product",
                span,
            )
        power = self.read(exponent)
        if power.shape and base.shape and not _same(power.shape, base.shape):
            raise Fault("shape", f"{said(base.shape)} to the power {said(power.shape)}", span)
        whole = self.whole(exponent)
        return Term("power", (base, power), base.shape or power.shape, span, whole)

    def _root(self, body: Node, degree: Node | None, span: Span) -> Term:
        inner = self.read(body)
        if degree is None:
            return Term("sqrt", (inner,), inner.shape, span)
        one = Term("const", (), (), span, 1.0)
        power = Term("div", (one, self._index(degree)), (), span)
        return Term("power", (inner, power), inner.shape, span)

    def _fraction(self, node: Fraction) -> Term:
        variables = derivative_variables(node)
        if variables is not None:
            operand = numerator(node)
            if operand is None:
                raise Fault("syntax", "a derivative of nothing", node.span)
            return self._derivative(operand, variables, node.span)
        return self._divided(self.read(node.numerator), self.read(node.denominator), node.span)

    def _matrix(self, rows: tuple[tuple[Node, ...], ...], span: Span) -> Term:
        entries = tuple(self.read(cell) for row in rows for cell in row)
        for entry in entries:
            if entry.shape:
                raise Fault("undecided", "a matrix of matrices has no reading here", entry.span)
        shape = (
            Size(str(len(rows)), len(rows)),
            Size(str(len(rows[0])), len(rows[0])),
        )
        return Term("matrix", entries, shape, span)

    def _cases(self, rows: tuple[tuple[Node, Node | None], ...], span: Span) -> Term:
        parts: list[Term] = []
        shape: Shape = ()
        for k, (value, condition) in enumerate(rows):
            term = self.read(value)
            parts.append(term)
            shape = max(shape, term.shape, key=len)
            if condition is None:
                if k < len(rows) - 1:
                    raise Fault("syntax", "a case without a condition before the last", value.span)
            else:
                assert isinstance(condition, Chain)
                parts.append(self._condition(condition))
                shape = max(shape, parts[-1].shape, key=len)
        if any(part.shape and not _same(part.shape, shape) for part in parts):
            raise Fault("shape", "the cases differ in shape", span)
        return Term("cases", tuple(parts), shape, span)

    def _condition(self, chain: Node | None) -> Term:
        """Return the truth of a chain of orders, entry by entry."""
        if not isinstance(chain, Chain):
            raise Fault("undecided", "a condition is expected here")
        sides = tuple(self.read(side) for side in chain.sides)
        shape = max((side.shape for side in sides), key=len)
        if any(side.shape and not _same(side.shape, shape) for side in sides):
            raise Fault("shape", "the sides of the condition differ in shape", chain.span)
        if not set(chain.relations) <= {"<", ">", "\\le", "\\ge", "=", "\\ne"}:
            raise Fault("undecided", "this condition cannot be decided", chain.span)
        return Term("condition", sides, shape, chain.span, chain.relations)

    def condition(self, chain: Chain) -> Term:
        """Return the typed condition of a statement."""
        return self._condition(chain)

    # -- sums, products and limits ------------------------------------------------------------

    def _big(self, node: Big) -> Term:
        if node.operator == "\\lim":
            return self._limit(node)
        letter, low, high, condition = self._range(node)
        if self.counts_members(letter, node.body):
            return self._unrolled(node, letter, low, high)
        size = self._extent_of_sum(letter, node, high)
        if low is None:
            low = Number("1")
        straight = low == Number("1")
        with self._running({letter: size if straight else None}):
            body = self.read(node.body)
            where = () if condition is None else (self._condition(condition),)
        first = self._index(low)
        last = (
            self._index(high)
            if high is not None
            else Term("const", (), (), node.span, float(size.count if size else 0))
        )
        kind = "sum" if node.operator == "\\sum" else "prod"
        if kind == "prod" and body.shape:
            raise Fault("undecided", "a product of arrays has no reading here", node.span)
        data = (kind, ("index", letter), None)
        return Term("loop", (first, last, body, *where), body.shape, node.span, data)

    def _extent_of_sum(self, letter: str, node: Big, high: Node | None) -> Size | None:
        """Return how far the letter runs; a fault where that is not its axis."""
        if high is None:
            return self._axis_or_fault(letter, node.body)
        if not isinstance(high, Symbol | Indexed | Number):
            return None
        size = self.size(high)
        for axis, part in self.axes(letter, node.body):
            if node.lower is not None and axis != size and _starts_at_one(node.lower):
                raise Fault(
                    "shape", f"{letter} runs to {size}, but in {latex(part)} over {axis}", part.span
                )
        return size

    def _range(self, node: Big) -> tuple[str, Node | None, Node | None, Chain | None]:
        match node.lower:
            case Chain((Symbol(letter), low), ("=",)):
                return letter, low, node.upper, None
            case Symbol(letter):
                return letter, None, node.upper, None
            case Chain((Symbol(letter), _), ("\\ne",)) as condition if node.upper is None:
                return letter, None, None, condition
            case None:
                raise Fault(
                    "undecided",
                    f"{node.operator} says no index: write {node.operator}_i",
                    node.span,
                )
        raise Fault("undecided", "this range of a sum has no reading here", node.span)

    def _unrolled(self, node: Big, letter: str, low: Node | None, high: Node | None) -> Term:
        first = 1 if low is None else self.whole(low)
        last = self.whole(Symbol(letter.upper())) if high is None else self.whole(high)
        if first is None or last is None:
            if high is not None and isinstance(high, Symbol) and self.table.find(high.name) is None:
                raise self.unknown(high)
            raise Fault("undecided", f"how far {letter} runs is not a known number", node.span)
        total: Term | None = None
        kept = self.letters
        for number in range(first, last + 1):
            self.letters = {**kept, letter: number}
            try:
                term = self.read(node.body)
            finally:
                self.letters = kept
            if total is None:
                total = term
            elif node.operator == "\\sum":
                total = self._added(total, term, node.span)
            else:
                total = self._times(total, term, node.span)
        return total or Term("const", (), (), node.span, 0.0)

    def _limit(self, node: Big) -> Term:
        match node.lower:
            case Chain((Symbol(name), Starred(target, sign)), ("\\to",)):
                side = sign
            case Chain((Symbol(name), target), ("\\to",)):
                side = ""
            case _:
                raise Fault("syntax", "a limit needs \\lim_{x \\to a}", node.span)
        if target == Symbol("\\infty"):
            goal = Term("const", (), (), node.span, float("inf"))
        elif target == Sum(("-",), (Symbol("\\infty"),)):
            goal = Term("const", (), (), node.span, float("-inf"))
        else:
            goal = self._index(target)
        found = self.resolve(Symbol(name))
        key: Any = found[0] if found is not None else ("local", next(self._fresh))
        bound = {} if found else {name: Term("local", (), (), node.span, key)}
        body = self._with_locals(bound, lambda: self.read(node.body))
        return Term("limit", (goal, body), body.shape, node.span, (key, side))

    def _evaluated(self, factors: tuple[Node, ...], k: int, span: Span) -> Term:
        """Return what stands before the bar, at the values that stand after it."""
        if k == 0:
            raise Fault("syntax", "nothing stands before the bar", span)
        bar = factors[k]
        assert isinstance(bar, EvaluatedAt)
        keys: list[Any] = []
        values: list[Term] = []
        bound: dict[str, Term] = {}
        for condition in bar.conditions:
            if not isinstance(condition, Chain) or condition.relations != ("=",):
                raise Fault("syntax", "the bar needs x = a value", bar.span)
            place, value = condition.sides
            values.append(self.read(value))
            found = self.resolve(place) if _is_name(place) else None
            if found is None:
                key: Any = ("local", next(self._fresh))
                bound[_parameter_name(place)] = Term("local", (), values[-1].shape, bar.span, key)
            else:
                key = found[0]
                if found[1] or not _same(self.shape_of(key), values[-1].shape):
                    raise Fault("shape", f"{latex(place)} and its value differ in shape", bar.span)
            keys.append(key)
        before = factors[:k]
        node = before[0] if k == 1 else Product(before, span=before[0].span.to(before[-1].span))
        body = self._with_locals(bound, lambda: self.read(node))
        term = Term("let", (*values, body), body.shape, span, tuple(keys))
        if k + 1 < len(factors):
            rest = self.read(Product(factors[k + 1 :], span=span))
            return self._times(term, rest, span)
        return term

    # -- derivatives --------------------------------------------------------------------------

    def _derivative(self, operand: Node, variables: list[Node], span: Span) -> Term:
        """Return the graph derivative of the operand with respect to each variable in turn."""
        bare = (
            operand.items[0] if isinstance(operand, Group) and len(operand.items) == 1 else operand
        )
        if self._is_function(bare) and all(v == variables[0] for v in variables):
            return self._slope(bare, len(variables), (self.read(variables[0]),), span)
        places = [self._place(variable, operand) for variable in variables]
        bound = {name: term for place in places for name, term in place.bound.items()}
        for place in places:
            operand = place.rewrite(operand)
        term = self._with_locals(bound, lambda: self.read(operand))
        for place in places:
            self._reaches(term, place, span)
            data = (place.key, place.shape)
            term = Term("derivative", (term,), (*term.shape, *place.shape), span, data)
            if place.subscripts:
                lead = len(term.shape) - len(place.shape)
                parts = _split(place.subscripts, len(place.shape))
                for size, part in zip(place.shape, parts, strict=False):
                    self._check_axis(size, part)
                indices = tuple(self._index(part) for part in parts)
                shape = term.shape[:lead] + term.shape[lead + len(parts) :]
                term = Term("entry", (term, *indices), shape, span, lead)
        values = tuple(place.value for place in places if place.value is not None)
        if values:
            keys = tuple(place.key for place in places if place.value is not None)
            term = Term("let", (*values, term), term.shape, span, keys)
        return term

    def _reaches(self, term: Term, place: _Place, span: Span) -> None:
        """Refuse the derivative of a quantity that nothing defines."""
        elsewhere = term.op == "ref" and term.data != place.key and isinstance(place.key, str)
        if elsewhere and self.entry(term.data)[0].body is None:
            raise Fault(
                "undecided", f"{term.data} has no definition to take its derivative from", span
            )

    def _place(self, variable: Node, operand: Node) -> _Place:
        if isinstance(variable, Symbol) and variable.name in self.locals:
            local = self.locals[variable.name]
            return _Place(local.data, local.shape)
        if _is_name(variable):
            found = self.resolve(variable)
            if found is None:
                raise self.unknown(variable)
            if self.entry(found[0])[0].is_size:
                raise Fault("undecided", f"no derivative by the size {found[0]}", variable.span)
            return _Place(found[0], self.shape_of(found[0]), found[1])
        value = self.read(variable)
        key = ("local", next(self._fresh))
        name = f"\\mathrm{{place {key[1]}}}"
        local = Term("local", (), value.shape, variable.span, key)
        return _Place(key, value.shape, (), value, variable, {name: local})

    def _nabla(self, factor: Node, rest: tuple[Node, ...]) -> tuple[Term, int]:
        r"""Read ``\nabla_W J``, ``\nabla J(\theta)`` and ``\nabla f(x)``."""
        _core, wrappers = peel(factor)
        if any(not isinstance(w, Indexed) for w in wrappers) or not rest:
            raise Fault("undecided", "this nabla has no reading here", factor.span)
        _head, outer = peel(rest[0])
        inner = rest[0]
        used = 1
        while isinstance(inner, Transposed):
            inner = inner.base
        arguments = rest[1] if len(rest) > 1 else None
        group, group_outer = peel(arguments) if arguments is not None else (None, [])
        called = isinstance(group, Group) and group.brackets == "()" and _is_name(inner)
        if called and (self._is_function(inner) or self._as_argument(inner, group)):  # type: ignore[arg-type]
            used = 2
        else:
            called = False
        if wrappers:
            (below,) = wrappers
            assert isinstance(below, Indexed)
            if len(below.subscripts) != 1:
                raise Fault("undecided", "one variable below each nabla", factor.span)
            variables = list(below.subscripts)
        elif called and isinstance(group, Group) and len(group.items) == 1:
            variables = [group.items[0]]
        else:
            raise Fault("undecided", "the nabla does not say its variable: \\nabla_w", factor.span)
        span = factor.span.to(rest[used - 1].span)
        operand: Node = inner
        if called:
            assert group is not None
            operand = Product((inner, group), span=inner.span.to(group.span))
        elif not _is_name(inner) and not isinstance(inner, Group) and len(rest) > 1:
            raise Fault("undecided", "how far the nabla reaches is not clear", span)
        term = self._derivative(operand, variables, span)
        transposes = [
            w
            for w in (outer if not called else [*outer, *group_outer])
            if isinstance(w, Transposed)
        ]
        for _ in transposes:
            term = self._turned(term, span)
        return term, 1 + used


class Beyond(Fault):
    """A family has no member of this number."""

    def __init__(self, name: str, first: int, last: int) -> None:
        super().__init__(
            "undeclared", f"{name} is not declared: the index runs from {first} to {last}"
        )


class _Bound:
    """Letters that run for a while."""

    def __init__(self, running: dict[str, Size | None], letters: dict[str, Size | None]) -> None:
        self.running, self.letters = running, letters
        self.kept: dict[str, Size | None] = {}

    def __enter__(self) -> None:
        for letter, size in self.letters.items():
            if letter in self.running:
                raise Fault("undecided", f"{letter} already runs: use another letter")
            self.running[letter] = size

    def __exit__(self, *_: object) -> None:
        for letter in self.letters:
            self.running.pop(letter, None)


@dataclass(frozen=True)
class _Place:
    """What a derivative is taken with respect to."""

    key: Any
    shape: Shape
    subscripts: tuple[Node, ...] = ()
    value: Term | None = None
    node: Node | None = None
    bound: dict[str, Term] = field(default_factory=dict)

    def rewrite(self, operand: Node) -> Node:
        """Put the place's own name wherever its expression stands in the operand."""
        if self.node is None:
            return operand
        (name,) = self.bound
        placed: Node = _replaced(operand, self.node, Symbol(name))
        return placed


def _replaced(node: Any, old: Node, new: Node) -> Any:
    if isinstance(node, tuple):
        return tuple(_replaced(part, old, new) for part in node)
    if not isinstance(node, Node):
        return node
    if node == old:
        return replace(new, span=node.span)
    names = [name for name in node.__dataclass_fields__ if name != "span"]
    return replace(node, **{name: _replaced(getattr(node, name), old, new) for name in names})


def _capitalised(node: Node) -> Node | None:
    match node:
        case Symbol(name) if plain(name).isalpha() and plain(name).islower():
            return Symbol(plain(name).upper(), span=node.span)
        case Member(base, index):
            capital = _capitalised(base)
            return None if capital is None else Member(capital, index, span=node.span)
    return None


def _split(subscripts: tuple[Node, ...], rank: int) -> tuple[Node, ...]:
    """Cut ``ij`` or ``12`` into one subscript an axis where there are axes for them."""
    if len(subscripts) == 1 and rank > 1:
        match subscripts[0]:
            case Product(factors) if len(factors) <= rank:
                return factors
            case Number(text) if len(text) == rank and text.isdigit():
                return tuple(Number(digit, span=subscripts[0].span) for digit in text)
            case Product((Number(), Symbol())):
                return subscripts
    return subscripts


def _atoms(subscripts: tuple[Node, ...]) -> tuple[Node, ...]:
    return tuple(walk(subscripts))


def _is_name(node: Node) -> bool:
    core, wrappers = peel(node)
    while isinstance(core, Group) and core.brackets == "{}":
        core, inner = peel(core.items[0])
        wrappers = [*wrappers, *inner]
    return isinstance(core, Symbol) and not any(isinstance(w, Transposed | Power) for w in wrappers)


def _parameter_name(node: Node) -> str:
    if isinstance(node, Symbol):
        return node.name
    raise Fault("undecided", f"{latex(node)} is no name for an argument", node.span)


def _norm_kind(node: Node) -> Any:
    match node:
        case Number("1" | "2" as text):
            return int(text)
        case Symbol("F" | "\\mathrm{F}"):
            return 2
        case Symbol("\\infty"):
            return "max"
    raise Fault("undecided", f"the norm {latex(node)} is not known here", node.span)


def _relation_in(node: Node) -> Chain | None:
    match node:
        case Group((Chain() as chain,), "\\{\\}" | "[]" | "()"):
            return chain
    return None


def _operator_at(factors: tuple[Node, ...]) -> bool:
    return any(derivative_variables(f) is not None and not numerator(f) for f in factors)


_D = (Symbol("d"), Symbol("\\partial"))


def derivative_variables(node: Node) -> list[Node] | None:
    r"""Return the variables below ``\frac{d}{dx}`` or ``\frac{\partial J}{\partial w}``."""
    if not isinstance(node, Fraction) or not isinstance(node.denominator, Product):
        return None
    top = node.numerator.factors[0] if isinstance(node.numerator, Product) else node.numerator
    sign = top.base if isinstance(top, Power) else top
    below = node.denominator.factors
    if sign not in _D or below[0] not in _D:
        return None
    variables: list[Node] = []
    rest = list(below)
    while rest:
        if rest.pop(0) not in _D or not rest:
            return None
        taken = [rest.pop(0)]
        while rest and rest[0] not in _D:
            taken.append(rest.pop(0))
        last = taken[-1]
        times = 1
        if isinstance(last, Power) and isinstance(last.exponent, Number):
            times = int(last.exponent.text)
            taken[-1] = last.base
        one = taken[0] if len(taken) == 1 else Product(tuple(taken), span=node.span)
        if isinstance(one, Group) and one.brackets == "{}":
            one = one.items[0]
        variables += [one] * times
    order = top.exponent if isinstance(top, Power) else Number("1")
    if order != Number(str(len(variables))):
        raise Fault("syntax", "the orders above and below the derivative differ", node.span)
    return variables


def numerator(node: Node) -> Node | None:
    r"""Return J of ``\frac{\partial J}{\partial w}``, None of ``\frac{\partial}{\partial w}``."""
    assert isinstance(node, Fraction)
    if not isinstance(node.numerator, Product):
        return None
    rest = node.numerator.factors[1:]
    return rest[0] if len(rest) == 1 else Product(rest, span=rest[0].span.to(rest[-1].span))


def _starts_at_one(lower: Node) -> bool:
    return not isinstance(lower, Chain) or lower.sides[1] == Number("1")


def _unbound(node: Any, bound: frozenset[str]) -> Iterator[Symbol]:
    """Yield the letters in subscripts and superscripts that no sum binds."""
    match node:
        case tuple():
            for part in node:
                yield from _unbound(part, bound)
        case Big(_, lower, upper, body):
            letter = lower.sides[0] if isinstance(lower, Chain) else lower
            inner = bound | {letter.name} if isinstance(letter, Symbol) else bound
            for part in (lower, upper, body):
                yield from _unbound(part, inner)
        case Product(factors):
            for k, factor in enumerate(factors):
                core, wrappers = peel(factor)
                scripts = [w for w in wrappers if isinstance(w, Indexed)]
                if builtin(core) in ("max", "min", "argmax", "argmin") and scripts:
                    letters = {s.name for s in scripts[0].subscripts if isinstance(s, Symbol)}
                    yield from _unbound(factors[k + 1 :], bound | letters)
                    return
                yield from _unbound(factor, bound)
        case Indexed(Norm(body), _):
            yield from _unbound(body, bound)
        case Indexed(Symbol("\\nabla"), subscripts):
            yield from _unbound(subscripts, bound)
        case Indexed(base, subscripts):
            yield from _unbound(base, bound)
            for part in walk(subscripts):
                if isinstance(part, Symbol) and part.name not in bound and len(part.name) == 1:
                    yield part
        case Member(base, index):
            yield from _unbound(base, bound)
            for part in walk(index):
                if isinstance(part, Symbol) and part.name not in bound and len(part.name) == 1:
                    yield part
        case Node():
            for name in node.__dataclass_fields__:
                if name != "span":
                    yield from _unbound(getattr(node, name), bound)


def _same(left: Shape, right: Shape) -> bool:
    return left == right


def _broadcast(left: Shape, right: Shape) -> Shape | None:
    """Return the shape of a sum: equal shapes, a number, or a bias over the rows of a batch."""
    if left == right or not right:
        return left
    if not left:
        return right
    longer, shorter = (left, right) if len(left) >= len(right) else (right, left)
    if len(longer) == 2 and len(shorter) == 1 and longer[1] == shorter[0] and not longer[0].row:
        return longer
    if len(left) == len(right) == 2 and left[1] == right[1]:
        if left[0].name == "1" and not left[0].row:
            return right
        if right[0].name == "1" and not right[0].row:
            return left
    return None


def fitted(term: Term, shape: Shape) -> Term:
    """Return the bold 1, 0 or I, which has no shape of its own, in the shape it needs here."""
    if term.op != "any" or not shape:
        return term
    if term.data == "eye":
        return Term("eye", (), shape, term.span)
    if isinstance(term.data, float):
        return Term("full", (), shape, term.span, term.data)
    return term


def _fit_product(a: Term, b: Term) -> tuple[Term, Term]:
    r"""Give ``\mathbf{1}`` and ``I`` the size that a product with the other factor needs."""
    if a.op == "any" and b.op != "any" and b.shape:
        if a.data == "eye":
            a = Term("eye", (), (b.shape[0], b.shape[0]), a.span)
        elif isinstance(a.data, tuple) and a.data[0] == "row" and isinstance(a.data[1], float):
            ones = Term("full", (), (b.shape[0],), a.span, a.data[1])
            a = Term("row", (ones,), (ONE_ROW, b.shape[0]), a.span)
    if b.op == "any" and a.op != "any" and a.shape:
        if b.data == "eye":
            b = Term("eye", (), (a.shape[-1], a.shape[-1]), b.span)
        elif isinstance(b.data, float):
            b = Term("full", (), (a.shape[-1],), b.span, b.data)
    for term in (a, b):
        if term.op == "any":
            raise Fault("shape", "how many entries the bold 1 or I has is not said", term.span)
    return a, b
