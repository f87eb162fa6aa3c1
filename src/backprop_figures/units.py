"""One unit: its inputs, what each weight makes of them, and their sum."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from backprop_figures.style import FORWARD, FORWARD_TINT, INK, MUTED, PAPER, Description

RADIUS = 0.36
GAP, HEIGHT = 2.2, 1.1


def draw_unit(x: ArrayLike, w: ArrayLike, b: float = 0.0) -> Figure:
    """Draw how a unit adds up its weighted inputs.

    Parameters
    ----------
    x : array_like, shape (d,)
        The inputs.
    w : array_like, shape (d,)
        The weights, one for each input.
    b : float, optional
        The bias; where it is 0, none is drawn.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is not one weight for each input.

    Examples
    --------
    >>> figure = draw_unit([1, 2], [3, 4], b=5)
    >>> [text.get_text() for text in figure.axes[0].texts][-2:]
    ['bias 5', '16']
    >>> plt.close(figure)
    """
    inputs, weights = np.asarray(x, dtype=float), np.asarray(w, dtype=float)
    if inputs.ndim != 1 or inputs.shape != weights.shape:
        raise ValueError(f"inputs of shape {inputs.shape} do not fit weights of {weights.shape}")
    products = inputs * weights
    total = products.sum() + b
    rows = len(inputs)
    middle = -HEIGHT * (rows - 1) / 2
    figure, axes = plt.subplots(figsize=(5.4, 0.85 * rows + 0.75))
    axes.set_axis_off()
    axes.set_aspect("equal")

    def circle(column: float, y: float, text: str, given: bool) -> None:
        edge, inside = (MUTED, PAPER) if given else (FORWARD, FORWARD_TINT)
        axes.add_patch(Circle((column * GAP, y), RADIUS, facecolor=inside, edgecolor=edge, lw=1.8))
        axes.text(column * GAP, y, text, ha="center", va="center", color=INK)

    for row, (value, weight, product) in enumerate(zip(inputs, weights, products, strict=True)):
        y = -HEIGHT * row
        axes.plot([0, GAP], [y, y], color=MUTED, lw=1.4, ls="-", zorder=0)
        axes.plot([GAP, 2 * GAP], [y, middle], color=MUTED, lw=1.4, ls="-", zorder=0)
        axes.text(
            GAP / 2, y, f"\N{MULTIPLICATION SIGN} {weight:.3g}", ha="center", va="center",
            color=FORWARD, bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 2},
        )  # fmt: skip
        circle(0, y, f"{value:.3g}", given=True)
        circle(1, y, f"{product:.3g}", given=False)
    for column, name in enumerate(["inputs", "times weights", "added up"]):
        axes.text(column * GAP, 0.6, name, ha="center", color=MUTED)
    if b:
        axes.plot([2 * GAP] * 2, [middle, middle - 1.05], color=MUTED, lw=1.4, ls="-", zorder=0)
        axes.text(
            2 * GAP, middle - 1.05, f"bias {b:.3g}", ha="center", va="center", color=FORWARD,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 2},
        )  # fmt: skip
    circle(2, middle, f"{total:.3g}", given=False)
    axes.set_xlim(-0.7, 2 * GAP + 0.9)
    axes.set_ylim(-HEIGHT * (rows - 1) - 0.5, 1)
    terms = "; ".join(
        f"{value:.3g} times {weight:.3g} is {product:.3g}"
        for value, weight, product in zip(inputs, weights, products, strict=True)
    )
    bias = f" with the bias {b:.3g}" if b else ""
    Description(figure, lambda _: f"{terms}. Added up{bias}: {total:.3g}.")
    return figure
