"""What the tests of the taught package share."""

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

NAN, INF = float("nan"), float("inf")

NOT_NUMBERS = "must be numbers in rows of equal length: "
HOLDS = "must be numbers in rows of equal length, but holds "
RAGGED = (
    NOT_NUMBERS + "setting an array element with a sequence. The requested array has an "
    "inhomogeneous shape after 1 dimensions. The detected shape was (2,) + inhomogeneous part."
)
NOT_FINITE = "must be finite, but holds NaN or infinity"

# What no function takes in place of an array, and what it says after the argument's name.
NEVER_AN_ARRAY = [
    pytest.param([[1.0, NAN]], NOT_FINITE, id="nan"),
    pytest.param([[INF, 1.0]], NOT_FINITE, id="infinity"),
    pytest.param([[1.0, -INF]], NOT_FINITE, id="minus-infinity"),
    pytest.param(["a", "b"], HOLDS + "str32", id="string"),
    pytest.param([[1.0, 2.0], [3.0]], RAGGED, id="ragged"),
    pytest.param(
        {},
        HOLDS + "object",
        id="no-sequence",
    ),
]


def message_of(function, *args, **kwargs):
    """Message of the ValueError that `function` raises for these arguments, shown alone."""
    with pytest.raises(ValueError) as caught:
        function(*args, **kwargs)
    assert type(caught.value) is ValueError
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return str(caught.value)


def exactly(actual, expected):
    """Demand the same float64 numbers in the same shape, to the last bit."""
    np.testing.assert_array_equal(actual, np.asarray(expected, dtype=np.float64), strict=True)


def close(actual, expected, rtol=1e-9, atol=1e-12):
    """Demand the same shape and type, and nearly the same numbers."""
    expected = np.asarray(expected, dtype=np.float64)
    np.testing.assert_allclose(actual, expected, rtol=rtol, atol=atol, strict=True)


def frozen(values):
    """Return the values as an array that raises an error when it is written to."""
    array = np.array(values, dtype=np.float64)
    array.flags.writeable = False
    return array


def numbers(limit):
    """Numbers from -limit to limit."""
    return st.floats(-limit, limit, allow_subnormal=False)


def arrays(elements, dims=(0, 3)):
    """Arrays of any shape with at least one entry."""
    shapes = hnp.array_shapes(min_dims=dims[0], max_dims=dims[1], max_side=4)
    return hnp.arrays(np.float64, shapes, elements=elements)


@st.composite
def pairs(draw, first, second, dims=(0, 3)):
    """Two arrays of one shape, with entries of their own."""
    shape = draw(hnp.array_shapes(min_dims=dims[0], max_dims=dims[1], max_side=4))
    return tuple(draw(hnp.arrays(np.float64, shape, elements=each)) for each in (first, second))


def generators():
    """Random generators, one for each of many seeds."""
    return st.integers(0, 2**32 - 1).map(np.random.default_rng)
