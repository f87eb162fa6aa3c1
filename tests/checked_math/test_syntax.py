import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checked_math.faults import Fault
from checked_math.syntax import (
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
    parse,
    python_name,
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


names = st.sampled_from(["x", "W", "\\sigma", "\\hat{y}", "\\mathbf{w}", "\\mathrm{loss}"]).map(
    Symbol
)
numbers = st.sampled_from(["0", "1", "2.5", "10"]).map(Number)


def groups(trees):
    return trees.map(lambda tree: Group((tree,), "()"))


def extend(trees):
    """Trees as the grammar builds them: what binds looser stands in brackets."""
    closed = st.one_of(names, groups(trees))
    atoms = st.one_of(
        names,
        numbers,
        groups(trees),
        trees.map(Absolute),
        trees.map(Norm),
        st.builds(Fraction, trees, trees),
        st.builds(Root, trees, st.none()),
        st.builds(lambda b, e: Power(b, e), closed, st.one_of(numbers, names)),
        st.builds(lambda b, e: Indexed(b, (e,)), closed, st.one_of(numbers, names)),
        st.builds(Transposed, closed),
        st.builds(Member, names, st.one_of(numbers, names)),
        st.builds(Primed, names, st.integers(1, 2)),
    )
    apart = st.lists(atoms, min_size=2, max_size=3).filter(
        lambda parts: (
            not any(
                isinstance(a, Number) and isinstance(b, Number)
                for a, b in itertools.pairwise(parts)
            )
        )
    )
    rows = st.one_of(atoms, apart.map(lambda parts: Product(tuple(parts))))
    dots = st.one_of(
        rows, st.builds(Binary, rows, st.sampled_from(["\\cdot", "\\times", "/"]), rows)
    )
    products = st.one_of(dots, st.builds(Binary, dots, st.sampled_from(["\\odot", "\\circ"]), dots))
    big = st.builds(
        lambda body, low: Big("\\sum", Chain((Symbol("i"), low), ("=",)), Symbol("n"), body),
        products,
        numbers,
    )
    terms = st.one_of(products, big)
    sums = st.lists(terms, min_size=2, max_size=3).flatmap(
        lambda parts: st.tuples(
            st.sampled_from(["", "-"]), *[st.sampled_from("+-") for _ in parts[1:]]
        ).map(lambda signs: Sum(signs, tuple(parts)))
    )
    return st.one_of(terms, sums)


trees = st.recursive(st.one_of(names, numbers), extend, max_leaves=12)


@settings(deadline=None, max_examples=200)
@given(trees)
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
