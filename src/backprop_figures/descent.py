"""A cost as a valley, and the steps of gradient descent on it; a line fit and its errors."""

from collections.abc import Callable
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from backprop_figures.style import BACKWARD, FORWARD, INK, Description


def draw_valley(
    cost: Callable[[float], float], steps: ArrayLike, span: tuple[float, float]
) -> Figure:
    """Draw a cost over one weight, and the places where the steps of gradient descent set foot.

    Parameters
    ----------
    cost : callable
        The cost for a value of the weight.
    steps : array_like, shape (steps + 1,)
        The weight before the first step and after each.
    span : tuple of float
        The weights between which the valley is drawn.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = draw_valley(lambda w: w**2, [2, 1, 0.5], (-2, 2))
    >>> figure.axes[0].lines[1].get_ydata().tolist()
    [4.0, 1.0, 0.25]
    >>> plt.close(figure)
    """
    figure, axes = plt.subplots()
    weights = np.linspace(*span, 201)
    axes.plot(weights, [cost(w) for w in weights], label="cost")
    feet = np.asarray(steps, dtype=float)
    heights = np.array([cost(w) for w in feet])
    axes.plot(feet, heights, "o", color=BACKWARD, markersize=6, label="steps")
    _arrows(axes, feet, heights)
    axes.set(xlabel="weight w", ylabel="cost")
    valley = f"Cost {cost(span[0]):.3g} at weight {span[0]:.3g} and {cost(span[1]):.3g} at "
    valley += f"{span[1]:.3g}. "
    places = ", ".join(f"{w:.3g} with cost {c:.3g}" for w, c in zip(feet, heights, strict=True))
    Description(figure, lambda _: f"{valley}The steps: weight {places}.")
    return figure


def draw_map(
    cost: Callable[[float, float], float],
    steps: ArrayLike,
    spans: tuple[tuple[float, float], tuple[float, float]],
) -> Figure:
    """Draw a cost over two weights as a map with contour lines, and the steps on it.

    A cross marks the lowest place.

    Parameters
    ----------
    cost : callable
        The cost for the values of both weights.
    steps : array_like, shape (steps + 1, 2)
        The weights before the first step and after each.
    spans : pair of tuple of float
        For each weight, the values between which the map is drawn.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = draw_map(lambda v, w: v**2 + w**2, [[1, 1], [0.5, 0.5]], ((-1, 1), (-1, 1)))
    >>> figure.axes[0].lines[0].get_xdata().tolist()
    [1.0, 0.5]
    >>> plt.close(figure)
    """
    figure, axes = plt.subplots(figsize=(4.8, 4))
    across, up = (np.linspace(*span, 81) for span in spans)
    heights = np.array([[cost(v, w) for v in across] for w in up])
    feet = np.asarray(steps, dtype=float)
    first, last = (cost(*foot) for foot in (feet[0], feet[-1]))
    lowest = heights.min()
    # Equal steps of cost, so that lines close together mean a steep side.
    levels = np.linspace(lowest, max(first, heights.max()), 14)[1:]
    axes.grid(False)
    axes.contour(across, up, heights, levels=levels, colors=FORWARD, linewidths=1.1)
    axes.plot(*feet.T, "o", color=BACKWARD, markersize=5)
    _arrows(axes, *feet.T)
    row, column = np.unravel_index(heights.argmin(), heights.shape)
    axes.plot(across[column], up[row], "+", color=INK, markersize=11, markeredgewidth=1.8)
    axes.set(xlabel="weight w₁", ylabel="weight w₂")
    words = (
        f"From ({feet[0][0]:.3g}, {feet[0][1]:.3g}), cost {first:.3g}, in {len(feet) - 1} steps to "
        f"({feet[-1][0]:.3g}, {feet[-1][1]:.3g}), cost {last:.3g}."
    )
    Description(figure, lambda _: words)
    return figure


def draw_squares(
    x: ArrayLike, y: ArrayLike, weight: float, bias: float, labels: tuple[str, str]
) -> Figure:
    """Draw points, a line through them, and the square of each point's error.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        The inputs and the targets.
    weight, bias : float
        The line.
    labels : pair of str
        What stands at the axes.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = draw_squares([0, 1], [1, 3], 1, 1, ("x", "y"))
    >>> [float(patch.get_height()) for patch in figure.axes[0].patches]
    [0.0, 1.0]
    >>> plt.close(figure)
    """
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    errors = y - (weight * x + bias)
    figure, axes = plt.subplots(figsize=(4.6, 4.4))
    for place, target, error in zip(x, y, errors, strict=True):
        # Away from the line, so that no square lies on it.
        side = abs(error)
        left = place - side if error * weight > 0 else place
        axes.add_patch(
            Rectangle((left, min(target, target - error)), side, side,
                      facecolor=BACKWARD, alpha=0.22, edgecolor=BACKWARD, lw=1)
        )  # fmt: skip
    axes.plot(x, y, "o", color=INK, markersize=4)
    ends = np.array([x.min() - 0.2, x.max() + 0.2])
    axes.plot(ends, weight * ends + bias, color=FORWARD)
    axes.set(xlabel=labels[0], ylabel=labels[1])
    axes.set_aspect("equal")
    words = (
        f"{len(x)} points, the line {weight:.2f} times x {bias:+.2f}. The largest square has side "
        f"{np.abs(errors).max():.2f}, the mean of the squares is {np.mean(errors**2):.2f}."
    )
    Description(figure, lambda _: words)
    return figure


def _arrows(axes: Axes, xs: ArrayLike, ys: ArrayLike) -> None:
    """Draw an arrow from each place to the next."""
    places = np.column_stack([xs, ys])
    for start, end in pairwise(places):
        axes.annotate(
            "", end, start,
            arrowprops={"arrowstyle": "->", "color": BACKWARD, "lw": 1.3, "shrinkA": 2,
                        "shrinkB": 3},
        )  # fmt: skip
