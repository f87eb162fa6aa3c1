import functools
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checked_math.faults import Fault
from checked_math.names import python_name
from checked_math.syntax import parse
from checked_math.tree import (
    Absolute,
    Big,
    Binary,
    Chain,
    Fraction,
    Group,
    Indexed,
    Matrix,
    Member,
    Norm,
    Number,
    Power,
    Primed,
    Product,
    Root,
    Sum,
    Symbol,
    Transposed,
    latex,
    walk,
)


def side(text):
    (statement,) = parse(text)
    (only,) = statement.sides
    return only


x, y, w, W = Symbol("x"), Symbol("y"), Symbol("w"), Symbol("W")

READ = [
    (r"w^T x", Product((Transposed(w), x))),
    (r"w^\top x", Product((Transposed(w), x))),
    (r"w^{\top}x", Product((Transposed(w), x))),
    (r"w^\mathsf{T} x", Product((Transposed(w), x))),
    (r"w \cdot x", Binary(w, "\\cdot", x)),
    (r"w \odot x y", Binary(w, "\\odot", Product((x, y)))),
    (r"x y \cdot w \odot x", Binary(Binary(Product((x, y)), "\\cdot", w), "\\odot", x)),
    (r"\left( x \right)", Group((x,), "()")),
    (r"\bigl[ x \bigr]", Group((x,), "[]")),
    (r"\mathrm{d}", Symbol("d")),
    (r"\hat y", Symbol("\\hat{y}")),
    (r"\hat{\mathbf{y}}", Symbol("\\hat{\\mathbf{y}}")),
    (r"W^{(1)}", Member(W, Number("1"))),
    (r"W^{[1]}", Member(W, Number("1"))),
    (r"W^{(l)\top}", Transposed(Member(W, Symbol("l")))),
    (
        r"W^{(l)T}_{jk}",
        Indexed(Transposed(Member(W, Symbol("l"))), (Product((Symbol("j"), Symbol("k"))),)),
    ),
    (r"w_{jk}^{(l)}", Indexed(Member(w, Symbol("l")), (Product((Symbol("j"), Symbol("k"))),))),
    (r"x_{i,j}", Indexed(x, (Symbol("i"), Symbol("j")))),
    (r"x'", Primed(x, 1)),
    (r"x^{\prime\prime}", Primed(x, 2)),
    (r"\frac12", Fraction(Number("1"), Number("2"))),
    (r"\dfrac{x}{y}", Fraction(x, y)),
    (r"\sqrt[3]{x}", Root(x, Number("3"))),
    (r"|x|", Absolute(x)),
    (r"\left\lVert x \right\rVert^2", Power(Norm(x), Number("2"))),
    (r"\| x \|_2", Indexed(Norm(x), (Number("2"),))),
    (
        r"\sum_{i=1}^n x y",
        Big("\\sum", Chain((Symbol("i"), Number("1")), ("=",)), Symbol("n"), Product((x, y))),
    ),
    (r"\sum\limits_i x + y", Sum(("", "+"), (Big("\\sum", Symbol("i"), None, x), y))),
    (r"\begin{pmatrix} x & 1 \\ y & 2 \end{pmatrix}", Matrix(((x, Number("1")), (y, Number("2"))))),
    (r"-x\,y\;-\quad w", Sum(("-", "-"), (Product((x, y)), w))),
    (r"{x}^{2}", Power(Group((x,), "{}"), Number("2"))),
]


@pytest.mark.parametrize(("text", "tree"), READ, ids=[text for text, _ in READ])
def test_is_read(text, tree):
    assert side(text) == tree


REFUSED = [
    (r"\frac{1}{2", "ends too early"),
    (r"x +", "ends too early"),
    (r"x \foo y", r"\foo is not known here"),
    ("a \u2212 b", "U+2212"),
    (r"2^10", "write ^{10}"),
    (r"e^-x", "write ^{-...}"),
    (r"x_1_2", "two subscripts"),
    (r"x^1^2", "two exponents"),
    (r"\left( x", r"\left and \right do not pair"),
    (r"\begin{cases} x \end{matrix}", "has no beginning"),
    (r"\begin{tabular} x \end{tabular}", "tabular is not known"),
    (r"x * y", r"write \cdot"),
    (r"1 2", "two numbers side by side"),
    (r"(x]", "is closed by"),
    (r"x ) y", "cannot stand here"),
    (r"\begin{bmatrix} 1 & 2 \\ 3 \end{bmatrix}", "differ in length"),
    (r"\text{a b} x_{\text{if}}", "cannot stand"),
    (r"a . b \sum", ""),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[text for text, _ in REFUSED])
def test_is_refused_with_its_place(text, message):
    with pytest.raises(Fault) as caught:
        parse(text)
    assert caught.value.kind == "syntax"
    assert message in caught.value.message


def test_span_of_an_unknown_command_is_its_place():
    with pytest.raises(Fault) as caught:
        parse(r"x + \foo")
    assert caught.value.span.of(r"x + \foo") == r"\foo"


def test_every_node_knows_where_it_stands():
    text = r"\frac{a}{b} + c^2"
    assert [part.span.of(text) for part in walk(side(text)) if isinstance(part, Symbol)] == [
        "a",
        "b",
        "c",
    ]


@pytest.mark.parametrize(
    ("text", "relations"),
    [
        (r"a = b \approx 0.5", [("=", "\\approx")]),
        (r"a = b, \quad c < d", [("=",), ("<",)]),
        (r"a = b \quad c = d", [("=",), ("=",)]),
        (r"\begin{aligned} a &= b \\ &= c \\ d &= e \end{aligned}", [("=", "="), ("=",)]),
        (r"\begin{aligned} a &= b \\ &\quad + c \end{aligned}", [("=",)]),
        (r"a = b \text{ and } c = d", [("=",), ("=",)]),
        (r"a = b \implies c = d", [("=",), ("=",)]),
        (r"a = b \tag{1}", [("=",)]),
        (r"a_i = b_i, \quad i = 1, \dots, n", [("=",)]),
        (r"a_i = b_i \quad (i = 1, 2, \ldots, n)", [("=",)]),
        (r"a_i = b_i \quad \forall i", [("=",)]),
        (r"a_i = b_i \quad \text{for all } i", [("=",)]),
    ],
)
def test_statements_of_a_formula(text, relations):
    assert [statement.relations for statement in parse(text)] == relations


def test_ranges_and_conditions_go_with_their_statement():
    (statement,) = parse(r"|x| = x \text{ if } x \ge 0, \quad i = 2, \dots, L - 1")
    assert [chain.relations for chain in statement.conditions] == [("\\ge",)]
    assert [name for name, _, _ in statement.ranges] == ["i"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [(r"\mathbf{x}", "x"), (r"\hat{y}", "y_hat"), (r"\sigma", "sigma"), (r"\mathcal{L}", "L")],
)
def test_python_name(name, expected):
    assert python_name(name) == expected


NAMES = ["x", "W", "\\sigma", "\\hat{y}", "\\mathbf{w}", "\\mathrm{loss}"]
NUMBERS = ["0", "1", "2.5", "10"]


# One strategy for all choices among as many: to make a strategy takes longer than to draw.
below = functools.cache(lambda count: st.integers(0, count - 1))


@st.composite
def trees(draw, depth=4):
    """Draw a tree as the grammar builds it: what binds looser stands in brackets."""

    def one_of(*kinds):
        return kinds[draw(below(len(kinds)))]

    def name():
        return Symbol(one_of(*NAMES))

    def number():
        return Number(one_of(*NUMBERS))

    def small():
        return one_of(name, number)()

    def group(left):
        return Group((total(left - 1),), one_of("()", "[]", "{}"))

    def argument(left):
        tree = total(left - 1)
        while isinstance(tree, Group) and tree.brackets == "{}":
            (tree,) = tree.items  # braces in the braces of an argument add nothing
        return tree

    def atom(left):
        if left <= 0:
            return small()
        closed = name if one_of(True, False) else lambda: Group((total(left - 1),), "()")
        return one_of(
            small,
            lambda: group(left),
            lambda: Absolute(total(left - 1)),
            lambda: Norm(total(left - 1)),
            lambda: Fraction(argument(left), argument(left)),
            lambda: Root(argument(left), None),
            lambda: Power(closed(), small()),
            lambda: Indexed(closed(), (small(),)),
            lambda: Transposed(closed()),
            lambda: Member(name(), small()),
            lambda: Transposed(Member(name(), small())),
            lambda: Indexed(Member(name(), small()), (small(), small())),
            lambda: Primed(name(), one_of(1, 2)),
            lambda: Matrix(((total(left - 1), small()), (small(), small()))),
        )()

    def row(left):
        parts = [atom(left) for _ in range(one_of(1, 1, 2, 3))]
        apart = [
            part
            for k, part in enumerate(parts)
            if k == 0 or not (isinstance(part, Number) and isinstance(parts[k - 1], Number))
        ]
        if any(isinstance(a, Number) and isinstance(b, Number) for a, b in pairwise(apart)):
            return apart[0]
        return apart[0] if len(apart) == 1 else Product(tuple(apart))

    def dot(left):
        kind = one_of("", "", "\\cdot", "\\times", "/")
        return Binary(row(left), kind, row(left)) if kind else row(left)

    def product(left):
        kind = one_of("", "", "\\odot", "\\circ")
        return Binary(dot(left), kind, dot(left)) if kind else dot(left)

    def term(left):
        if one_of(False, False, True):
            lower = Chain((Symbol("i"), number()), ("=",))
            return Big(one_of("\\sum", "\\prod"), lower, Symbol("n"), product(left))
        return product(left)

    def total(left):
        parts = tuple(term(left) for _ in range(one_of(1, 1, 2, 3)))
        signs = (one_of("", "-"), *(one_of("+", "-") for _ in parts[1:]))
        return parts[0] if signs == ("",) else Sum(signs, parts)

    return total(one_of(*range(depth)))


@settings(deadline=None, max_examples=75)
@given(trees().filter(lambda tree: len(repr(tree)) < 20_000))  # Hypothesis prints what it tries
def test_printed_and_read_back_means_the_same(tree):
    assert side(latex(tree)) == tree


PIECES = [
    "x", "1", "\\frac", "{", "}", "(", ")", "[", "]", "^", "_", "\\sum", "|", "\\|", "&", "\\\\",
    "\\begin{cases}", "\\end{cases}", "\\begin{aligned}", "\\end{aligned}", "\\text{if }", "=", "+",
    "-", "\\cdot", "\\odot", ",", ".", "'", "\\left(", "\\right)", "\\quad", "\\dots", "\\Big|", "$",
    "\\hat{", "\\mathbf{x}", "\\lim", "\\to", "\\{", "\\}", "\\implies", "é", "\u2212", "*", "/", "\\in",
]  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(
    st.one_of(st.text(max_size=30), st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join))
)
def test_nothing_makes_the_parser_raise_anything_but_its_own_error(text):
    try:
        parse(text)
    except Fault as fault:
        assert fault.kind == "syntax"


@pytest.mark.parametrize(
    "deep",
    [
        "(" * 3000,
        "{" * 500 + "x" + "}" * 500,
        "x^{" * 400 + "x" + "}" * 400,
        r"1 \cdot " * 4000 + "1",
    ],
)
def test_depth_is_refused_or_read(deep):
    try:
        parse(deep)
    except Fault as fault:
        assert fault.kind == "syntax"
