"""The smallest network that learns."""

import autograd.numpy as anp
import numpy as np
import pytest
import scipy.linalg
from autograd import grad
from backprop_testing import (
    INF,
    NAN,
    NEVER_AN_ARRAY,
    NOT_FINITE,
    close,
    exactly,
    frozen,
    generators,
    message_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from backprop.chain_rule import gradient_check, numerical_gradient
from backprop.cost import mse
from backprop.forward import forward_propagation
from backprop.mse_network import (
    Fit,
    Pass,
    back_propagation,
    bias_gradient,
    forward_backward,
    gradient_descent_step,
    least_squares,
    train,
)

SIZES = st.integers(1, 4)

# Two examples of two inputs: with these weights and no bias, the errors are 2 and -1.
X, W, B, P, Y = ((1, 2), (3, 4)), ((1,), (1,)), (0,), ((3,), (7,)), ((1,), (8,))


def problem(rng, n, d, m):
    return rng.normal(size=(n, d)), rng.normal(size=(n, m)), rng.normal(size=(d, m))


def safe_rate(x, m):
    """Half of the largest learning rate at which the loss cannot rise."""
    with_ones = np.column_stack([x, np.ones(len(x))])
    curvature = 2 / (len(x) * m) * np.linalg.norm(with_ones, 2) ** 2
    return 1 / curvature


class TestGradients:
    def test_they_meet_values_worked_by_hand(self):
        exactly(back_propagation(X, P, Y), [[-1], [0]])
        exactly(bias_gradient(P, Y), [1])

    def test_two_units_share_the_mean(self):
        p, y = [[3, 1], [7, 0]], [[1, 1], [8, 4]]
        exactly(back_propagation(X, p, y), [[-0.5, -6], [0, -8]])
        exactly(bias_gradient(p, y), [0.5, -2])

    @given(generators(), SIZES, SIZES, SIZES)
    def test_they_agree_with_autograd(self, rng, n, d, m):
        x, y, w = problem(rng, n, d, m)
        b = rng.normal(size=m)

        def loss(w, b):
            return anp.mean((anp.dot(x, w) + b - y) ** 2)

        p = forward_propagation(x, w, b)
        close(back_propagation(x, p, y), grad(loss, 0)(w, b), atol=1e-11)
        close(bias_gradient(p, y), grad(loss, 1)(w, b), atol=1e-11)

    @given(generators(), SIZES, SIZES, SIZES)
    def test_they_meet_central_differences_by_size_and_by_entry(self, rng, n, d, m):
        x, y, w = problem(rng, n, d, m)
        b = rng.normal(size=m)
        p = forward_propagation(x, w, b)
        for loss, gradient, at in (
            (lambda w: mse(forward_propagation(x, w, b), y), back_propagation(x, p, y), w),
            (lambda b: mse(forward_propagation(x, w, b), y), bias_gradient(p, y), b),
        ):
            assert gradient_check(loss, gradient, at) < 1e-5
            close(gradient, numerical_gradient(loss, at), rtol=1e-6, atol=1e-7)

    @pytest.mark.parametrize(
        ("spoil", "at_least"),
        [
            pytest.param(lambda gradient: -gradient, 0.999, id="flipped-sign"),
            pytest.param(lambda gradient: gradient / 2, 0.3, id="lost-factor-2"),
            pytest.param(lambda gradient: gradient.T, 0.1, id="transpose"),
        ],
    )
    def test_a_wrong_gradient_is_seen(self, spoil, at_least):
        x, y, w = problem(np.random.default_rng(1), 4, 3, 3)

        def loss(w):
            return mse(forward_propagation(x, w), y)

        right = forward_backward(x, w, y).gradient
        assert gradient_check(loss, right, w) < 1e-8
        assert gradient_check(loss, spoil(right), w) > at_least

    @pytest.mark.parametrize(("rows", "others"), [(1, 2), (2, 1), (3, 2)])
    def test_back_propagation_needs_a_row_of_x_for_each_prediction(self, rows, others):
        p = np.zeros((others, 1))
        assert message_of(back_propagation, np.ones((rows, 2)), p, p) == (
            f"x has {rows} rows but p and y have {others}: each example needs its own row"
        )

    @pytest.mark.parametrize(
        ("x", "p", "y", "message"),
        [
            ([1, 2], P, Y, "x must be a matrix (rows, columns), but has shape (2,)"),
            (X, [3, 7], Y, "p must be a matrix (rows, columns), but has shape (2,)"),
            (X, P, [1, 8], "y must be a matrix (rows, columns), but has shape (2,)"),
            (X, P, [[1, 8]], "p has shape (2, 1) but y has shape (1, 2): they must be equal"),
            ([[], []], P, Y, "x is empty: its shape is (2, 0)"),
            (X, [[], []], Y, "p is empty: its shape is (2, 0)"),
            (X, P, [[], []], "y is empty: its shape is (2, 0)"),
        ],
    )
    def test_back_propagation_refuses_shapes_that_do_not_fit(self, x, p, y, message):
        assert message_of(back_propagation, x, p, y) == message

    @pytest.mark.parametrize(
        ("p", "y", "message"),
        [
            ([3, 7], Y, "p must be a matrix (rows, columns), but has shape (2,)"),
            (P, [1, 8], "y must be a matrix (rows, columns), but has shape (2,)"),
            (P, [[1, 8]], "p has shape (2, 1) but y has shape (1, 2): they must be equal"),
            ([[]], Y, "p is empty: its shape is (1, 0)"),
            (P, [[]], "y is empty: its shape is (1, 0)"),
        ],
    )
    def test_bias_gradient_refuses_shapes_that_do_not_fit(self, p, y, message):
        assert message_of(bias_gradient, p, y) == message

    @pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
    def test_they_name_the_argument_that_they_refuse(self, value, message):
        assert message_of(back_propagation, value, P, Y) == f"x {message}"
        assert message_of(back_propagation, X, value, Y) == f"p {message}"
        assert message_of(back_propagation, X, P, value) == f"y {message}"
        assert message_of(bias_gradient, value, Y) == f"p {message}"
        assert message_of(bias_gradient, P, value) == f"y {message}"


class TestForwardBackward:
    def test_it_gives_output_loss_and_gradient(self):
        result = forward_backward(X, W, Y)
        assert type(result) is Pass
        assert result._fields == ("prediction", "cost", "gradient")
        exactly(result.prediction, P)
        assert result.cost == 2.5
        assert type(result.cost) is float
        exactly(result.gradient, [[-1], [0]])

    @given(generators(), SIZES, SIZES, SIZES)
    def test_its_parts_are_those_of_the_single_functions(self, rng, n, d, m):
        x, y, w = problem(rng, n, d, m)
        output, loss, gradient = forward_backward(x, w, y)
        exactly(output, forward_propagation(x, w))
        assert loss == mse(output, y)
        exactly(gradient, back_propagation(x, output, y))

    @given(generators(), SIZES, SIZES, SIZES)
    def test_a_small_step_downhill_lowers_the_loss(self, rng, n, d, m):
        x, y, w = problem(rng, n, d, m)
        _, loss, gradient = forward_backward(x, w, y)
        assert forward_backward(x, gradient_descent_step(w, gradient, 1e-4), y).cost < loss

    def test_targets_as_a_list_are_refused_and_not_broadcast(self):
        expected = "p has shape (2, 1) but y has shape (2,): they must be equal"
        found = message_of(forward_backward, X, W, [1, 8])
        assert found.replace("output", "p") == expected

    @pytest.mark.parametrize(
        ("x", "w", "y"),
        [
            ([1, 2], W, Y),
            (X, [1, 1], Y),
            (X, [[1]], Y),
            (X, W, [[1, 8]]),
            ([[NAN, 1]], W, Y),
            (X, [[INF], [1]], Y),
            (X, W, [[NAN], [1]]),
            ([[]], W, Y),
        ],
    )
    def test_it_refuses_what_does_not_fit(self, x, w, y):
        assert message_of(forward_backward, x, w, y)


class TestGradientDescentStep:
    @pytest.mark.parametrize(
        ("parameter", "gradient", "rate", "expected"),
        [
            ([3, 4], [2, 4], 0.5, [2, 2]),
            ([[1], [2]], [[-4], [8]], 0.25, [[2], [0]]),
            (5, 2, 1, 3),
            ([1], [0], 1e300, [1]),
            ([0], [1], 5e-324, [-5e-324]),
            ([0], [-1], 1.7e308, [1.7e308]),
        ],
    )
    def test_it_goes_against_the_gradient(self, parameter, gradient, rate, expected):
        exactly(gradient_descent_step(parameter, gradient, rate), expected)
        exactly(gradient_descent_step(parameter, gradient, learning_rate=rate), expected)

    @pytest.mark.parametrize("rate", [0, 0.0, -1, -5e-324, NAN, -INF])
    def test_the_learning_rate_must_be_above_0(self, rate):
        expected = f"learning_rate must be finite and above 0, but is {rate}"
        assert message_of(gradient_descent_step, [1], [1], rate) == expected

    def test_the_learning_rate_must_be_finite(self):
        found = message_of(gradient_descent_step, [1], [1], INF)
        assert found.startswith("learning_rate must be")

    def test_shapes_must_be_equal(self):
        expected = "parameter has shape (2, 1) but gradient has shape (2,): they must be equal"
        assert message_of(gradient_descent_step, [[1], [2]], [1, 2], 0.1) == expected

    def test_there_must_be_something_to_move(self):
        expected = "parameter and gradient are empty: there is nothing to compare"
        assert message_of(gradient_descent_step, [], [], 0.1) == expected

    @pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
    def test_it_names_the_argument_that_it_refuses(self, value, message):
        assert message_of(gradient_descent_step, value, [1, 2], 0.1) == f"parameter {message}"
        assert message_of(gradient_descent_step, [1, 2], value, 0.1) == f"gradient {message}"


class TestTrain:
    @pytest.mark.parametrize(
        ("steps", "weights", "bias", "costs"),
        [
            (0, [[1], [1]], [0], [2.5]),
            (1, [[1.5], [1]], [-0.5], [2.5, 2]),
            (2, [[0.5], [-1]], [-1.5], [2.5, 2, 80]),
        ],
    )
    def test_first_steps_meet_values_worked_by_hand(self, steps, weights, bias, costs):
        fit = train(X, Y, W, B, learning_rate=0.5, steps=steps)
        assert type(fit) is Fit
        assert fit._fields == ("weights", "bias", "costs")
        exactly(fit.weights, weights)
        exactly(fit.bias, bias)
        exactly(fit.costs, costs)

    def test_arguments_may_be_given_by_position(self):
        exactly(train(X, Y, W, B, 0.5, 1).weights, [[1.5], [1]])

    @given(generators(), st.integers(2, 6), SIZES, SIZES)
    def test_losses_fall_at_a_small_learning_rate(self, rng, n, d, m):
        x, y, w = problem(rng, n, d, m)
        fit = train(x, y, w, np.zeros(m), safe_rate(x, m), steps=20)
        assert fit.costs.shape == (21,)
        assert np.all(np.diff(fit.costs) <= 1e-15)
        assert fit.costs[1] < fit.costs[0]
        assert fit.costs[-1] == mse(forward_propagation(x, fit.weights, fit.bias), y)

    @settings(max_examples=10)
    @given(generators(), st.integers(1, 3), st.integers(1, 2))
    def test_it_approaches_least_squares(self, rng, d, m):
        x, y, w = problem(rng, 40, d, m)
        fit = train(x, y, w, np.zeros(m), safe_rate(x, m), steps=300)
        weights, bias = least_squares(x, y)
        close(fit.weights, weights, rtol=0, atol=1e-6)
        close(fit.bias, bias, rtol=0, atol=1e-6)

    @pytest.mark.parametrize("steps", [-1, -10])
    def test_steps_must_not_be_negative(self, steps):
        expected = f"steps must be 0 or more, but is {steps}"
        assert message_of(train, X, Y, W, B, 0.1, steps) == expected

    @pytest.mark.parametrize("rate", [0, -1, NAN])
    def test_the_learning_rate_must_be_above_0(self, rate):
        expected = f"learning_rate must be finite and above 0, but is {rate}"
        assert message_of(train, X, Y, W, B, rate, 1) == expected

    @pytest.mark.parametrize(
        ("rate", "step"), [(1e3, 43), (1e50, 4), (1e155, 1), (1e200, 1), (1.7e308, 1)]
    )
    def test_a_learning_rate_that_is_too_large_is_named_with_its_step(self, rate, step):
        assert message_of(train, [[1]], [[10]], [[0]], [0], rate, 50) == (
            f"the cost overflows in step {step}: a learning rate of {rate} is too large"
        )

    def test_a_step_from_infinity_to_infinity_is_refused_like_any_other(self):
        # The first step makes the weights inf and -inf, and the first example adds them up.
        found = message_of(train, [[1, 1], [1, -1]], [[0], [2]], [[0], [0]], [0], 1.7e308, 1)
        assert found.startswith("the cost overflows in step 1: ")

    def test_training_goes_on_while_the_loss_is_a_number(self):
        assert 1e300 < train([[0]], [[0]], [[0]], [1], 0.4e154, 1).costs[-1] < np.inf

    def test_the_loss_before_the_first_step_may_be_large(self):
        exactly(train([[0]], [[0]], [[0]], [1e60], 0.5, 1).costs[1:], [0])

    @pytest.mark.parametrize(
        ("x", "y", "w", "b"),
        [
            ([1, 2], Y, W, B),
            (X, [1, 8], W, B),
            (X, Y, [1, 1], B),
            (X, Y, [[1]], B),
            (X, Y, W, 0),
            (X, Y, W, [[0]]),
            (X, Y, W, [0, 0]),
            (X, [[1], [8], [9]], W, B),
            ([[]], Y, W, B),
            ([[1, NAN], [1, 1]], Y, W, B),
            (X, [[INF], [1]], W, B),
        ],
    )
    @pytest.mark.parametrize("steps", [0, 1])
    def test_it_refuses_what_does_not_fit(self, x, y, w, b, steps):
        assert message_of(train, x, y, w, b, 0.1, steps)

    @pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
    def test_it_names_the_argument_that_it_refuses(self, value, message):
        assert message_of(train, value, Y, W, B, 0.1, 1) == f"x {message}"
        assert message_of(train, X, value, W, B, 0.1, 1) == f"y {message}"
        assert message_of(train, X, Y, value, B, 0.1, 1) == f"w {message}"
        assert message_of(train, X, Y, W, value, 0.1, 1) == f"b {message}"

    def test_targets_as_a_list_are_refused_and_not_broadcast(self):
        found = message_of(train, X, [1, 8], W, B, 0.1, 1)
        expected = "p has shape (2, 1) but y has shape (2,): they must be equal"
        assert found == expected


class TestLeastSquares:
    @pytest.mark.parametrize(
        ("x", "y", "weights", "bias"),
        [
            ([[0], [1], [2]], [[1], [3], [5]], [[2]], [1]),
            ([[0], [1], [2]], [[0], [0], [3]], [[1.5]], [-0.5]),
            ([[0, 0], [1, 0], [0, 1]], [[1, 5], [3, 4], [0, 7]], [[2, -1], [-1, 2]], [1, 5]),
            ([[-1], [1]], [[2], [2]], [[0]], [2]),
        ],
    )
    def test_it_meets_values_worked_by_hand(self, x, y, weights, bias):
        found_weights, found_bias = least_squares(x, y)
        close(found_weights, weights)
        close(found_bias, bias)

    @given(generators(), st.integers(1, 8), SIZES, SIZES)
    def test_it_agrees_with_scipy(self, rng, n, d, m):
        x, y, _ = problem(rng, n, d, m)
        weights, bias = least_squares(x, y)
        assert (weights.shape, bias.shape) == ((d, m), (m,))
        expected = scipy.linalg.lstsq(np.column_stack([x, np.ones(n)]), y)[0]
        close(weights, expected[:-1], rtol=1e-6, atol=1e-8)
        close(bias, expected[-1], rtol=1e-6, atol=1e-8)

    @given(generators(), st.integers(1, 8), SIZES, SIZES)
    def test_nothing_nearby_has_a_smaller_loss(self, rng, n, d, m):
        x, y, nudge = problem(rng, n, d, m)
        weights, bias = least_squares(x, y)
        best = mse(forward_propagation(x, weights, bias), y)
        assert best <= mse(forward_propagation(x, weights + 1e-3 * nudge, bias), y) + 1e-12
        assert best <= mse(forward_propagation(x, weights, bias + 1e-3 * nudge[0]), y) + 1e-12

    def test_of_many_best_solutions_it_gives_the_shortest(self):
        weights, bias = least_squares([[1, 1], [2, 2], [4, 4]], [[3], [5], [9]])
        close(weights, [[1], [1]])
        close(bias, [1])

    def test_a_solution_beyond_every_number_is_refused(self):
        found = message_of(least_squares, [[0], [1e-3]], [[0], [1.7e308]])
        assert found == "solution must be finite, but holds NaN or infinity"

    @pytest.mark.parametrize(("rows", "others"), [(1, 2), (3, 2)])
    def test_each_example_needs_inputs_and_target(self, rows, others):
        assert message_of(least_squares, np.ones((rows, 1)), np.ones((others, 1))) == (
            f"x has {rows} rows but y has {others}: each example needs both"
        )

    @pytest.mark.parametrize(
        ("x", "y", "message"),
        [
            ([1, 2], Y, "x must be a matrix (rows, columns), but has shape (2,)"),
            (X, [1, 8], "y must be a matrix (rows, columns), but has shape (2,)"),
            ([[]], Y, "x is empty: its shape is (1, 0)"),
            (X, [[]], "y is empty: its shape is (1, 0)"),
        ],
    )
    def test_it_refuses_what_is_no_matrix(self, x, y, message):
        assert message_of(least_squares, x, y) == message

    @pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
    def test_it_names_the_argument_that_it_refuses(self, value, message):
        assert message_of(least_squares, value, Y) == f"x {message}"
        assert message_of(least_squares, X, value) == f"y {message}"


def test_nothing_is_written_into_the_arguments():
    x, w, b, p, y = before = [frozen(value) for value in (X, W, B, P, Y)]
    back_propagation(x, p, y)
    bias_gradient(p, y)
    forward_backward(x, w, y)
    gradient_descent_step(p, y, 0.1)
    train(x, y, w, b, 0.1, 3)
    least_squares(x, y)
    for array, value in zip(before, (X, W, B, P, Y), strict=True):
        exactly(array, value)


@pytest.mark.parametrize("argument", ["x", "y"])
def test_not_finite_data_is_refused_at_every_door(argument):
    x = [[NAN, 2], [3, 4]] if argument == "x" else X
    y = [[NAN], [8]] if argument == "y" else Y
    assert message_of(forward_backward, x, W, y).endswith(NOT_FINITE)
    assert message_of(train, x, y, W, B, 0.1, 1).endswith(NOT_FINITE)
    assert message_of(least_squares, x, y) == f"{argument} {NOT_FINITE}"
