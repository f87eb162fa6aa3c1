"""The palette, and how every figure of the book looks.

The colours are those of Okabe and Ito, which readers with any kind of colour vision tell apart; and
no figure says anything by colour alone.
"""

import matplotlib as mpl
from cycler import cycler

FORWARD = "#0072b2"
"""Blue: what flows forward, and the first curve of a plot."""

BACKWARD = "#c44e00"
"""Orange: what flows backward, and the second curve."""

THIRD = "#007a5a"
"""Green: a third curve."""

MUTED = "#6b7280"
"""Grey: axes, edges, everything that only supports."""


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
            "axes.edgecolor": MUTED,
            "axes.grid": True,
            "axes.prop_cycle": cycler(
                color=[FORWARD, BACKWARD, THIRD], linestyle=["-", "--", "-."]
            ),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "figure.constrained_layout.use": True,
            "figure.figsize": (6.4, 3.6),
            "font.family": "sans-serif",
            "font.size": 11,
            "grid.alpha": 0.3,
            "legend.frameon": False,
            "lines.linewidth": 2,
            "savefig.transparent": True,
            "svg.fonttype": "none",
            "svg.hashsalt": "understanding backpropagation",
        }
    )
    if "inline" in mpl.get_backend():
        from matplotlib_inline.backend_inline import set_matplotlib_formats

        # SVG for the page; PNG to compare with the picture that a person has accepted.
        set_matplotlib_formats("svg", "png")
