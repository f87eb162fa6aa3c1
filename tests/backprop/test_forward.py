"""Weighted sums, layers and stacks of layers."""

import itertools

import numpy as np
import pytest
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
from hypothesis import given
from hypothesis import strategies as st

from backprop.activation import identity, relu, sigmoid
from backprop.forward import forward_layers, forward_propagation, random_layers, weighted_sum

SIZES = st.integers(1, 5)


@pytest.mark.parametrize(
    ("x", "w", "expected"),
    [
        ([1, 2, 3], [1, 2, 3], 14.0),
        ([1, 2], [10, -100], -190.0),
        ([0.5], [4], 2.0),
        ([0, 0], [7, 8], 0.0),
        ([], [], 0.0),
    ],
)
def test_weighted_sum_meets_values_worked_by_hand(x, w, expected):
    assert weighted_sum(x, w) == expected
    assert weighted_sum(x, w, 1.5) == expected + 1.5
    assert weighted_sum(x, w, b=-20) == expected - 20


def test_weighted_sum_is_a_plain_float():
    assert type(weighted_sum([1, 2], [3, 4])) is float
    assert type(weighted_sum([1, 2], [3, 4], 5)) is float


@pytest.mark.parametrize(
    ("x", "w", "shapes"),
    [
        ([1, 2, 3], [1, 2], ("(3,)", "(2,)")),
        ([1, 2], [1], ("(2,)", "(1,)")),
        ([1], [], ("(1,)", "(0,)")),
        ([1, 2], 3, ("(2,)", "()")),
        (1, 2, ("()", "()")),
        ([[1, 2]], [[1, 2]], ("(1, 2)", "(1, 2)")),
        ([1, 2], [[1], [2]], ("(2,)", "(2, 1)")),
        ([[1], [2]], [1, 2], ("(2, 1)", "(2,)")),
    ],
)
def test_weighted_sum_refuses_shapes_that_do_not_fit(x, w, shapes):
    expected = f"x has shape {shapes[0]} but w has shape {shapes[1]}: each input needs one weight"
    assert message_of(weighted_sum, x, w) == expected


@pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
def test_weighted_sum_names_the_argument_that_it_refuses(value, message):
    assert message_of(weighted_sum, value, [1, 2]) == f"x {message}"
    assert message_of(weighted_sum, [1, 2], value) == f"w {message}"
    assert message_of(weighted_sum, [1, 2], [1, 2], value) == f"b {message}"


@pytest.mark.parametrize(
    ("inputs", "weights", "expected"),
    [
        ([[1, 2, 3]], [[1], [2], [3]], [[14]]),
        ([[1, 2], [3, 4]], [[1, 0, -1], [10, 100, 1000]], [[21, 200, 1999], [43, 400, 3997]]),
        ([[2], [3]], [[5, 7]], [[10, 14], [15, 21]]),
        ([[2]], [[3]], [[6]]),
    ],
)
def test_forward_propagation_meets_values_worked_by_hand(inputs, weights, expected):
    exactly(forward_propagation(inputs, weights), expected)


def test_each_unit_gets_its_own_bias():
    inputs, weights = [[1, 2], [3, 4]], [[1, 0, -1], [10, 100, 1000]]
    expected = [[21.5, 200, 1997], [43.5, 400, 3995]]
    exactly(forward_propagation(inputs, weights, [0.5, 0, -2]), expected)
    exactly(forward_propagation(inputs, weights, bias=[0.5, 0, -2]), expected)


@pytest.mark.parametrize(
    ("inputs", "weights", "message"),
    [
        (
            [[1, 2, 3]],
            [[1, 2, 3]],
            "inputs are (1, 3) but weights are (1, 3): 3 columns need 3 rows of weights",
        ),
        (
            [[1], [2]],
            [[1], [2]],
            "inputs are (2, 1) but weights are (2, 1): 1 columns need 1 rows of weights",
        ),
        ([1, 2], [[1], [2]], "inputs must be a matrix (rows, columns), but has shape (2,)"),
        ([[1, 2]], [1, 2], "weights must be a matrix (rows, columns), but has shape (2,)"),
        ([[]], [[1]], "inputs is empty: its shape is (1, 0)"),
        ([[1]], [[]], "weights is empty: its shape is (1, 0)"),
    ],
)
def test_forward_propagation_refuses_shapes_that_do_not_fit(inputs, weights, message):
    assert message_of(forward_propagation, inputs, weights) == message


@pytest.mark.parametrize(
    ("bias", "shape"),
    [
        (0, "()"),
        ([1], "(1,)"),
        ([1, 2, 3], "(3,)"),
        ([], "(0,)"),
        ([[1, 2]], "(1, 2)"),
        ([[1], [2]], "(2, 1)"),
    ],
)
def test_forward_propagation_refuses_a_bias_that_does_not_fit(bias, shape):
    assert message_of(forward_propagation, [[1], [2], [3]], [[1, 2]], bias) == (
        f"bias has shape {shape} but weights are (1, 2): 2 units need a bias of shape (2,)"
    )


@pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
def test_forward_propagation_names_the_argument_that_it_refuses(value, message):
    assert message_of(forward_propagation, value, [[1], [2]]) == f"inputs {message}"
    assert message_of(forward_propagation, [[1, 2]], value) == f"weights {message}"
    assert message_of(forward_propagation, [[1]], [[1, 2]], value) == f"bias {message}"


@given(generators(), SIZES, SIZES, SIZES)
def test_every_entry_of_a_layer_is_the_weighted_sum_of_one_unit(rng, n, d, m):
    inputs, weights, bias = rng.normal(size=(n, d)), rng.normal(size=(d, m)), rng.normal(size=m)
    output = forward_propagation(inputs, weights, bias)
    units = list(zip(weights.T, bias, strict=True))
    close(output, [[weighted_sum(x, w, b) for w, b in units] for x in inputs])


@given(generators(), SIZES, SIZES, SIZES, SIZES)
def test_layers_without_activation_collapse_into_one(rng, n, d, h, m):
    inputs, first, second = (rng.normal(size=shape) for shape in ((n, d), (d, h), (h, m)))
    output = forward_layers(inputs, [first, second])[-1]
    close(output, forward_propagation(inputs, first @ second))


def test_forward_layers_gives_every_layer_the_inputs_first():
    layers = forward_layers([[1, 2]], [[[1, -1], [0.5, 2]], [[3], [5]]])
    assert type(layers) is list
    assert len(layers) == 3
    exactly(layers[0], [[1, 2]])
    exactly(layers[1], [[2, 3]])
    exactly(layers[2], [[21]])


def test_forward_layers_adds_the_bias_of_each_layer():
    layers = forward_layers([[1, 2]], [[[1, -1], [0.5, 2]], [[3], [5]]], [[1, -4], [100]])
    exactly(layers[1], [[3, -1]])
    exactly(layers[2], [[104]])


def test_forward_layers_applies_the_activation_to_every_layer_but_not_to_the_inputs():
    weights, biases = [[[1, -1], [0.5, 2]], [[-3], [5]]], [[1, -4], [0]]
    layers = forward_layers([[-1, 2]], weights, biases, relu)
    exactly(layers[0], [[-1, 2]])
    exactly(layers[1], [[1, 1]])
    exactly(layers[2], [[2]])
    layers = forward_layers([[1, 2]], weights, biases, activation=relu)
    exactly(layers[1], [[3, 0]])
    exactly(layers[2], [[0]])


def test_forward_layers_without_activation_means_the_identity():
    exactly(forward_layers([[1]], [[[-2]]])[-1], [[-2]])
    exactly(forward_layers([[1]], [[[-2]]], activation=identity)[-1], [[-2]])
    exactly(forward_layers([[1]], [[[0]]], activation=sigmoid)[-1], [[0.5]])


def test_forward_layers_needs_a_layer():
    expected = "weights is empty: a network needs one matrix per layer"
    assert message_of(forward_layers, [[1]], []) == expected
    assert message_of(forward_layers, [[1]], [], []) == expected


@pytest.mark.parametrize(
    ("layers", "biases", "message"),
    [
        (2, [[0]], "2 weight matrices need as many biases, not 1"),
        (1, [[0], [0]], "1 weight matrices need as many biases, not 2"),
        (1, [], "1 weight matrices need as many biases, not 0"),
    ],
)
def test_forward_layers_needs_as_many_biases_as_weights(layers, biases, message):
    assert message_of(forward_layers, [[1]], [[[1]]] * layers, biases) == message


@pytest.mark.parametrize(
    ("weights", "biases", "message"),
    [
        (
            [[[1]], [[1]]],
            None,
            "layer 1: inputs are (1, 2) but weights are (1, 1): 2 columns need 2 rows of weights",
        ),
        (
            [[[1, 0], [0, 1]], [[1]]],
            None,
            "layer 2: inputs are (1, 2) but weights are (1, 1): 2 columns need 2 rows of weights",
        ),
        (
            [[[1], [2]], [[1]], [[1]]],
            [[0], [0], [0, 0]],
            "layer 3: bias has shape (2,) but weights are (1, 1): "
            "1 units need a bias of shape (1,)",
        ),
        ([[1, 2]], None, "layer 1: weights must be a matrix (rows, columns), but has shape (2,)"),
        ([[[1], [2]], [[NAN]]], None, f"layer 2: weights {NOT_FINITE}"),
        ([[[1], [2]]], [[INF]], f"layer 1: bias {NOT_FINITE}"),
    ],
)
def test_forward_layers_says_which_layer_does_not_fit(weights, biases, message):
    assert message_of(forward_layers, [[1, 2]], weights, biases) == message


@pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
def test_forward_layers_refuses_inputs_of_no_layer(value, message):
    assert message_of(forward_layers, value, [[[1], [2]]]) == f"inputs {message}"


def test_forward_layers_refuses_inputs_that_are_no_matrix():
    expected = "inputs must be a matrix (rows, columns), but has shape (2,)"
    assert message_of(forward_layers, [1, 2], [[[1], [2]]]) == expected


def test_nothing_is_written_into_the_arguments():
    x, w, b = frozen([[1.0, 2.0]]), frozen([[3.0], [4.0]]), frozen([5.0])
    weighted_sum(x[0], w[:, 0], 1.0)
    forward_propagation(x, w, b)
    forward_layers(x, [w], [b], sigmoid)
    exactly(x, [[1, 2]])
    exactly(w, [[3], [4]])
    exactly(b, [5])


@pytest.mark.parametrize("sizes", [[1, 1], [2, 3], [3, 2, 2, 1], (4, 1, 3)])
def test_random_layers_have_the_shapes_of_the_sizes(sizes):
    weights, biases = random_layers(sizes, np.random.default_rng(0))
    assert type(weights) is list
    assert type(biases) is list
    assert [W.shape for W in weights] == list(itertools.pairwise(sizes))
    assert all(W.dtype == np.float64 for W in weights)
    assert len(biases) == len(sizes) - 1
    for b, units in zip(biases, sizes[1:], strict=True):
        exactly(b, np.zeros(units))


def test_random_layers_are_drawn_in_order_from_minus_1_to_1():
    weights, _ = random_layers([2, 3, 1], np.random.default_rng(7))
    rng = np.random.default_rng(7)
    exactly(weights[0], rng.uniform(-1, 1, size=(2, 3)))
    exactly(weights[1], rng.uniform(-1, 1, size=(3, 1)))


def test_random_layers_fill_their_range():
    (W,), _ = random_layers([100, 100], np.random.default_rng(0))
    assert -1 <= W.min() < -0.999
    assert 0.999 < W.max() < 1
    assert abs(W.mean()) < 0.02


@pytest.mark.parametrize("sizes", [[], [2], [0, 1], [1, 0], [2, 0, 1], [3, -1], (2,)])
def test_random_layers_refuses(sizes):
    expected = (
        f"sizes must name the inputs and at least one layer, each 1 or more, not {list(sizes)}"
    )
    assert message_of(random_layers, sizes, np.random.default_rng(0)) == expected


@given(st.lists(SIZES, min_size=2, max_size=5), generators(), SIZES)
def test_random_layers_make_a_network_that_runs(sizes, rng, n):
    weights, biases = random_layers(sizes, rng)
    layers = forward_layers(rng.normal(size=(n, sizes[0])), weights, biases, sigmoid)
    assert [layer.shape for layer in layers] == [(n, size) for size in sizes]
