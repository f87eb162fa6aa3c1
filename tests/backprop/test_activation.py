"""Activations, their limits and their slopes."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import elementwise_grad
from backprop_testing import NEVER_AN_ARRAY, arrays, close, exactly, frozen, message_of, numbers
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from backprop.activation import (
    identity,
    identity_derivative,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh,
    tanh_derivative,
)
from backprop.chain_rule import gradient_check, numerical_gradient

PAIRS = [
    pytest.param(identity, identity_derivative, lambda x: x, id="identity"),
    pytest.param(sigmoid, sigmoid_derivative, lambda x: 1 / (1 + anp.exp(-x)), id="sigmoid"),
    pytest.param(tanh, tanh_derivative, anp.tanh, id="tanh"),
    pytest.param(relu, relu_derivative, lambda x: anp.maximum(x, 0), id="relu"),
]
FUNCTIONS = [function for pair in PAIRS for function in pair.values[:2]]
EVERY_PAIR = pytest.mark.parametrize(("function", "derivative", "reference"), PAIRS)
EVERY_FUNCTION = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)

# Away from 0, where the rectified linear unit has its corner.
AWAY_FROM_ZERO = st.floats(0.01, 3) | st.floats(-3, -0.01)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (identity, [-3, -0.5, 0, 0.5, 2]),
        (identity_derivative, [1, 1, 1, 1, 1]),
        (relu, [0, 0, 0, 0.5, 2]),
        (relu_derivative, [0, 0, 0, 1, 1]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_straight_is_exact(function, expected):
    exactly(function([-3, -0.5, 0, 0.5, 2]), expected)


@pytest.mark.parametrize(
    ("function", "x", "expected"),
    [
        (sigmoid, 0, 0.5),
        (sigmoid, np.log(3), 0.75),
        (sigmoid, -np.log(3), 0.25),
        (sigmoid, np.log(9), 0.9),
        (sigmoid_derivative, 0, 0.25),
        (sigmoid_derivative, np.log(3), 0.1875),
        (sigmoid_derivative, -np.log(3), 0.1875),
        (sigmoid_derivative, np.log(9), 0.09),
        (tanh, 0, 0.0),
        (tanh, np.log(2), 0.6),
        (tanh, -np.log(2), -0.6),
        (tanh, np.log(3), 0.8),
        (tanh_derivative, 0, 1.0),
        (tanh_derivative, np.log(2), 0.64),
        (tanh_derivative, -np.log(3), 0.36),
    ],
)
def test_what_is_curved_meets_values_worked_by_hand(function, x, expected):
    close(function([x]), [expected], rtol=1e-15, atol=0)


@pytest.mark.parametrize(
    ("function", "left", "right"),
    [
        (identity, [-1000, -1.7e308], [1000, 1.7e308]),
        (identity_derivative, [1, 1], [1, 1]),
        (sigmoid, [0, 0], [1, 1]),
        (sigmoid_derivative, [0, 0], [0, 0]),
        (tanh, [-1, -1], [1, 1]),
        (tanh_derivative, [0, 0], [0, 0]),
        (relu, [0, 0], [1000, 1.7e308]),
        (relu_derivative, [0, 0], [1, 1]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_far_out_values_are_exact_and_without_warning(function, left, right):
    exactly(function([-1000, -1.7e308]), left)
    exactly(function([1000, 1.7e308]), right)


def test_relu_and_its_slope_turn_right_behind_zero():
    exactly(relu([-5e-324, -0.0, 0.0, 5e-324]), [0, 0, 0, 5e-324])
    exactly(relu_derivative([-5e-324, -0.0, 0.0, 5e-324]), [0, 0, 0, 1])


@pytest.mark.parametrize("x", [-700.0, -100.0, -40.0])
def test_sigmoid_keeps_its_digits_far_to_the_left(x):
    close(sigmoid([x]), [np.exp(x)], rtol=1e-15, atol=0)


@pytest.mark.parametrize("x", [40.0, 100.0, 700.0])
def test_the_slope_of_sigmoid_keeps_its_digits_on_both_sides(x):
    close(sigmoid_derivative([x, -x]), [np.exp(-x), np.exp(-x)], rtol=1e-15, atol=0)


@EVERY_FUNCTION
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (3, 1), (2, 3, 4)])
def test_the_shape_stays_and_the_type_is_float64(function, shape):
    result = function(np.ones(shape, dtype=np.int64))
    assert result.shape == shape
    assert result.dtype == np.float64


@EVERY_FUNCTION
@pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
def test_activations_refuse(function, value, message):
    assert message_of(function, value) == f"x {message}"


@EVERY_FUNCTION
def test_activations_leave_their_argument_alone(function):
    x = frozen([[-2.0, 0.0], [0.5, 3.0]])
    function(x)
    exactly(x, [[-2.0, 0.0], [0.5, 3.0]])


@given(arrays(numbers(1e4)))
def test_sigmoid_agrees_with_scipy(x):
    close(sigmoid(x), expit(x), rtol=1e-14, atol=1e-307)


@given(arrays(numbers(50)))
def test_sigmoid_of_the_opposite_is_what_is_missing_to_1(x):
    close(sigmoid(-x), 1 - sigmoid(x), rtol=0, atol=1e-15)


@given(arrays(numbers(1.7e308)))
def test_values_stay_in_their_ranges(x):
    assert np.all((sigmoid(x) >= 0) & (sigmoid(x) <= 1))
    assert np.all((sigmoid_derivative(x) >= 0) & (sigmoid_derivative(x) <= 0.25))
    assert np.all((tanh(x) >= -1) & (tanh(x) <= 1))
    assert np.all((tanh_derivative(x) >= 0) & (tanh_derivative(x) <= 1))
    assert np.all(relu(x) >= 0)
    assert set(np.unique(relu_derivative(x))) <= {0.0, 1.0}


@EVERY_PAIR
@given(x=arrays(AWAY_FROM_ZERO))
def test_activations_agree_with_autograd(function, derivative, reference, x):
    close(function(x), reference(x), rtol=1e-14, atol=0)
    close(derivative(x), elementwise_grad(reference)(x), rtol=1e-12, atol=1e-14)


@EVERY_PAIR
@given(x=arrays(AWAY_FROM_ZERO))
def test_derivatives_meet_central_differences(function, derivative, reference, x):
    def total(x):
        return float(np.sum(function(x)))

    assert gradient_check(total, derivative(x), x) < 1e-4
    close(derivative(x), numerical_gradient(total, x), rtol=0, atol=1e-6)


@EVERY_PAIR
@pytest.mark.parametrize("wrong", [-1.0, 0.5, 2.0])
def test_a_wrong_derivative_is_seen(function, derivative, reference, wrong):
    x = np.array([0.5, 1.0, 1.5])

    def total(x):
        return float(np.sum(function(x)))

    assert gradient_check(total, derivative(x), x) < 1e-9
    assert gradient_check(total, wrong * derivative(x), x) > 0.3
