"""One unit and the units that it feeds, with what each path brings back to it."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from backprop_figures.style import BACKWARD, FORWARD_TINT, PAPER, Description


def draw_paths(weights: Sequence[float], deltas: Sequence[float]) -> Figure:
    """Draw one unit and each unit that it feeds, with the product of weight and delta on the way.

    Parameters
    ----------
    weights : sequence of float
        The weight with which each of the next units takes this one: a row of their matrix.
    deltas : sequence of float
        The delta of each of these units.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is not one delta for each weight.

    Examples
    --------
    >>> figure = draw_paths([-1, 2], [4, -2])
    >>> [text.get_text() for text in figure.axes[0].texts if text.get_text()]
    ['4', '4 · (-1) = -4', '-2', '-2 · 2 = -4', '-8']
    >>> plt.close(figure)
    """
    if len(weights) != len(deltas):
        raise ValueError(f"{len(weights)} weights need as many deltas, not {len(deltas)}")
    figure, axes = plt.subplots(figsize=(5, 1.1 * len(weights) + 0.3))
    axes.set_axis_off()
    axes.set_aspect("equal")
    top, right, radius = (len(weights) - 1) / 2 * 1.4, 4.2, 0.42
    for row, (weight, delta) in enumerate(zip(weights, deltas, strict=True)):
        height = top - 1.4 * row
        axes.annotate(
            "", (radius * 1.15, height * 0.1), (right, height),
            arrowprops={"arrowstyle": "->", "color": BACKWARD, "lw": 1.6, "mutation_scale": 14},
            zorder=0,
        )  # fmt: skip
        _circle(axes, (right, height), f"{delta:.3g}", radius)
        factor = f"{weight:.3g}" if weight >= 0 else f"({weight:.3g})"
        axes.text(
            right * 0.53, height * 0.56, f"{delta:.3g} · {factor} = {delta * weight + 0:.3g}",
            ha="center", va="center", color=BACKWARD, fontsize=11,
            bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.5},
        )  # fmt: skip
    total = sum(w * d for w, d in zip(weights, deltas, strict=True))
    _circle(axes, (0, 0), f"{total:.3g}", radius)
    axes.set_xlim(-0.7, right + 0.7)
    axes.set_ylim(-top - 0.6, top + 0.6)
    paths = ", ".join(
        f"{d:.3g} times {w:.3g} is {d * w:.3g}" for w, d in zip(weights, deltas, strict=True)
    )
    Description(figure, lambda _: f"{paths}. Their sum is {total:.3g}.")
    return figure


def _circle(axes: Axes, place: tuple[float, float], text: str, radius: float) -> None:
    """Draw a unit with its delta inside."""
    axes.add_patch(Circle(place, radius, facecolor=FORWARD_TINT, edgecolor=BACKWARD, lw=1.8))
    axes.text(*place, text, ha="center", va="center", color=BACKWARD)
