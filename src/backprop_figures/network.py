"""A network, layer by layer, with the numbers that it computed."""

import itertools
from collections.abc import Collection, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import ArrayLike, NDArray

from backprop_figures.style import (
    BACKWARD,
    FORWARD,
    FORWARD_TINT,
    INK,
    MUTED,
    PAPER,
    Description,
)

RADIUS = 0.36
GAP = 2.2


def draw_network(
    activations: Sequence[ArrayLike],
    weights: Sequence[ArrayLike],
    names: Sequence[str] | None = None,
    gradients: Sequence[ArrayLike | None] | None = None,
    deltas: Sequence[ArrayLike | None] | None = None,
    lit: Collection[tuple[int, int, int]] = (),
    below: str = "gradients",
) -> Figure:
    """Draw a network with the numbers of one pass.

    Each circle is a unit with its activation inside; each line is a weight, with its value on it,
    thicker the larger it is, dashed where it is negative. Below the value stands its gradient, and
    below the activation the unit's delta.

    Parameters
    ----------
    activations : sequence of array_like, shape (1, units)
        The numbers of each layer for one example, the inputs first. Where one is NaN, it has not
        been computed yet, and a question mark is drawn.
    weights : sequence of array_like
        One matrix per layer, of shape (units before, units).
    names : sequence of str, optional
        What stands above each layer.
    gradients : sequence of array_like or None, optional
        One matrix per layer, as `weights`; None for a layer that has not been reached yet.
    deltas : sequence of array_like or None, optional
        One row per layer, as `activations` without the inputs; None as above.
    lit : collection of tuple of int, optional
        Lines to be drawn in orange: the matrix, from 0, and the row and the column in it.

    below : str, default "gradients"
        What the description calls the numbers below the weights.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the layers, the weights, the gradients and the deltas do not fit together.

    Examples
    --------
    >>> figure = draw_network(
    ...     [[[1, 2]], [[11]]], [[[3], [4]]], gradients=[[[0.5], [1]]], deltas=[[[0.25]]])
    >>> sorted(text.get_text().strip() for text in figure.axes[0].texts)
    ['0.25', '0.5', '1', '1', '11', '2', '3', '4']
    >>> plt.close(figure)
    """
    layers = [np.atleast_1d(np.asarray(a, dtype=float).squeeze()) for a in activations]
    matrices = [np.asarray(W, dtype=float) for W in weights]
    slopes = [
        None if G is None else np.asarray(G, float) for G in gradients or [None] * len(weights)
    ]
    signals = [None if D is None else np.ravel(D) for D in deltas or [None] * len(weights)]
    sizes = [len(layer) for layer in layers]
    shapes = [W.shape for W in matrices]
    if shapes != list(itertools.pairwise(sizes)):
        raise ValueError(f"layers of {sizes} units do not fit weights of shapes {shapes}")
    for G, shape in itertools.zip_longest(slopes, shapes):
        if G is not None and G.shape != shape:
            raise ValueError(f"a gradient of shape {G.shape} does not fit weights of shape {shape}")
    for D, size in itertools.zip_longest(signals, sizes[1:]):
        if D is not None and len(D) != size:
            raise ValueError(f"{len(D)} deltas do not fit a layer of {size} units")

    # Two lines that cross leave room for their labels, and labels of two lines need more of it.
    row = 1.15 if max(sizes) > 2 else 1.75 if gradients is None else 2.3
    figure, axes = plt.subplots(figsize=(1.36 * len(layers) + 0.1, 0.69 * row * max(sizes) + 0.45))
    axes.set_axis_off()
    axes.set_aspect("equal")
    places = [
        [(GAP * column, row * ((size - 1) / 2 - number)) for number in range(size)]
        for column, size in enumerate(sizes)
    ]
    fontsize = 13 if gradients is None else 12.5 if max(sizes) <= 2 else 11
    for layer, (W, G) in enumerate(zip(matrices, slopes, strict=True)):
        orange = {(row, column) for number, row, column in lit if number == layer}
        _draw_weights(axes, places[layer], places[layer + 1], W, G, orange, fontsize)
    top = row * (max(sizes) - 1) / 2
    for column, (place, layer_values) in enumerate(zip(places, layers, strict=True)):
        signal = None if column == 0 else signals[column - 1]
        for number, ((x, y), value) in enumerate(zip(place, layer_values, strict=True)):
            # What is given has a grey edge; what was computed has the colour of the way forward.
            edge, inside = (MUTED, PAPER) if column == 0 else (FORWARD, FORWARD_TINT)
            edge = edge if signal is None else BACKWARD
            axes.add_patch(Circle((x, y), RADIUS, facecolor=inside, edgecolor=edge, lw=1.8))
            height = y if signal is None else y + 0.14
            axes.text(x, height, _said(value), ha="center", va="center", color=INK)
            if signal is not None:
                axes.text(
                    x, y - 0.15, f"{signal[number]:.3g}", ha="center", va="center", color=BACKWARD
                )
        if names is not None:
            axes.text(GAP * column, top + 0.6, names[column], ha="center", color=MUTED)
    axes.set_xlim(-0.5, GAP * (len(sizes) - 1) + 0.5)
    axes.set_ylim(-top - 0.5, top + (0.95 if names is not None else 0.5))
    titles = names or [f"layer {column}" for column in range(len(sizes))]
    Description(figure, lambda _: _in_words(titles, layers, matrices, slopes, signals, below))
    return figure


def _draw_weights(
    axes: Axes,
    before: Sequence[tuple[float, float]],
    after: Sequence[tuple[float, float]],
    W: NDArray[np.float64],
    G: NDArray[np.float64] | None,
    orange: Collection[tuple[int, int]],
    fontsize: float,
) -> None:
    """Draw the lines between two layers, and on each the weight, with the gradient below."""
    largest = np.abs(W).max() or 1.0
    for i, (x0, y0) in enumerate(before):
        for j, (x1, y1) in enumerate(after):
            axes.plot(
                [x0, x1],
                [y0, y1],
                color=BACKWARD if (i, j) in orange else MUTED,
                lw=0.8 + 1.6 * abs(W[i, j]) / largest,
                ls="--" if W[i, j] < 0 else "-",
                zorder=0,
            )
            # Near its own end of the line, so that the labels of crossing lines stay apart.
            t = 0.31
            x, y = x0 + t * (x1 - x0), y0 + t * (y1 - y0)
            paper = {"facecolor": PAPER, "edgecolor": "none", "pad": 1.2}
            va = "center" if G is None else "bottom"
            axes.text(
                x, y, f"{W[i, j]:.3g}", ha="center", va=va, fontsize=fontsize, color=FORWARD,
                bbox=paper,
            )  # fmt: skip
            if G is not None:
                # With paper on both sides: a stump of a dashed line there looks like a minus.
                axes.text(
                    x, y, f"\u2009{G[i, j]:.2g}\u2009", ha="center", va="top", fontsize=fontsize,
                    color=BACKWARD, bbox=paper,
                )  # fmt: skip


def _said(value: float) -> str:
    """Write a number, or a question mark for one that is not known."""
    return "?" if np.isnan(value) else f"{value:.3g}"


def _in_words(
    titles: Sequence[str],
    layers: Sequence[NDArray[np.float64]],
    matrices: Sequence[NDArray[np.float64]],
    slopes: Sequence[NDArray[np.float64] | None],
    signals: Sequence[NDArray[np.float64] | None],
    below: str,
) -> str:
    """Say the numbers of a network, layer by layer."""

    def numbers(values: NDArray[np.float64]) -> str:
        return "; ".join(", ".join(map(_said, row)) for row in np.atleast_2d(values))

    sentences = [f"{titles[0]}: {numbers(layers[0])}."]
    for number, (title, layer, W) in enumerate(zip(titles[1:], layers[1:], matrices, strict=True)):
        G, D = slopes[number], signals[number]
        slope = "" if G is None else f", their {below} {numbers(G)}"
        delta = "" if D is None else f", delta {numbers(D)}"
        sentences.append(f"Weights to {title}, row by row: {numbers(W)}{slope}.")
        sentences.append(f"{title}: {numbers(layer)}{delta}.")
    return " ".join(sentences)
