"""The drawings of units, matrices and costs."""

import itertools

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import FancyArrowPatch

from backprop_figures import (
    add_cost,
    draw_network,
    draw_product,
    draw_pushes,
    draw_unit,
)
from backprop_figures.style import FORWARD_TINT, Description

mpl.use("agg")
TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def words(figure):
    (description,) = (each for each in figure.artists if isinstance(each, Description))
    return description.words(figure)


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def lit(figure):
    """The numbers whose cells are lit, in the order they are drawn."""
    axes = figure.axes[0]
    tint = mpl.colors.to_rgba(FORWARD_TINT)
    cells = [patch for patch in axes.patches if patch.get_facecolor() == tint]
    spots = {text.get_position(): text.get_text() for text in axes.texts}
    return [spots[cell.get_x() + 0.5, cell.get_y() + 0.5] for cell in cells]


def test_a_unit_shows_products_and_their_sum_with_the_bias():
    figure = draw_unit([1, 2], [3, -4], b=10)
    assert {"3", "-8", "5", "bias 10", f"{TIMES} 3", f"{TIMES} -4"} <= set(texts(figure))
    assert words(figure) == ("1 times 3 is 3; 2 times -4 is -8. Added up with the bias 10: 5.")


def test_a_unit_without_bias_draws_none():
    assert not [text for text in texts(draw_unit([1], [2])) if "bias" in text]


def test_a_unit_needs_a_weight_for_each_input():
    with pytest.raises(ValueError, match=r"inputs of shape \(2,\) do not fit weights of \(3,\)"):
        draw_unit([1, 2], [1, 2, 3])


def test_a_row_meets_a_column():
    figure = draw_product([[[1, 2], [3, 4]], [[5, 6], [7, 8]]], "XWZ", row=1, column=0)
    assert lit(figure) == ["3", "4", "5", "7", "43"]
    assert words(figure) == (
        "X, 2 by 2: 1, 2; 3, 4, times W, 2 by 2: 5, 6; 7, 8, gives Z, 2 by 2: 19, 22; 43, 50."
    )


def test_a_bias_is_added_to_every_row_and_lit_with_its_column():
    figure = draw_product([[[1], [2]], [[3, 4]]], "XWbZ", bias=[10, 20], column=1)
    assert texts(figure)[-6:-2] == ["13", "24", "16", "28"]
    assert lit(figure) == ["4", "20", "24", "28"]


def test_nothing_is_lit_unless_asked_for():
    assert lit(draw_product([[[1]], [[2]], [[3]]], "abcd")) == []


def test_every_matrix_has_a_name_and_cells_of_one_size():
    with pytest.raises(ValueError, match="3 matrices need as many names, not 2"):
        draw_product([[[1, 2]], [[3], [4]]], ["x", "w"])
    frames = [
        patch
        for patch in draw_product([[[1, 2]], [[3], [4]]], "xwz").axes[0].patches
        if patch.get_facecolor()[3] == 0
    ]
    assert [(f.get_height(), f.get_width()) for f in frames] == [(1, 2), (2, 1), (1, 1)]
    assert all(a.get_x() + a.get_width() < b.get_x() for a, b in itertools.pairwise(frames))


def test_arrows_go_against_the_gradient_and_are_as_long_as_it_says():
    figure = draw_pushes([2, 5, 1], [3, 3, 1], [-1, 2, 0], names=["a", "b", "c"])
    arrows = [p for p in figure.axes[0].patches if isinstance(p, FancyArrowPatch)]
    ends = [np.asarray(arrow._posA_posB)[:, 0] for arrow in arrows]
    moves = [end - start for start, end in ends]
    assert len(moves) == 2, "a gradient of 0 pushes nowhere"
    assert moves[0] > 0
    assert moves[1] == pytest.approx(-2 * moves[0])
    assert words(figure).startswith("a: prediction 2, target 3, gradient -1; b:")
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["a", "b", "c"]


def test_a_cost_stands_between_the_output_and_the_target():
    figure = add_cost(draw_network([[[1, 2]], [[11]]], [[[3], [4]]]), target=10, cost=1)
    heights = {text.get_text(): text.get_position()[1] for text in figure.axes[0].texts}
    assert heights["11"] > heights["cost 1"] > heights["target 10"]
    assert words(figure).endswith("layer 1: 11. Target: 10. Cost: 1.")
    low, high = figure.axes[0].get_ylim()
    assert low < heights["target 10"] < high


def test_what_is_not_computed_yet_is_a_question_mark():
    figure = draw_network([[[1, 2]], [[float("nan")]]], [[[3], [4]]])
    assert "?" in texts(figure)
    assert words(figure).endswith("layer 1: ?.")
