import pytest
from checking import table_of, verdict_of

from checked_math.faults import Fault
from checked_math.reader import scope_of
from checked_math.syntax import parse
from checked_math.terms import Size, said

DECLARED = (
    r"n \in \mathbb{N}",
    r"d \in \mathbb{N}",
    r"m \in \mathbb{N}",
    r"X \in \mathbb{R}^{n \times d}",
    r"W \in \mathbb{R}^{d \times m}",
    r"w \in \mathbb{R}^{d}",
    r"v \in \mathbb{R}^{d}",
    r"y \in \mathbb{R}^{n}",
    r"b \in \mathbb{R}^{m}",
    r"r \in \mathbb{R}^{1 \times m}",
    r"c \in \mathbb{R}",
    r"A \in \mathbb{R}^{d \times d}",
    r"f \colon \mathbb{R} \to \mathbb{R}",
    r"\sigma(z) = \frac{1}{1 + e^{-z}}",
)
COUNTS = {"n": 3, "d": 4, "m": 5}


def shape_of(text):
    scope = scope_of(table_of(*DECLARED), COUNTS.__getitem__)
    return said(scope.read(parse(text)[0].sides[0]).shape)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        (r"X W", "(n, m)"),
        (r"X w", "(n)"),
        (r"X^T y", "(d)"),
        (r"w^\top v", "a number"),
        (r"w \cdot v", "a number"),
        (r"w v^\top", "(d, d)"),
        (r"w^\top", "(1, d)"),
        (r"(w^\top)^\top", "(d)"),
        (r"w^\top X^\top", "(1, n)"),
        (r"w^\top A v", "a number"),
        (r"X W + b", "(n, m)"),
        (r"X W + r", "(n, m)"),
        (r"X w + c", "(n)"),
        (r"W^T X^T", "(m, n)"),
        (r"\sigma(X W)", "(n, m)"),
        (r"f'(y)", "(n)"),
        (r"\operatorname{diag}(w)", "(d, d)"),
        (r"\operatorname{softmax}(X)", "(n, d)"),
        (r"X_{12}", "a number"),
        (r"X_1", "(d)"),
        (r"x_{12}", "a number"),
        (r"\lVert X \rVert_F", "a number"),
        (r"\frac{\partial X w}{\partial w}", "(n, d)"),
        (r"\nabla_w (w^T w)", "(d)"),
        (r"\begin{bmatrix} 1 & 2 \end{bmatrix}", "(1, 2)"),
        (r"X^T \mathbf{1}", "(d)"),
        (r"w \otimes y", "(d, n)"),
    ],
)
def test_shape(text, shape):
    assert shape_of(text) == shape


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (r"W^T X", "shape", "(m, d) times (n, d)"),
        (r"w X", "shape", "(d) times (n, d)"),
        (r"w v", "shape", "(d) times (d)"),
        (r"X + W", "shape", "cannot add (n, d) and (d, m)"),
        (r"X + y", "shape", "cannot add (n, d) and (n)"),
        (r"w \odot y", "shape", "elementwise (d) and (n)"),
        (r"w \cdot y", "shape", "inner product of (d) and (n)"),
        (r"\frac{X}{w}", "shape", "(n, d) divided by (d)"),
        (r"X_{1,2,3}", "undeclared", "X_{1, 2, 3} is not declared"),
        (r"A^2", "undecided", "two readings"),
        (r"q + 1", "undeclared", "q is not declared; declared here: n, d, m"),
        (r"c_1", "undeclared", "c_{1} is not declared"),
        (r"f", "undecided", "needs its argument"),
        (r"c(x)", "undeclared", "c is not a function"),
        (r"\log c c", "undecided", r"how far \log reaches"),
        (r"1 / 2 c", "undecided", "how far / reaches"),
        (r"(\sigma(c))'", "undecided", "with respect to what"),
        (r"1 + \dots + c", "undecided", "what the dots stand for"),
        (r"\sum_i 1", "undeclared", "the range of i is not given"),
        (r"\sum_{i=1}^{m} y_i", "shape", "i runs to m, but in y_{i} over n"),
        (r"\sum_i y_i w_i", "shape", "i runs over n in y_{i} and over d in w_{i}"),
        (r"\frac{\partial c}{\partial w}", "undecided", "c has no definition"),
        (r"\nabla w", "undecided", "does not say its variable"),
    ],
)
def test_refused(text, kind, message):
    with pytest.raises(Fault) as caught:
        shape_of(text)
    assert (caught.value.kind, message in caught.value.message) == (kind, True), (
        caught.value.message
    )


def test_the_lesson_is_refused_with_both_shapes():
    verdict = verdict_of(r"o = W^T X", r"X \in \mathbb{R}^{1 \times 5}", r"W \in \mathbb{R}^{5 \times 1}",
                         r"o \in \mathbb{R}^{1 \times 1}")  # fmt: skip
    assert (verdict.kind, verdict.message) == ("shape", "W^T X: (1, 5) times (1, 5)")


def test_sizes_are_compared_by_name():
    assert Size("n", 3) != Size("d", 3)


def test_sides_of_other_shapes_may_want_a_transpose():
    verdict = verdict_of(r"X^T = Z", r"n \in \mathbb{N}", r"d \in \mathbb{N}",
                         r"X \in \mathbb{R}^{n \times d}", r"Z \in \mathbb{R}^{n \times d}")  # fmt: skip
    assert verdict.kind == "shape"
    assert verdict.message.endswith("is a transpose missing?")
