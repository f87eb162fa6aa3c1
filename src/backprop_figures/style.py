"""The palette, and how every figure of the book looks.

The colours are those of Okabe and Ito, darkened to be read on white; readers with any kind of
colour vision tell them apart, and no figure says anything by colour alone.
"""

from collections.abc import Callable
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

FORWARD = "#0072b2"
"""Blue: what flows forward, and the first curve of a plot."""

BACKWARD = "#b34700"
"""Orange: what flows backward, and the second curve."""

THIRD = "#00735a"
"""Green: a third curve."""

MUTED = "#5f6773"
"""Grey: axes, edges, everything that only supports."""

INK = "#1f2933"
"""Nearly black: text."""

PAPER = "#fefefe"
"""White: what lies between a line and the text on it."""

FORWARD_TINT = "#e4f1f9"
"""Pale blue: the inside of what computes."""

FAINT = "#dfe3e8"
"""Pale grey: grids."""

DARK = {
    FORWARD: "#6db8f2",
    BACKWARD: "#ffa25e",
    THIRD: "#4fcfa8",
    MUTED: "#a3adba",
    INK: "#e8eaed",
    PAPER: "#121212",
    FORWARD_TINT: "#14293a",
    FAINT: "#343b45",
}
"""For each colour, the one that takes its place on a dark page."""


class Description(Text):
    """What a figure shows, in words: an invisible text that readers of the screen are given.

    It is put together when the figure is drawn, so it speaks of the numbers that are drawn.

    Parameters
    ----------
    figure : Figure
        The figure it belongs to.
    words : callable
        Gives the words when it is called with the figure.
    """

    def __init__(self, figure: Figure, words: Callable[[Figure], str]) -> None:
        super().__init__(0, 0, " ", alpha=0, fontsize=1, gid="description")
        self.words = words
        self.set_in_layout(False)
        for other in [artist for artist in figure.artists if isinstance(artist, Description)]:
            other.remove()  # the last word is the one that counts
        figure.add_artist(self)

    def draw(self, renderer: Any) -> None:
        """Draw the words of this moment."""
        assert isinstance(self.figure, Figure)
        self.set_text(self.words(self.figure).replace("$", ""))
        super().draw(renderer)


def describe_curves(figure: Figure) -> str:
    """Where each curve of a figure begins and ends, and its highest and lowest point.

    Of points that no line joins it tells how many there are, how far they reach, and their means.

    Parameters
    ----------
    figure : Figure
        Plots, with their curves labelled.

    Returns
    -------
    str
        A sentence for each curve that has a label.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> figure, axes = plt.subplots()
    >>> _ = axes.plot([-1, 0, 1], [1, 0, 1], label="square")
    >>> _ = axes.plot([0.1, 0.2, 0.6], [0.5, 0.7, 0.9], "o", label="measured")
    >>> print(describe_curves(figure))
    square: 1 at -1, 1 at 1, lowest 0 at 0.
    measured: 3 points, 0.1 to 0.6 across (mean 0.3), 0.5 to 0.9 up (mean 0.7).
    >>> plt.close(figure)
    """
    return " ".join(_describe_axes(axes) for axes in figure.axes).strip()


def _describe_axes(axes: Axes) -> str:
    sentences = []
    for line in axes.lines:
        label = str(line.get_label())
        x, y = np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)
        joined = line.get_linestyle() != "None"
        if label.startswith("_") and (len(axes.lines) == 1 or not joined):
            label = axes.get_ylabel()
        # Single points and the lines that only help the eye have no label.
        if not label or label.startswith("_") or len(x) < 2:
            continue
        if not joined:
            reach = [
                f"{values.min():.3g} to {values.max():.3g} {way} (mean {values.mean():.3g})"
                for values, way in ((x, "across"), (y, "up"))
            ]
            sentences.append(f"{label}: {len(x)} points, {', '.join(reach)}.")
            continue
        points = [f"{y[0]:.3g} at {x[0]:.3g}", f"{y[-1]:.3g} at {x[-1]:.3g}"]
        low, high = int(np.argmin(y)), int(np.argmax(y))
        ends = {y[0], y[-1]}
        if y[low] not in ends:
            points.append(f"lowest {y[low] + 0:.3g} at {x[low] + 0:.3g}")
        if y[high] not in ends:
            points.append(f"highest {y[high] + 0:.3g} at {x[high] + 0:.3g}")
        sentences.append(f"{label}: {', '.join(points)}.")
    return " ".join(sentences)


def describe_new_figure(figure: Figure) -> None:
    """Give a new figure its description; Matplotlib calls this for each."""
    Description(figure, describe_curves)


def use_book_style() -> None:
    """Give every figure that follows the look of the book.

    Text stays text in the drawing, and the same figure gives the same file at every run. In a
    notebook, figures are drawn as SVG, which is sharp at every size.

    Examples
    --------
    >>> use_book_style()
    >>> mpl.rcParams["svg.fonttype"]
    'none'
    """
    mpl.rcParams.update(
        {
            "axes.axisbelow": True,
            "axes.edgecolor": MUTED,
            "axes.facecolor": "none",
            "axes.grid": True,
            "axes.labelcolor": INK,
            "axes.prop_cycle": cycler(
                color=[FORWARD, BACKWARD, THIRD], linestyle=["-", "--", "-."]
            ),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "figure.constrained_layout.use": True,
            "figure.facecolor": "none",
            # A phone shows this at two thirds, and its text is still read.
            "figure.figsize": (5.4, 3.3),
            "figure.hooks": ["backprop_figures.style:describe_new_figure"],
            "font.family": "sans-serif",
            "font.size": 12,
            "grid.color": FAINT,
            "legend.frameon": False,
            "lines.linewidth": 2.2,
            "lines.solid_capstyle": "round",
            "savefig.facecolor": "none",
            "svg.fonttype": "none",
            "svg.hashsalt": "understanding backpropagation",
            "text.color": INK,
            "xtick.color": MUTED,
            "xtick.labelcolor": INK,
            "ytick.color": MUTED,
            "ytick.labelcolor": INK,
        }
    )
    if "inline" in mpl.get_backend():
        from matplotlib import pyplot
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        # SVG for the page; PNG to compare with the picture that a person has accepted.
        set_matplotlib_formats("svg", "png")
        # After each cell pyplot draws every figure for a window that there is not.
        pyplot.uninstall_repl_displayhook()
