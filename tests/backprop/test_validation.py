"""What is refused, and in which words."""

import numpy as np
import pytest
from backprop_testing import (
    INF,
    NAN,
    NEVER_AN_ARRAY,
    NOT_FINITE,
    arrays,
    exactly,
    frozen,
    message_of,
    numbers,
)
from hypothesis import given

from backprop.validation import equal_shapes, finite_array, matrix, probabilities_and_labels


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (3, ()),
        ([], (0,)),
        ([1, 2], (2,)),
        ([[1, 2]], (1, 2)),
        (((1,), (2,)), (2, 1)),
        (np.ones((2, 0, 3)), (2, 0, 3)),
        (np.ones((2, 1, 3), dtype=np.float32), (2, 1, 3)),
        ([True, False], (2,)),
    ],
)
def test_finite_array_keeps_the_shape_and_makes_float64(value, shape):
    array = finite_array("x", value)
    assert array.shape == shape
    assert array.dtype == np.float64
    np.testing.assert_array_equal(array, value)


def test_finite_array_takes_the_largest_numbers():
    exactly(finite_array("x", [1.7e308, -1.7e308, 5e-324]), [1.7e308, -1.7e308, 5e-324])


@given(arrays(numbers(1e300)))
def test_finite_array_hands_on_every_finite_array(x):
    exactly(finite_array("x", x), x)


@pytest.mark.parametrize("name", ["x", "weights"])
@pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
def test_finite_array_refuses(name, value, message):
    assert message_of(finite_array, name, value) == f"{name} {message}"


@pytest.mark.parametrize("value", [NAN, INF, -INF, [1, NAN], [[NAN]], [0, INF]])
def test_finite_array_refuses_what_is_not_finite(value):
    assert message_of(finite_array, "x", value) == "x must be finite, but holds NaN or infinity"


@pytest.mark.parametrize(
    "value", ["1", ["1", "2"], b"1", np.array(["1.5"]), np.array(["1.5"], dtype=object)]
)
def test_finite_array_refuses_numerals_in_quotes(value):
    assert message_of(finite_array, "x", value).startswith("x must be numbers")


@pytest.mark.parametrize("value", [1j, [1, 2 + 3j], np.array([1.0 + 2j])])
def test_finite_array_refuses_complex_numbers(value):
    assert message_of(finite_array, "x", value).startswith("x must be numbers")


@pytest.mark.parametrize("value", [10**400, [1, -(10**400)]], ids=["number", "list"])
def test_finite_array_refuses_integers_beyond_float64(value):
    assert message_of(finite_array, "x", value).startswith("x must be ")


def test_matrix_makes_float64():
    exactly(matrix("X", [[1, 2], [3, 4], [5, 6]]), [[1, 2], [3, 4], [5, 6]])


def test_matrix_takes_a_single_entry():
    exactly(matrix("X", [[7]]), [[7]])


@pytest.mark.parametrize(
    ("value", "shape"),
    [(1, "()"), ([1, 2], "(2,)"), ([], "(0,)"), ([[[1]]], "(1, 1, 1)")],
)
def test_matrix_refuses_what_has_not_two_axes(value, shape):
    expected = f"X must be a matrix (rows, columns), but has shape {shape}"
    assert message_of(matrix, "X", value) == expected


@pytest.mark.parametrize("shape", [(0, 0), (0, 2), (2, 0)])
def test_matrix_refuses_what_is_empty(shape):
    assert message_of(matrix, "X", np.empty(shape)) == f"X is empty: its shape is {shape}"


@pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
def test_matrix_refuses(value, message):
    assert message_of(matrix, "X", value) == f"X {message}"


@pytest.mark.parametrize(
    ("first", "second"),
    [(1, 2), ([1], [2]), ([1, 2], [3, 4]), ([[1], [2]], [[3], [4]]), ([[[1]]], [[[2]]])],
)
def test_equal_shapes_hands_on_both_in_order(first, second):
    a, b = equal_shapes("a", first, "b", second)
    exactly(a, first)
    exactly(b, second)


@pytest.mark.parametrize(
    ("first", "second", "shapes"),
    [
        ([1, 2], [1], ("(2,)", "(1,)")),
        ([1, 2], 1, ("(2,)", "()")),
        ([[1], [2]], [1, 2], ("(2, 1)", "(2,)")),
        ([1, 2], [[1], [2]], ("(2,)", "(2, 1)")),
        ([[1, 2]], [[1], [2]], ("(1, 2)", "(2, 1)")),
        ([], [[]], ("(0,)", "(1, 0)")),
    ],
)
def test_equal_shapes_refuses_shapes_that_differ(first, second, shapes):
    expected = f"left has shape {shapes[0]} but right has shape {shapes[1]}: they must be equal"
    assert message_of(equal_shapes, "left", first, "right", second) == expected


@pytest.mark.parametrize("empty", [[], [[]], np.empty((0, 3))])
def test_equal_shapes_refuses_what_is_empty(empty):
    expected = "left and right are empty: there is nothing to compare"
    assert message_of(equal_shapes, "left", empty, "right", empty) == expected


@pytest.mark.parametrize(("value", "message"), NEVER_AN_ARRAY)
def test_equal_shapes_names_the_argument_that_it_refuses(value, message):
    assert message_of(equal_shapes, "left", value, "right", [1, 2]) == f"left {message}"
    assert message_of(equal_shapes, "left", [1, 2], "right", value) == f"right {message}"


@pytest.mark.parametrize("p", [0, 1, 0.5, -0.0, 5e-324, 1 - 2**-53])
@pytest.mark.parametrize("y", [0, 1, True, False])
def test_probabilities_and_labels_hands_on_both(p, y):
    probabilities, labels = probabilities_and_labels([p, 0.5], [y, 1])
    exactly(probabilities, [p, 0.5])
    exactly(labels, [y, 1])


@pytest.mark.parametrize(
    ("p", "found"),
    [
        ([1.5, 0.5], "1.5"),
        ([0.5, -0.25], "-0.25"),
        ([0.5, 2, -3], "2.0"),
        ([-3, 2, 0.5], "-3.0"),
        ([1 + 2**-52], "1.0000000000000002"),
        ([-5e-324], "-5e-324"),
        (2, "2.0"),
    ],
)
def test_probabilities_and_labels_names_the_first_p_outside(p, found):
    expected = f"p must be probabilities in [0, 1], but holds {found}"
    assert message_of(probabilities_and_labels, p, np.ones(np.shape(p))) == expected


@pytest.mark.parametrize(
    ("y", "found"),
    [
        ([1, 2], "2.0"),
        ([-1, 1], "-1.0"),
        ([0, 0.5, 3], "0.5"),
        ([3, 0.5, 0], "3.0"),
        ([5e-324], "5e-324"),
        (2, "2.0"),
    ],
)
def test_probabilities_and_labels_names_the_first_unknown_label(y, found):
    expected = f"y must be labels, each 0 or 1, but holds {found}"
    assert message_of(probabilities_and_labels, np.full(np.shape(y), 0.5), y) == expected


def test_probabilities_and_labels_looks_at_the_shapes_first():
    expected = "p has shape (2, 1) but y has shape (2,): they must be equal"
    assert message_of(probabilities_and_labels, [[2], [3]], [4, 5]) == expected


def test_probabilities_and_labels_refuses_what_is_empty():
    expected = "p and y are empty: there is nothing to compare"
    assert message_of(probabilities_and_labels, [], []) == expected


@pytest.mark.parametrize("bad", [NAN, INF])
def test_probabilities_and_labels_refuses_what_is_not_finite(bad):
    assert message_of(probabilities_and_labels, [bad], [1]) == f"p {NOT_FINITE}"
    assert message_of(probabilities_and_labels, [0.5], [bad]) == f"y {NOT_FINITE}"


def test_nothing_is_written_into_the_arguments():
    p, y = frozen([[0.5], [1.0]]), frozen([[1.0], [0.0]])
    finite_array("p", p)
    matrix("p", p)
    equal_shapes("p", p, "y", y)
    probabilities_and_labels(p, y)
    exactly(p, [[0.5], [1.0]])
    exactly(y, [[1.0], [0.0]])
