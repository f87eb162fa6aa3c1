"""A single layer with a mean squared error: the smallest network that learns.

`forward_backward`
    One pass forward and back: prediction, cost and gradient.
`back_propagation`
    The gradient of the cost with respect to the weights.
`bias_gradient`
    The gradient of the cost with respect to the bias.
`gradient_descent_step`
    One step downhill.
`train`
    Many steps downhill.
`least_squares`
    Where the steps lead to, computed at once.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from backprop.cost import mse, mse_gradient
from backprop.forward import forward_propagation
from backprop.validation import (
    Array,
    equal_shapes,
    finite_array,
    matrix,
    positive,
)


class Pass(NamedTuple):
    """What one pass forward and back gives.

    Attributes
    ----------
    prediction : ndarray, shape (n, m)
        The predictions.
    cost : float
        Their mean squared error.
    gradient : ndarray, shape (d, m)
        The gradient of the cost with respect to the weights.
    """

    prediction: Array
    cost: float
    gradient: Array


class Fit(NamedTuple):
    """What training gives.

    Attributes
    ----------
    weights : ndarray, shape (d, m)
        The weights after the last step.
    bias : ndarray, shape (m,)
        The bias after the last step.
    costs : ndarray, shape (steps + 1,)
        The cost before the first step, and after each.
    """

    weights: Array
    bias: Array
    costs: Array


def back_propagation(x: ArrayLike, p: ArrayLike, y: ArrayLike) -> Array:
    """Gradient of the mean squared error of a layer with respect to its weights.

    Parameters
    ----------
    x : array_like, shape (n, d)
        The inputs of the layer, one example per row.
    p : array_like, shape (n, m)
        The predictions that the layer made from them.
    y : array_like, shape (n, m)
        The targets.

    Returns
    -------
    ndarray, shape (d, m)
        The shape of the weights.

    Raises
    ------
    ValueError
        If `p` and `y` differ in shape, `x` has another number of rows, or an argument is not a
        matrix, is empty or is not finite.

    References
    ----------
    .. [1] Bishop, C. M., *Pattern Recognition and Machine Learning* (2006), eq. (3.13), averaged
       and for the squared error without the 1/2.

    Examples
    --------
    >>> back_propagation([[1, 2, 3]], p=[[14]], y=[[12]])
    array([[ 4.],
           [ 8.],
           [12.]])
    >>> back_propagation([[1, 2, 3], [4, 5, 6]], p=[[14]], y=[[12]])
    Traceback (most recent call last):
    ...
    ValueError: x has 2 rows but p and y have 1: each example needs its own row
    """
    x, p, y = matrix("x", x), matrix("p", p), matrix("y", y)
    delta = mse_gradient(p, y)
    if len(x) != len(p):
        raise ValueError(
            f"x has {len(x)} rows but p and y have {len(p)}: "
            "each example needs its own row"
        )
    return x.T @ delta


def bias_gradient(p: ArrayLike, y: ArrayLike) -> Array:
    """Gradient of the mean squared error of a layer with respect to its bias.

    Parameters
    ----------
    p : array_like, shape (n, m)
        The predictions.
    y : array_like, shape (n, m)
        The targets.

    Returns
    -------
    ndarray, shape (m,)

    Raises
    ------
    ValueError
        If `p` and `y` are not matrices of equal shape, are empty or are not finite.

    Examples
    --------
    >>> bias_gradient([[14], [3]], [[12], [4]])
    array([1.])
    """
    delta = mse_gradient(matrix("p", p), matrix("y", y))
    return delta.sum(axis=0)


def forward_backward(x: ArrayLike, w: ArrayLike, y: ArrayLike) -> Pass:
    """Run the network once forward and once backward.

    Parameters
    ----------
    x : array_like, shape (n, d)
        The inputs, one example per row.
    w : array_like, shape (d, m)
        The weights.
    y : array_like, shape (n, m)
        The targets.

    Returns
    -------
    Pass
        The predictions, their cost, and the gradient of the cost with respect to `w`.

    Raises
    ------
    ValueError
        If the shapes do not fit, or an argument is empty or not finite.

    Examples
    --------
    >>> p, cost, gradient = forward_backward([[1, 2]], [[3], [4]], [[10]])
    >>> p
    array([[11.]])
    >>> cost
    1.0
    >>> gradient
    array([[2.],
           [4.]])
    """
    p = forward_propagation(x, w)
    return Pass(p, mse(p, y), back_propagation(x, p, y))


def gradient_descent_step(
    parameter: ArrayLike, gradient: ArrayLike, learning_rate: float
) -> Array:
    """Move a parameter a small step against its gradient: downhill.

    Parameters
    ----------
    parameter : array_like
        Weights or a bias.
    gradient : array_like, same shape as `parameter`
        The gradient of the cost with respect to it.
    learning_rate : float
        How far to go, above 0.

    Returns
    -------
    ndarray, same shape as `parameter`

    Raises
    ------
    ValueError
        If the shapes differ, an entry is not finite, or the learning rate is not above 0.

    References
    ----------
    .. [1] Rumelhart, D. E., Hinton, G. E. and Williams, R. J., *Learning representations by
       back-propagating errors* (1986), eq. (8).

    Examples
    --------
    >>> gradient_descent_step([3, 4], [2, 4], learning_rate=0.1)
    array([2.8, 3.6])
    >>> gradient_descent_step([3, 4], [2, 4], learning_rate=-1)
    Traceback (most recent call last):
    ...
    ValueError: learning_rate must be finite and above 0, but is -1
    """
    w, dw = equal_shapes("parameter", parameter, "gradient", gradient)
    return w - positive("learning_rate", learning_rate) * dw


def train(
    x: ArrayLike,
    y: ArrayLike,
    w: ArrayLike,
    b: ArrayLike,
    learning_rate: float,
    steps: int,
) -> Fit:
    """Train the network by gradient descent, on the whole batch at every step.

    Parameters
    ----------
    x : array_like, shape (n, d)
        The inputs, one example per row.
    y : array_like, shape (n, m)
        The targets.
    w : array_like, shape (d, m)
        The weights to begin with.
    b : array_like, shape (m,)
        The bias to begin with.
    learning_rate : float
        How far each step goes, above 0.
    steps : int
        How many steps to take, 0 or more.

    Returns
    -------
    Fit
        The weights, the bias, and the cost before the first step and after each.

    Raises
    ------
    ValueError
        If the shapes do not fit, an argument is empty or not finite, `steps` is negative, the
        learning rate is not above 0, or the cost grows beyond every number because the rate is too
        large.

    Examples
    --------
    >>> fit = train([[0], [1]], [[1], [3]], [[0]], [0], learning_rate=0.5, steps=100)
    >>> fit.weights.round(3), fit.bias.round(3)
    (array([[2.]]), array([1.]))
    >>> fit.costs[[0, 1, -1]].round(6), len(fit.costs)
    (array([5.   , 0.625, 0.   ]), 101)
    """
    if steps < 0:
        raise ValueError(f"steps must be 0 or more, but is {steps}")
    positive("learning_rate", learning_rate)
    x, y = matrix("x", x), finite_array("y", y)
    w, b = finite_array("w", w), finite_array("b", b)
    equal_shapes("p", forward_propagation(x, w, b), "y", y)
    costs = []
    try:
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(steps):
                p = forward_propagation(x, w, b)
                costs.append(mse(p, y))
                dw, db = back_propagation(x, p, y), bias_gradient(p, y)
                w = gradient_descent_step(w, dw, learning_rate)
                b = gradient_descent_step(b, db, learning_rate)
            costs.append(mse(forward_propagation(x, w, b), y))
        finite_array("costs", costs)
    except ValueError:  # what fits is refused only where it overflows
        raise ValueError(
            f"the cost overflows in step {np.isfinite(costs).sum()}: "
            f"a learning rate of {learning_rate} is too large"
        ) from None
    return Fit(w, b, np.array(costs))


def least_squares(x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Weights and bias of the smallest possible mean squared error, computed at once.

    Parameters
    ----------
    x : array_like, shape (n, d)
        The inputs, one example per row.
    y : array_like, shape (n, m)
        The targets.

    Returns
    -------
    tuple of ndarray, shapes (d, m) and (m,)
        The weights and the bias.

    Raises
    ------
    ValueError
        If `x` and `y` differ in their number of rows, or are not matrices, empty or not finite.

    References
    ----------
    .. [1] Bishop, C. M., *Pattern Recognition and Machine Learning* (2006), section 3.1.1.

    Examples
    --------
    >>> weights, bias = least_squares([[0], [1], [2]], [[1], [3], [5]])
    >>> weights.round(6), bias.round(6)
    (array([[2.]]), array([1.]))
    """
    x, y = matrix("x", x), matrix("y", y)
    if len(x) != len(y):
        raise ValueError(
            f"x has {len(x)} rows but y has {len(y)}: "
            "each example needs both"
        )
    # A column of ones turns the bias into one more weight.
    with_ones = np.column_stack([x, np.ones(len(x))])
    solution = np.linalg.lstsq(with_ones, y)[0]
    solution = finite_array("solution", solution)
    return solution[:-1], solution[-1]
