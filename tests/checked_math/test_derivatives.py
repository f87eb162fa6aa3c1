import numpy as np
import pytest
from checking import table_of, verdict_of

from checked_math import derivatives
from checked_math.faults import Fault
from checked_math.syntax import parse
from checked_math.values import Bench

FREE = (
    r"n \in \mathbb{N}", r"d \in \mathbb{N}",
    r"X \in \mathbb{R}^{n \times d}", r"w \in \mathbb{R}^{d}", r"y \in \mathbb{R}^{n}",
    r"z = X w", r"J = \frac{1}{n} \sum_{i=1}^{n} (z_i - y_i)^2", r"x \in \mathbb{R}",
    r"f \colon \mathbb{R} \to \mathbb{R}", r"r(t) = \max(0, t)",
)  # fmt: skip


def test_jacobian_of_a_product_is_its_matrix():
    matrix = np.arange(6.0).reshape(2, 3)
    at = np.ones((3, 4))
    result = derivatives.jacobian(
        lambda v: derivatives.tracing_numpy().einsum("ij,jb->ib", matrix, v), at, 1
    )
    np.testing.assert_allclose(result[..., 2], matrix)


def test_directional_agrees_with_a_hand_derivative():
    at = np.array([[0.3], [0.7]])
    slope = derivatives.directional(lambda v: np.sin(v[0]) * v[1], at, np.array([[1.0], [2.0]]))
    assert slope[0] == pytest.approx(np.cos(0.3) * 0.7 + 2 * np.sin(0.3), rel=1e-8)


@pytest.mark.parametrize(
    "text",
    [
        r"\nabla_w J = \frac{2}{n} X^T (z - y)",
        r"\frac{\partial J}{\partial w_j} = \frac{2}{n} \sum_i (z_i - y_i) X_{ij}",
        r"\frac{\partial J}{\partial w} = \left( \frac{\partial z}{\partial w} \right)^T \frac{\partial J}{\partial z}",
        r"\frac{\partial J}{\partial X} = \frac{2}{n} (z - y) w^T",
        r"\frac{\partial z_i}{\partial w_j} = X_{ij}",
        r"\frac{d}{dx} x^3 = 3 x^2",
        r"\frac{d^2}{dx^2} x^3 = 6 x",
        r"(f \circ f)'(x) = f'(f(x)) f'(x)",
        r"\frac{\mathrm{d}}{\mathrm{d}x} f(x)^2 = 2 f(x) f'(x)",
        r"r'(x) = \begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}",
    ],
)
def test_holds(text):
    verdict = verdict_of(text, *FREE)
    assert verdict.word == "holds", verdict.message
    assert verdict.derivative
    assert "derivative from the definition" in verdict.figures


def test_what_stands_before_the_variable_is_held_fixed():
    assert verdict_of(r"\frac{\partial J}{\partial z} = \frac{2}{n} (z - y)", *FREE).word == "holds"


def test_a_derivative_at_a_kink_cannot_be_decided():
    verdict = verdict_of(r"r'(0) = 0", *FREE)
    assert (verdict.word, "kink" in verdict.message) == ("cannot be decided", True)


def test_the_second_oracle_refuses_a_wrong_derivative(monkeypatch):
    right = derivatives.jacobian
    monkeypatch.setattr(derivatives, "jacobian", lambda *args: 2 * right(*args))
    bench = Bench(table_of(*FREE), 0)
    term = bench.scope.read(parse(r"\nabla_w J")[0].sides[0])
    with pytest.raises(Fault, match="finite differences do not agree"):
        bench.evaluate(term)


def test_code_without_a_formula_is_differentiated_by_differences():
    cube = derivatives.from_code(lambda v: v**3)
    slope = derivatives.jacobian(cube, np.array([0.5, 2.0]), 0)
    np.testing.assert_allclose(slope, [0.75, 12.0], rtol=1e-9)


def test_code_without_a_formula_has_a_second_derivative():
    wave = derivatives.from_code(np.sin)
    at = np.array([0.5, 2.0])
    slope = derivatives.jacobian(lambda x: derivatives.jacobian(wave, x, 0), at, 0)
    np.testing.assert_allclose(slope, -np.sin(at), rtol=1e-7)
