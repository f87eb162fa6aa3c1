"""A product of matrices, drawn to scale: a row of the first meets a column of the second."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from backprop_figures.style import FAINT, FORWARD, FORWARD_TINT, INK, MUTED, PAPER, Description

SPACE = 0.7
"""Between two matrices, in cells."""


def draw_product(
    factors: Sequence[ArrayLike],
    names: Sequence[str],
    bias: ArrayLike | None = None,
    row: int | None = None,
    column: int | None = None,
) -> Figure:
    """Draw a product of matrices with its result, every cell of the same size.

    Parameters
    ----------
    factors : sequence of array_like
        The matrices, from left to right.
    names : sequence of str
        What stands above each, above the bias where there is one, and above the result.
    bias : array_like, shape (columns,), optional
        Added to every row of the product.
    row, column : int, optional
        The row of the first factor and the column of the last one to be lit, from 0, and with them
        what they give in the result.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is not one name for each matrix.

    Examples
    --------
    >>> figure = draw_product([[[1, 2]], [[3], [4]]], ["x", "w", "z"], row=0, column=0)
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['1', '2', 'x', '(1, 2)', '·', '3', '4', 'w', '(2, 1)', '=', '11', 'z', '(1, 1)']
    >>> plt.close(figure)
    """
    matrices = [np.asarray(factor, dtype=float) for factor in factors]
    result = np.linalg.multi_dot(matrices)
    signs = ["·"] * (len(matrices) - 1)
    lit = [(row, None), *[(None, None)] * (len(matrices) - 2), (None, column)]
    if bias is not None:
        offset = np.atleast_2d(np.asarray(bias, dtype=float))
        matrices, result = [*matrices, offset], result + offset
        signs, lit = [*signs, "+"], [*lit, (None, column)]
    matrices, signs, lit = [*matrices, result], [*signs, "="], [*lit, (row, column)]
    if len(names) != len(matrices):
        raise ValueError(f"{len(matrices)} matrices need as many names, not {len(names)}")

    across = sum(matrix.shape[1] for matrix in matrices) + SPACE * len(signs)
    down = max(len(matrix) for matrix in matrices)
    cell = min(0.5, 5.2 / (across + 0.6))
    figure, axes = plt.subplots(figsize=(cell * (across + 0.6) + 0.1, cell * down + 0.85))
    axes.set_axis_off()
    axes.set_aspect("equal")
    left = 0.0
    for number, (matrix, name) in enumerate(zip(matrices, names, strict=True)):
        _draw_matrix(axes, left, matrix, lit[number])
        middle, half = left + matrix.shape[1] / 2, len(matrix) / 2
        axes.text(middle, half + 0.2, name, ha="center", va="bottom", color=INK)
        shape = f"({matrix.shape[0]}, {matrix.shape[1]})"
        axes.text(middle, -half - 0.2, shape, ha="center", va="top", color=MUTED, fontsize=11)
        left += matrix.shape[1] + SPACE
        if number < len(signs):
            axes.text(left - SPACE / 2, 0, signs[number], ha="center", va="center", color=INK)
    # A shape is wider than a matrix of one column.
    axes.set_xlim(-0.5, across + 0.5)
    axes.set_ylim(-down / 2 - 0.9, down / 2 + 0.9)
    Description(figure, lambda _: _in_words(names, matrices, signs))
    return figure


def _draw_matrix(
    axes: Axes, left: float, matrix: NDArray[np.float64], lit: tuple[int | None, int | None]
) -> None:
    """Draw the cells of a matrix around height 0; lit are a row, a column, or where both meet."""
    rows, columns = matrix.shape
    for i in range(rows):
        for j in range(columns):
            inside = lit != (None, None) and lit[0] in (None, i) and lit[1] in (None, j)
            axes.add_patch(
                Rectangle(
                    (left + j, rows / 2 - i - 1), 1, 1, facecolor=FORWARD_TINT if inside else PAPER,
                    edgecolor=FORWARD if inside else FAINT, lw=1.8 if inside else 1,
                    zorder=1.5 if inside else 1,
                )
            )  # fmt: skip
            axes.text(
                left + j + 0.5, rows / 2 - i - 0.5, f"{matrix[i, j]:.3g}",
                ha="center", va="center", color=INK, fontsize=11,
            )  # fmt: skip
    axes.add_patch(
        Rectangle((left, -rows / 2), columns, rows, facecolor="none", edgecolor=MUTED, lw=1.4)
    )


def _in_words(
    names: Sequence[str], matrices: Sequence[NDArray[np.float64]], signs: Sequence[str]
) -> str:
    """Say each matrix with its shape and its numbers, row by row."""
    links = {"·": "times", "+": "plus, in every row,", "=": "gives"}
    words = []
    for name, matrix, sign in zip(names, matrices, [None, *signs], strict=True):
        numbers = "; ".join(", ".join(f"{value:.3g}" for value in line) for line in matrix)
        said = f"{name}, {matrix.shape[0]} by {matrix.shape[1]}: {numbers}"
        words.append(said if sign is None else f"{links[sign]} {said}")
    return ", ".join(words) + "."
