"""Arrays whose last axis is the draws: how far apart they are, and at which draws.

>>> first_draw(relative_difference(np.array([1.0, 2.0]), np.array([1.0, 2.2])) > TOLERANCE)
1
"""

from __future__ import annotations

from typing import Any

import numpy as np

TOLERANCE = 1e-9
LIMIT_TOLERANCE = 1e-6


def relative_difference(a: Any, b: Any) -> Any:
    """Return the largest difference of two arrays at each draw, relative to their size.

    >>> relative_difference(np.array([1.0, 2.0]), np.array([1.0, 2.2])).round(3)
    array([0.   , 0.091])
    """
    draws = a.shape[-1]
    a, b = (np.reshape(x, (-1, draws)) for x in np.broadcast_arrays(a, b))
    with np.errstate(all="ignore"):
        size = np.maximum(np.max(np.abs(a), axis=0), np.max(np.abs(b), axis=0))
        return np.max(np.abs(a - b), axis=0) / np.maximum(size, 1e-3)


def all_entries(truth: Any) -> Any:
    """Return at which draws a truth holds for every entry of an array."""
    truth = np.asarray(truth)
    return truth if truth.ndim <= 1 else truth.reshape(-1, truth.shape[-1]).all(axis=0)


def first_draw(truth: Any) -> int:
    """Return the number of the first draw at which something is true."""
    return int(np.flatnonzero(truth)[0])
