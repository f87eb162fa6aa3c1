"""What the functions of this package refuse, said once and in the same words everywhere.

Each helper returns its input as a float64 array, or raises a `ValueError` that names the argument,
what was found, and what was expected.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def finite_array(name: str, value: ArrayLike) -> Array:
    """Read `value` as a float64 array without NaN or infinity.

    Parameters
    ----------
    name : str
        What the message calls the argument.
    value : array_like
        Numbers, of any shape.

    Returns
    -------
    ndarray
        The numbers as float64, in the same shape.

    Raises
    ------
    ValueError
        If an entry is not a number, is NaN or is infinite.

    Examples
    --------
    >>> finite_array("x", [1, 2])
    array([1., 2.])
    >>> finite_array("x", [1, float("nan")])
    Traceback (most recent call last):
    ...
    ValueError: x must be finite, but holds NaN or infinity
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"{name} must be numbers in rows of equal length: {error}"
        ) from None
    # Truth values, whole numbers, decimals.
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} must be numbers in rows of equal length, but holds {array.dtype.name}"
        )
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} must be finite, but holds NaN or infinity"
        )
    return array


def positive(name: str, value: float) -> float:
    """Pass on a number that must be finite and above 0.

    Parameters
    ----------
    name : str
        What the message calls the argument.
    value : float
        The number.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If it is 0 or below, infinite or NaN.

    Examples
    --------
    >>> positive("step", 0.1)
    0.1
    >>> positive("step", 0)
    Traceback (most recent call last):
    ...
    ValueError: step must be finite and above 0, but is 0
    """
    if not 0 < value < np.inf:
        raise ValueError(
            f"{name} must be finite and above 0, but is {value}"
        )
    return value


def matrix(name: str, value: ArrayLike) -> Array:
    """Read `value` as a finite matrix with at least one row and one column.

    Parameters
    ----------
    name : str
        What the message calls the argument.
    value : array_like, shape (n, m)
        The matrix.

    Returns
    -------
    ndarray, shape (n, m)

    Raises
    ------
    ValueError
        If `value` is not two-dimensional, is empty, or is not finite.

    Examples
    --------
    >>> matrix("X", [[1, 2]])
    array([[1., 2.]])
    >>> matrix("X", [1, 2])
    Traceback (most recent call last):
    ...
    ValueError: X must be a matrix (rows, columns), but has shape (2,)
    """
    array = finite_array(name, value)
    if array.ndim != 2:
        raise ValueError(
            f"{name} must be a matrix (rows, columns), but has shape {array.shape}"
        )
    if array.size == 0:
        raise ValueError(f"{name} is empty: its shape is {array.shape}")
    return array


def equal_shapes(
    first_name: str, first: ArrayLike, second_name: str, second: ArrayLike
) -> tuple[Array, Array]:
    """Read two finite arrays of one and the same shape, with at least one entry.

    Shapes that NumPy would broadcast are refused too: (n, 1) minus (n,) has shape (n, n), and a
    mean over it is a wrong number without any warning.

    Parameters
    ----------
    first_name, second_name : str
        What the message calls the arguments.
    first, second : array_like
        The arrays.

    Returns
    -------
    tuple of ndarray
        Both, as float64.

    Raises
    ------
    ValueError
        If the shapes differ, or the arrays are empty or not finite.

    Examples
    --------
    >>> equal_shapes("p", [1, 2], "y", [3, 4])
    (array([1., 2.]), array([3., 4.]))
    >>> equal_shapes("p", [[1], [2]], "y", [3, 4])
    Traceback (most recent call last):
    ...
    ValueError: p has shape (2, 1) but y has shape (2,): they must be equal
    """
    a = finite_array(first_name, first)
    b = finite_array(second_name, second)
    if a.shape != b.shape:
        raise ValueError(
            f"{first_name} has shape {a.shape} but {second_name} has shape {b.shape}: "
            "they must be equal"
        )
    if a.size == 0:
        raise ValueError(
            f"{first_name} and {second_name} are empty: there is nothing to compare"
        )
    return a, b


def probabilities_and_labels(
    p: ArrayLike, y: ArrayLike
) -> tuple[Array, Array]:
    """Read predicted probabilities and the labels that they are compared with.

    Parameters
    ----------
    p : array_like
        Probabilities, in [0, 1].
    y : array_like, same shape as `p`
        Labels, each 0 or 1.

    Returns
    -------
    tuple of ndarray
        `p` and `y`, as float64.

    Raises
    ------
    ValueError
        If the shapes differ, a probability lies outside [0, 1], or a label is not 0 or 1.

    Examples
    --------
    >>> probabilities_and_labels([0.9], [1])
    (array([0.9]), array([1.]))
    >>> probabilities_and_labels([1.5], [1])
    Traceback (most recent call last):
    ...
    ValueError: p must be probabilities in [0, 1], but holds 1.5
    """
    p_array, y_array = equal_shapes("p", p, "y", y)
    outside = p_array[(p_array < 0) | (p_array > 1)]
    if outside.size:
        raise ValueError(
            f"p must be probabilities in [0, 1], but holds {outside[0]}"
        )
    unknown = y_array[(y_array != 0) & (y_array != 1)]
    if unknown.size:
        raise ValueError(
            f"y must be labels, each 0 or 1, but holds {unknown[0]}"
        )
    return p_array, y_array
