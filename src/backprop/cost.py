"""Cost functions and their gradients.

==================== =============================== =========================================
cost                 its gradient                    for
==================== =============================== =========================================
`mse`                `mse_gradient`                  regression: targets are any numbers
`half_squared_error` `half_squared_error_gradient`   the same, with the 1/2 of many books
`cross_entropy`      `cross_entropy_gradient`        classification: targets are labels 0 or 1
==================== =============================== =========================================

Each cost takes the predictions `p` first and the targets `y` second, of one and the same shape, and
is one number. Each gradient is taken with respect to `p` and has the shape of `p`.
"""

import numpy as np
from numpy.typing import ArrayLike

from backprop.validation import (
    Array,
    equal_shapes,
    probabilities_and_labels,
)


def mse(p: ArrayLike, y: ArrayLike) -> float:
    """Mean squared error: the squared distances between predictions and targets, averaged.

    Parameters
    ----------
    p : array_like
        Predictions.
    y : array_like, same shape as `p`
        Targets.

    Returns
    -------
    float
        0 or more; 0 only where every prediction is exact. In the square of the targets' unit.

    Raises
    ------
    ValueError
        If the shapes differ (even where NumPy would broadcast them), or the arrays are empty or
        hold NaN or infinity.

    References
    ----------
    .. [1] Goodfellow, I., Bengio, Y. and Courville, A., *Deep Learning*, section 5.1.4.

    Examples
    --------
    >>> mse([2, 5], [1, 3])
    2.5
    >>> mse([[2], [5]], [1, 3])
    Traceback (most recent call last):
    ...
    ValueError: p has shape (2, 1) but y has shape (2,): they must be equal
    """
    p, y = equal_shapes("p", p, "y", y)
    return float(np.mean((p - y) ** 2))


def mse_gradient(p: ArrayLike, y: ArrayLike) -> Array:
    """Gradient of `mse` with respect to the predictions.

    Parameters
    ----------
    p : array_like
        Predictions.
    y : array_like, same shape as `p`
        Targets.

    Returns
    -------
    ndarray, same shape as `p`

    Raises
    ------
    ValueError
        As `mse`.

    Examples
    --------
    >>> mse_gradient([2, 5], [1, 3])
    array([1., 2.])
    """
    p, y = equal_shapes("p", p, "y", y)
    return 2 * (p - y) / y.size


def half_squared_error(p: ArrayLike, y: ArrayLike) -> float:
    """Half the sum of the squared errors.

    The 1/2 is there to cancel the 2 of the derivative, and nothing is averaged: for n targets this
    is n/2 times `mse`.

    Parameters
    ----------
    p : array_like
        Predictions.
    y : array_like, same shape as `p`
        Targets.

    Returns
    -------
    float
        0 or more.

    Raises
    ------
    ValueError
        As `mse`.

    References
    ----------
    .. [1] Rumelhart, D. E., Hinton, G. E. and Williams, R. J., *Learning representations by
       back-propagating errors* (1986), eq. (3).

    Examples
    --------
    >>> half_squared_error([2, 5], [1, 3])
    2.5
    >>> half_squared_error([2], [1])
    0.5
    """
    p, y = equal_shapes("p", p, "y", y)
    return float(np.sum((p - y) ** 2) / 2)


def half_squared_error_gradient(p: ArrayLike, y: ArrayLike) -> Array:
    """Gradient of `half_squared_error` with respect to the predictions.

    Parameters
    ----------
    p : array_like
        Predictions.
    y : array_like, same shape as `p`
        Targets.

    Returns
    -------
    ndarray, same shape as `p`

    Raises
    ------
    ValueError
        As `mse`.

    Examples
    --------
    >>> half_squared_error_gradient([2, 5], [1, 3])
    array([1., 2.])
    >>> half_squared_error_gradient([2], [1])
    array([1.])
    """
    p, y = equal_shapes("p", p, "y", y)
    return p - y


def cross_entropy(p: ArrayLike, y: ArrayLike) -> float:
    """Cross-entropy of predicted probabilities and labels, averaged over the examples.

    Only the probability that was given to the true label counts: `p` where the label is 1, `1 - p`
    where it is 0. So a certain and right prediction (p = y) costs exactly 0, and a certain and
    wrong one costs infinity.

    Parameters
    ----------
    p : array_like
        Predicted probabilities of the label 1, in [0, 1].
    y : array_like, same shape as `p`
        Labels, each 0 or 1.

    Returns
    -------
    float
        0 or more, in nats; infinite if a certain prediction is wrong.

    Raises
    ------
    ValueError
        If the shapes differ, the arrays are empty or not finite, a probability lies outside [0, 1],
        or a label is not 0 or 1.

    References
    ----------
    .. [1] Bishop, C. M., *Pattern Recognition and Machine Learning* (2006), eq. (4.90), divided by
       the number of examples.

    Examples
    --------
    >>> cross_entropy([0.9, 0.2], [1, 0])
    0.164252033486018
    >>> cross_entropy([1, 0], [1, 0])
    0.0
    >>> cross_entropy([0], [1])
    inf
    >>> cross_entropy([0.9], [2])
    Traceback (most recent call last):
    ...
    ValueError: y must be labels, each 0 or 1, but holds 2.0
    """
    p, y = probabilities_and_labels(p, y)
    # The logarithm of 0 is meant to be minus infinity.
    with np.errstate(divide="ignore"):
        log_of_true_label = np.where(y == 1, np.log(p), np.log1p(-p))
    return float(0.0 - np.mean(log_of_true_label))


def cross_entropy_gradient(p: ArrayLike, y: ArrayLike) -> Array:
    """Gradient of `cross_entropy` with respect to the predicted probabilities.

    Parameters
    ----------
    p : array_like
        Predicted probabilities of the label 1, in [0, 1].
    y : array_like, same shape as `p`
        Labels, each 0 or 1.

    Returns
    -------
    ndarray, same shape as `p`
        Minus infinity where p = 0 and y = 1, infinity where p = 1 and y = 0.

    Raises
    ------
    ValueError
        As `cross_entropy`.

    Examples
    --------
    >>> cross_entropy_gradient([0.8, 0.5], [1, 0])
    array([-0.625,  1.   ])
    """
    p, y = probabilities_and_labels(p, y)
    # A quotient beyond every number is infinite.
    with np.errstate(divide="ignore", over="ignore"):
        return np.where(y == 1, -1 / p, 1 / (1 - p)) / y.size
