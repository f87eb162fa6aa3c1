"""Activation functions and their derivatives.

=================  =======================  ===============
function           its derivative           its values
=================  =======================  ===============
`identity`         `identity_derivative`    every number
`sigmoid`          `sigmoid_derivative`     from 0 to 1
`tanh`             `tanh_derivative`        from -1 to 1
`relu`             `relu_derivative`        0 and above
=================  =======================  ===============

Each works entry by entry, on a number or on an array of any shape, and returns the same shape.
"""

import numpy as np
from numpy.typing import ArrayLike

from backprop.validation import Array, finite_array


def identity(x: ArrayLike) -> Array:
    """Hand on the weighted input as it is.

    Parameters
    ----------
    x : array_like
        Any finite numbers.

    Returns
    -------
    ndarray, same shape as `x`

    Raises
    ------
    ValueError
        If `x` holds NaN or infinity.

    Examples
    --------
    >>> identity([-2, 0, 2])
    array([-2.,  0.,  2.])
    """
    return finite_array("x", x)


def identity_derivative(x: ArrayLike) -> Array:
    """Slope of the identity: 1 everywhere.

    Parameters
    ----------
    x : array_like
        Any finite numbers.

    Returns
    -------
    ndarray, same shape as `x`

    Raises
    ------
    ValueError
        If `x` holds NaN or infinity.

    Examples
    --------
    >>> identity_derivative([-2, 0, 2])
    array([1., 1., 1.])
    """
    return np.ones_like(finite_array("x", x))


def sigmoid(x: ArrayLike) -> Array:
    """Logistic sigmoid: squeeze any number into the range from 0 to 1.

    The exponential is only ever taken of a number that is not positive, so it never overflows:
    far to the left the result is exactly 0, far to the right exactly 1.

    Parameters
    ----------
    x : array_like
        Any finite numbers.

    Returns
    -------
    ndarray, same shape as `x`
        In [0, 1].

    Raises
    ------
    ValueError
        If `x` holds NaN or infinity.

    References
    ----------
    .. [1] Goodfellow, I., Bengio, Y. and Courville, A., *Deep Learning*, eq. (3.30).

    Examples
    --------
    >>> sigmoid([-1000, 0, 2])
    array([0.        , 0.5       , 0.88079708])
    >>> sigmoid(float("inf"))
    Traceback (most recent call last):
    ...
    ValueError: x must be finite, but holds NaN or infinity
    """
    x = finite_array("x", x)
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))


def sigmoid_derivative(x: ArrayLike) -> Array:
    """Slope of the sigmoid, from the sigmoid itself.

    Parameters
    ----------
    x : array_like
        Any finite numbers.

    Returns
    -------
    ndarray, same shape as `x`
        In [0, 1/4]: largest at 0, nearly 0 where the sigmoid saturates.

    Raises
    ------
    ValueError
        If `x` holds NaN or infinity.

    References
    ----------
    .. [1] Nielsen, M. A., *Neural Networks and Deep Learning*, chapter 3, "The cross-entropy cost
       function".

    Examples
    --------
    >>> sigmoid_derivative([-1000, 0, 2])
    array([0.        , 0.25      , 0.10499359])
    """
    # sigmoid(-x) is 1 - sigmoid(x) without the rounding
    # of the subtraction.
    x = finite_array("x", x)
    return sigmoid(x) * sigmoid(-x)


def tanh(x: ArrayLike) -> Array:
    """Hyperbolic tangent: an S-shaped curve from -1 to 1 through the origin.

    Parameters
    ----------
    x : array_like
        Any finite numbers.

    Returns
    -------
    ndarray, same shape as `x`
        In [-1, 1].

    Raises
    ------
    ValueError
        If `x` holds NaN or infinity.

    References
    ----------
    .. [1] LeCun, Y., Bottou, L., Orr, G. B. and Müller, K.-R., *Efficient BackProp* (1998), section
       4.4.

    Examples
    --------
    >>> tanh([-1000, 0, 1])
    array([-1.        ,  0.        ,  0.76159416])
    """
    return np.tanh(finite_array("x", x))


def tanh_derivative(x: ArrayLike) -> Array:
    """Slope of the hyperbolic tangent.

    Parameters
    ----------
    x : array_like
        Any finite numbers.

    Returns
    -------
    ndarray, same shape as `x`
        In [0, 1]: largest at 0.

    Raises
    ------
    ValueError
        If `x` holds NaN or infinity.

    Examples
    --------
    >>> tanh_derivative([-1000, 0, 1])
    array([0.        , 1.        , 0.41997434])
    """
    return 1 - tanh(x) ** 2


def relu(x: ArrayLike) -> Array:
    """Rectified linear unit: hand on what is positive, replace the rest by 0.

    Parameters
    ----------
    x : array_like
        Any finite numbers.

    Returns
    -------
    ndarray, same shape as `x`
        0 or more.

    Raises
    ------
    ValueError
        If `x` holds NaN or infinity.

    References
    ----------
    .. [1] Glorot, X., Bordes, A. and Bengio, Y., *Deep Sparse Rectifier Neural Networks* (2011).

    Examples
    --------
    >>> relu([-2, 0, 3])
    array([0., 0., 3.])
    """
    return np.maximum(finite_array("x", x), 0)


def relu_derivative(x: ArrayLike) -> Array:
    """Slope of the rectified linear unit: 1 to the right of 0, 0 to the left.

    At 0 itself the curve has a corner and no slope. By agreement this function returns 0 there.

    Parameters
    ----------
    x : array_like
        Any finite numbers: the *weighted inputs*, not the activations.

    Returns
    -------
    ndarray, same shape as `x`
        0 or 1.

    Raises
    ------
    ValueError
        If `x` holds NaN or infinity.

    Examples
    --------
    >>> relu_derivative([-2, 0, 3])
    array([0., 0., 1.])
    """
    return np.where(finite_array("x", x) > 0, 1.0, 0.0)
