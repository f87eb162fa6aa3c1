"""Derivatives of array functions, by automatic differentiation and by differences.

All arrays carry the random draws along their last axis; what happens at one draw depends on that
draw alone, so that one backward pass serves them all.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

Array = Any
Function = Callable[[Array], Array]


@lru_cache(maxsize=1)
def tracing_numpy() -> Any:
    """Return autograd's NumPy; imported here, since most pages need no derivative at first."""
    import autograd.numpy as traced  # type: ignore[import-untyped]

    return traced


def is_traced(value: Array) -> bool:
    """Whether a value is being followed by automatic differentiation."""
    return hasattr(value, "_value") and hasattr(value, "_node")


def plain_value(value: Array) -> Array:
    """Return the number behind a value that is being followed."""
    while is_traced(value):
        value = value._value
    return value


def jacobian(function: Function, at: Array, rank: int) -> Array:
    """Return all derivatives of a function of one array.

    Parameters
    ----------
    function : callable
        Takes an array like `at`; its value has `rank` axes before the axis of the draws.
    at : ndarray
        The point, the draws along the last axis.
    rank : int
        0 for a function with one number as its value.

    Returns
    -------
    ndarray
        The axes of the value, then those of `at`.

    Examples
    --------
    >>> jacobian(lambda x: x**3, np.array([1.0, 2.0]), 0)
    array([ 3., 12.])
    """
    from autograd.core import make_vjp, vspace  # type: ignore[import-untyped]

    traced = tracing_numpy()
    pull_back, value = make_vjp(lambda x: function(x) + 0.0 * traced.sum(x), at)
    if rank == 0:
        return pull_back(vspace(value).ones())
    shape = np.shape(plain_value(value))[:rank]
    rows = []
    for index in np.ndindex(*shape):
        seed = np.zeros(np.shape(plain_value(value)))
        seed[index] = 1.0
        rows.append(pull_back(seed))
    stacked = traced.stack(rows)
    return traced.reshape(stacked, shape + np.shape(plain_value(rows[0])))


def directional(function: Function, at: Array, direction: Array, step: float = 1e-5) -> Array:
    """Return the derivative along a direction, by a central difference.

    Examples
    --------
    >>> directional(lambda x: x**2, np.array([3.0]), np.array([1.0])).round(6)
    array([6.])
    """
    ahead, behind = function(at + step * direction), function(at - step * direction)
    return (ahead - behind) / (2 * step)


# Central differences of order 8: for code that automatic differentiation cannot follow.
_WEIGHTS = ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))


def from_code(function: Function) -> Function:
    """Return an elementwise function that can be followed, its derivative by differences.

    Examples
    --------
    >>> square = from_code(lambda x: x * x)
    >>> jacobian(square, np.array([3.0]), 0).round(8)
    array([6.])
    """
    from autograd.extend import defvjp, primitive  # type: ignore[import-untyped]

    @primitive  # type: ignore[untyped-decorator]
    def value(x: Array) -> Array:
        return function(x)

    def slope(x: Array, step: float = 1e-2) -> Array:
        pairs = ((w, function(x + k * step), function(x - k * step)) for k, w in _WEIGHTS)
        return sum(w * (ahead - behind) for w, ahead, behind in pairs) / step

    defvjp(value, lambda ans, x: lambda g: g * from_code(slope)(x))
    followed: Function = value
    return followed
