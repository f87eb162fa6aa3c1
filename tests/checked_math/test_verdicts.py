import numpy as np
import pytest
from checking import table_of, verdict_of
from hypothesis import given, settings
from hypothesis import strategies as st

from checked_math.comparison import relative_difference
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
        (r"x \approx c", NUMBER, "undecided", "what makes the two sides nearly equal is not given"),
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


SPACES = (
    r"n \in \mathbb{N}", r"d \in \mathbb{N}", r"u \in \mathbb{R}^{n}", r"v \in \mathbb{R}^{d}",
    r"X \in \mathbb{R}^{n \times d}", r"p \in (0, 1)^n", r"t \in \{0, 1\}^{n}", r"q \in [0, 1]",
    r"x \in \mathbb{R}", r"k \in \mathbb{N}", r"m \in \mathbb{Z}",
)  # fmt: skip
MEMBERS = (r"L = 3", r"n \in \mathbb{N}", r"s^{(l)} \in \mathbb{R}", r"x \in \mathbb{R}")
STEP = (r"f \colon \mathbb{R} \to \mathbb{R}", r"x \in \mathbb{R}", r"y \in \mathbb{R}", r"h \to 0")


@pytest.mark.parametrize(
    ("formula", "declared", "kind", "message", "details"),
    [
        # shapes
        (r"u = v", SPACES, "shape", "the left side is (n), the right side is (d)", ()),
        (r"u = X", SPACES, "shape", "the left side is (n), the right side is (n, d)", ()),
        (r"X = X^T", SPACES, "shape", "the left side is (n, d), the right side is (d, n): is a transpose missing?", ()),
        (r"u = 1", SPACES, "shape", "the left side is (n), the right side is a number", ()),
        (r"1 = u", SPACES, "shape", "the left side is a number, the right side is (n)", ()),
        (r"\begin{bmatrix} x \\ x \end{bmatrix} = u", SPACES, "shape", "the left side is (2), the right side is (n)", ()),
        (r"u = \begin{bmatrix} x \\ x \\ x \end{bmatrix}", SPACES, "shape", "the left side is (n), the right side is (3)", ()),
        (r"\begin{bmatrix} x & x \end{bmatrix} = u", SPACES, "shape", "the left side is (1, 2), the right side is (n)", ()),
        (r"\begin{bmatrix} x & x \\ x & x \end{bmatrix} = u", SPACES, "shape", "the left side is (2, 2), the right side is (n)", ()),
        (r"\begin{bmatrix} x \\ x \end{bmatrix} = X", SPACES, "shape", "the left side is (2, 1), the right side is (n, d)", ()),
        # sets
        (r"p \in (0, 1)^{d}", SPACES, "shape", "p is (n), not (d)", ()),
        (r"X \in \mathbb{R}^{d \times n}", SPACES, "shape", "X is (n, d), not (d, n): is a transpose missing?", ()),
        (r"u \in \mathbb{R}", SPACES, "shape", "u is (n), not a number", ()),
        (r"q \in (0, 1]", SPACES, "relation", r"q is not always in \left( 0, 1 \right]", ("0 is not in the set",)),
        (r"q \in [0, 1)", SPACES, "relation", r"q is not always in \left[ 0, 1 \right)", ("1 is not in the set",)),
        (r"0 \in \{0, 1\}^{n}", SPACES, "shape", "0 is a number, not (n)", ()),
        (r"\frac{1}{2} \in \{0, 1\}", (), "relation", r"\frac{1}{2} is not always in \left\{ 0, 1 \right\}", ("0.5 is not in the set",)),
        (r"-3 \in \mathbb{N}", (), "relation", r"- 3 is not always in \mathbb{N}", ("-3 is not in the set",)),
        (r"\frac{7}{2} \in \mathbb{N}", (), "relation", r"\frac{7}{2} is not always in \mathbb{N}", ("3.5 is not in the set",)),
        (r"\frac{7}{2} \in \mathbb{Z}", (), "relation", r"\frac{7}{2} is not always in \mathbb{Z}", ("3.5 is not in the set",)),
        # order
        (r"q > 0", SPACES, "relation", "q > 0 does not hold", ("q gives  0   at  q = 0", "0 gives  0")),
        (r"q < 1", SPACES, "relation", "q < 1 does not hold", ("q gives  1   at  q = 1", "1 gives  1")),
        (r"2 \le 1", (), "relation", r"2 \le 1 does not hold", ("2 gives  2   at  the numbers given", "1 gives  1")),
        (r"1 \ge 2", (), "relation", r"1 \ge 2 does not hold", ("1 gives  1   at  the numbers given", "2 gives  2")),
        (r"2 \ne 2", (), "relation", r"2 \ne 2 does not hold", ("2 gives  2   at  the numbers given", "2 gives  2")),
        # digits
        (r"0.34 \approx \frac{1}{3}", (), "rounding", "the printed digits are not the rounded value",
         ("0.34 gives  0.34   at  the numbers given", r"\frac{1}{3} gives  0.3333")),
        (r"-\frac{1}{3} \approx -0.34", (), "rounding", "the printed digits are not the rounded value",
         (r"-\frac{1}{3} gives  -0.3333   at  the numbers given", "-0.34 gives  -0.34")),
        (r"0.33 \approx 0.3333", (), "rounding", "the printed digits are not the rounded value",
         ("0.33 gives  0.33   at  the numbers given", "0.3333 gives  0.3333")),
        (r"\frac{2}{6} = \frac{1}{3} \approx 0.34", (), "rounding", "the printed digits are not the rounded value",
         (r"\frac{1}{3} gives  0.3333   at  the numbers given", "0.34 gives  0.34")),
        # steps
        (r"f(x + y) \approx f(x)", STEP, "undecided",
         r"what makes the two sides nearly equal is not given: print digits, or declare a step (h \to 0)", ()),
        (r"1 + h \approx \frac{2}{1}", STEP, "differ", "the two sides differ: the difference does not vanish as h shrinks",
         ("1 + h gives  1   at  h = 0.0001", r"\frac{2}{1} gives  2", "they differ by the factor 2: is a factor 2 too many?")),
        (r"x \approx q \cdot 10^{2}", SPACES, "undecided",
         r"what makes the two sides nearly equal is not given: print digits, or declare a step (h \to 0)", ()),
        (r"1 + h = h + 1 \approx \frac{-1}{1}", STEP, "differ", "the two sides differ: the difference does not vanish as h shrinks",
         ("h + 1 gives  1   at  h = 0.0001", r"\frac{-1}{1} gives  -1", "they differ by the factor -1: is a sign missing?")),
        (r"1000 + h \approx \frac{1001}{1}", STEP, "differ", "the two sides differ: the difference does not vanish as h shrinks",
         ("1000 + h gives  1000   at  h = 0.0001", r"\frac{1001}{1} gives  1001", "they differ by the constant 0.9999")),
        # letters
        (r"u_i = p_i + v_j", SPACES, "undeclared", "j runs on one side only: what it means there is not given", ()),
        (r"s^{(l)} = s^{(l)}, \quad l = 1, \dots, x", MEMBERS, "undeclared", "how far l runs is not a known number", ()),
        (r"u_i \approx p_i + v_j", SPACES, "undeclared", "j runs on one side only: what it means there is not given", ()),
        (r"s^{(l+3)} = s^{(l+3)}", MEMBERS, "undeclared", "s^(6) is not declared: the index runs from 1 to 3", ()),
        (r"s^{(k)} = s^{(k)}", MEMBERS, "undeclared", "how far k runs is not declared: give K", ()),
        (r"s^{(l)} = 2 s^{(l)}, \quad l = 3, \dots, 2", (*MEMBERS, "s^{(l)} = 7 l"), "differ", "the two sides differ",
         ("s^{(l)} gives  14   at  the numbers given", "2 s^{(l)} gives  28", "they differ by the factor 2: is a factor 2 too many?")),
        (r"s^{(k)} = 7", (*MEMBERS, "s^{(l)} = 7 l", "K = 2"), "differ", "the two sides differ",
         ("s^{(k)} gives  14   at  the numbers given", "7 gives  7", "they differ by the factor 1/2: is a factor 2 missing?")),
        (r"y \colon \mathbb{R} \to \mathbb{R}", STEP, "undeclared", "y is not declared a function", ()),
        # updates
        (r"w \leftarrow 2", DESCENT, "shape", "the new value is a number, w is (d)", ()),
        (r"2 w \leftarrow w", DESCENT, "undeclared", "2 w is not a quantity that can be updated", ()),
        (r"w \leftarrow w + \eta w", DESCENT, "ascent", "the step goes along the gradient: J grows", ()),
        (r"w \leftarrow w + \frac{\eta}{1000} w", DESCENT, "ascent", "the step goes along the gradient: J grows", ()),
        (r"w \leftarrow w + \eta \nabla_w (w^T w)", DESCENT, "ascent", "the step goes along the gradient: the cost grows", ()),
        (r"w_i \leftarrow w_i + \eta \frac{\partial J}{\partial w_i}", DESCENT, "ascent", "the step goes along the gradient: J grows", ()),
        (r"w \leftarrow w", DESCENT, "undecided", "the step does not depend on the gradient of a cost", ()),
        (r"w \leftarrow w - \eta w", (*DESCENT, "K = 2 w^T w"), "undecided", "which cost this update lowers is not given: tie it to code", ()),
        (r"1 = \frac{2}{2} \approx \frac{1}{1 - 1}", (), "domain", r"a division by zero in \frac{1}{1 - 1}", ("at  the numbers given",)),
        (r"\frac{x}{x} \approx 1.1 \quad \text{if } x > 0", SPACES, "rounding", "the printed digits are not the rounded value", None),
        # conditions
        (r"x = x \quad \text{if } u < v", SPACES, "shape", "u < v: the sides of the condition differ in shape", ()),
        (r"x = x \quad \text{if } x \approx q", SPACES, "undecided", "this condition cannot be decided", ()),
        (r"|x| = \begin{cases} x & x > 0 \\ 0 \\ -x & x < 0 \end{cases}", SPACES, "syntax", "a case without a condition before the last", ()),
        (r"x = \begin{cases} u & x > 0 \\ v & x \le 0 \end{cases}", SPACES, "shape",
         r"\begin{cases} u & x > 0 \\ v & x \le 0 \end{cases}: the cases differ in shape", ()),
        # values
        (r"\ln 0 = 1", (), "domain", r"the logarithm of zero in \ln 0", ("at  the numbers given",)),
        (r"x = x \quad \text{if } x > 100", SPACES, "undecided", "too few draws meet the condition", ()),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_full(formula, declared, kind, message, details):
    verdict = verdict_of(formula, *declared)
    assert (verdict.kind, verdict.message) == (kind, message)
    assert details is None or verdict.details == details


AGREE = "both sides agree at 160 random points; no difference"
BY_DERIVATIVE = "; derivative from the definition, by automatic differentiation and by differences"


@pytest.mark.parametrize(
    ("formula", "declared", "figures"),
    [
        # a 1 by 1 array is its number, a column is a vector, 0 fits every shape
        (r"u^T u = \begin{bmatrix} \sum_i u_i^2 \end{bmatrix}", SPACES, AGREE),
        (r"x = \begin{bmatrix} x \end{bmatrix}", SPACES, AGREE),
        (r"\begin{bmatrix} 1 \\ 2 \end{bmatrix}^T = \begin{bmatrix} 1 & 2 \end{bmatrix}", (), "both sides agree as they stand; no difference"),
        (r"u - u = 0", SPACES, AGREE),
        (r"0 = u - u", SPACES, AGREE),
        (r"0 < p", SPACES, "the inequality holds at 160 random points"),
        (r"p > 0", SPACES, "the inequality holds at 160 random points"),
        # order: the ends belong to it, rounding does not break it
        (r"q \ge 0", SPACES, "the inequality holds at 160 random points"),
        (r"q \le 1", SPACES, "the inequality holds at 160 random points"),
        (r"1000 + 10^{-9} \le 1000", (), "the inequality holds"),
        (r"1000 \ge 1000 + 10^{-9}", (), "the inequality holds"),
        (r"x \ne q", SPACES, "the inequality holds at 160 random points"),
        # sets
        (r"x \in \mathbb{R}", SPACES, "its shape and values hold"),
        (r"k - 1 \in \mathbb{N}", SPACES, "its shape and values hold"),
        (r"0 \in \mathbb{N}", SPACES, "its shape and values hold"),
        (r"m \in \mathbb{Z}", SPACES, "its shape and values hold"),
        (r"t_i \in \{0, 1\}", SPACES, "its shape and values hold"),
        (r"q \in [0, 1]", SPACES, "its shape and values hold"),
        (r"\begin{bmatrix} x \end{bmatrix} \in \mathbb{R}", SPACES, "its shape and values hold"),
        (r"p^T p \in \mathbb{R}", SPACES, "its shape and values hold"),
        # digits on either side
        (r"\frac{1}{3} \approx 0.33", (), "the value, rounded to the printed digits, holds"),
        (r"0.33 \approx \frac{1}{3}", (), "the value, rounded to the printed digits, holds"),
        (r"-\frac{1}{3} \approx \left( -0.33 \right)", (), "the value, rounded to the printed digits, holds"),
        (r"0.3333 \approx 0.33", (), "the value, rounded to the printed digits, holds"),
        (r"\frac{1}{3} \approx 3.3 \times 10^{-1}", (), "the value, rounded to the printed digits, holds"),
        # steps
        (r"f(x + h) \approx f(x)", STEP, "both sides as h shrinks agree at 160 random points; no difference"),
        (r"u_i + h \approx u_i", (*SPACES, r"h \to 0"), "both sides as h shrinks agree at 160 random points; no difference"),
        (r"u + h u \approx u", (*SPACES, r"h \to 0"), "both sides as h shrinks agree at 160 random points; no difference"),
        (r"f(1) = f(1)", STEP, AGREE),  # a function is drawn, too
        # members
        (r"s^{(l)} = s^{(l)}, \quad l = L, \dots, 1", MEMBERS, AGREE),
        (r"s^{(k)} = s^{(k)}", (*MEMBERS, "K = 3"), AGREE),
        (r"s^{(l+1)} = s^{(l+1)}", MEMBERS, AGREE),
        # updates
        (r"w := w - \eta \nabla_w J", DESCENT, "the cost falls along the step; that holds at 160 random points" + BY_DERIVATIVE),
        (r"w_1 \leftarrow w_1 - \eta \frac{\partial J}{\partial w_1}", DESCENT, "the cost falls along the step; that holds at 160 random points" + BY_DERIVATIVE),
        (r"w \leftarrow w - \eta w", DESCENT, "the cost falls along the step; that holds at 160 random points"),
        (r"w \leftarrow w - \eta w", (*DESCENT, r"K = J^2"), "the cost falls along the step; that holds at 160 random points"),
        (r"w \leftarrow w - \eta w", (*DESCENT, r"g(a) = a^2", r"c = 2"), "the cost falls along the step; that holds at 160 random points"),
        (r"J := w^T w", DESCENT, "both sides and the shapes agree at 160 random points; no difference"),
        (r"w \leftarrow 2 v", (*DESCENT, r"v \in \mathbb{R}^d"), "the shapes hold at 160 random points"),
        # conditions
        (r"|x| = \begin{cases} x & x > 0 \\ -x \end{cases}", SPACES, AGREE),
        (r"|u_i| = u_i \quad \text{if } u_i > 0", SPACES, "both sides agree at 68 random points; no difference"),
        (r"|x| = x \quad \text{if } 0 < x < 1 > q", SPACES, "both sides agree at 32 random points; no difference"),
        (r"\frac{x}{|x|} \approx 1.0 \quad \text{if } x > 0", SPACES, "the value, rounded to the printed digits, holds at 72 random points"),
        (r"g = 2 w", (*DESCENT, r"g = \nabla_w J"), AGREE + BY_DERIVATIVE),
        # nothing is stated
        (r"f \colon \mathbb{R} \to \mathbb{R}", STEP, ""),
        (r"x \to 0", SPACES, ""),
        (r"i - 1", SPACES, ""),
        (r"\mathbb{R}^n", SPACES, ""),
        (r"u_1, \dots, u_n", SPACES, ""),
        (r"u, v", SPACES, ""),
    ],
)  # fmt: skip
def test_what_was_compared_is_said_in_full(formula, declared, figures):
    verdict = verdict_of(formula, *declared)
    assert verdict.ok, verdict.message
    assert verdict.message == ""
    assert verdict.figures == figures


@pytest.mark.parametrize(
    "name", ["h", r"\epsilon", r"\varepsilon", r"\Delta", r"\delta", "t", r"\eta"]
)
def test_a_letter_that_usually_is_a_step_needs_no_declaration_as_one(name):
    quotient = rf"f'(x) \approx \frac{{f(x + {name}) - f(x)}}{{{name}}}"
    verdict = verdict_of(quotient, *STEP[:2], f"{name} > 0")
    assert verdict.compared == (f"both sides as {name} shrinks",)


def test_a_declared_step_is_taken_before_a_usual_letter():
    verdict = verdict_of(r"t + s \approx t", r"t \in \mathbb{R}", r"s \to 0")
    assert (verdict.word, verdict.compared) == ("holds", ("both sides as s shrinks",))


@pytest.mark.parametrize(
    ("formula", "below"),
    [(r"q \ge \frac{1}{2}", True), (r"q \le \frac{1}{2}", False), (r"q = \frac{1}{2}", None)],
)
def test_the_example_is_a_draw_that_breaks_the_statement(formula, below):
    first, second = verdict_of(formula, *SPACES).details[:2]
    shown, at = first.removeprefix("q gives  ").split("   at  q = ")
    assert shown == at
    assert second == r"\frac{1}{2} gives  0.5"
    assert float(shown) != 0.5 if below is None else (float(shown) < 0.5) is below


COSTS = (*COST, r"z \in \mathbb{R}^{n}")
SQUARES = r"J = \sum_i (p_i - y_i)^2"


@pytest.mark.parametrize(
    ("formula", "witness", "kind", "message", "details"),
    [
        (SQUARES, "zero_at_fit(p)", "witness", "zero_at_fit needs the prediction and the target", ()),
        (SQUARES, "zero_at_fit(p, q)", "undeclared", "p or q is not declared", ()),
        (SQUARES + " + 1", "zero_at_fit(p, y)", "witness", "a perfect fit (p = y) should cost 0", ("it costs 1",)),
        (SQUARES, "descends", "witness", "descends needs the cost and the variable: descends(J, w)", ()),
        (SQUARES, "np.mean(p, axis=None, keepdims=True)", "witness", "np.mean contradicts the formula", None),
        (r"J = \sum_i p_i", "np.mean(np.abs(p))", "witness", "np.mean contradicts the formula", None),
        (r"J = \sum_i p_i", "np.sum(np.log(-p))", "domain", "no finite value in np.sum", None),
        ("J = p", "np.sum(p)", "shape", "the formula is (n), np.sum gives a number", ()),
        (r"J = -\frac{1}{100} p_1", "nonnegative", "witness", "a cost is never negative, this one is", None),
        (r"J = \sum_i z_i", "nonnegative", "witness", "a cost is never negative, this one is", None),
    ],
)  # fmt: skip
def test_a_witness_says_what_speaks_against_the_formula(formula, witness, kind, message, details):
    verdict = verdict_of(formula, *COSTS, defines="J", witness=(witness,))
    assert (verdict.kind, verdict.message) == (kind, message)
    assert details is None or verdict.details == details


def test_the_example_of_a_witness_is_the_worst_draw():
    verdict = verdict_of(r"J = z_1", *COSTS, defines="J", witness=("nonnegative",))
    said, at = verdict.details
    assert said.startswith("it is -1.9")
    assert at.startswith("at  z = [" + said.removeprefix("it is "))
    other = verdict_of(r"J = p_1", *COSTS, defines="J", witness=("2 * p[0]",))
    first, second = (float(line.split("gives  ")[1].split(" ")[0]) for line in other.details)
    assert second == pytest.approx(2 * first, rel=1e-3)


def test_a_cost_of_zero_is_not_negative():
    verdict = verdict_of("J = 0 p_1", *COSTS, defines="J", witness=("nonnegative",))
    assert (verdict.word, verdict.witnesses) == ("holds", ("nonnegative",))


@pytest.mark.parametrize("witness", ["descends", "descends(J, w)"])
def test_a_gradient_descends_from_the_cost_that_it_belongs_to(witness):
    assert verdict_of(r"\nabla_w J = 2 w", *DESCENT, witness=(witness,)).word == "holds"
    uphill = verdict_of(r"g = -2 w", *DESCENT, defines="g", witness=("descends(J, w)",))
    assert uphill.message == "a small step along minus the gradient does not lower the cost"


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        (r"2 t \in \{0, 1\}^{n}", "relation"),
        (r"\begin{bmatrix} x + h \\ 2 x \end{bmatrix} \approx \begin{bmatrix} x \\ x \end{bmatrix}", "differ"),
        (r"\begin{bmatrix} 2 x \\ x + h \end{bmatrix} \approx \begin{bmatrix} x \\ x \end{bmatrix}", "differ"),
        (r"\begin{bmatrix} q \\ 0 \end{bmatrix} < \begin{bmatrix} 2 \\ 0 \end{bmatrix}", "relation"),
        (r"\begin{bmatrix} \frac{1}{3} \\ \frac{2}{3} \end{bmatrix} \approx \begin{bmatrix} 0.33 \\ 0.66 \end{bmatrix}", "rounding"),
    ],
)  # fmt: skip
def test_every_entry_must_do_what_is_stated(formula, kind):
    assert verdict_of(formula, *SPACES, r"h \to 0").kind == kind


def test_a_definition_is_shown_with_its_witnesses():
    witnesses = ("zero_at_fit(p, y)", "nonnegative")
    assert verdict_of(SQUARES, *COSTS, defines="J", witness=witnesses).figures == (
        "a definition: its letters and shapes were read; witness: zero_at_fit(p, y), nonnegative"
    )


@pytest.mark.parametrize(
    ("formula", "declared", "word"),
    [
        (r"x + 2 h \approx x", r"h \to 0", "holds"),
        (r"x + h^2 \approx x", r"h \to 0", "holds"),
        (r"x + \max(h, 0.001) \approx x", r"h \to 0", "fails"),  # shrinks at first
        (r"x + \min(h, 0.001) \approx x", r"h \to 0", "fails"),  # shrinks at last
        (r"x + \sqrt{h} \approx x", r"h \to 0", "fails"),  # shrinks too slowly
        (r"x + 0.01 x \approx x + 0 h", r"h \to 0", "fails"),  # does not shrink
        (r"x + h \approx x", "h = 0.001", "cannot be decided"),  # a number is no step
        (r"u + t \approx u", r"h \to 0", "cannot be decided"),  # nor is a vector
    ],
)
def test_the_difference_must_shrink_with_the_step(formula, declared, word):
    verdict = verdict_of(formula, *SPACES, declared)
    assert verdict.word == word, verdict.message


@pytest.mark.parametrize(
    ("formula", "code", "kind", "message"),
    [
        (r"g_i = 2 z_i", "2 * z", None, ""),
        (r"g_i = 2 z_i", "3 * z", "differ", "the formula and 3 * z differ"),
        (r"g_i = 2 z_i", "np.sum(z)", "shape", "the formula is (n), np.sum gives a number"),
        (r"g_i = 2 z_i", "z[:2]", "shape", "the formula is (n), z[:2] gives (2)"),
        (r"g_i = z_i", "z * np.where(np.arange(len(z)) == 1, 2, 1)", "differ", None),
        (r"g = z^T", "z", None, ""),  # NumPy knows no rows
        (r"g = z^T", "z[None]", None, ""),
        (r"g = z^T", "2 * z", "differ", "the formula and 2 * z differ"),
        (r"g = z^T", "z[:2]", "shape", "the formula is (1, n), z[:2] gives (2)"),
        (r"g = z", "z[None]", "shape", "the formula is (n), z[None] gives (1, n)"),
        (r"g = p_1", "p[:1]", None, ""),  # one number, whatever its shape
    ],
)
def test_code_is_compared_entry_by_entry(formula, code, kind, message):
    verdict = verdict_of(formula, *COSTS, defines="g", code=(code,))
    assert verdict.kind == kind
    assert message is None or verdict.message == message
    witnessed = verdict_of(formula, *COSTS, defines="g", witness=(code,))
    assert witnessed.kind == ("witness" if kind == "differ" else kind)


def test_code_decides_an_assignment():
    double = r"J := 2 w^T w"
    assert verdict_of(double, *DESCENT, code=("2 * w @ w",)).ok
    assert verdict_of(double, *DESCENT, code=("3 * w @ w",)).kind == "differ"


@pytest.mark.parametrize(
    ("formula", "kind"),
    [("g_i = z_i^2", None), ("g_i = z_i", "witness"), ("g = z", "witness")],
)
def test_a_cost_of_each_example_is_not_negative(formula, kind):
    assert verdict_of(formula, *COSTS, defines="g", witness=("nonnegative",)).kind == kind


def test_the_variable_of_a_descent_may_have_any_name():
    declared = (r"n \in \mathbb{N}", r"X \in \mathbb{R}^{n}", "J = X^T X")
    right = verdict_of(r"g = 2 X", *declared, defines="g", witness=("descends(J, X)",))
    assert right.ok, right.message


@pytest.mark.parametrize(
    ("formula", "place"),
    [
        (r"|x| = \begin{cases} x & x > 0 \\ 0 \\ -x & x < 0 \end{cases}", "0"),
        (r"x = x \quad \text{if } x \approx q", r"x \approx q"),
        (r"q = 1, \quad x = x", "q = 1"),
    ],
)
def test_the_place_of_a_fault_is_marked(formula, place):
    assert verdict_of(formula, *SPACES).span.of(formula) == place


@pytest.mark.parametrize(
    ("condition", "ok"), [(", a < b", True), (", a < b, 0 < b", True), ("", False)]
)
def test_code_and_witnesses_must_agree_where_the_declared_conditions_hold(condition, ok):
    declared = (r"a \in \mathbb{R}", r"b \in \mathbb{R}" + condition)
    assert verdict_of("g = |b - a|", *declared, defines="g", code=("b - a",)).ok is ok
    assert verdict_of("g = |b - a|", *declared, defines="g", witness=("b - a",)).ok is ok


@pytest.mark.parametrize(("code", "ok"), [("7 * l", True), ("8 * l", False)])
def test_code_knows_which_member_is_meant(code, ok):
    assert verdict_of(r"s^{(l)} = s^{(l)}", *MEMBERS, "s^{(l)} = 7 l", code=(code,)).ok is ok


def test_a_difference_is_relative_to_the_largest_entry_at_the_same_draw():
    a = np.array([[1e6, 1.0, 0.0], [2e6, 1.0, 1e-9]])
    b = np.array([[1e6 + 1, 1.0, 0.0], [2e6, 1.5, 0.0]])
    expected = [1 / 2e6, 0.5 / 1.5, 1e-9 / 1e-3]  # what is nearly 0 is measured in thousandths
    np.testing.assert_allclose(relative_difference(a, b), expected)
    np.testing.assert_allclose(relative_difference(b, a), expected)
    np.testing.assert_allclose(
        relative_difference(a[0], a[0] + 0.5), [0.5 / (1e6 + 0.5), 0.5 / 1.5, 1]
    )
    assert verdict_of(r"10^{12} + 1 = 10^{12}").word == "holds"
    assert verdict_of(r"10^{-6} = 10^{-7}").kind == "differ"
