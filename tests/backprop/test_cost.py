"""Costs and their gradients."""

import inspect
import math

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from backprop_testing import (
    INF,
    NEVER_AN_ARRAY,
    close,
    exactly,
    frozen,
    message_of,
    numbers,
    pairs,
)
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import xlog1py, xlogy

from backprop import cost
from backprop.chain_rule import gradient_check, numerical_gradient
from backprop.cost import (
    cross_entropy,
    cross_entropy_gradient,
    half_squared_error,
    half_squared_error_gradient,
    mse,
    mse_gradient,
)

PREDICTIONS = pairs(numbers(100), numbers(100))
LABELS = st.sampled_from([0.0, 1.0])
PROBABILITIES = pairs(st.floats(0.01, 0.99), LABELS)

COSTS = [
    pytest.param(mse, mse_gradient, PREDICTIONS, lambda p, y: anp.mean((p - y) ** 2), id="mse"),
    pytest.param(
        half_squared_error,
        half_squared_error_gradient,
        PREDICTIONS,
        lambda p, y: anp.sum((p - y) ** 2) / 2,
        id="half-squared-error",
    ),
    pytest.param(
        cross_entropy,
        cross_entropy_gradient,
        PROBABILITIES,
        lambda p, y: -anp.mean(y * anp.log(p) + (1 - y) * anp.log(1 - p)),
        id="cross-entropy",
    ),
]
EVERY_COST = pytest.mark.parametrize(("cost", "gradient", "examples", "reference"), COSTS)


def test_every_cost_and_gradient_is_tried_by_the_tests_of_all():
    tried = {function.__name__ for c in COSTS for function in c.values[:2]}
    public = {
        name
        for name, value in vars(cost).items()
        if inspect.isfunction(value) and value.__module__ == cost.__name__ and name[0] != "_"
    }
    assert public == tried


EVERY_FUNCTION = pytest.mark.parametrize(
    "function", [f for c in COSTS for f in c.values[:2]], ids=lambda f: f.__name__
)


@pytest.mark.parametrize(
    ("p", "y", "mean", "half"),
    [
        (5, 3, 4.0, 2.0),
        ([4], [1], 9.0, 4.5),
        ([2, 5], [1, 3], 2.5, 2.5),
        ([1, 3], [2, 5], 2.5, 2.5),
        ([1, 2, 3, 4], [1, 2, 3, 0], 4.0, 8.0),
        ([[1, 2], [3, 4], [5, 6]], [[0, 0], [0, 0], [0, 0]], 91 / 6, 45.5),
        ([-1, -2], [-1, -2], 0.0, 0.0),
    ],
)
def test_squared_errors_meet_values_worked_by_hand(p, y, mean, half):
    assert mse(p, y) == mean
    assert half_squared_error(p, y) == half


@pytest.mark.parametrize(
    ("p", "y", "mean", "half"),
    [
        ([4], [1], [6], [3]),
        ([2, 5], [1, 3], [1, 2], [1, 2]),
        ([1, 3], [2, 5], [-1, -2], [-1, -2]),
        ([1, 2, 3, 4], [1, 2, 3, 0], [0, 0, 0, 2], [0, 0, 0, 4]),
        ([[2, 4], [6, 8]], [[0, 0], [0, 0]], [[1, 2], [3, 4]], [[2, 4], [6, 8]]),
        ([[3], [1]], [[1], [2]], [[2], [-1]], [[2], [-1]]),
    ],
)
def test_gradients_of_squared_errors_meet_values_worked_by_hand(p, y, mean, half):
    exactly(mse_gradient(p, y), mean)
    exactly(half_squared_error_gradient(p, y), half)


@pytest.mark.parametrize(
    ("p", "y", "expected"),
    [
        ([0.5], [1], math.log(2)),
        ([0.5], [0], math.log(2)),
        ([0.25], [1], math.log(4)),
        ([0.25], [0], math.log(4 / 3)),
        ([0.25, 0.5], [1, 0], (math.log(4) + math.log(2)) / 2),
        ([[0.25, 1], [0.5, 0]], [[1, 1], [0, 0]], (math.log(4) + math.log(2)) / 4),
        (0.125, 1, math.log(8)),
    ],
)
def test_cross_entropy_meets_values_worked_by_hand(p, y, expected):
    assert cross_entropy(p, y) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize(
    ("p", "y", "expected"),
    [
        ([0.5], [1], [-2]),
        ([0.5], [0], [2]),
        ([0.25], [1], [-4]),
        ([0.75], [0], [4]),
        ([0.25, 0.5], [1, 0], [-2, 1]),
        ([[0.25, 0.75], [0.5, 0.5]], [[1, 0], [1, 0]], [[-1, 1], [-0.5, 0.5]]),
        ([1, 0], [1, 0], [-0.5, 0.5]),
    ],
)
def test_the_gradient_of_cross_entropy_meets_values_worked_by_hand(p, y, expected):
    exactly(cross_entropy_gradient(p, y), expected)


@pytest.mark.parametrize(("p", "y"), [([1], [1]), ([0], [0]), ([1, 0, 1], [1, 0, 1])])
def test_a_certain_and_right_prediction_costs_a_zero_without_sign(p, y):
    assert cross_entropy(p, y) == 0
    assert math.copysign(1, cross_entropy(p, y)) == 1


@pytest.mark.parametrize(("p", "y"), [([0], [1]), ([1], [0]), ([0.5, 0.5, 1], [1, 0, 0])])
def test_a_certain_and_wrong_prediction_costs_infinity(p, y):
    assert cross_entropy(p, y) == INF


def test_the_gradient_of_cross_entropy_is_infinite_where_certain_and_wrong():
    exactly(cross_entropy_gradient([0, 1, 1, 0], [1, 0, 1, 0]), [-INF, INF, -0.25, 0.25])


@pytest.mark.parametrize("tiny", [1e-20, 1e-300, 5e-324])
def test_cross_entropy_keeps_the_digits_of_nearly_certain_predictions(tiny):
    assert cross_entropy([tiny], [0]) == tiny
    assert cross_entropy([tiny], [1]) == pytest.approx(-math.log(tiny), rel=1e-15)


@pytest.mark.parametrize("tiny", [1e-300, 1e-310, 5e-324])
def test_the_gradient_of_cross_entropy_is_1_near_a_certain_and_right_0(tiny):
    exactly(cross_entropy_gradient([tiny], [0]), [1])


def test_the_gradient_of_cross_entropy_is_infinite_where_it_exceeds_every_number():
    exactly(cross_entropy_gradient([5e-324, 1e-310], [1, 1]), [-INF, -INF])


@pytest.mark.parametrize("cost", [mse, half_squared_error, cross_entropy])
def test_a_cost_is_a_plain_float(cost):
    assert type(cost([[1], [0]], [[1], [0]])) is float


@EVERY_FUNCTION
@pytest.mark.parametrize(
    ("p", "y", "shapes"),
    [
        ([[1], [0]], [1, 0], ("(2, 1)", "(2,)")),
        ([1, 0], [[1], [0]], ("(2,)", "(2, 1)")),
        ([1, 0], [1], ("(2,)", "(1,)")),
        ([1, 0], 1, ("(2,)", "()")),
        ([[1, 0]], [[1], [0]], ("(1, 2)", "(2, 1)")),
    ],
)
def test_costs_refuse_shapes_that_differ(function, p, y, shapes):
    expected = f"p has shape {shapes[0]} but y has shape {shapes[1]}: they must be equal"
    assert message_of(function, p, y) == expected


@EVERY_FUNCTION
@pytest.mark.parametrize("empty", [[], [[]], np.empty((0, 2))])
def test_costs_refuse_what_is_empty(function, empty):
    assert message_of(function, empty, empty) == "p and y are empty: there is nothing to compare"


@EVERY_FUNCTION
@pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
def test_costs_name_the_argument_that_they_refuse(function, value, message):
    assert message_of(function, value, [[1, 0]]) == f"p {message}"
    assert message_of(function, [[1, 0]], value) == f"y {message}"


@pytest.mark.parametrize("function", [cross_entropy, cross_entropy_gradient])
def test_cross_entropy_refuses_what_is_no_probability(function):
    expected = "p must be probabilities in [0, 1], but holds "
    assert message_of(function, [0.5, 1.5], [0, 1]) == expected + "1.5"
    assert message_of(function, [-0.5, 0.5], [0, 1]) == expected + "-0.5"


@pytest.mark.parametrize("function", [cross_entropy, cross_entropy_gradient])
def test_cross_entropy_refuses_what_is_no_label(function):
    expected = "y must be labels, each 0 or 1, but holds "
    assert message_of(function, [0.5, 0.5], [0, 2]) == expected + "2.0"
    assert message_of(function, [0.5, 0.5], [-1, 1]) == expected + "-1.0"
    assert message_of(function, [0.5, 0.5], [0.9, 1]) == expected + "0.9"


@EVERY_FUNCTION
def test_costs_leave_their_arguments_alone(function):
    p, y = frozen([[0.25], [0.5]]), frozen([[1.0], [0.0]])
    function(p, y)
    exactly(p, [[0.25], [0.5]])
    exactly(y, [[1.0], [0.0]])


@given(PREDICTIONS)
def test_squared_errors_are_never_negative_and_do_not_mind_the_order(predictions):
    p, y = predictions
    assert mse(p, y) >= 0
    assert half_squared_error(p, y) >= 0
    assert mse(p, y) == mse(y, p)
    assert half_squared_error(p, y) == half_squared_error(y, p)


@given(PREDICTIONS)
def test_a_perfect_fit_costs_nothing_and_has_no_slope(predictions):
    p, _ = predictions
    assert mse(p, p) == half_squared_error(p, p) == 0
    exactly(mse_gradient(p, p), np.zeros_like(p))
    exactly(half_squared_error_gradient(p, p), np.zeros_like(p))


@given(PREDICTIONS)
def test_half_the_squared_error_is_n_halves_times_the_mean(predictions):
    p, y = predictions
    assert half_squared_error(p, y) == pytest.approx(p.size / 2 * mse(p, y), rel=1e-12)


@given(pairs(st.floats(0, 1), LABELS))
def test_cross_entropy_agrees_with_scipy(predictions):
    p, y = predictions
    assert cross_entropy(p, y) >= 0
    reference = -np.mean(xlogy(y, p) + xlog1py(1 - y, -p))
    assert cross_entropy(p, y) == pytest.approx(reference, rel=1e-13, abs=0)


@EVERY_COST
@given(data=st.data())
def test_costs_agree_with_autograd(cost, gradient, examples, reference, data):
    p, y = data.draw(examples)
    assert cost(p, y) == pytest.approx(reference(p, y), rel=1e-12, abs=1e-14)
    close(gradient(p, y), grad(reference)(p, y), rtol=1e-12)


@EVERY_COST
@given(data=st.data())
def test_gradients_meet_central_differences(cost, gradient, examples, reference, data):
    p, y = data.draw(examples)
    numerical = numerical_gradient(lambda p: cost(p, y), p)
    size = np.linalg.norm(numerical)
    assert np.linalg.norm(gradient(p, y) - numerical) < 1e-5 * size + 1e-4
    close(gradient(p, y), numerical, rtol=1e-5, atol=1e-4)


@EVERY_COST
@pytest.mark.parametrize("wrong", [-1.0, 0.5, 2.0])
def test_a_wrong_gradient_is_seen(cost, gradient, examples, reference, wrong):
    p, y = np.array([[0.5, 0.25], [0.5, 0.75]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    right = gradient(p, y)
    assert gradient_check(lambda p: cost(p, y), right, p) < 1e-8
    assert gradient_check(lambda p: cost(p, y), wrong * right, p) > 0.3
    assert gradient_check(lambda p: cost(p, y), right.T, p) > 0.1


@EVERY_COST
@given(data=st.data())
def test_a_small_step_downhill_lowers_the_cost(cost, gradient, examples, reference, data):
    p, y = data.draw(examples)
    assert cost(p - 1e-5 * gradient(p, y), y) <= cost(p, y)
