"""The chain rule at work: derivatives of whatever is composed.

`derivative_of_composition`
    The chain rule in one variable.
`numerical_gradient`, `gradient_check`
    Derivatives by trying: the referee of every formula.
`Node`, `add`, `subtract`, `multiply`, `square`, `apply`
    Numbers that remember what they were computed from: a computational graph.
`topological_order`, `backward`
    The way back through such a graph, which gives every node its gradient.
`layer_backward`, `network_gradients`
    The same with matrices: backpropagation through any stack of layers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from backprop.forward import forward_propagation
from backprop.validation import (
    Array,
    equal_shapes,
    finite_array,
    matrix,
    positive,
)


def derivative_of_composition(
    outer_derivative: Callable[[float], float],
    inner: Callable[[float], float],
    inner_derivative: Callable[[float], float],
    x: float,
) -> float:
    """Slope of outer(inner(x)): the outer slope at inner(x), times the inner slope at x.

    Parameters
    ----------
    outer_derivative : callable
        The derivative of the outer function.
    inner, inner_derivative : callable
        The inner function and its derivative.
    x : float
        Where.

    Returns
    -------
    float

    References
    ----------
    .. [1] Goodfellow, I., Bengio, Y. and Courville, A., *Deep Learning*, eq. (6.44).

    Examples
    --------
    The square of 3 x + 1 at x = 2:

    >>> derivative_of_composition(lambda u: 2 * u, lambda x: 3 * x + 1, lambda x: 3, 2)
    42
    """
    return outer_derivative(inner(x)) * inner_derivative(x)


def numerical_gradient(
    f: Callable[[Array], float], x: ArrayLike, step: float = 1e-6
) -> Array:
    """Gradient of a function by central differences: move each entry a little, both ways.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x`, returns one number.
    x : array_like
        Where.
    step : float, default 1e-6
        How far to move, above 0. The error shrinks with its square, until rounding takes over.

    Returns
    -------
    ndarray, same shape as `x`

    Raises
    ------
    ValueError
        If `x` is not finite, or `step` is not above 0.

    References
    ----------
    .. [1] Ng, A., *CS294A Lecture notes: Sparse autoencoder*, section 2.3.

    Examples
    --------
    >>> numerical_gradient(lambda x: x[0] ** 2 + 3 * x[1], [2, 5]).round(6)
    array([4., 3.])
    """
    step, x = positive("step", step), finite_array("x", x)
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[index] = step
        difference = f(x + nudge) - f(x - nudge)
        gradient[index] = difference / (2 * step)
    return gradient


def gradient_check(
    f: Callable[[Array], float], gradient: ArrayLike, x: ArrayLike
) -> float:
    """Relative difference between a gradient and the one that central differences give.

    Parameters
    ----------
    f : callable
        Takes an array of the shape of `x`, returns one number.
    gradient : array_like, same shape as `x`
        The gradient of `f` at `x` that is to be checked.
    x : array_like
        Where.

    Returns
    -------
    float
        The length of the difference, divided by the sum of both lengths: about 1e-9 for a right
        gradient, 1/3 for one that lost a factor of 2, 1 for one that points the other way; 0 if
        both gradients are zero.

    Raises
    ------
    ValueError
        If `gradient` and `x` differ in shape, are empty or are not finite.

    Examples
    --------
    >>> x = [2.0, 5.0]
    >>> gradient_check(lambda x: x[0] ** 2 + 3 * x[1], [4, 3], x) < 1e-8
    True
    >>> round(gradient_check(lambda x: x[0] ** 2 + 3 * x[1], [-4, -3], x), 6)
    1.0
    """
    gradient, x = equal_shapes("gradient", gradient, "x", x)
    tried = numerical_gradient(f, x)
    lengths = np.linalg.norm(gradient) + np.linalg.norm(tried)
    if lengths == 0:
        return 0.0
    return float(np.linalg.norm(gradient - tried) / lengths)


@dataclass(eq=False)
class Node:
    """A number in a computational graph, with what it was computed from.

    Attributes
    ----------
    name : str
        What the drawing calls it.
    value : float
        The number.
    inputs : tuple of Node
        What it was computed from; empty for a number that was given.
    slopes : tuple of float
        The derivative of this node with respect to each of its inputs.
    gradient : float
        The derivative of the last node with respect to this one, once `backward` has been there.
    operation : str
        How it was computed, as a drawing shows it; empty for a number that was given.

    Examples
    --------
    >>> x, w = Node("x", 2.0), Node("w", 3.0)
    >>> z = multiply("z", x, w)
    >>> z.value, z.slopes
    (6.0, (3.0, 2.0))
    """

    name: str
    value: float
    inputs: "tuple[Node, ...]" = ()
    slopes: tuple[float, ...] = ()
    gradient: float = 0.0
    operation: str = ""


def add(name: str, left: Node, right: Node) -> Node:
    """Sum of two nodes; its slope is 1 towards both.

    Examples
    --------
    >>> add("s", Node("a", 2.0), Node("b", 3.0)).value
    5.0
    """
    total = left.value + right.value
    return Node(name, total, (left, right), (1.0, 1.0), operation="+")


def subtract(name: str, left: Node, right: Node) -> Node:
    """Difference of two nodes; its slope is 1 towards the first and -1 towards the second.

    Examples
    --------
    >>> subtract("e", Node("a", 2.0), Node("b", 3.0)).slopes
    (1.0, -1.0)
    """
    difference = left.value - right.value
    return Node(name, difference, (left, right), (1.0, -1.0), operation="-")


def multiply(name: str, left: Node, right: Node) -> Node:
    """Product of two nodes; its slope towards each is the value of the other.

    Examples
    --------
    >>> multiply("m", Node("a", 2.0), Node("b", 3.0)).slopes
    (3.0, 2.0)
    """
    product, slopes = left.value * right.value, (right.value, left.value)
    return Node(name, product, (left, right), slopes, operation="*")


def square(name: str, node: Node) -> Node:
    """Square of a node; its slope is twice the value.

    Examples
    --------
    >>> square("q", Node("a", 3.0)).slopes
    (6.0,)
    """
    slope = 2 * node.value
    return Node(name, node.value**2, (node,), (slope,), operation="x²")


def apply(
    name: str,
    function: Callable[[float], ArrayLike],
    derivative: Callable[[float], ArrayLike],
    node: Node,
) -> Node:
    """Any function of one node, such as an activation.

    Parameters
    ----------
    name : str
        What the drawing calls the result.
    function, derivative : callable
        The function and its derivative.
    node : Node
        What it is applied to.

    Returns
    -------
    Node

    Examples
    --------
    >>> from backprop.activation import sigmoid, sigmoid_derivative
    >>> a = apply("a", sigmoid, sigmoid_derivative, Node("z", 0.0))
    >>> a.value, a.slopes
    (0.5, (0.25,))
    """
    value = float(np.asarray(function(node.value)))
    slope = float(np.asarray(derivative(node.value)))
    operation = getattr(function, "__name__", "f")
    return Node(name, value, (node,), (slope,), operation=operation)


def topological_order(last: Node) -> list[Node]:
    """Every node that `last` depends on, each after all of its inputs; `last` comes last.

    It is a loop and not a recursion, since a graph may be deeper than Python's stack.

    Parameters
    ----------
    last : Node
        Where the graph ends.

    Returns
    -------
    list of Node

    Examples
    --------
    >>> x = Node("x", 2.0)
    >>> [node.name for node in topological_order(multiply("q", x, add("s", x, x)))]
    ['x', 's', 'q']
    """
    order, seen = [], set()
    waiting = [(last, False)]
    while waiting:
        node, inputs_done = waiting.pop()
        if inputs_done:
            order.append(node)
        elif node not in seen:
            seen.add(node)
            waiting.append((node, True))
            waiting += [(source, False) for source in reversed(node.inputs)]
    return order


def backward(last: Node) -> list[Node]:
    """Fill in the gradient of every node: the derivative of `last` with respect to it.

    It begins with the slope of the last node towards itself, 1, and walks back. Each node hands its
    gradient on to its inputs, times the slope of the edge between them. Where several edges meet,
    what they bring is added up.

    Parameters
    ----------
    last : Node
        The node to differentiate, usually the cost.

    Returns
    -------
    list of Node
        The nodes, in the order in which they were computed.

    References
    ----------
    .. [1] Goodfellow, I., Bengio, Y. and Courville, A., *Deep Learning*, algorithm 6.2.

    Examples
    --------
    >>> x = Node("x", 3.0)
    >>> order = backward(multiply("q", x, x))
    >>> x.gradient
    6.0
    """
    order = topological_order(last)
    for node in order:
        node.gradient = 0.0
    last.gradient = 1.0
    for node in reversed(order):
        for source, slope in zip(node.inputs, node.slopes, strict=True):
            source.gradient += node.gradient * slope
    return order


class LayerGradients(NamedTuple):
    """The gradients of one layer.

    Attributes
    ----------
    weights : ndarray, shape (d, m)
        With respect to its weights.
    bias : ndarray, shape (m,)
        With respect to its bias.
    inputs : ndarray, shape (n, d)
        With respect to its inputs: what the layer before it needs.
    """

    weights: Array
    bias: Array
    inputs: Array


def layer_backward(
    inputs: ArrayLike, weights: ArrayLike, delta: ArrayLike
) -> LayerGradients:
    """Take a gradient back through one layer.

    Parameters
    ----------
    inputs : array_like, shape (n, d)
        What went into the layer.
    weights : array_like, shape (d, m)
        Its weights.
    delta : array_like, shape (n, m)
        The gradient of the cost with respect to its weighted inputs.

    Returns
    -------
    LayerGradients
        Three gradients, each in the shape of its variable.

    Raises
    ------
    ValueError
        If the three shapes do not fit together, or an argument is not a matrix, is empty or is not
        finite.

    References
    ----------
    .. [1] Nielsen, M. A., *Neural Networks and Deep Learning*, eqs. (BP2) to (BP4), for a batch.

    Examples
    --------
    >>> weights, bias, inputs = layer_backward([[1, 2]], [[3], [4]], delta=[[10]])
    >>> weights
    array([[10.],
           [20.]])
    >>> bias
    array([10.])
    >>> inputs
    array([[30., 40.]])
    >>> layer_backward([[1, 2]], [[3], [4]], delta=[[10, 20]])
    Traceback (most recent call last):
    ...
    ValueError: delta is (1, 2) but inputs (1, 2) and weights (2, 1) make a layer of shape (1, 1)
    """
    inputs, weights = matrix("inputs", inputs), matrix("weights", weights)
    delta = matrix("delta", delta)
    expected = forward_propagation(inputs, weights).shape
    if delta.shape != expected:
        raise ValueError(
            f"delta is {delta.shape} but inputs {inputs.shape} "
            f"and weights {weights.shape} make a layer of shape {expected}"
        )
    return LayerGradients(
        weights=inputs.T @ delta,
        bias=delta.sum(axis=0),
        inputs=delta @ weights.T,
    )


class NetworkGradients(NamedTuple):
    """The gradients of a whole network.

    Attributes
    ----------
    cost : float
        The cost of the network's predictions.
    weights : list of ndarray
        With respect to each weight matrix, in the order and the shapes of the weights.
    biases : list of ndarray
        With respect to each bias.
    """

    cost: float
    weights: list[Array]
    biases: list[Array]


def network_gradients(
    inputs: ArrayLike,
    targets: ArrayLike,
    weights: Sequence[ArrayLike],
    biases: Sequence[ArrayLike],
    activation: tuple[Callable[[Array], Array], Callable[[Array], Array]],
    cost: tuple[Callable[..., float], Callable[..., Array]],
) -> NetworkGradients:
    """Backpropagation: the gradients of a network's cost, from its last layer to its first.

    Parameters
    ----------
    inputs : array_like, shape (n, d)
        A batch: one example per row.
    targets : array_like, shape (n, m)
        What the last layer should have put out.
    weights, biases : sequence of array_like
        One weight matrix and one bias per layer.
    activation : pair of callable
        The activation function of every layer, and its derivative.
    cost : pair of callable
        The cost function, and its gradient with respect to the predictions.

    Returns
    -------
    NetworkGradients
        The cost, and one gradient for each weight matrix and each bias.

    Raises
    ------
    ValueError
        If there is no layer, or weights, biases, inputs and targets do not fit together.

    References
    ----------
    .. [1] Rumelhart, D. E., Hinton, G. E. and Williams, R. J., *Learning representations by
       back-propagating errors* (1986), eqs. (4) to (7).
    .. [2] Goodfellow, I., Bengio, Y. and Courville, A., *Deep Learning*, algorithm 6.4.

    Examples
    --------
    >>> from backprop.activation import identity, identity_derivative
    >>> from backprop.cost import mse, mse_gradient
    >>> result = network_gradients(
    ...     [[1, 2]], [[10]], [[[3], [4]]], [[0]],
    ...     (identity, identity_derivative), (mse, mse_gradient))
    >>> result.cost
    1.0
    >>> result.weights
    [array([[2.],
           [4.]])]
    """
    if not 0 < len(weights) == len(biases):
        raise ValueError(
            "a network needs at least one layer, and as many biases "
            f"as weight matrices, not {len(weights)} and {len(biases)}"
        )
    function, derivative = activation
    cost_of, cost_gradient = cost

    a, z = [matrix("inputs", inputs)], []
    for W, b in zip(weights, biases, strict=True):
        z.append(forward_propagation(a[-1], W, b))
        a.append(function(z[-1]))

    p, y = equal_shapes("prediction", a[-1], "targets", targets)
    delta = cost_gradient(p, y) * derivative(z[-1])
    layers = [layer_backward(a[-2], weights[-1], delta)]
    for i in reversed(range(len(weights) - 1)):
        delta = layers[0].inputs * derivative(z[i])
        layers.insert(0, layer_backward(a[i], weights[i], delta))
    return NetworkGradients(
        cost=cost_of(p, y),
        weights=[layer.weights for layer in layers],
        biases=[layer.bias for layer in layers],
    )
