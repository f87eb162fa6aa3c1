"""The chain rule: in one variable, in a graph, and through stacks of layers."""

import functools
import itertools

import autograd.numpy as anp
import numpy as np
import pytest
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
    numbers,
)
from hypothesis import given
from hypothesis import strategies as st

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
from backprop.chain_rule import (
    LayerGradients,
    NetworkGradients,
    Node,
    add,
    apply,
    backward,
    derivative_of_composition,
    gradient_check,
    layer_backward,
    multiply,
    network_gradients,
    numerical_gradient,
    square,
    subtract,
    topological_order,
)
from backprop.cost import (
    cross_entropy,
    cross_entropy_gradient,
    half_squared_error,
    half_squared_error_gradient,
    mse,
    mse_gradient,
)
from backprop.forward import forward_layers

RELU, IDENTITY = (relu, relu_derivative), (identity, identity_derivative)
SIGMOID = (sigmoid, sigmoid_derivative)
MSE = (mse, mse_gradient)

# Ours, and the same for autograd.
ACTIVATIONS = {
    "identity": (IDENTITY, lambda z: z),
    "sigmoid": (SIGMOID, lambda z: 1 / (1 + anp.exp(-z))),
    "tanh": ((tanh, tanh_derivative), anp.tanh),
    "relu": (RELU, lambda z: anp.maximum(z, 0)),
}
COSTS = {
    "mse": (MSE, lambda p, y: anp.mean((p - y) ** 2)),
    "half": (
        (half_squared_error, half_squared_error_gradient),
        lambda p, y: anp.sum((p - y) ** 2) / 2,
    ),
    "cross-entropy": (
        (cross_entropy, cross_entropy_gradient),
        lambda p, y: -anp.mean(y * anp.log(p) + (1 - y) * anp.log(1 - p)),
    ),
}


def squared_length(x):
    return float(np.sum(x**2))


class TestDerivativeOfComposition:
    def test_the_outer_slope_is_taken_at_the_inner_value(self):
        slope = derivative_of_composition(
            lambda u: 2 * u, lambda x: 3 * x + 1, lambda x: 3 + 0 * x, 2
        )
        assert slope == 42

    def test_the_inner_slope_is_taken_at_x(self):
        slope = derivative_of_composition(lambda u: u + 1, lambda x: x**3, lambda x: 3 * x**2, 2)
        assert slope == 9 * 12

    @given(numbers(3))
    def test_it_meets_a_central_difference(self, x):
        slope = derivative_of_composition(np.cos, np.sinh, np.cosh, x)
        numerical = numerical_gradient(lambda x: float(np.sin(np.sinh(x))), x)
        assert slope == pytest.approx(float(numerical), rel=1e-6, abs=1e-6)


class TestNumericalGradient:
    def test_each_entry_gets_the_slope_in_its_direction(self):
        def f(x):
            return x[0, 0] ** 2 + 3 * x[0, 1] * x[1, 0]

        gradient = numerical_gradient(f, [[2, 5], [7, 1]])
        close(gradient, [[4, 21], [15, 0]], rtol=0, atol=1e-7)

    def test_it_is_exact_on_a_square_for_every_step(self):
        exactly(numerical_gradient(squared_length, [3, -1], step=0.5), [6, -2])
        exactly(numerical_gradient(squared_length, [3, -1], 2), [6, -2])

    def test_its_error_on_a_cube_is_the_square_of_the_step(self):
        exactly(numerical_gradient(lambda x: float(x**3), 1, step=0.5), 3.25)
        exactly(numerical_gradient(lambda x: float(x**3), 1, step=0.25), 3.0625)

    def test_it_moves_one_entry_at_a_time_by_a_millionth_both_ways(self):
        visited = []

        def record(x):
            visited.append(x.tolist())
            return 0.0

        numerical_gradient(record, [1, 2])
        assert visited == [[1 + 1e-6, 2], [1 - 1e-6, 2], [1, 2 + 1e-6], [1, 2 - 1e-6]]

    @pytest.mark.parametrize("shape", [(), (1,), (3,), (2, 3), (2, 1, 2), (0,)])
    def test_it_has_the_shape_of_x_in_float64(self, shape):
        gradient = numerical_gradient(squared_length, np.ones(shape, dtype=np.int64), step=0.5)
        exactly(gradient, np.full(shape, 2.0))

    def test_a_function_that_writes_does_not_spoil_the_rest(self):
        def vandal(x):
            value = squared_length(x)
            x[...] = 99
            return value

        x = frozen([3.0, -1.0])
        exactly(numerical_gradient(vandal, x, step=0.5), [6, -2])
        exactly(x, [3, -1])

    @pytest.mark.parametrize("step", [0, 0.0, -1, -1e-6, NAN, -INF])
    def test_a_step_must_be_above_0(self, step):
        expected = f"step must be finite and above 0, but is {step}"
        assert message_of(numerical_gradient, squared_length, [1.0], step) == expected

    def test_a_step_must_be_finite(self):
        assert message_of(numerical_gradient, squared_length, [1.0], INF).startswith("step must be")

    def test_a_step_may_be_tiny_or_huge(self):
        exactly(numerical_gradient(lambda x: float(x), 0, step=5e-324), 1)
        exactly(numerical_gradient(lambda x: float(x), 0, step=8e307), 1)

    @pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
    def test_it_refuses(self, value, message):
        assert message_of(numerical_gradient, squared_length, value) == f"x {message}"


class TestGradientCheck:
    def test_a_right_gradient_is_near_0(self):
        difference = gradient_check(squared_length, [6, 8], [3, 4])
        assert type(difference) is float
        assert 0 <= difference < 1e-9

    @pytest.mark.parametrize(
        ("gradient", "expected"),
        [
            ([-6, -8], 1.0),
            ([0, 0], 1.0),
            ([3, 4], 1 / 3),
            ([12, 16], 1 / 3),
            ([8, 6], 8**0.5 / 20),
            ([6, -8], 16 / 20),
        ],
    )
    def test_a_wrong_gradient_gives_the_difference_relative_to_both_lengths(
        self, gradient, expected
    ):
        difference = gradient_check(squared_length, gradient, [3, 4])
        assert difference == pytest.approx(expected, rel=1e-8)

    def test_two_zeros_do_not_differ(self):
        difference = gradient_check(lambda x: 1.0, [0, 0], [3, 4])
        assert difference == 0.0
        assert type(difference) is float

    def test_a_gradient_where_there_is_none_differs_wholly(self):
        assert gradient_check(lambda x: 1.0, [1e-9, 0], [3, 4]) == 1.0

    @pytest.mark.parametrize("x", [3.0, [3.0], [[3.0, 1.0]], [[[3.0], [2.0]]]])
    def test_any_shape_will_do(self, x):
        assert gradient_check(squared_length, 2 * np.array(x), x) < 1e-8

    def test_shapes_must_be_equal(self):
        expected = "gradient has shape (2, 1) but x has shape (2,): they must be equal"
        assert message_of(gradient_check, squared_length, [[6], [8]], [3, 4]) == expected

    def test_there_must_be_something_to_check(self):
        expected = "gradient and x are empty: there is nothing to compare"
        assert message_of(gradient_check, squared_length, [], []) == expected

    @pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
    def test_it_names_the_argument_that_it_refuses(self, value, message):
        assert message_of(gradient_check, squared_length, value, [1, 2]) == f"gradient {message}"
        assert message_of(gradient_check, squared_length, [1, 2], value) == f"x {message}"

    def test_nothing_is_written_into_the_arguments(self):
        gradient, x = frozen([6.0, 8.0]), frozen([3.0, 4.0])
        gradient_check(squared_length, gradient, x)
        exactly(gradient, [6, 8])
        exactly(x, [3, 4])


class TestNodes:
    def test_a_given_number_comes_from_nothing(self):
        node = Node("x", 2.0)
        assert (node.name, node.value, node.inputs, node.slopes, node.gradient) == (
            "x",
            2.0,
            (),
            (),
            0.0,
        )

    def test_nodes_of_equal_content_are_two_nodes(self):
        first, second = Node("x", 2.0), Node("x", 2.0)
        assert first != second
        assert len({first, second}) == 2

    @pytest.mark.parametrize(
        ("operation", "value", "slopes"),
        [
            (add, 7.0, (1.0, 1.0)),
            (subtract, 3.0, (1.0, -1.0)),
            (multiply, 10.0, (2.0, 5.0)),
        ],
    )
    def test_two_nodes_are_combined(self, operation, value, slopes):
        left, right = Node("l", 5.0), Node("r", 2.0)
        node = operation("out", left, right)
        assert (node.name, node.value, node.slopes) == ("out", value, slopes)
        assert node.inputs == (left, right)
        assert node.gradient == 0.0

    @pytest.mark.parametrize(("value", "result", "slope"), [(3.0, 9.0, 6.0), (-5.0, 25.0, -10.0)])
    def test_a_node_is_squared(self, value, result, slope):
        source = Node("x", value)
        node = square("q", source)
        assert (node.name, node.value, node.slopes) == ("q", result, (slope,))
        assert node.inputs == (source,)

    def test_a_function_is_applied_to_a_node(self):
        source = Node("z", 2.0)
        node = apply("a", lambda z: z**3, lambda z: 3 * z**2, source)
        assert (node.name, node.value, node.slopes) == ("a", 8.0, (12.0,))
        assert node.inputs == (source,)

    def test_apply_turns_arrays_without_axes_into_plain_floats(self):
        node = apply("a", sigmoid, sigmoid_derivative, Node("z", 0.0))
        assert (node.value, node.slopes) == (0.5, (0.25,))
        assert type(node.value) is float
        assert type(node.slopes[0]) is float

    def test_apply_turns_integers_into_plain_floats(self):
        node = apply("a", lambda z: 3, lambda z: 0, Node("z", 0.0))
        assert type(node.value) is float
        assert type(node.slopes[0]) is float


def test_each_node_knows_how_it_was_computed():
    x, w = Node("x", 2.0), Node("w", 3.0)
    nodes = [x, add("s", x, w), subtract("d", x, w), multiply("m", x, w), square("q", x)]
    nodes.append(apply("a", sigmoid, sigmoid_derivative, x))
    nodes.append(apply("a", functools.partial(sigmoid), sigmoid_derivative, x))  # has no name
    assert [node.operation for node in nodes] == ["", "+", "-", "*", "x²", "sigmoid", "f"]


def names(nodes):
    return [node.name for node in nodes]


class TestTopologicalOrder:
    def test_a_single_node_is_its_own_order(self):
        x = Node("x", 1.0)
        assert topological_order(x) == [x]

    def test_inputs_come_before_what_uses_them_from_left_to_right(self):
        a, b, c = (Node(name, 1.0) for name in "abc")
        last = subtract("last", multiply("ab", a, b), multiply("bc", b, c))
        assert names(topological_order(last)) == ["a", "b", "ab", "c", "bc", "last"]

    def test_a_shared_node_comes_once(self):
        x = Node("x", 2.0)
        s = add("s", x, x)
        assert names(topological_order(multiply("q", x, s))) == ["x", "s", "q"]
        assert names(topological_order(multiply("q", s, x))) == ["x", "s", "q"]

    def test_what_the_last_node_does_not_depend_on_is_left_out(self):
        x = Node("x", 2.0)
        add("elsewhere", x, x)
        assert names(topological_order(square("q", x))) == ["x", "q"]

    def test_nodes_of_one_name_are_kept_apart(self):
        x, y = Node("n", 1.0), Node("n", 1.0)
        assert len(topological_order(add("n", x, y))) == 3


class TestBackward:
    def test_the_slope_of_the_last_node_towards_itself_is_1(self):
        x = Node("x", 7.0)
        assert backward(x) == [x]
        assert x.gradient == 1.0

    def test_gradients_of_a_neuron_meet_values_worked_by_hand(self):
        x, w, b, y = Node("x", 2.0), Node("w", 3.0), Node("b", 1.0), Node("y", 4.0)
        z = multiply("z", x, w)
        p = add("p", z, b)
        e = subtract("e", p, y)
        loss = square("loss", e)
        order = backward(loss)
        assert names(order) == ["x", "w", "z", "b", "p", "y", "e", "loss"]
        assert loss.value == 9.0
        gradients = {node.name: node.gradient for node in order}
        assert gradients == {
            "loss": 1.0,
            "e": 6.0,
            "y": -6.0,
            "p": 6.0,
            "b": 6.0,
            "z": 6.0,
            "w": 12.0,
            "x": 18.0,
        }

    def test_paths_through_a_shared_node_add_up(self):
        x = Node("x", 3.0)
        s = add("s", square("q", x), x)
        backward(multiply("last", s, x))
        assert x.gradient == 3 * 9 + 2 * 3
        assert s.gradient == 3.0

    def test_a_second_walk_gives_the_same_gradients(self):
        x = Node("x", 3.0)
        last = multiply("last", add("s", x, x), x)
        first = [node.gradient for node in backward(last)]
        second = [node.gradient for node in backward(last)]
        assert first == second == [12.0, 3.0, 1.0]

    def test_a_walk_from_elsewhere_begins_anew(self):
        x = Node("x", 3.0)
        s = square("s", x)
        last = multiply("last", s, x)
        backward(last)
        assert (x.gradient, s.gradient) == (27.0, 3.0)
        backward(s)
        assert (x.gradient, s.gradient) == (6.0, 1.0)

    def test_a_chain_of_5000_nodes_is_walked(self):
        x = Node("x", 1.0)
        node = x
        for _ in range(5000):
            node = add("s", node, x)
        assert len(backward(node)) == 5001
        assert node.value == x.gradient == 5001.0

    def test_the_walk_is_no_longer_than_the_graph(self):
        x = Node("x", 1.0)
        node = x
        for _ in range(60):
            node = add("s", node, node)
        assert len(backward(node)) == 61
        assert x.gradient == 2.0**60

    @pytest.mark.parametrize("slopes", [(), (1.0, 1.0)])
    def test_each_input_needs_one_slope(self, slopes):
        with pytest.raises(ValueError, match=r"argument 2 is (shorter|longer) than argument 1"):
            backward(Node("z", 1.0, (Node("x", 1.0),), slopes))

    @given(numbers(2), numbers(2), numbers(2), numbers(2))
    def test_it_agrees_with_autograd(self, x, w, b, y):
        def loss(v):
            hidden = 1 / (1 + anp.exp(-(v[0] * v[1] + v[2])))
            return (hidden * v[1] - v[3]) ** 2

        nodes = [Node(name, value) for name, value in zip("xwby", (x, w, b, y), strict=True)]
        z = add("z", multiply("xw", nodes[0], nodes[1]), nodes[2])
        hidden = apply("h", sigmoid, sigmoid_derivative, z)
        last = square("last", subtract("e", multiply("p", hidden, nodes[1]), nodes[3]))
        backward(last)
        values = np.array([x, w, b, y])
        assert last.value == pytest.approx(loss(values), rel=1e-12)
        close([node.gradient for node in nodes] @ np.eye(4), grad(loss)(values), atol=1e-10)


class TestLayerBackward:
    INPUTS = ((1, 2), (3, 4), (5, 6))
    WEIGHTS = ((1, -1), (2, 0))
    DELTA = ((1, 0), (0, 2), (1, 1))

    def test_gradients_meet_values_worked_by_hand(self):
        gradients = layer_backward(self.INPUTS, self.WEIGHTS, self.DELTA)
        assert type(gradients) is LayerGradients
        assert gradients._fields == ("weights", "bias", "inputs")
        exactly(gradients.weights, [[6, 11], [8, 14]])
        exactly(gradients.bias, [2, 3])
        exactly(gradients.inputs, [[1, 2], [-2, 0], [0, 2]])

    @given(generators(), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
    def test_each_gradient_has_the_shape_of_its_variable(self, rng, n, d, m):
        weights, bias, inputs = layer_backward(
            rng.normal(size=(n, d)), rng.normal(size=(d, m)), rng.normal(size=(n, m))
        )
        assert (weights.shape, bias.shape, inputs.shape) == ((d, m), (m,), (n, d))

    def test_a_transpose_of_square_weights_is_seen(self):
        inputs, weights, delta = map(np.array, (self.INPUTS, self.WEIGHTS, self.DELTA))

        def value(inputs):
            return float(np.sum(inputs @ weights * delta))

        x = inputs.astype(float)
        assert gradient_check(value, layer_backward(inputs, weights, delta).inputs, x) < 1e-8
        assert gradient_check(value, layer_backward(inputs, weights.T, delta).inputs, x) > 0.1

    @pytest.mark.parametrize(
        ("inputs", "weights", "delta", "message"),
        [
            (
                [[1, 2]],
                [[3], [4]],
                [[10, 20]],
                "delta is (1, 2) but inputs (1, 2) and weights (2, 1) make a layer of shape (1, 1)",
            ),
            (
                [[1], [2]],
                [[3, 4, 5]],
                [[1], [2], [3]],
                "delta is (3, 1) but inputs (2, 1) and weights (1, 3) make a layer of shape (2, 3)",
            ),
            (
                [[1, 2]],
                [[3]],
                [[1]],
                "inputs are (1, 2) but weights are (1, 1): 2 columns need 2 rows of weights",
            ),
            ([1], [[1]], [[1]], "inputs must be a matrix (rows, columns), but has shape (1,)"),
            ([[1]], [1], [[1]], "weights must be a matrix (rows, columns), but has shape (1,)"),
            ([[1]], [[1]], [1], "delta must be a matrix (rows, columns), but has shape (1,)"),
            ([[]], [[1]], [[1]], "inputs is empty: its shape is (1, 0)"),
            ([[1]], [[]], [[1]], "weights is empty: its shape is (1, 0)"),
            ([[1]], [[1]], [[]], "delta is empty: its shape is (1, 0)"),
        ],
    )
    def test_it_refuses_shapes_that_do_not_fit(self, inputs, weights, delta, message):
        assert message_of(layer_backward, inputs, weights, delta) == message

    @pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
    def test_it_names_the_argument_that_it_refuses(self, value, message):
        assert message_of(layer_backward, value, [[1]], [[1]]) == f"inputs {message}"
        assert message_of(layer_backward, [[1]], value, [[1]]) == f"weights {message}"
        assert message_of(layer_backward, [[1]], [[1]], value) == f"delta {message}"

    def test_nothing_is_written_into_the_arguments(self):
        arguments = [frozen(value) for value in (self.INPUTS, self.WEIGHTS, self.DELTA)]
        layer_backward(*arguments)
        for argument, value in zip(arguments, (self.INPUTS, self.WEIGHTS, self.DELTA), strict=True):
            exactly(argument, value)


@st.composite
def networks(draw):
    """Inputs, targets, weights and biases of a random network, and what it is made of."""
    rng = draw(generators())
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    n = draw(st.integers(1, 5))
    cost = draw(st.sampled_from(sorted(COSTS)))
    only_probabilities = cost == "cross-entropy"
    activation = "sigmoid" if only_probabilities else draw(st.sampled_from(sorted(ACTIVATIONS)))
    inputs = rng.normal(size=(n, sizes[0]))
    targets = (
        rng.integers(0, 2, size=(n, sizes[-1])).astype(float)
        if only_probabilities
        else rng.normal(size=(n, sizes[-1]))
    )
    weights = [rng.normal(size=shape) for shape in itertools.pairwise(sizes)]
    biases = [rng.normal(size=units) for units in sizes[1:]]
    return inputs, targets, weights, biases, activation, cost


class TestNetworkGradients:
    INPUTS, TARGETS = ((1, 2),), ((4,),)
    WEIGHTS = (((1, -1), (0.5, 2)), ((3,), (5,)))
    BIASES = ((0, -4), (1,))

    def test_gradients_of_two_layers_meet_values_worked_by_hand(self):
        result = network_gradients(self.INPUTS, self.TARGETS, self.WEIGHTS, self.BIASES, RELU, MSE)
        assert type(result) is NetworkGradients
        assert result._fields == ("cost", "weights", "biases")
        assert result.cost == 9.0
        assert type(result.weights) is list
        assert type(result.biases) is list
        exactly(result.weights[0], [[18, 0], [36, 0]])
        exactly(result.weights[1], [[12], [0]])
        exactly(result.biases[0], [18, 0])
        exactly(result.biases[1], [6])
        assert len(result.weights) == len(result.biases) == 2

    def test_a_batch_adds_up_the_examples(self):
        result = network_gradients([[1, 2], [3, 4]], [[1], [8]], [[[1], [1]]], [[0]], IDENTITY, MSE)
        assert result.cost == 2.5
        exactly(result.weights[0], [[-1], [0]])
        exactly(result.biases[0], [1])

    def test_sigmoid_and_cross_entropy_leave_the_plain_error(self):
        result = network_gradients(
            [[1, 2]], [[1]], [[[0], [0]]], [[0]], SIGMOID, (cross_entropy, cross_entropy_gradient)
        )
        assert result.cost == pytest.approx(np.log(2), rel=1e-15)
        exactly(result.weights[0], [[-0.5], [-1]])
        exactly(result.biases[0], [-0.5])

    @given(networks())
    def test_they_agree_with_autograd(self, network):
        inputs, targets, weights, biases, activation, cost = network
        result = network_gradients(
            inputs, targets, weights, biases, ACTIVATIONS[activation][0], COSTS[cost][0]
        )

        def loss(parameters):
            a = inputs
            for W, b in parameters:
                a = ACTIVATIONS[activation][1](anp.dot(a, W) + b)
            return COSTS[cost][1](a, targets)

        parameters = list(zip(weights, biases, strict=True))
        assert result.cost == pytest.approx(loss(parameters), rel=1e-9)
        expected = grad(loss)(parameters)
        assert len(expected) == len(result.weights) == len(result.biases)
        for W, b, (dW, db) in zip(result.weights, result.biases, expected, strict=True):
            close(W, dW, rtol=1e-7, atol=1e-9)
            close(b, db, rtol=1e-7, atol=1e-9)

    @pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh"])
    @given(rng=generators())
    def test_they_meet_central_differences_by_size_and_by_entry(self, activation, rng):
        ours = ACTIVATIONS[activation][0]
        inputs, targets = rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
        weights = [rng.normal(size=(2, 3)), rng.normal(size=(3, 2))]
        biases = [rng.normal(size=3), rng.normal(size=2)]
        result = network_gradients(inputs, targets, weights, biases, ours, MSE)

        def loss_with_first_weights(W):
            layers = forward_layers(inputs, [W, weights[1]], biases, ours[0])
            return mse(layers[-1], targets)

        def loss_with_first_bias(b):
            layers = forward_layers(inputs, weights, [b, biases[1]], ours[0])
            return mse(layers[-1], targets)

        for loss, gradient, at in (
            (loss_with_first_weights, result.weights[0], weights[0]),
            (loss_with_first_bias, result.biases[0], biases[0]),
        ):
            assert gradient_check(loss, gradient, at) < 1e-5
            close(gradient, numerical_gradient(loss, at), rtol=1e-6, atol=1e-6)

    @pytest.mark.parametrize(
        ("spoil", "at_least"),
        [
            pytest.param(lambda gradient: -gradient, 0.999, id="flipped-sign"),
            pytest.param(lambda gradient: gradient / 2, 0.3, id="lost-factor-2"),
            pytest.param(lambda gradient: gradient.T, 0.1, id="transpose"),
        ],
    )
    def test_a_wrong_gradient_of_square_weights_is_seen(self, spoil, at_least):
        rng = np.random.default_rng(3)
        inputs, targets = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
        W, b = rng.normal(size=(3, 3)), np.zeros(3)
        result = network_gradients(inputs, targets, [W], [b], SIGMOID, MSE)

        def loss(W):
            return mse(forward_layers(inputs, [W], [b], sigmoid)[-1], targets)

        assert gradient_check(loss, result.weights[0], W) < 1e-8
        assert gradient_check(loss, spoil(result.weights[0]), W) > at_least

    @pytest.mark.parametrize(
        ("weights", "biases", "found"),
        [
            ([], [], "0 and 0"),
            ([], [[0]], "0 and 1"),
            ([[[1]]], [], "1 and 0"),
            ([[[1]], [[1]]], [[0]], "2 and 1"),
            ([[[1]]], [[0], [0]], "1 and 2"),
        ],
    )
    def test_there_must_be_a_layer_and_as_many_biases(self, weights, biases, found):
        assert message_of(network_gradients, [[1]], [[1]], weights, biases, IDENTITY, MSE) == (
            "a network needs at least one layer, and as many biases as weight matrices, "
            f"not {found}"
        )

    @pytest.mark.parametrize(
        ("inputs", "targets", "weights", "bias", "message"),
        [
            (
                [[1, 2]],
                [[1]],
                [[1]],
                [0],
                "inputs are (1, 2) but weights are (1, 1): 2 columns need 2 rows of weights",
            ),
            (
                [[1]],
                [[1]],
                [[1]],
                [0, 0],
                "bias has shape (2,) but weights are (1, 1): 1 units need a bias of shape (1,)",
            ),
            (
                [[1], [2]],
                [1, 2],
                [[1]],
                [0],
                "prediction has shape (2, 1) but targets has shape (2,): they must be equal",
            ),
            (
                [[1]],
                [[1, 2]],
                [[1]],
                [0],
                "prediction has shape (1, 1) but targets has shape (1, 2): they must be equal",
            ),
            (
                [1],
                [[1]],
                [[1]],
                [0],
                "inputs must be a matrix (rows, columns), but has shape (1,)",
            ),
            ([[]], [[1]], [[1]], [0], "inputs is empty: its shape is (1, 0)"),
            ([[NAN]], [[1]], [[1]], [0], f"inputs {NOT_FINITE}"),
            ([[1]], [[INF]], [[1]], [0], f"targets {NOT_FINITE}"),
            ([[1]], [[1]], [[NAN]], [0], f"weights {NOT_FINITE}"),
            ([[1]], [[1]], [[1]], [-INF], f"bias {NOT_FINITE}"),
        ],
    )
    def test_it_refuses_what_does_not_fit(self, inputs, targets, weights, bias, message):
        found = message_of(network_gradients, inputs, targets, [weights], [bias], IDENTITY, MSE)
        assert found == message

    def test_nothing_is_written_into_the_arguments(self):
        inputs, targets = frozen(self.INPUTS), frozen(self.TARGETS)
        weights, biases = [frozen(W) for W in self.WEIGHTS], [frozen(b) for b in self.BIASES]
        network_gradients(inputs, targets, weights, biases, RELU, MSE)
        exactly(inputs, self.INPUTS)
        exactly(targets, self.TARGETS)
        assert len(weights) == len(biases) == 2
        for W, b, w_before, b_before in zip(
            weights, biases, self.WEIGHTS, self.BIASES, strict=True
        ):
            exactly(W, w_before)
            exactly(b, b_before)
