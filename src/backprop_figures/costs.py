"""What a prediction costs, and which way the gradient says that it should go."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch
from numpy.typing import ArrayLike

from backprop_figures.style import BACKWARD, FORWARD, INK, MUTED, PAPER, Description


def draw_pushes(
    p: ArrayLike, y: ArrayLike, gradient: ArrayLike, names: Sequence[str] | None = None
) -> Figure:
    """Draw predictions and targets on a scale, and at each prediction the way downhill.

    An arrow goes against the gradient, and the larger the gradient, the longer the arrow.

    Parameters
    ----------
    p, y, gradient : array_like, shape (n,)
        Predictions, targets, and the derivative of the cost by each prediction.
    names : sequence of str, optional
        What stands at the left of each row.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = draw_pushes([2, 5], [1, 3], [1, 2])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['gradient: 1', 'gradient: 2']
    >>> plt.close(figure)
    """
    p, y, gradient = (np.asarray(given, dtype=float) for given in (p, y, gradient))
    titles = [f"example {i + 1}" for i in range(len(p))] if names is None else names
    span = np.ptp([*p, *y]) or 1.0
    # Short of the target: the arrow says how urgent it is, not how far there is to go.
    scale = 0.32 * span / (np.abs(gradient).max() or 1.0)
    figure, axes = plt.subplots(figsize=(5.4, 0.75 * len(p) + 1.2))
    for row, (prediction, target, slope) in enumerate(zip(p, y, gradient, strict=True)):
        axes.plot([prediction, target], [-row, -row], color=MUTED, lw=1, ls=":", zorder=0)
        (open_circle,) = axes.plot(target, -row, "o", mfc=PAPER, color=INK, ms=9, mew=1.8)
        if slope:
            axes.add_patch(
                FancyArrowPatch(
                    (prediction, -row), (prediction - scale * slope, -row), arrowstyle="-|>",
                    mutation_scale=15, color=BACKWARD, lw=3, shrinkA=0, shrinkB=0, zorder=2,
                )
            )  # fmt: skip
        (filled,) = axes.plot(prediction, -row, "o", color=FORWARD, ms=9, zorder=3)
        axes.text(
            prediction - scale * slope / 2, -row + 0.17, f"gradient: {slope:.3g}", ha="center",
            va="bottom", color=BACKWARD,
        )  # fmt: skip
    axes.set_yticks([-row for row in range(len(p))], titles)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="y", visible=False)
    axes.set_ylim(0.5 - len(p), 0.7)
    axes.legend(
        [open_circle, filled], ["target", "prediction"], ncols=2, loc="lower center",
        bbox_to_anchor=(0.5, 1),
    )  # fmt: skip
    low, high = min(*p, *y), max(*p, *y)
    axes.set_xlim(low - 0.15 * span, high + 0.15 * span)
    rows = "; ".join(
        f"{title}: prediction {a:.3g}, target {b:.3g}, gradient {g:.3g}"
        for title, a, b, g in zip(titles, p, y, gradient, strict=True)
    )
    Description(figure, lambda _: f"{rows}.")
    return figure


def add_cost(figure: Figure, target: float, cost: float) -> Figure:
    """Draw below the output of a network its cost, and below that the target.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        A network with one output, as `draw_network` gives it.
    target : float
        What the output should have been.
    cost : float
        What the cost function makes of it.

    Returns
    -------
    matplotlib.figure.Figure
        The same figure, higher.

    Examples
    --------
    >>> from backprop_figures.network import draw_network
    >>> figure = add_cost(draw_network([[[1, 2]], [[11]]], [[[3], [4]]]), target=10, cost=1)
    >>> [text.get_text() for text in figure.axes[0].texts][-2:]
    ['cost 1', 'target 10']
    >>> plt.close(figure)
    """
    axes: Axes = figure.axes[0]
    output = axes.patches[-1]
    assert isinstance(output, Circle)
    x, y = output.center
    axes.plot([x, x], [y, y - 1.9], color=MUTED, lw=1.4, ls="-", zorder=0)
    for below, text, edge in [(1.0, f"cost {cost:.3g}", INK), (1.9, f"target {target:.3g}", MUTED)]:
        axes.text(
            x, y - below, text, ha="center", va="center", color=INK,
            bbox={"boxstyle": "round,pad=0.4", "facecolor": PAPER, "edgecolor": edge, "lw": 1.8},
        )  # fmt: skip
    bottom, top = axes.get_ylim()
    left, right = axes.get_xlim()
    low = min(bottom, y - 2.3)
    axes.set_ylim(low, top)
    axes.set_xlim(left, right + 0.35)
    width, height = figure.get_size_inches()
    wider, higher = (right + 0.35 - left) / (right - left), (top - low) / (top - bottom)
    figure.set_size_inches(width * wider, height * higher)
    before = next(artist for artist in figure.artists if isinstance(artist, Description))
    Description(
        figure, lambda drawn: f"{before.words(drawn)} Target: {target:.3g}. Cost: {cost:.3g}."
    )
    return figure
