import pytest
from checking import table_of, verdict_of
from hypothesis import given, settings
from hypothesis import strategies as st

from checked_math.decision import Options
from checked_math.pages import check
from checked_math.verdicts import decide

COST = (
    r"n \in \mathbb{N}",
    r"y \in \{0, 1\}^{n}",
    r"p \in (0, 1)^{n}",
)
ENTROPY = r"J = -\frac{1}{n} \sum_{i=1}^{n} \left( y_i \log p_i + (1 - y_i) \log (1 - p_i) \right)"
DESCENT = (r"d \in \mathbb{N}", r"w \in \mathbb{R}^{d}", r"J = w^T w", r"\eta > 0")
NUMBER = (r"x \in \mathbb{R}", r"c \in \mathbb{R}")


@pytest.mark.parametrize(
    ("formula", "declared", "kind", "message"),
    [
        (r"x + \foo = 1", NUMBER, "syntax", r"\foo is not known here"),
        (r"x + q = 1", NUMBER, "undeclared", "q is not declared; declared here: x, c"),
        (r"x = c", NUMBER, "differ", "the two sides differ"),
        (r"\frac{1}{3} \approx 0.334", (), "rounding", "the printed digits are not the rounded value"),
        (r"x < c", NUMBER, "relation", "x < c does not hold"),
        (r"x \in (0, 1)", NUMBER, "relation", "x is not always in (0, 1)".replace("(", r"\left( ").replace(")", r" \right)")),
        (r"w \leftarrow w + \eta \nabla_w J", DESCENT, "ascent", "the step goes along the gradient: J grows"),
        (r"\log x = c", NUMBER, "domain", r"the logarithm of a negative number in \log x"),
        (r"\frac{c}{x - x} = 1", NUMBER, "domain", "a division by zero"),
        (r"x \approx c", NUMBER, "undecided", "what makes the two sides nearly equal is not said"),
        (r"w \leftarrow w - \eta w", (*DESCENT[:2], DESCENT[3]), "undecided", "which cost this update lowers"),
        (r"x_1 + \dots + x_n = 1", (r"n \in \mathbb{N}", r"x \in \mathbb{R}^{n}"), "undecided", "dots"),
    ],
)  # fmt: skip
def test_each_kind_of_message(formula, declared, kind, message):
    verdict = verdict_of(formula, *declared)
    assert verdict.kind == kind, verdict.message
    assert message in verdict.message
    assert verdict.word == ("cannot be decided" if kind == "undecided" else "fails")
    assert not verdict.ok


def test_a_lost_sign_is_guessed_with_both_values_and_a_short_example():
    wrong = ENTROPY.replace("-\\frac", "\\frac", 1)
    verdict = verdict_of(wrong, *COST, r"J = " + ENTROPY[4:])
    first, second, guess = verdict.details
    assert first.startswith("J gives  ")
    assert "at  p = [" in first
    assert "y = [" in first
    assert second.startswith(r"\frac{1}{n}")
    assert guess == "they differ by the factor -1: is a sign missing?"
    assert all(
        len(number) <= 5 for number in first.partition("p = [")[2].partition("]")[0].split(", ")
    )


@pytest.mark.parametrize(
    ("formula", "guess"),
    [
        (r"a = 2 a", "they differ by the factor 2: is a factor 2 too many?"),
        (r"a = \frac{a}{2}", "they differ by the factor 1/2: is a factor 2 missing?"),
        (r"a = \frac{1}{n} a", "they differ by the factor 1/n: is a factor 1/n wrong?"),
        (r"a = a + 3", "they differ by the constant 3"),
        (r"S = S^T", "one is the transpose of the other"),
    ],
)
def test_guesses(formula, guess):
    declared = (r"n \in \mathbb{N}", r"a \in \mathbb{R}", r"S \in \mathbb{R}^{n \times n}")
    assert verdict_of(formula, *declared).details[-1] == guess


@pytest.mark.parametrize(
    ("formula", "holds"),
    [
        (r"\frac{1}{8} \approx 0.13", True),
        (r"\frac{1}{8} \approx 0.12", True),  # half a unit may go either way
        (r"\frac{2}{3} \approx 0.67", True),
        (r"\frac{2}{3} \approx 0.66", False),
        (r"\frac{2}{3} = 0.67", False),
        (r"1234567 \approx 1.23 \cdot 10^6", True),
        (r"1234567 \approx 1.24 \cdot 10^6", False),
        (r"\begin{bmatrix} \frac{1}{3} & \frac{2}{3} \end{bmatrix} \approx \begin{bmatrix} 0.33 & 0.67 \end{bmatrix}", True),
    ],
)  # fmt: skip
def test_rounding(formula, holds):
    assert (verdict_of(formula).word == "holds") is holds


@pytest.mark.parametrize(
    ("formula", "holds"),
    [
        (r"f'(x) \approx \frac{f(x + h) - f(x)}{h}", True),
        (r"f'(x) \approx \frac{f(x + h) - f(x - h)}{h}", False),
        (r"f(x + h) \approx f(x) + h f'(x)", True),
        (r"f(x + h) \approx f(x) - h f'(x)", False),
    ],
)
def test_a_step_that_shrinks(formula, holds):
    declared = (r"f \colon \mathbb{R} \to \mathbb{R}", r"x \in \mathbb{R}", r"h \to 0")
    assert (verdict_of(formula, *declared).word == "holds") is holds


def test_code_that_disagrees_is_named():
    verdict = verdict_of(
        r"J = \sum_{i=1}^{n} (p_i - y_i)^2", *COST, code=("toycode.mse(p, y)",), defines="J"
    )
    assert verdict.kind == "differ"
    assert verdict.message == "the formula and toycode.mse differ"
    assert verdict.details[-1] == "they differ by the factor n: is a factor n wrong?"


def test_code_that_raises_or_has_another_shape():
    raised = verdict_of(r"J = p_1", *COST, code=("toycode.mse(p)",), defines="J")
    assert (raised.kind, "TypeError" in raised.message) == ("code", True)
    shape = verdict_of(r"J = p", *COST, code=("toycode.mse(p, y)",), defines="J")
    assert (shape.kind, shape.message) == (
        "shape",
        "the formula is (n), toycode.mse gives a number",
    )
    missing = verdict_of(r"J = p_1", *COST, code=("nowhere.mse(p, y)",), defines="J")
    assert (missing.kind, "NameError" in missing.message) == ("code", True)


@pytest.mark.parametrize(
    ("formula", "witness", "ok"),
    [
        (ENTROPY, "nonnegative", True),
        (ENTROPY, "zero_at_fit(p, y)", True),
        (ENTROPY, "-np.mean(scipy.special.xlogy(y, p) + scipy.special.xlog1py(1 - y, -p))", True),
        (ENTROPY, "np.mean(p)", False),
        (ENTROPY.replace("-\\frac", "\\frac"), "nonnegative", False),
        (ENTROPY + " + 1", "zero_at_fit(p, y)", False),
    ],
)
def test_witnesses_from_outside(formula, witness, ok):
    verdict = verdict_of(formula, *COST, defines="J", witness=(witness,))
    assert verdict.ok is ok, verdict.message
    assert verdict.kind == (None if ok else "witness")


def test_a_gradient_must_descend():
    declared = (r"d \in \mathbb{N}", r"w \in \mathbb{R}^{d}", r"J = w^T w")
    right = verdict_of(r"g = 2 w", *declared, defines="g", witness=("descends(J, w)",))
    wrong = verdict_of(r"g = -2 w", *declared, defines="g", witness=("descends(J, w)",))
    assert (right.word, wrong.kind) == ("holds", "witness")


def test_a_fault_of_one_statement_does_not_hide_the_next():
    verdicts = decide(r"x = 3, \quad x = 2", table_of("x = 2"))
    assert [verdict.word for verdict in verdicts] == ["fails", "holds"]


def test_a_lone_letter_states_nothing_but_is_declared():
    assert verdict_of("x", *NUMBER).word == "states nothing"
    assert verdict_of("q", *NUMBER).kind == "undeclared"
    assert verdict_of(r"W^T X", r"n \in \mathbb{N}", r"d \in \mathbb{N}", r"X \in \mathbb{R}^{n \times d}",
                      r"W \in \mathbb{R}^{n \times d}").word == "states nothing"  # fmt: skip


def test_unchecked_needs_a_reason_and_is_said():
    (verdict,) = decide("x = 3", table_of("x = 2"), Options(unchecked="an exercise"))
    assert (verdict.ok, verdict.figures) == (True, "unchecked: an exercise")


def test_figures_say_what_was_compared():
    verdict = verdict_of(r"(x + c)^2 = x^2 + 2 c x + c^2", *NUMBER)
    assert verdict.draws >= 64
    assert verdict.largest < 1e-9
    assert verdict.figures.startswith(f"both sides agree at {verdict.draws} random points; largest")


def test_a_transpose_cannot_hide_in_a_square():
    verdict = verdict_of(r"A w = A^T w", r"d \in \mathbb{N}", r"A \in \mathbb{R}^{d \times d}",
                         r"w \in \mathbb{R}^{d}")  # fmt: skip
    assert verdict.kind == "differ"


LAYERS = (
    r"L = 3", r"n \in \mathbb{N}", r"d_l \in \mathbb{N}", r"X \in \mathbb{R}^{n \times d_0}",
    r"W^{(l)} \in \mathbb{R}^{d_{l-1} \times d_l}", r"Y \in \mathbb{R}^{n \times d_3}",
    r"\sigma(z) = \frac{1}{1 + e^{-z}}", r"a^{(0)} = X", r"z^{(l)} = a^{(l-1)} W^{(l)}",
    r"a^{(l)} = \sigma(z^{(l)})", r"J = \frac{1}{2n} \lVert a^{(L)} - Y \rVert^2",
    r"\delta^{(l)} = \frac{\partial J}{\partial z^{(l)}}",
)  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "ok"),
    [
        (r"\delta^{(l)} = \delta^{(l+1)} (W^{(l+1)})^T \odot \sigma'(z^{(l)})", True),
        (r"\delta^{(l)} = \delta^{(l+1)} (W^{(l)})^T \odot \sigma'(z^{(l)})", False),
        (r"\delta^{(l)} = \delta^{(l+1)} (W^{(l+1)})^T \odot \sigma(z^{(l)})", False),
        (r"\nabla_{W^{(l)}} J = (a^{(l-1)})^T \delta^{(l)}", True),
        (r"\nabla_{W^{(l)}} J = (a^{(l)})^T \delta^{(l)}", False),
        (r"\delta^{(L)} = \frac{1}{n} (a^{(L)} - Y) \odot \sigma'(z^{(L)})", True),
        (r"W^{(l)} \leftarrow W^{(l)} - 0.1 \nabla_{W^{(l)}} J", True),
        (r"W^{(4)} = W^{(4)}", False),
    ],
)
def test_layers(formula, ok):
    assert verdict_of(formula, *LAYERS).ok is ok


LETTERS = ("n", "d", "X", "w", "x", "c", "f", "\\sigma", "J", "i", "q", "W^{(1)}", "W^{(l)}", "x_i")
SIGNS = [
    "+",
    "-",
    "=",
    "<",
    "^2",
    "^T",
    "_i",
    "'",
    "(",
    ")",
    ",",
    "1",
    "0.5",
    "\\cdot",
    "\\odot",
    "\\circ",
    "/",
    "\\log",
    "\\exp",
    "\\max",
    "\\max_i",
    "\\sum_i",
    "\\sum_{i=1}^{n}",
    "\\prod_i",
    "\\nabla_w",
    "\\nabla",
    "\\frac{\\partial}{\\partial\\,",
    "w}",
    "\\lim_{x\\to\\,0}",
    "\\frac{\\partial\\,J}{\\partial\\,w}",
    "\\approx",
    "\\in",
    "\\mathbb{R}^n",
    "\\leftarrow",
    "\\lVert",
    "\\rVert",
    "|",
    "\\mathbf{1}",
    "\\to",
    ":=",
    "\\Big|_{x=0}",
    "^{-1}",
    "_{12}",
    "\\dots",
    "\\text{if}",
    "\\implies",
    "\\operatorname{diag}",
    "\\operatorname{softmax}",
    "\\begin{cases}",
    "\\end{cases}",
    "&",
    "\\begin{bmatrix}",
    "\\end{bmatrix}",
    "\\\\",
    "\\ne",
]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from([*LETTERS, *LETTERS, *SIGNS]), max_size=9).map(" ".join))
def test_no_formula_makes_it_raise(formula):
    declared = (
        r"n \in \mathbb{N}", r"d \in \mathbb{N}", r"X \in \mathbb{R}^{n \times d}",
        r"w \in \mathbb{R}^{d}", r"x \in \mathbb{R}", r"c > 0", r"L = 2",
        r"f \colon \mathbb{R} \to \mathbb{R}", r"\sigma(z) = \frac{1}{1 + e^{-z}}",
        r"J = \lVert X w \rVert^2", r"W^{(l)} \in \mathbb{R}^{d \times d}",
    )  # fmt: skip
    for verdict in decide(formula, table_of(*declared)):
        assert verdict.ok or verdict.kind


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from([*LETTERS, *SIGNS, "\\mathbb{N}", "\\{0, 1\\}", "(0, 1)"]), max_size=6)
)
def test_no_declaration_makes_a_page_raise(pieces):
    source = "```{symbols}\n$n \\in \\mathbb{N}$ : size\n$" + " ".join(pieces) + "$ : it\n```\n"
    assert check(source, "page.md").statements is not None
