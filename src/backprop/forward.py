"""Forward propagation: from the inputs of a network to its output.

`weighted_sum`
    What one neuron computes.
`forward_propagation`
    What one layer computes, for a whole batch, as one matrix product.
`forward_layers`
    What a stack of layers computes, layer by layer.
`random_layers`
    Weights and biases to begin with.
"""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from backprop.activation import identity
from backprop.validation import Array, finite_array, matrix


def weighted_sum(x: ArrayLike, w: ArrayLike, b: float = 0.0) -> float:
    """Weighted sum of one neuron: each input times its weight, added up, plus the bias.

    Parameters
    ----------
    x : array_like, shape (d,)
        The inputs.
    w : array_like, shape (d,)
        The weights, one for each input.
    b : float, default 0.0
        The bias.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If `x` and `w` are not two lists of equal length, or are not finite.

    References
    ----------
    .. [1] Nielsen, M. A., *Neural Networks and Deep Learning*, chapter 1, "Perceptrons".

    Examples
    --------
    >>> weighted_sum([1, 2, 3], [1, 2, 3])
    14.0
    >>> weighted_sum([1, 2, 3], [1, 2])
    Traceback (most recent call last):
    ...
    ValueError: x has shape (3,) but w has shape (2,): each input needs one weight
    """
    x, w = finite_array("x", x), finite_array("w", w)
    if x.ndim != 1 or x.shape != w.shape:
        raise ValueError(
            f"x has shape {x.shape} but w has shape {w.shape}: "
            "each input needs one weight"
        )
    return float(np.sum(x * w) + finite_array("b", b))


def forward_propagation(
    inputs: ArrayLike, weights: ArrayLike, bias: ArrayLike | None = None
) -> Array:
    """Weighted inputs of a layer, for every example of a batch at once.

    Row `i` of the result belongs to example `i`; column `j` belongs to unit `j`.

    Parameters
    ----------
    inputs : array_like, shape (n, d)
        A batch: one example per row.
    weights : array_like, shape (d, m)
        Column `j` holds the weights of unit `j`.
    bias : array_like, shape (m,), optional
        One number per unit, added to every row. Left out, nothing is added.

    Returns
    -------
    ndarray, shape (n, m)

    Raises
    ------
    ValueError
        If `inputs` does not have one column for each row of `weights`, if `bias` does not have one
        entry per unit, or if an argument is empty or not finite.

    References
    ----------
    .. [1] Goodfellow, I., Bengio, Y. and Courville, A., *Deep Learning*, section 6.1.

    Examples
    --------
    >>> forward_propagation([[1, 2, 3]], [[1], [2], [3]])
    array([[14.]])
    >>> forward_propagation([[1, 2, 3]], [[1], [2], [3]], bias=[0.5])
    array([[14.5]])
    >>> forward_propagation([[1, 2, 3]], [[1, 2, 3]])
    Traceback (most recent call last):
    ...
    ValueError: inputs are (1, 3) but weights are (1, 3): 3 columns need 3 rows of weights
    """
    inputs, weights = matrix("inputs", inputs), matrix("weights", weights)
    if inputs.shape[1] != weights.shape[0]:
        raise ValueError(
            f"inputs are {inputs.shape} but weights are {weights.shape}: "
            f"{inputs.shape[1]} columns need {inputs.shape[1]} "
            "rows of weights"
        )
    z = inputs @ weights
    if bias is None:
        return z
    bias = finite_array("bias", bias)
    if bias.shape != (weights.shape[1],):
        raise ValueError(
            f"bias has shape {bias.shape} but weights are {weights.shape}: "
            f"{weights.shape[1]} units need a bias of shape "
            f"({weights.shape[1]},)"
        )
    return z + bias


def forward_layers(
    inputs: ArrayLike,
    weights: Sequence[ArrayLike],
    biases: Sequence[ArrayLike] | None = None,
    activation: Callable[[Array], Array] = identity,
) -> list[Array]:
    """Activations of every layer of a network, the inputs first and the output last.

    Parameters
    ----------
    inputs : array_like, shape (n, d)
        A batch: one example per row.
    weights : sequence of array_like
        One matrix per layer. The rows of each are the units of the layer before it.
    biases : sequence of array_like, optional
        One bias per layer. Left out, no layer has a bias.
    activation : callable, default `identity`
        Applied to the weighted inputs of every layer.

    Returns
    -------
    list of ndarray
        The inputs, then one array of shape (n, units) per layer.

    Raises
    ------
    ValueError
        If there are no layers, if `biases` and `weights` differ in number, or if two neighbouring
        layers do not fit; the message says which layer.

    References
    ----------
    .. [1] Goodfellow, I., Bengio, Y. and Courville, A., *Deep Learning*, algorithm 6.3.

    Examples
    --------
    >>> layers = forward_layers([[1, 2]], [[[1, 0], [0, 1]], [[3], [4]]])
    >>> [layer.shape for layer in layers]
    [(1, 2), (1, 2), (1, 1)]
    >>> layers[-1]
    array([[11.]])
    >>> forward_layers([[1, 2]], [[[1, 0], [0, 1]], [[3]]])
    Traceback (most recent call last):
    ...
    ValueError: layer 2: inputs are (1, 2) but weights are (1, 1): 2 columns need 2 rows of weights
    """
    if len(weights) == 0:
        raise ValueError(
            "weights is empty: a network needs one matrix per layer"
        )
    if biases is not None and len(biases) != len(weights):
        raise ValueError(
            f"{len(weights)} weight matrices need as many biases, "
            f"not {len(biases)}"
        )
    activations = [matrix("inputs", inputs)]
    for layer, W in enumerate(weights):
        b = None if biases is None else biases[layer]
        try:
            z = forward_propagation(activations[-1], W, b)
        except ValueError as error:
            raise ValueError(f"layer {layer + 1}: {error}") from None
        activations.append(activation(z))
    return activations


def random_layers(
    sizes: Sequence[int], rng: np.random.Generator
) -> tuple[list[Array], list[Array]]:
    """Weights and biases of a network, drawn at random.

    Parameters
    ----------
    sizes : sequence of int
        Number of inputs, then the number of units of each layer.
    rng : numpy.random.Generator
        Where the numbers come from. A seeded one gives the same network again.

    Returns
    -------
    tuple of list of ndarray
        The weight matrices, of shapes (sizes[0], sizes[1]), (sizes[1], sizes[2]), ..., uniform in
        [-1, 1); and the biases, all zero.

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or one is below 1.

    Examples
    --------
    >>> weights, biases = random_layers([2, 2, 2, 1], np.random.default_rng(0))
    >>> [W.shape for W in weights]
    [(2, 2), (2, 2), (2, 1)]
    >>> weights[2]
    array([[0.08724998],
           [0.87014485]])
    >>> biases
    [array([0., 0.]), array([0., 0.]), array([0.])]
    >>> random_layers([2], np.random.default_rng(0))
    Traceback (most recent call last):
    ...
    ValueError: sizes must name the inputs and at least one layer, each 1 or more, not [2]
    """
    if len(sizes) < 2 or min(sizes) < 1:
        raise ValueError(
            f"sizes must name the inputs and at least one layer, each 1 or more, not {list(sizes)}"
        )
    weights = [
        rng.uniform(-1, 1, size=(rows, columns))
        for rows, columns in itertools.pairwise(sizes)
    ]
    biases = [np.zeros(units) for units in sizes[1:]]
    return weights, biases
