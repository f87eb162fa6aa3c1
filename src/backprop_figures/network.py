"""A network, layer by layer, with the numbers that it computed."""

import itertools
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from backprop_figures.style import FORWARD, MUTED


def draw_network(
    activations: Sequence[ArrayLike],
    weights: Sequence[ArrayLike],
    names: Sequence[str] | None = None,
) -> Figure:
    """Draw a network with the numbers of one pass.

    Each circle is a unit with its activation inside; each line is a weight, with its value beside
    it, thicker the larger it is, dashed where it is negative.

    Parameters
    ----------
    activations : sequence of array_like, shape (1, units)
        The numbers of each layer for one example, the inputs first.
    weights : sequence of array_like
        One matrix a layer, of shape (units before, units).
    names : sequence of str, optional
        What stands above each layer.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the layers and the weights do not fit together.

    Examples
    --------
    >>> figure = draw_network([[[1, 2]], [[11]]], [[[3], [4]]])
    >>> sorted(text.get_text() for text in figure.axes[0].texts)
    ['1', '11', '2', '3', '4']
    >>> plt.close(figure)
    """
    layers = [np.atleast_1d(np.asarray(a, dtype=float).squeeze()) for a in activations]
    matrices = [np.asarray(W, dtype=float) for W in weights]
    sizes = [len(layer) for layer in layers]
    if [W.shape for W in matrices] != list(itertools.pairwise(sizes)):
        raise ValueError(
            f"layers of {sizes} units do not fit weights of shapes {[W.shape for W in matrices]}"
        )

    figure, axes = plt.subplots(figsize=(1.9 * len(layers) + 0.4, 1.1 * max(sizes) + 1.0))
    axes.set_axis_off()
    axes.set_aspect("equal")
    gap, height = 2.0, 1.3
    places = [
        [(gap * column, height * ((size - 1) / 2 - row)) for row in range(size)]
        for column, size in enumerate(sizes)
    ]
    for before, after, W in zip(places, places[1:], matrices, strict=False):
        _draw_weights(axes, before, after, W)
    for column, (place, layer) in enumerate(zip(places, layers, strict=True)):
        for (x, y), value in zip(place, layer, strict=True):
            axes.add_patch(Circle((x, y), 0.36, facecolor="white", edgecolor=FORWARD, lw=2))
            axes.text(x, y, f"{value:.4g}", ha="center", va="center", fontsize=10)
        if names is not None:
            top = height * (max(sizes) - 1) / 2
            axes.text(gap * column, top + 0.62, names[column], ha="center", color=MUTED)
    axes.set_xlim(-0.5, gap * (len(sizes) - 1) + 0.5)
    axes.set_ylim(-height * (max(sizes) - 1) / 2 - 0.5, height * (max(sizes) - 1) / 2 + 0.95)
    return figure


def _draw_weights(
    axes: Axes,
    before: Sequence[tuple[float, float]],
    after: Sequence[tuple[float, float]],
    W: np.ndarray,
) -> None:
    """Draw the lines between two layers, and the weight on each."""
    largest = np.abs(W).max() or 1.0
    for i, (x0, y0) in enumerate(before):
        for j, (x1, y1) in enumerate(after):
            axes.plot(
                [x0, x1],
                [y0, y1],
                color=MUTED,
                lw=0.8 + 1.6 * abs(W[i, j]) / largest,
                ls="--" if W[i, j] < 0 else "-",
                zorder=0,
            )
            # Near its own end of the line, so that the labels of crossing lines stay apart.
            t = 0.34
            axes.text(
                x0 + t * (x1 - x0),
                y0 + t * (y1 - y0),
                f"{W[i, j]:.4g}",
                ha="center",
                va="center",
                fontsize=9,
                color=FORWARD,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
            )
